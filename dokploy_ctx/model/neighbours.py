"""What config.json says about a profile and others with the same panel or the same key."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

from ..errors import ConfigError, DctxError
from ..text.foreign import epoch
from ..text.messages import KEYS_PAGE
from .own_key import made_on
from .profile import Profile, command, shown, word
from .resolve import Config


def remedy(
    profile: Profile, others: Iterable[Profile], listed: Mapping[str, object] | None = None
) -> str:
    """Return how to get `profile` a working key: a complete command, or what to do on the panel.

    `others` are profiles of the same panel, whose keys can make a new one. `listed` is the old key
    as the panel lists it. The command sets a lifetime if neither config.json nor `listed` tells
    that of the old key.
    """
    if profile.token_command:
        return (
            f"Create a new one under {KEYS_PAGE}, and store it where "
            f"{shown(profile.name)} reads it."
        )
    for other in others:
        usable = other.plain_key and other.name != profile.name and not other.expiry.past
        if usable and profile.organization_id:
            forgotten = profile.expires_at and not listed and not lifetime_is_known(profile)
            options = f"--profile {word(other.name)}" + " --expires 90d" * bool(forgotten)
            return f"Run: {command('rotate', profile.name, options)}"
    again = command("auth", profile.name, f"-u {word(profile.usable_url())}")
    return f"Create a new one under {KEYS_PAGE}, then run: {again}"


def lifetime_is_known(profile: Profile) -> bool:
    """Return whether config.json tells the lifetime of the profile's key."""
    return all(epoch(text) is not None for text in (profile.expires_at, made_on(profile)))


def require_unchanged(name: str, asked: Profile | None, now: Profile | None) -> None:
    """Return if the profile `now` is the one that the user was `asked` about (None: no profile).

    Raises DctxError (exit 1) if not, since it may be protected now, or for another server.
    """
    if (asked and asked.raw) != (now and now.raw):
        raise changed(name)


def changed(name: str) -> DctxError:
    """Return the error for a profile that changed after the user was asked about it."""
    return DctxError(
        f"{shown(name)} was changed by another program just now. Nothing was changed. Run it again."
    )


def same_panel(profile: Profile, config: Config) -> list[Profile]:
    """Return the profiles with the same URL, including `profile`, in the file's order."""
    wanted, found = profile.usable_url().lower(), []
    for other in config.profiles.values():
        with contextlib.suppress(ConfigError):
            if other.usable_url().lower() == wanted:
                found.append(other)
    return found


def names_sharing_key(profile: Profile, config: Config) -> list[str]:
    """Return the names, safe to show, of other profiles that certainly have the same key."""
    return [shown(p.name) for p in sharing(profile, config)]


def sharing(profile: Profile, config: Config) -> list[Profile]:
    """Return the other profiles that certainly have the same key, in the file's order.

    Their URLs may differ, since one panel has many (localhost, 127.0.0.1, another port).
    """
    return KeyHolders(config).sharing(profile)


def is_named(username: str, config: Config) -> bool:
    """Return whether a profile's key is in the keyring under `username`."""
    return any(profile.keyring == username for profile in config.profiles.values())


class KeyHolders:
    """Which profiles have which key, collected once, so that many questions are answered fast."""

    def __init__(self, config: Config) -> None:
        self._order = {name: number for number, name in enumerate(config.profiles)}
        self._of: dict[tuple[str, str], dict[str, Profile]] = {}
        for profile in config.profiles.values():
            for mark in _marks(profile):
                self._of.setdefault(mark, {})[profile.name] = profile

    def drop(self, profile: Profile) -> None:
        """Forget a profile that was removed."""
        for mark in _marks(profile):
            self._of[mark].pop(profile.name, None)

    def sharing(self, profile: Profile) -> list[Profile]:
        """Return what the function sharing() returns, without the dropped profiles."""
        found = {name: p for mark in _marks(profile) for name, p in self._of.get(mark, {}).items()}
        found.pop(profile.name, None)
        return sorted(found.values(), key=lambda other: self._order[other.name])

    def have(self, profile: Profile) -> bool:
        """Return whether a profile that is not dropped has the key of `profile`."""
        return any(self._of.get(mark) for mark in _marks(profile))

    def in_keyring(self, username: str) -> bool:
        """Return whether a remaining profile's key is in the keyring under `username`."""
        return bool(self._of.get(("keyring", username)))


def _marks(profile: Profile) -> list[tuple[str, str]]:
    """Return marks of the profile's key; profiles that share a mark have the same key."""
    known = {"token": profile.token, "keyId": profile.key_id, "keyring": profile.keyring or ""}
    return [mark for mark in known.items() if mark[1]]
