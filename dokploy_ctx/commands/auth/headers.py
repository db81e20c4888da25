"""`dctx auth --header` and `--headers-command`: headers for an access proxy before a panel."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from ...errors import UsageError
from ...model.headers import fields, same_origin, wrong, wrong_name, wrong_value
from ...model.profile import Profile
from ..shared import ask, context

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]
headers_option: _Option = click.option(
    "--header",
    metavar="HEADER",
    multiple=True,
    help="A header that the panel's access proxy needs. NAME: the value is asked, hidden, or read "
    "from stdin (one line each, after the key's line); 'NAME:' removes the header.",
)
headers_command_option: _Option = click.option(
    "--headers-command",
    metavar="CMD",
    help="Run CMD for the headers, which it prints as a JSON object; '' removes it.",
)


@dataclass
class HeaderChanges:
    """The changes that the options ask for.

    `start` are the header fields of the profile before. `left` is the old profile if its headers
    are dropped because the new URL has another origin.
    """

    start: dict[str, Any]
    left: Profile | None = None
    values: dict[str, str | None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    command: list[str] | None = None
    given: bool = False

    def read(self) -> dict[str, Any]:
        """Return the header fields for the profile; ask for values that were not given.

        On stdin, each value is on a line of its own, in the order of the options.
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
                raise UsageError(f"{problem}. Nothing was saved. Correct it and try again.")
            _drop(found, name)
            found[name] = text
        for name in self.removed:
            _drop(found, name)
        problem = wrong(found)
        if problem:
            raise UsageError(
                f"the headers are invalid: {problem}. Nothing was saved. "
                "Correct them and try again."
            )
        return {"headers": found} if found else {}


def wanted_headers(
    options: Sequence[str], command: str | None, before: Profile | None, address: str
) -> HeaderChanges:
    """Return the changes to the headers of `before`, which is saved with the URL `address`.

    Raises UsageError (exit 2) for an invalid header.
    """
    if options and command is not None:
        raise UsageError("--header and --headers-command exclude each other. Use one of them.")
    wanted = HeaderChanges(fields(before) if before is not None else {})
    if before is not None and wanted.start and not same_origin(before.url, address):
        wanted.left, wanted.start = before, {}
    wanted.given = bool(options) or command is not None
    if command is not None:
        wanted.command = words_of(command, "--headers-command") if command.strip() else []
    elif options and wrong(wanted.start.get("headers") or {}):
        wanted.start = {}  # damaged headers are dropped
    for option in options:
        _add(wanted, option)
    return wanted


def _add(wanted: HeaderChanges, option: str) -> None:
    name, colon, value = option.partition(":")
    name, value = name.strip(), value.strip()
    problem = wrong_name(name)
    if problem:  # do not quote it, since it may be a secret value
        raise UsageError(f"{problem}. Use --header NAME, or --header 'NAME: value'.")
    if name.lower() in {known.lower() for known in (*wanted.values, *wanted.removed)}:
        raise UsageError(f"the header {name} was given twice. Use --header {name} once.")
    if colon and not value:
        if name.lower() not in {known.lower() for known in wanted.start.get("headers") or {}}:
            raise UsageError(
                f"the header {name} is not saved, so it cannot be removed. To save one, quote it: "
                f"--header '{name}: value', or use: --header {name}"
            )
        wanted.removed.append(name)
        return
    if colon:
        context.warn(
            "a value on the command line stays in the shell's history and is visible in ps. "
            f"Use --header {name}"
        )
    wanted.values[name] = value if colon else None


def _drop(headers: dict[str, str], name: str) -> None:
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]


def _ask(name: str) -> str:
    if sys.stdin.isatty():
        text = ask.text(
            f"Value of the header {name} (not shown)",
            f"the value of the header {name} is required, and there is no terminal to ask on. "
            "Put it on stdin, on a line of its own.",
            hidden=True,
        )
    else:
        text = sys.stdin.readline()
        if not text:
            raise UsageError(
                f"the value of the header {name} is not on stdin. Put it on a line of its own."
            )
    return str(text).strip()


def words_of(command: str, option: str) -> list[str]:
    """Return the words of a command line, split as in a shell. Raises UsageError (exit 2)."""
    import shlex

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(
            f"{option} cannot be split into words: {error}. Check its quotes."
        ) from None
    if not words or not words[0]:
        raise UsageError(f"{option} is empty. Use a program and its arguments.")
    return words
