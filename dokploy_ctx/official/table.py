"""The official CLI's commands and options, read from the installed package's own files.

Tab and `@name` use them, and so do the scripts that make shell/commands.txt, shell/reads.sh and
tests/standin/queries.py. Which commands only read is decided by official/reads.py alone, whatever
CLI is installed. The package is generated from the panel's procedures, one command for each
(dist/generated/commands.js). Where that file has a layout that this module does not know, parse()
raises ValueError, and the table that is shipped with dctx is used.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

# Where the commands are, below the package's folder.
SOURCE = os.path.join("dist", "generated", "commands.js")
# How much of a file is read at most. That of the CLI 0.30.7 has 600 KB.
MOST_BYTES = 8 * 1024 * 1024

_STEP = re.compile(
    r"""const[ ](?P<variable>\w+)[ ]=[ ]program\s*\.command\(['"](?P<group>[^'"]*)['"]\)
      | (?P<of>\w+)\s*\.command\(['"](?P<command>[^'"]*)['"]
      | \.(?P<need>requiredOption|option)\(\s*['"](?P<flags>[^'"]*)['"]
        (?:\s*,\s*(?P<quote>['"])(?P<about>(?:\\.|(?!(?P=quote)).)*)(?P=quote))?
      | opts\["(?P<field>\w+)"\][ ]=[ ](?P<becomes>Number\(|opts\[)
      | \b(?P<call>apiGet|apiPost)\(\s*['"](?P<procedure>[\w.]+)['"]""",
    re.VERBOSE,
)
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}\Z")
_FLAG = re.compile(r"(--[A-Za-z][A-Za-z0-9-]{0,63})(?:[ =]([<\[]).*)?\Z")
_CHOICE = re.compile(r"\(([A-Za-z0-9_.-]{1,40}(?:, [A-Za-z0-9_.-]{1,40})+)\)\Z")


class Option(NamedTuple):
    """An option of a command, such as --applicationId."""

    name: str
    required: bool = False
    takes_value: bool = True
    words: tuple[str, ...] = ()  # the only values that it accepts, if there are a few


class Command(NamedTuple):
    """A command of the CLI: "application deploy"."""

    group: str
    name: str
    procedure: str
    is_get: bool
    options: tuple[Option, ...]


class Described(NamedTuple):
    """A command, and the fields of its procedure's input that are not text."""

    command: Command
    numbers: frozenset[str]
    booleans: frozenset[str]


def parse(source: str) -> list[Command]:
    """Return the commands in the text of commands.js, in the order of that file.

    Raises ValueError for a text of another form.
    """
    return [described.command for described in describe(source)]


def describe(source: str) -> list[Described]:
    """Return what parse() returns, with the types of the fields. Raises ValueError like parse()."""
    groups: dict[str, str] = {}
    found: dict[tuple[str, str], Described] = {}
    at: tuple[str, str] | None = None
    options: list[Option | None] = []
    types: dict[str, set[str]] = {}
    for step in _STEP.finditer(source):
        if step["variable"]:
            groups[step["variable"]] = step["group"]
            at = None
        elif step["of"]:
            group, name = groups.get(step["of"], ""), step["command"].split(" ")[0]
            if not _WORD.match(group) or not _WORD.match(name) or (group, name) in found:
                raise ValueError(f"a command of an unknown form: {group} {name}")
            at, options, types = (group, name), [], {"Number(": set(), "opts[": set()}
        elif step["flags"] is not None:
            options.append(_option(step["flags"], step["need"], step["about"] or ""))
        elif at is not None and step["field"]:
            types[step["becomes"]].add(step["field"])
        elif at is not None and step["call"]:
            if at in found:
                raise ValueError(f"{' '.join(at)} asks for two procedures")
            is_get = step["call"] == "apiGet"
            command = Command(*at, step["procedure"], is_get, tuple(filter(None, options)))
            numbers, booleans = map(frozenset, types.values())
            found[at] = Described(command, numbers, booleans)
    if len(found) < 50:
        raise ValueError("not the CLI's generated commands")
    return list(found.values())


def _option(flags: str, need: str, about: str) -> Option | None:
    """Return the option that `flags` describe ("--type <value>"), or None without a long name."""
    for part in flags.split(", "):
        found = _FLAG.match(part)
        if found:
            choice = _CHOICE.search(about)
            words = tuple(choice[1].split(", ")) if choice else ()
            return Option(found[1], need == "requiredOption", found[2] is not None, words)
    return None


# ---- The compact form: a line per command ----


def to_line(command: Command) -> str:
    """Return a command as one line of words: group, name, procedure, G or P, and its options.

    An option is its name, then "!" if it is required, "=" if it takes a value, and the values that
    it accepts, separated by commas.
    """
    words = []
    for option in command.options:
        mark = ("!" if option.required else "") + ("=" if option.takes_value else "")
        words.append(option.name + mark + ",".join(option.words))
    kind = "G" if command.is_get else "P"
    return " ".join((command.group, command.name, command.procedure, kind, *words))


def from_line(line: str) -> Command:
    """Return the command of a line that to_line() wrote. Raises ValueError for any other line."""
    group, name, procedure, kind, *words = line.split(" ")
    options = []
    for word in words:
        found = re.fullmatch(r"(--[A-Za-z][A-Za-z0-9-]*)(!?)(=?)([\w.,-]*)", word)
        if found is None:
            raise ValueError(f"not an option: {word}")
        choices = tuple(found[4].split(",")) if found[4] else ()
        options.append(Option(found[1], bool(found[2]), bool(found[3]), choices))
    return Command(group, name, procedure, kind == "G", tuple(options))


def to_text(commands: Iterable[Command]) -> str:
    """Return the commands as text, one line for each."""
    return "".join(to_line(command) + "\n" for command in commands)


def from_text(text: str) -> list[Command]:
    """Return the commands of a text that to_text() wrote, without its comments.

    Raises ValueError for any other text.
    """
    return [from_line(line) for line in text.splitlines() if line and not line.startswith("#")]
