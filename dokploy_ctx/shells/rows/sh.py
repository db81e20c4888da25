"""The row of sh, which scripts and CI systems evaluate text with: it has no hook."""

from __future__ import annotations

from .posix import Posix


class Sh(Posix):
    """Any shell of the Bourne family."""

    name = "sh"


ROW = Sh()
