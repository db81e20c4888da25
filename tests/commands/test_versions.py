"""Every command that talks to a panel, on each version of it, and in how many requests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn
from tests.standin.versions import PLAYED

from . import in_process
from .conftest import procedures, profiles

WHO = "user.get,organization.all"
MAKE = ["user.createApiKey", WHO]
# The procedures that each command calls, which are the same on every version.
ASKED: dict[str, tuple[list[str], list[str]]] = {
    "auth": (["auth", "new", "-u", "URL", "-t", "KEY"], [WHO]),
    "verify": (["verify"], [WHO]),
    "verify, two profiles with one key": (["verify", "acme", "twin"], [WHO]),
    "verify --all": (["verify", "--all"], [WHO, WHO]),
    "orgs": (["orgs"], [WHO]),
    "orgs add": (["orgs", "add", "Initech"], [WHO, *MAKE]),
    "orgs add --as a command": (["orgs", "add", "Initech", "--as", "list"], []),
    "orgs add --as one that is there": (["orgs", "add", "Initech", "--as", "globex"], []),
    "orgs sync": (["orgs", "sync", "--yes"], [WHO, *MAKE]),
    "rotate": (["rotate", "globex"], [WHO, *MAKE, "user.deleteApiKey"]),
    "rotate --profile": (
        ["rotate", "globex", "--profile", "acme"],
        [WHO, *MAKE, "user.deleteApiKey"],
    ),
    "remove": (["remove", "globex"], []),
    "remove --revoke": (["remove", "globex", "--revoke"], ["user.deleteApiKey"]),
    "doctor": (["doctor"], ["settings.health"]),
}


def save(panel: StandIn, config: Callable[..., Path]) -> None:
    """Save acme and twin, which have a pasted key, and globex, whose key dctx made."""
    rows: dict[str, Any] = {}
    for name, organization in (("acme", "Acme"), ("globex", "Globex"), ("twin", "Acme")):
        row = panel.organization(organization)
        key = next(key for key in panel.keys if key.organization_id == row.id)
        rows[name] = {
            "url": panel.url,
            "token": key.key,
            "organization": {"id": row.id, "name": row.name},
            **({"keyId": key.id} if name == "globex" else {}),
        }
    config(**rows)


@pytest.mark.parametrize("version", PLAYED)
@pytest.mark.parametrize("command", ASKED)
def test_command_on_each_version(
    config: Callable[..., Path], home: Path, version: str, command: str
) -> None:
    argv, asked = ASKED[command]
    with StandIn.seeded(version=version) as panel:
        save(panel, config)
        given = {"URL": panel.url, "KEY": panel.key_of("Initech")}
        ran = in_process.run(*(given.get(word, word) for word in argv))
        assert procedures(panel) == asked
        assert ran.code == {"doctor": 1}.get(command, 0 if asked or command == "remove" else 2)
        if asked:
            assert {seen.headers["accept"] for seen in panel.requests} == {"application/json"}
        for entry in profiles(home).values():
            assert entry["token"] in {row.key for row in panel.keys}
        assert in_process.run("verify", "--all").code == 0


@pytest.mark.parametrize("command", [c for c, (_, asked) in ASKED.items() if WHO in asked])
def test_panel_that_is_too_old_is_named_with_the_version_that_is_needed(
    config: Callable[..., Path], home: Path, command: str
) -> None:
    argv, _ = ASKED[command]
    with StandIn.seeded(version="v0.18.4") as panel:
        save(panel, config)
        before = profiles(home)
        given = {"URL": panel.url, "KEY": panel.key_of("Initech")}
        ran = in_process.run(*(given.get(word, word) for word in argv))
        assert ran.code == 5
        words = f"{panel.url} runs Dokploy older than v0.19.0; dctx needs v0.19.0 or newer."
        assert f"{words} Update the panel." in ran.out + ran.err
        assert profiles(home) == before


def test_version_is_told_where_the_panel_tells_it(
    config: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a panel that has keys, and not what is asked for."""
    from tests.standin import versions

    monkeypatch.setitem(versions.SINCE, "organization.all", (0, 99, 0))
    with StandIn.seeded(version="v0.19.0") as panel:
        save(panel, config)
        ran = in_process.run("orgs")
        assert ran.err == (
            f"dctx: {panel.url} runs Dokploy v0.19.0; dctx needs v0.19.0 or newer. "
            "Update the panel.\n"
        )


@pytest.mark.parametrize("version", PLAYED)
def test_roles_are_shown_where_the_panel_tells_them(
    config: Callable[..., Path], version: str
) -> None:
    with StandIn.seeded(version=version) as panel:
        save(panel, config)
        ran = in_process.run("orgs")
        lines = [line.split() for line in ran.out.splitlines()]
        assert lines[0][:4] == ["*", "Acme", panel.organization("Acme").id, "owner"]
        told = version != "v0.19.0"
        assert lines[1][:3] == [
            "Globex",
            panel.organization("Globex").id,
            ["globex", "owner"][told],
        ]
