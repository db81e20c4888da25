"""Make foreign text safe for a terminal: what a server or a file says must not act as escapes.

Which function is for which text, here and in other modules:

    clean            a text inside another text: drops controls, bidi overrides and line ends
    one_line         a whole message; streams.say(), tell() and warn() call it for every message
    cut              a label of at most so many columns, in a prompt or a table
    exported_name    an organization's name, exported to programs; exported_id: its id
    segment          the prompt's text for a profile
    table.table      the cells of a table: cleans, pads and cuts them
    masking.foreign  what a panel or a program says, which may contain a secret that we know
    masking.masked   the same for data that does not go to a terminal
    masking.without_keys  what was typed, which may contain a key that we do not know
    masking.first_words   a command line that a message quotes
    profile.shown    a profile's name; profile.typed: a word typed in the place of a name
    shell_word       any text as a word of a shell, for text that is evaluated
    profile.word     one word of a command to be pasted; profile.command: the whole command
    urls.shown       a URL, without the password that may be in it
    home.shown_path  a path, with ~

epoch() reads a time from such a text.
"""

from __future__ import annotations

import unicodedata

# Unicode categories that must not reach a terminal from outside: control, format (with bidi
# overrides and zero-width characters), surrogates, line separators, paragraph separators.
_DROPPED = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

LABEL_COLUMNS = 24
# Limits for what is exported to every program of a terminal: the kernel allows 128 KiB for one
# variable, and on some systems little more for all of them. Real names and ids are far shorter.
LONGEST_NAME = 256
LONGEST_ID = 128
# A message is cut here, so that nothing in it can scroll a terminal away.
LONGEST_MESSAGE = 2000
# Combining marks kept on one letter: no language uses more, and each takes no column.
_MARKS = 4


def clean(text: str) -> str:
    """Return `text` without characters that move the cursor, reorder text or end a line.

    If many combining marks pile up on one letter, the first few are kept.
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
    """Return a message, which may quote a panel or a file, as one line of bounded length."""
    return clean(" ".join(message[:LONGEST_MESSAGE].split("\n")))


def exported_name(text: str) -> str:
    """Return an organization's name as programs get it: cleaned, at most LONGEST_NAME long."""
    text = clean(text[: 4 * LONGEST_NAME])
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "~"


def exported_id(text: str) -> str:
    """Return an organization's id as programs get it, or "" if it is too long to be an id."""
    return "" if len(text) > LONGEST_ID else clean(text)


def width(char: str) -> int:
    """Return how many columns `char` takes: 0 for a combining mark, 2 for a wide character."""
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, columns: int = LABEL_COLUMNS) -> str:
    """Return `text` cleaned and at most `columns` wide; a longer one ends in "~"."""
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
    """Return the prompt's text for a profile: "staging:Acme", or "acme" if both are equal."""
    label = cut(organization)
    return name if not label or label.casefold() == name.casefold() else f"{name}:{label}"


def epoch(iso: str) -> int | None:
    """Return an ISO 8601 time (UTC if it has no zone) as seconds since 1970, or None."""
    from datetime import datetime, timezone

    try:
        when = datetime.fromisoformat(iso.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=timezone.utc)
    return int(when.timestamp())


def shell_word(text: str) -> str:
    """Return `text` as one word of bash, zsh and sh, in quotes if it needs them.

    zsh replaces =ls by the path of ls, at the beginning of a word and behind a colon, which
    shlex.quote() does not know.
    """
    import shlex

    word = shlex.quote(text)
    return f"'{text}'" if word == text and "=" in text else word
