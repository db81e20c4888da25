"""The hook scripts and the shim in the data folder: written, removed, and the lines that load them.

scripts.py makes their texts.
"""

from __future__ import annotations

import contextlib
import os
import shlex

from . import cli_files, datafolder, paths, preload
from .emit import quote_fish
from .errors import DctxError, Refused
from .scripts import HOOKED, PIECES, files

SHELLS = ("bash", "zsh", "fish", "sh")

# What write_static leaves in the data folder.
STATIC = (
    *(f"hook.{shell}" for shell in HOOKED),
    *PIECES,
    "direnv.sh",
    "shims/dokploy",
    "shims/reads.sh",
    f"shims/{preload.FILE}",
)


def write_static(folder: str) -> None:
    """Write what differs of the static files. Raises OSError, Refused (exit 6)."""
    datafolder.write(folder, {**files(folder), **cli_files.missing(folder)})


def remove_static(folder: str) -> list[str]:
    """Remove the static files; returns the names of what is there besides, which stays."""
    return datafolder.remove(folder, (*STATIC, *cli_files.names(folder)))


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
    """Return the line that loads the static hook of `shell`."""
    path = hook_path(shell, folder)
    return f"source {quote_fish(path) if shell == 'fish' else shlex.quote(path)}"


def load_line(shell: str) -> str:
    """Return the line that loads the hook into a `shell` that runs already."""
    return "dctx init fish | source" if shell == "fish" else f'eval "$(dctx init {shell})"'


def init_text(shell: str) -> str:
    """Return what `dctx init SHELL` prints, after writing the static files.

    Raises DctxError (exit 1) where the data folder cannot be written.
    """
    from .upkeep import note

    folder = paths.data_dir()
    try:
        write_static(folder)
        with contextlib.suppress(OSError, DctxError):
            note(os.environ, folder)
    except Refused:
        if not os.path.exists(hook_path("bash", folder)):
            raise
    except OSError as error:
        if not os.path.exists(hook_path("bash", folder)):
            raise DctxError(f"cannot write {folder}: {error.strerror}.") from None
    if shell == "sh":
        return f"PATH={shlex.quote(os.path.join(folder, 'shims'))}:$PATH\nexport PATH\n"
    return source_line(shell, folder) + "\n"
