"""The hook scripts and the shim in the data folder: written, removed, and the lines that load them.

scripts.py makes their texts.
"""

from __future__ import annotations

import contextlib
import os

from ..files import data_folder
from ..official import preload, tab_files
from . import rows
from .scripts import files

# What write_static leaves in the data folder, whichever shells there are.
_SHARED = ("direnv.sh", "shims/dokploy", "shims/reads.sh", f"shims/{preload.FILE}")


def write_static(folder: str) -> None:
    """Write what differs of the static files. Raises OSError, Refused (exit 6)."""
    data_folder.write(folder, {**files(folder), **tab_files.missing(folder)})


def remove_static(folder: str) -> list[str]:
    """Remove the static files; returns the names of what is there besides, which stays."""
    own = [f"{name}.{row.name}" for row in rows.every() for name in ("hook", *dict(row.pieces))]
    return data_folder.remove(folder, (*own, *_SHARED, *tab_files.names(folder)))


def hook_path(shell: str, folder: str) -> str:
    """Return the static hook of `shell`."""
    return os.path.join(folder, f"hook.{shell}")


def version_of(folder: str) -> str:
    """Return the version of dctx that wrote the static files, "" where that is not to be found."""
    with contextlib.suppress(OSError), open(os.path.join(folder, "core.bash"), "rb") as file:
        for line in file.read(4096).decode("utf-8", "replace").split("\n"):
            name, _, value = line.partition("=")
            if name == "__dctx_version":
                return value.strip("'")
    return ""


def source_line(shell: str, folder: str) -> str:
    """Return the line that loads the static hook of `shell` in the data folder `folder`."""
    how = rows.row(shell)
    return how.source.format(file=how.quote(hook_path(shell, folder)))


def load_line(shell: str) -> str:
    """Return the line that loads the hook into a `shell` that runs already."""
    return rows.row(shell).init
