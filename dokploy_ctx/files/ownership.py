"""Keep the owners of files: root's writes leave them with the user, and nobody else's are written.

root may use the folders of HOME's owner, as under `sudo -E`. Existing files keep their owner, new
files get the owner of their folder, and no group is changed. Every other user writes into their own
folders alone. Modes are chosen here, since a umask may make files writable by everybody.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from ..errors import Refused
from .home import owner_of_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

# The mode of a folder such as /tmp, in which everybody may make files of their own.
_SHARED = stat.S_ISVTX | stat.S_IWOTH


def _owners_of_links(path: str) -> Iterator[int]:
    """Yield the owners of the symbolic links on the way to `path`."""
    todo = [part for part in os.path.abspath(path).split("/") if part]
    done, seen = "/", 0
    while todo:
        step = os.path.normpath(os.path.join(done, todo.pop(0)))
        try:
            info = os.lstat(step)
        except OSError:
            return
        if stat.S_ISLNK(info.st_mode) and seen < 40:  # the limit of the kernel
            seen += 1
            yield info.st_uid
            target = os.readlink(step)
            todo = [part for part in target.split("/") if part] + todo
            done = "/" if os.path.isabs(target) else done
        else:
            done = step


def obstacle(path: str, *, write: bool) -> str:
    """Return why the folder or file `path` must not be used, or "".

    If it does not exist, the folder in which it would be made decides.
    """
    there = _existing(path)
    info, me = os.stat(there), os.geteuid()
    if me:
        own = info.st_uid == me or (not write and info.st_uid == 0)
        return "" if own else f"{there} belongs to another user"
    if any(uid not in (0, info.st_uid) for uid in _owners_of_links(path)):
        return f"{path} is reached through a link that belongs to another user"
    if not info.st_uid or not stat.S_ISDIR(info.st_mode):
        return ""
    if info.st_uid != owner_of_home(os.environ):
        return f"{there} belongs to neither root nor the owner of HOME"
    outer = os.stat(os.path.dirname(os.path.realpath(there)))
    if outer.st_mode & _SHARED:
        return f"{there} belongs to another user and is in a folder that everybody can write to"
    return ""


def _existing(path: str) -> str:
    """Return `path`, or the nearest folder above it that exists; follow links."""
    if os.path.exists(path):
        return path
    missing = missing_folders(os.path.realpath(path))
    return os.path.dirname(missing[0]) if missing else path


def missing_folders(path: str) -> list[str]:
    """Return which of `path` and the folders above it do not exist, the outermost first."""
    found: list[str] = []
    path = os.path.abspath(path)
    while not os.path.lexists(path):
        found.insert(0, path)
        path = os.path.dirname(path)
    return found


def owner_for(path: str) -> int | None:
    """Return the uid that the file or folder `path` gets when it is written, None for our own.

    Raises Refused (exit 6) if this user may not write it.
    """
    there = _existing(path)
    info, me = os.stat(there), os.geteuid()
    # Everybody may make a folder in /tmp, which may be the only HOME of a container's user.
    if me and there != path and info.st_mode & _SHARED == _SHARED:
        return None
    if not stat.S_ISDIR(info.st_mode):
        _require(os.path.dirname(os.path.realpath(there)))
    _require(path)
    return None if info.st_uid == me else info.st_uid


def _require(path: str) -> None:
    why = obstacle(path, write=True)
    if why:
        raise Refused(f"{why}. Nothing was changed. Run dctx as the user who owns it.")


def make_folder(path: str, mode: int) -> list[str]:
    """Make the folder `path` and missing folders above it; return those, the outermost first.

    Raises OSError, Refused (exit 6); then no folder was made.
    """
    made: list[str] = []
    try:
        for folder in missing_folders(path):
            owner = owner_for(folder)
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, mode)
                made.append(folder)
                if owner is not None:
                    os.chown(folder, owner, -1, follow_symlinks=False)
    except BaseException:
        remove_folders(made)
        raise
    return made


def remove_folders(made: list[str]) -> None:
    """Remove those of the folders that make_folder() made that are empty."""
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def opened(path: str) -> BinaryIO:
    """Return the file `path`, opened for reading. Raises OSError, also for anything but a file.

    Opening a pipe would wait for a writer, and reading a device may never end.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    close_quietly(handle)
    number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(number, os.strerror(number) if stat.S_ISDIR(mode) else "Not a file", path)


def close_quietly(handle: int) -> None:
    """Close a handle without OSError: its file is empty or flushed, so that no error matters."""
    with contextlib.suppress(OSError):
        os.close(handle)


def create(path: str, mode: int, owner: int | None, *, umask: bool = False) -> int:
    """Create the file `path` with this mode and owner (None: ours); return its handle.

    With `umask`, the user's umask removes bits of the mode. Raises OSError; then there is no file.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(path, flags, mode)
    try:
        if owner is not None:
            os.fchown(handle, owner, -1)
        if not umask:
            os.fchmod(handle, mode)
    except BaseException:
        close_quietly(handle)
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    return handle
