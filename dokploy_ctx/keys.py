"""Where a profile's key is: in the file, printed by a program, or in the system keyring.

Source: design.md, "Index" and issue "When a key is handed out". Only the user's own config.json
may name a program; it is run as an argv, without a shell.
"""

from __future__ import annotations

import subprocess

from .errors import ConfigError, PanelError
from .profile import Profile, quoted

COMMAND_SECONDS = 60
KEYRING_SERVICE = "dokploy_ctx"


def fetch(profile: Profile) -> str:
    """Return the key of `profile`, from wherever it is kept.

    Raises PanelError (exit 5) where a program or keyring gives none, ConfigError (exit 4) where
    the profile has none at all.
    """
    if profile.token_command:
        return _from_command(profile, profile.token_command)
    if profile.keyring:
        return _from_keyring(profile, profile.keyring)
    if not profile.token:
        raise ConfigError(
            f"profile {quoted(profile.name)} has no key. Run: dctx auth {profile.name} -u URL"
        )
    return profile.token


def _from_command(profile: Profile, command: list[str]) -> str:
    what = f"tokenCommand of {quoted(profile.name)} ({quoted(command[0])})"
    try:
        done = subprocess.run(  # noqa: S603 - an argv that the user's own config names
            command, stdout=subprocess.PIPE, timeout=COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PanelError(f"{what} took over {COMMAND_SECONDS} s. Is the vault locked?") from None
    except OSError as error:
        raise PanelError(f"{what} cannot be run: {error.strerror}.") from None
    if done.returncode:
        raise PanelError(f"{what} failed with exit code {done.returncode}. Unlock the vault first.")
    # `pass show` prints notes after the first line; a key is one line.
    key = done.stdout.decode("utf-8", "replace").split("\n", 1)[0].strip()
    if not key:
        raise PanelError(f"{what} printed nothing. Check what it prints.")
    return key


def _from_keyring(profile: Profile, username: str) -> str:
    what = f"the keyring's key for {quoted(profile.name)}"
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise PanelError(f"{what} needs the extra: pip install 'dokploy_ctx[keyring]'") from None
    try:
        key = keyring.get_password(KEYRING_SERVICE, username)
    except keyring.errors.KeyringError as error:
        raise PanelError(f"{what} cannot be had: {type(error).__name__}. Unlock it.") from None
    if not key:
        raise PanelError(f"{what} is missing. Run: dctx auth {profile.name} --keyring")
    return key
