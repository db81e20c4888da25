"""What our own records say of a profile beside the others: its panel's, its key's, its expiry."""

from __future__ import annotations

import contextlib
import time

from .errors import ConfigError
from .index import epoch
from .profile import Profile, shown
from .resolve import Config
from .text import clean


def has_expired(profile: Profile) -> str:
    """Return the day (2027-01-01) on which the profile's key expired by our record, or ""."""
    when = epoch(profile.expires_at) if profile.expires_at else None
    if when is None or when > time.time():
        return ""
    return clean(profile.expires_at)[:10]


def same_panel(profile: Profile, config: Config) -> list[Profile]:
    """Return the profiles of the same URL, `profile` itself among them, in the file's order."""
    wanted, found = profile.usable_url().lower(), []
    for other in config.profiles.values():
        with contextlib.suppress(ConfigError):
            if other.usable_url().lower() == wanted:
                found.append(other)
    return found


def twins(profile: Profile, config: Config) -> list[str]:
    """Return the names, fit to show, of other profiles with the same key, where that is known."""
    return [shown(p.name) for p in sharing(profile, config)]


def sharing(profile: Profile, config: Config) -> list[Profile]:
    """Return the other profiles with the same key, where that is known."""
    return [
        p
        for p in same_panel(profile, config)
        if p.name != profile.name
        and ((profile.key_id and p.key_id == profile.key_id) or _same_token(profile, p))
    ]


def _same_token(one: Profile, other: Profile) -> bool:
    return bool(one.token) and one.token == other.token
