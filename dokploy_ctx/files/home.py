"""The home folder of the user whom this process serves, and who owns it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..errors import ConfigError
from ..model.profile import quoted


def home(environ: Mapping[str, str]) -> str:
    """Return the home folder: $HOME, or what the system's user database says if that is not set.

    Raises ConfigError (exit 4) if neither is an absolute path: with a relative one, keys and
    commands would come from whatever the working directory is.
    """
    path = environ.get("HOME", "")
    if not path:
        path = _noted()
    if not os.path.isabs(path):
        raise ConfigError(f"HOME is {quoted(path)}. Set HOME to an absolute path.")
    return path


def _noted() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def owner_of_home(environ: Mapping[str, str]) -> int:
    """Return the uid of the home folder's owner, or our own if there is no such folder."""
    try:
        return os.stat(home(environ)).st_uid
    except (OSError, ConfigError):
        return os.geteuid()


def shown_path(path: str) -> str:
    """Return `path` fit for a terminal, with ~ for the home folder."""
    base = os.environ.get("HOME", "").rstrip("/")
    if base and path.startswith(f"{base}/"):
        path = f"~{path[len(base) :]}"
    return path if path.isprintable() else quoted(path)
