"""Which commands of the official CLI only read.

The table is in shell/reads.sh, which the shim sources, and whose lines this module reads. A command
that is not in it counts as a change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..files.paths import script_text

_ENTRY = re.compile(r"^ *'([a-z0-9-]+ [a-z0-9-]+)'", re.MULTILINE)
_HELP = ("-h", "--help")


def commands() -> frozenset[str]:
    """Return the commands that only read, each as "group command"."""
    return frozenset(_ENTRY.findall(script_text("reads.sh")))


def only_reads(args: Sequence[str]) -> bool:
    """Return whether the official CLI's arguments `args` change nothing, as __dctx_reads does."""
    if len(args) in (2, 3) and not args[0].startswith("-"):
        if len(args) == 2 and args[1] in _HELP:
            return True
        if len(args) == 3 and not args[1].startswith("-") and args[2] in _HELP:
            return True
    return " ".join(args[:2]) in commands() if len(args) >= 2 else False


def procedures() -> frozenset[str]:
    """Return the server's procedures ("application.one") of the commands that only read.

    The shipped table of the CLI's commands has their names.
    """
    from . import table

    only = commands()
    shipped = table.from_text(script_text("commands.txt"))
    return frozenset(c.procedure for c in shipped if f"{c.group} {c.name}" in only)
