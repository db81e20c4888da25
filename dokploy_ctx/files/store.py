"""config.json: read, and edit under a lock. The only writer of it, and of the index.

`edit()` is the one way to change it: lock → read → change → a new file in the place of the old one
→ index, so nobody can forget a step.
"""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import time
from collections.abc import Iterator

from ..errors import Busy, Cancelled, ConfigError, DctxError, Saved
from ..model.resolve import Config
from . import atomic, lock, ownership, paths
from .document import Document, encoded, parse
from .index import Index, Version

# A file written in the last kernel tick may be written again with the same time.
TICK_SECONDS = 0.02


def _tighten(folder: str, path: str, handle: int, config: Config) -> list[str]:
    """Make a file with keys private, and the folder of profiles; returns what is to be said."""
    notices = []
    info = os.fstat(handle)
    keys = any(profile.token for profile in config.profiles.values())
    if keys and info.st_mode & 0o077 and info.st_uid == os.getuid():
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o600)
            notices.append(f"{path} was readable by others (keys are in it); made it private.")
    outer = os.stat(folder)
    if outer.st_mode & 0o077 and outer.st_uid == os.getuid():
        with contextlib.suppress(OSError, ConfigError):  # with another's index it is not ours
            Index(paths.index_dir(folder)).is_there()
            os.chmod(folder, 0o700)
    return notices


def read(folder: str) -> Document:
    """Return config.json of the folder; an empty Document where there is no file.

    Raises ConfigError (exit 4) where it is damaged or cannot be read. A file that a foreign
    program left readable by others is made private, with a notice in the document: not one of
    another program altogether, which has no keys of ours.
    """
    path = paths.config_file(folder)
    try:
        with ownership.opened(path) as file:
            _require_own(path)
            info = os.fstat(file.fileno())
            document = Document(parse(file.read(), path), Version.of(info))
            if document.config.profiles:
                document.notices = _tighten(folder, path, file.fileno(), document.config)
    except FileNotFoundError:
        if os.path.islink(path):
            raise ConfigError(
                f"{path} is a link to a file that does not exist. Fix the link."
            ) from None
        return Document({})
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}. Check its permissions.") from None
    return document


def _require_own(path: str) -> None:
    """Raise ConfigError (exit 4) where somebody else chose what the file is.

    That is by a link that leads root there, or in a folder that others can write to.
    """
    why, me = "", os.geteuid()
    if me == 0:
        why = ownership.obstacle(path, write=False)
    elif os.lstat(path).st_uid not in (me, 0):
        folder = os.path.dirname(path)
        if os.stat(folder).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = f"{path} belongs to another user, and {folder} is writable by others"
    if why:
        raise ConfigError(f"{why}. It is not read. Change its owner or mode.")


def _settled(folder: str) -> Document | None:
    """Return config.json once its time is older than a tick; None where it is damaged."""
    path = paths.config_file(folder)
    while 0 <= time.time() - os.stat(path).st_mtime < TICK_SECONDS:
        time.sleep(TICK_SECONDS)
    try:
        return read(folder)
    except ConfigError:
        return None


def _require_writable(path: str) -> None:
    # The bits, not access(2): root may write anything, but "read-only" is what its owner meant.
    with contextlib.suppress(FileNotFoundError):
        if not os.stat(path).st_mode & stat.S_IWUSR:
            raise DctxError(f"{path} is read-only. Nothing was changed. Make it writable.")


@contextlib.contextmanager
def edit(folder: str, by: str | None = None) -> Iterator[Document]:
    """Yield config.json for a change, which is on disk and in the index when the block ends.

    `by`: pid of the shell on whose command line this runs, noted with a changed default (None =
    not known). An exception in the block changes nothing, and leaves nothing. Raises ConfigError
    (exit 4) where the file is damaged or the index's place is taken, Refused (exit 6) where this
    user may not write there, DctxError (exit 1) where it cannot be written, Saved where it was.
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
                    _compile_what_is_there(folder, index)  # its stamps may be gone already
                raise
            _compile(index, document.config, (path, Version.of(info)), by)
    except KeyboardInterrupt:
        raise Cancelled(f"cancelled, but {path} was saved before.") from None
    if fault:
        raise Saved(f"saved, but the disk has not confirmed it: {fault}. Check the disk.")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a Ctrl-C wait until the block has ended, which must be done as a whole."""
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
    """Compile config.json as it is on the disk, damaged or not, where the index is of another."""
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
    """Return whether the index is of the config.json that is there, be it damaged."""
    index = Index(paths.index_dir(folder))
    try:
        version = Version.of(os.stat(paths.config_file(folder)))
        return index.is_there() and index.is_fresh(version)
    except (OSError, ConfigError):
        return False


def sync(folder: str, *, full: bool = False, seconds: float = lock.COMMAND_SECONDS) -> None:
    """Bring the index up to date with config.json; `full` rewrites all of it.

    Waits for other writers up to `seconds`. Raises ConfigError (exit 4) where config.json is
    damaged: the index then says so to its readers; and where the index's place is taken. Refused
    (exit 6) where this user may not write there, DctxError (exit 1) where the index cannot be
    written, Busy where another dctx is writing it and it is not up to date.
    """
    index = Index(paths.index_dir(folder))
    path = paths.config_file(folder)
    if not os.path.exists(path):
        read(folder)  # a dangling link is an error
        if index.is_there():
            ownership.owner_for(index.folder)
            with lock.held(folder, seconds):
                index.clear(keep=".hook")
        return
    try:
        index.is_there()
        _require_own(path)
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
    """Take the compiled index away, and the config folder where nothing else was in it.

    One that is not ours stays. Raises DctxError (exit 1) where it cannot be removed.
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
