"""A constant is changed in constants.py alone, and every hook, the shim and the core follow.

A `dctx` of this test's own changes the constants before anything else is imported, and writes
hooks and shim from them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import Shell
from ..terminal import Terminal

# NAME_MAX and SHOWN_MAX 64 → 14, seven days → forty, green → magenta; other names and sentences.
CHANGED = """#!{python}
import sys
from dokploy_ctx import constants as c
from dokploy_ctx.text import messages as m
c.SHOWN_MAX = c.NAME_MAX = 14
c.WARN_SECONDS = 40 * 86400
c.COLOURS["session"] = "35"
c.OWNED_BY_ROLE["org"] = "DCTX_TEAM"
c.OWNED = tuple(c.OWNED_BY_ROLE.values())
c.MEMORY, c.SAVED, c.SHOWN = "_DCTX_MEMO", "_DCTX_K_", "_DCTX_DRAWN"
c.SEGMENT = "DCTX_PLACE"
c.SCRUBBED = (c.MEMORY, c.SHOWN, c.ANSWERED, *(c.SAVED + n for n in c.OWNED), c.SEGMENT,
              c.SEGMENT_STATE)
m.SHELL["no_core"] = "dctx: where is %s?"
m.SHELL["no_cli"] = "dctx: where is dokploy?"
m.switched = lambda segment, url: f"Now at {{segment}}"
from dokploy_ctx.cli import main
sys.argv[0] = {program!r}
sys.exit(main())
"""
OLD_NAMES = ("_DCTX_SESSION", "_DCTX_S_", "_DCTX_SHOWN", "DCTX_ORG=", "DCTX_SEGMENT=")


@pytest.fixture
def changed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the data folder that the changed `dctx`, the first on PATH, wrote."""
    program = tmp_path / "own" / "dctx"
    program.parent.mkdir()
    program.write_text(CHANGED.format(python=sys.executable, program=str(program)))
    program.chmod(0o755)
    cli = program.with_name("dokploy")
    cli.write_text("#!/bin/sh\nexec env\n")
    cli.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    subprocess.run([program, "init", "sh"], check=True, capture_output=True)
    return home / ".local" / "share" / "dctx"


def in_days(days: int) -> str:
    """Return the time in so many days, as config.json has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))


def environment(shown: str) -> dict[str, str]:
    """Return what `env` printed."""
    return dict(line.partition("=")[::2] for line in shown.splitlines() if "=" in line)


def test_hooks_follow(
    shell: Shell, changed: Path, config: Any, terminal: Callable[..., Terminal]
) -> None:
    config(
        "prod",
        staging={"organization": {"id": "-o", "name": "Acme"}},
        soon={"expiresAt": in_days(30)},
        later={"expiresAt": in_days(50)},
    )
    subprocess.run(["dctx", "sync"], check=True)  # by the changed constants
    loaded = shell.source(changed / f"hook.{shell.dialect}")
    term = terminal(shell, hook=False, rc=[loaded], columns=200)
    term.line(shell.export("DCTX_TEAM", "mine"))
    for _ in range(2):  # the quick road is the second
        assert term.line("dctx staging") == "Now at staging:Acme"
        assert term.prompt == "(staging:Acme) READY> "
        assert term.colour("(staging:Acme)") == "magenta"
    found = environment(term.line("command env | grep DCTX"))
    assert found["DCTX_TEAM"] == "Acme"
    assert found["_DCTX_K_DCTX_TEAM"] == "mine"
    assert found["_DCTX_MEMO"].startswith("staging"), found
    assert found["DCTX_PLACE"] == "staging:Acme"
    # The shim follows, too: it takes away what only the session needs.
    command = environment(term.line("dokploy project all"))
    assert command["DOKPLOY_PROFILE"] == "staging"
    assert command["DCTX_TEAM"] == "Acme"
    assert not {"_DCTX_MEMO", "_DCTX_K_DCTX_TEAM", "DCTX_PLACE"} & set(command)
    assert term.line("dctx off").startswith("Back on")
    found = environment(term.line("command env | grep DCTX"))
    assert found["DCTX_TEAM"] == "mine"
    assert found["_DCTX_DRAWN"].endswith(":prod")
    assert not {"_DCTX_MEMO", "_DCTX_K_DCTX_TEAM"} & set(found)
    # Forty days instead of seven.
    term.line("dctx soon")
    assert term.prompt == "(soon!) READY> "
    term.line("dctx later")
    assert term.prompt == "(later) READY> "
    term.line("dctx off")
    # "env:" and ten characters may be shown.
    term.line(shell.export("DOKPLOY_API_KEY", "k"))
    term.line(shell.export("DOKPLOY_URL", "https://a.bc.test"))
    assert term.prompt == "(env:a.bc.test) READY> "
    term.line(shell.export("DOKPLOY_URL", "https://ab.cde.test"))
    assert term.prompt == "(?) READY> "


def test_shim_and_core_follow(
    shell: Shell, changed: Path, config: Any, home: Path, tmp_path: Path
) -> None:
    config(prod={"organization": {"id": "-o", "name": "Acme"}})
    subprocess.run(["dctx", "sync"], check=True)  # by the changed constants
    hook = changed / f"hook.{shell.dialect}"
    words = shell.run(shell.source(hook), "dctx prod", shell.environ, interactive=False)
    assert not [name for name in words.env if f"{name}=".startswith(OLD_NAMES)]
    (tmp_path / "own" / "dctx").rename(tmp_path / "own" / "away")
    gone = shell.run(shell.source(hook), "dctx nosuch", shell.show("?"))
    assert gone.vars["?"] != "0"
    # A hook's messages are broken where a terminal would do it.
    assert " ".join(gone.err.split()).endswith(f"dctx: where is {tmp_path / 'own' / 'dctx'}?")
    shim = changed / "shims" / "dokploy"
    (home / ".dokploy" / "config.json").write_text(json.dumps({"profiles": {}}))  # never compiled
    for environ, said in (
        ({"DOKPLOY_PROFILE": "x"}, f"dctx: where is {tmp_path / 'own' / 'dctx'}?\n"),
        ({"PATH": "/nonexistent"}, "dctx: where is dokploy?\n"),
    ):
        done = subprocess.run(
            ["/bin/sh", shim, "project", "all"], env={**os.environ, **environ},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.stderr == said
