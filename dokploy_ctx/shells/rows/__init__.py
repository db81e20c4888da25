"""One row per shell: all that the core has to know of it, in the module of its name.

row.py says what a row holds. Everything else goes through the rows, or asks one. So a shell is
added by its module here, its name below and its scripts in shell/. A row is imported when it is
asked for: a terminal does not wait for those of other shells.
"""

from __future__ import annotations

import importlib
from typing import cast

from .row import KEY, Row, Spelling

__all__ = ["HOOKED", "KEY", "SHELLS", "Row", "Spelling", "every", "row", "spelling"]

# The shells that have a hook, in the order in which they are listed.
HOOKED = ("bash", "zsh", "fish")
# Besides those, what scripts and CI systems evaluate text with.
SHELLS = (*HOOKED, "sh")


def spelling(shell: str) -> Spelling:
    """Return how `shell`, one of SHELLS, is told to set and to unset."""
    return cast(Spelling, importlib.import_module(f".{shell}", __name__).ROW)


def row(shell: str) -> Row:
    """Return the row of `shell`, one of HOOKED."""
    return cast(Row, spelling(shell))


def every() -> list[Row]:
    """Return the rows of all shells that have a hook."""
    return [row(shell) for shell in HOOKED]
