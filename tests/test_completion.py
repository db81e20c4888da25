"""Tab: names and subcommands after `dctx`, names after `dokploy --profile`, by no process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .shells import FISH, HOOKED, OLD_BASH, ZSH, Shell
from .terminal import CTRL_U, TAB, Terminal
from .test_processes import settle, started, traced

BASHES = [shell for shell in HOOKED if shell.dialect == "bash"]
COMPINIT = "autoload -Uz compinit; compinit -D"
TAKES_NAMES = (
    "switch", "use", "rm", "remove", "rename", "exec", "env", "protect", "unprotect", "verify",
    "rotate",
)  # fmt: skip


@pytest.fixture
def start(
    shell: Shell, loaded: str, config: Any, dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> Callable[..., Terminal]:  # fmt: skip
    """Return a function that starts a terminal with profiles of these names."""

    def start(*names: str, before: tuple[str, ...] = (), after: tuple[str, ...] = (),
              program: Shell = shell) -> Terminal:  # fmt: skip
        settle(config(*names))
        assert dctx("sync").code == 0
        compinit = [COMPINIT] if shell.dialect == "zsh" else []
        rc = [*compinit, *before, loaded, *after]
        return terminal(program, hook=False, rc=rc)

    return start


def completed(term: Terminal, typed: str, becomes: str) -> None:
    """Type and Tab; wait for what stands there then, and clear the line."""
    term.type(typed + TAB)
    term.wait(lambda: term.typed.rstrip() == becomes, f"{becomes!r} for {typed!r}")
    term.clear()


def unchanged(term: Terminal, typed: str) -> None:
    """Type and Tab, which adds nothing, and clear the line."""
    term.type(typed + TAB + " .")
    term.wait(lambda: term.typed == f"{typed} .", f"{typed!r} as it was")
    term.clear()


def offered(term: Terminal, typed: str, *texts: str) -> str:
    """Type and Tab until all of these texts are listed; return the screen and clear the line."""
    term.line("clear")
    term.type(typed + TAB + TAB)
    term.wait(lambda: all(text in term.screen for text in texts), f"{texts} for {typed!r}")
    shown = term.screen
    term.type("\x03")
    term.wait(lambda: term.at_prompt, "an empty line")
    return shown


def test_names_where_a_name_belongs(start: Callable[..., Terminal]) -> None:
    term = start("staging-one", "prod")
    completed(term, "dctx st", "dctx staging-one")
    for word in TAKES_NAMES:
        completed(term, f"dctx {word} st", f"dctx {word} staging-one")
    completed(term, "dctx rm prod st", "dctx rm prod staging-one")
    completed(term, "dctx switch -- st", "dctx switch -- staging-one")
    completed(term, "true; dctx use pr", "true; dctx use prod")


def test_first_word(shell: Shell, start: Callable[..., Terminal]) -> None:
    term = start("prod", "staging")
    completed(term, "dctx pr", "dctx prod")  # not the commands protect and profiles
    completed(term, "dctx prot", "dctx protect")
    completed(term, "dctx unins", "dctx uninstall")
    shown = offered(term, "dctx ", "prod", "staging", "uninstall", "rename")
    if shell.dialect != "bash":
        assert "give one another name" in shown
    if shell is not OLD_BASH:  # it can only sort
        listed = shown.partition("READY> dctx")[2].split()
        assert listed[0] in ("prod", "(prod"), shown


def test_names_with_dots_at_signs_and_plus_are_whole(start: Callable[..., Terminal]) -> None:
    term = start("ann@acme.example+eu", "ann@globex", "v1.2", "c+d-e")
    for typed, becomes in (
        ("a", "ann@"), ("ann@a", "ann@acme.example+eu"), ("ann@", "ann@"),
        ("ann@acme.", "ann@acme.example+eu"), ("v1.", "v1.2"), ("c+", "c+d-e"),
    ):  # fmt: skip
        completed(term, f"dctx use {typed}", f"dctx use {becomes}")
        completed(term, f"dokploy --profile {typed}", f"dokploy --profile {becomes}")
        completed(term, f"dokploy --profile={typed}", f"dokploy --profile={becomes}")
    completed(term, "dctx ann@g", "dctx ann@globex")
    completed(term, "dokploy project all --profile=v", "dokploy project all --profile=v1.2")


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_word_breaks_are_the_users(start: Callable[..., Terminal]) -> None:
    for breaks in ("$' \\t\\n'", "$' \\t\\n@'", "$' \\t\\n='"):
        term = start("ann@acme", "prod", before=(f"COMP_WORDBREAKS={breaks}",))
        before = term.line("printf '%q\\n' \"$COMP_WORDBREAKS\"")  # bash itself may add @
        completed(term, "dctx use ann@a", "dctx use ann@acme")
        completed(term, "dokploy --profile=ann@", "dokploy --profile=ann@acme")
        assert term.line("printf '%q\\n' \"$COMP_WORDBREAKS\"") == before


def test_names_without_a_record(start: Callable[..., Terminal]) -> None:
    """Two names that differ by case have none: the core knows them."""
    term = start("Acme-x", "acme-x", "prod")
    completed(term, "dctx use ac", "dctx use acme-x")
    completed(term, "dctx use pr", "dctx use prod")


def test_nothing_to_complete(home: Path, start: Callable[..., Terminal]) -> None:
    term = start("prod")
    (home / "payload").touch()
    for typed in ("dctx use zz", "dctx rename prod pr", "dctx use '$(touch x)", "dctx use */"):
        unchanged(term, typed)
    (home / ".dokploy" / "config.json").unlink()
    unchanged(term, "dctx use p")
    assert sorted(p.name for p in home.iterdir() if p.name[0] != ".") == ["payload"]


def test_files_for_what_exec_runs(shell: Shell, home: Path, start: Callable[..., Terminal]) -> None:
    term = start("prod")
    (home / "payload.txt").touch()
    if shell is not OLD_BASH:  # it has no way to say so
        completed(term, "dctx exec prod -- cat payl", "dctx exec prod -- cat payload.txt")
        completed(term, "dctx import payl", "dctx import payload.txt")
    completed(term, "dokploy payl", "dokploy payload.txt")


OTHERS = {
    "bash": (
        "_mine() { COMPREPLY=($(compgen -W 'project application' -- \"$2\")); }",
        "complete -o nospace -F _mine dokploy",
    ),
    "zsh": ("_mine() { compadd project application }", "compdef _mine dokploy"),
    "fish": ("complete -c dokploy -f -a 'project application'",),
}


@pytest.mark.parametrize("order", ["before", "after"])
def test_other_completion_of_dokploy(
    shell: Shell, start: Callable[..., Terminal], order: str
) -> None:
    term = start("prod", **{order: OTHERS[shell.dialect]})
    completed(term, "dokploy proj", "dokploy project")
    completed(term, "dokploy project ap", "dokploy project application")
    if order == "before" or shell is FISH:
        completed(term, "dokploy --profile pr", "dokploy --profile prod")
        completed(term, "dokploy --profile=pr", "dokploy --profile=prod")
        completed(term, "dokploy --profile prod proj", "dokploy --profile prod project")


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
@pytest.mark.parametrize("function", ["__load_completion", "_comp_load"])
def test_bash_completion_loads_on_demand(start: Callable[..., Terminal], function: str) -> None:
    """As bash-completion does it: the first Tab finds a file, which registers a function."""
    mine, register = OTHERS["bash"]
    rc = (mine, f"{function}() {{ [[ $1 == dokploy ]] && {register}; }}")
    for order in ("before", "after"):
        term = start("prod", **{order: rc})
        completed(term, "dokploy --profile pr", "dokploy --profile prod")
        completed(term, "dokploy proj", "dokploy project")
        completed(term, "dokploy --profile=pr", "dokploy --profile=prod")
        completed(term, "dokploy project ap", "dokploy project application")


def test_hook_loaded_twice(shell: Shell, loaded: str, start: Callable[..., Terminal]) -> None:
    term = start("prod", before=OTHERS[shell.dialect], after=(loaded,))
    completed(term, "dokploy proj", "dokploy project")
    completed(term, "dokploy --profile pr", "dokploy --profile prod")


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_compinit_after_the_hook(
    shell: Shell,
    loaded: str,
    config: Any,
    dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> None:
    settle(config("prod", "staging"))
    assert dctx("sync").code == 0
    term = terminal(shell, hook=False, rc=[loaded, COMPINIT])
    completed(term, "dctx st", "dctx staging")
    completed(term, "dokploy --profile st", "dokploy --profile staging")
    term = terminal(shell, hook=False, rc=[loaded])  # nobody runs it: no error either
    assert term.line(COMPINIT) == ""
    completed(term, "dctx st", "dctx staging")
    term = terminal(shell, hook=False, rc=[COMPINIT, loaded, COMPINIT])  # as many rc files do
    completed(term, "dctx st", "dctx staging")
    completed(term, "dokploy --profile st", "dokploy --profile staging")


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_completion_of_dokploy_in_fpath(
    shell: Shell, loaded: str, home: Path, config: Any, dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    settle(config("prod", "staging"))
    assert dctx("sync").code == 0
    (home / "functions").mkdir()
    (home / "functions/_dokploy").write_text("#compdef dokploy\ncompadd project application\n")
    rc = ["fpath+=(~/functions)", "autoload -Uz compinit; compinit -u -d ~/dump", loaded]
    for _ in range(2):  # the second time from the dump
        term = terminal(shell, hook=False, rc=rc)
        completed(term, "dokploy --profile st", "dokploy --profile staging")
        completed(term, "dokploy proj", "dokploy project")
        completed(term, "dokploy --profile=st", "dokploy --profile=staging")
        completed(term, "dokploy project ap", "dokploy project application")


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
def test_bash_options_of_the_user(start: Callable[..., Terminal]) -> None:
    for option in ("shopt -s failglob", "shopt -s nullglob dotglob", "set -f", "set -u",
                   "IFS=a", "shopt -s nocasematch"):  # fmt: skip
        term = start("prod", "staging", before=(option,))
        completed(term, "dctx st", "dctx staging")
        completed(term, "dctx unins", "dctx uninstall")
        completed(term, "dctx use zz", "dctx use zz")
        assert ".current" not in offered(term, "dctx use ", "prod", "staging")


def test_starts_nothing(shell: Shell, start: Callable[..., Terminal], tmp_path: Path) -> None:
    log = tmp_path / "log"
    term = start("ann@acme", "prod", program=traced(shell, log))
    if shell.dialect == "bash":  # compinit and fish's own start-up run programs
        assert len(started(log)) == 1
    before = len(started(log))
    completed(term, "dctx ann@", "dctx ann@acme")
    completed(term, "dctx unin", "dctx uninstall")
    completed(term, "dokploy --profile=pr", "dokploy --profile=prod")
    term.type("dctx " + TAB + TAB)
    term.wait(lambda: "uninstall" in term.screen and "ann@acme" in term.screen, "the list")
    term.type(CTRL_U)
    assert started(log)[before:] == []
