"""Errors, with their exit codes, for what a panel answers or fails to answer."""

from __future__ import annotations

from ..errors import DctxError, PanelError


class KeyRefused(PanelError):
    """The panel works but does not accept the key, for whatever reason (exit 5)."""


class Unexplained(KeyRefused):
    """A plain 401 of a panel whose database is up; refusal.explained() finds out why (exit 5)."""


class Lost(KeyRefused):
    """The key is valid, but its user is no longer in its organization, or that is gone (exit 5)."""


class Unreachable(PanelError):
    """No Dokploy panel answered (exit 5). The request may have been performed nevertheless."""


class TooOld(PanelError):
    """The panel is too old for what was requested (exit 5)."""


class NotAllowed(DctxError):
    """The key is valid, but what was requested is not allowed or not possible (exit 1)."""
