"""Mask the secrets in an answer of the server, and keep every other byte.

Pure. Strings are replaced in the JSON text itself, so all other values keep spelling and order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from .errors_of_server import ABOUT_INPUT, STRUCTURE, passes
from .forms import MASK, looks_random, mask_env
from .free_text import mask_hook, mask_text
from .plain_fields import PLAIN_FIELDS
from .secret_fields import (
    ENV,
    HOOK,
    KEY_LISTS,
    PLAIN_HEADERS,
    PROSE,
    ROW_NAMES,
    ROW_VALUES,
    WHOLE,
    form_of,
    is_description,
    is_log,
    is_plain,
    is_plain_answer,
    is_secret_below,
    normal,
    of_procedure,
)

# A larger answer is refused, since masking it takes too much time and memory.
MOST_BYTES = 8 * 1024 * 1024
# How deep JSON inside a string is searched. A deeper string is masked completely.
_MOST_NESTED = 4

# The tokens: members without text; a member with a string, or a name before a bracket; a string of
# a list; a bracket. In valid JSON nothing between these contains a quote, so a scan misses nothing.
_STRING = r'"([^"\\]*(?:\\.[^"\\]*)*)"'
_TOKEN = re.compile(
    r'(?:"[^"\\]*"\s*:\s*(?:null|true|false|""|-?\d[\d.eE+-]*)(?=\s*[,}])[\s,]*)+'
    rf"|{_STRING}(?:(\s*:\s*)(?:{_STRING})?)?|([\[{{])|([\]}}])",
    re.S,
)
_OF_LIST, _BEFORE_BRACKET, _MEMBER, _OPENED, _CLOSED = 1, 2, 3, 4, 5
# Most values are short, ids or times, which cannot be recognized as secrets by their form.
_DULL = re.compile(r"[A-Za-z0-9_-]{0,21}\Z|\d{4}-\d\d-\d\dT[\d:.]{8,12}Z\Z")
_SHORT = 16
_NONE: frozenset[str] = frozenset()


class Masked(NamedTuple):
    """An answer's text after masking, and how many of its strings were masked."""

    body: bytes
    strings: int


# Fields that may be the whole answer, or the message of an error.
_TOP = frozenset({"json", "data", "result", "message"})
_PLAIN = frozenset(n for n in PLAIN_FIELDS if not form_of(n)) - _TOP - {"id", "key", "start"}


_META = ["result", "data", "meta"]  # tells superjson how to read the answer
_ANSWERS = (["result", "data", "json"], ["result", "data"], ["result"], ["json"])


class NotMaskable(ValueError):
    """The answer is not JSON in UTF-8, or is too large or too deep."""


def mask_answer(body: bytes, procedures: Sequence[str], *, rest: bool, failed: bool) -> Masked:
    """Return the server's answer `body` to `procedures` with its secrets masked.

    With `rest` the answer is the value itself (/api/NAME). Otherwise it is tRPC's envelope, or a
    list of envelopes for several procedures. `failed` says that the HTTP status is 400 or more.
    Raises NotMaskable.
    """
    if len(body) > MOST_BYTES:
        raise NotMaskable(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
    if not body.strip():
        return Masked(body, 0)
    try:
        text = body.decode("utf-8")
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        raise NotMaskable("it is not JSON") from None
    if isinstance(parsed, str) and not rest:
        raise NotMaskable("it is not an answer of tRPC")
    batch = isinstance(parsed, list) and not rest
    out, count = _Scan(procedures, rest=rest, failed=failed, batch=batch).run(text)
    return Masked(out.encode("utf-8"), count) if count else Masked(body, 0)


class _Frame:
    """An object or list that is open during a scan, and what its names mean."""

    __slots__ = ("all_below", "error", "is_list", "key_list", "labelled", "name", "row", "special")

    def __init__(self, name: str, is_list: bool, above: _Frame | None, *, error: bool) -> None:
        plain = normal(name)
        self.name = name
        self.is_list = is_list
        self.error = error
        self.all_below: bool = is_secret_below(name) or (above is not None and above.all_below)
        # An object such as {"name": "A", "value": "x"} in a list under env, or in docker's Secrets.
        self.row = not is_list and above is not None and above.is_list and is_secret_below(name)
        self.key_list: bool = plain in KEY_LISTS or (
            not is_list and above is not None and above.key_list
        )
        self.labelled = False  # {"name": "DB_PASSWORD", "value": "x"}, once the name is known
        self.special: bool = self.all_below or self.key_list or error


class _Scan:
    """One pass over the tokens of a JSON text."""

    def __init__(
        self,
        procedures: Sequence[str] = (),
        *,
        rest: bool = True,
        failed: bool = False,
        batch: bool = False,
        nested: int = 0,
        all_below: bool = False,
    ) -> None:
        self.procedures = procedures
        self.rest = rest
        self.failed = failed
        self.batch = batch
        self.nested = nested
        self.all_below = all_below
        self.names: list[str] = []  # the names down to here; in a batch, the number is the first
        self.part = 0

    def run(self, text: str) -> tuple[str, int]:
        """Return the text with its secrets masked, and how many strings changed."""
        out: list[str] = []
        done = count = 0
        # Skip the usual case fast: a field without secrets, and a value that looks like none.
        plain = _NONE if self.all_below else _PLAIN
        frames: list[_Frame] = []
        name = ""
        for token in _TOKEN.finditer(text):
            kind = token.lastindex
            if kind == _MEMBER:
                name, value = _unescaped(token[1]), token[3]
            elif kind == _OF_LIST:
                name, value = frames[-1].name if frames else "", token[1]
            else:
                name = self._step(token, frames, name)
                continue
            frame = frames[-1] if frames else None
            if not value:
                continue
            if frame is not None and name in ROW_NAMES and form_of(value) == WHOLE:
                frame.labelled = frame.special = True
            if name in plain and not (frame is not None and frame.special) and _DULL.match(value):
                continue
            new = self.masked(value, name, frame)
            if new is not None:
                out.append(text[done : token.start(kind)])
                out.append(new)
                done = token.end(kind)
                count += 1
        return "".join(out) + text[done:], count

    def _step(self, token: re.Match[str], frames: list[_Frame], name: str) -> str:
        """Enter or leave an object or list; return the name of what comes next."""
        kind = token.lastindex
        if kind == _BEFORE_BRACKET:
            return _unescaped(token[1])
        if kind == _OPENED:
            above = frames[-1] if frames else None
            if above is not None:
                name = above.name if above.is_list else name
                self.names.append(name)
            self.part += self.batch and len(frames) == 1
            error = self._is_error(name, above)
            frames.append(_Frame(name, token[4] == "[", above, error=error))
        elif kind == _CLOSED:
            frames.pop()
            if self.names:
                self.names.pop()
        return name

    def _above(self) -> list[str]:
        """Return the names down to here, without the number in a batch."""
        return self.names[1:] if self.batch else self.names

    def _is_error(self, name: str, above: _Frame | None) -> bool:
        """Return whether the object or list that opens is, or is in, an error of the server."""
        if self.nested:
            return False
        if above is None:
            return self.failed
        if name in ABOUT_INPUT:
            return False
        return above.error or (not self.rest and self._above() == ["error"])

    def procedure(self) -> str:
        """Return the procedure whose answer is scanned, "" if not known."""
        number = self.part - 1 if self.batch else 0
        return self.procedures[number] if 0 <= number < len(self.procedures) else ""

    def masked(self, raw: str, field: str, frame: _Frame | None) -> str | None:
        """Return what replaces the string token `raw` (escaped), None to keep it."""
        if self.nested == 0:
            if frame.error if frame is not None else self.failed:
                if field in STRUCTURE:
                    return None
                return None if raw == MASK or passes(_unescaped(raw)) else MASK
            if field in _TOP or frame is None:
                whole = self._top(raw, field, frame)
                if whole is not None:
                    return whole or None
            if is_description(self.procedure()) or self._above()[:3] == _META:
                return None
        form = form_of(field)
        if self._is_secret(field, form, frame):
            return None if raw == MASK else MASK
        known = self.nested > 0 or is_plain(field)
        if not form and (known or len(raw) < _SHORT) and _DULL.match(raw):
            return None
        value = _unescaped(raw)
        if form == ENV:
            new = self._inner(value, all_below=True) or mask_env(value)
        elif form == HOOK:
            new = mask_hook(value)
        else:
            new = self._inner(value) or mask_text(value, prose=field in PROSE)
            if new == value and not known and looks_random(value):
                new = MASK
        return None if new == value else _escaped(new)

    def _is_secret(self, field: str, form: str, frame: _Frame | None) -> bool:
        """Return whether the string is a secret, by its name or by what contains it."""
        if form == WHOLE or self.all_below:
            return True
        if frame is not None:
            if frame.all_below and normal(field) not in PLAIN_HEADERS:
                # The strings in a list under env are lines of .env text.
                lines = frame.is_list and form == ENV
                return not lines and not (frame.row and field in ROW_NAMES)
            if frame.labelled and field in ROW_VALUES:
                return True
            if frame.key_list and field in ("key", "start"):
                return True
        return self.nested == 0 and field in of_procedure(self.procedure())

    def _inner(self, value: str, *, all_below: bool = False) -> str:
        """Return `value` masked as JSON, or "" if it is not JSON."""
        if value.lstrip()[:1] not in ("{", "[", '"'):
            return ""
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            return ""
        if self.nested >= _MOST_NESTED:
            return MASK
        return _Scan(nested=self.nested + 1, all_below=all_below).run(value)[0]

    def _top(self, raw: str, field: str, frame: _Frame | None) -> str | None:
        """Return what replaces an answer that is a single string, or "" to keep it.

        Return None if the answer is not a single string.
        """
        is_answer = frame is None
        if not self.rest and frame is not None and not frame.is_list:
            is_answer = [*self._above(), field] in _ANSWERS
        if not is_answer:
            return None
        procedure = self.procedure()
        if is_plain_answer(procedure):
            return ""
        if is_log(procedure):
            value = _unescaped(raw)
            new = mask_text(value)
            return "" if new == value else _escaped(new)
        return MASK


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    value: str = json.loads(f'"{raw}"', strict=False)
    return value


def _escaped(value: str) -> str:
    # A lone surrogate can only be spelled as an escape.
    halves = any("\ud800" <= letter <= "\udfff" for letter in value)
    return json.dumps(value, ensure_ascii=halves)[1:-1]
