"""`dctx` alone: the picker by the real fzf, and the list where there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import BUILD
from .shells import Shell
from .terminal import DOWN, ENTER, ESCAPE, Terminal

URL = "https://{}.example.com"


@pytest.fixture
def profiles(config: Any, dctx: Callable[..., Any]) -> Path:
    """Three profiles, two with an organization."""
    path: Path = config(
        prod={"organization": {"id": "x", "name": "Acme"}},
        staging={"organization": {"id": "y", "name": "Globex & Söhne"}},
        spare={},
    )
    assert dctx("sync").code == 0
    return path


def status(shell: Shell) -> str:
    return "echo $status" if shell.dialect == "fish" else "echo $?"


def picking(term: Terminal) -> list[str]:
    """Type `dctx`, wait for the picker, return its rows from the top."""
    term.line("clear")
    term.type("dctx" + ENTER)

    def rows() -> list[str]:
        below = term.screen.partition("3/3")[2].splitlines()[1:]
        return [row.lstrip(" >*").strip() for row in below if row.strip()]

    # fzf draws the count first and its rows after it.
    term.wait(lambda: len(rows()) == 3, "the picker")
    return rows()


def test_enter_switches(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    assert term.prompt == "~(prod:Acme) READY> "
    rows = picking(term)
    assert [row.split()[0] for row in rows] == ["prod", "staging", "spare"]
    assert [row.split()[1] for row in rows] == [
        URL.format(name) for name in ("prod", "staging", "spare")
    ]
    assert "Acme" in rows[0] and "Globex" in rows[1]
    assert "* prod" in term.screen  # in force here
    term.type(DOWN)
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")
    assert term.line(status(shell)) == "0"
    assert term.line("echo $DOKPLOY_URL") == URL.format("staging")


def test_previous_one_first_and_words_filter(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.line("dctx spare")
    term.line("dctx prod")
    rows = picking(term)
    assert [row.split()[0] for row in rows] == ["spare", "prod", "staging"]
    assert "* prod" in term.screen
    term.key(ENTER)
    assert term.prompt == "(spare) READY> "
    term.line("dctx -")
    assert term.prompt == "(prod:Acme) READY> "
    picking(term)
    term.type("globex")  # an organization's name finds it, too
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")


@pytest.mark.parametrize("key", [ESCAPE, "\x03"], ids=["escape", "ctrl-c"])
def test_leaving_changes_nothing(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], key: str
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.line("dctx spare")
    term.line("dctx prod")
    picking(term)
    term.key(key)
    assert term.prompt == "(prod:Acme) READY> "
    assert term.line(status(shell)) == "130"
    assert term.line("echo $DOKPLOY_URL") == URL.format("prod")
    term.line("dctx -")
    assert term.prompt == "(spare) READY> "


@pytest.mark.parametrize("why", ["DCTX_NO_FZF", "no fzf", "pipe", "stdin"])
def test_list_instead(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], why: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    env, line = {}, "dctx"
    if why == "DCTX_NO_FZF":
        env["DCTX_NO_FZF"] = "1"
    elif why == "no fzf":
        folder = tmp_path / "programs"
        folder.mkdir()
        for program in (shell.program, shutil.which("cat")):
            (folder / Path(str(program)).name).symlink_to(str(program))
        env["PATH"] = f"{BUILD / 'bin'}{os.pathsep}{folder}"
    elif why == "pipe":
        line = "dctx | cat"
    else:
        line = "dctx </dev/null"
    term = terminal(shell, hook=False, rc=[loaded], env=env)
    shown = term.line(line)
    assert [row.lstrip("* ").split()[0] for row in shown.splitlines()] == [
        "prod", "staging", "spare",
    ]  # fmt: skip
    assert term.line(status(shell)) == "0"
    assert term.prompt == "~(prod:Acme) READY> "


def test_no_profiles(shell: Shell, loaded: str, terminal: Callable[..., Terminal]) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    assert "no profiles are saved yet" in term.line("dctx")


def test_fzf_settings_of_the_user(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    """A default command, several choices, another order: still one profile is picked."""
    env = {
        "FZF_DEFAULT_COMMAND": "false",
        "FZF_DEFAULT_OPTS": "--multi --tac --border --print-query --expect=ctrl-y --ansi",
    }
    term = terminal(shell, hook=False, rc=[loaded], env=env)
    term.type("dctx" + ENTER)
    term.wait(lambda: "3/3" in term.screen, "the picker")
    term.type("stag")
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")
