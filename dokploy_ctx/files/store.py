"""Edit config.json under a lock. No other module writes config.json or the index.

`edit()` is the only way to change it, so that no caller can forget a step: lock, read, change,
replace the file, compile the index.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator

from ..errors import Busy, Cancelled, ConfigError, DctxError, Saved
from . import atomic, lock, ownership, paths
from .document import Document, Version, encoded
from .index import Index
from .reading import read, require_own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.resolve import Config

__all__ = ["edit", "forget_index", "is_fresh", "read", "sync"]

# A file may change twice within one kernel tick, and have the same modification time.
TICK_SECONDS = 0.02


def _settled(folder: str) -> Document | None:
    """Return config.json once its time is older than a tick, or None if it is damaged."""
    path = paths.config_file(folder)
    while 0 <= time.time() - os.stat(path).st_mtime < TICK_SECONDS:
        time.sleep(TICK_SECONDS)
    try:
        return read(folder)
    except ConfigError:
        return None


def _require_writable(path: str) -> None:
    # Look at the mode and do not try: root can write everything, but the owner meant read-only.
    with contextlib.suppress(FileNotFoundError):
        if not os.stat(path).st_mode & stat.S_IWUSR:
            raise DctxError(f"{path} is read-only. Nothing was changed. Make it writable.")


@contextlib.contextmanager
def edit(folder: str, by: str | None = None) -> Iterator[Document]:
    """Yield config.json for a change, which is on disk and in the index when the block ends.

    `by` is the pid of the shell that runs the command, None if not known; it is stored beside a
    changed default. An exception in the block changes nothing. Raises ConfigError (exit 4) if the
    file is damaged or something else is in the place of the index, Refused (exit 6) if this user
    may not write there, DctxError (exit 1) if the file cannot be written, and Saved if it was
    written but a later step failed.
    """
    index = Index(paths.index_dir(folder))
    try:
        index.is_there()
        for path in (folder, paths.config_file(folder), index.folder):
            ownership.owner_for(path)
        made = ownership.make_folder(folder, 0o700)
        try:
            _require_writable(folder)
            with lock.held(folder):
                document = read(folder)
                before = document.config.current
                yield document
                moved = document.config.current != before
                _save(folder, document, index, (by or "") if moved or by else None)
        except BaseException:
            ownership.remove_folders(made)
            raise
    except OSError as error:
        raise DctxError(
            f"cannot write {folder}: {error.strerror}. Nothing was changed. "
            "Check the folder and the disk."
        ) from None


def _save(folder: str, document: Document, index: Index, by: str | None) -> None:
    path = paths.config_file(folder)
    target = os.path.realpath(path)
    _require_writable(target)
    _require_writable(os.path.dirname(target))
    try:
        with _uninterrupted():
            try:
                info, fault = atomic.replace(target, encoded(document.data), index.invalidate)
            except BaseException:
                with contextlib.suppress(OSError, DctxError):
                    _compile_what_is_there(folder, index)  # its stamps may be deleted already
                raise
            _compile(index, document.config, (path, Version.of(info)), by)
    except KeyboardInterrupt:
        raise Cancelled(f"cancelled, but {path} was saved before.") from None
    if fault:
        raise Saved(f"saved, but the disk has not confirmed it: {fault}. Check the disk.")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Delay Ctrl-C until the block has ended, so that all its steps are done."""
    import signal

    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _compile(index: Index, config: Config, source: tuple[str, Version], by: str | None) -> None:
    try:
        index.compile(config, source, by)
    except OSError as error:
        why = f"the index {index.folder} cannot be written: {error.strerror}"
        raise Saved(f"saved, but {why}. Check that folder, then run: dctx sync") from None
    except DctxError as error:
        raise Saved(f"saved, but the index is not written: {error}") from None


def _compile_what_is_there(folder: str, index: Index, *, full: bool = False) -> None:
    """Compile config.json as it is on disk, damaged or not, unless the index is fresh."""
    path = paths.config_file(folder)
    for _ in range(5):  # another program may be writing it at this moment, again and again
        version = Version.of(os.stat(path))
        if not full and index.is_fresh(version):
            index.stamp_coarse(version)
            return
        document = _settled(folder)
        if document is None:
            version, config = Version.of(os.stat(path)), None
        elif document.version is None:
            return
        else:
            version, config = document.version, document.config
        if index.compile(config, (path, version), None, full=full):
            return


def is_fresh(folder: str) -> bool:
    """Return whether the index was compiled from the current config.json, damaged or not."""
    index = Index(paths.index_dir(folder))
    try:
        version = Version.of(os.stat(paths.config_file(folder)))
        return index.is_there() and index.is_fresh(version)
    except (OSError, ConfigError):
        return False


def sync(folder: str, *, full: bool = False, seconds: float = lock.COMMAND_SECONDS) -> None:
    """Bring the index up to date with config.json; `full` rewrites all of it.

    Waits for other writers up to `seconds`. Raises ConfigError (exit 4) if config.json is damaged,
    which the index then tells its readers, or if something else is in the place of the index.
    Raises Refused (exit 6) if this user may not write there, DctxError (exit 1) if the index cannot
    be written, Busy (exit 1) if another dctx is writing it and it is out of date.
    """
    index = Index(paths.index_dir(folder))
    path = paths.config_file(folder)
    if not os.path.exists(path):
        read(folder)  # raises an error for a dangling link
        if index.is_there():
            ownership.owner_for(index.folder)
            with lock.held(folder, seconds):
                index.clear(keep=".hook")
        return
    try:
        index.is_there()
        require_own(path)
        ownership.owner_for(index.folder)
        _require_writable(folder)
        with lock.held(folder, seconds):
            _compile_what_is_there(folder, index, full=full)
    except Busy:
        if full or not is_fresh(folder):
            raise
    except OSError as error:
        raise DctxError(
            f"cannot write {index.folder}: {error.strerror}. Check that folder."
        ) from None
    read(folder)


def forget_index(folder: str) -> None:
    """Remove the index if it is ours, and then the config folder if it is empty.

    Raises DctxError (exit 1) if they cannot be removed.
    """
    index = Index(paths.index_dir(folder))
    try:
        if not index.is_there():
            return
        ownership.owner_for(index.folder)
    except ConfigError:
        return
    try:
        with lock.held(folder):
            index.clear()
            with contextlib.suppress(OSError):
                os.rmdir(index.folder)
            if set(os.listdir(folder)) == {lock.NAME}:
                os.unlink(os.path.join(folder, lock.NAME))
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    except OSError as error:
        raise DctxError(
            f"cannot remove {index.folder}: {error.strerror}. Check that folder."
        ) from None
