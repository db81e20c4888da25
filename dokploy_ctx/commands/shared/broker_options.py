"""The options of `dctx exec` that need a broker, and the broker that they start."""

from __future__ import annotations

import os
import re
import stat
import time
from typing import NamedTuple

from ...broker.filter import Rules, is_never
from ...errors import DctxError, Refused, UsageError
from ...files import keys
from ...model.profile import Profile, command, quoted, shown
from . import confirm, context

_TIME = re.compile(r"(\d{1,6})(s|m|h|d)\Z")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_GLOB = re.compile(r"[A-Za-z0-9.*?\[\]!-]{1,100}\Z")

_EXAMPLE = "Example: application.deploy"


class Options(NamedTuple):
    """The options of `exec` that need a broker."""

    read_only: bool = False
    allow: tuple[str, ...] = ()
    time: str | None = None
    log: str | None = None
    show_secrets: bool = False

    @property
    def given(self) -> bool:
        """Whether any of them was given."""
        texts = (self.time, self.log)
        return self.read_only or bool(self.allow) or self.show_secrets or texts != (None, None)

    def words(self) -> list[str]:
        """Return the options as words of a command line."""
        words = ["--read-only"] if self.read_only else []
        words += [f"--allow={glob}" for glob in self.allow]
        words += [f"--for={self.time}"] if self.time is not None else []
        words += [f"--log={os.path.abspath(self.log)}"] if self.log is not None else []
        return words + (["--show-secrets"] if self.show_secrets else [])


def environment(profile: Profile, options: Options) -> dict[str, str]:
    """Start a broker for this process; return the environment for the command that it becomes.

    Raises UsageError (exit 2) for an invalid option, Refused (exit 6) if the profile is read-only
    or nobody confirms, and what fetching the key raises.
    """
    from ...broker import start
    from ...broker.echoes import secrets_of
    from ...official import reads
    from ...panel.for_profile import headers_for

    require_consent(profile, options)
    log = None if options.log is None else _open_log(options.log)
    context.say_expired(profile)
    url, key, headers = profile.usable_url(), keys.fetch(profile), headers_for(profile)
    deadline = None if options.time is None else time.time() + seconds(options.time)
    shows = options.show_secrets
    rules = Rules(profile.name, reads.procedures(), options.allow, shows, deadline)
    started = start.start(profile, url, key, headers, rules, log)
    if log is not None:
        os.close(log)
    if options.allow:
        context.say(f"allowed as {shown(profile.name)}: reads, {', '.join(options.allow)}")
    secrets = secrets_of(key, headers)
    return start.environment(os.environ, profile, started, rules, secrets)


def require_consent(profile: Profile, options: Options) -> bool:
    """Ask for confirmation unless only reads are allowed; return whether that was necessary.

    Raises ConfigError (exit 4) if the profile has no key, Refused (exit 6) if it is read-only or
    nobody confirms, UsageError (exit 2) for an invalid option.
    """
    keys.require(profile)
    if profile.access and (options.allow or options.show_secrets):
        raise saved_as_read_only(profile)
    if options.time is not None:
        seconds(options.time)
    for glob in options.allow:
        if not _GLOB.match(glob):
            raise UsageError(f"--allow {quoted(glob)} is not a procedure's name. {_EXAMPLE}")
        if is_never(glob):
            raise UsageError(
                f"--allow {quoted(glob)}: what is under /api/auth and /api/deploy is never "
                "allowed. Leave it out."
            )
    wanted = [f"allow {' '.join(options.allow)}"] if options.allow else []
    wanted += ["show its secrets"] if options.show_secrets else []
    if wanted:
        confirm.require(profile, " and ".join(wanted))
    return bool(wanted) and profile.protected


def saved_as_read_only(profile: Profile) -> Refused:
    """Return the error (exit 6) for a change with a profile that is read-only."""
    way_out = command("unprotect", profile.name)
    return Refused(
        f"{shown(profile.name)} is read-only, so this is refused. To allow changes, run: {way_out}"
    )


def seconds(text: str) -> int:
    """Return the seconds of a time such as 30m. Raises UsageError (exit 2) for other text."""
    found = _TIME.match(text.strip())
    if not found or not int(found.group(1)):
        raise UsageError(f"--for {quoted(text)} is not a time. Examples: 90s, 30m, 8h, 1d")
    return int(found.group(1)) * _UNITS[found.group(2)]


def _open_log(path: str) -> int:
    """Open the log for appending, a new one with mode 0600. Raises DctxError (exit 1)."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        handle = os.open(path, flags, 0o600)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise DctxError(f"--log {quoted(path)} is not a file. Choose another path.")
    except OSError as error:
        raise DctxError(
            f"cannot write --log {quoted(path)}: {error.strerror}. Choose another path."
        ) from None
    return handle


def shell() -> list[str]:
    """Return the user's shell as a command line, for an `exec` without a command."""
    return [os.environ.get("SHELL") or "/bin/sh"]


def own_command() -> list[str]:
    """Return the command line that starts this program again."""
    from ...shells.launch import program

    return [program()]
