"""The lock of a configuration: one writer at a time, and a message if somebody has to wait.

It is an flock(2), which ends with the process that holds it, so a killed writer leaves no lock. The
file has no content. A process may delete it while it holds the lock; whoever waited then checks
whether the file is still there, and opens it again if not.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from ..errors import Busy
from ..text.streams import say
from . import ownership

NAME = ".lock"
# How long a command waits, and after what time it says so.
COMMAND_SECONDS = 30.0
_QUIET_SECONDS = 0.5
# How long prompts and the shim wait. With the start of Python they must take half a second at most.
PROMPT_SECONDS = 0.3


def _open(path: str) -> tuple[int, bool]:
    """Return a handle of the lock's file, and whether we created it."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        try:
            return os.open(path, flags), False
        except FileNotFoundError:
            owner = ownership.owner_for(path)
        except PermissionError:
            ownership.owner_for(path)  # explains it if another user owns the file
            raise
        with contextlib.suppress(FileExistsError):
            return ownership.create(path, 0o600, owner), True


def _is_at(path: str, handle: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.stat(path, follow_symlinks=False), os.fstat(handle))
    return False


def _wait(folder: str, handle: int, seconds: float) -> None:
    start, told = time.monotonic(), False
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        waited = time.monotonic() - start
        if waited > seconds:
            raise Busy(
                f"another dctx has been changing {folder} for {seconds:.0f} s. Nothing was "
                "changed. Try again when that one has ended."
            )
        if waited > _QUIET_SECONDS and not told:
            say(f"waiting for another dctx, which is changing {folder} ...")
            told = True
        time.sleep(0.01)


@contextlib.contextmanager
def held(folder: str, seconds: float = COMMAND_SECONDS) -> Iterator[None]:
    """Hold the lock of the config folder `folder` during the block; wait up to `seconds` for it.

    If the block fails, a lock file that we created is deleted. Raises Busy (exit 1) if another
    process holds the lock for longer, Refused (exit 6) if this user may not write there, OSError.
    """
    path = os.path.join(folder, NAME)
    handle, made = _open(path)
    try:
        _wait(folder, handle, seconds)
        while not _is_at(path, handle):
            ownership.close_quietly(handle)
            handle, made = _open(path)
            _wait(folder, handle, seconds)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to report
            if made and _is_at(path, handle):
                os.unlink(path)
        raise
    finally:
        ownership.close_quietly(handle)
