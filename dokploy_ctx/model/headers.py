"""A profile's own headers: which are valid, and how config.json and a record store them.

Pure. A panel may be behind an access proxy (Cloudflare Access, HTTP basic auth) that lets requests
pass only with certain headers. Their values are secrets like the key, so no message of this module
contains one.
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
# The variable in which the official CLI's process gets them. The script that Node loads before the
# CLI (shell/preload.cjs) reads it and deletes it.
VARIABLE = HEADERS
# In a record: ask the core, since a program prints the headers, or the saved ones are invalid.
ASK = "ask"

# RFC 9110, "Tokens".
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}\Z")
# Latin-1 without control characters: a line break in a value would begin another header.
_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]*\Z")
# The limit for all names and values together, since many servers refuse more than 8 KiB.
_MOST = 8192

# The profile's key has a place of its own, where rotate replaces it.
_OF_THE_KEY = ("x-api-key",)
# A panel takes a cookie for a login. The login, not the key, would then decide who acts and in
# which organization.
_OF_A_LOGIN = ("cookie",)
# What each request says about itself.
_OF_THE_REQUEST = (
    *("accept", "accept-encoding", "content-encoding", "content-length", "content-type"),
    *("expect", "host", "transfer-encoding"),
)
# Headers for the next hop alone, which may be another proxy.
_OF_THE_CONNECTION = (
    *("connection", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer"),
    *("upgrade", "http2-settings"),
)
RESERVED = frozenset((*_OF_THE_KEY, *_OF_A_LOGIN, *_OF_THE_REQUEST, *_OF_THE_CONNECTION))


def wrong_name(name: str) -> str:
    """Return why `name` cannot be a header's name, or ""; do not quote a text that may be a key."""
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
    """Return the profile's header fields in config.json, which another profile can copy."""
    return {key: profile.raw[key] for key in FIELDS if profile.raw.get(key) not in (None, {})}


def program(profile: Profile) -> list[str] | None:
    """Return the program (argv) that prints the headers, or None.

    Raises ConfigError (exit 4) if the field is invalid: a file from elsewhere may contain anything.
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
    """Return the headers saved in config.json. Raises ConfigError (exit 4) if they are invalid."""
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
    """Return the headers for the profile's record: as JSON, "" for none, or ASK."""
    if not fields(profile):
        return ""
    try:
        return ASK if program(profile) else as_json(saved(profile))
    except ConfigError:
        return ASK


def same_origin(one: str, other: str) -> bool:
    """Return whether two URLs have the same scheme, host and port."""
    try:
        return _origin(one) == _origin(other)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str, int | None]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme.lower())
    return parts.scheme.lower(), (parts.hostname or "").lower(), parts.port or usual
