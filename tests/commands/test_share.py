"""`dctx export` prints no secrets; `import` takes no commands and changes no URL of a key."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..alone import alone
from ..conftest import Result
from ..shells import BASH
from ..terminal import Terminal

Dctx = Callable[..., Result]
Config = Callable[..., Path]


def team(home: Path, **profiles: dict[str, Any]) -> str:
    """Write a file as it may come from somebody else."""
    path = home / "team.json"
    path.write_text(json.dumps({"profiles": profiles}), encoding="utf-8")
    return str(path)


def saved(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


# Export


def test_export_prints_url_organization_and_protection_only(dctx: Dctx, config: Config) -> None:
    config(
        extra={"secret": "SECRET"},
        prod={
            "url": "https://panel.example.com/",
            "token": "SECRET",
            "organization": {"id": "-x", "name": "Äcme", "note": "SECRET"},
            "protected": True,
            "keyId": "SECRET",
            "expiresAt": "2027-01-01T00:00:00Z",
            "refreshToken": "SECRET",
        },
        vault={"token": None, "tokenCommand": ["echo", "SECRET"]},
        ring={"token": None, "keyring": "SECRET", "protected": False, "organization": None},
    )
    ran = dctx("export")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == {
        "profiles": {
            "prod": {
                "url": "https://panel.example.com",
                "organization": {"id": "-x", "name": "Äcme"},
                "protected": True,
            },
            "vault": {"url": "https://vault.example.com"},
            "ring": {"url": "https://ring.example.com"},
        }
    }
    assert "SECRET" not in ran.out
    some = json.loads(dctx("export", "ring", "prod", "ring").out)
    assert list(some["profiles"]) == ["ring", "prod"]


def test_export_leaves_out_a_url_with_a_password(dctx: Dctx, config: Config) -> None:
    config("prod", foreign={"url": "https://user:SECRET@h.example.com"})
    ran = dctx("export")
    assert (ran.code, list(json.loads(ran.out)["profiles"])) == (0, ["prod"])
    assert ran.err.startswith('dctx: warning: left out: profile "foreign": ')
    assert "SECRET" not in ran.out + ran.err
    ran = dctx("export", "foreign")
    assert (ran.code, ran.out) == (4, "")
    assert "SECRET" not in ran.err


def test_export_of_nothing_and_of_nobody(dctx: Dctx, config: Config) -> None:
    assert json.loads(dctx("export").out) == {"profiles": {}}
    config("staging")
    ran = dctx("export", "stagng")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == 'dctx: profile "stagng" not found. Did you mean staging?\n'


def test_export_comes_back_whole(dctx: Dctx, config: Config, home: Path) -> None:
    config("plain", prod={"protected": True, "organization": {"id": "o", "name": "é\n \u202e"}})
    first = dctx("export").out
    (home / ".dokploy" / "config.json").unlink()
    assert dctx("import", "-", "--yes", stdin=first).code == 0
    assert dctx("export").out == first


def test_saved_access_travels_and_is_only_ever_added(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config("plain", shut={"access": "read-only", "protected": True})
    file = team(
        home,
        plain={"url": "https://plain.example.com", "access": "read-only"},
        shut={"url": "https://shut.example.com"},
        new={"url": "https://new.example.com", "access": "anything"},
    )
    ran = dctx("import", file, "--yes")
    assert ran.code == 0, ran.err
    assert "plain: becomes read-only" in ran.err
    assert "new: new profile, https://new.example.com, read-only, no key yet" in ran.err
    saved = json.loads(path.read_text())["profiles"]
    assert {name: row["access"] for name, row in saved.items()} == dict.fromkeys(saved, "read-only")
    shared = json.loads(dctx("export").out)["profiles"]
    assert {row["access"] for row in shared.values()} == {"read-only"}


# Import of a file


def test_import_shows_what_changes_and_saves_after_yes(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config("prod", extra={"theme": 1})
    file = team(
        home,
        prod={"url": "https://prod.example.com", "protected": True},
        new={"url": "https://new.example.com/", "organization": {"id": "n", "name": "New\x1b[31m"}},
        same={"url": "https://prod.example.com"},
    )
    before = path.read_bytes()
    ran = dctx("import", file)
    assert (ran.code, ran.out) == (2, "")
    shown = (
        "prod: becomes protected\n"
        "new: new profile, https://new.example.com, organization New[31m, no key yet\n"
        "same: new profile, https://prod.example.com, no key yet\n"
    )
    refused = (
        "dctx: nothing was changed, since there is no terminal to ask on. Run it with: --yes\n"
    )
    assert ran.err == shown + refused
    assert path.read_bytes() == before
    ran = dctx("import", file, "--yes")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == shown + (
        "Saved 3 profiles.\n"
        "new has no key yet. Run: dctx auth new\n"
        "same has no key yet. Run: dctx auth same\n"
    )
    assert saved(path) == {
        "currentProfile": "prod",
        "profiles": {
            "prod": {
                "url": "https://prod.example.com",
                "token": "key-of-prod",
                "protected": True,
            },
            "new": {
                "url": "https://new.example.com",
                "organization": {"id": "n", "name": "New\x1b[31m"},
            },
            "same": {"url": "https://prod.example.com"},
        },
        "theme": 1,
    }
    again = dctx("import", file)
    assert (again.code, again.err.splitlines()[-1]) == (0, "Nothing to change.")


def test_import_asks_on_a_terminal(
    terminal: Callable[..., Terminal], config: Config, home: Path
) -> None:
    path = config("prod")
    file = team(home, new={"url": "https://new.example.com"})
    term = terminal(BASH)
    for answer, names in (("n", ["prod"]), ("", ["prod"]), ("y", ["prod", "new"])):
        term.type(f"dctx import {file}\r")
        term.wait(
            lambda: term.typed.endswith("Import 1 profile? [y/N]: ") or "[y/N]: " in term.prompt
        )
        term.key(f"{answer}\r")
        term.line("clear")
        assert list(saved(path)["profiles"]) == names


KEYS: dict[str, dict[str, Any]] = {
    "token": {"token": "mine"},
    "tokenCommand": {"token": None, "tokenCommand": ["pass", "show", "x"]},
    "keyring": {"token": None, "keyring": "prod-1"},
}


@pytest.mark.parametrize("kind", KEYS)
def test_import_never_moves_a_key_to_another_server(
    dctx: Dctx, config: Config, home: Path, kind: str
) -> None:
    path = config(prod=KEYS[kind])
    before = saved(path)
    evil = {
        "url": "https://evil.example.com",
        "token": "theirs",
        "organization": {"id": "e", "name": "Evil"},
        "protected": True,
    }
    ran = dctx("import", team(home, prod=evil), "--yes")
    assert ran.code == 0
    assert ran.err.splitlines()[0] == (
        "prod: becomes protected, its key stays with https://prod.example.com, so the file's "
        "https://evil.example.com was ignored. "
        "To use that URL, run: dctx auth prod -u https://evil.example.com"
    )
    before["profiles"]["prod"]["protected"] = True
    assert saved(path) == before


def test_import_never_takes_commands_keyrings_or_what_it_does_not_know(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config("prod", empty={"token": None})
    theirs = {
        "url": "https://x.example.com",
        "tokenCommand": ["touch", str(home / "ran")],
        "keyring": "prod",
        "editor": "vi",
    }
    same = {**theirs, "url": "https://prod.example.com"}
    ran = dctx("import", team(home, x=theirs, empty=theirs, prod=same), "--yes")
    assert ran.code == 0
    assert saved(path)["profiles"] == {
        "prod": {"url": "https://prod.example.com", "token": "key-of-prod"},
        "empty": {"url": "https://x.example.com"},
        "x": {"url": "https://x.example.com"},
    }
    assert not (home / "ran").exists()


def test_import_gives_a_key_only_where_there_is_none(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config("prod", empty={"token": None, "color": "red"})
    ran = dctx(
        "import",
        team(
            home,
            prod={"url": "https://prod.example.com", "token": "theirs"},
            empty={"url": "https://empty.example.com", "token": "theirs", "keyId": "k"},
            new={"url": "https://new.example.com", "token": "theirs", "expiresAt": "2027-01-01"},
        ),
        "--yes",
    )
    assert ran.code == 0
    assert "prod: keeps its own key\n" in ran.err
    assert "theirs" not in ran.err
    rows = saved(path)["profiles"]
    assert rows["prod"]["token"] == "key-of-prod"
    assert rows["empty"] == {
        "url": "https://empty.example.com",
        "color": "red",
        "token": "theirs",
        "keyId": "k",
    }
    assert rows["new"]["expiresAt"] == "2027-01-01"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_import_adds_protection_and_never_takes_it_off(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config("b", a={"protected": True})
    url = {name: {"url": f"https://{name}.example.com"} for name in "ab"}
    for value in (False, None):
        file = team(home, a={**url["a"], "protected": value}, b={**url["b"], "protected": value})
        assert dctx("import", file, "--yes").code == 0
        assert saved(path)["profiles"]["a"]["protected"] is True
        assert "protected" not in saved(path)["profiles"]["b"]
    assert dctx("import", team(home, b={**url["b"], "protected": True}), "--yes").code == 0
    assert saved(path)["profiles"]["b"]["protected"] is True


CHANGES: dict[str, dict[str, Any]] = {
    "another url": {"url": "https://evil.example.com"},
    "a key": {"url": "https://prod.example.com", "token": "theirs"},
    "an organization": {"url": "https://prod.example.com", "organization": {"id": "e"}},
}


@pytest.mark.parametrize("what", CHANGES)
def test_import_changes_no_protected_profile_without_its_name(
    dctx: Dctx, config: Config, home: Path, what: str
) -> None:
    path = config("a", prod={"token": None, "protected": True})
    before = path.read_bytes()
    file = team(home, prod=CHANGES[what], new={"url": "https://new.example.com"})
    for env in ({}, {"DCTX_YES": "a"}, {"DCTX_YES": "new"}):
        ran = dctx("import", file, "--yes", env=env)
        assert (ran.code, ran.out) == (6, "")
        assert ran.err.splitlines()[-1] == (
            "dctx: prod is protected and there is no terminal to ask on, so nothing was done. "
            "To change it, set DCTX_YES=prod"
        )
        assert path.read_bytes() == before
    assert dctx("import", file, "--yes", env={"DCTX_YES": "prod"}).code == 0
    rows = saved(path)["profiles"]
    assert rows["prod"] == {"protected": True, **CHANGES[what]}
    assert "new" in rows


def test_import_asks_for_no_name_where_a_protected_profile_stays_as_it_is(
    dctx: Dctx, config: Config, home: Path
) -> None:
    path = config(prod={"protected": True}, b={})
    before = saved(path)["profiles"]
    theirs = {"url": "https://evil.example.com", "token": "theirs"}
    new = {"url": "https://new.example.com", "protected": True}
    b = {"url": "https://b.example.com", "protected": True}
    ran = dctx("import", team(home, prod=theirs, b=b, new=new), "--yes")
    assert ran.code == 0, ran.err
    assert saved(path)["profiles"] == {
        **before,
        "b": {**before["b"], "protected": True},
        "new": new,
    }


def test_import_takes_the_name_of_a_protected_profile_after_the_yes(
    terminal: Callable[..., Terminal], config: Config, home: Path
) -> None:
    path = config(prod={"token": None, "protected": True})
    before = path.read_bytes()
    file = team(home, prod={"url": "https://other.example.com"})
    term = terminal(BASH)
    for answer, code in (("prd", "6"), ("prod", "0")):
        term.type(f"dctx import {file}\r")
        term.wait(lambda: "Import 1 profile? [y/N]:" in term.screen)
        assert path.read_bytes() == before
        term.type("y\r")
        term.wait(lambda: 'Type "prod" to change it:' in term.screen)
        assert path.read_bytes() == before
        term.key(f"{answer}\r")
        assert term.line("echo $?") == code
        term.line("clear")
    assert saved(path)["profiles"]["prod"]["url"] == "https://other.example.com"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "reserved": ({"list": {"url": "https://x.example.com"}}, "is a command of dctx"),
    "characters": ({"a b": {"url": "https://x.example.com"}}, "cannot be a profile's name"),
    "path": ({"../x": {"url": "https://x.example.com"}}, "cannot be a profile's name"),
    "escape": ({"\x1b[2J": {"url": "https://x.example.com"}}, "cannot be a profile's name"),
    "only by case": ({"PROD": {"url": "https://x.example.com"}}, "differs by case alone"),
    "by case among them": (
        {"n": {"url": "https://n.example.com"}, "N": {"url": "https://n.example.com"}},
        "differs by case alone",
    ),
    "no url": ({"n": {}}, "has no URL in the file"),
    "not a url": ({"n": {"url": "n.example.com"}}, "is not a URL"),
    "a password": ({"n": {"url": "https://u:SECRET@n.example.com"}}, "a user or password"),
}


@pytest.mark.parametrize("kind", BAD)
def test_import_of_one_bad_profile_saves_none(
    dctx: Dctx, config: Config, home: Path, kind: str
) -> None:
    path = config("prod")
    before = path.read_bytes()
    rows, says = BAD[kind]
    ran = dctx("import", team(home, good={"url": "https://good.example.com"}, **rows), "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert "\x1b" not in ran.err
    assert "SECRET" not in ran.err
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", '{"profiles": {"a": 1}}', "{", '{"profiles": []}'])
def test_import_of_a_damaged_file_is_exit_4(
    dctx: Dctx, config: Config, home: Path, text: str
) -> None:
    path = config("prod")
    before = path.read_bytes()
    (home / "team.json").write_text(text)
    for words, stdin, what in (
        (("import", "team.json"), "", "team.json"),
        (("import", "-"), text, "the file on stdin"),
    ):
        ran = dctx(*words, "--yes", stdin=stdin)
        assert (ran.code, ran.out) == (4, "")
        assert ran.err.startswith(f"dctx: {what} is ")
        assert "(line 1, column " in ran.err
        assert ran.err.count("\n") == 1
    assert path.read_bytes() == before
    ran = dctx("import", "nosuch.json")
    assert (ran.code, ran.err) == (
        1,
        "dctx: cannot read nosuch.json: No such file or directory. Check the path.\n",
    )


def test_import_of_something_else_says_what_an_import_takes(dctx: Dctx, tmp_path: Path) -> None:
    other = tmp_path / "bashrc"
    other.write_text("alias ll='ls -l'\n")
    ran = dctx("import", str(other))
    assert ran.code == 4
    assert ran.err.endswith("Nothing was changed. Use a file that dctx export wrote.\n")


def test_first_import_brings_a_default_only_with_a_key(dctx: Dctx, home: Path) -> None:
    path = home / ".dokploy" / "config.json"
    url = "https://x.example.com"
    assert dctx("import", team(home, a={"url": url}, b={"url": url}), "--yes").code == 0
    assert "currentProfile" not in saved(path)
    path.unlink()
    whole: dict[str, Any] = {
        "currentProfile": "b",
        "profiles": {n: {"url": url, "token": "their-key"} for n in "ab"},
    }
    ran = dctx("import", "-", "--yes", stdin=json.dumps(whole))
    assert ran.err.splitlines()[-1] == "Saved 2 profiles. b is now the default."
    assert saved(path)["currentProfile"] == "b"
    whole["currentProfile"] = "c"
    whole["profiles"] = {"c": {"url": url, "token": "their-key"}}
    assert dctx("import", "-", "--yes", stdin=json.dumps(whole)).code == 0
    assert saved(path)["currentProfile"] == "b"


def test_import_of_plain_http_abroad_warns(dctx: Dctx, home: Path) -> None:
    ran = dctx("import", team(home, a={"url": "http://h.example.com"}), "--yes")
    assert "dctx: warning: a uses http, so its API key is sent unencrypted\n" in ran.err


# Import of what the official CLI saved


def legacy(private_cli: Path, url: str = "https://old.example.com", token: str = "old-key") -> Path:
    path = private_cli / "config.json"
    path.write_text(json.dumps({"url": url, "token": token}))
    return path


def test_import_without_file_takes_what_the_official_cli_saved(
    dctx: Dctx, private_cli: Path, home: Path, data_home: Path
) -> None:
    file = legacy(private_cli, "https://old.example.com/")
    # The shim is not the CLI, so the search goes on.
    path = f"{data_home / 'shims'}{os.pathsep}{os.environ['PATH']}"
    ran = dctx("import", "--yes", env={"PATH": path})
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"The official CLI saved: {file}\n"
        "default: new profile, https://old.example.com, with its key\n"
        "Saved 1 profile. default is now the default.\n"
    )
    config = home / ".dokploy" / "config.json"
    assert saved(config) == {
        "profiles": {"default": {"url": "https://old.example.com", "token": "old-key"}},
        "currentProfile": "default",
    }
    legacy(private_cli, "https://other.example.com", "second-key")
    before = config.read_bytes()
    ran = dctx("import", "--yes")
    assert ran.code == 0
    assert "its key stays with https://old.example.com" in ran.err
    assert config.read_bytes() == before
    assert dctx("import", "--yes", "--as", "other").code == 0
    assert saved(config)["profiles"]["other"]["token"] == "second-key"
    assert saved(config)["currentProfile"] == "default"


def test_import_without_file_asks_the_panel_only_when_told(
    dctx: Dctx, private_cli: Path, panel: StandIn, home: Path
) -> None:
    legacy(private_cli, panel.url, panel.key_of("Globex"))
    config = home / ".dokploy" / "config.json"
    assert dctx("import", "--yes").code == 0
    assert panel.requests == ()
    assert "organization" not in saved(config)["profiles"]["default"]
    assert dctx("import", "--yes", "--check", "--as", "globex").code == 0
    assert saved(config)["profiles"]["globex"]["organization"]["name"] == "Globex"
    legacy(private_cli, panel.url, "refused-key")
    before = config.read_bytes()
    ran = dctx("import", "--yes", "--check", "--as", "new")
    assert (ran.code, ran.out) == (5, "")
    assert "refused-key" not in ran.err
    assert config.read_bytes() == before


def test_import_without_file_says_what_is_missing(dctx: Dctx, private_cli: Path) -> None:
    file = private_cli / "config.json"
    ran = dctx("import", "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"dctx: the official CLI has saved nothing (no {file}). Run: dctx auth NAME -u URL\n"
    )
    for text in ("{", "[]", '{"url": "https://x"}', '{"url": 1, "token": 2}'):
        file.write_text(text)
        ran = dctx("import", "--yes")
        assert (ran.code, ran.out) == (4, "")
        assert ran.err.count("\n") == 1
    ran = dctx("import", env={"PATH": "/usr/bin:/bin"})
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "dctx: the official CLI is not on PATH. Run: dctx import FILE\n"
    ran = dctx("import", "x.json", "--as", "y")
    assert (ran.code, ran.err) == (
        2,
        "dctx: --as and --check cannot be used with FILE. Leave them out.\n",
    )


def test_import_finds_the_package_behind_a_script(
    dctx: Dctx, private_cli: Path, tmp_path: Path
) -> None:
    """pnpm installs a script instead of a link."""
    legacy(private_cli)
    folder = tmp_path / "pnpm"
    folder.mkdir()
    script = folder / "dokploy"
    below = os.path.relpath(private_cli, folder)
    script.write_text(f'#!/bin/sh\nexec node  "$basedir/{below}/dist/index.js" "$@"\n')
    script.chmod(0o755)
    ran = dctx("import", "--yes", env={"PATH": f"{folder}:{os.environ['PATH']}"})
    assert ran.code == 0
    assert str(private_cli) in ran.err


# A team file and one key.


def test_a_team_file_and_one_key_are_all_that_is_needed(
    dctx: Dctx, panel: StandIn, home: Path
) -> None:
    path = home / ".dokploy" / "config.json"
    names = {"acme": "Acme", "globex": "Globex", "initech": "Initech"}
    profiles: dict[str, dict[str, Any]] = {
        name: {"url": panel.url, "organization": {"id": panel.organization(o).id, "name": o}}
        for name, o in names.items()
    }
    profiles["globex"]["protected"] = True
    profiles["new"] = {"url": panel.url}
    ran = dctx("import", team(home, **profiles), "--yes")
    assert ran.err.splitlines()[-4:] == [
        "Saved 4 profiles.",
        "acme has no key yet. Run: dctx auth acme",
        (
            "globex, initech have no key yet. When acme has its key, run: "
            "dctx orgs sync --profile acme"
        ),
        "new has no key yet. Run: dctx auth new",
    ]
    assert dctx("auth", "acme", "-t", "-", stdin=panel.key_of("Acme")).code == 0
    marked = dctx("orgs", "--profile", "acme")
    assert [line.split()[-3:] for line in marked.out.splitlines()[1:]] == [
        ["globex", "(no", "key)"],
        ["initech", "(no", "key)"],
    ]
    assert marked.err == ("Profile new has neither a key nor an organization. Run: dctx auth new\n")
    found = json.loads(dctx("orgs", "--profile", "acme", "--json").out)
    assert [row["withoutKey"] for row in found] == [[], ["globex"], ["initech"]]
    ran = dctx("orgs", "sync", "--profile", "acme", "--yes")
    assert (ran.code, ran.err.splitlines()[1:]) == (
        0,
        [
            f"2 keys to make on {panel.url}:",
            "  globex   Globex, has no key yet",
            "  initech  Initech, has no key yet",
            f"Saved a key for globex ({panel.url}, organization Globex).",
            f"Saved a key for initech ({panel.url}, organization Initech).",
        ],
    )
    assert "old" not in ran.err
    now = saved(path)["profiles"]
    assert list(now) == ["acme", "globex", "initech", "new"]
    assert all(now[name]["token"] and now[name]["keyId"] for name in ("globex", "initech"))
    assert now["globex"]["protected"] is True
    ran = dctx("orgs", "sync", "--profile", "acme", "--yes")
    assert ran.err.splitlines()[-1] == "Every organization has a profile with a key."
    assert dctx("verify", "acme", "globex", "initech").code == 0


def test_with_a_key_on_that_panel_an_import_leads_to_sync(
    dctx: Dctx, panel: StandIn, config: Config, home: Path
) -> None:
    config(acme={"url": panel.url, "token": panel.key_of("Acme")})
    globex = panel.organization("Globex")
    entry = {"url": panel.url, "organization": {"id": globex.id, "name": "Globex"}}
    ran = dctx("import", team(home, globex=entry), "--yes")
    hint = "dctx orgs sync --profile acme"
    assert ran.err.splitlines()[-1] == f"globex has no key yet. Run: {hint}"
    assert dctx(*hint.split()[1:], "--yes").code == 0
    assert dctx("verify", "globex").code == 0


@pytest.mark.parametrize("more", [[], ["--as", "g"]], ids=["suggested", "named"])
def test_orgs_add_fills_a_profile_without_a_key(
    dctx: Dctx, panel: StandIn, config: Config, more: list[str]
) -> None:
    globex = panel.organization("Globex")
    entry = {"url": panel.url, "organization": {"id": globex.id, "name": "Globex"}, "token": None}
    path = config(acme={"url": panel.url, "token": panel.key_of("Acme")}, g=entry)
    ran = dctx("orgs", "add", "Globex", *more)
    assert (ran.code, ran.err) == (
        0,
        f"Saved a key for g ({panel.url}, organization Globex).\n",
    )
    assert list(saved(path)["profiles"]) == ["acme", "g"]


def test_rotate_of_a_profile_without_a_key_says_how_to_get_a_key(
    dctx: Dctx, panel: StandIn, config: Config
) -> None:
    globex = panel.organization("Globex")
    entry = {"url": panel.url, "organization": {"id": globex.id, "name": "Globex"}, "token": None}
    config(acme={"url": panel.url, "token": panel.key_of("Acme")}, g=entry)
    ran = dctx("rotate", "g")
    assert (ran.code, ran.err) == (
        1,
        "dctx: g has no key yet. Run: dctx rotate g --profile acme\n",
    )
    ran = dctx("rotate", "g", "--profile", "acme")
    assert (ran.code, ran.err) == (0, "Saved a key for g.\n")
    assert len(panel.keys) == 4
    assert dctx("verify", "g").code == 0


# The file on stdin.


def test_import_reads_a_file_on_stdin(home: Path) -> None:
    file = team(home, new={"url": "https://new.example.com"})
    ran = alone("bash", "-c", f"dctx import < {file}")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        2,
        (
            "dctx: nothing was changed, since stdin is the file. Run it with: --yes, or: "
            "dctx import FILE"
        ),
    )
    ran = alone("bash", "-c", f"dctx import --yes < {file}")
    assert ran.code == 0
    assert list(saved(home / ".dokploy" / "config.json")["profiles"]) == ["new"]
