"""The commands of Dokploy/cli issue 44 work with today's official CLI."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..shells import DASH, Shell


@pytest.fixture
def shim(data_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the shim first on PATH, as the hook and `dctx init sh` do."""
    monkeypatch.setenv("PATH", f"{data_home / 'shims'}{os.pathsep}{os.environ['PATH']}")


def name_of(out: str) -> str:
    """Return the organization's name in what `dokploy organization active` printed."""
    return str(json.loads(out)["name"])


def test_every_command_of_the_issue(
    any_shell: Shell, shim: None, home: Path, official_cli: Path
) -> None:
    with StandIn.seeded() as one, StandIn.seeded() as two:
        acme, globex = one.key_of("Acme"), two.key_of("Globex")

        def run(*lines: str) -> tuple[int, str, str]:
            ran = any_shell.run(*lines)
            return ran.code, ran.out, ran.err

        code, out, err = run(f"dokploy auth --profile prod -u {one.url} -t {acme}")
        assert (code, out) == (0, "")
        assert f"Saved profile prod ({one.url}, organization Acme). It is now the default.\n" in err
        assert run(f"dokploy auth --profile staging -u {two.url} -t {globex}")[0] == 0
        saved = json.loads((home / ".dokploy" / "config.json").read_text())
        assert saved["currentProfile"] == "prod"
        assert saved["profiles"]["staging"]["url"] == two.url
        assert saved["profiles"]["staging"]["token"] == globex
        code, out, err = run("dokploy profiles list")
        assert (code, err) == (0, "")
        assert out == f"* prod       {one.url}  Acme\n  staging    {two.url}  Globex\n"
        assert run("dokploy profiles current") == (0, "prod\n", "")
        ask = "organization active"
        assert name_of(run(f"dokploy {ask}")[1]) == "Acme"
        assert name_of(run(f"dokploy --profile staging {ask}")[1]) == "Globex"
        assert name_of(run(f"dokploy {ask} --profile=staging")[1]) == "Globex"
        assert (
            name_of(run(any_shell.export("DOKPLOY_PROFILE", "staging"), f"dokploy {ask}")[1])
            == "Globex"
        )
        assert run("dokploy profiles use staging")[:2] == (0, "")
        assert run("dokploy profiles current") == (0, "staging\n", "")
        assert name_of(run(f"dokploy {ask}")[1]) == "Globex"
        assert run("dokploy profiles remove staging")[0] == 0
        assert run("dokploy profiles current")[0] == 1
        assert run("dokploy profiles use nosuch")[0] == 3
        assert run(f"dokploy auth -u {two.url} -t {globex}")[0] == 0
        assert run("dokploy profiles current") == (0, "default\n", "")


def test_make_and_scripts_follow(shim: None, home: Path, official_cli: Path, dctx: object) -> None:
    from ..shells import DASH

    with StandIn.seeded() as panel:
        key = panel.key_of("Globex")
        (home / "Makefile").write_text("all:\n\t@dokploy organization active\n")
        (home / "script").write_text("#!/bin/sh\nexec make -s\n")
        (home / "script").chmod(0o755)
        ran = DASH.run(f"dokploy auth --profile p -u {panel.url} -t {key}", "./script")
        assert name_of(ran.out) == "Globex"


def test_legacy_file_is_left_to_the_cli(
    data_home: Path, private_cli: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ..shells import DASH

    with StandIn.seeded() as panel:
        legacy = {"url": panel.url, "token": panel.key_of("Initech")}
        (private_cli / "config.json").write_text(json.dumps(legacy))
        monkeypatch.setenv("PATH", f"{data_home / 'shims'}{os.pathsep}{os.environ['PATH']}")
        ran = DASH.run("dokploy organization active")
        assert name_of(ran.out) == "Initech"
        # A profile wins over it, and `remove` brings it back: nothing of it was touched.
        key = panel.key_of("Acme")
        assert DASH.run(f"dokploy auth --profile p -u {panel.url} -t {key}").code == 0
        assert name_of(DASH.run("dokploy organization active").out) == "Acme"
        shutil.rmtree(home / ".dokploy")
        assert name_of(DASH.run("dokploy organization active").out) == "Initech"
        assert json.loads((private_cli / "config.json").read_text()) == legacy


def test_no_cli_is_127_with_the_install_line(data_home: Path, home: Path) -> None:
    from ..shells import DASH

    path = f"{data_home / 'shims'}:/usr/bin:/bin"
    ran = DASH.run("dokploy project all", env={"PATH": path})
    assert (ran.code, ran.out) == (127, "")
    assert ran.err == "dctx: no dokploy command is on PATH. Run: npm install -g @dokploy/cli\n"


def test_help_names_the_profiles(shim: None, official_cli: Path) -> None:
    from ..shells import DASH

    for words in ("", "--help"):
        ran = DASH.run(f"dokploy {words}")
        assert ran.code == 0
        assert "Dokploy CLI - Manage your Dokploy server" in ran.out
        assert ran.out.endswith("see dctx --help\n")
    assert DASH.run("dokploy --version").out.strip().count(".") == 2


def test_no_default_with_profiles_is_said_before_the_clis_own_words(
    private_cli: Path, shim: None, config: Callable[..., Path]
) -> None:
    path = config("staging", current=None)
    ran = DASH.run("dokploy organization active")
    assert ran.err.splitlines()[0] == (
        "dctx: no profile is active, and there is no default. Run: dctx NAME, or: dctx use NAME"
    )
    assert "No configuration found" in ran.out + ran.err
    # What the CLI's own `auth` saved is a default, too; and without profiles there is none to name.
    with StandIn.seeded() as panel:
        legacy = private_cli / "config.json"
        legacy.write_text(json.dumps({"url": panel.url, "token": panel.key_of("Acme")}))
        ran = DASH.run("dokploy organization active")
        assert (name_of(ran.out), ran.err) == ("Acme", "")
        legacy.unlink()
    path.write_text(json.dumps({"profiles": {}}))
    assert "dctx" not in DASH.run("dokploy organization active").err
