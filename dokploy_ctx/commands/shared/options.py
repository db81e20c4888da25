"""Options of several commands, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., Any])


def profile_option(help_: str, *short: str) -> Callable[[_F], _F]:
    """Return the option --profile NAME, which a command gets as `flag`, with its help.

    `short` are other names of the option.
    """
    return click.option(*short, "--profile", "flag", metavar="NAME", help=help_)
