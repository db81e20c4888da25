"""config.json: read, and edit under a lock. The only writer of it, and of the index.

Source: design.md, "Config". `edit()` is the one way to change it: flock → read → change →
temporary file, fsync, rename, fsync of the folder → index, so nobody can forget a step.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import Any

from . import paths
from .errors import ConfigError, DctxError
from .index import Index
from .profile import Profile, quoted
from .resolve import Config

LOCK_SECONDS = 30.0
# A file written in the last kernel tick may be written again with the same time.
TICK_SECONDS = 0.02
# Python's own limit for integers, in all of its versions.
_MOST_DIGITS = 4300


class Busy(DctxError):
    """Another dctx holds the lock: what only reads goes on without it."""


class Document:
    """config.json as read: the data itself (to be changed in `edit`), and what came with it."""

    def __init__(
        self,
        data: dict[str, Any],
        mtime_ns: int = 0,
        exists: bool = False,
        notices: list[str] | None = None,
    ) -> None:
        self.data = data
        self.mtime_ns = mtime_ns
        self.exists = exists
        self.notices = notices or []

    @property
    def config(self) -> Config:
        """The profiles and the default's name, as the resolution wants them."""
        entries: dict[str, Any] = self.data.get("profiles") or {}
        profiles = {name: Profile(name, raw) for name, raw in entries.items()}
        return Config(profiles, self.data.get("currentProfile") or "")

    def entry(self, name: str) -> dict[str, Any]:
        """Return the entry `name`, made where there is none."""
        profiles = self.data.get("profiles")
        if profiles is None:
            profiles = self.data["profiles"] = {}
        entry: dict[str, Any] = profiles.setdefault(name, {})
        return entry


def _place(text: str, offset: int) -> str:
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1} column {offset - before.rfind(chr(10))}"


def _place_of(text: str, *keys: str) -> str:
    offset = found = 0
    for key in keys:
        match = re.compile(re.escape(json.dumps(key)) + r"\s*:").search(text, offset)
        if match:
            found, offset = match.start(), match.end()
    return _place(text, found)


_TYPES: dict[str, tuple[type | tuple[type, ...], str]] = {
    "url": (str, "text"),
    "token": (str, "text"),
    "organization": (dict, "an object"),
    "protected": (bool, "true or false"),
    "keyring": (str, "text"),
    "keyId": (str, "text"),
    "expiresAt": (str, "text"),
    "tokenCommand": (list, "a list of words"),
}


def _wrong_type(data: Any, text: str) -> str:
    if not isinstance(data, dict):
        return f"{_place(text, 0)}: not an object"
    profiles = data.get("profiles")
    if profiles is not None and not isinstance(profiles, dict):
        return f'{_place_of(text, "profiles")}: "profiles" is not an object'
    if not isinstance(data.get("currentProfile") or "", str):
        return f'{_place_of(text, "currentProfile")}: "currentProfile" is not text'
    for name, entry in (profiles or {}).items():
        if not isinstance(entry, dict):
            return f"{_place_of(text, 'profiles', name)}: profile {quoted(name)} is not an object"
        for key, (kind, words) in _TYPES.items():
            value = entry.get(key)
            if value is None:
                continue
            bad = not isinstance(value, kind)
            if key == "tokenCommand" and not bad:
                bad = not value or not all(isinstance(word, str) for word in value)
            if bad:
                where = _place_of(text, "profiles", name, key)
                return f'{where}: "{key}" of profile {quoted(name)} is not {words}'
        organization = entry.get("organization") or {}
        for key in ("id", "name"):
            if not isinstance(organization.get(key) or "", str):
                where = _place_of(text, "profiles", name, "organization", key)
                return f'{where}: "{key}" of the organization of {quoted(name)} is not text'
    return ""


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _number(word: str) -> float:
    """Return a number that can be written as it was read; 1e999 would become Infinity."""
    whole = word.lstrip("-").isdigit()
    if len(word) > _MOST_DIGITS if whole else float(word) in (float("inf"), float("-inf")):
        word = word if len(word) <= 40 else f"{word[:39]}~"
        raise ValueError(f"{word} is too large a number")
    return int(word) if whole else float(word)


class _Twice(ValueError):
    """A key that stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys all differ; of two the first would be lost at the next write."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _loads(text: str) -> Any:
    return json.loads(
        text,
        parse_constant=_no_constant,
        parse_float=_number,
        parse_int=_number,
        object_pairs_hook=_object,
    )


def _twice(text: str) -> str:
    """Return the place of the first key that its object has already, and its name."""
    keys: list[set[str]] = []
    for match in re.finditer(r'("(?:\\.|[^"\\])*")\s*(:?)|[\[{\]}]', text):
        if match[2]:
            key = json.loads(match[1])
            if key in keys[-1]:
                return f"{_place(text, match.start())}: {quoted(key)} stands twice in one object"
            keys[-1].add(key)
        elif match[0] in "[{":
            keys.append(set())
        elif match[0] in "]}":
            keys.pop()
    raise AssertionError("no key stands twice")


def _offset_of_number(text: str) -> int:
    """Return where the first number outside of strings is that is refused."""
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|(NaN|-?Infinity|-?\d[\d.eE+-]*)', text):
        if match[1]:
            try:
                _loads(match[1])
            except ValueError:
                return match.start()
    return 0


def _deepest(text: str) -> str:
    """Return the place at which brackets are nested deepest; those in strings do not count."""
    depth = deepest = place = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[\[{\]}]', text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        if depth > deepest:
            deepest, place = depth, match.start()
    return _place(text, place)


def parse(raw: bytes, path: str) -> dict[str, Any]:
    """Return the data of config.json's bytes.

    Raises ConfigError (exit 4) with line and column for anything but the schema: a damaged file
    is never taken for an empty one.
    """
    hint = "Mend it or move it away; it was not changed."
    try:
        text = raw.decode("utf-8-sig", "surrogatepass")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8", "replace")
        where = _place(before, len(before))
        raise ConfigError(f"{path} is damaged: {where}: not UTF-8. {hint}") from None
    if not text.strip():
        raise ConfigError(f"{path} is damaged: line 1 column 1: the file is empty. {hint}")
    try:
        data = _loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise ConfigError(f"{path} is damaged: {where}: {error.msg}. {hint}") from None
    except RecursionError:
        raise ConfigError(f"{path} is damaged: {_deepest(text)}: nested too deep. {hint}") from None
    except _Twice:
        raise ConfigError(f"{path} is damaged: {_twice(text)}. {hint}") from None
    except ValueError as error:
        place = _place(text, _offset_of_number(text))
        raise ConfigError(f"{path} is damaged: {place}: {error}. {hint}") from None
    wrong = _wrong_type(data, text)
    if wrong:
        raise ConfigError(f"{path} is damaged: {wrong}. {hint}")
    checked: dict[str, Any] = data
    return checked


def _tighten(folder: str, path: str, handle: int) -> list[str]:
    notices = []
    info = os.fstat(handle)
    if info.st_mode & 0o077 and info.st_uid == os.getuid():
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o600)
            notices.append(f"{path} was readable by others (keys are in it); made it private.")
    outer = os.stat(folder)
    if outer.st_mode & 0o077 and outer.st_uid == os.getuid():
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o700)
    return notices


def read(folder: str) -> Document:
    """Return config.json of the folder; an empty Document where there is no file.

    Raises ConfigError (exit 4) where it is damaged or cannot be read. A file that a foreign
    program left readable by others is made private, with a notice in the document.
    """
    path = paths.config_file(folder)
    try:
        with open(path, "rb") as file:
            info = os.fstat(file.fileno())
            raw = file.read()
            notices = _tighten(folder, path, file.fileno())
    except FileNotFoundError:
        if os.path.islink(path):
            raise ConfigError(f"{path} is a link to a file that does not exist. Mend it.") from None
        return Document({})
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}.") from None
    return Document(parse(raw, path), info.st_mtime_ns, True, notices)


def _settled(folder: str) -> Document | None:
    """Return config.json once its time is older than a tick; None where it is damaged."""
    path = paths.config_file(folder)
    while 0 <= time.time() - os.stat(path).st_mtime < TICK_SECONDS:
        time.sleep(TICK_SECONDS)
    try:
        return read(folder)
    except ConfigError:
        return None


@contextlib.contextmanager
def _locked(folder: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    handle = os.open(os.path.join(folder, ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Busy(
                        f"another dctx holds {folder}/.lock for {seconds:.0f} s. Try again."
                    ) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


def _encoded(data: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:  # a lone surrogate survives only as an escape
        return (json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def _require_writable(path: str) -> None:
    # The bits, not access(2): root may write anything, but "read-only" is what its owner meant.
    with contextlib.suppress(FileNotFoundError):
        if not os.stat(path).st_mode & stat.S_IWUSR:
            raise DctxError(f"{path} is read-only. Nothing was changed.")


def _replace(folder: str, data: dict[str, Any], index: Index) -> int:
    """Write config.json durably; returns its modification time in nanoseconds."""
    target = os.path.realpath(paths.config_file(folder))
    temporary = os.path.join(os.path.dirname(target), ".config.json.dctx-tmp")
    _require_writable(target)
    _require_writable(os.path.dirname(target))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_encoded(data))
            file.flush()
            # The whole second before now: bash 3.2 compares whole seconds, and so still sees
            # somebody else's change in this second.
            mtime_ns = (int(time.time()) - 1) * 10**9
            os.utime(file.fileno(), ns=(mtime_ns, mtime_ns))
            os.fsync(file.fileno())
        index.invalidate()
        os.rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    outer = os.open(os.path.dirname(target), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(outer)
    finally:
        os.close(outer)
    return mtime_ns


@contextlib.contextmanager
def edit(folder: str, by: str | None = None) -> Iterator[Document]:
    """Yield config.json for a change, which is on disk and in the index when the block ends.

    `by`: pid of the shell on whose command line this runs, noted with a changed default (None =
    not known). An exception in the block changes nothing. Raises ConfigError (exit 4) where the
    file is damaged, DctxError (exit 1) where it cannot be written.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.makedirs(folder, 0o700)
        _require_writable(folder)
        with _locked(folder):
            document = read(folder)
            before = document.config.current
            yield document
            index = Index(paths.index_dir(folder))
            mtime_ns = _replace(folder, document.data, index)
            moved = document.config.current != before
            _compile(index, document.config, mtime_ns, (by or "") if moved or by else None)
    except OSError as error:
        raise DctxError(f"cannot write {folder}: {error.strerror}. Nothing was changed.") from None


def _compile(index: Index, config: Config, mtime_ns: int, by: str | None) -> None:
    try:
        index.compile(config, mtime_ns, by)
    except OSError as error:
        raise DctxError(
            f"saved, but the index {index.folder} cannot be written: {error.strerror}."
        ) from None


def is_fresh(folder: str) -> bool:
    """Return whether the index is of the config.json that is there, be it damaged."""
    try:
        mtime_ns = os.stat(paths.config_file(folder)).st_mtime_ns
        return Index(paths.index_dir(folder)).is_fresh(mtime_ns)
    except OSError:
        return False


def sync(folder: str, *, full: bool = False, seconds: float = LOCK_SECONDS) -> None:
    """Bring the index up to date with config.json; `full` rewrites all of it.

    `seconds`: how long to wait for the lock; Busy is raised where that is not enough. Raises
    ConfigError (exit 4) where config.json is damaged: the index then says so to its readers;
    DctxError (exit 1) where the index cannot be written.
    """
    index = Index(paths.index_dir(folder))
    path = paths.config_file(folder)
    if not os.path.exists(path):
        read(folder)  # a dangling link is an error
        if os.path.isdir(index.folder):
            with _locked(folder):
                index.clear()
        return
    try:
        _require_writable(folder)
        with _locked(folder, seconds):
            mtime_ns = os.stat(path).st_mtime_ns
            if full or not index.is_fresh(mtime_ns):
                document = _settled(folder)
                mtime_ns = document.mtime_ns if document else os.stat(path).st_mtime_ns
                config = document.config if document else None
                index.compile(config, mtime_ns, None, full=full)
    except OSError as error:
        raise DctxError(f"cannot write {index.folder}: {error.strerror}.") from None
    read(folder)


def forget_index(folder: str) -> None:
    """Take the compiled index away, and the config folder where nothing else was in it.

    Raises DctxError (exit 1) where it cannot be removed.
    """
    index = Index(paths.index_dir(folder))
    if not os.path.isdir(index.folder):
        return
    try:
        with _locked(folder):
            index.clear()
            with contextlib.suppress(OSError):
                os.rmdir(index.folder)
            if set(os.listdir(folder)) == {".lock"}:
                os.unlink(os.path.join(folder, ".lock"))
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    except OSError as error:
        raise DctxError(f"cannot remove {index.folder}: {error.strerror}.") from None
