"""The official CLI's commands and options, read off the installed package's own files.

For Tab and for `@name`. What counts as a read comes from reads.py alone, whatever is installed.
The package is generated from the panel's procedures, one command each (dist/generated/commands.js);
a layout that this module does not know gives no table, and the shipped one serves.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

# Below the package's folder.
SOURCE = os.path.join("dist", "generated", "commands.js")
# The most that is read of a file: the CLI 0.30.7 has 600 KB.
MOST_BYTES = 8 * 1024 * 1024

_STEP = re.compile(
    r"""const[ ](?P<variable>\w+)[ ]=[ ]program\s*\.command\(['"](?P<group>[^'"]*)['"]\)
      | (?P<of>\w+)\s*\.command\(['"](?P<command>[^'"]*)['"]
      | \.(?P<need>requiredOption|option)\(\s*['"](?P<flags>[^'"]*)['"]
        (?:\s*,\s*(?P<quote>['"])(?P<about>(?:\\.|(?!(?P=quote)).)*)(?P=quote))?
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
    words: tuple[str, ...] = ()  # the values it takes, where they are a few words


class Command(NamedTuple):
    """A command of the CLI: "application deploy"."""

    group: str
    name: str
    procedure: str
    is_get: bool
    options: tuple[Option, ...]


def parse(source: str) -> list[Command]:
    """Return the commands in the text of commands.js, in its order.

    Raises ValueError for a text that is not of the form that is known.
    """
    groups: dict[str, str] = {}
    found: dict[tuple[str, str], Command] = {}
    at: tuple[str, str] | None = None
    options: list[Option | None] = []
    for step in _STEP.finditer(source):
        if step["variable"]:
            groups[step["variable"]] = step["group"]
            at = None
        elif step["of"]:
            group, name = groups.get(step["of"], ""), step["command"].split(" ")[0]
            if not _WORD.match(group) or not _WORD.match(name) or (group, name) in found:
                raise ValueError(f"a command of an unknown form: {group} {name}")
            at, options = (group, name), []
        elif step["flags"] is not None:
            options.append(_option(step["flags"], step["need"], step["about"] or ""))
        elif at is not None:
            if at in found:
                raise ValueError(f"{' '.join(at)} asks for two procedures")
            is_get = step["call"] == "apiGet"
            found[at] = Command(*at, step["procedure"], is_get, tuple(filter(None, options)))
            options = []
    if len(found) < 50:
        raise ValueError("not the CLI's generated commands")
    return list(found.values())


def _option(flags: str, need: str, about: str) -> Option | None:
    """Return the option of `flags` ("--type <value>"), None for one that has a short form alone."""
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

    An option: its name, then ! where it is required, = where it takes a value, and that value's
    words by commas.
    """
    words = []
    for option in command.options:
        mark = ("!" if option.required else "") + ("=" if option.takes_value else "")
        words.append(option.name + mark + ",".join(option.words))
    kind = "G" if command.is_get else "P"
    return " ".join((command.group, command.name, command.procedure, kind, *words))


def from_line(line: str) -> Command:
    """Return the command that to_line() wrote. Raises ValueError."""
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
    """Return the commands as lines."""
    return "".join(to_line(command) + "\n" for command in commands)


def from_text(text: str) -> list[Command]:
    """Return the commands of to_text(), comments left out. Raises ValueError."""
    return [from_line(line) for line in text.splitlines() if line and not line.startswith("#")]
