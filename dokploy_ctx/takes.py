"""Load commands by name, and find out from click what may follow each, for Tab.

The result is written into the hooks, so that no terminal imports a command for Tab.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .reserved import ALIASES, COMMANDS, HIDDEN

if TYPE_CHECKING:
    import click

# The first word of an argument's metavar → what the shell looks up for it.
_LOOKED_UP = {
    "NAME": "NAME",  # a profile's
    "OLD": "NAME",
    "NAMES": "NAMES",  # profiles', each once
    "COMMAND": "COMMAND",
    "FILE": "FILE",
}


def load(name: str) -> click.Command | None:
    """Import and return the command `name`, or return None."""
    entry = HIDDEN.get(name) or COMMANDS.get(name)
    if entry is None:
        return None
    module = importlib.import_module(f"dokploy_ctx.commands.{entry[0]}")
    command: click.Command = getattr(module, entry[1])
    return command


def takes() -> dict[str, str]:
    """Return Tab's table: a command, or an option and `=`, → the words that may follow.

    `orgs add` is the row of a subcommand, `--shell=` that of an option's values. Words in capitals
    are looked up by the shell. An option that ends in = takes a value. --help is left out, since
    every command has it.
    """
    rows = {"--": "NAME", "--profile=": "NAME"}
    for name in COMMANDS:
        command = load(name)
        assert command is not None
        rows.update(_rows(name, command))
    rows.update((alias, rows[name]) for alias, name in ALIASES.items())
    return rows


def _rows(key: str, command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield the row of `command`, those of its options' values, and its subcommands' rows."""
    inner: dict[str, click.Command] = getattr(command, "commands", {})
    yield key, " ".join([*inner, *(word for one in command.params for word in _words(one))])
    for one in command.params:
        if _words(one) and _choices(one) and one.param_type_name == "option":
            yield f"{one.opts[0]}=", " ".join(_choices(one))
    for name, each in inner.items():
        yield from _rows(f"{key} {name}", each)


def _words(one: click.Parameter) -> list[str]:
    """Return the words in a command's row for one of its parameters."""
    option: Any = one
    if one.param_type_name == "option":
        end = "" if option.is_flag else "="
        # Short flags are left out. A short option with a value is listed, so that the hook does not
        # take its value for a name.
        return [] if option.hidden else [f"{o}{end}" for o in one.opts if o[:2] == "--" or end]
    if _choices(one):
        return _choices(one)
    label = (one.metavar or str(one.name).upper()).strip("[]").partition(" ")[0].strip("[].")
    if label == "NAME" and one.name == "names":
        label = "NAMES"
    return [_LOOKED_UP[label]] if label in _LOOKED_UP else []


def _choices(one: click.Parameter) -> list[str]:
    return list(getattr(one.type, "choices", ()))
