"""When a key expires, and what that means now: the one place that compares the two."""

from __future__ import annotations

import time
from typing import NamedTuple

from ..constants import WARN_SECONDS
from ..text.foreign import clean, epoch


class Expiry(NamedTuple):
    """The end of a key's life as config.json or a panel tells it, seen from one moment.

    A key that never expires, and one whose time cannot be read, is neither `past` nor `soon`.
    """

    at: int | None = None  # seconds since 1970; None: never, or the text is not a time
    day: str = ""  # 2027-01-01, fit for a terminal; "" where the key never expires
    past: bool = False
    soon: bool = False  # within the days for which a prompt warns, and not past

    @classmethod
    def of(cls, text: object, now: float | None = None) -> Expiry:
        """Return what the time `text` (ISO 8601; empty: never) means at `now`, by default now."""
        if not text:
            return cls()
        at, day = epoch(str(text)), clean(str(text))[:10]
        if at is None:
            return cls(None, day)
        now = time.time() if now is None else now
        return cls(at, day, at <= now, now < at <= now + WARN_SECONDS)

    def within(self, days: int, now: float | None = None) -> bool:
        """Return whether the key has expired or expires within so many days."""
        now = time.time() if now is None else now
        return self.at is not None and self.at <= now + days * 86400
