"""Tab: names and subcommands after `dctx`, names after `dokploy --profile`, by no process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from dokploy_ctx import reserved
from dokploy_ctx.takes import load, takes

from ..shells import BASH, BASHES, FISH, OLD_BASH, ZSH, Shell
from ..terminal import CTRL_U, TAB, Terminal
from .test_processes import started, traced

COMPINIT = ZSH.for_tab[0]
TAKES_NAMES = (
    "switch", "use", "rm", "remove", "rename", "exec", "env", "protect", "unprotect", "verify",
    "rotate", "auth", "export", "profiles use", "profiles remove", "orgs --profile",
    "env --shell fish", "auth --url x -t -", "orgs add Acme --profile",
)  # fmt: skip


@pytest.fixture
def start(
    shell: Shell, loaded: str, config: Any,
    terminal: Callable[..., Terminal],
) -> Callable[..., Terminal]:  # fmt: skip
    """Return a function that starts a terminal with profiles of these names."""

    def start(*names: str, before: tuple[str, ...] = (), after: tuple[str, ...] = (),
              program: Shell = shell) -> Terminal:  # fmt: skip
        config(*names)
        compinit = list(shell.for_tab)
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
    term.interrupt()
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
    if shell not in BASHES:
        assert "Rename a profile" in shown
    if shell is not OLD_BASH:  # it can only sort
        listed = shown.partition("READY> dctx")[2].split()
        assert listed[0] in ("prod", "(prod"), shown


def test_words_that_are_no_names(start: Callable[..., Terminal]) -> None:
    term = start("prod", "all", "used")
    for typed, becomes in (
        ("help unpro", "unprotect"), ("orgs ad", "add"), ("orgs sy", "sync"),
        ("orgs --json li", "list"), ("profiles us", "use"), ("profiles rem", "remove"),
        ("profiles --help cu", "current"), ("init s", "sh"), ("init fi", "fish"),
        ("install ba", "bash"), ("uninstall --he", "--help"), ("env --shell git", "github"),
        ("env --shell=jso", "--shell=json"), ("list --q", "--quiet"), ("ls --j", "--json"),
        ("rm prod --rev", "--revoke"), ("orgs add x --key", "--keyring"),
        ("orgs sync --y", "--yes"), ("profiles list --js", "--json"), ("rotate --ex", "--expir"),
        ("orgs --profile=pr", "--profile=prod"), ("exec --mat", "--match"), ("exec --all -j", "-j"),
        ("auth --prof", "--profile"), ("--vers", "--version"), ("doctor --off", "--offline"),
    ):  # fmt: skip
        before = typed.rpartition(" ")[0]
        completed(term, f"dctx {typed}", f"dctx {before} {becomes}".replace("  ", " "))
    shown = offered(term, "dctx auth --", "--protect", "--token-command", "--no-check", "--help")
    assert "=" not in shown.partition("READY> dctx")[2]
    shown = offered(term, "dctx orgs ", "list", "add", "sync")
    assert "used" not in shown


def test_names_on_the_line_are_not_offered_again(start: Callable[..., Terminal]) -> None:
    term = start("prod", "prod-eu", "Acme-x", "acme-x")
    for word in ("rm", "remove", "verify", "rotate", "export", "protect", "profiles remove"):
        completed(term, f"dctx {word} prod pr", f"dctx {word} prod prod-eu")
    completed(term, "dctx rm acme-x prod-eu pr", "dctx rm acme-x prod-eu prod")
    completed(term, "dctx rm prod prod-eu Acme-x a", "dctx rm prod prod-eu Acme-x acme-x")
    unchanged(term, "dctx rm prod prod-eu p")
    for word in ("use", "env", "auth", "unprotect", "switch", "auth prod --url", "orgs add --as"):
        unchanged(term, f"dctx {word} prod pro" if "--" not in word else f"dctx {word} pro")
    unchanged(term, "dctx init bash fi")
    unchanged(term, "dctx orgs add sy")


@pytest.mark.parametrize(
    ("key", "row"),
    [
        ("--", "NAME"),
        ("off", ""),
        ("switch", "NAME"),
        ("rename", "NAME"),  # and no name behind it, since the new one is the user's
        ("rm", "NAMES --revoke --unused --profile= --yes"),
        ("exec", "--match= --all -j= --read-only --allow= --for= --log= --show-secrets -e= NAME"),
        ("import", "FILE --as= --check --yes"),
        ("orgs add", "--org= --as= --expires= --keyring --profile="),
        ("profiles", "list use current remove"),
        ("profiles use", "NAME"),
        ("help", "COMMAND"),
        ("init", "bash zsh fish sh"),
        ("env", "NAME --shell= --off --get="),  # a hidden option is not offered
        ("--profile=", "NAME"),
        ("--get=", "url key org org-id"),
    ],
)
def test_what_may_follow_is_what_the_command_takes(key: str, row: str) -> None:
    assert takes()[key].split() == row.split()


def test_value_of_an_option_is_the_same_for_each_command() -> None:
    """Tab's table has one row for the values of an option, whichever command has it."""
    seen: dict[str, tuple[str, ...]] = {}

    def look(command: click.Command) -> None:
        for one in command.params:
            if isinstance(one, click.Option) and isinstance(one.type, click.Choice):
                found = tuple(map(str, one.type.choices))
                assert seen.setdefault(one.opts[0], found) == found
        for inner in getattr(command, "commands", {}).values():
            look(inner)

    for name in reserved.COMMANDS:
        command = load(name)
        assert command is not None
        look(command)
    assert "--shell" in seen


def test_no_command_is_imported_for_tabs_table_before_the_hooks_are_written() -> None:
    code = (
        "import sys, dokploy_ctx.cli\n"
        "found = [name for name in sys.modules if name.startswith('dokploy_ctx.commands.')]\n"
        "assert not found, found\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


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
    if shell is BASH:  # the others offer options there
        completed(term, "dctx exec prod payl", "dctx exec prod payload.txt")
        unchanged(term, "dctx use prod payl")
    completed(term, "dokploy payl", "dokploy payload.txt")


def test_command_that_exec_runs(
    shell: Shell, home: Path, start: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "bin").mkdir()
    (home / "bin/frobnicate").write_text("#!/bin/sh\n")
    (home / "bin/frobnicate").chmod(0o755)
    monkeypatch.setenv("PATH", str(home / "bin"), prepend=os.pathsep)
    term = start("prod", "staging")
    (home / "payload.txt").touch()
    for before in ("prod", "--all -j 4", "--match 'p*'"):
        completed(term, f"dctx exec {before} -- frobn", f"dctx exec {before} -- frobnicate")
        if shell is not OLD_BASH:
            typed = f"dctx exec {before} -- frobnicate payl"
            completed(term, typed, f"{typed}oad.txt")
    if shell not in BASHES:
        typed = "dctx exec prod -- dokploy --profile "
        completed(term, f"{typed}stag", f"{typed}staging")


BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
@pytest.mark.parametrize("function", ["_command_offset", "_comp_command_offset"])
def test_bash_completion_is_told_where_the_command_begins(
    start: Callable[..., Terminal], function: str
) -> None:
    term = start("prod", after=(f'{function}() {{ COMPREPLY=("${{COMP_WORDS[$1]}}-$1"); }}',))
    for before in ("prod --", "--all -j 2 --", "--match=p* --", "--match 'p*' --"):
        line = f"dctx exec {before} frob"
        term.type(line + TAB)
        term.wait(lambda: "frob-" in term.typed, "the function's word")
        at = int(term.typed.rpartition("-")[2])
        # bash 3.2 does not break words at = here
        assert at in (len(line.split()) - 1, len(line.replace("=", " = ").split()) - 1)
        term.clear()


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.skipif(sys.platform == "darwin", reason="where brew puts bash-completion is not known")
def test_bash_completion_completes_what_exec_runs(
    home: Path, start: Callable[..., Terminal], order: str
) -> None:
    (home / "payload.d").mkdir()
    term = start("ann@acme", "staging", **{order: (f". {BASH_COMPLETION}",)})
    for before in ("dctx exec ann@acme --", "dctx exec --match=x* -j 2 --"):
        completed(term, f"{before} unam", f"{before} uname")
        completed(term, f"{before} ls payl", f"{before} ls payload.d/")
        typed = f"{before} dokploy --profile"
        completed(term, f"{typed} stag", f"{typed} staging")
        completed(term, f"{typed}=ann", f"{typed}=ann@acme")


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
    term = start("prod", **{order: shell.of(OTHERS)})
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
    term = start("prod", before=shell.of(OTHERS), after=(loaded,))
    completed(term, "dokploy proj", "dokploy project")
    completed(term, "dokploy --profile pr", "dokploy --profile prod")


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_compinit_after_the_hook(
    shell: Shell,
    loaded: str,
    config: Any,
    terminal: Callable[..., Terminal],
) -> None:
    config("prod", "staging")
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
    shell: Shell, loaded: str, home: Path, config: Any,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config("prod", "staging")
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
        completed(term, "dctx rm prod --r", "dctx rm prod --revoke")
        completed(term, "dctx rm staging p", "dctx rm staging prod")
        completed(term, "dctx orgs a", "dctx orgs add")
        completed(term, "dctx exec prod -- unam", "dctx exec prod -- uname")
        assert ".current" not in offered(term, "dctx use ", "prod", "staging")


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_zsh_options_of_the_user(start: Callable[..., Terminal]) -> None:
    for option in ("setopt ksh_arrays", "setopt sh_word_split glob_subst", "set -u", "IFS=a",
                   "setopt ksh_glob no_extended_glob", "setopt warn_create_global null_glob",
                   "alias shift=false local=false"):  # fmt: skip
        term = start("prod", "staging", before=(option,))
        completed(term, "dctx st", "dctx staging")
        completed(term, "dctx unins", "dctx uninstall")
        completed(term, "dctx rm prod --r", "dctx rm prod --revoke")
        completed(term, "dctx rm staging p", "dctx rm staging prod")
        completed(term, "dctx orgs --profile=pr", "dctx orgs --profile=prod")
        completed(term, "dctx orgs a", "dctx orgs add")
        completed(term, "dctx help unpr", "dctx help unprotect")


def test_starts_nothing(shell: Shell, start: Callable[..., Terminal], tmp_path: Path) -> None:
    log = tmp_path / "log"
    term = start("prod", "ann@acme", program=traced(shell, log))
    if shell in BASHES:  # compinit and fish's own start-up run programs
        assert len(started(log)) == 1
    before = len(started(log))
    completed(term, "dctx ann@", "dctx ann@acme")
    completed(term, "dctx unin", "dctx uninstall")
    completed(term, "dokploy --profile=pr", "dokploy --profile=prod")
    completed(term, "dctx rm ann@acme --rev", "dctx rm ann@acme --revoke")
    completed(term, "dctx rm ann@acme pr", "dctx rm ann@acme prod")
    if shell is not FISH:  # it asks apropos what a command is, wherever one is completed
        completed(term, "dctx exec prod -- unam", "dctx exec prod -- uname")
    term.type("dctx " + TAB + TAB)
    term.wait(lambda: "uninstall" in term.screen and "ann@acme" in term.screen, "the list")
    term.type(CTRL_U)
    assert started(log)[before:] == []
