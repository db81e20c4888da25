"""How wide a terminal is, and a text in it. Wrapped lines and tables have modules of their own."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO

USUAL = 80  # columns, where a terminal does not say how many it has


def window(stream: IO[str]) -> int:
    """Return how many columns the terminal has that `stream` writes to, 0 where it is none."""
    if not stream.isatty():
        return 0
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    return columns or USUAL


def width(text: str) -> int:
    """Return how many columns a terminal needs for `text`."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    return max(0, wcswidth(text))
