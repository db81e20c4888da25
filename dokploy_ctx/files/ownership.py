"""Whose files are written: a user's stay the user's, though root writes them, and nobody writes
among the files of somebody else.

root may use the folders of HOME's owner, as under `sudo -E`: what exists keeps its owner, what is
new gets its folder's, and no group is changed. Everybody else writes into folders of their own
only. Modes are chosen here and not by the umask, which may make a folder writable by all.
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

# A folder such as /tmp, in which everybody may make a folder of their own.
_SHARED = stat.S_ISVTX | stat.S_IWOTH


def _owners_of_links(path: str) -> Iterator[int]:
    """Yield the owners of the symbolic links that `path` goes through."""
    todo = [part for part in os.path.abspath(path).split("/") if part]
    done, seen = "/", 0
    while todo:
        step = os.path.normpath(os.path.join(done, todo.pop(0)))
        try:
            info = os.lstat(step)
        except OSError:
            return
        if stat.S_ISLNK(info.st_mode) and seen < 40:  # the kernel follows no more either
            seen += 1
            yield info.st_uid
            target = os.readlink(step)
            todo = [part for part in target.split("/") if part] + todo
            done = "/" if os.path.isabs(target) else done
        else:
            done = step


def obstacle(path: str, *, write: bool) -> str:
    """Return why the folder or file `path` is not to be used, "" where it may be.

    Of one that is missing this is said of the folder that it would have to be made in.
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
    """Return `path`, or the first above it that exists, links followed."""
    if os.path.exists(path):
        return path
    missing = missing_folders(os.path.realpath(path))
    return os.path.dirname(missing[0]) if missing else path


def missing_folders(path: str) -> list[str]:
    """Return those of `path` and the folders above it that do not exist, the outermost first."""
    found: list[str] = []
    path = os.path.abspath(path)
    while not os.path.lexists(path):
        found.insert(0, path)
        path = os.path.dirname(path)
    return found


def owner_for(path: str) -> int | None:
    """Return the uid that the file or folder `path` has to get when it is written, None for ours.

    Raises Refused (exit 6), before anything is written, where this user may not write it.
    """
    there = _existing(path)
    info, me = os.stat(there), os.geteuid()
    # Anybody may make a folder of their own in /tmp; a container's user may have no other HOME.
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
    """Make the folder `path` and those that are missing above it; return what was made.

    The outermost comes first. Raises OSError, Refused (exit 6); then none was made.
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
    """Remove the folders that make_folder made, as far as they are empty."""
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def opened(path: str) -> BinaryIO:
    """Return the file `path`, for reading. Raises OSError, also where something else is there.

    A pipe would be waited for until somebody writes into it, and a device may never end.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    close_quietly(handle)
    number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(number, os.strerror(number) if stat.S_ISDIR(mode) else "Not a file", path)


def close_quietly(handle: int) -> None:
    """Close a handle of a file that is empty, or flushed already: no complaint matters any more."""
    with contextlib.suppress(OSError):
        os.close(handle)


def create(path: str, mode: int, owner: int | None, *, umask: bool = False) -> int:
    """Return the handle of the new file `path`, of this owner (None: ours) and mode.

    `umask`: the user's umask takes bits off it. Raises OSError; then there is no such file.
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
