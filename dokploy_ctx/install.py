"""Which shell the user runs. (`dctx install` is an issue of its own.)"""

from __future__ import annotations

import os

from .emit import SHELLS


def user_shell() -> str:
    """Return the shell that runs us: bash, zsh, fish, or sh for any other."""
    import shellingham

    try:
        name = shellingham.detect_shell()[0]
    except (shellingham.ShellDetectionFailure, OSError):
        name = os.path.basename(os.environ.get("SHELL", ""))
    return name if name in SHELLS else "sh"
