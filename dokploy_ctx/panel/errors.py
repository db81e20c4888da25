"""What a panel's answer, or the lack of one, means for a command, as errors with exit codes."""

from __future__ import annotations

from ..errors import DctxError, PanelError


class KeyRefused(PanelError):
    """The key was not accepted, whatever the reason; the panel itself is alive (exit 5)."""


class Unexplained(KeyRefused):
    """The plain 401 of a panel whose database is up: refusal.explained() may know why (exit 5)."""


class Lost(KeyRefused):
    """The key is accepted, but its organization is gone, or its user from there (exit 5)."""


class Unreachable(PanelError):
    """No Dokploy panel answered there (exit 5). Whether the request was performed is unknown."""


class TooOld(PanelError):
    """The panel is of a version that does not have what is asked for (exit 5)."""


class NotAllowed(DctxError):
    """The key is good, the action is not allowed or not possible (exit 1)."""
