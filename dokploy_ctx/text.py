"""Foreign text made fit for a terminal: what a server or a file says is data, never escapes.

And a time that such a text tells.
"""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides and zero-width among them), surrogate, line and paragraph
# separators: none of them may reach a terminal from outside (design.md, "Index").
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

LABEL_COLUMNS = 24


def clean(text: str) -> str:
    """Return `text` without characters that move the cursor, reorder text or end a line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in _DROPPED)


def width(char: str) -> int:
    """Return how many columns `char` takes: 0 for a combining mark, 2 for a wide character."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int = LABEL_COLUMNS) -> str:
    """Return `text` cleaned and at most `columns` wide; what was longer ends in "~"."""
    text = clean(text).strip()
    if len(text) * 2 <= columns or sum(map(width, text)) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        if used + width(char) > columns - 1:
            break
        kept.append(char)
        used += width(char)
    return "".join(kept) + "~"


def segment(name: str, organization: str) -> str:
    """Return the prompt's text for a profile: "staging:Acme", or "acme" where both say the same."""
    label = cut(organization)
    return name if not label or label.casefold() == name.casefold() else f"{name}:{label}"


def epoch(iso: str) -> int | None:
    """Return the seconds since 1970 of an ISO 8601 time (UTC where none is given), or None."""
    from datetime import datetime, timezone

    try:
        when = datetime.fromisoformat(iso.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return int(when.timestamp())
