"""Foreign text made fit for a terminal: what a server or a file says is data, never escapes.

Which function when, here and in the modules beside it:

    clean            a text inside something else: no control, no bidi override, no line end
    one_line         a whole message; streams.say(), tell() and warn() do it for every one
    cut              a label of at most so many columns, in a prompt or where room is short
    exported_name    an organization's name, exported to programs; exported_id: its id
    segment          the prompt's text for a profile
    table.table      cells below each other: it cleans, pads and cuts them
    masking.foreign  what a panel or a program says, which may hold a secret that we know
    masking.masked   the same, where the text is data and not for a terminal
    masking.without_keys  what was typed, which may hold a key that we do not know
    masking.first_words   a command line that is quoted back
    profile.shown    a profile's name; profile.typed: a word typed in place of one
    profile.word     one word of a command that is to be pasted; profile.command: the command
    urls.shown       a URL, without the password that it may hold
    home.shown_path  a path, with ~

And epoch(): a time that such a text tells.
"""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides and zero-width among them), surrogate, line and paragraph
# separators: none of them may reach a terminal from outside.
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

LABEL_COLUMNS = 24
# What is exported to every program of a terminal: the kernel takes 128 KiB for one variable, and
# for all of them together little more in some systems. No panel makes such names and ids.
LONGEST_NAME = 256
LONGEST_ID = 128
# Whatever is put into a message, no terminal scrolls away.
LONGEST_MESSAGE = 2000
# On one letter: no language has more, and each takes no column.
_MARKS = 4


def clean(text: str) -> str:
    """Return `text` without characters that move the cursor, reorder text or end a line.

    Of marks that pile up on one letter the first few are kept.
    """
    if text.isascii() and text.isprintable():
        return text
    kept, marks = [], 0
    for char in text:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if category not in _DROPPED and marks <= _MARKS:
            kept.append(char)
    return "".join(kept)


def one_line(message: str) -> str:
    """Return a message as one line of bounded length: it may quote a panel or a file."""
    return clean(" ".join(message[:LONGEST_MESSAGE].split("\n")))


def exported_name(text: str) -> str:
    """Return an organization's name as programs get it: cleaned and of at most LONGEST_NAME."""
    text = clean(text[: 4 * LONGEST_NAME])
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "~"


def exported_id(text: str) -> str:
    """Return an organization's id as programs get it: "" for what is too long to be one."""
    return "" if len(text) > LONGEST_ID else clean(text)


def width(char: str) -> int:
    """Return how many columns `char` takes: 0 for a combining mark, 2 for a wide character."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int = LABEL_COLUMNS) -> str:
    """Return `text` cleaned and at most `columns` wide; what was longer ends in "~"."""
    text = clean(text[: 40 * columns]).strip()
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
