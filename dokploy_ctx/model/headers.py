"""A profile's own headers: what can be one, and how they stand in config.json and in a record.

Pure. A panel may be behind an access proxy (Cloudflare Access, HTTP basic auth) that lets a request
pass only with headers of its own. They are secrets like the key: no message of this module contains
a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..constants import HEADERS
from ..errors import ConfigError
from .profile import Profile, command, quoted

FIELDS = ("headers", "headersCommand")
# How the official CLI's process gets them; the script that Node loads before the CLI deletes it.
VARIABLE = HEADERS
# In a record: only the core can tell (a program prints them, or what is saved is no header).
ASK = "ask"

# RFC 9110, "Tokens".
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}\Z")
# Latin-1 without its control characters: a line break would begin a header of somebody else's.
_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]*\Z")
# All names and values together. Many servers refuse more than 8 KiB.
_MOST = 8192

# The profile's key is kept elsewhere, and replaced by rotate.
_OF_THE_KEY = ("x-api-key",)
# A panel takes a cookie for a login, which would then decide instead of the key who acts, and in
# which organization.
_OF_A_LOGIN = ("cookie",)
# What each request says about itself.
_OF_THE_REQUEST = (
    *("accept", "accept-encoding", "content-encoding", "content-length", "content-type"),
    *("expect", "host", "transfer-encoding"),
)
# They are for the next hop only, which may be another proxy.
_OF_THE_CONNECTION = (
    *("connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer"),
    *("upgrade", "http2-settings"),
)
RESERVED = frozenset((*_OF_THE_KEY, *_OF_A_LOGIN, *_OF_THE_REQUEST, *_OF_THE_CONNECTION))


def wrong_name(name: str) -> str:
    """Return why `name` cannot be the name of a header, or ""; quotes it only if it is a token."""
    if not _NAME.match(name):
        return "a header name is made of letters, digits and -"
    if name.lower() in RESERVED:
        return f"the header {name} is not one that a profile can set"
    return ""


def wrong_value(name: str, value: Any) -> str:
    """Return why `value` cannot be sent as the header `name`, or ""."""
    if not isinstance(value, str):
        return f"the value of {name} is not text"
    if not value:
        return f"the value of {name} is empty"
    if not _VALUE.match(value):
        return f"the value of {name} contains a character that no header can"
    if value != value.strip():
        return f"the value of {name} begins or ends with a blank"
    return ""


def wrong(headers: Any) -> str:
    """Return why `headers` are no headers, or "" for an object of names and values."""
    if not isinstance(headers, dict):
        return "they are not an object of names and values"
    seen: set[str] = set()
    size = 0
    for name, value in headers.items():
        problem = wrong_name(name) or wrong_value(name, value)
        if problem:
            return problem
        if name.lower() in seen:
            return f"the header {name} stands there twice"
        seen.add(name.lower())
        size += len(name) + len(value)
    return f"they are longer than {_MOST} characters together" if size > _MOST else ""


def fields(profile: Profile) -> dict[str, Any]:
    """Return the profile's headers as they stand in its entry, for another profile of its panel."""
    return {key: profile.raw[key] for key in FIELDS if profile.raw.get(key) not in (None, {})}


def program(profile: Profile) -> list[str] | None:
    """Return the program (argv) that prints the headers, or None.

    Raises ConfigError (exit 4): a foreign file may hold anything here.
    """
    words = profile.raw.get("headersCommand")
    if words is None:
        return None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise _damaged(profile, '"headersCommand" is not a list of words')
    if "headers" in fields(profile):
        raise _damaged(profile, 'there are both "headers" and "headersCommand"')
    return list(words)


def saved(profile: Profile) -> dict[str, str]:
    """Return the headers that stand in config.json, {} for none. Raises ConfigError (exit 4)."""
    found = profile.raw.get("headers")
    if found is None:
        return {}
    problem = wrong(found)
    if problem:
        raise _damaged(profile, problem)
    return dict(found)


def _damaged(profile: Profile, problem: str) -> ConfigError:
    again = command("auth", profile.name, "--header HEADER")
    return ConfigError(
        f"the headers of profile {quoted(profile.name)} are invalid: {problem}. "
        f"Change config.json, or run: {again}"
    )


def as_json(headers: Mapping[str, str]) -> str:
    """Return `headers` as JSON on one line, ASCII only; "" for none."""
    return json.dumps(dict(headers), separators=(",", ":")) if headers else ""


def in_record(profile: Profile) -> str:
    """Return what the profile's record says: the headers as JSON, "" for none, or ASK."""
    if not fields(profile):
        return ""
    try:
        return ASK if program(profile) else as_json(saved(profile))
    except ConfigError:
        return ASK


def same_origin(one: str, other: str) -> bool:
    """Return whether two URLs are of one scheme, host and port."""
    try:
        return _origin(one) == _origin(other)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or usual
