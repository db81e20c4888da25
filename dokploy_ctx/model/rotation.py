"""Decide which key `dctx rotate` makes in the place of another, before it makes any. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import DctxError, UsageError
from ..text.foreign import clean
from . import key_fields, own_key
from .account import Identity, Organization
from .own_key import Row
from .profile import Profile, command, quoted, shown, word
from .profile_names import fit, is_ours, key_name, lifetime_of, seconds
from .resolve import Config


@dataclass(frozen=True)
class Plan:
    """The new key of `profile`: its organization, name, seconds (None: no expiry) and limits.

    `rows` are the listed keys that can be the old one: a single one if that is certain. `notices`
    say what of the old key cannot be kept. `as_another` is the profile whose user the new key may
    belong to, instead of the old key's user, or "".
    """

    profile: Profile
    organization: Organization
    name: str
    seconds: int | None
    limits: dict[str, Any] | None
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()
    as_another: str = ""

    @property
    def replaces(self) -> tuple[str, ...]:
        """The ids of keys, one of which is the old one; () if there is no old key."""
        if not self.profile.has_key:
            return ()
        return tuple(str(row.get("id")) for row in self.rows) or (self.profile.key_id,)


def decide(
    profile: Profile,
    maker: Profile,
    key: str,
    identity: Identity,
    config: Config,
    lifetime: str | None,
) -> Plan:
    """Return the key to make for `profile`, with the `key` of `maker`, whose user is `identity`.

    `lifetime` is what a person said of the new key's, or None. Raises UsageError (exit 2) if the
    lifetime has to be given, DctxError (exit 1) if the key's user is not in the organization.
    """
    own = maker.name == profile.name
    rows = _rows(profile, key if own else "", identity, config) if profile.has_key else []
    old = rows[0] if len(rows) == 1 else None
    by = "" if own else f" --profile {word(maker.name)}"
    again = command("rotate", profile.name, f"--expires 90d{by}")
    valid_seconds, lost = _lifetime(profile, rows, lifetime, again)
    limits, more = _limits(old)
    return Plan(
        profile,
        Organization(identity.organization_id, identity.organization)
        if own
        else _organization(profile, identity),
        _name(profile, old),
        valid_seconds,
        limits,
        tuple(rows),
        tuple(filter(None, (lost, more))),
        as_another="" if own or rows or not profile.has_key else maker.name,
    )


def _rows(profile: Profile, key: str, identity: Identity, config: Config) -> list[Row]:
    """Return the listed keys that can be the profile's; `key` is its own key, or ""."""
    if profile.key_id:
        row = identity.key(profile.key_id)
        return [row] if row else []
    if not key:
        return []
    theirs = own_key.of_others(key, config)
    rows = own_key.rows_of(key, identity)
    return rows if len(rows) == 1 else [row for row in rows if row.get("id") not in theirs]


def _name(profile: Profile, old: Row | None) -> str:
    """Return the old key's name, or a new name if neither panel nor config.json knows it."""
    if old and old.get("name"):
        return fit(str(old["name"]))
    return str(profile.raw.get(key_fields.NAME) or "") or key_name(profile.name)


def _organization(profile: Profile, identity: Identity) -> Organization:
    """Return the profile's organization from those of another key's user. Raises DctxError."""
    for organization in identity.organizations:
        if organization.id == profile.organization_id:
            return organization
    name = shown(profile.name)
    if not profile.organization_id:
        todo = command("auth", profile.name)
        raise DctxError(f"the organization of {name} is not known. Run: {todo}")
    raise DctxError(
        f"that key's user is not in the organization of {name}, "
        f"{quoted(clean(profile.organization))}. Use the key of another user with --profile NAME"
    )


def _lifetime(
    profile: Profile, rows: Sequence[Row], given: str | None, again: str
) -> tuple[int | None, str]:
    """Return the new key's lifetime in seconds, and a notice if that is a guess.

    `again` is a command that gives the lifetime. Raises UsageError (exit 2) if the old key expires
    but its lifetime is not known.
    """
    if given is not None:
        return seconds(given), ""
    if not profile.has_key:
        return None, ""
    kept = {"expiresAt": profile.expires_at, "createdAt": own_key.made_on(profile)}
    lifetimes: set[int | None] = set()
    for row in rows or [kept]:
        try:
            lifetimes.add(lifetime_of(row))
        except ValueError:  # noqa: PERF203
            lifetimes.add(0)
    is_known = bool(rows or profile.key_id or profile.expires_at)
    if is_known and len(lifetimes) == 1 and (lifetime := lifetimes.pop()) != 0:
        return lifetime, ""
    name = shown(profile.name)
    if profile.expires_at:
        raise UsageError(
            f"how long the key of {name} was valid is not known any more. Run: {again}"
        )
    which = f", since any of these can be that key: {own_key.listed(rows)}" if rows else ""
    return None, (
        f"whether the old key of {name} expires is not known{which}. "
        f"The new key never expires. If it should, run: {again}"
    )


def _limits(old: Row | None) -> tuple[dict[str, Any] | None, str]:
    """Return the limits of the old key, and a notice if the panel does not tell them.

    A key that dctx made, which its name shows, has no limits.
    """
    if old is None or is_ours(old.get("name")):
        return None, ""
    found = own_key.limits(old)
    prefix = {"prefix": str(old["prefix"])} if old.get("prefix") else {}
    if found is None:
        return prefix, (
            "the panel does not tell the limits of keys, so the new key has no limits even if the "
            "old one had some"
        )
    return {**prefix, **found}, ""
