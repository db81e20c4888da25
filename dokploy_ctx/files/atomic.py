"""A file replaced at one instant: whoever reads it sees the old one or the new one, whole.

Temporary file in the same folder, fsync, rename, fsync of the folder. Until the rename every fault
leaves all as it was; from there on the change is made, and a fault is only told.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable

from . import ownership

# One name, since the lock is held: a killed writer leaves at most one, which the next takes away.
TEMPORARY = ".config.json.dctx-tmp"
# What CIFS, FUSE and 9p answer where a folder cannot be written to the disk by itself.
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


def _time_unlike(path: str) -> int:
    """Return a time for the new version of the file `path`, in nanoseconds.

    Of the second before now: bash 3.2 compares whole seconds, and so still sees somebody else's
    change in this second. And unlike that of the version before, though it was written just now:
    a copy of that one, put back with its old time, must look like another file.
    """
    now = time.time_ns()
    second = now // 10**9 - 1
    with contextlib.suppress(FileNotFoundError):
        if os.stat(path).st_mtime_ns // 10**9 == second:
            second -= 1
    return second * 10**9 + now % 10**9


def replace(path: str, data: bytes, before: Callable[[], None]) -> tuple[os.stat_result, str]:
    """Make `data` the contents of the file `path`, which is no link.

    `before` runs right before the rename. Returns what the new file is, and why the folder could
    not be written to the disk, "" where it was. Raises OSError and what `before` raises, Refused
    (exit 6): then nothing was changed.
    """
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, TEMPORARY)
    owner = ownership.owner_for(path)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    handle = ownership.create(temporary, 0o600, owner)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            mtime_ns = _time_unlike(path)
            os.utime(handle, ns=(mtime_ns, mtime_ns))
            os.fsync(handle)
            info = os.fstat(handle)
        before()
        os.rename(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return info, _sync_folder(folder)


def _sync_folder(folder: str) -> str:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        return "" if error.errno in _NO_SYNC else str(error.strerror)
    return ""
