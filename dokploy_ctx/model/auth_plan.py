"""Decide what `dctx auth` does, before it asks or saves anything. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..constants import COLOUR_FIELD
from . import headers, key_fields, own_key
from .account import Identity
from .profile import Profile
from .resolve import Config

# Where the key will be: saved in the file or in the keyring, or printed by a program; or it is the
# profile's own key, which stays where it is or moves into the keyring.
TO_FILE, TO_KEYRING, BY_PROGRAM, STAYS, MOVES = "file", "keyring", "program", "stays", "moves"


@dataclass(frozen=True)
class Request:
    """What a person wants to save, and what the panel said about the key (None: it was not asked).

    `fields` are the settings besides the key, by their names in config.json; None removes one.
    `headers` are all header fields that the profile has from now on.
    """

    name: str
    is_named: bool
    url: str
    key_storage: str
    key: str = field(default="", repr=False)
    headers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fields: Mapping[str, Any] = field(default_factory=dict)
    identity: Identity | None = None


@dataclass(frozen=True)
class Plan:
    """The change to a profile: the fields `dropped` are removed, then `entry` is written over it.

    `replaced` is the profile as it was, if it was for another panel or organization. `former` is
    the default until now, if that changes.
    """

    name: str
    entry: Mapping[str, Any] = field(repr=False)
    dropped: tuple[str, ...] = ()
    is_new: bool = False
    replaced: Profile | None = None
    renews_key: bool = False
    becomes_default: bool = False
    former: str = ""

    def apply(self, data: dict[str, Any], entry: dict[str, Any]) -> None:
        """Change config.json's `data` and the profile's `entry` in it."""
        for name in self.dropped:
            if name not in self.entry:  # a field that gets a new value keeps its place in the file
                entry.pop(name, None)
        entry.update(self.entry)
        if self.becomes_default:
            data["currentProfile"] = self.name


def decide(config: Config, request: Request) -> Plan:
    """Return what saving `request` changes in `config`; a key for the keyring is not included."""
    before = config.profiles.get(request.name)
    entry: dict[str, Any] = {"url": request.url, **request.headers}
    if request.identity is not None:
        identity = request.identity
        entry["organization"] = {"id": identity.organization_id, "name": identity.organization}
        entry.update(own_key.facts(_as_saved(before, request), request.key, identity, config))
    entry |= {name: value for name, value in request.fields.items() if value is not None}
    if request.key_storage == TO_FILE:
        entry[key_fields.TOKEN] = request.key
    removed = tuple(name for name, value in request.fields.items() if value is None)
    replaced = _replaced(before, entry)
    same = _is_same_key(before, request)
    default = _is_first(request, config) and config.current != request.name
    return Plan(
        request.name,
        entry,
        dropped=(*_dropped(request, same), *headers.FIELDS, *removed),
        is_new=before is None,
        replaced=replaced,
        renews_key=before is not None and before.has_key and not same and replaced is None,
        becomes_default=default,
        former=config.current if default and config.current in config.profiles else "",
    )


def _is_first(request: Request, config: Config) -> bool:
    """Return whether the profile becomes the default: nothing that works is one yet.

    Profiles of an imported file have no keys; the first that gets one is what a terminal can use.
    """
    usable = any(each.has_key for each in config.profiles.values())
    return not request.is_named or not (usable or config.current in config.profiles)


def settings_alone(before: Profile, fields: Mapping[str, Any]) -> Plan:
    """Return a plan that changes `fields` alone, for which no panel has to be asked."""
    entry = {name: value for name, value in fields.items() if value is not None}
    return Plan(before.name, entry, tuple(fields.keys() - entry.keys()))


def colour_field(colour: str | None) -> dict[str, str | None]:
    """Return the field that --color sets; "none" removes it."""
    return {} if colour is None else {COLOUR_FIELD: None if colour == "none" else colour}


def _as_saved(before: Profile | None, request: Request) -> Profile:
    """Return the profile as it will be saved, with the fields that own_key.facts() reads."""
    stays = before.raw if before is not None and request.key_storage == STAYS else {}
    return Profile(request.name, {**stays, "url": request.url, **request.fields})


def _dropped(request: Request, same: bool) -> tuple[str, ...]:
    """Return the fields that belong to the old key; all other fields of the profile are kept."""
    if request.key_storage == STAYS:
        return ()
    return key_fields.PLACES if same else (*key_fields.ALL, "organization")


def _is_same_key(before: Profile | None, request: Request) -> bool:
    """Return whether the key is certainly the one that the profile already has."""
    if before is None or before.url.lower() != request.url.lower():
        return False
    if request.key_storage in (STAYS, MOVES):
        return True
    return bool(request.key) and before.token == request.key


def _replaced(before: Profile | None, entry: dict[str, Any]) -> Profile | None:
    """Return `before` if `entry` is for another panel or, as far as known, another organization.

    This includes profiles without a key: an imported file says which panel they are meant for.
    """
    if before is None or not before.url:
        return None
    ours, theirs = before.organization_id, Profile("", entry).organization_id
    is_another = before.url.lower() != entry["url"].lower() or (ours and theirs and ours != theirs)
    # A copy, since saving changes the dictionary of the profile itself.
    return Profile(before.name, dict(before.raw)) if is_another else None
