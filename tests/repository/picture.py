"""A terminal's screen as SVG, for README: the very cells that a shell drew."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pyte.screens import Char

WIDTH, HEIGHT, LEFT, TOP = 8.4, 20, 16, 44  # pixels: a cell, and the frame around the cells
INK = {
    "default": "#d0d0d0", "black": "#666666", "red": "#ff6b68", "green": "#7ec16e",
    "brown": "#e5c07b", "blue": "#61afef", "magenta": "#c678dd", "cyan": "#56b6c2",
    "white": "#ffffff",
}  # fmt: skip


def svg(rows: Sequence[Sequence[Char]], title: str) -> str:
    """Return the picture of these rows of cells; `title` is what a screen reader reads."""
    columns = max(len(row) for row in rows)
    width, height = LEFT * 2 + columns * WIDTH, TOP + len(rows) * HEIGHT + LEFT
    size = f'width="{width:.0f}" height="{height:.0f}"'
    font = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect {size} rx="8" fill="#1e1e1e"/>',
        *(
            f'<circle cx="{x}" cy="20" r="6" fill="{colour}"/>'
            for x, colour in ((20, "#ff5f56"), (40, "#ffbd2e"), (60, "#27c93f"))
        ),
        f'<g {font} xml:space="preserve">',
    ]
    for number, row in enumerate(rows):
        lines += _row(row, TOP + number * HEIGHT)
    return "\n".join([*lines, "</g>", "</svg>", ""])


def _row(row: Sequence[Char], baseline: int) -> list[str]:
    """Return a text element for each run of cells that look alike."""
    found, start = [], 0
    for end in range(1, len(row) + 1):
        if end < len(row) and _look(row[end]) == _look(row[start]):
            continue
        text = "".join(cell.data for cell in row[start:end])
        if text.strip():
            found.append(
                f'<text x="{LEFT + start * WIDTH:.1f}" y="{baseline}" '
                f"{_look(row[start])}>{escape(text.rstrip())}</text>"
            )
        start = end
    return found


def _look(cell: Char) -> str:
    # pyte has no "dim": tests/terminal.py keeps it in "blink".
    words = [f'fill="{INK.get(cell.fg, INK["default"])}"']
    words += ['opacity="0.6"'] * cell.blink + ['font-weight="bold"'] * cell.bold
    return " ".join(words)
