"""Sentences in a window: lines that end at blanks, and commands that can be copied whole."""

from __future__ import annotations

import re

from .terminal import width

# Behind the first lines of a message, so that the next message is seen to be another one.
INDENT = 2
# A word and the blanks before it.
_WORD = re.compile(r"( *)([^ ]+)")
# After these words a command or its options follow; after any other colon only where it begins so.
_LEADS = frozenset(("run:", "or:", "with:", "write:", "use:"))
_PROGRAMS = frozenset(("dctx", "dokploy"))
# After these words of our own a sentence begins, with whatever word.
_STARTS = frozenset(("dctx:", "warning:"))
# What ends a command in a sentence, and is not part of a quoted word.
_ENDS = (".", ",", ";", "?", ")")


def wrapped(text: str, columns: int, indent: int, start: int | None = None) -> list[str]:
    """Return `text` as lines of at most `columns`, each but the first behind `indent` blanks.

    `start`: how many columns are in use before the first line; `indent` where it is left out. A
    command that does not fit what is left of its line has a line of its own. A word or a command
    that is wider than the window stays whole, so that it can be copied: the terminal breaks it.
    """
    lines, used = [""], indent if start is None else start
    empty, alone = True, False
    for blanks, unit, is_command in _units(text):
        wide = width(unit)
        if alone or (not empty and used + len(blanks) + wide > columns):
            alone = is_command and not alone
            used = indent if indent + wide <= columns else 0
            lines.append(" " * used + unit)
        else:
            used += len(blanks)
            lines[-1] += blanks + unit
        used += wide
        empty = False
    return lines


def message(text: str, columns: int) -> list[str]:
    """Return a message as the lines of a window; `columns` 0: it is no window, and one line."""
    if not columns or (len(text) <= columns and text.isascii()):
        return [text]
    return wrapped(text, columns, len(text) - len(text.lstrip(" ")) + INDENT, 0)


def _units(text: str) -> list[tuple[str, str, bool]]:
    """Return what stays together in `text`: the blanks before it, it, and is it a command."""
    found: list[tuple[str, str, bool]] = []
    command: list[str] | None = None  # the words of one that has begun
    before = blanks = ""
    adds = is_line = False  # "Add …: LINE", where LINE is all the rest
    for blank, word in _WORD.findall(text):
        if command is None and (_begins(before, word) or (adds and before.endswith(":"))):
            command, blanks, is_line = [], blank, adds
        elif command and word.startswith("(") and not is_line and not _is_quoted(command):
            found.append((blanks, "".join(command), True))  # a remark on it
            command = None
        if command is None:
            found.append((blank, word, False))
            adds = word == "Add" or (adds and not word.endswith("."))
        else:
            command.append(blank + word if command else word)
            if word.endswith(_ENDS) and not is_line and not _is_quoted(command):
                found.append((blanks, "".join(command), True))
                command = None
        before = word
    if command:
        found.append((blanks, "".join(command), True))
    return found


def _begins(before: str, word: str) -> bool:
    """Return whether `word`, behind the word `before`, begins a command."""
    if not before.endswith(":") or word.startswith("("):
        return False
    return before.lower() in _LEADS or (word in _PROGRAMS and before not in _STARTS)


def _is_quoted(words: list[str]) -> bool:
    """Return whether a quote is open behind `words`, so that a blank ends nothing."""
    quote = ""
    for char in "".join(words):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)
