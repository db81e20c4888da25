"""`dctx uninstall` beside open terminals: each gets rid of dctx at its next prompt."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import BASHES, FISH, OLD_BASH, Shell
from ..terminal import Terminal

OVER = "dctx was uninstalled, so the session in this terminal has ended"
LEFT = "dctx was uninstalled, so it has left this terminal"
# What is left of dctx in a terminal: variables, functions, completions, and the folder on PATH.
TRACES = {
    "bash": "compgen -A function dctx; compgen -A function __dctx_; compgen -v __dctx_; "
    "complete -p dctx; complete -p dokploy; "
    'echo "$PS1 ${PROMPT_COMMAND[*]} $PATH" | grep -E "__dctx|/dctx/"',
    "zsh": "print -rl -- ${(k)functions} ${(k)parameters} ${(k)_comps} "
    '"$PROMPT $precmd_functions $preexec_functions $widgets[reset-prompt] $path" | '
    "grep -E '^_*dctx|__dctx|/dctx/|^dokploy$'",
    "fish": "functions -an; set -n; complete -c dctx; complete -c dokploy; string join : $PATH; "
    "functions fish_prompt fish_mode_prompt",
}
EXPORTED = "env | grep -E '^_?DCTX_|^DOKPLOY_'"


@pytest.fixture
def installed(
    shell: Shell, home: Path, config: Any, dctx: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> str:
    """Install dctx for the shell, with a data folder of this test's own; return the hook's line."""
    path = config("prod", "staging")
    os.utime(path, (1_700_000_000, 1_700_000_000))  # older than any clock's doubt
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("SHELL", shell.program or "")
    assert dctx("install", shell.dialect).code == dctx("sync").code == 0
    return f"source {shell.quote(str(home / 'data/dctx' / f'hook.{shell.dialect}'))}"


def traces(shell: Shell) -> str:
    command = TRACES[shell.dialect]
    if shell is FISH:
        found = "string match -r '^_*dctx.*|.*__dctx.*|.*/dctx/.*'"
        return f"begin; {command}; end 2>/dev/null | {found}"
    return f"{{ {command}; }} 2>/dev/null"


def test_terminals_follow_at_their_next_prompt(
    shell: Shell, installed: str, dctx: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    first = ["autoload -Uz compinit; compinit -u"] if shell.dialect == "zsh" else []
    before = [shell.export("DOKPLOY_URL", "https://mine.example.com")]
    rc = [*first, *before, installed]
    here, switched, plain, resting = (
        terminal(shell, hook=False, rc=rc, columns=200) for _ in range(4)
    )
    for term in (here, switched, resting):
        term.line("dctx staging")
        assert term.prompt == "(staging) READY> "
    resting.line(shell.export("DOKPLOY_PROFILE", "prod"))
    assert "__dctx_" in plain.line(traces(shell))
    said = here.line("dctx uninstall")
    assert "Open terminals follow at their next prompt" in said
    assert said.endswith(OVER)
    assert switched.line("dctx off") == OVER
    assert LEFT in plain.line("true")
    assert OVER in resting.line("true")
    for term in (here, switched, plain, resting):
        assert term.prompt == "READY> "
        own = "\nDOKPLOY_PROFILE=prod" if term is resting else ""
        assert term.line(f"{EXPORTED} | sort -r") == f"DOKPLOY_URL=https://mine.example.com{own}"
        assert term.line(traces(shell)) == ""
        assert term.line("true") == ""
        assert term.line("echo $?" if shell is not FISH else "echo $status") == "0"


def test_off_after_an_uninstall_succeeds(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[installed], columns=200)
    term.line("dctx staging")
    shutil.rmtree(home / "data/dctx")
    status = "$status" if shell is FISH else "$?"
    assert term.line(f"dctx off; echo code {status}") == f"{OVER}\ncode 0"


@pytest.mark.parametrize("shell", [FISH], ids=repr, indirect=True)
def test_terminal_without_an_ifs_follows_too(
    shell: Shell, installed: str, dctx: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    """fish takes the lines of a command for one word there."""
    term = terminal(shell, hook=False, rc=[installed], columns=200)
    term.line("dctx staging")
    term.line("set -g IFS ''")
    assert dctx("uninstall").code == 0
    assert OVER in term.line("true")
    assert term.prompt == "READY> "
    term.line("set -e IFS")
    assert term.line(EXPORTED) == ""
    assert term.line(traces(shell)) == ""


def test_what_tab_saved_is_deleted(dctx: Callable[..., Any], home: Path) -> None:
    things = home / ".cache/dctx/things"
    things.mkdir(parents=True)
    (things / ("a" * 32)).write_text("{}")
    (things / ("b" * 32 + ".123")).write_text("")
    assert dctx("uninstall").code == 0
    assert not things.parent.exists()
    things.mkdir(parents=True)
    (things / "mine").write_text("")
    assert dctx("uninstall").code == 0
    assert (things / "mine").exists()


def test_key_that_was_changed_by_hand_stays(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[installed], columns=200)
    term.line("dctx staging")
    term.line(shell.export("DOKPLOY_API_KEY", "mine"))
    shutil.rmtree(home / "data/dctx")
    assert OVER in term.line("true")
    assert term.line(EXPORTED) == "DOKPLOY_API_KEY=mine"


def test_users_own_prompt_and_completion_are_back(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    rc, then = {
        "bash": (["own() { COMPREPLY=(mine); }; complete -o nospace -F own dokploy",
                  "PROMPT_COMMAND='own=$((own+1))'"], "complete -p dokploy; echo $PROMPT_COMMAND"),
        "zsh": (["autoload -Uz compinit; compinit -u; own() { :; }; compdef own dokploy",
                 "precmd_functions=(own)"], "echo $_comps[dokploy] $precmd_functions"),
        "fish": (["function fish_mode_prompt; true; end"], "functions fish_mode_prompt | tail -2"),
    }[shell.dialect]  # fmt: skip
    term = terminal(shell, hook=False, rc=[*rc, installed], columns=200)
    shutil.rmtree(home / "data/dctx")
    assert LEFT in term.line("true")
    assert (
        term.line(then)
        == {
            "bash": "complete -o nospace -F own dokploy\nown=$((own+1))",
            "zsh": "own own",
            "fish": " true;\nend",
        }[shell.dialect]
    )


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
@pytest.mark.parametrize(
    "own",
    ["unset PROMPT_COMMAND", "PROMPT_COMMAND='a=1'", "PROMPT_COMMAND=('a=1' 'b=2' 'c=3')"],
    ids=["none", "a text", "a list"],
)
def test_users_own_prompt_command_is_as_before(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal], own: str
) -> None:
    if shell is OLD_BASH and "(" in own:
        pytest.skip("bash 5.1 was the first to run a list")
    tell = "declare -p PROMPT_COMMAND"
    was = terminal(shell, hook=False, rc=[own], columns=200).line(tell)
    term = terminal(shell, hook=False, rc=[own, installed], columns=200)
    shutil.rmtree(home / "data/dctx")
    assert LEFT in term.line("true")
    assert term.line(tell) == was


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_users_options_are_as_before(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    """The hook turns these off while it works."""
    term = terminal(shell, hook=False, rc=[installed], columns=200)
    term.line("set -uE; shopt -s nocasematch; was=$-")
    shutil.rmtree(home / "data/dctx")
    assert LEFT in term.line("true")
    assert term.line("[ $was = $- ] && shopt nocasematch").split() == ["nocasematch", "on"]


def test_venv_alone_is_gone(
    shell: Shell, installed: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    """As after `pipx uninstall` without `dctx uninstall`: an untouched session still ends."""
    term = terminal(shell, hook=False, rc=[installed], columns=200)
    term.line("dctx staging")
    hook = home / "data/dctx" / f"core.{shell.dialect}"
    lines = hook.read_text("utf-8").splitlines(keepends=True)
    gone = str(home / "gone")
    names = ("__dctx_bin", "__dctx_python")
    changed = [
        (f"set -g {name} {gone}\n" if shell is FISH else f"{name}={gone}\n")
        if (name := line.removeprefix("set -g ").partition("=" if shell is not FISH else " ")[0])
        in names
        else line
        for line in lines
    ]
    assert changed != lines
    hook.write_text("".join(changed), "utf-8")
    term.line(installed)
    assert term.prompt == "(staging) READY> "
    assert term.line("dctx off") == "Back on the default: prod"
    assert term.line(EXPORTED + " | grep DOKPLOY") == ""
    said = " ".join(term.line("dctx list").split())
    assert "does not exist. Install dctx again, then run: command dctx install" in said
    assert "Or remove the line that loads dctx from your shell's start-up file" in said
    assert os.path.exists(hook)
