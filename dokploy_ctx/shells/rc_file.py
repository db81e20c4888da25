"""Our one line in a start-up file: found, added, taken out again, byte for byte.

All that is needed to restore a file stands in the line's own comment: whether a newline before it,
the file or its folders are ours. Files are edited in place: inode, owner, mode and links are the
user's and stay.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
import stat
from dataclasses import dataclass

from ..files import ownership
from ..files.home import shown_path
from . import rows
from .rows.row import MARK, finder


@functools.cache
def ours() -> re.Pattern[bytes]:
    """Return what finds our line in a start-up file of any shell; its group holds the notes."""
    return finder(row.line_pattern for row in rows.every())


def with_line(data: bytes | None, line: str, folders: int = 0) -> bytes:
    """Return an rc file's bytes `data` (None = no such file) with our `line`.

    `folders`: how many folders have to be made for the file.
    """
    start = os.fsencode(f"{line}  {MARK}")
    if data is None:
        more = {0: "", 1: " and 1 folder"}.get(folders, f" and {folders} folders")
        return start + f" (with this file{more})\n".encode()
    match = ours().search(data)
    if match:
        old = match[0]
        tail = old[old.rindex(MARK.encode()) + len(MARK) :]
        return data[: match.start()] + start + tail + data[match.end() :]
    gap = b"" if not data or data.endswith(b"\n") else b"\n"
    if (data + gap).endswith(b"\\\n"):  # a line that goes on would swallow ours
        gap += b"\n"
    note = ["", " (with the newline before)", " (with 2 newlines before)"][len(gap)]
    return data + gap + start + note.encode() + b"\n"


def without_line(data: bytes) -> tuple[bytes | None, int]:
    """Return `data` as it was before install, and how many folders are install's.

    The bytes are None where the file itself was made by install, and nobody wrote to it since.
    """
    folders = 0
    while match := ours().search(data):
        note = (match[1] or b"").decode()
        start, end = match.span()
        if end == len(data) and "newline" in note:
            start -= 2 if "2" in note else 1
        data = data[:start] + data[end:]
        if note.startswith("with this file"):
            number = re.search(r"\d+", note)
            folders = int(number[0]) if number else 0
            if not data:
                return None, folders
    return data, folders


# Files.


def missing_folders(path: str) -> list[str]:
    """Return the folders above `path` that do not exist, the outermost first."""
    return ownership.missing_folders(os.path.dirname(path))


def obstacle(path: str, *, remove: bool = False) -> str:
    """Return why the file `path` cannot be written (`remove`: or removed), "" where it can."""
    missing = missing_folders(path)
    folder = os.path.dirname(missing[0] if missing else path)
    there = os.path.exists(path)
    if there and not os.path.isfile(path):
        return f"{shown_path(path)} is not a file"
    if there and not os.access(path, os.R_OK):
        return f"{shown_path(path)} cannot be read"
    for part in ([path] if there else []) + ([folder] if remove or not there else []):
        # The bits, not access(2) alone: root may write anything, but "read-only" was meant.
        if not os.access(part, os.W_OK) or not os.stat(part).st_mode & stat.S_IWUSR:
            return f"{shown_path(part)} is read-only"
    return ""


@dataclass(frozen=True)
class Edit:
    """A change of one rc file; `before` and `after` are None where there is no file."""

    path: str
    line: str
    before: bytes | None
    after: bytes | None
    folders: int = 0

    @property
    def real(self) -> str:
        """The file itself: an rc file may be a link into a folder of dotfiles."""
        return os.path.realpath(self.path)

    @property
    def number(self) -> int:
        """The number of our line in the file."""
        for data in (self.after or b"", self.before or b""):
            match = ours().search(data)
            if match:
                return data.count(b"\n", 0, match.start()) + 1
        return 0

    @property
    def replaces(self) -> bool:
        """Whether a line of ours was there, of another folder."""
        return bool(ours().search(self.before or b""))

    def apply(self) -> None:
        """Change the file. Raises OSError; the file is then as it was."""
        if self.after is None:
            os.unlink(self.real)
            folder = os.path.dirname(self.real)
            with contextlib.suppress(OSError):  # not empty: somebody uses it
                for _ in range(self.folders):
                    os.rmdir(folder)
                    folder = os.path.dirname(folder)
        elif self.before is None:
            _write_new(self.real, self.after)
        else:
            _rewrite(self.real, self.before, self.after)

    def undo(self) -> None:
        """Change it back, as far as that can be."""
        with contextlib.suppress(OSError):
            Edit(self.path, self.line, self.after, self.before, self.folders).apply()


def _write_new(path: str, data: bytes) -> None:
    """Make the file `path`, and the folders that it needs; none of them where that fails."""
    made = ownership.make_folder(os.path.dirname(path), 0o755)
    try:
        handle = ownership.create(path, 0o644, ownership.owner_for(path), umask=True)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(path)
            raise
    except BaseException:
        ownership.remove_folders(made)
        raise


def _rewrite(path: str, before: bytes, after: bytes) -> None:
    with open(path, "r+b", buffering=0) as file:
        if file.read() != before:
            raise OSError(0, "it changed just now")
        pairs = enumerate(zip(before, after, strict=False))
        same = next((i for i, (a, b) in pairs if a != b), min(len(before), len(after)))
        try:
            os.lseek(file.fileno(), same, os.SEEK_SET)
            rest = after[same:]
            while rest:
                rest = rest[os.write(file.fileno(), rest) :]
            os.ftruncate(file.fileno(), len(after))
            os.fsync(file.fileno())
        except OSError:  # the disk is full: what was there fits
            os.lseek(file.fileno(), same, os.SEEK_SET)
            os.write(file.fileno(), before[same:])
            os.ftruncate(file.fileno(), len(before))
            raise
