"""What our own records say of a profile beside the others: its panel's, its key's, its expiry."""

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
    """Return what gives `profile` a key again: the command that works, with all that it needs.

    `others`: profiles of its panel, whose keys can make one. For how long the key was made must be
    said where neither we nor the panel, by `listed`, know it any more.
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
    """Return whether our record says for how long the profile's key was made."""
    return all(epoch(text) is not None for text in (profile.expires_at, made_on(profile)))


def require_unchanged(name: str, asked: Profile | None, now: Profile | None) -> None:
    """Return if the profile is what it was when the user was asked about it (None: not there).

    Raises DctxError: it may be protected now, or another server's.
    """
    if (asked and asked.raw) != (now and now.raw):
        raise changed(name)


def changed(name: str) -> DctxError:
    """Return the error for a profile that is not what the user was asked about."""
    return DctxError(
        f"{shown(name)} was changed by another program just now. Nothing was changed. Run it again."
    )


def same_panel(profile: Profile, config: Config) -> list[Profile]:
    """Return the profiles of the same URL, `profile` itself among them, in the file's order."""
    wanted, found = profile.usable_url().lower(), []
    for other in config.profiles.values():
        with contextlib.suppress(ConfigError):
            if other.usable_url().lower() == wanted:
                found.append(other)
    return found


def names_sharing_key(profile: Profile, config: Config) -> list[str]:
    """Return the names, fit to show, of other profiles with the same key, where that is known."""
    return [shown(p.name) for p in sharing(profile, config)]


def sharing(profile: Profile, config: Config) -> list[Profile]:
    """Return the other profiles with the same key, where that is known, in the file's order.

    Whatever their URLs: one panel has many spellings (localhost, 127.0.0.1, another port).
    """
    return KeyHolders(config).sharing(profile)


def is_named(username: str, config: Config) -> bool:
    """Return whether a profile says that its key is in the keyring under `username`."""
    return any(profile.keyring == username for profile in config.profiles.values())


class KeyHolders:
    """Who has which key: one look over all profiles, for questions about many of them."""

    def __init__(self, config: Config) -> None:
        self._order = {name: number for number, name in enumerate(config.profiles)}
        self._of: dict[tuple[str, str], dict[str, Profile]] = {}
        for profile in config.profiles.values():
            for mark in _marks(profile):
                self._of.setdefault(mark, {})[profile.name] = profile

    def drop(self, profile: Profile) -> None:
        """Forget a profile, which was removed."""
        for mark in _marks(profile):
            self._of[mark].pop(profile.name, None)

    def sharing(self, profile: Profile) -> list[Profile]:
        """Return the other profiles with the same key, as the function of that name does."""
        found = {name: p for mark in _marks(profile) for name, p in self._of.get(mark, {}).items()}
        found.pop(profile.name, None)
        return sorted(found.values(), key=lambda other: self._order[other.name])

    def have(self, profile: Profile) -> bool:
        """Return whether a profile that was not dropped has the key of `profile`."""
        return any(self._of.get(mark) for mark in _marks(profile))

    def in_keyring(self, username: str) -> bool:
        """Return whether one says that its key is in the keyring under `username`."""
        return bool(self._of.get(("keyring", username)))


def _marks(profile: Profile) -> list[tuple[str, str]]:
    """Return what is known of the profile's key; two that have one of these have the same key."""
    known = {"token": profile.token, "keyId": profile.key_id, "keyring": profile.keyring or ""}
    return [mark for mark in known.items() if mark[1]]
