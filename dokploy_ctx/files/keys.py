"""Get and store a profile's key: in config.json, from a program, or in the system's keyring.

Only the user's own config.json may name a program.
"""

from __future__ import annotations

from ..errors import ConfigError, PanelError
from ..model.profile import Profile, command, quoted, typed
from .key_program import printed_by
from .system_keyring import SERVICE, opened
from .system_keyring import require as require_keyring

__all__ = ["checked", "fetch", "forget", "printed_by", "require", "require_keyring", "store"]


def fetch(profile: Profile) -> str:
    """Return the key of `profile`, from wherever it is kept.

    Raises PanelError (exit 5) if the program or the keyring does not return a key, ConfigError
    (exit 4) if the profile has no key, Cancelled (exit 130) if the user stopped the program.
    """
    if profile.token_command:
        return _from_command(profile, profile.token_command)
    if profile.keyring:
        return _from_keyring(profile, profile.keyring)
    require(profile)
    return profile.token


def require(profile: Profile) -> None:
    """Return if the profile has a key, wherever it is kept. Raises ConfigError (exit 4) if not.

    Callers that ask for confirmation before they use the key call this first, so that nobody
    confirms in vain.
    """
    if not profile.has_key:
        todo = command("auth", profile.name, "" if profile.url else "-u URL")
        raise ConfigError(f"profile {quoted(profile.name)} has no key. Run: {todo}")


def store(name: str, key: str) -> str:
    """Store `key` in the system's keyring; return the user name under which it is stored.

    Each call makes a new user name, so that the profile keeps its old key until config.json is
    saved. Raises PanelError (exit 5) if the keyring fails.
    """
    import secrets

    username = f"{name}-{secrets.token_hex(4)}"
    with opened("the keyring") as keyring:
        keyring.set_password(SERVICE, username, key)
        if keyring.get_password(SERVICE, username) != key:
            raise PanelError(
                "the keyring does not return the key that was stored in it. Nothing was saved. Use "
                "--token-command, or keep the key in the file."
            )
    return username


def delete(username: str) -> None:
    """Remove a key from the system's keyring, if it is there. Raises PanelError (exit 5)."""
    with opened("the key in the keyring") as keyring:
        if keyring.get_password(SERVICE, username) is not None:
            keyring.delete_password(SERVICE, username)


def forget(username: str) -> str:
    """Remove a key that no profile uses from the keyring; return a warning if that fails."""
    try:
        delete(username)
    except PanelError as error:
        return f"the key {quoted(username)} of {SERVICE} stays in the keyring: {error}"
    return ""


def checked(key: str, source: str) -> str:
    """Return `key` if it looks like one. Raises PanelError (exit 5) for any other text."""
    if not key:
        raise PanelError(f"{source} printed no key. Check what it prints.")
    if not key.isprintable() or any(c.isspace() for c in key):
        raise PanelError(
            f"{source} printed something that cannot be an API key. Check what it prints."
        )
    return key


def _from_command(profile: Profile, command: list[str]) -> str:
    what = f"tokenCommand of {quoted(profile.name)} ({typed(command[0])})"
    output = printed_by(command, what)
    # A key is one line. `pass show` prints notes after it.
    return checked(output.decode("utf-8", "replace").split("\n", 1)[0].strip(), what)


def _from_keyring(profile: Profile, username: str) -> str:
    what = f"the keyring's key for {quoted(profile.name)}"
    with opened(what) as keyring:
        key = keyring.get_password(SERVICE, username)
    if not key:
        raise PanelError(
            f"{what} is missing. Run: {command('auth', profile.name, '--keyring -t -')}"
        )
    return checked(key, what)
