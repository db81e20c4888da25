"""An API key in what a person pasted: the key alone, a header, a variable, a curl line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

# What a key may be made of: no blank, and no quote, which belongs to what is around it.
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
    """What a pasted text holds: the key, the URL that stands beside it, and whether more did."""

    key: str
    url: str = ""
    more: bool = False


def read(text: str) -> Pasted:
    """Return the key in `text`, as far as one can be told from what is around it."""
    given = text.strip("\r\n")
    plain = given.strip().strip("\"'").strip()
    url = _URL.search(plain)
    for pattern in (_HEADER.search, _BEARER.search, _ASSIGNED.match, _FISH.match):
        found = pattern(plain)
        if found:
            return Pasted(found["key"], url[0] if url else "", more=True)
    return Pasted(plain, "", more=plain != given)


def is_unfinished(line: str) -> bool:
    """Return whether a line of a shell goes on in the next one."""
    return line.rstrip("\r\n").rstrip().endswith("\\")
