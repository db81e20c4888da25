"""Which shell the user has: for install, and for what says how to load dctx.

The only importer of shellingham.
"""

from __future__ import annotations

import os

from . import rows


def _running_shell() -> str:
    import shellingham  # type: ignore[import-untyped]

    try:
        return str(shellingham.detect_shell()[0])
    except (shellingham.ShellDetectionFailure, OSError):
        return ""


def user_shell() -> str:
    """Return the shell that runs us: one with a row, or sh for any other."""
    name = _running_shell() or os.path.basename(os.environ.get("SHELL", ""))
    return name if name in rows.SHELLS else "sh"


def detect() -> str | None:
    """Return the shell to install for: the one that runs us, else $SHELL; None for neither."""
    for name in (_running_shell(), os.path.basename(os.environ.get("SHELL", ""))):
        if name in rows.HOOKED:
            return name
    return None
