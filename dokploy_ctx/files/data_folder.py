"""The data folder: write the static files that terminals load, and remove them again."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping

from . import ownership

# Lists the folders that dctx had to make, so that they can be removed with the files.
MADE = ".made"
_LEFT = re.compile(
    r"(?:hook|shared|dctx|more|tab|direnv|dokploy|reads|preload)(?:\.\w+)?\.\d+\.tmp|exported\.\d+"
)


def write(folder: str, files: Mapping[str, tuple[str, int]]) -> None:
    """Write those of `files` (path below `folder` → text and mode) that differ, each by a rename.

    Raises OSError, or Refused (exit 6) if this user may not write there. Folders that were made are
    removed then.
    """
    for name in files:
        ownership.owner_for(os.path.join(folder, name))
    made = ownership.make_folder(folder, 0o755)
    try:
        for part in sorted({os.path.dirname(name) for name in files} - {""}):
            ownership.make_folder(os.path.join(folder, part), 0o755)
        if made:
            _write(
                os.path.join(folder, MADE), b"".join(os.fsencode(p) + b"\0" for p in made), 0o644
            )
        for name, (text, mode) in files.items():
            _write(os.path.join(folder, name), text.encode("utf-8", "surrogateescape"), mode)
    except BaseException:
        if made:
            remove(folder, files)
            ownership.remove_folders(made)
        raise


def _write(path: str, data: bytes, mode: int) -> None:
    with contextlib.suppress(FileNotFoundError), ownership.opened(path) as file:
        if file.read() == data and os.stat(path).st_mode & 0o777 == mode:
            return
    temporary = f"{path}.{os.getpid()}.tmp"
    handle = ownership.create(temporary, mode, ownership.owner_for(path))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def remove(folder: str, names: Iterable[str]) -> list[str]:
    """Remove the files `names` and every folder that was made for them.

    Return the names of other files, which are kept. No OSError is raised.
    """
    made: list[bytes] = []
    with contextlib.suppress(OSError), ownership.opened(os.path.join(folder, MADE)) as file:
        made = file.read().split(b"\0")
    for name in (*names, MADE):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    for part in (os.path.join(folder, "shims"), os.path.join(folder, "cli"), folder):
        with contextlib.suppress(OSError):
            for name in os.listdir(part):
                if _LEFT.fullmatch(name):  # left by a writer that was killed
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
