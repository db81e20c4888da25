"""Profiles without secrets for others, and theirs merged into ours. Pure.

What is taken from a file: url, organization, protected, access, and a key where none is yet. Never
`tokenCommand`, `keyring` or headers: only the user's own config may name commands. A key that is
there stays, and so does the URL that it is for: it would be sent to whatever server the file names.
The same holds for headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..text.foreign import clean
from . import key_fields, urls
from .headers import fields
from .profile import READ_ONLY, Profile, check_new_name, command, quoted, word
from .resolve import Config

# What of a key in a file is taken: what else is known of it the next check of the key tells.
_OF_A_KEY = (key_fields.TOKEN, key_fields.ID, key_fields.EXPIRES)


def exported(profile: Profile) -> dict[str, Any]:
    """Return the entry of `profile` as others may see it. Raises ConfigError for a foreign URL.

    Only what is known to be no secret: a key of somebody else's schema may be one, and so may the
    words of a tokenCommand.
    """
    entry: dict[str, Any] = {"url": profile.usable_url()}
    organization = _organization(profile.raw)
    if organization:
        entry["organization"] = organization
    if profile.protected:
        entry["protected"] = True
    if profile.access:
        entry["access"] = profile.access
    return entry


def _organization(raw: dict[str, Any]) -> dict[str, str]:
    known = raw.get("organization") or {}
    return {key: known[key] for key in ("id", "name") if known.get(key)}


def _label(organization: dict[str, str]) -> str:
    return quoted(clean(organization.get("name") or organization["id"]))


@dataclass(frozen=True)
class Merge:
    """What an import does to one profile: its new entry (None = nothing), and that in words."""

    name: str
    entry: dict[str, Any] | None
    words: str


def plan(config: Config, theirs: dict[str, dict[str, Any]]) -> list[Merge]:
    """Return what merging the entries `theirs` into `config` does, one Merge for each.

    Raises UsageError (exit 2) where a name or a URL is none that we would save: nothing is merged.
    """
    names = [*config.names, *(name for name in theirs if name not in config.profiles)]
    merges = []
    for name, raw in theirs.items():
        ours = config.profiles.get(name)
        if ours is None:
            check_new_name(name, names)
        if not raw.get("url"):
            raise UsageError(f"profile {quoted(name)} has no url in the file. Add it there.")
        url = urls.normalize(raw["url"])
        merges.append(_new(name, url, raw) if ours is None else _merged(ours, url, raw))
    return merges


def _new(name: str, url: str, raw: dict[str, Any]) -> Merge:
    entry: dict[str, Any] = {"url": url}
    words = [f"new: {url}"]
    organization = _organization(raw)
    if raw.get("token"):
        entry |= {key: raw[key] for key in _OF_A_KEY if raw.get(key)}
    if organization:
        entry["organization"] = organization
        words.append(_label(organization))
    if raw.get("protected") is True:
        entry["protected"] = True
    if raw.get("access"):
        entry["access"] = READ_ONLY
    if entry.keys() & {"protected", "access"}:
        words.append(entry.get("access") or "protected")
    words.append("with its key" if raw.get("token") else "no key yet")
    return Merge(name, entry, ", ".join(words))


def _merged(ours: Profile, url: str, raw: dict[str, Any]) -> Merge:
    entry = dict(ours.raw)
    words = []
    has_key = key_fields.has_key(entry)
    if raw.get("protected") is True and not ours.protected:
        entry["protected"] = True
    if raw.get("access") and not ours.access:
        entry["access"] = READ_ONLY
    if entry != ours.raw:
        words.append(
            f"becomes {READ_ONLY if raw.get('access') and not ours.access else 'protected'}"
        )
    bound = "key" if has_key else "headers" if fields(ours) else ""
    if url != ours.url and bound:
        stays = "stays" if has_key else "stay"
        words.append(
            f"its {bound} {stays} with {ours.shown_url}; the file's {url} is not taken. "
            f"Run: {command('auth', ours.name, f'-u {word(url)}')}"
        )
    elif not has_key:
        if url != ours.url:
            entry["url"] = url
            words.append(f"url becomes {url} (was {ours.shown_url or 'none'})")
        organization = _organization(raw)
        if organization and organization != _organization(entry):
            entry["organization"] = {**(entry.get("organization") or {}), **organization}
            words.append(f"organization becomes {_label(organization)}")
        if raw.get("token"):
            entry |= {key: raw[key] for key in _OF_A_KEY if raw.get(key)}
            words.append("gets the file's key")
    elif raw.get("token") and raw["token"] != ours.token:
        words.append("keeps its own key")
    if entry == ours.raw:
        return Merge(ours.name, None, ", ".join(words) or "the same already")
    return Merge(ours.name, entry, ", ".join(words))
