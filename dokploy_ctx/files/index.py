"""The index folder: made, marked, compiled, stamped. Its files are described in index.py.

Only who holds the lock writes there. A compile is good from the moment its stamp is there: whoever
is killed before leaves readers that ask the core.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..constants import CURRENT_FIELDS, FIELDS, SEPARATOR
from ..model.record import current_line, records
from ..model.resolve import Config
from ..text.foreign import clean
from . import claim, ownership

# Another name of the very config.json that was compiled: a reader compares with `-ef`.
LINK = ".config"
# What a disk, or its rules for links, answers where no second name of a file can be made.
_NO_LINKS = frozenset(
    (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
)


class Version(NamedTuple):
    """What tells one config.json from another: its time and the file itself."""

    mtime_ns: int
    device: int
    inode: int

    @classmethod
    def of(cls, info: os.stat_result) -> Version:
        """Return the version of a file of which os.stat said `info`."""
        return cls(info.st_mtime_ns, info.st_dev, info.st_ino)


class Index:
    """The index folder of one configuration. What writes wants the store's lock to be held."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._owner: int | None = None  # whose its files are, where that is not us

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _create(self) -> int:
        self._remove([".tmp"])
        return ownership.create(self._path(".tmp"), 0o600, self._owner)

    @contextlib.contextmanager
    def _none_left(self) -> Iterator[None]:
        """Take the temporary file away, which may have a key in it, where the block fails."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):
                self._remove([".tmp"])
            raise

    def write(self, name: str, text: str, mtime_ns: int | None = None) -> None:
        """Write one file, whole, of this time. Raises OSError; then it is as it was."""
        with self._none_left():
            with os.fdopen(self._create(), "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
            if mtime_ns is not None:
                os.utime(self._path(".tmp"), ns=(mtime_ns, mtime_ns))
            os.rename(self._path(".tmp"), self._path(name))

    def _read(self, name: str) -> str:
        try:
            with ownership.opened(self._path(name)) as file:
                return file.read().decode("utf-8", "surrogateescape")
        except OSError:
            return ""

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path(name))

    def is_there(self) -> bool:
        """Return whether there is such a folder. Raises ConfigError (exit 4) where it is none of
        ours."""
        return claim.require(self.folder, SEPARATOR)

    def prepare(self) -> None:
        """Make the folder, private, with our mark.

        Raises OSError, ConfigError (exit 4) where the place is taken, Refused (exit 6).
        """
        if not self.is_there():
            ownership.make_folder(self.folder, 0o700)
        self._owner = ownership.owner_for(self.folder)
        if os.stat(self.folder).st_mode & 0o077:
            os.chmod(self.folder, 0o700)
        if not claim.has_mark(self.folder):
            self.write(claim.MARK, claim.TEXT)

    def invalidate(self) -> None:
        """Unlink the stamps: from here on every reader asks the core.

        To be called before config.json changes; a writer that is killed in between must not leave
        readers on the old key.
        """
        if self.is_there():
            self._remove(
                n for n in os.listdir(self.folder) if n.startswith((".stamp.", ".coarse."))
            )

    @property
    def gen(self) -> str:
        """The generation that is there, "" where there is none."""
        return self._read(".gen").strip()

    @property
    def by(self) -> str:
        """The pid of the shell whose command set the default, "" where that is not known."""
        fields = self._read(".current").strip("\n").split(SEPARATOR)
        return fields[-1] if len(fields) == len(CURRENT_FIELDS) else ""

    def is_due(self, name: str, now: int) -> bool:
        """Return whether the profile's key came so near its end that its record must say so."""
        try:
            return os.stat(self._path(f".due.{name}")).st_mtime <= now
        except (OSError, ValueError):
            return False

    def is_fresh(self, version: Version) -> bool:
        """Return whether the index was compiled from this version of config.json.

        Where no second name of a file can be made its time alone tells.
        """
        gen = self._read(".gen").strip()
        try:
            if not gen or os.stat(self._path(f".stamp.{gen}")).st_mtime_ns != version.mtime_ns:
                return False
            return self._is(LINK, version)
        except FileNotFoundError:
            return bool(gen) and os.path.exists(self._path(f".stamp.{gen}"))
        except OSError:
            return False

    def _is(self, name: str, version: Version) -> bool:
        info = os.stat(self._path(name))
        return (info.st_dev, info.st_ino) == version[1:]

    def _link(self, config: str, version: Version) -> bool:
        """Keep a second name of the file `config`, by which a reader tells it from a copy.

        False: `config` is not of this version any more.
        """
        with contextlib.suppress(FileNotFoundError):
            if self._is(LINK, version):
                return True
        self._remove([".tmp"])
        try:
            os.link(os.path.realpath(config), self._path(".tmp"))
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self._remove([LINK])
            return True
        with self._none_left():
            if self._is(".tmp", version):
                os.rename(self._path(".tmp"), self._path(LINK))
                return True
        self._remove([".tmp"])
        return False

    def stamp_coarse(self, version: Version) -> None:
        """Write the stamp for readers that compare whole seconds, where it can be trusted.

        Not while config.json can be changed again within its own second, by the clock of its disk:
        a change just now would look the same. A time that is in the future differs from now.
        """
        gen, second = self._read(".gen").strip(), version.mtime_ns // 10**9
        if not gen or os.path.exists(self._path(f".coarse.{gen}")):
            return
        with self._none_left():
            handle = self._create()
            try:
                now = os.fstat(handle).st_mtime_ns // 10**9
            finally:
                ownership.close_quietly(handle)
            if now == second:
                self._remove([".tmp"])
            else:
                os.utime(self._path(".tmp"), ns=(version.mtime_ns, version.mtime_ns))
                os.rename(self._path(".tmp"), self._path(f".coarse.{gen}"))

    def compile(
        self,
        config: Config | None,
        source: tuple[str, Version],
        by: str | None,
        *,
        full: bool = False,
    ) -> bool:
        """Write what differs, then a new generation; `config` None means a damaged config.json.

        `source` is the path of config.json and the version that was read. `by` is the pid of the
        shell whose command set the default (None = keep what is noted while the default's name
        stays). `full` rewrites every record, whatever the manifest says. False: another program
        has replaced config.json meanwhile, so the index counts for nothing yet.
        """
        self.prepare()
        self.invalidate()
        now = int(time.time())
        lines = records(config, now) if config else {}
        self._write_records(lines, full)
        names = config.profiles if config else {}
        others = [name for name in names if name not in lines and name == clean(name)]
        self.write(".others", SEPARATOR.join(others) + "\n")
        before = self._read(".current").strip("\n").split(SEPARATOR)
        line = current_line(config, lines, by or "", now)
        if before[1:2] != line.split(SEPARATOR)[1:2]:
            self._remove(n for n in os.listdir(self.folder) if n.startswith(".told."))
        if by is None and len(before) == len(CURRENT_FIELDS):
            kept = before[-1] if before[1] == line.split(SEPARATOR)[1] else ""
            line = current_line(config, lines, kept, now)
        self.write(".current", line + "\n")
        path, version = source
        if not self._link(path, version):
            return False
        gen = str(time.time_ns())
        self.write(f".stamp.{gen}", "", version.mtime_ns)
        self.write(".gen", gen + "\n")
        self.stamp_coarse(version)
        return True

    def _write_records(self, lines: dict[str, str], full: bool) -> None:
        """Write the records that differ, take those away that are of no profile any more.

        Raises ConfigError (exit 4) where a file in a record's place is none.
        """
        known = {} if full else _parse_manifest(self._read(".manifest"))
        present = {n for n in os.listdir(self.folder) if not n.startswith(".")}
        changed = [n for n, line in lines.items() if n not in present or known.get(n) != line]
        gone = [n for n in present - lines.keys() if claim.is_record(self._path(n), SEPARATOR)]
        if not (changed or gone or full):
            return
        for name in changed:
            if name in present and name not in known:
                claim.require_record(self._path(name), SEPARATOR)
        # Without a manifest the next compile writes all: ours may be killed half way.
        self._remove([".manifest"])
        self._remove(gone)
        for name in changed:
            self.write(name, lines[name] + "\n")
        self._mark_due(lines)
        self.write(".manifest", "".join(line + "\n" for line in lines.values()))

    def _mark_due(self, lines: dict[str, str]) -> None:
        field = FIELDS.index("due")
        due = {name: line.split(SEPARATOR)[field] for name, line in lines.items()}
        self._remove(
            n for n in os.listdir(self.folder) if n.startswith(".due.") and not due.get(n[5:])
        )
        for name, seconds in due.items():
            if seconds:
                path = self._path(f".due.{name}")
                if not os.path.exists(path):
                    self.write(f".due.{name}", "")
                os.utime(path, (int(seconds), int(seconds)))

    def clear(self, *, keep: str = "") -> None:
        """Remove all that is ours, but for the file `keep` and with it the mark."""
        if not self.is_there():
            return
        self.invalidate()
        for name in sorted(os.listdir(self.folder), key=claim.MARK.__eq__):  # the mark last
            if claim.is_ours(self._path(name), SEPARATOR) and name not in (
                (keep, claim.MARK) if keep else ()
            ):
                self._remove([name])


def _parse_manifest(text: str) -> dict[str, str]:
    return {line.split(SEPARATOR, 2)[1]: line for line in text.split("\n") if SEPARATOR in line}
