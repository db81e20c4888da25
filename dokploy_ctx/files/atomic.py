"""Replace a file at one instant, so that readers see either the old version or the new one.

The steps are: a temporary file in the same folder, fsync, rename, fsync of the folder. A fault
before the rename changes nothing. After it the change is made, and a fault is only reported.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable

from . import ownership

# One name is enough, since the lock is held: the next writer deletes what a killed one left.
TEMPORARY = ".config.json.dctx-tmp"
# The errors of file systems that cannot sync a folder (CIFS, FUSE, 9p).
_NO_SYNC = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)


def _time_unlike(path: str) -> int:
    """Return a modification time for the new version of the file `path`, in nanoseconds.

    The time is in the previous second, not in this one: bash 3.2 compares whole seconds, and must
    see it if another program changes the file now. The second also differs from that of the old
    version, so that a copy of it that is put back with its old time looks like another file.
    """
    now = time.time_ns()
    second = now // 10**9 - 1
    with contextlib.suppress(FileNotFoundError):
        if os.stat(path).st_mtime_ns // 10**9 == second:
            second -= 1
    return second * 10**9 + now % 10**9


def replace(path: str, data: bytes, before: Callable[[], None]) -> tuple[os.stat_result, str]:
    """Make `data` the content of the file `path`, which is not a link.

    `before` runs right before the rename. Return the new file's status, and why the folder could
    not be synced, or "". Raises OSError, Refused (exit 6) and what `before` raises; then nothing
    was changed.
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
