"""Tables: columns by display width, cut to the window except for names, plain in a pipe."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence

import pytest

from dokploy_ctx.text.table import Cell, View, cut, table
from dokploy_ctx.text.terminal import width

ROWS = (
    ("prod", "https://a.example.com", "Acme"),
    ("staging", "https://b.example.com", "日本語支社"),
)
PIPE = View()


def plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def starts(line: str, texts: Sequence[str]) -> list[int]:
    """Return the column at which each text begins."""
    return [width(line[: line.index(text)]) for text in texts]


def test_pipe_gets_every_cell_whole_and_nothing_else() -> None:
    rows: list[tuple[str | Cell, ...]] = [("x" * 70, "y" * 70, Cell("z", "31")), ("a", "b", "c")]
    lines = table(rows, PIPE, headers=("NAME", "URL", "STATE"))
    assert lines == [f"{'x' * 70}  {'y' * 70}  z", f"a{' ' * 71}b{' ' * 71}c"]


def test_blanks_that_only_align_go_before_any_text_is_cut() -> None:
    rows = [("a", "https://a.example.com")]
    roomy, narrow = (table(rows, View(wide), least=(9,))[0] for wide in (40, 25))
    assert roomy == f"a{' ' * 10}https://a.example.com"
    assert narrow == "a  https://a.example.com"


@pytest.mark.parametrize("name", ["日本", "한국어", "e\u0301te\u0301", "🚀🚀", "ﻚﻠﻣ", "ab"])
def test_columns_stand_below_each_other_by_display_width(name: str) -> None:
    rows = [(name, "here", "end"), ("plain", "here", "end")]
    for to in (PIPE, View(80)):
        lines = table(rows, to)
        assert starts(lines[0], ("here", "end")) == starts(lines[1], ("here", "end"))


def test_terminal_gets_headers_and_a_pipe_none() -> None:
    lines = table(ROWS, View(80), headers=("NAME", "URL", "ORGANIZATION"))
    assert lines[0].split() == ["NAME", "URL", "ORGANIZATION"]
    assert starts(lines[0], ("NAME", "URL")) == starts(lines[1], ("prod", "https"))
    assert len(table(ROWS, PIPE, headers=("NAME", "URL", "ORGANIZATION"))) == 2


@pytest.mark.parametrize("columns", [200, 80, 60, 40, 30, 20, 10])
def test_window_is_never_exceeded_but_by_the_name(columns: int) -> None:
    rows = [
        ("*", "acme-production", f"https://{'panel.' * 9}example.com", "組織" * 12, "protected"),
        (" ", "b", "https://b.example.com", "B", ""),
    ]
    lines = table(rows, View(columns), headers=("", "NAME", "URL", "ORG", "NOTES"), name=1)
    assert all("acme-production" in line for line in lines[1:2])
    most = max(columns, width("*  acme-production"))
    assert max(map(width, lines)) <= most
    if columns == 200:
        assert not any("~" in line for line in lines)


def test_column_that_nobody_fills_is_left_out() -> None:
    rows = [("a", "", "x"), ("b", "", "y")]
    assert table(rows, PIPE) == ["a  x", "b  y"]
    assert table(rows, View(80), headers=("N", "EMPTY", "Z"))[0] == "N  Z"


def test_colours_are_of_the_cell_alone_and_take_no_columns() -> None:
    rows: list[tuple[str | Cell, ...]] = [(Cell("prod", "31"), "x"), ("staging", "y")]
    lines = table(rows, View(80, colour=True))
    assert lines[0] == "\x1b[31mprod\x1b[0m     x"
    assert [plain(line) for line in lines] == table(rows, View(80))
    assert "\x1b" not in "".join(table(rows, View(80)))


def test_foreign_cells_are_cleaned() -> None:
    assert table([("a\x1b[31m\nb\u202e", "c")], PIPE) == ["a[31mb  c"]


def test_cut_counts_columns() -> None:
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 5) == "abcd~"
    assert cut("日本語", 5) == "日本~"
    assert cut("日本語", 4) == "日~"
    assert cut("日本語", 1) == "~"
    assert cut("abc", 0) == ""


def test_ascii_imports_no_wcwidth() -> None:
    code = (
        "import sys\n"
        "from dokploy_ctx.text.table import View, table\n"
        "table([('a', 'b' * 90)], View(40), headers=('A', 'B'))\n"
        "assert 'wcwidth' not in sys.modules\n"
        "table([('a', '\\u65e5')], View(40))\n"
        "assert 'wcwidth' in sys.modules\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("term", "no_color", "colour"),
    [("xterm", "", True), ("xterm", "1", False), ("dumb", "", False)],
)
def test_view_is_the_terminals(term: str, no_color: str, colour: bool) -> None:
    ours, theirs = pty.openpty()
    code = "import sys; from dokploy_ctx.text.table import view; print(view(sys.stdout))"
    subprocess.run(
        ["sh", "-c", f"stty cols 40; exec {sys.executable} -c '{code}'"],
        stdin=theirs,
        stdout=theirs,
        env={**os.environ, "TERM": term, "NO_COLOR": no_color},
        check=True,
    )
    os.close(theirs)
    assert os.read(ours, 1024).decode().strip() == str(View(40, colour))
    os.close(ours)
