"""What every core command does at its end: the static hook is kept as new as the program."""

from __future__ import annotations

import os
from collections.abc import Mapping

from . import __version__, paths
from .errors import DctxError

# In the index folder: version and data folder of the static hook that was written last, so that
# no command has to import platformdirs to find it.
RECORD = ".hook"


def _record(environ: Mapping[str, str]) -> str:
    return os.path.join(paths.index_dir(paths.config_dir(environ)), RECORD)


def after_command(environ: Mapping[str, str]) -> None:
    """Rewrite hook and shim where they were written by another version. Never fails."""
    try:
        with open(_record(environ), encoding="utf-8") as file:
            version, _, folder = file.read().rstrip("\n").partition("\x1f")
        if version != __version__ and os.path.isdir(folder):
            from . import hook

            hook.write_static(folder)
            note(environ, folder)
    except (OSError, DctxError, ValueError):
        return


def note(environ: Mapping[str, str], folder: str) -> None:
    """Record that hook and shim of this version are in the data folder `folder`."""
    record = _record(environ)
    os.makedirs(os.path.dirname(os.path.dirname(record)), 0o700, exist_ok=True)
    os.makedirs(os.path.dirname(record), 0o700, exist_ok=True)
    with open(record, "w", encoding="utf-8") as file:
        file.write(f"{__version__}\x1f{folder}\n")
