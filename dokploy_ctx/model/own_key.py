"""Which of the keys that a panel lists is a profile's; and describe a key as the panel's page does.

The page shows a key's name, age and prefix. The panel's list has these and the id, and little more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from ..text.foreign import clean, epoch
from . import key_fields
from .account import Identity, NewKey
from .profile import Profile, quoted
from .resolve import Config

Row = dict[str, Any]
_LETTERS = 64  # the length of a key without its prefix
_DAY = 86400
_LIMITS = ("rateLimitMax", "rateLimitTimeWindow", "remaining", "refillAmount", "refillInterval")
# Requests that dctx makes with a new key: one checks it, one deletes the old key.
_SPENT = 2


def rows_of(key: str, identity: Identity) -> list[Row]:
    """Return the listed keys that `key` can be; the panel has just accepted it, so one of them is.

    Panels before v0.29.9 list the first letters of a key, which tell more.
    """
    return [row for row in identity.keys if _can_be(row, key)]


def _can_be(row: Row, key: str) -> bool:
    prefix, start = str(row.get("prefix") or ""), str(row.get("start") or "")
    if row.get("enabled") is False or len(key) != len(prefix) + _LETTERS:
        return False
    return key.startswith(prefix) and key.startswith(start)


def row_of(profile: Profile, key: str, identity: Identity) -> Row | None:
    """Return the profile's key as the panel lists it, or None if it is not certain which it is."""
    if profile.key_id:
        return identity.key(profile.key_id)
    found = rows_of(key, identity)
    return found[0] if len(found) == 1 else None


def facts(profile: Profile, key: str, identity: Identity, config: Config) -> dict[str, str]:
    """Return what config.json should say about the profile's key; {} if nothing is certain.

    Nothing is saved about a key that a program prints, since it may print another one at any time.
    If the panel's list does not settle it, another profile with the same key may know its id.
    """
    if profile.token_command or not key:
        return {}
    row = row_of(profile, key, identity)
    for other in config.profiles.values():
        if row is None and other.token == key and other.key_id:
            row = identity.key(other.key_id)
    return fields(row) if row and row.get("id") else {}


def fields(row: Row) -> dict[str, str]:
    """Return the fields of config.json for a listed key."""
    told = (row.get(name) for name in ("id", "name", "createdAt", "prefix", "expiresAt"))
    return {name: str(value) for name, value in zip(key_fields.FACTS, told, strict=True) if value}


def fields_of(new_key: NewKey) -> dict[str, str]:
    """Return the fields of config.json for a new key."""
    told = (new_key.id, new_key.name, new_key.created_at, new_key.prefix, new_key.expires_at)
    return {name: value for name, value in zip(key_fields.FACTS, told, strict=True) if value}


def limits(row: Row) -> dict[str, Any] | None:
    """Return the limits of a listed key as `user.createApiKey` takes them, None if not listed.

    `remaining` is raised by the requests that dctx makes with the new key.
    """
    if "rateLimitEnabled" not in row:
        return None
    found = {name: row[name] for name in _LIMITS if isinstance(row.get(name), int | float)}
    if not row["rateLimitEnabled"]:
        found = {name: value for name, value in found.items() if not name.startswith("rateLimit")}
    if "remaining" in found:
        found["remaining"] += _SPENT
    return {"rateLimitEnabled": bool(row["rateLimitEnabled"]), **found}


def described(name: str, created_at: str, prefix: str) -> str:
    """Return a key as the panel's page shows it: name, age and prefix."""
    when = epoch(created_at) if created_at else None
    told = [f"prefix {quoted(clean(prefix))}" if prefix else "no prefix"]
    if when is not None:
        days = int((time.time() - when) // _DAY)
        age = "today" if days < 1 else f"{days} day{'s'[: days != 1]} ago"
        told.insert(0, f"created {age}")
    return f"{quoted(clean(name))} ({', '.join(told)})"


def described_row(row: Row) -> str:
    """Return a listed key as the panel's page shows it: name, age and prefix."""
    name, made, prefix = (str(row.get(key) or "") for key in ("name", "createdAt", "prefix"))
    return described(name, made, prefix)


def described_profile(profile: Profile) -> str:
    """Return the profile's key as the panel's page shows it, "" if config.json has no name."""
    name = str(profile.raw.get(key_fields.NAME) or "")
    if not name:
        return ""
    return described(name, made_on(profile), str(profile.raw.get(key_fields.PREFIX) or ""))


def made_on(profile: Profile) -> str:
    """Return when the profile's key was made (ISO 8601, UTC), "" if not known."""
    return str(profile.raw.get(key_fields.MADE) or "")


def listed(rows: Iterable[Row], most: int = 3) -> str:
    """Return the first keys by name, as the panel's page shows them, and how many more."""
    found = sorted(described_row(row) for row in rows)
    more = f" and {len(found) - most} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def of_others(key: str, config: Config) -> set[str]:
    """Return the ids of the keys of all profiles that certainly have another key than `key`."""
    profiles = config.profiles.values()
    return {p.key_id for p in profiles if p.key_id and p.plain_key and p.plain_key != key}


def used(config: Config) -> set[str]:
    """Return the known ids of the keys that profiles have."""
    return {profile.key_id for profile in config.profiles.values() if profile.key_id}
