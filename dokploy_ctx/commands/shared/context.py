"""What every command needs: the configuration, the active profile, and messages on stderr."""

from __future__ import annotations

import os

from ...constants import SHOWN
from ...errors import DctxError
from ...files import paths, reading
from ...model.profile import Profile, command, shown
from ...model.resolve import Config, Resolved, resolve
from ...text import streams

say = streams.say
tell = streams.tell
warn = streams.warn

NO_PROFILES = "no profiles are saved yet. Run: dctx auth NAME -u URL"

NOT_ACTIVE = "no profile is active. Run: dctx NAME, or: dctx use NAME"


def folder() -> str:
    """Return the config folder of this process. Raises ConfigError (exit 4)."""
    return paths.config_dir(os.environ)


def load() -> Config:
    """Return the configuration; print notices about it. Raises ConfigError (exit 4)."""
    document = reading.read(folder())
    for notice in document.notices:
        say(notice)
    return document.config


def dotenv_text() -> str | None:
    """Return the text of `.env` in the working directory, None if it cannot be read."""
    if not os.path.isfile(".env"):  # a pipe of that name would block
        return None
    try:
        with open(".env", "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError:
        return None


def active(config: Config | None = None, flag: str | None = None) -> Resolved:
    """Return what the next `dokploy` here uses (resolve.resolve), without printing notices.

    Without `config`, the configuration is read if it is needed.
    """
    return resolve(flag, os.environ, dotenv_text(), load if config is None else lambda: config)


def active_profile(config: Config, flag: str | None = None) -> Profile:
    """Return the active profile, or one made of URL and key in the environment; print notices.

    `flag` is the value of --profile. Raises DctxError (exit 1) if no profile is active.
    """
    found = active(config, flag)
    for notice in found.notices:
        say(notice)
    if found.acting is None:
        raise DctxError(NOT_ACTIVE)
    return found.acting


def say_expired(profile: Profile) -> None:
    """Say so if the key has expired according to config.json, since a panel only answers 401."""
    expiry = profile.expiry
    if expiry.past:
        again = command("verify", profile.name)
        say(f"the key of {shown(profile.name)} expired on {expiry.day}. Run: {again}")


def shell_pid() -> str | None:
    """Return the pid of the hooked shell that runs us, or None (docs/internals.md)."""
    pid = os.environ.get(SHOWN, "").partition(":")[0]
    return pid if pid.isdigit() else None
