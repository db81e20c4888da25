"""Notes of keys that are being made or replaced, to find them if this run of dctx is killed.

Each note is a file beside config.json, mode 0600. It is written and flushed before the panel is
asked, and deleted when the key is saved or deleted again. Its process keeps it locked. If another
process can lock it, nobody will finish the work. It does not contain the key.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..errors import Cancelled, DctxError
from ..model.profile import command, quoted, shown
from ..text.foreign import clean
from . import ownership

_PREFIX, _SUFFIX = ".dctx-key-", ".json"
_MOST_BYTES = 65536
# After this time, a request that was under way when its run was killed will not arrive any more.
SETTLED_SECONDS = 60.0


@dataclass(frozen=True)
class Note:
    """What is known about a key before it is made: enough to find it among the user's keys.

    `known` are the ids of keys that had the same name before. `replaces` are ids of keys, one of
    which is the old key, to be deleted once the new one is saved. `maker` is the profile whose key
    makes the new one, "" for a key from the environment.
    """

    url: str
    profile: str
    name: str
    user_id: str = ""
    known: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    maker: str = ""
    made_at: float = 0.0
    path: str = ""

    @property
    def day(self) -> str:
        """When the note was written, in local time: 2027-01-01 12:00."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.made_at))

    def forget(self) -> None:
        """Delete the note, once all its keys are in a profile or deleted."""
        with contextlib.suppress(OSError):
            os.unlink(self.path)

    def is_of(self, url: str) -> bool:
        """Return whether the note is about the panel at `url`."""
        return self.url.lower() == url.lower()

    def description(self) -> str:
        """Return which key may be on the panel, as far as the note alone tells."""
        return (
            f"a key called {quoted(clean(self.name))} for {shown(self.profile)} may be on "
            f"{clean(self.url)} without a profile that has it"
        )

    def reason(self) -> str:
        """Return the same as description(), and why the key may be there."""
        return f"{self.description()}: a dctx was stopped there on {self.day}"

    def check_command(self) -> str:
        """Return the command that finds out whether the key is on the panel."""
        return command("verify", self.maker) if self.maker else "dctx verify"


@contextlib.contextmanager
def noted(folder: str, note: Note) -> Iterator[Note]:
    """Write `note` before the block, and keep it until its forget() is called.

    Raises DctxError (exit 1) if the note cannot be written; then the block does not run.
    """
    path = os.path.join(folder, _PREFIX + secrets.token_hex(8) + _SUFFIX)
    made = replace(note, made_at=time.time(), path=path)
    folders: list[str] = []
    try:
        folders = ownership.make_folder(folder, 0o700)
        handle = _write(folder, made)
    except OSError as error:
        ownership.remove_folders(folders)
        raise DctxError(
            f"cannot write {folder}: {error.strerror}. Nothing was made. "
            "Check the folder and its permissions."
        ) from None
    try:
        yield made
    except KeyboardInterrupt:
        if not os.path.exists(path):
            raise
        what = made.description()
        raise Cancelled(
            f"cancelled. {what[0].upper()}{what[1:]}. To check, run: {made.check_command()}"
        ) from None
    finally:
        ownership.close_quietly(handle)
        ownership.remove_folders(folders)  # if they are empty, since nothing was saved


def _write(folder: str, note: Note) -> int:
    """Write the note and sync it; return its handle, which holds the lock.

    Raises OSError, Refused (exit 6) if the folder is another user's.
    """
    # It gets its name when it is complete and locked. Before, it would look like an old note.
    half = note.path.removesuffix(_SUFFIX)
    handle = ownership.create(half, 0o600, ownership.owner_for(half))
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        data = asdict(note)
        del data["path"]
        os.write(handle, json.dumps(data).encode())
        os.fsync(handle)
        os.rename(half, note.path)
        outer = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with contextlib.suppress(OSError):
                os.fsync(outer)
        finally:
            ownership.close_quietly(outer)
    except BaseException:
        ownership.close_quietly(handle)
        for written in (half, note.path):
            with contextlib.suppress(OSError):
                os.unlink(written)
        raise
    return handle


def unfinished(folder: str, url: str | None = None) -> list[Note]:
    """Return the notes of ended runs, the oldest first; those of one panel if `url` is given."""
    try:
        names = [name for name in os.listdir(folder) if name.startswith(_PREFIX)]
    except OSError:
        return []
    found = [note for name in names if (note := _read(os.path.join(folder, name))) is not None]
    wanted = [note for note in found if url is None or note.is_of(url)]
    return sorted(wanted, key=lambda note: note.made_at)


def _read(path: str) -> Note | None:
    """Return the note, or None if its run is alive or the file is not a note of dctx.

    An incomplete note is deleted, since its run was killed before it asked the panel for a key.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if not path.endswith(_SUFFIX):
            os.unlink(path)
            return None
        data: dict[str, Any] = json.loads(os.read(handle, _MOST_BYTES))
        return Note(
            url=str(data["url"]),
            profile=str(data["profile"]),
            name=str(data["name"]),
            user_id=str(data["user_id"]),
            known=tuple(map(str, data["known"])),
            replaces=tuple(map(str, data["replaces"])),
            maker=str(data["maker"]),
            made_at=float(data["made_at"]),
            path=path,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    finally:
        ownership.close_quietly(handle)
