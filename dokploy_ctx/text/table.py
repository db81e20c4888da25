"""Tables: columns aligned by display width, for a person's window or for a pipe.

A terminal gets headers, colours, and columns that fit the window. A pipe or a file gets every cell
uncut and nothing else, so that a program can read them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO, NamedTuple

from .foreign import clean
from .terminal import width, window

GAP = 2
_CUT = "~"  # the same mark as in a prompt
# A narrower column would say nothing, so it is left out.
_LEAST = 6
_HEADER = "2"  # dim


class View(NamedTuple):
    """Where a table is shown: the window's columns (0 without a terminal), and in colour or not."""

    columns: int = 0
    colour: bool = False


class Cell(NamedTuple):
    """A text in a table, and the number of its colour as in constants.COLOURS, or ""."""

    text: str
    colour: str = ""


def view(stream: IO[str]) -> View:
    """Return the view of what writes to `stream`; NO_COLOR and TERM=dumb are honoured."""
    columns = window(stream)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") in (None, "", "dumb")
    return View(columns, not plain) if columns else View()


def painted(text: str, colour: str, to: View) -> str:
    """Return `text` in a colour if `to` shows colours."""
    return f"\x1b[{colour}m{text}\x1b[0m" if colour and text and to.colour else text


def padded(text: str, columns: int) -> str:
    """Return `text` with blanks behind it, so that it is at least `columns` wide."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Return `text` at most `columns` wide; a longer one ends in "~"."""
    if width(text) <= columns:
        return text
    while text and width(text) > columns - len(_CUT):
        # Cut most of a long text at once: nearly every character takes at least one column.
        text = text[: max(0, min(len(text) - 1, columns))]
    return text + _CUT if columns >= len(_CUT) else ""


def table(
    rows: Sequence[Sequence[str | Cell]],
    to: View,
    *,
    headers: Sequence[str] = (),
    least: Sequence[int] = (),
    name: int = 0,
    firm: Sequence[int] = (),
    gaps: Sequence[int] = (),
) -> list[str]:
    """Return the lines of a table, one for each row.

    `headers` are shown on a terminal alone. `least` are the minimum widths of the columns
    if the window has room for them. `name`
    is the column that is never cut, since a person types its text next. `firm` are the columns
    that are cut after all others. `gaps` are the blanks after each column, two if not given.
    Columns without any text are left out. All cells are cleaned here.
    """
    if not rows:
        return []
    cells = [[_clean(cell) for cell in row] for row in rows]
    columns = range(len(cells[0]))
    wide = [max(width(row[at].text) for row in cells) for at in columns]
    shown = [at for at in columns if wide[at]]
    if headers and to.columns:
        wide = [max(w, width(h)) if w else 0 for w, h in zip(wide, headers, strict=True)]
        cells.insert(0, [Cell(header, _HEADER) for header in headers])
    roomy = [max(w, least[at]) if w and at < len(least) else w for at, w in enumerate(wide)]
    space = [gaps[at] if at < len(gaps) else GAP for at in columns]
    if not to.columns or _needs(roomy, space, shown) <= to.columns:
        wide = roomy  # blanks that align nothing go before any text does
    if to.columns:
        shown = _fit(wide, space, shown, name, firm, to.columns)
    return [_line(row, shown, wide, space, name, to) for row in cells]


def _clean(cell: str | Cell) -> Cell:
    if isinstance(cell, Cell):
        return Cell(clean(cell.text), cell.colour)
    return Cell(clean(cell))


def _needs(wide: Sequence[int], space: Sequence[int], shown: Sequence[int]) -> int:
    return sum(wide[at] for at in shown) + sum(space[at] for at in shown[:-1])


def _fit(
    wide: list[int],
    space: Sequence[int],
    shown: list[int],
    name: int,
    firm: Sequence[int],
    columns: int,
) -> list[int]:
    """Make the columns in `wide` narrower until a row fits; return the columns that remain."""
    shown = list(shown)
    while _needs(wide, space, shown) > columns:
        loose = [at for at in shown if at != name and wide[at] > _LEAST]
        loose = [at for at in loose if at not in firm] or loose
        if loose:
            wide[max(loose, key=wide.__getitem__)] -= 1
            continue
        others = [at for at in shown if at > name]
        if not others:
            break  # the name is wider than the window
        shown.remove(others[-1])
    return shown


def _line(
    row: Sequence[Cell],
    shown: Sequence[int],
    wide: Sequence[int],
    space: Sequence[int],
    name: int,
    to: View,
) -> str:
    line, blanks = "", 0
    for at in shown:
        text = row[at].text
        if to.columns and at != name:
            text = cut(text, wide[at])
        if text:
            line += " " * blanks + painted(text, row[at].colour, to)
            blanks = 0
        blanks += wide[at] - width(text) + space[at]
    return line
