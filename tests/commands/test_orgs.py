"""`dctx orgs`, `orgs add`, `orgs sync`: what is made, what is saved, and that nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.text.terminal import width
from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, Shell
from ..terminal import ENTER, Terminal
from .conftest import procedures

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
GLOBEX = "-GlobexOrgId-00000002"
WHERE = "Delete that key under Settings > Profile > API/CLI Keys"
ASKED = "user.get,organization.all"
MINTED = ["user.createApiKey", "user.get,organization.all"]


def iso(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def ids(panel: StandIn) -> set[str]:
    return {row.id for row in panel.keys}


@pytest.fixture
def acme(point: Any) -> Path:
    """One profile, acme, with the owner's pasted key."""
    path: Path = point(acme="Acme")
    return path


# The list.


def test_list_names_roles_and_profiles(dctx: Dctx, panel: StandIn, point: Any) -> None:
    panel.add_member(panel.users[0], panel.add_organization("Zoo", owner=panel.add_user("z@x.y")))
    zoo = panel.organization("Zoo")
    point(acme="Acme", prod="Acme", globex="Globex")
    for argv in (["orgs"], ["orgs", "list"], ["orgs", "--profile", "acme"]):
        ran = dctx(*argv)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == (
            "* Acme     AcmeOrgId-00000000001  owner   acme, prod\n"
            "  Globex   -GlobexOrgId-00000002  owner   globex\n"
            "  Initech  InitechOrgId-00000003  owner\n"
            f"  Zoo      {zoo.id}  member\n"
        )
    assert procedures(panel) == [ASKED] * 3
    ran = dctx("orgs", "list", "--profile", "globex", "--json")
    rows = json.loads(ran.out)
    assert rows[1] == {
        "id": GLOBEX,
        "name": "Globex",
        "role": "owner",
        "profiles": ["globex"],
        "withoutKey": [],
        "current": True,
    }
    assert json.loads(dctx("orgs", "--json").out)[0]["profiles"] == ["acme", "prod"]


def test_list_leaves_out_other_panels_and_says_what_is_not_known(
    dctx: Dctx, panel: StandIn, other: StandIn, config: Callable[..., Path]
) -> None:
    organization = {"id": panel.organization("Acme").id, "name": "Acme"}
    config(
        acme={"url": panel.url, "token": panel.key_of("Acme"), "organization": organization},
        new={"url": panel.url + "/", "token": panel.key_of("Acme")},
        far={"url": other.url, "token": other.key_of("Acme"), "organization": organization},
    )
    ran = dctx("orgs")
    assert ran.out.splitlines()[0] == "* Acme     AcmeOrgId-00000000001  owner  acme"
    assert ran.err == "The organization of new is not known. Run: dctx verify new\n"


def test_own_organization_is_known_though_not_saved(
    dctx: Dctx, panel: StandIn, config: Callable[..., Path]
) -> None:
    """A profile of an older file has no organization: sync makes no second key for it."""
    path = config(
        old={"url": panel.url, "token": panel.key_of("Acme")},
        new={"url": panel.url, "token": panel.key_of("Globex")},
    )
    before = path.read_bytes()
    assert dctx("orgs").out.splitlines()[0] == "* Acme     AcmeOrgId-00000000001  owner  old"
    ran = dctx("orgs", "sync")
    assert ran.code == 2
    assert ran.err == (
        "The organization of new is not known. Run: dctx verify new\n"
        f"{PLAN.format(url=panel.url)}"
        "dctx: nothing was made, since there is no terminal to ask on. Run it with: --yes\n"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("argv", [["list"], ["add", "Initech"], ["sync", "--yes"]])
def test_key_of_another_organization_than_saved_is_an_error(
    dctx: Dctx, panel: StandIn, point: Any, argv: list[str]
) -> None:
    path: Path = point(acme={"organization": "Acme", "token": panel.key_of("Globex")})
    before = path.read_bytes()
    ran = dctx("orgs", *argv)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        f'dctx: the key of acme is for "Globex" ({GLOBEX}), not for "Acme" '
        f"({panel.organization('Acme').id}) as saved. If that is right, run: "
        f"dctx auth acme -u {panel.url}\n"
    )
    assert path.read_bytes() == before
    assert len(panel.keys) == 3


def test_list_of_strange_names(dctx: Dctx, panel: StandIn, acme: Path) -> None:
    panel.rename_organization(panel.organization("Globex"), "\x1b[31m中文\n$(id)\u202e")
    panel.rename_organization(panel.organization("Initech"), "x" * 60)
    theirs = panel.add_organization("Theirs", owner=panel.add_user("x@example.com"))
    panel.add_member(panel.users[0], theirs, "\x1b[2J\nrole\u202e")
    ran = dctx("orgs")
    assert ran.code == 0
    assert all(c.isprintable() or c == "\n" for c in ran.out)
    assert len(ran.out.splitlines()) == 4
    assert "  [2Jrole" in ran.out
    assert "  [31m中文$(id)" in ran.out
    assert f"  {'x' * 39}~  " in ran.out


def test_list_with_a_pair_of_the_environment(dctx: Dctx, panel: StandIn) -> None:
    env = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": panel.key_of("Globex")}
    ran = dctx("orgs", env=env)
    assert ran.out.splitlines()[1] == "* Globex   -GlobexOrgId-00000002  owner"
    assert dctx("orgs").code == 1


def test_list_of_a_refused_key(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme={"organization": "Acme", "token": "k" * 64})
    ran = dctx("orgs")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith(
        f"dctx: {panel.url} refused the API key of acme: the key was deleted, has expired, or"
    )


# add


@pytest.mark.parametrize(
    "argv",
    [
        ["Globex"],
        ["globex"],
        [f"--org={GLOBEX}"],
        ["--org", GLOBEX],
        ["--org=Globex"],
        ["--", GLOBEX],
    ],
)
def test_add_by_name_or_id(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved, argv: list[str]
) -> None:
    ran = dctx("orgs", "add", *argv)
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == f"Saved profile globex ({panel.url}, organization Globex).\n"
    (row,) = (row for row in panel.keys if row.name.startswith("dctx "))
    assert saved()["globex"] == {
        "url": panel.url,
        "organization": {"id": GLOBEX, "name": "Globex"},
        "keyId": row.id,
        "keyName": row.name,
        "keyCreatedAt": iso(row.created_at),
        "token": row.key,
    }
    assert row.organization_id == GLOBEX
    assert row.rate_limit_enabled is False
    assert row.expires_at is None
    assert json.loads(acme.read_text())["currentProfile"] == "acme"
    assert procedures(panel) == [ASKED, *MINTED]
    assert [seen.key for seen in panel.requests] == [panel.key_of("Acme")] * 2 + [row.key]


def test_add_names_and_terms(dctx: Dctx, panel: StandIn, acme: Path, saved: Saved) -> None:
    name = "a-name-of-64-characters-" + "x" * 40
    ran = dctx("orgs", "add", "Globex", "--as", name, "--expires", "90d")
    assert ran.code == 0, ran.err
    row = panel.keys[-1]
    assert len(row.name) == 32
    assert row.expires_at is not None
    assert (row.expires_at - row.created_at).total_seconds() == 90 * 86400
    day = row.expires_at.strftime("%Y-%m-%d")
    assert (
        ran.err
        == f"Saved profile {name} ({panel.url}, organization Globex). Its key expires on {day}.\n"
    )
    assert saved()[name]["expiresAt"].startswith(day)
    assert f"(expires {day})" in dctx("list").out


@pytest.mark.parametrize("term", ["0d", "366d", "2y", "1h", "-1d", "", "d", "90", "9999999d"])
def test_add_term_out_of_range_asks_nobody(
    dctx: Dctx, panel: StandIn, acme: Path, term: str
) -> None:
    ran = dctx("orgs", "add", "Globex", f"--expires={term}")
    assert ran.code == 2
    assert ran.err == f'dctx: "{term}" is not a lifetime. Use 1d to 365d (or 12w, 1y), or never.\n'
    assert panel.requests == ()


@pytest.mark.parametrize("term", ["1d", "365d", "52w", "1y"])
def test_add_term_at_the_bounds(dctx: Dctx, panel: StandIn, acme: Path, term: str) -> None:
    assert dctx("orgs", "add", "Globex", "--expires", term).code == 0


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Acme GmbH & Co. KG", "acme-gmbh-co.-kg"),
        ("Ünïcödé Straße", "unicode-strasse"),
        ("中文", "organization"),
        ("  --x--  ", "x"),
        ("$(rm -rf ~)", "rm-rf"),
        ("x" * 100, "x" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_add_suggests_a_valid_name(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved, name: str, suggested: str
) -> None:
    panel.rename_organization(panel.organization("Globex"), name)
    assert dctx("orgs", "add", f"--org={GLOBEX}").code == 0
    assert list(saved()) == ["acme", suggested]
    assert saved()[suggested]["organization"]["name"] == name


def test_add_taken_names(dctx: Dctx, panel: StandIn, acme: Path, saved: Saved) -> None:
    ran = dctx("orgs", "add", "Acme")
    assert ran.code == 2
    assert ran.err == (
        "dctx: acme is a profile of that organization already. "
        "For another key, run it with: --as acme-2\n"
    )
    panel.rename_organization(panel.organization("Globex"), "ACME!")
    ran = dctx("orgs", "add", "ACME!")
    assert ran.err == 'dctx: the name "acme" is taken. Run it with: --as acme-2\n'
    panel.rename_organization(panel.organization("Initech"), "List")
    ran = dctx("orgs", "add", "List")
    assert ran.err == 'dctx: the name "list" is taken. Run it with: --as list-2\n'
    ran = dctx("orgs", "add", "List", "--as", "acme")
    assert ran.err == (
        "dctx: acme exists. Choose another name, or replace its key: dctx rotate acme\n"
    )
    ran = dctx("orgs", "add", "List", "--as", "ACME")
    assert ran.err == 'dctx: "acme" exists and differs by case alone. Choose another name.\n'
    assert ran.code == 2
    assert len(panel.keys) == 3
    assert list(saved()) == ["acme"]
    assert dctx("orgs", "add", "Acme", "--as", "acme-2").code == 0


def test_add_asks_for_a_name_on_a_terminal(
    panel: StandIn, acme: Path, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type("dctx orgs add Acme" + ENTER)
    term.wait(lambda: "acme is taken. Name of the profile [acme-2]:" in term.screen)
    term.key("second" + ENTER)
    assert f"Saved profile second ({panel.url}, organization Acme)." in term.screen
    assert list(saved()) == ["acme", "second"]


def test_add_organizations_that_are_none(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    ran = dctx("orgs", "add", "Globx")
    assert ran.code == 1
    assert ran.err == (
        'dctx: organization "Globx" not found among those of the key\'s user. '
        'Did you mean "Globex"?\n'
    )
    ran = dctx("orgs", "add", "--org=-x")
    assert ran.err == (
        'dctx: organization "-x" not found among those of the key\'s user. Run: dctx orgs\n'
    )
    second = panel.add_organization("Globex", owner=panel.users[0])
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 1
    given = ", ".join(
        f"--org={o.id} (created {iso(o.created_at)[:10]})"
        for o in (panel.organizations[1], second)  # the oldest first
    )
    assert ran.err == f'dctx: 2 organizations are called "Globex". Use one of {given}\n'
    for argv in ([], ["Globex", "--org=Globex"]):
        ran = dctx("orgs", "add", *argv)
        assert ran.code == 2
        assert ran.err == (
            "dctx: one organization is required. Run: dctx orgs add ORG, or: --org=ID\n"
        )
    assert len(panel.keys) == 3
    assert list(saved()) == ["acme"]


def test_add_with_another_profiles_key(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme="Acme", globex="Globex")
    assert dctx("orgs", "--profile", "globex", "add", "Initech").code == 0
    assert dctx("orgs", "add", "Initech", "--as", "i2", "--profile", "globex").code == 0
    assert [seen.key for seen in panel.requests if "createApiKey" in seen.path] == [
        panel.key_of("Globex")
    ] * 2
    assert dctx("orgs", "add", "Initech", "--as", "i3", "--profile", "nobody").code == 3


def test_add_with_a_protected_profiles_key_asks(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 6
    assert ran.err == (
        "dctx: acme is protected and there is no terminal to ask on, so nothing was done. "
        "To make a key with its key, set DCTX_YES=acme\n"
    )
    assert len(panel.keys) == 3
    assert dctx("orgs").code == 0
    assert dctx("orgs", "add", "Globex", env={"DCTX_YES": "acme"}).code == 0
    assert "protected" not in saved()["globex"]


def test_add_first_profile_from_the_environment_becomes_the_default(
    dctx: Dctx, panel: StandIn, home: Path
) -> None:
    env = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": panel.key_of("Globex")}
    assert dctx("orgs", "add", "Acme", env=env).code == 0
    data = json.loads((home / ".dokploy" / "config.json").read_text())
    assert data["currentProfile"] == "acme"


# add: each step failing.


def test_add_refused_by_the_panel(dctx: Dctx, panel: StandIn, acme: Path, saved: Saved) -> None:
    panel.fail_next("user.createApiKey", 403)
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 1
    assert ran.err == (
        f"dctx: {panel.url} accepts the API key, but refuses this: Injected "
        "failure. Check the role of the key's user.\n"
    )
    assert len(panel.keys) == 3
    assert list(saved()) == ["acme"]


def test_add_rate_limited_while_a_key_is_made(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    row = panel.add_key(panel.users[0], panel.organization("Acme"), rate_limit=1)
    point(acme={"organization": "Acme", "token": row.key})
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 5
    assert ran.err == (
        f"dctx: {panel.url} accepted the API key a moment ago and refuses it "
        "now, since the key is rate limited (a key "
        "that an API call made without limits works ten times a day). "
        "Use another key with --profile NAME, or try again tomorrow.\n"
    )
    assert list(saved()) == ["acme"]


@pytest.mark.parametrize("status", [500, 502])
def test_add_failed_by_the_server_made_nothing(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved, status: int
) -> None:
    panel.fail_next("user.createApiKey", status)
    ran = dctx("orgs", "add", "Globex")
    words = {
        500: f"{panel.url} answers 500: Injected failure. Try again later.",
        502: (
            f"{panel.url} answers 502 and no JSON: the proxy is up, the panel is "
            "not. Try again later."
        ),
    }
    assert ran.code == 5
    assert ran.err == f"dctx: {words[status]}\n"
    assert len(panel.keys) == 3
    assert list(saved()) == ["acme"]


def test_add_whose_answer_is_lost_finds_the_key_and_deletes_it(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    before = ids(panel)
    panel.drop_next("user.createApiKey")
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {panel.url}: Server disconnected without sending a response. Check "
        "the URL and the network. The key that was made nevertheless was deleted again.\n"
    )
    assert ids(panel) == before
    assert list(saved()) == ["acme"]


def test_add_whose_answer_is_lost_and_that_cannot_be_deleted_names_it(
    dctx: Dctx, panel: StandIn, acme: Path
) -> None:
    before = ids(panel)
    panel.drop_next("user.createApiKey")
    panel.fail_next("user.deleteApiKey", 500)
    ran = dctx("orgs", "add", "Globex")
    (left,) = (row for row in panel.keys if row.id not in before)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {panel.url}: Server disconnected without sending a response. Check "
        f'the URL and the network. Perhaps still valid on {panel.url}: the key "{left.name}" '
        f"(created today, no prefix). {WHERE}\n"
    )


def test_add_whose_answer_is_lost_and_that_cannot_be_looked_for_names_it(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    row = panel.add_key(panel.users[0], panel.organization("Acme"), rate_limit=2)
    point(acme={"organization": "Acme", "token": row.key})
    before = ids(panel)
    panel.drop_next("user.createApiKey")
    ran = dctx("orgs", "add", "Globex")
    (left,) = (row for row in panel.keys if row.id not in before)
    assert ran.code == 5
    assert ran.err.endswith(
        f'Perhaps still valid on {panel.url}: a key called "{left.name}". {WHERE}\n'
    )


@pytest.mark.parametrize("how", ["drop", 401, 500, 502])
def test_add_whose_key_cannot_be_verified_deletes_it(
    panel: StandIn, acme: Path, saved: Saved, dctx: Dctx, how: Any
) -> None:
    before = ids(panel)
    # The first "organization.all" is the question who the other key is.
    disturb_second(panel, "organization.all", how)
    ran = dctx("orgs", "add", "Globex")
    assert ran.code in (1, 5)
    assert ran.err.endswith(" The new key was deleted again.\n")
    assert ids(panel) == before
    assert list(saved()) == ["acme"]


def disturb_second(panel: StandIn, procedure: str, how: Any) -> None:
    """Let the second call of the procedure fail: with a status, or its answer dropped."""
    original = panel._fault
    calls = 0

    def fault(name: str) -> None:
        nonlocal calls
        if name == procedure:
            calls += 1
            if calls == 2:
                if how == "drop":
                    panel._drops.append(procedure)
                else:
                    panel._faults.append((procedure, how))
        original(name)

    panel._fault = fault  # type: ignore[assignment]


def test_add_that_got_a_key_for_another_organization(
    panel: StandIn, acme: Path, saved: Saved, dctx: Dctx, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.standin import keys, routes

    def elsewhere(call: Any) -> Any:
        call.input["metadata"]["organizationId"] = panel.organization("Initech").id
        return keys._create_api_key(call)

    procedure = keys.PROCEDURES["user.createApiKey"]
    changed = type(procedure)(elsewhere, True, procedure.wants)
    monkeypatch.setitem(routes.PROCEDURES, "user.createApiKey", changed)
    before = ids(panel)
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 5
    assert ran.err == (
        f'dctx: {panel.url} made a key for "Initech" instead. Update dctx. '
        "The new key was deleted again.\n"
    )
    assert ids(panel) == before
    assert list(saved()) == ["acme"]


def test_add_that_cannot_be_saved_deletes_the_key(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    before = ids(panel)
    acme.chmod(0o400)
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 1
    assert ran.err == (
        f"dctx: {acme} is read-only. Nothing was changed. Make it writable. "
        "The new key was deleted again.\n"
    )
    assert ids(panel) == before
    assert list(saved()) == ["acme"]


def test_add_that_can_be_neither_saved_nor_deleted_names_the_key(
    dctx: Dctx, panel: StandIn, acme: Path
) -> None:
    before = ids(panel)
    acme.chmod(0o400)
    panel.fail_next("user.deleteApiKey", 500)
    panel.fail_next("user.deleteApiKey", 502)
    ran = dctx("orgs", "add", "Globex")
    (left,) = (row for row in panel.keys if row.id not in before)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: {acme} is read-only. Nothing was changed. Make it writable. "
        f"Perhaps still valid on {panel.url}: the new "
        f'key "{left.name}" (created today, no prefix). {WHERE}\n'
    )


def test_add_whose_delete_is_lost_is_asked_again(dctx: Dctx, panel: StandIn, acme: Path) -> None:
    before = ids(panel)
    acme.chmod(0o400)
    panel.drop_next("user.deleteApiKey")
    ran = dctx("orgs", "add", "Globex")
    assert ran.err.endswith(" The new key was deleted again.\n")
    assert ids(panel) == before


def test_add_under_a_name_that_somebody_else_saves_meanwhile(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    before = ids(panel)
    original = panel._fault

    def fault(name: str) -> None:
        if name == "user.createApiKey":
            data = json.loads(acme.read_text())
            data["profiles"]["globex"] = {"url": "https://x", "token": "theirs"}
            acme.write_text(json.dumps(data))
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 1
    assert ran.err == (
        "dctx: globex was changed by another program just now. Nothing was changed. Run it again. "
        "The new key was deleted again.\n"
    )
    assert saved()["globex"] == {"url": "https://x", "token": "theirs"}
    assert ids(panel) == before


def test_add_saved_without_an_index_keeps_the_key(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    others = acme.parent / "index" / ".others"
    others.unlink()
    others.mkdir()  # where a file has to be
    ran = dctx("orgs", "add", "Globex")
    assert ran.code == 1
    index = acme.parent / "index"
    assert ran.err == (
        f"dctx: saved, but the index {index} cannot be written: Is a directory. "
        "Check that folder, then run: dctx sync\n"
    )
    assert saved()["globex"]["keyId"] in ids(panel)


# sync


PLAN = "2 keys to make on {url}:\n  globex   Globex, new profile\n  initech  Initech, new profile\n"


def test_one_key_and_three_organizations_are_two_commands(
    dctx: Dctx, panel: StandIn, saved: Saved
) -> None:
    """The pasted key is one of a bare API call, good for ten requests a day: three are spent."""
    row = panel.add_key(panel.users[0], panel.organization("Acme"), rate_limit=10)
    assert dctx("auth", "acme", "-u", panel.url, "-t", "-", stdin=row.key).code == 0
    ran = dctx("orgs", "sync", "--yes")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"{PLAN.format(url=panel.url)}"
        f"Saved profile globex ({panel.url}, organization Globex).\n"
        f"Saved profile initech ({panel.url}, organization Initech).\n"
    )
    assert [entry["organization"]["name"] for entry in saved().values()] == [
        "Acme",
        "Globex",
        "Initech",
    ]
    assert sum(seen.key == row.key for seen in panel.requests) == 3
    ran = dctx("verify", "--all")
    assert (ran.code, ran.out.count("ok  ")) == (0, 3)
    ran = dctx("orgs", "sync")
    assert (ran.code, ran.err) == (0, "Every organization has a profile with a key.\n")


def test_the_three_are_switched_to_with_tab(
    dctx: Dctx, panel: StandIn, terminal: Callable[..., Terminal], shell: Shell
) -> None:
    argv = ["auth", "acme", "-u", panel.url, "-t", "-"]
    assert dctx(*argv, stdin=panel.key_of("Acme")).code == 0
    assert dctx("orgs", "sync", "--yes").code == 0
    compinit = list(shell.for_tab)
    term = terminal(shell, rc=compinit)
    term.type("dctx glo\t")
    term.wait(lambda: term.typed == "dctx globex ")
    term.key(ENTER)
    assert term.prompt.startswith("(globex) ")
    assert '"globex-shop"' in term.line("dokploy project all | grep '^    \"name\"'")


def asked_times(term: Terminal, count: int) -> bool:
    return term.screen.count("Make 2 keys? [y/N]:") == count


def test_sync_shows_its_plan_in_columns_whatever_the_names_are(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    point(acme="Acme", 日本={"organization": "Globex", "token": ""})
    ran = dctx("orgs", "sync")
    rows = [line for line in ran.err.splitlines() if line.startswith("  ")]
    assert len(rows) > 1
    assert len({width(row.partition(", ")[0].rpartition("  ")[0]) for row in rows}) == 1


def test_sync_without_a_yes_makes_nothing(
    dctx: Dctx, panel: StandIn, acme: Path, terminal: Callable[..., Terminal]
) -> None:
    ran = dctx("orgs", "sync")
    assert ran.code == 2
    assert ran.err == (
        f"{PLAN.format(url=panel.url)}"
        "dctx: nothing was made, since there is no terminal to ask on. Run it with: --yes\n"
    )
    term = terminal(BASH)
    for answer in ("n" + ENTER, ENTER, "\x03", "\x04"):
        term.type("dctx orgs sync" + ENTER)
        count = term.screen.count("Make 2 keys? [y/N]:") + 1
        term.wait(partial(asked_times, term, count))
        term.key(answer)
        assert term.line("echo $?") == "130"
        term.line("clear")
    assert len(panel.keys) == 3
    term.type("dctx orgs sync" + ENTER)
    term.wait(lambda: "Make 2 keys? [y/N]:" in term.screen)
    term.key("y" + ENTER)
    assert len(panel.keys) == 5


def test_another_answer_than_y_or_n_is_asked_again(
    panel: StandIn, acme: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type("dctx orgs sync" + ENTER)
    term.wait(lambda: "Make 2 keys? [y/N]:" in term.screen)
    term.type("acme" + ENTER)
    term.wait(lambda: term.screen.count("Make 2 keys? [y/N]:") == 2)
    assert "dctx: answer y or n.\n" in term.screen
    term.key("Yes" + ENTER)
    assert len(panel.keys) == 5


def test_sync_with_a_protected_profile_asks_one_question(
    panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    term = terminal(BASH)
    term.type("dctx orgs sync" + ENTER)
    term.wait(lambda: 'Type "acme" to make 2 keys with its key:' in term.said)
    assert "[y/N]" not in term.screen
    term.key("\x0cacme" + ENTER)  # Ctrl-L draws no screen anew at a question
    assert len(panel.keys) == 5


def test_sync_names_are_unique(dctx: Dctx, panel: StandIn, acme: Path, saved: Saved) -> None:
    panel.rename_organization(panel.organization("Globex"), "acme")
    panel.rename_organization(panel.organization("Initech"), "Acme ")
    assert dctx("orgs", "sync", "--yes").code == 0
    assert list(saved()) == ["acme", "acme-2", "acme-3"]


def test_sync_goes_on_after_what_is_forbidden_and_can_be_run_again(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    panel.fail_next("user.createApiKey", 403)
    ran = dctx("orgs", "sync", "--yes")
    assert ran.code == 5
    assert ran.err == (
        f"{PLAN.format(url=panel.url)}"
        f"dctx: globex: {panel.url} accepts the API key, but refuses this: "
        "Injected failure. Check the role of the key's user.\n"
        f"Saved profile initech ({panel.url}, organization Initech).\n"
        "dctx: 1 of 2 keys could not be made. Ask an owner of the organization.\n"
    )
    assert list(saved()) == ["acme", "initech"]
    ran = dctx("orgs", "sync", "--yes")
    assert ran.code == 0
    assert list(saved()) == ["acme", "initech", "globex"]
    assert len(panel.keys) == 5


def test_sync_stops_half_way_and_can_be_run_again(
    dctx: Dctx, panel: StandIn, acme: Path, saved: Saved
) -> None:
    original = panel._fault
    calls = 0

    def fault(name: str) -> None:
        nonlocal calls
        calls += name == "user.createApiKey"
        if calls == 2 and name == "user.createApiKey":
            panel.fail_next(name, 502)
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    ran = dctx("orgs", "sync", "--yes")
    assert ran.code == 5
    assert ran.err == (
        f"{PLAN.format(url=panel.url)}"
        f"Saved profile globex ({panel.url}, organization Globex).\n"
        "1 of 2 saved. Run it again for the rest.\n"
        f"dctx: {panel.url} answers 502 and no JSON: the proxy is up, the "
        "panel is not. Try again later.\n"
    )
    assert list(saved()) == ["acme", "globex"]
    assert dctx("orgs", "sync", "--yes").code == 0
    assert list(saved()) == ["acme", "globex", "initech"]
    assert {entry.get("keyId") for entry in saved().values()} - {None} <= ids(panel)
    assert len(panel.keys) == 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_sync_stopped_by_a_signal_loses_nothing(
    panel: StandIn, acme: Path, saved: Saved, number: signal.Signals
) -> None:
    program = Path(sys.executable).with_name("dctx")
    original = panel._fault
    process: subprocess.Popen[str] | None = None

    def fault(name: str) -> None:
        if name == "user.createApiKey":
            assert process is not None
            os.kill(process.pid, number)
            time.sleep(0.2)
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    process = subprocess.Popen(
        [program, "orgs", "sync", "--yes"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == (
        f"{PLAN.format(url=panel.url)}"
        "dctx: finishing the key that is being made\n"
        f"Saved profile globex ({panel.url}, organization Globex).\n"
        "dctx: cancelled. 1 of 2 saved. Run it again for the rest.\n"
    )
    assert list(saved()) == ["acme", "globex"]
    assert len(panel.keys) == 4
    assert saved()["globex"]["keyId"] in ids(panel)


def test_sync_by_two_at_once_loses_nothing(panel: StandIn, acme: Path, saved: Saved) -> None:
    program = Path(sys.executable).with_name("dctx")
    panel.delay = 0.05
    both = [
        subprocess.Popen([program, "orgs", "sync", "--yes"], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for process in both:
        process.communicate(timeout=60)
    assert sorted(saved()) == ["acme", "globex", "initech"]
    kept = {entry["keyId"] for entry in saved().values() if "keyId" in entry}
    assert {row.id for row in panel.keys if row.name.startswith("dctx ")} == kept


def test_sync_with_a_protected_profiles_key_asks(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme={"organization": "Acme", "protected": True})
    ran = dctx("orgs", "sync", "--yes")
    assert ran.code == 6
    assert ran.err.endswith("To make 2 keys with its key, set DCTX_YES=acme\n")
    assert len(panel.keys) == 3


def test_redirect_while_a_key_is_made_sends_the_key_nowhere(
    dctx: Dctx, panel: StandIn, other: StandIn, acme: Path
) -> None:
    panel.redirect_to = other.url
    for argv in (
        ["orgs"],
        ["orgs", "add", "Globex"],
        ["orgs", "sync", "--yes"],
        ["rotate", "acme"],
    ):
        assert dctx(*argv).code == 5
    assert other.requests == ()


def test_help_has_examples(dctx: Dctx) -> None:
    for argv in (["orgs"], ["orgs", "list"], ["orgs", "add"], ["orgs", "sync"]):
        assert "Example" in dctx(*argv, "--help").out
        assert dctx("help", *argv).out == dctx(*argv, "--help").out
    ran = dctx("orgs", "mint")
    assert ran.code == 2
