"""The plan of `dctx install` and of `dctx uninstall`: which lines go where, and out again."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import DctxError
from ..files import ownership
from ..files.home import shown_path
from ..model.profile import quoted
from . import hook_files, rows
from .rc_file import Edit, missing_folders, obstacle, ours, with_line, without_line
from .rows.row import read


@dataclass(frozen=True)
class Found:
    """A line in a file."""

    path: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{shown_path(self.path)}, line {self.number}: {self.text}"


def by_hand(shell: str, environ: Mapping[str, str], folder: str) -> Found | None:
    """Return the first line of the user's own that loads the hook for `shell`, or None."""
    row = rows.row(shell)
    word = os.fsencode(row.quote(hook_files.hook_path(shell, folder)))
    init = rf"^[^#\n]*\bdctx[\"']?\s+init\s+[\"']?(?:{'|'.join(rows.HOOKED)})\b[^\n]*".encode()
    for path in row.manual_files(environ):
        data = ours().sub(b"\n", read(path) or b"")
        match = re.search(init, data, re.MULTILINE)
        start = match.start() if match else data.find(word)
        if start < 0:
            continue
        number = data.count(b"\n", 0, start) + 1
        line = data.split(b"\n")[number - 1].strip()
        if not line.startswith(b"#"):
            return Found(path, number, line.decode("utf-8", "replace"))
    return None


# The line.


def hook_line(shell: str, folder: str) -> str:
    """Return the line for an rc file of `shell`: silent where the data folder is gone."""
    file = hook_files.hook_path(shell, folder)
    if "\n" in file:
        raise DctxError(f"the folder {quoted(folder)} has a newline in its name. Move HOME.")
    row = rows.row(shell)
    return row.line.format(file=row.quote(file))


# Both ways.


def plan(shell: str, environ: Mapping[str, str], folder: str) -> list[Edit]:
    """Return what install changes; an edit with before == after is in place already.

    Raises DctxError (exit 1) where a file cannot be written, Refused (exit 6) where this user may
    not write it: nothing was changed.
    """
    edits = []
    for path in rows.row(shell).rc_files(environ, sys.platform):
        line = hook_line(shell, folder)
        real = os.path.realpath(path)
        before = read(real)
        folders = len(missing_folders(real))
        after = with_line(before, line, folders)
        ownership.owner_for(hook_files.hook_path(shell, folder))
        why = ""
        if after != before:
            ownership.owner_for(path)
            why = obstacle(real)
        why = why or obstacle(hook_files.hook_path(shell, folder))
        if why:
            raise DctxError(
                f"{why}. Nothing was changed. Add by hand to {shown_path(path)}: "
                f"{hook_files.load_line(shell)}"
            )
        edits.append(Edit(path, line, before, after, folders))
    return edits


def apply(edits: list[Edit], folder: str) -> None:
    """Write the static files, then the rc files; all or nothing. Raises DctxError (exit 1)."""
    was_there = os.path.isdir(folder)
    done: list[Edit] = []
    where = folder
    try:
        hook_files.write_static(folder)
        for edit in edits:
            where = edit.path
            if edit.before != edit.after:
                edit.apply()
                done.append(edit)
    except OSError as error:
        for edit in reversed(done):
            edit.undo()
        if not was_there:
            hook_files.remove_static(folder)
        why = error.strerror or str(error)
        raise DctxError(
            f"{shown_path(where)}: {why}. Nothing was changed. Check the file and the disk."
        ) from None


def all_rc_files(environ: Mapping[str, str]) -> list[str]:
    """Return every file that may have a line of ours."""
    found = [path for row in rows.every() for path in row.every_rc_file(environ, sys.platform)]
    return list({os.path.realpath(path): path for path in found}.values())


def removals(environ: Mapping[str, str]) -> list[Edit]:
    """Return the edits that take our lines out again.

    Raises DctxError (exit 1) where a file cannot be written, Refused (exit 6) where this user may
    not write it: nothing was changed.
    """
    edits = []
    for path in all_rc_files(environ):
        real = os.path.realpath(path)
        before = read(real)
        match = ours().search(before or b"")
        if before is None or match is None:
            continue
        after, folders = without_line(before)
        line = os.fsdecode(match[0].rstrip(b"\r\n"))
        edit = Edit(path, line, before, after, folders)
        ownership.owner_for(path)
        why = obstacle(real, remove=after is None)
        if why:
            raise DctxError(
                f"{why}. Nothing was changed. Make it writable, or remove line {edit.number} of "
                f"{shown_path(path)} by hand."
            )
        edits.append(edit)
    return edits


def loader(shell: str, environ: Mapping[str, str], folder: str) -> str | None:
    """Return the start-up file that loads the hook for `shell`, or None."""
    wanted = os.fsencode(hook_files.hook_path(shell, folder).rsplit("'", 1)[-1])
    for path in rows.row(shell).rc_files(environ, sys.platform):
        match = ours().search(read(path) or b"")
        if match and wanted in match[0]:
            return path
    found = by_hand(shell, environ, folder)
    return found.path if found else None


def leftovers(environ: Mapping[str, str], folder: str) -> Iterator[Found]:
    """Yield the lines of the user's own that would bring the hook back."""
    for shell in rows.HOOKED:
        found = by_hand(shell, environ, folder)
        if found:
            yield found
