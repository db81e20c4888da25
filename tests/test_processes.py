"""Start-up, prompt, switch, off and Tab start no process (design.md, "Speed"). Linux: strace."""

from __future__ import annotations

import copy
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .shells import FISH, Shell
from .terminal import CTRL_U, ENTER, TAB, Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace exists for Linux only")

STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve"]
STARTED = re.compile(r"\b(clone|clone3|fork|vfork|execve)\(")


def traced(shell: Shell, log: Path) -> Shell:
    """Return `shell` as strace runs it, with what it starts noted in `log`."""
    under = copy.copy(shell)
    under.command = [*STRACE, "-o", str(log), *shell.command]
    return under


def started(log: Path) -> list[str]:
    """Return the noted calls that start a process; threads of the shell's own are none."""
    return [
        line
        for line in log.read_text().splitlines()
        if STARTED.search(line) and "CLONE_THREAD" not in line and "ENOENT" not in line
    ]


def settle(path: Path) -> None:
    """Make config.json older than this second, as it is for a user (bash 3.2 counts seconds)."""
    os.utime(path, (1_700_000_000, 1_700_000_000))


def test_strace_sees_a_process(shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    traced(shell, log).run("/bin/true")
    assert len(started(log)) >= 3  # the shell itself, its child, and the child's program


def test_script_starts_nothing(
    shell: Shell, config: Any, loaded: str, dctx: Callable[..., Any], tmp_path: Path
) -> None:
    path = config(
        prod={"protected": True},
        staging={"organization": {"id": "x", "name": "Acme"}},
        due={"expiresAt": "2020-01-01T00:00:00Z"},
    )
    settle(path)
    assert dctx("sync").code == 0
    (tmp_path / "home" / ".env").write_text("A=1\n" * 50)
    log = tmp_path / "log"
    # fish's stock prompt runs git.
    quiet = ["function fish_prompt; end"] if shell is FISH else []
    if shell is FISH:
        shell.run(*quiet, shell.prompt)  # its first prompt in a HOME makes folders by mkdir
    ran = traced(shell, log).run(
        *quiet,
        loaded,
        *[shell.prompt] * 2,
        "dctx staging",
        *[shell.prompt] * 2,
        "dctx prod",
        shell.prompt,
        "dctx -",
        "dctx due",
        shell.prompt,
        shell.export("DOKPLOY_API_KEY", "by-hand"),
        shell.prompt,
        "dctx off",
        shell.prompt,
        shell.show("?", "DCTX_SEGMENT"),
        interactive=shell is not FISH,
    )
    assert ran.vars["DCTX_SEGMENT"] == "prod"
    assert len(started(log)) == 1  # the shell itself


def test_terminal_starts_nothing(
    shell: Shell,
    config: Any,
    loaded: str,
    dctx: Callable[..., Any],
    tmp_path: Path,
    terminal: Callable[..., Terminal],
) -> None:
    settle(config("prod", "staging-one", "staging-two"))
    assert dctx("sync").code == 0
    log = tmp_path / "log"
    compinit = ["autoload -Uz compinit; compinit -D"] if shell.dialect == "zsh" else []
    term = terminal(traced(shell, log), hook=False, rc=[*compinit, loaded])
    before = len(started(log))
    term.type("dctx staging-t" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx staging-two", "the name completed")
    term.key(ENTER)
    assert term.prompt.startswith("(staging-two) ")
    term.line("cd /")
    term.line("dctx prod")
    term.type("dctx use s" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx use staging-", "the common part completed")
    term.type(CTRL_U)
    term.wait(lambda: term.typed == "", "an empty line")
    term.line("dctx off")
    assert term.prompt.startswith("~(prod) ")
    assert started(log)[before:] == []
