"""How wide a terminal is. Every command may need this; tables and wrapped lines few of them."""

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
