"""The mark in the environment of a command that runs through a broker: what works there.

A guard-rail, as all of this is for programs that run as the same user (SECURITY.md): it keeps a
command from asking dctx itself for the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..constants import BROKER, SEPARATOR
from ..errors import Refused

# What neither shows a key nor changes anything.
_WORKS = frozenset(
    {"-h", "--help", "-V", "--version", "help", "list", "ls", "current", "find", "init"}
)
_GROUPS = frozenset({"orgs", "profiles"})
# Of ours: the prompt's question, and the shim's (which looks at the profile itself).
_INNER = frozenset({"_hook", "_run"})


class Mark(NamedTuple):
    """The profile's name, what the prompt shows, and the word for what is allowed."""

    profile: str
    segment: str
    access: str

    def text(self) -> str:
        """Return it as it stands in the variable."""
        return SEPARATOR.join(self)

    def refusal(self) -> Refused:
        """Return the error for what does not work here (exit 6)."""
        from ..model.profile import shown

        how = self.access if self.access == "read-only" else f"with {self.access} access"
        return Refused(
            f"this command runs {how} as {shown(self.profile)}. Of dctx, only help, list and "
            "current work in it. To leave it: exit"
        )


def of(environ: Mapping[str, str]) -> Mark | None:
    """Return the mark of this environment, None where there is none."""
    text = environ.get(BROKER)
    if text is None:
        return None
    parts = text.split(SEPARATOR)
    return Mark(*parts) if len(parts) == 3 else Mark("?", "?", "read-only")


def check(environ: Mapping[str, str], args: Sequence[str]) -> None:
    """Return if `dctx ARGS` works here. Raises Refused (exit 6)."""
    mark = of(environ)
    first = args[0] if args else "list"
    if mark is None or first in _WORKS or first in _INNER:
        return
    # `dctx COMMAND --help` alone: behind other words it may be an option of what exec would run.
    if args[-1] in ("-h", "--help") and (len(args) == 2 or (len(args) == 3 and first in _GROUPS)):
        return
    raise mark.refusal()
