"""The help: it fits a screen, teaches by examples, and knows what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from dokploy_ctx.cli import cli
from dokploy_ctx.constants import RESERVED
from dokploy_ctx.reserved import COMMANDS, GROUPS, GUESSED

from ..conftest import Result
from ..shells import ROOT, Shell

Dctx = Callable[..., Result]
COLUMNS, LINES = 80, 24


def every_command(
    group: click.Group, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield the words and the command of everything that can be run."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*words, name))


ALL = dict(every_command(cli))
IDS = [" ".join(words) for words in ALL]


def test_first_screen_is_one_screen_and_as_it_was(
    dctx: Dctx, golden: Callable[[str, str], None]
) -> None:
    ran = dctx("--help")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert len(lines) <= LINES - 2  # the command line above it, the prompt below it
    assert max(map(len, lines)) <= COLUMNS
    assert lines[1] == "Usage: dctx [NAME | - | COMMAND ...]"
    assert sum(line.startswith("  d") and "  " in line.strip() for line in lines[2:6]) == 4
    for words in (("-h",), ("help",)):
        assert dctx(*words).out == ran.out
    golden("help", ran.out)


def test_first_screen_names_every_command_once(dctx: Dctx) -> None:
    grouped = [name for _, names in GROUPS for name in names]
    assert len(grouped) == len(set(grouped))
    others = set(COMMANDS) - set(grouped)
    assert others == {"switch", "sync", "profiles", "help"}
    last = dctx("--help").out.splitlines()[-1]
    assert all(word in last for word in others)
    assert all(len(text) <= 28 for _, _, text in COMMANDS.values())


def test_published_words_are_the_commands() -> None:
    assert set(COMMANDS) | {"ls", "rm"} == RESERVED


@pytest.mark.parametrize("words", ALL, ids=IDS)
def test_help_of_each_command_has_an_example_and_is_as_it_was(
    dctx: Dctx, golden: Callable[[str, str], None], words: tuple[str, ...]
) -> None:
    ran = dctx(*words, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: dctx {' '.join(words)}")
    assert max(map(len, ran.out.splitlines())) <= COLUMNS
    listed = ran.out.partition("\nCommands:\n")[2]
    assert "..." not in listed  # nothing is cut off
    example = ran.out.partition("\n  Example")[2]
    assert "    " in example
    assert any(word in example for word in ("dctx ", "dokploy ")), ran.out
    if words[0] != "help":
        assert dctx("help", *words).out == ran.out
    golden("-".join(("help", *words)), ran.out)


@pytest.mark.parametrize("words", ALL, ids=IDS)
def test_option_without_its_value_names_the_help_of_its_command(
    dctx: Dctx, words: tuple[str, ...]
) -> None:
    takes = [p.opts[0] for p in ALL[words].params if isinstance(p, click.Option) and not p.is_flag]
    for option in takes:
        ran = dctx(*words, option)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.endswith(f"See: dctx {' '.join(words)} --help\n"), ran.err


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("auth", "-u"), "auth"),
        (("login", "-u"), "auth"),
        (("orgs", "add", "x", "--as"), "orgs add"),
        (("orgs", "--profile"), "orgs"),
        (("--json", "find", "--profile"), "find"),
        (("exec", "--match"), "exec"),
    ],
)
def test_path_of_the_command_whose_option_has_no_value(
    dctx: Dctx, words: tuple[str, ...], path: str
) -> None:
    assert dctx(*words).err.endswith(f"See: dctx {path} --help\n")


def test_golden_files_are_of_commands_that_exist() -> None:
    known = {"-".join(("help", *words)) for words in ALL} | {"help"}
    assert {path.stem for path in (ROOT / "tests" / "golden").glob("help*.txt")} == known


@pytest.mark.parametrize(
    ("words", "err"),
    [
        (("lst",), 'profile "lst" not found. Did you mean: dctx list?'),
        (("docter",), 'profile "docter" not found. Did you mean: dctx doctor?'),
        (("prd",), 'profile "prd" not found. Did you mean prod?'),
        (("protct",), 'profile "protct" not found. Did you mean prod?'),  # profiles come first
        (("add",), 'profile "add" not found. See: dctx auth --help'),
        (("Version",), 'profile "Version" not found. See: dctx --version'),
        (("qqqqqqq",), 'profile "qqqqqqq" not found. To see all, run: dctx list'),
        (("renam", "a", "b"), 'command "renam" not found. Did you mean: dctx rename?'),
        (("add", "a"), 'command "add" not found. See: dctx auth --help'),
        (("delete", "prod"), 'command "delete" not found. See: dctx remove --help'),
        (("help", "exce"), 'command "exce" not found. Did you mean: dctx exec?'),
        (("help", "nosuch"), 'command "nosuch" not found. To see all, run: dctx --help'),
        (("help", "logout"), 'command "logout" not found. See: dctx off --help'),
        (("help", "profiles", "us"), 'command "us" not found. Did you mean use?'),
        (
            ("help", "profiles", "add"),
            'command "add" not found. To see all, run: dctx profiles --help',
        ),
        (("help", "env", "x"), 'command "x" not found. To see all, run: dctx env --help'),
        (("qqqqqqq", "x"), 'command "qqqqqqq" not found. To see all, run: dctx --help'),
    ],
)
def test_unknown_word_suggests_the_nearest(
    dctx: Dctx, config: Callable[..., object], words: tuple[str, ...], err: str
) -> None:
    config("prod", "staging")
    ran = dctx(*words)
    assert (ran.out, ran.err) == ("", f"dctx: {err}\n")
    assert ran.code == (3 if len(words) == 1 else 2)


@pytest.mark.parametrize(
    ("word", "says"), [("docter", "Did you mean: dctx doctor?"), ("logout", "See: dctx off --help")]
)
def test_hook_that_takes_a_command_for_a_profile_says_the_command(
    shell: Shell, config: Callable[..., object], loaded: str, word: str, says: str
) -> None:
    config("prod", "staging")
    ran = shell.run(loaded, f"dctx {word}", shell.show("?"))
    assert ran.vars == {"?": "3"}
    assert ran.err == f'dctx: profile "{word}" not found. {says}\n'


def test_guessed_words_are_free_for_profiles_and_lead_to_commands() -> None:
    assert not set(GUESSED) & RESERVED
    for where in GUESSED.values():
        assert where == "--version" or where.split(" ")[0] in COMMANDS


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("prod", "staging"), "prod -- staging"),
        (("prod", "dokploy", "project", "all"), "prod -- dokploy project all"),
        (("prod", "--", "./x y", "a"), "prod -- ..."),
        (("prod", "dokploy", "project", "all", "--json"), "prod -- dokploy project all ..."),
        (("prod", "run", "--token", "s3cret"), "prod -- run ..."),
        (("prod", "TOKEN=s3cret", "run"), "prod -- TOKEN=... run"),
        (("prod", "x" * 41), "prod -- ..."),
        (("prod", "a\nb", "\x1b[31m"), "prod -- ..."),
        (("prod", "--help"), "prod -- ..."),
        (("prod", "--"), "prod -- ..."),
        (("a b", "run"), "'a b' -- run"),
    ],
)
def test_profile_with_more_words_is_told_how_to_run_them(
    dctx: Dctx, config: Callable[..., object], words: tuple[str, ...], command: str
) -> None:
    config("prod", "staging", "a b")
    ran = dctx(*words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f'dctx: "{words[0]}" is a profile. To run a command with it: dctx exec {command}\n'
    )


@pytest.mark.parametrize("text", ["{", None])
def test_more_words_beside_a_config_that_cannot_be_read(
    dctx: Dctx, config: Callable[..., Path], text: str | None
) -> None:
    path = config("prod")
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    ran = dctx("prod", "dokploy", "project", "all")
    assert (ran.code, ran.err) == (
        2,
        'dctx: command "prod" not found. To see all, run: dctx --help\n',
    )
