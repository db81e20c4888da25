"""The index folder: make it, compile records, and stamp it. model/record.py lists its files.

Only a process that holds the lock writes there. A compiled index counts from the moment that its
stamp exists. If a writer is killed before that, readers find no stamp and ask the core.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Iterable, Iterator

from ..constants import CURRENT_FIELDS, FIELDS, SEPARATOR
from ..text.foreign import clean
from . import claim, ownership

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.resolve import Config
    from .document import Version

# A hard link to the config.json that was compiled, which readers compare with `-ef`.
LINK = ".config"
# The errors of file systems, or of their rules, that do not allow a hard link.
_NO_LINKS = frozenset(
    (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP)
)


class Index:
    """The index folder of one configuration. The caller holds the lock for methods that write."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._owner: int | None = None  # the uid that its files get, None for our own

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _create(self) -> int:
        self._remove([".tmp"])
        return ownership.create(self._path(".tmp"), 0o600, self._owner)

    @contextlib.contextmanager
    def _none_left(self) -> Iterator[None]:
        """Delete the temporary file, which may contain a key, if the block fails."""
        try:
            yield
        except BaseException:
            with contextlib.suppress(OSError):
                self._remove([".tmp"])
            raise

    def write(self, name: str, text: str, mtime_ns: int | None = None) -> None:
        """Replace one file, with this modification time. Raises OSError; then it is unchanged."""
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
        """Return whether the folder exists. Raises ConfigError (exit 4) if it is not ours."""
        return claim.require(self.folder, SEPARATOR)

    def prepare(self) -> None:
        """Make the folder, private and with our mark.

        Raises OSError, ConfigError (exit 4) if something else is in its place, Refused (exit 6).
        """
        if not self.is_there():
            ownership.make_folder(self.folder, 0o700)
        self._owner = ownership.owner_for(self.folder)
        if os.stat(self.folder).st_mode & 0o077:
            os.chmod(self.folder, 0o700)
        if not claim.has_mark(self.folder):
            self.write(claim.MARK, claim.TEXT)

    def invalidate(self) -> None:
        """Delete the stamps, so that every reader asks the core.

        This comes before each change of config.json. Otherwise a writer that is killed after the
        change would leave readers with the old key.
        """
        if self.is_there():
            self._remove(
                n for n in os.listdir(self.folder) if n.startswith((".stamp.", ".coarse."))
            )

    @property
    def gen(self) -> str:
        """The generation of the index, "" if there is none."""
        return self._read(".gen").strip()

    @property
    def by(self) -> str:
        """The pid of the shell whose command set the default, "" if not known."""
        fields = self._read(".current").strip("\n").split(SEPARATOR)
        return fields[-1] if len(fields) == len(CURRENT_FIELDS) else ""

    def is_due(self, name: str, now: int) -> bool:
        """Return whether the profile's key expires so soon that its record has to be made again."""
        try:
            return os.stat(self._path(f".due.{name}")).st_mtime <= now
        except (OSError, ValueError):
            return False

    def is_fresh(self, version: Version) -> bool:
        """Return whether the index was compiled from this version of config.json.

        On a file system without hard links the modification time alone decides.
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
        """Make a hard link to the file `config`, by which readers tell it from a copy.

        Return False if `config` is not this version any more.
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
        """Write the stamp for readers that compare whole seconds, if it is safe.

        It is not safe within the second of config.json's own time, by the clock of its file system:
        another change in that second would have the same time.
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
        """Write the files that differ, then a new generation; `config` is None for a damaged file.

        `source` is the path of config.json and the version that was read. `by` is the pid of the
        shell whose command set the default; None keeps the old pid if the default's name is the
        same. `full` writes every record, whatever the manifest says. Return False, and write no
        stamp, if another program replaced config.json meanwhile.
        """
        from ..model.record import current_line, records

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
        """Write the records that differ, and delete those of profiles that no longer exist.

        Raises ConfigError (exit 4) if a file in a record's place is not a record.
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
        # We may be killed half way. Without a manifest the next compile writes everything.
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
        """Remove all files that are ours; if `keep` is given, keep that file and the mark."""
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
