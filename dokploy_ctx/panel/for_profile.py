"""Connect to a profile's panel, with its key and the headers that an access proxy needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import PanelError
from ..files import keys
from ..files.document import unique_keys
from ..model.headers import program, saved, wrong
from ..model.profile import Profile, quoted

if TYPE_CHECKING:
    from .http import Panel

# What programs printed: each runs once per command, for all requests and profiles.
_printed: dict[tuple[str, ...], dict[str, str]] = {}


def headers_for(profile: Profile) -> dict[str, str]:
    """Return the profile's headers, wherever they are kept; {} for none.

    Raises ConfigError (exit 4) if they are invalid, PanelError (exit 5) if the program fails,
    Cancelled (exit 130) if the user stopped it.
    """
    command = program(profile)
    if command is None:
        return saved(profile)
    known = _printed.get(tuple(command))
    if known is None:
        what = f"headersCommand of {quoted(profile.name)} ({quoted(command[0])})"
        known = _parsed(keys.printed_by(command, what), what)
        _printed[tuple(command)] = known
    return known


def _parsed(output: bytes, what: str) -> dict[str, str]:
    """Return the JSON object that a program printed. Raises PanelError, which quotes none of it."""
    try:
        found: Any = json.loads(output.decode("utf-8"), object_pairs_hook=unique_keys)
    except (ValueError, RecursionError):
        raise PanelError(f"{what} did not print one JSON object. Check what it prints.") from None
    problem = wrong(found)
    if problem:
        raise PanelError(f"{what} printed no valid headers: {problem}. Check what it prints.")
    headers: dict[str, str] = found
    return headers


def connect(profile: Profile, key: str | None = None, limit: float | None = None) -> Panel:
    """Return the profile's panel, to be asked with `key`, by default the profile's own.

    A request may take `limit` seconds. Raises DctxError (exit 4, 5 or 130) if URL, key or headers
    are missing or invalid.
    """
    from .http import Panel

    url = profile.usable_url()
    key = keys.fetch(profile) if key is None else key
    return Panel(url, key, headers_for(profile), limit)


def is_all_in_file(profile: Profile) -> bool:
    """Return whether key and headers are in the file, so that no vault has to be asked."""
    return profile.plain_key is not None and not profile.raw.get("headersCommand")
