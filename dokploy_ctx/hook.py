"""The hook scripts and the shim in the data folder: written, removed, and the lines that load them.

scripts.py makes their texts.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex

from . import paths, preload
from .emit import quote_fish
from .errors import DctxError
from .scripts import HOOKED, PIECES, files

SHELLS = ("bash", "zsh", "fish", "sh")

# What write_static leaves in the data folder, and the list of folders that it had to make for that.
STATIC = (
    *(f"hook.{shell}" for shell in HOOKED),
    *PIECES,
    "direnv.sh",
    "shims/dokploy",
    "shims/reads.sh",
    f"shims/{preload.FILE}",
)
MADE = ".made"
_LEFT = re.compile(
    r"(?:hook|core|session|ask|tab|direnv|dokploy|reads|preload)(?:\.\w+)?\.\d+\.tmp"
)


def write_static(folder: str) -> None:
    """Write what differs of the static files, each by a rename. Raises OSError."""
    made = _make_folder(folder)
    os.makedirs(os.path.join(folder, "shims"), 0o755, exist_ok=True)
    if made:
        with open(os.path.join(folder, MADE), "wb") as file:
            file.write(b"".join(os.fsencode(path) + b"\0" for path in made))
    for name, (text, mode) in files(folder).items():
        path = os.path.join(folder, name)
        data = text.encode("utf-8", "surrogateescape")
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            if file.read() == data and os.stat(path).st_mode & 0o777 == mode:
                continue
        temporary = f"{path}.{os.getpid()}.tmp"
        with open(temporary, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.rename(temporary, path)


def _make_folder(folder: str) -> list[str]:
    """Make `folder`; return the folders that had to be made for it, the outermost first."""
    made: list[str] = []
    path = folder
    while not os.path.lexists(path):
        made.insert(0, path)
        path = os.path.dirname(path)
    os.makedirs(folder, 0o755, exist_ok=True)
    return made


def remove_static(folder: str) -> list[str]:
    """Remove the static files and every folder that was made for them.

    Returns the names of what is there besides, which stays. Suppresses OSError.
    """
    made: list[bytes] = []
    with contextlib.suppress(OSError), open(os.path.join(folder, MADE), "rb") as file:
        made = file.read().split(b"\0")
    for name in (*STATIC, MADE):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    for part in (os.path.join(folder, "shims"), folder):
        with contextlib.suppress(OSError):
            for name in os.listdir(part):
                if _LEFT.fullmatch(name):  # of a writer that was killed
                    os.unlink(os.path.join(part, name))
        with contextlib.suppress(OSError):
            os.rmdir(part)
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))
    for above in reversed(made):
        if above:
            with contextlib.suppress(OSError):
                os.rmdir(above)
    return []


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
    except OSError as error:
        if not os.path.exists(hook_path("bash", folder)):
            raise DctxError(f"cannot write {folder}: {error.strerror}.") from None
    if shell == "sh":
        return f"PATH={shlex.quote(os.path.join(folder, 'shims'))}:$PATH\nexport PATH\n"
    return source_line(shell, folder) + "\n"
