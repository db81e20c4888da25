"""Export profiles without secrets, and merge other people's profiles into ours. Pure.

An imported file may set URL, organization, protection, and the key of a profile without a key. It
never sets `tokenCommand`, `keyring` or headers: only the user's own config.json may name commands.
If a profile has a key or headers, these and its URL stay as they are. Otherwise they would be sent
to whatever server the file names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..text.foreign import clean
from . import key_fields, urls
from .headers import fields
from .profile import READ_ONLY, Profile, check_new_name, command, quoted, shown, word
from .resolve import Config

# The fields of an imported key. The next check of the key finds out the others.
_OF_A_KEY = (key_fields.TOKEN, key_fields.ID, key_fields.EXPIRES)


def exported(profile: Profile) -> dict[str, Any]:
    """Return the entry of `profile` as others may see it. Raises ConfigError for an invalid URL.

    It has only fields that cannot be secret. Unknown fields and the words of a tokenCommand may be.
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
    return f"organization {clean(organization.get('name') or organization['id'])}"


@dataclass(frozen=True)
class Merge:
    """What an import does to one profile: its new entry (None: no change), and a description."""

    name: str
    entry: dict[str, Any] | None
    words: str


@dataclass(frozen=True)
class Plan:
    """What an import does: a Merge for each profile of the file; the new default, or ""."""

    merges: tuple[Merge, ...]
    default: str = ""

    @property
    def changes(self) -> list[Merge]:
        """The merges that change something."""
        return [merge for merge in self.merges if merge.entry is not None]


def decide(config: Config, theirs: dict[str, dict[str, Any]], current: str = "") -> Plan:
    """Return what merging the entries `theirs` into `config` does.

    `current` is the file's default. If no profile is saved yet, it becomes the default, or else the
    first profile with a key. Raises UsageError (exit 2) if a name or a URL cannot be saved; then
    nothing is merged.
    """
    merges = tuple(_merges(config, theirs))
    if config.profiles:
        return Plan(merges)
    usable = [merge.name for merge in merges if merge.entry and merge.entry.get(key_fields.TOKEN)]
    return Plan(merges, current if current in usable else "".join(usable[:1]))


def next_steps(config: Config, names: Sequence[str]) -> list[str]:
    """Return a sentence for each panel on how the profiles `names` without a key get one.

    One key of a panel is enough: with it, `dctx orgs sync` makes the keys of other organizations.
    """
    by_panel: dict[str, list[Profile]] = {}
    for name in names:
        profile = config.profiles[name]
        if not profile.has_key:
            by_panel.setdefault(profile.url.lower(), []).append(profile)
    said = []
    for url, keyless in by_panel.items():
        maker = next((p for p in config.profiles.values() if _can_make(p, url)), None)
        known = [p for p in keyless if p.organization_id]
        unknown = [p for p in keyless if not p.organization_id]
        if maker is None and known:
            maker, *known = known
            said.append(_has_no_key([maker], command("auth", maker.name)))
        if maker is not None and known:
            sync = f"dctx orgs sync --profile {word(maker.name)}"
            said.append(_has_no_key(known, sync, first=maker if not maker.has_key else None))
        said += [_has_no_key([p], command("auth", p.name)) for p in unknown]
    return said


def _can_make(profile: Profile, url: str) -> bool:
    return profile.has_key and not profile.expiry.past and profile.url.lower() == url


def _has_no_key(profiles: Sequence[Profile], todo: str, first: Profile | None = None) -> str:
    names = ", ".join(shown(profile.name) for profile in profiles)
    has = "has" if len(profiles) == 1 else "have"
    run = "Run" if first is None else f"When {shown(first.name)} has its key, run"
    return f"{names} {has} no key yet. {run}: {todo}"


def _merges(config: Config, theirs: dict[str, dict[str, Any]]) -> list[Merge]:
    names = [*config.names, *(name for name in theirs if name not in config.profiles)]
    merges = []
    for name, raw in theirs.items():
        ours = config.profiles.get(name)
        if ours is None:
            check_new_name(name, names)
        if not raw.get("url"):
            raise UsageError(f'profile {quoted(name)} has no URL in the file. Add "url" there.')
        url = urls.normalize(raw["url"])
        merges.append(_new(name, url, raw) if ours is None else _merged(ours, url, raw))
    return merges


def _new(name: str, url: str, raw: dict[str, Any]) -> Merge:
    entry: dict[str, Any] = {"url": url}
    words = [f"new profile, {url}"]
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
            f"its {bound} {stays} with {ours.shown_url}, so the file's {url} was ignored. "
            f"To use that URL, run: {command('auth', ours.name, f'-u {word(url)}')}"
        )
    elif not has_key:
        if url != ours.url:
            entry["url"] = url
            before = f" (before: {ours.shown_url})" if ours.shown_url else ""
            words.append(f"URL becomes {url}{before}")
        organization = _organization(raw)
        if organization and organization != _organization(entry):
            entry["organization"] = {**(entry.get("organization") or {}), **organization}
            words.append(f"becomes {_label(organization)}")
        if raw.get("token"):
            entry |= {key: raw[key] for key in _OF_A_KEY if raw.get(key)}
            words.append("uses the file's key")
    elif raw.get("token") and raw["token"] != ours.token:
        words.append("keeps its own key")
    if entry == ours.raw:
        return Merge(ours.name, None, ", ".join(words) or "unchanged")
    return Merge(ours.name, entry, ", ".join(words))
