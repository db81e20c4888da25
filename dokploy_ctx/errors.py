"""The errors that a user can meet, one class per exit code.

All other modules raise one of these. cli.py alone prints it, as one line on stderr, and exits with
its code.
"""

from __future__ import annotations


class DctxError(Exception):
    """Something failed (exit 1). The text is one line: what is wrong, then what to do."""

    code = 1


class Saved(DctxError):
    """config.json was saved, but a later step failed (exit 1)."""


class Busy(DctxError):
    """Another dctx held the lock for longer than we wait (exit 1). Nothing was changed."""


class UsageError(DctxError):
    """The command line is invalid (exit 2)."""

    code = 2


class NoSuchProfile(DctxError):
    """A profile, or another thing that was named, does not exist (exit 3)."""

    code = 3


class ConfigError(DctxError):
    """The configuration cannot be read, or is damaged (exit 4)."""

    code = 4


class PanelError(DctxError):
    """The panel cannot be reached, or it refused the key (exit 5)."""

    code = 5


class Refused(DctxError):
    """Refused for the user's safety (exit 6)."""

    code = 6


class Cancelled(DctxError):
    """The user said no, or pressed Ctrl-C (exit 130)."""

    code = 130
