"""When a key expires, and whether that is past or soon: the only place that compares times."""

from __future__ import annotations

import time
from typing import NamedTuple

from ..constants import WARN_SECONDS
from ..text.foreign import clean, epoch


class Expiry(NamedTuple):
    """When a key expires, as config.json or a panel tells it, compared with one moment.

    A key that never expires is neither `past` nor `soon`, nor is a key whose time is not readable.
    """

    at: int | None = None  # seconds since 1970; None: never, or the text is not a time
    day: str = ""  # 2027-01-01, safe for a terminal; "" if the key never expires
    past: bool = False
    soon: bool = False  # so soon that a prompt warns, and not past

    @classmethod
    def of(cls, text: object, now: float | None = None) -> Expiry:
        """Return the expiry that `text` tells (ISO 8601, or "" for never), compared with `now`."""
        if not text:
            return cls()
        at, day = epoch(str(text)), clean(str(text))[:10]
        if at is None:
            return cls(None, day)
        now = time.time() if now is None else now
        return cls(at, day, at <= now, now < at <= now + WARN_SECONDS)

    def within(self, days: int, now: float | None = None) -> bool:
        """Return whether the key has expired, or expires within `days`."""
        now = time.time() if now is None else now
        return self.at is not None and self.at <= now + days * 86400
