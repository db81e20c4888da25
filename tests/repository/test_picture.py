"""README's picture: what bash shows today; `pytest --update-golden` draws it anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ..shells import BASH, ROOT
from ..terminal import ENTER, TAB, Terminal
from .picture import svg

PICTURE = ROOT / "docs" / "terminal.svg"
SAVED = {
    "prod": ("https://panel.example.com", "Acme", {"protected": True}),
    "staging": ("https://staging.example.com", "Acme", {}),
    "globex": ("https://panel.example.com", "Globex", {}),
}


def test_picture_is_what_a_terminal_shows(
    config: Callable[..., Path],
    terminal: Callable[..., Terminal],
    request: pytest.FixtureRequest,
) -> None:
    config(
        current="staging",
        **{
            name: {"url": url, "organization": {"id": name, "name": organization}, **more}
            for name, (url, organization, more) in SAVED.items()
        },
    )
    term = terminal(BASH, rc=["PS1='$ '"], ready="$ ", rows=24, columns=84)
    term.line("dctx list")
    term.type("dctx gl" + TAB)
    term.wait(lambda: term.typed == "dctx globex ")
    term.key(ENTER)
    term.line("dctx prod")
    term.line("dctx -")
    term.line("dctx off")
    term.wait(lambda: term.at_prompt)
    rows = [row for row in term.cells if "".join(cell.data for cell in row).strip()]
    drawn = svg(rows, "dctx list, then dctx globex, dctx prod, dctx - and dctx off in one terminal")
    if request.config.getoption("--update-golden"):
        PICTURE.write_text(drawn, "utf-8")
    assert PICTURE.read_text("utf-8") == drawn, "Where that is meant: pytest --update-golden"
    assert 'fill="#ff6b68"' in drawn  # the protected profile, in red
