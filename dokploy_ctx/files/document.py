"""config.json as text: parse and check it, with line and column of an error, and write it."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConfigError
from ..model.profile import Profile, quoted
from ..model.resolve import Config

if TYPE_CHECKING:
    import os

# The digits that every version of Python can convert.
_MOST_DIGITS = 4300
_ADVICE = "Fix the file, then run: dctx doctor"


class Version(NamedTuple):
    """What tells one version of config.json from another: its time, and which file it is."""

    mtime_ns: int
    device: int
    inode: int

    @classmethod
    def of(cls, info: os.stat_result) -> Version:
        """Return the version of a file from its os.stat() result `info`."""
        return cls(info.st_mtime_ns, info.st_dev, info.st_ino)


class Document:
    """config.json as it was read: its data, which store.edit() lets callers change, and notices."""

    def __init__(
        self,
        data: dict[str, Any],
        version: Version | None = None,
        notices: list[str] | None = None,
    ) -> None:
        self.data = data
        self.version = version  # None: there is no file
        self.notices = notices or []

    @property
    def config(self) -> Config:
        """The profiles and the default's name."""
        entries: dict[str, Any] = self.data.get("profiles") or {}
        profiles = {name: Profile(name, raw) for name, raw in entries.items()}
        return Config(profiles, self.data.get("currentProfile") or "")

    def entry(self, name: str) -> dict[str, Any]:
        """Return the entry `name`; make it if it does not exist."""
        profiles = self.data.get("profiles")
        if profiles is None:
            profiles = self.data["profiles"] = {}
        entry: dict[str, Any] = profiles.setdefault(name, {})
        return entry


def _place(text: str, offset: int) -> str:
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


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


def _wrong_type(data: Any, text: str) -> tuple[str, str] | None:
    """Return the place in `text` of the first value of a wrong type, and what is wrong, or None."""
    if not isinstance(data, dict):
        return _place(text, 0), "the file is not an object"
    profiles = data.get("profiles")
    if profiles is not None and not isinstance(profiles, dict):
        return _place_of(text, "profiles"), '"profiles" is not an object'
    if not isinstance(data.get("currentProfile") or "", str):
        return _place_of(text, "currentProfile"), '"currentProfile" is not text'
    for name, entry in (profiles or {}).items():
        if not isinstance(entry, dict):
            return _place_of(text, "profiles", name), f"profile {quoted(name)} is not an object"
        for key, (kind, words) in _TYPES.items():
            value = entry.get(key)
            if value is None:
                continue
            bad = not isinstance(value, kind)
            if key == "tokenCommand" and not bad:
                bad = not value or not all(isinstance(word, str) for word in value)
            if bad:
                where = _place_of(text, "profiles", name, key)
                return where, f'"{key}" of profile {quoted(name)} is not {words}'
        organization = entry.get("organization") or {}
        for key in ("id", "name"):
            if not isinstance(organization.get(key) or "", str):
                where = _place_of(text, "profiles", name, "organization", key)
                return where, f'"{key}" of the organization of {quoted(name)} is not text'
    return None


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _number(word: str) -> float:
    """Return a number. Raises ValueError if it could not be written again (1e999 is Infinity)."""
    whole = word.lstrip("-").isdigit()
    if len(word) > _MOST_DIGITS if whole else float(word) in (float("inf"), float("-inf")):
        word = word if len(word) <= 40 else f"{word[:39]}~"
        raise ValueError(f"{word} is too large a number")
    return int(word) if whole else float(word)


class Twice(ValueError):
    """A key that stands twice in one object."""


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, of its `pairs`. Raises Twice if a key stands in it twice.

    Python's own reader keeps the last of them; the other would be lost without a word.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Twice
    return found


def _loads(text: str) -> Any:
    return json.loads(
        text,
        parse_constant=_no_constant,
        parse_float=_number,
        parse_int=_number,
        object_pairs_hook=unique_keys,
    )


def _twice(text: str) -> tuple[str, str]:
    """Return the place of the first key that is twice in its object, and what to say about it."""
    keys: list[set[str]] = []
    for match in re.finditer(r'("(?:\\.|[^"\\])*")\s*(:?)|[\[{\]}]', text):
        if match[2]:
            key = json.loads(match[1])
            if key in keys[-1]:
                return _place(text, match.start()), f"{quoted(key)} stands twice in one object"
            keys[-1].add(key)
        elif match[0] in "[{":
            keys.append(set())
        elif match[0] in "]}":
            keys.pop()
    raise AssertionError("no key stands twice")


def _offset_of_number(text: str) -> int:
    """Return the offset of the first number outside of strings that is refused."""
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|(NaN|-?Infinity|-?\d[\d.eE+-]*)', text):
        if match[1]:
            try:
                _loads(match[1])
            except ValueError:
                return match.start()
    raise AssertionError("no number is refused")


def _deepest(text: str) -> str:
    """Return the place where brackets outside of strings are nested deepest."""
    depth = deepest = place = 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|[\[{\]}]', text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        if depth > deepest:
            deepest, place = depth, match.start()
    return _place(text, place)


def parse(raw: bytes, path: str, advice: str = _ADVICE) -> dict[str, Any]:
    """Return the data in config.json's bytes. `advice` ends the error about damaged ones.

    Raises ConfigError (exit 4) with line and column if they do not follow the schema, so that a
    damaged file is never taken for an empty one.
    """

    def error(what: str, where: str, why: str = "") -> ConfigError:
        place = f"{path} is {what} ({where})" + (f": {why}" if why else "")
        return ConfigError(f"{place}. Nothing was changed. {advice}")

    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as fault:
        before = raw[: fault.start].decode("utf-8", "replace")
        raise error("not UTF-8", _place(before, len(before))) from None
    if not text.strip():
        raise error("empty", "line 1, column 1")
    try:
        data = _loads(text)
    except json.JSONDecodeError as fault:
        where = f"line {fault.lineno}, column {fault.colno}"
        raise error("not valid JSON", where, fault.msg) from None
    except RecursionError:
        raise error("nested too deep", _deepest(text)) from None
    except Twice:
        raise error("not valid", *_twice(text)) from None
    except ValueError as fault:
        where = _place(text, _offset_of_number(text))
        raise error("not valid JSON", where, str(fault)) from None
    wrong = _wrong_type(data, text)
    if wrong:
        raise error("not valid", *wrong)
    checked: dict[str, Any] = data
    return checked


def encoded(data: dict[str, Any]) -> bytes:
    """Return the bytes of config.json for `data`."""
    try:
        return (json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
    except UnicodeEncodeError:  # a lone surrogate can only be written as an escape
        return (json.dumps(data, indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()
