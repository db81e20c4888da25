"""`dctx verify`: what it says about each key, what it saves, and why a key is refused."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.model.profile import Profile
from dokploy_ctx.model.resolve import Config
from dokploy_ctx.panel import verifying
from dokploy_ctx.panel.errors import Unreachable
from dokploy_ctx.panel.http import Panel
from dokploy_ctx.text.terminal import width
from tests.standin import StandIn

from ..conftest import Result
from ..panel.test_http import JSON, answering, serving
from ..shells import BASH
from ..terminal import CTRL_C, ENTER, Terminal
from .conftest import procedures

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
LOST = (
    "the API key works, but its user is no longer a member of the "
    "organization, or the organization was deleted. "
    "Create a key for another organization."
)
API = "a key that an API call made without limits works ten times a day"
WEB = "Settings > Profile > API/CLI Keys"


def said(ran: Result) -> str:
    """Return stdout with every time as N ms."""
    return re.sub(r"\b\d+ ms\b", "N ms", ran.out)


def iso(days: float) -> str:
    when = datetime.now(timezone.utc) + timedelta(days=days)
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_the_active_profile_is_checked_in_one_request(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    point(acme="Acme", globex="Globex")
    ran = dctx("verify")
    assert (ran.code, ran.err) == (0, "")
    assert said(ran) == f"ok  acme       {panel.url}  Acme  owner (N ms)\n"
    ran = dctx("verify", env={"DOKPLOY_PROFILE": "globex"})
    assert said(ran) == f"ok  globex     {panel.url}  Globex  owner (N ms)\n"
    assert procedures(panel) == ["user.get,organization.all"] * 2


def test_pair_of_the_environment(dctx: Dctx, panel: StandIn, home: Path) -> None:
    env = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": panel.key_of("Globex")}
    ran = dctx("verify", env=env)
    host = panel.url.removeprefix("http://")
    assert (ran.code, ran.err) == (0, "")
    assert said(ran) == f'ok  "env:{host}" {panel.url}  Globex  owner (N ms)\n'
    assert not (home / ".dokploy").exists()


def test_no_profile_is_active_and_none_is_saved(dctx: Dctx) -> None:
    ran = dctx("verify")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == ("dctx: no profile is active. Run: dctx NAME, or: dctx use NAME\n")
    ran = dctx("verify", "--all")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "dctx: no profiles are saved yet. Run: dctx auth NAME -u URL\n"
    assert dctx("verify", "--all", "x").code == 2
    assert dctx("verify", "x").code == 3


def test_all_at_once_in_the_files_order_each_with_its_own_words(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    globex, initech = panel.organization("Globex"), panel.organization("Initech")
    gone = panel.add_organization("Gone", owner=panel.users[0])
    left = panel.add_organization("Left", owner=panel.users[0])
    for organization in (gone, left):
        panel.add_key(panel.users[0], organization)
    path = point(
        acme={"organization": "Acme", "expiresAt": iso(100)},
        soon={"organization": "Acme", "expiresAt": iso(3)},
        globex="Globex",
        initech="Initech",
        gone="Gone",
        left="Left",
        vault={"organization": "Acme", "token": None, "tokenCommand": ["false"]},
        broken={"organization": "Acme", "url": "ftp://x"},
        nokey={"organization": "Acme", "token": None},
    )
    panel.rename_organization(globex, "Globex Ltd")
    data = json.loads(path.read_text())
    data["profiles"]["initech"]["organization"]["id"] = "another"
    path.write_text(json.dumps(data))
    panel.delete_organization(gone)
    panel.remove_member(panel.users[0], left)
    ran = dctx("verify", "--all")
    assert ran.code == 5
    assert said(ran) == (
        f"ok  acme       {panel.url}  Acme        owner (N ms, expires {iso(100)[:10]})\n"
        f"ok  soon       {panel.url}  Acme        owner (N ms, expires soon: {iso(3)[:10]})\n"
        f'ok  globex     {panel.url}  Globex Ltd  owner (N ms, was "Globex")\n'
        f'!!  initech    the key of initech is for "Initech" ({initech.id}), not for "Initech" '
        f"(another) as saved. If that is right, run: dctx auth initech -u {panel.url}\n"
        f"!!  gone       {LOST}\n"
        f"!!  left       {LOST}\n"
        '!!  vault      tokenCommand of "vault" ("false") failed with exit code 1. '
        "Unlock the vault, or correct the command.\n"
        '!!  broken     profile "broken": "ftp://x" is not a URL of a panel. Use https://HOST.\n'
        '!!  nokey      profile "nokey" has no key. Run: dctx auth nokey\n'
    )
    assert ran.err == (
        "dctx: 6 of 9 failed: initech, gone, left, vault, broken, nokey. What to do is said of "
        "each. Then run: dctx verify initech gone left vault broken nokey\n"
    )
    ran = dctx("verify", "vault", "acme", "nokey")
    assert ran.err == (
        "dctx: 2 of 3 failed: vault, nokey. What to do is said of each. "
        "Then run: dctx verify vault nokey\n"
    )
    now = saved()
    assert now["globex"]["organization"] == {"id": globex.id, "name": "Globex Ltd"}
    assert now["initech"]["organization"] == {"id": "another", "name": "Initech"}
    assert now["gone"]["organization"]["name"] == "Gone"


def test_json_has_everything_but_the_key(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(
        acme={"organization": "Acme", "expiresAt": iso(3)},
        bad={"organization": "Acme", "token": "k" * 64},
    )
    panel.rename_organization(panel.organization("Acme"), "Acme Ltd")
    ran = dctx("verify", "acme", "bad", "--json")
    assert ran.code == 5
    good, bad = json.loads(ran.out)
    assert isinstance(good.pop("milliseconds"), int)
    assert good == {
        "name": "acme",
        "url": panel.url,
        "ok": True,
        "state": "renamed",
        "organization": {"id": panel.organization("Acme Ltd").id, "name": "Acme Ltd"},
        "role": "owner",
        "expiresAt": iso(3)[:10] + good["expiresAt"][10:],
        "expiring": True,
        "error": None,
    }
    assert (bad["ok"], bad["state"], bad["organization"]) == (False, "refused", None)
    assert bad["error"].startswith(f"{panel.url} refused the API key of bad: ")


def test_renamed_name_is_in_the_index_too(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(prod="Acme")
    panel.rename_organization(panel.organization("Acme"), "Zenith")
    assert dctx("verify").code == 0
    ran = BASH.run(BASH.hook, "dctx prod", BASH.show("DCTX_ORG"))
    assert ran.vars == {"DCTX_ORG": "Zenith"}


def test_unknown_organization_is_noted(
    dctx: Dctx, panel: StandIn, config: Callable[..., Path], saved: Saved
) -> None:
    config(acme={"url": panel.url, "token": panel.key_of("Acme"), "theme": 1})
    assert dctx("verify").code == 0
    organization = {"id": panel.organization("Acme").id, "name": "Acme"}
    assert saved()["acme"]["organization"] == organization
    assert saved()["acme"]["theme"] == 1


def test_read_only_file_is_reported_and_the_answer_given(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    path = point(acme="Acme")
    panel.rename_organization(panel.organization("Acme"), "Zenith")
    path.chmod(0o400)
    ran = dctx("verify")
    assert (ran.code, said(ran)) == (
        0,
        f'ok  acme       {panel.url}  Zenith  owner (N ms, was "Acme")\n',
    )
    assert ran.err == (
        f"dctx: warning: what the panels answered was not saved: {path} is read-only. "
        "Nothing was changed. Make it writable.\n"
    )


def test_slow_panels_are_asked_at_once(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(**{f"p{number}": "Acme" for number in range(8)})
    panel.delay = 0.5
    ran = dctx("verify", "--all", timeout=60)
    assert ran.code == 0
    times = [int(found) for found in re.findall(r"(\d+) ms", ran.out)]
    assert len(times) == 8
    assert min(times) >= 500


def test_check_that_breaks_off_is_failed_and_ends_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(panel: Panel) -> None:
        if "bad" in panel.url:
            raise KeyError("x")
        raise Unreachable("not there")

    monkeypatch.setattr(verifying, "whoami", broken)
    names = ("bad-1", "good", "bad-2")
    profiles = [Profile(n, {"url": f"https://{n}.example.com", "token": "k"}) for n in names]
    found: list[verifying.Check] = []

    def ask() -> None:
        found.extend(verifying.check_all(profiles, Config(), lambda _: None))

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(20)
    assert [check.state for check in found] == ["failed", "unreachable", "failed"]
    assert str(found[0].error) == "the check failed (KeyError). Run it again."


@pytest.mark.parametrize(
    "user", ['{"user":{"apiKeys":[{"id":[1]}]}}', '{"role":"o\\u001b[2Jwner"}'], ids=["id", "role"]
)
def test_foreign_answer_is_one_line(dctx: Dctx, config: Callable[..., Path], user: str) -> None:
    user = user.replace("{", '{"organizationId":"1",', 1)
    parts = (user, '[{"id":"1","name":"Acme"}]')
    body = ",".join(f'{{"result":{{"data":{{"json":{part}}}}}}}' for part in parts)
    with serving(answering(JSON, f"[{body}]".encode())) as where:
        config(a={"url": f"http://{where}"})
        ran = dctx("verify", "a", timeout=20)
    assert ran.out.count("\n") == 1
    assert ran.out.isascii()
    assert "\x1b" not in ran.out
    assert ran.code == (5 if "[1]" in user else 0)


def test_reasons_stand_below_each_other_whatever_the_names_are(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    point(日本={"organization": "Acme", "token": ""}, acme="Acme")
    ran = dctx("verify", "--all")
    assert ran.code == 5
    wide, plain = ran.out.splitlines()
    assert width(wide.partition("profile ")[0]) == width(plain.partition("http")[0])


def test_progress_is_on_the_terminal_only_and_goes(
    dctx: Dctx, panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme", globex="Globex")
    assert dctx("verify", "--all").err == ""
    term = terminal(BASH)
    shown = term.line("dctx verify --all >/dev/null")
    assert shown == ""
    assert b"Waiting for 2 of 2: acme, globex" in term.raw


# The 401 explained.


def reason(dctx: Dctx, name: str) -> str:
    ran = dctx("verify", name)
    assert ran.code == 5
    again = f"Then run: dctx verify {name}"
    assert ran.err == f"dctx: 1 of 1 failed: {name}. What to do is said of each. {again}\n"
    mark, _, text = ran.out.rstrip("\n").partition(f"{name:<10} ")
    assert mark == "!!  "
    return text


def new_key(panel: StandIn, organization: str, **how: Any) -> dict[str, Any]:
    row = panel.add_key(panel.users[0], panel.organization(organization), **how)
    return {"organization": organization, "token": row.key, "keyId": row.id}


def test_database_down(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme="Acme", globex="Globex")
    panel.database_down = True
    assert reason(dctx, "acme") == (
        f"{panel.url} is up, but its database is not, so no key can be checked. Try again later."
    )
    assert procedures(panel) == ["user.get,organization.all", "settings.health"]


def test_expired_by_our_own_record_asks_nobody_else(dctx: Dctx, panel: StandIn, point: Any) -> None:
    end = datetime(2026, 1, 2, tzinfo=timezone.utc)
    old = {**new_key(panel, "Acme", expires_at=end), "expiresAt": "2026-01-02T00:00:00.000Z"}
    point(acme=old)
    assert reason(dctx, "acme") == (
        f"the key of acme expired on 2026-01-02. Create a new one under {WEB}, "
        f"then run: dctx auth acme -u {panel.url}"
    )
    point(acme=old, globex="Globex")
    panel.forget_requests()
    assert reason(dctx, "acme") == (
        "the key of acme expired on 2026-01-02. "
        "Run: dctx rotate acme --profile globex --expires 90d"
    )
    assert procedures(panel) == ["user.get,organization.all", "settings.health"]


def test_deleted_by_the_list_of_another_profile(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme=new_key(panel, "Acme"), globex="Globex")
    panel.delete_key(next(row for row in panel.keys if row.name == "key"))
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key was deleted there, or "
        "belongs to another user (globex does not list the key). "
        "Run: dctx rotate acme --profile globex"
    )
    assert len(panel.requests) == 3


def test_disabled_by_the_list_of_another_profile(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme=new_key(panel, "Acme", enabled=False), globex="Globex")
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key is disabled there. "
        "Run: dctx rotate acme --profile globex"
    )


def test_rate_limited_by_the_list_of_another_profile(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    point(acme=new_key(panel, "Acme", rate_limit=1), globex="Globex")
    assert dctx("verify", "acme").code == 0
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key is rate limited, since globex "
        "still lists it. "
        "Run: dctx rotate acme --profile globex"
    )


def test_expired_by_the_list_of_another_profile(dctx: Dctx, panel: StandIn, point: Any) -> None:
    # The panel deletes the row when an expired key is shown: it can only be listed where the key
    # was refused for something else.
    end = datetime(2026, 1, 2, tzinfo=timezone.utc)
    now = datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp()
    panel.clock = lambda: now
    entry = new_key(panel, "Acme", rate_limit=1, expires_at=end)
    point(acme=dict(entry), globex="Globex")
    assert dctx("verify", "acme").code == 0
    words = "expired on 2026-01-02. Run: dctx rotate acme --profile globex"
    assert reason(dctx, "acme") == f"the key of acme {words}"  # that was noted
    point(acme=entry, globex="Globex")
    assert reason(dctx, "acme") == f"{panel.url} refused the API key of acme: the key {words}"


def test_witness_is_first_a_key_without_a_limit(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme=new_key(panel, "Acme"), pasted="Globex", minted=new_key(panel, "Initech"))
    panel.delete_key(next(row for row in panel.keys if row.name == "key"))
    assert "(minted does not list the key)" in reason(dctx, "acme")
    assert len(panel.requests) == 3  # pasted may be good for ten requests a day


def test_witness_is_a_key_of_the_same_user(dctx: Dctx, panel: StandIn, point: Any) -> None:
    """Another user's list says nothing: no false word of a deleted key, be others asked or not."""
    stranger = panel.add_user("s@example.test")
    panel.add_member(stranger, panel.organization("Acme"))
    strange = panel.add_key(stranger, panel.organization("Acme"))
    point(
        acme=new_key(panel, "Acme", enabled=False),
        strange={"organization": "Acme", "token": strange.key, "keyId": strange.id},
        own=new_key(panel, "Globex"),
    )
    words = (
        f"{panel.url} refused the API key of acme: the key is disabled there. "
        "Run: dctx rotate acme --profile own"
    )
    assert reason(dctx, "acme") == words
    assert words in dctx("verify", "--all").out


def test_pasted_key_and_another_that_works(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme={"organization": "Acme", "token": "k" * 64}, globex="Globex")
    for row in panel.keys[2:]:
        panel.delete_key(row)
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key is rate limited if globex "
        f'lists that key ("acme", "globex"; {API}); otherwise the key was deleted, has expired, '
        "or belongs to another user. "
        "Run: dctx rotate acme --profile globex"
    )


def test_pasted_key_that_no_key_of_the_list_can_be(dctx: Dctx, panel: StandIn, point: Any) -> None:
    for row in panel.keys:
        panel.delete_key(row)
    point(globex=new_key(panel, "Globex"), acme="Acme")
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key was deleted, has expired, or "
        "belongs to another user (globex lists no such key). Run: dctx rotate acme --profile globex"
    )


def test_pasted_key_alone(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme={"organization": "Acme", "token": "k" * 64})
    assert reason(dctx, "acme") == (
        f"{panel.url} refused the API key of acme: the key was deleted, has expired, or is "
        f"rate limited ({API}). "
        f"Create a new one under {WEB}, then run: dctx auth acme -u {panel.url}"
    )


def test_key_that_never_worked(dctx: Dctx, panel: StandIn, config: Callable[..., Path]) -> None:
    config(new={"url": panel.url, "token": "k" * 64}, old={"url": panel.url, "token": "j" * 64})
    assert reason(dctx, "new") == (
        f"{panel.url} refused the API key (401): the key was never valid, was deleted, has "
        "expired, is rate limited, or was made without an organization. "
        f"Create a new one under {WEB}"
    )
    assert len(panel.requests) == 2


def test_ten_requests_a_day_are_spent_one_by_one(dctx: Dctx, panel: StandIn, point: Any) -> None:
    row = panel.add_key(panel.users[0], panel.organization("Acme"), rate_limit=10)
    point(acme={"organization": "Acme", "token": row.key})
    for _ in range(10):
        assert dctx("verify").code == 0
    assert dctx("verify").code == 5


def test_all_explains_by_what_was_asked_and_asks_no_more(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    point(one=new_key(panel, "Acme"), two=new_key(panel, "Acme"), globex="Globex")
    for row in [row for row in panel.keys if row.name == "key"]:
        panel.delete_key(row)
    ran = dctx("verify", "--all")
    assert ran.code == 5
    assert ran.out.count("belongs to another user (globex does not list the key)") == 2
    asked = sorted(procedures(panel))
    assert asked == ["settings.health"] * 2 + ["user.get,organization.all"] * 3


def test_refused_key_goes_to_no_other_panel(
    dctx: Dctx, panel: StandIn, other: StandIn, config: Callable[..., Path]
) -> None:
    organization = {"id": "x", "name": "X"}
    config(
        here={"url": panel.url, "token": "k" * 64, "organization": organization},
        there={"url": other.url, "token": other.key_of("Acme"), "organization": organization},
    )
    assert dctx("verify", "here").code == 5
    assert other.requests == ()


@pytest.mark.parametrize("procedure", ["organization.all", "user.get"])
@pytest.mark.parametrize("status", [403, 500, 502])
def test_failure_of_the_request(
    dctx: Dctx, panel: StandIn, point: Any, procedure: str, status: int
) -> None:
    path = point(acme="Acme")
    before = path.read_bytes()
    panel.fail_next(procedure, status)
    words = {
        403: (
            f"{panel.url} accepts the API key, but refuses this: Injected failure. "
            "Check the role of the key's user."
        ),
        500: f"{panel.url} answers 500: Injected failure. Try again later.",
        502: (
            f"{panel.url} answers 502 and no JSON: the proxy is up, the panel is "
            "not. Try again later."
        ),
    }
    assert reason(dctx, "acme") == words[status]
    assert path.read_bytes() == before


# A panel that hangs.


def test_who_has_not_answered_is_shown_and_ctrl_c_keeps_what_was_answered(
    panel: StandIn, config: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        config(
            acme={"url": panel.url, "token": panel.key_of("Acme")},
            dead={"url": f"http://127.0.0.1:{hangs.getsockname()[1]}"},
        )
        term = terminal(BASH)
        term.type("dctx verify --all" + ENTER)
        term.wait(lambda: "Waiting for 1 of 2: dead" in term.screen)
        term.key(CTRL_C)
        assert "ok  acme" in term.screen
        assert "!!  dead       cancelled before the panel answered. Run it again." in term.screen
        assert "dctx: cancelled. 1 of 2 did not answer." in term.screen
        assert term.line("echo $?") == "130"


def test_a_panel_that_hangs_is_waited_for_ten_seconds(
    config: Callable[..., Path], dctx: Dctx, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verifying.SECONDS == 10
    monkeypatch.setattr(verifying, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        url = f"http://127.0.0.1:{hangs.getsockname()[1]}"
        profile = Profile("dead", {"url": url, "token": "k"})
        (check,) = verifying.check_all([profile], Config(), lambda _: None)
    assert check.state == "unreachable"
    assert "no answer in time" in str(check.error)


def test_on_a_terminal_the_table_fits_and_no_reason_is_cut(
    panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme", bad={"organization": "Globex", "token": "k" * 64})
    term = terminal(BASH)
    term.line("dctx verify --all")
    lines = term.screen.splitlines()
    assert any(line.split() == ["NAME", "URL", "ORGANIZATION", "ROLE", "NOTES"] for line in lines)
    text = " ".join(term.screen.split())
    assert "the key was deleted, has expired, or" in text
    assert "Run: dctx rotate bad --profile acme" in text
