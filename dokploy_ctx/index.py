"""The compiled index: what hooks, completion and shim read with shell built-ins.

In `<config folder>/index/` (0700, files 0600), written only by the core:

    NAME            one record per profile, one line, the fields of FIELDS separated by 0x1f
    .current        one line: the default's record, then the rest of CURRENT_FIELDS
    .others         the names without a record, by 0x1f, for Tab: what is not fit for a line is not
                    among them
    .gen            the generation: a number, new at each compile
    .stamp.GEN      has config.json's modification time: an index is fresh if and only if both
                    exist and neither is newer. A prompt that remembers GEN and finds the stamp
                    fresh need not read a record again.
    .coarse.GEN     the same for readers that compare whole seconds (bash 3.2, busybox): missing
                    while config.json is of the current second and somebody else wrote it (git's
                    "racy" rule), since a second change in that second would go unseen
    .due.NAME       for a key that expires: modification time 7 days before; bash 3.2, which has
                    no clock among its built-ins, compares it with its terminal
    .told.PID       who was told that the default changed under its prompt (drawn.py)
    .manifest       all records in one file, so that a write need not read the old ones

A name that our rule for names does not allow, or that equals another but for case, gets no
record: a reader that finds none asks the core. The index is data: nobody evaluates it.
The fields are those of constants.FIELDS; a test holds all readers against them.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable

from . import messages
from .constants import CURRENT_FIELDS, FIELDS, FORMAT, RESERVED, SEPARATOR
from .headers import in_record
from .look import finished, marked
from .profile import NAME, Profile
from .resolve import Config
from .session import LONGEST, session_key
from .text import clean, epoch, exported_id, exported_name


def record(profile: Profile, now: int, *, default: bool = False) -> str:
    """Return the record of `profile` (without a newline), as it is to be read from `now` on.

    `default`: as `.current` has it. "" where its URL is not usable, or what it says cannot be
    written (a lone surrogate): the core is asked.
    """
    from .errors import ConfigError

    try:
        url = profile.usable_url()
    except ConfigError:
        return ""
    key = (profile.plain_key or "") if len(profile.token) <= LONGEST else ""
    text, due = marked(profile, now)
    expires = epoch(profile.expires_at) if profile.expires_at else None
    state, shown = finished(text, profile.protected, default)
    values = {
        "format": FORMAT,
        "name": profile.name,
        "url": url,
        "session_key": session_key(profile, key, {}),
        "org_id": exported_id(profile.organization_id),
        "org": exported_name(profile.organization),
        "segment": text,
        "state": state,
        "shown": shown,
        "says": messages.back_on(4, text) if default else messages.switched(text, url),
        "due": due,
        "expires": "" if expires is None else str(expires),
        "ask": "" if key else "1",
        "protected": "1" if profile.protected else "",
        "key": key,
        "headers": in_record(profile),
    }
    line = SEPARATOR.join(values[field] for field in FIELDS)
    try:
        line.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return ""
    return line


def records(config: Config, now: int) -> dict[str, str]:
    """Return the records of all profiles that get one, by name."""
    spelled: dict[str, int] = {}
    for name in config.profiles:
        spelled[name.lower()] = spelled.get(name.lower(), 0) + 1
    lines = {}
    for name, profile in config.profiles.items():
        if not NAME.match(name) or spelled[name.lower()] > 1 or name.lower() in RESERVED:
            continue
        line = record(profile, now)
        if line:
            lines[name] = line
    return lines


def current_line(config: Config | None, lines: dict[str, str], by: str, now: int) -> str:
    """Return the text of `.current`; `config` None means that config.json is damaged."""
    name = ""
    if config is None:
        state = "damaged"
    elif not config.profiles:
        state = "none"
    elif not config.current:
        state = "unset"
    elif config.current in lines:
        line = record(config.profiles[config.current], now, default=True)
        return SEPARATOR.join((line, "ok", by))
    else:
        state = "ask" if config.current in config.profiles else "gone"
        name = config.current if NAME.match(config.current) else ""
    return SEPARATOR.join((FORMAT, name, *[""] * (len(FIELDS) - 2), state, by))


class Index:
    """The index folder of one configuration. Every method wants the store's lock to be held."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _write(self, name: str, text: str) -> None:
        temporary = self._path(".tmp")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "surrogateescape"))
        os.rename(temporary, self._path(name))

    def _read(self, name: str) -> str:
        try:
            with open(self._path(name), "rb") as file:
                return file.read().decode("utf-8", "surrogateescape")
        except OSError:
            return ""

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._path(name))

    def prepare(self) -> None:
        """Make the folder, private. Raises OSError where that cannot be."""
        try:
            os.mkdir(self.folder, 0o700)
        except FileExistsError:
            if os.stat(self.folder).st_mode & 0o077:
                os.chmod(self.folder, 0o700)

    def invalidate(self) -> None:
        """Unlink the stamps: from here on every reader asks the core, which waits for the lock.

        To be called before config.json changes; a writer that is killed in between must not leave
        readers on the old key.
        """
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
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

    def is_fresh(self, config_mtime_ns: int) -> bool:
        """Return whether the index was compiled from a config.json of this modification time."""
        gen = self._read(".gen").strip()
        try:
            fresh = (
                bool(gen) and os.stat(self._path(f".stamp.{gen}")).st_mtime_ns == config_mtime_ns
            )
        except OSError:
            return False
        if fresh:
            self._stamp_coarse(gen, config_mtime_ns)
        return fresh

    def _stamp_coarse(self, gen: str, config_mtime_ns: int) -> None:
        racy = config_mtime_ns // 10**9 >= int(time.time())
        if not racy and not os.path.exists(self._path(f".coarse.{gen}")):
            self._write(f".coarse.{gen}", "")
            os.utime(self._path(f".coarse.{gen}"), ns=(config_mtime_ns, config_mtime_ns))

    def compile(
        self, config: Config | None, config_mtime_ns: int, by: str | None, *, full: bool = False
    ) -> None:
        """Write what differs, then a new generation; `config` None means a damaged config.json.

        `by` is the pid of the shell whose command set the default (None = keep what is noted while
        the default's name stays). `full` rewrites every record, whatever the manifest says.
        """
        self.prepare()
        self.invalidate()
        now = int(time.time())
        lines = records(config, now) if config else {}
        known = {} if full else _parse_manifest(self._read(".manifest"))
        present = {n for n in os.listdir(self.folder) if not n.startswith(".")}
        changed = [n for n, line in lines.items() if n not in present or known.get(n) != line]
        gone = present - lines.keys()
        if changed or gone or full:
            # Without a manifest the next compile writes all: ours may be killed half way.
            self._remove([".manifest"])
            self._remove(gone)
            for name in changed:
                self._write(name, lines[name] + "\n")
            self._mark_due(lines)
            self._write(".manifest", "".join(line + "\n" for line in lines.values()))
        names = config.profiles if config else {}
        others = [name for name in names if name not in lines and name == clean(name)]
        self._write(".others", SEPARATOR.join(others) + "\n")
        before = self._read(".current").strip("\n").split(SEPARATOR)
        line = current_line(config, lines, by or "", now)
        if before[1:2] != line.split(SEPARATOR)[1:2]:
            self._remove(n for n in os.listdir(self.folder) if n.startswith(".told."))
        if by is None and len(before) == len(CURRENT_FIELDS):
            kept = before[-1] if before[1] == line.split(SEPARATOR)[1] else ""
            line = current_line(config, lines, kept, now)
        self._write(".current", line + "\n")
        gen = str(time.time_ns())
        self._write(f".stamp.{gen}", "")
        os.utime(self._path(f".stamp.{gen}"), ns=(config_mtime_ns, config_mtime_ns))
        self._stamp_coarse(gen, config_mtime_ns)
        self._write(".gen", gen + "\n")

    def _mark_due(self, lines: dict[str, str]) -> None:
        place = FIELDS.index("due")
        due = {name: line.split(SEPARATOR)[place] for name, line in lines.items()}
        self._remove(
            n for n in os.listdir(self.folder) if n.startswith(".due.") and not due.get(n[5:])
        )
        for name, seconds in due.items():
            if seconds:
                path = self._path(f".due.{name}")
                if not os.path.exists(path):
                    self._write(f".due.{name}", "")
                os.utime(path, (int(seconds), int(seconds)))

    def clear(self) -> None:
        """Remove everything that was compiled: there is no config.json any more."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            self.invalidate()
            self._remove(name for name in os.listdir(self.folder) if name != ".hook")


def _parse_manifest(text: str) -> dict[str, str]:
    return {line.split(SEPARATOR, 2)[1]: line for line in text.split("\n") if SEPARATOR in line}
