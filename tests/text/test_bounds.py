"""Texts of a panel or a file may have any length; what a terminal exports and shows is bounded."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.constants import FIELDS
from dokploy_ctx.text import foreign
from tests.standin import StandIn

from ..conftest import Result
from ..shells import DASH, Shell

Dctx = Callable[..., Result]
Config = Callable[..., Path]
EXPORTED = ("DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY", "DCTX_ORG", "DCTX_ORG_ID",
            "_DCTX_SESSION", "_DCTX_SHOWN", "DCTX_SEGMENT", "DCTX_SEGMENT_STATE")  # fmt: skip
HUGE = 200_000

NAMES = {
    "letters": "A" * HUGE,
    "wide letters": "漢" * HUGE,
    "marks": "Acme" + "\u0301" * HUGE,
    "marks on each letter": ("a" + "\u0301" * 50) * 4000,
    "marks alone": "\u20dd" * 5000,
    "variation selectors": "a" + "\ufe0f" * 5000,
    "invisible": "\u200b\u2066" * HUGE,
    "blanks": " " * HUGE,
    "newlines": "a\n" * HUGE,
}


def bounded(value: str) -> bool:
    """Return whether a value is short, and no letter carries a pile of marks."""
    longest = run = 0
    for char in value:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return len(value) <= 600 and longest <= 4


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_organization_of_any_name_leaves_a_terminal_that_works(
    shell: Shell, config: Config, loaded: str, name: str
) -> None:
    config("prod", staging={"organization": {"id": "i" * HUGE, "name": name}})
    lines = [loaded, "dctx staging", shell.prompt, shell.environ, "dctx prod", "dctx off"]
    ran = shell.run(*lines, shell.environ, interactive=True)
    inside, after = ran.environs
    assert inside["DOKPLOY_PROFILE"] == "staging", ran.err
    assert "DOKPLOY_PROFILE" not in after
    assert all(bounded(inside[each]) for each in EXPORTED if each in inside)
    assert "DCTX_ORG_ID" not in inside
    assert len(inside.get("DCTX_ORG", "")) <= 256
    assert len(ran.err) < 2000
    record = Path.home() / ".dokploy" / "index" / "staging"
    assert record.stat().st_size < 4000


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_core_exports_what_the_record_has(
    any_shell: Shell, config: Config, dctx: Dctx, name: str
) -> None:
    config(x={"organization": {"id": "", "name": name}})
    assert dctx("sync").code == 0
    evaluate = any_shell.evaluate(f"dctx env x --shell {any_shell.dialect}")
    ran = any_shell.run(evaluate, any_shell.environ, "dctx exec x -- true")
    assert (ran.code, ran.err) == (0, "")
    fields = (Path.home() / ".dokploy" / "index" / "x").read_text("utf-8").split("\x1f")
    assert ran.env.get("DCTX_ORG", "") == fields[FIELDS.index("org")]
    for words in (("list",), ("use", "x"), ("doctor", "--offline"), ("current",)):
        said = dctx(*words)
        assert len(said.out + said.err) < 3000
        assert bounded((said.out + said.err)[:600]), words


def test_id_of_usual_length_is_exported_and_a_long_one_is_not(config: Config, dctx: Dctx) -> None:
    for length, there in ((128, True), (129, False)):
        config(x={"organization": {"id": "i" * length, "name": "Acme"}})
        ran = dctx("exec", "x", "--", "env")
        assert (f"DCTX_ORG_ID={'i' * length}\n" in ran.out) is there
        assert "DCTX_ORG=Acme\n" in ran.out


LONG = {
    "name": ("n" * HUGE, {}),
    "key": ("x", {"token": "k" * HUGE}),
    "url": ("x", {"url": "https://h.example.com/" + "u" * HUGE}),
    "key of a vault": (
        "x",
        {"token": None, "tokenCommand": ["sh", "-c", "printf %60000s k | tr ' ' k"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LONG)
def test_profile_that_no_environment_can_hold_is_refused_in_one_line(
    dctx: Dctx, config: Config, case: str
) -> None:
    name, entry = LONG[case]
    path = config("ok", **{name: entry})
    assert dctx("sync").code == 0
    if name == "x":  # else no argument of a program could name it
        # The text of `env` asks a vault when it is evaluated: by this.
        asks = ["--key-for=https://x.example.com"] if case == "key of a vault" else []
        for words in (("exec", "x", "--", "true"), ("env", *asks, "--shell", "sh", "x")):
            ran = dctx(*words)
            assert ran.code == 4, (words, ran.err[:200])
            assert len(ran.err) < 500
            assert ran.err.count("\n") == 1
    for words in (("list",), ("doctor", "--offline")):
        assert dctx(*words).code in (0, 1)
    data = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**data, "currentProfile": name}), "utf-8")
    ran = dctx("exec", "--all", "--", "true")
    assert ran.code == 4
    assert len(ran.err) < 2000
    there = DASH.run('eval "$(dctx env --shell sh)"; env >/dev/null && echo works')
    assert there.out == "works\n"


def test_panel_with_an_organization_of_any_name(
    dctx: Dctx, config: Config, panel: StandIn, home: Path
) -> None:
    key = panel.key_of("Acme")
    panel.rename_organization(panel.organization("Acme"), "A\u0301" * 100_000)
    ran = dctx("auth", "a", "-u", panel.url, "-t", "-", stdin=key)
    assert (ran.code, len(ran.err) < 1000) == (0, True)
    for words in (("verify",), ("orgs",), ("orgs", "sync", "--yes"), ("list",), ("export",)):
        ran = dctx(*words)
        assert ran.code == 0, ran.err[:300]
        assert len(ran.err) < 2000, words
    assert dctx("exec", "a", "--", "true").code == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Việt", "Việt"),
        ("e\u0301\u0302\u0303\u0304", "e\u0301\u0302\u0303\u0304"),
        ("e" + "\u0301" * 9 + "a\u0301", "e\u0301\u0301\u0301\u0301a\u0301"),
    ],
)
def test_marks_of_real_languages_stay(given: str, kept: str) -> None:
    assert foreign.clean(given) == kept
    assert foreign.cut(given) == kept


def test_message_that_quotes_a_huge_word_is_short(dctx: Dctx, config: Config) -> None:
    config("prod")
    huge = "w" * 100_000
    lines: list[tuple[str, ...]] = [
        ("use", huge),
        (huge,),
        ("exec", huge, "--", "x"),
        ("import", huge),
    ]
    for words in lines:
        ran = dctx(*words)
        assert ran.code != 0
        assert len(ran.err) < 2100
