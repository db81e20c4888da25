"""The help: it fits a screen, teaches by examples, and knows what was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click
import pytest

from dokploy_ctx.cli import cli
from dokploy_ctx.profile import RESERVED
from dokploy_ctx.words import COMMANDS, GROUPS

from .conftest import Result
from .shells import ROOT

Dctx = Callable[..., Result]
COLUMNS, LINES = 80, 24
WIDEST = 90  # cli's max_content_width; examples are not wrapped


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
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    for words in (("-h",), ("help",)):
        assert dctx(*words).out == ran.out
    golden("help", ran.out)


def test_first_screen_names_every_command_once(dctx: Dctx) -> None:
    grouped = [name for _, names in GROUPS for name in names]
    assert len(grouped) == len(set(grouped))
    assert set(COMMANDS) - set(grouped) == {"sync", "profiles", "help"}
    last = dctx("--help").out.splitlines()[-1]
    assert all(word in last for word in ("sync", "profiles", "help"))
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
    assert max(map(len, ran.out.splitlines())) <= WIDEST
    example = ran.out.partition("\n  Example")[2]
    assert "    " in example
    assert any(word in example for word in ("dctx ", "dokploy ")), ran.out
    if words[0] != "help":
        assert dctx("help", *words).out == ran.out
    golden("-".join(("help", *words)), ran.out)


def test_golden_files_are_of_commands_that_exist() -> None:
    known = {"-".join(("help", *words)) for words in ALL} | {"help"}
    assert {path.stem for path in (ROOT / "tests" / "golden").glob("help*.txt")} == known


@pytest.mark.parametrize(
    ("words", "err"),
    [
        (("lst",), 'no profile or command "lst". Nearest command: list.'),
        (("renam", "a", "b"), 'no command "renam". Nearest: rename, rm, remove.'),
        (("help", "exce"), 'no command "exce". Nearest: exec.'),
        (("help", "profiles", "us"), 'no command "us". Nearest: use.'),
        (("help", "env", "x"), 'no command "x". See: dctx env --help'),
        (("qqqqqqq", "x"), 'no command "qqqqqqq". See: dctx --help'),
    ],
)
def test_unknown_word_suggests_the_nearest(
    dctx: Dctx, config: Callable[..., object], words: tuple[str, ...], err: str
) -> None:
    config("prod")
    ran = dctx(*words)
    assert (ran.out, ran.err) == ("", f"dctx: {err}\n")
    assert ran.code == (3 if len(words) == 1 else 2)
