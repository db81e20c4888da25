"""`dctx auth --header` and `--headers-command`: what a panel behind an access proxy needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from ..errors import UsageError
from ..model.headers import fields, same_origin, wrong, wrong_name, wrong_value
from ..model.profile import Profile, shown
from ..text.foreign import clean
from .shared import context

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]
headers_option: _Option = click.option(
    "--header",
    metavar="HEADER",
    multiple=True,
    help="A header that the panel's access proxy needs. NAME: its value is asked, hidden, or read "
    "from stdin (a line each, after the key's); 'NAME:' removes it.",
)
headers_command_option: _Option = click.option(
    "--headers-command",
    metavar="CMD",
    help="A program that prints the headers as a JSON object, when needed; '' removes it.",
)


@dataclass
class Wanted:
    """What the options ask for. `start` is what the entry has without them; `left` is the profile
    whose headers do not go with it to another origin."""

    start: dict[str, Any]
    left: Profile | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    command: list[str] | None = None
    given: bool = False

    def read(self) -> dict[str, Any]:
        """Return the fields for the entry; asks for the values that were not given.

        On stdin each has a line, in the order of the options.
        """
        if not self.given:
            return self.start
        if self.command is not None:
            return {"headersCommand": self.command} if self.command else {}
        found = dict(self.start.get("headers") or {})
        for name, value in self.values.items():
            text = _ask(name) if value is None else value
            problem = wrong_value(name, text)
            if problem:
                raise UsageError(f"{problem}. Nothing was saved.")
            _drop(found, name)
            found[name] = text
        for name in self.removed:
            _drop(found, name)
        problem = wrong(found)
        if problem:
            raise UsageError(f"the headers are invalid: {problem}. Nothing was saved.")
        return {"headers": found} if found else {}


def wanted_headers(
    options: Sequence[str], command: str | None, before: Profile | None, address: str
) -> Wanted:
    """Return what is to become of the headers of `before` at the URL `address`.

    Raises UsageError (exit 2) for what is no header.
    """
    if options and command is not None:
        raise UsageError("--header and --headers-command are given. Give one of them.")
    wanted = Wanted(fields(before) if before is not None else {})
    if before is not None and wanted.start and not same_origin(before.url, address):
        wanted.left, wanted.start = before, {}
    wanted.given = bool(options) or command is not None
    if command is not None:
        wanted.command = words_of(command, "--headers-command") if command.strip() else []
    elif options and wrong(wanted.start.get("headers") or {}):
        wanted.start = {}  # of what is no header nothing can be kept
    for option in options:
        _add(wanted, option)
    return wanted


def _add(wanted: Wanted, option: str) -> None:
    name, colon, value = option.partition(":")
    name, value = name.strip(), value.strip()
    problem = wrong_name(name)
    if problem:  # what was given may be a value, and is not quoted
        raise UsageError(f"{problem}. Use --header NAME, or --header 'NAME: value'.")
    if name.lower() in {known.lower() for known in (*wanted.values, *wanted.removed)}:
        raise UsageError(f"the header {name} is given twice. Give it once.")
    if colon and not value:
        if name.lower() not in {known.lower() for known in wanted.start.get("headers") or {}}:
            raise UsageError(
                f"there is no header {name} to remove. To save one: --header '{name}: value', in "
                f"quotes, or --header {name}"
            )
        wanted.removed.append(name)
        return
    if colon:
        context.say(
            f"--header '{name}: value' stays in history and shows in ps. Better: --header {name}"
        )
    wanted.values[name] = value if colon else None


def _drop(headers: dict[str, str], name: str) -> None:
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]


def _ask(name: str) -> str:
    if sys.stdin.isatty():
        text = click.prompt(f"Value of the header {name} (not shown)", hide_input=True, err=True)
    else:
        text = sys.stdin.readline()
        if not text:
            raise UsageError(f"no value for the header {name} on stdin. Give it a line there.")
    return str(text).strip()


def words_of(command: str, option: str) -> list[str]:
    """Return the words of a command line, split as a shell would. Raises UsageError (exit 2)."""
    import shlex

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"{option} cannot be split into words: {error}.") from None
    if not words or not words[0]:
        raise UsageError(f"{option} is empty. Give a program and its arguments.")
    return words


def say_headers(now: Profile, wanted: Wanted) -> None:
    """Say which headers are sent from now on, and which are not any more; never a value."""
    name, url = shown(now.name), clean(now.url)
    if wanted.left is not None:
        context.say(
            f"the headers of {name} were for {clean(wanted.left.url)}{_list(wanted.left)}: they "
            f"were removed, and are not sent to {url}. Save others with --header"
        )
    if not wanted.given:
        return
    if now.raw.get("headersCommand"):
        context.say(f"{name} sends {url} the headers that its command prints.")
    elif now.raw.get("headers"):
        context.say(f"{name} sends {url} its own headers{_list(now)}.")
    else:
        context.say(f"{name} sends {url} no headers of its own.")


def _list(profile: Profile) -> str:
    """Return the names of the profile's headers in brackets; what is no object has none."""
    found = profile.raw.get("headers")
    names = ", ".join(clean(name) for name in found) if isinstance(found, dict) else ""
    return f" ({names})" if names else ""
