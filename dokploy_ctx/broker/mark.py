"""The variable that marks a command that runs through a broker, and what dctx does there.

It keeps the command from asking dctx itself for the key. It is a guard-rail, since programs of the
same user can remove it (SECURITY.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..constants import BROKER, SEPARATOR
from ..errors import Refused

# Commands that neither show a key nor change anything.
_WORKS = frozenset(
    {"-h", "--help", "-V", "--version", "help", "list", "ls", "current", "find", "init"}
)
_GROUPS = frozenset({"orgs", "profiles"})
# Commands of our own: the hooks call _hook, and the shim calls _run, which checks the profile.
_INNER = frozenset({"_hook", "_run"})


class Mark(NamedTuple):
    """The profile's name, the prompt's segment, and the word for what is allowed."""

    profile: str
    segment: str
    access: str

    def text(self) -> str:
        """Return the value of the variable."""
        return SEPARATOR.join(self)

    def refusal(self) -> Refused:
        """Return the error for a command that does not work here (exit 6)."""
        from ..model.profile import shown

        how = self.access if self.access == "read-only" else f"with {self.access} access"
        return Refused(
            f"this command runs {how} as {shown(self.profile)}. Of dctx, only help, list and "
            "current work in it. To leave it: exit"
        )


def of(environ: Mapping[str, str]) -> Mark | None:
    """Return the mark in `environ`, or None."""
    text = environ.get(BROKER)
    if text is None:
        return None
    parts = text.split(SEPARATOR)
    return Mark(*parts) if len(parts) == 3 else Mark("?", "?", "read-only")


def check(environ: Mapping[str, str], args: Sequence[str]) -> None:
    """Return if `dctx ARGS` works in `environ`. Raises Refused (exit 6) if not."""
    mark = of(environ)
    first = args[0] if args else "list"
    if mark is None or first in _WORKS or first in _INNER:
        return
    # Only `dctx COMMAND --help`: after other words, --help may belong to what exec would run.
    if args[-1] in ("-h", "--help") and (len(args) == 2 or (len(args) == 3 and first in _GROUPS)):
        return
    raise mark.refusal()
