"""Ask a person, or refuse if there is no terminal. Every ordinary question is asked here.

The confirmation for a protected profile is in confirm.py, since no pipe may answer it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from ...errors import Cancelled, UsageError
from ...text.streams import laid_out, say


def is_possible() -> bool:
    """Return whether a person can see a question and answer it: stdin and stderr are terminals."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def require(otherwise: str) -> None:
    """Return if a person can be asked. Raises UsageError (exit 2) with `otherwise` if not."""
    if not is_possible():
        raise UsageError(otherwise)


def yes_or_no(question: str, otherwise: str, cancelled: str) -> None:
    """Return if the answer is yes; Enter alone means no.

    Raises UsageError (exit 2) with `otherwise` if nobody can be asked. Raises Cancelled (exit 130)
    with `cancelled` for any other answer, for Ctrl-C and for Ctrl-D.
    """
    require(otherwise)
    while True:
        try:
            answer = _prompt(f"{question} [y/N]:", default="").strip().lower()
        except click.Abort:
            click.echo(err=True)
            answer = ""
        if answer in ("y", "yes"):
            return
        if answer in ("", "n", "no"):
            raise Cancelled(cancelled)
        say("answer y or n.")


def text(
    question: str,
    otherwise: str,
    *,
    default: str | None = None,
    choices: Sequence[str] = (),
    hidden: bool = False,
) -> str:
    """Return the answer that a person types; with `hidden` it is not shown.

    Raises UsageError (exit 2) with `otherwise` if nobody can be asked, Cancelled (exit 130) for
    Ctrl-C and Ctrl-D.
    """
    require(otherwise)
    kind = click.Choice(choices) if choices else str
    offered = f" ({', '.join(choices)})" if choices else f" [{default}]" if default else ""
    try:
        return _prompt(f"{question}{offered}:", default=default, type=kind, hide_input=hidden)
    except click.Abort:
        click.echo(err=True)
        raise Cancelled("cancelled.") from None


def _prompt(question: str, **how: Any) -> str:
    return str(
        click.prompt(
            laid_out(question),
            show_default=False,
            show_choices=False,
            prompt_suffix=" ",
            err=True,
            **how,
        )
    )
