"""What the core answers a hook: every story of cases.py, and each rule of answer.py by itself."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import SENTINEL, WARN_SECONDS
from dokploy_ctx.errors import ConfigError, PanelError
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config
from dokploy_ctx.shells.hook_answer import Question, answer

from ..answers import asked, carried_out
from ..cases import DOTENV, HAND, KEY, ORG, PROD, PROFILE, STAGING, STORIES, TOKEN, URL, Step, Story
from ..conftest import Result
from ..shells import BY_DIALECT

US = "\x1f"
NOW = 1_800_000_000
ACME = {"organization": {"id": "-org1", "name": "Acme"}}
OURS = {
    PROFILE: "staging",
    URL: STAGING,
    KEY: "key-of-staging",
    "_DCTX_SESSION": f"staging{US}{STAGING}{US}key-of-staging",
}


def put(home: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = home / name
        if text is None:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        else:
            path.parent.mkdir(0o700, exist_ok=True)
            path.write_text(text)
            path.chmod(0o600)


@pytest.mark.parametrize("story", STORIES, ids=repr)
def test_story(
    story: Story, home: Path, dctx: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "project").mkdir()
    monkeypatch.chdir(home / "project")
    if story.config is not None:
        put(home, {".dokploy/config.json": json.dumps(story.config)})
    environ: dict[str, str | None] = {"HOME": str(home), **story.env}
    prev = ""

    def ask(*words: str) -> dict[str, str]:
        nonlocal environ, prev
        found = asked(dctx, "--prev", prev, *words, env={**dict.fromkeys(OURS), **environ})
        plain = {name: value for name, value in environ.items() if value is not None}
        environ = {**dict.fromkeys(environ), **carried_out(found, plain)}
        prev = found["prev"]
        return found

    def look(step: Step) -> None:
        environ.update({**step.set, **dict.fromkeys(step.keep)})
        put(home, step.files)
        if step.older:
            os.utime(home / step.older, (1_000_000_000, 1_000_000_000))
        if step.dctx:
            words = {"-": ["back"], "off": ["off"]}.get(step.dctx, ["switch", step.dctx])
            found = ask(*words)
            assert (found["segment"], found["state"]) == (step.segment, step.state)
        for _ in "once", "and the next prompt":
            shown = ask("prompt")
            assert (shown["segment"], shown["state"]) == (step.segment, step.state), step
        assert ask("prompt")["session"] == ""  # all is done

    look(Step(*story.first))
    for step in story.steps:
        look(step)


def question(action: str, environ: Mapping[str, str], *, now: int = NOW, **more: Any) -> Question:
    """Return a question about two profiles, prod with an organization; `staging`: other values."""
    values = {"url": STAGING, "token": "key-of-staging", **more.pop("staging", {})}
    profiles = {
        "prod": Profile("prod", {"url": PROD, "token": "key-of-prod", **ACME}),
        "staging": Profile("staging", {k: v for k, v in values.items() if v is not None}),
    }
    config = Config(profiles, more.pop("current", "prod"))
    return Question(action, environ, lambda: config, now, **more)


def test_first_switch_saves_and_says() -> None:
    found = answer(question("switch", {URL: HAND, **ORG}, name="prod"))
    assert (found["rc"], found["session"], found["save"], found["restore"]) == ("0", "set", "1", "")
    assert [found[each] for each in ("profile", "url", "key", "org", "org_id")] == [
        "prod", PROD, "key-of-prod", "Acme", "-org1",
    ]  # fmt: skip
    assert found["memory"] == US.join(("prod", PROD, "key-of-prod"))
    assert found["say"] == f"Switched to prod:Acme ({PROD})"
    assert [found[each] for each in ("level", "name", "segment", "state", "shown", "prev")] == [
        "2", "prod", "prod:Acme", "session", "(prod:Acme) ", "",
    ]  # fmt: skip


def test_second_switch_saves_nothing_and_knows_the_one_before() -> None:
    found = answer(question("switch", OURS, name="prod", prev="x"))
    assert (found["session"], found["save"], found["prev"]) == ("set", "", "staging")
    again = answer(question("switch", OURS, name="staging", prev="x"))
    assert (again["save"], again["prev"]) == ("", "x")


def test_switch_beside_somebody_elses_profile_keeps_what_was_before_the_session() -> None:
    environ = {**OURS, PROFILE: "other", "_DCTX_S_DOKPLOY_URL": HAND}
    found = answer(question("switch", environ, name="prod"))
    assert (found["save"], found["restore"]) == ("", "")
    assert found["memory"] == US.join(("prod", "", "staging", "other", PROD, "key-of-prod"))
    inside = carried_out(found, environ)
    off = answer(question("off", inside))
    assert (off["session"], off["profile"], off["restore"].split()) == (
        "rest", "other", [URL, KEY, TOKEN, "DCTX_ORG", "DCTX_ORG_ID"],
    )  # fmt: skip
    after = carried_out(off, inside)
    assert (after[PROFILE], after[URL], KEY in after) == ("other", HAND, False)
    # The tool puts back what it saw when the folder was entered.
    end = answer(question("prompt", {**after, PROFILE: "staging"}))
    assert carried_out(end, {**after, PROFILE: "staging"}) == {URL: HAND}


def test_switch_beside_a_pair_that_somebody_changed_copies_it() -> None:
    environ = {**OURS, PROFILE: "other", URL: HAND, KEY: "k"}
    found = answer(question("switch", environ, name="prod"))
    assert (found["save"], found["restore"].split()) == ("1", [TOKEN, "DCTX_ORG", "DCTX_ORG_ID"])
    after = carried_out(found, environ)
    assert carried_out(answer(question("off", after)), after) == {
        PROFILE: "other", URL: HAND, KEY: "k",
    }  # fmt: skip


@pytest.mark.parametrize("inside", [True, False])
def test_switch_back_to_the_sessions_own_profile_inside_a_folder(inside: bool) -> None:
    """Leaving the folder changes nothing then; only that direnv has left tells."""
    memory = US.join(("staging", "", "staging", "other", STAGING, "key-of-staging"))
    environ = {**OURS, "_DCTX_SESSION": memory} | ({"DIRENV_DIR": "-/work"} if inside else {})
    off = carried_out(answer(question("off", environ)), environ)
    assert off.get(PROFILE) == ("other" if inside else None)
    moved = answer(question("switch", environ, name="prod"))
    assert moved["memory"].startswith(US.join(("prod", "", "staging"))) is inside


@pytest.mark.parametrize(
    ("raw", "rc", "says"),
    [
        ({"url": "ftp://x"}, "4", "is not a URL of a panel"),
        ({"url": None}, "4", "has no url"),
        ({"token": "a\0b"}, "4", "cannot be an environment variable"),
    ],
)
def test_switch_that_cannot_be_changes_nothing(raw: Any, rc: str, says: str) -> None:
    found = answer(question("switch", {}, name="staging", staging=raw))
    assert (found["rc"], found["session"], found["segment"]) == (rc, "", "prod:Acme")
    assert found["say"].startswith("dctx: ") and says in found["say"]
    assert "\n" not in found["say"]


def test_switch_to_nobody_names_the_nearest() -> None:
    found = answer(question("switch", OURS, name="stagin", prev="p"))
    assert (found["rc"], found["say"]) == (
        "3",
        'dctx: profile "stagin" not found. Did you mean staging?',
    )
    assert (found["session"], found["segment"], found["prev"]) == ("", "staging", "p")


def test_vault_that_refuses_is_said_with_its_code() -> None:
    def fetch(_: Profile) -> str:
        raise PanelError("the vault is locked.")

    found = answer(question("switch", {}, name="staging", fetch=fetch))
    assert (found["rc"], found["session"], found["say"]) == ("5", "", "dctx: the vault is locked.")


@pytest.mark.parametrize("environ", [{}, {"DCTX_EXPORT_KEY": "0"}])
def test_key_stays_out_where_it_must(environ: dict[str, str]) -> None:
    staging = {} if environ else {"protected": True}
    found = answer(question("switch", environ, name="staging", staging=staging))
    assert (found["key"], found["state"]) == (SENTINEL, "session" if environ else "protected")
    assert found["shown"] == ("(staging) " if environ else "((staging)) ")
    assert found["say"] == f"Switched to staging ({STAGING})"


def test_off_tells_what_is_active_now() -> None:
    for environ, segment, says in (
        ({}, "prod:Acme", "Back on the default: prod:Acme"),
        ({"_DCTX_S_DOKPLOY_PROFILE": "staging"}, "staging", "Back on staging"),
        (
            {"_DCTX_S_DOKPLOY_URL": HAND, "_DCTX_S_DOKPLOY_API_KEY": "k"},
            "env:hand.example.com",
            "Back on env:hand.example.com",
        ),
    ):
        found = answer(question("off", {**OURS, **environ}))
        assert (found["session"], found["prev"], found["segment"]) == ("end", "staging", segment)
        assert (found["rc"], found["say"]) == ("0", says)
    found = answer(question("off", OURS, current=""))
    assert found["say"] == "The session has ended. No profile is active in this terminal"


def test_off_keeps_what_somebody_changed_since() -> None:
    found = answer(question("off", {**OURS, URL: HAND, TOKEN: "t"}))
    assert found["restore"].split() == [PROFILE, KEY, "DCTX_ORG", "DCTX_ORG_ID"]


@pytest.mark.parametrize("dialect", BY_DIALECT)
def test_off_where_dctx_set_nothing(dialect: str) -> None:
    verb = BY_DIALECT[dialect].unset("").rstrip()
    found = answer(question("off", {}, shell=dialect))
    assert (found["rc"], found["session"]) == ("0", "")
    assert found["say"] == "This terminal is not in a session, so there is nothing to end"
    alone = answer(question("off", {PROFILE: "staging"}, shell=dialect))
    assert alone["say"].endswith(f"To unset it, run: {verb} {PROFILE}")
    # A shell of `dctx exec`: without the profile's name URL and key would stay, unprotected.
    inside = {PROFILE: "prod", URL: PROD, KEY: "key-of-prod", "DCTX_ORG": "Acme"}
    child = answer(question("off", inside, shell=dialect))
    assert child["session"] == ""
    assert child["say"].endswith(
        f"run: exit, or: {verb} DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY DCTX_ORG"
    )


def test_back() -> None:
    assert answer(question("back", {}))["rc"] == "1"
    assert answer(question("back", {}, prev="prod"))["profile"] == "prod"
    assert answer(question("back", OURS))["session"] == "end"
    assert answer(question("back", OURS, prev="staging"))["session"] == "end"
    there = answer(question("back", OURS, prev="prod"))
    assert (there["profile"], there["prev"]) == ("prod", "staging")
    resting = {PROFILE: "prod", "_DCTX_SESSION": f"staging{US}{US}"}
    assert answer(question("back", resting, prev="prod"))["profile"] == "staging"


def test_rename_follows() -> None:
    profiles = {"new": Profile("new", {"url": STAGING, "token": "key-of-staging"})}
    for environ, prev, session, then in (
        (OURS, "x", "set", "x"),
        (OURS, "staging", "set", "new"),
        ({}, "staging", "", "new"),
        ({}, "x", "", "x"),
    ):
        asking = Question(
            "rename", environ, lambda: Config(profiles, "new"), NOW, "new", "staging", prev
        )
        found = answer(asking)
        assert (found["rc"], found["session"], found["prev"]) == ("0", session, then)
        assert found["segment"] == "new"


def test_session_rests_while_somebody_else_chooses() -> None:
    environ = {**OURS, PROFILE: "prod", "_DCTX_S_DOKPLOY_URL": HAND}
    found = answer(question("prompt", environ))
    assert (found["session"], found["memory"]) == (
        "rest", US.join(("staging", "", "staging", "prod", "", "")),
    )  # fmt: skip
    assert found["restore"].split() == [URL, KEY, TOKEN, "DCTX_ORG", "DCTX_ORG_ID"]
    after = carried_out(found, environ)
    assert (after[PROFILE], after[URL], KEY in after) == ("prod", HAND, False)
    assert answer(question("prompt", after))["session"] == ""
    back = answer(question("prompt", {**after, PROFILE: "staging"}))
    assert (back["session"], back["save"], back["key"]) == ("set", "", "key-of-staging")
    # What it replaced at first is put back by `off`, in the folder and after it.
    ended = carried_out(answer(question("off", {**after, PROFILE: "staging"})), after)
    assert (ended[URL], KEY in ended) == (HAND, False)


def test_resting_session_is_not_taken_up_beside_another_pair() -> None:
    environ = {PROFILE: "staging", URL: HAND, KEY: "k", "_DCTX_SESSION": f"staging{US}{US}"}
    found = answer(question("prompt", environ))
    assert (found["session"], found["segment"]) == ("", "staging")


def test_vault_is_not_asked_at_a_prompt() -> None:
    def fetch(_: Profile) -> str:
        raise AssertionError("asked")

    kept = {"token": None, "tokenCommand": ["pass"]}
    found = answer(question("prompt", OURS, staging=kept, fetch=fetch))
    assert found["session"] == ""
    moved = answer(question("prompt", OURS, staging={**kept, "url": HAND}, fetch=fetch))
    assert (moved["session"], moved["url"], moved["key"]) == ("set", HAND, SENTINEL)


@pytest.mark.parametrize("environ", [{PROFILE: "staging"}, {}])
def test_expiry_to_the_second(environ: dict[str, str]) -> None:
    staging = {"expiresAt": "2027-01-15T08:00:00Z"}  # NOW is that day
    due = NOW - WARN_SECONDS
    level = "" if environ else "~"
    for now, text, until in (
        (due - 1, "staging", str(due)),
        (due, "staging!", ""),
        (NOW + 1, "staging!", ""),
    ):
        found = answer(question("prompt", environ, now=now, staging=staging, current="staging"))
        assert (found["segment"], found["until"]) == (text, until)
        assert found["shown"] == f"{level}({text}) "


def test_without_the_shim_no_dokploy_sees_a_profile() -> None:
    for environ, segment in (
        ({}, "?"),
        ({PROFILE: "staging"}, "?"),
        (OURS, "staging"),
        ({URL: HAND, KEY: "k"}, "env:hand.example.com"),
    ):
        assert answer(question("prompt", environ, gone=True))["segment"] == segment


def test_damage_is_said_in_one_line_and_a_pair_works_beside_it() -> None:
    def load() -> Config:
        raise ConfigError("config.json is not valid:\nline 1. \x1b[31mFix it.")

    found = answer(Question("prompt", {}, load, NOW))
    assert (found["segment"], found["rc"]) == ("?", "0")
    assert found["say"] == "dctx: config.json is not valid: line 1. [31mFix it."
    pair = answer(Question("prompt", {}, load, NOW, dotenv=DOTENV))
    assert (pair["segment"], pair["say"]) == ("env:dot.example.com:3000", "")
    switch = answer(Question("switch", OURS, load, NOW, "prod"))
    assert (switch["rc"], switch["session"], switch["say"]) == ("4", "", found["say"])
