"""Find the API key in pasted text: a key alone, a header, a variable, a curl line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A key contains no blank and no quote: these belong to the text around it.
_VALUE = r"""["']?\s*(?P<key>[^\s"'\\]+)"""
_HEADER = re.compile(r"""x-api-key["']?\s*[:=]\s*""" + _VALUE, re.IGNORECASE)
_BEARER = re.compile(
    r"""(?:\bauthorization["']?\s*:\s*["']?\s*)?\bbearer\s+""" + _VALUE, re.IGNORECASE
)
_ASSIGNED = re.compile(
    r"(?:export\s+|\$env:)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*" + _VALUE + r"""["']?;?\Z"""
)
_FISH = re.compile(r"set\s+(?:-\S+\s+)*[A-Za-z_][A-Za-z0-9_]*\s+" + _VALUE + r"""["']?;?\Z""")
_URL = re.compile(r"https?://[^\s\"'\\]+", re.IGNORECASE)


@dataclass(frozen=True)
class Pasted:
    """The key in a pasted text, a URL beside it, and whether the text contained anything more."""

    key: str
    url: str = ""
    more: bool = False


def read(text: str) -> Pasted:
    """Return the key in `text`; a text of an unknown form is taken for the key itself."""
    given = text.strip("\r\n")
    plain = given.strip().strip("\"'").strip()
    url = _URL.search(plain)
    for pattern in (_HEADER.search, _BEARER.search, _ASSIGNED.match, _FISH.match):
        found = pattern(plain)
        if found:
            return Pasted(found["key"], url[0] if url else "", more=True)
    return Pasted(plain, "", more=plain != given.strip())


def is_unfinished(line: str) -> bool:
    """Return whether a shell command goes on in the next line."""
    return line.rstrip("\r\n").rstrip().endswith("\\")
