"""Which commands of the official CLI only read: the table of shell/reads.sh, for the core.

One table for both: the shim sources that file, this reads its lines. Anything that is not in it is
a change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .scripts import script

_ENTRY = re.compile(r"^ *'([a-z0-9-]+ [a-z0-9-]+)'", re.MULTILINE)
_HELP = ("-h", "--help")


def commands() -> frozenset[str]:
    """Return the commands that only read, each as "group command"."""
    return frozenset(_ENTRY.findall(script("reads.sh")))


def only_reads(args: Sequence[str]) -> bool:
    """Return whether the official CLI's arguments `args` change nothing, as __dctx_reads does."""
    if len(args) in (2, 3) and not args[0].startswith("-"):
        if len(args) == 2 and args[1] in _HELP:
            return True
        if len(args) == 3 and not args[1].startswith("-") and args[2] in _HELP:
            return True
    return " ".join(args[:2]) in commands() if len(args) >= 2 else False


# Where the CLI's words do not say how the server spells a procedure.
_SPELLED = {
    "server with-sshkey": "server.withSSHKey",
    "settings check-gpustatus": "settings.checkGPUStatus",
    "sso enforce-sso": "sso.enforceSSO",
    "sso show-sign-in-with-sso": "sso.showSignInWithSSO",
}


def procedures() -> frozenset[str]:
    """Return the server's procedures that only read ("application.one"), of the same table."""
    return frozenset(_SPELLED.get(name) or _procedure(name) for name in commands())


def _procedure(command: str) -> str:
    """Return `command` ("custom-role all") as the server spells it ("customRole.all")."""
    words = [word.split("-") for word in command.split(" ")]
    return ".".join(first + "".join(map(str.capitalize, rest)) for first, *rest in words)
