"""Settings of the prompt: a colour for a profile, and a hidden default."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import COLOUR_NAMES, COLOURS
from dokploy_ctx.model.profile import Profile

from ..conftest import Result
from ..shells import Shell
from ..terminal import Terminal

Dctx = Callable[..., Result]


@pytest.mark.parametrize(
    ("color", "protected", "colour"),
    [
        ("cyan", False, "cyan"),
        ("Magenta", False, "magenta"),
        ("cyan", True, ""),
        ("mauve", False, ""),
        ("$(id)", False, ""),
        ({"a": 1}, False, ""),
        (None, False, ""),
        (7, False, ""),
    ],
)
def test_colour_is_one_of_eight_and_a_protected_profile_has_none(
    color: Any, protected: bool, colour: str
) -> None:
    assert Profile("a", {"color": color, "protected": protected}).colour == colour


def test_no_colour_is_called_like_a_state() -> None:
    assert not set(COLOURS) & set(COLOUR_NAMES)


def test_own_colour_in_the_prompt(
    shell: Shell, loaded: str, config: Callable[..., Path], dctx: Dctx,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config(
        prod={"color": "blue"},
        staging={"color": "magenta"},
        plain={},
        guarded={"color": "cyan", "protected": True},
        asked={"color": "cyan", "token": None, "tokenCommand": ["echo", "x"]},
    )
    assert dctx("sync").code == 0
    term = terminal(shell, hook=False, rc=[loaded])
    assert term.colour("~(prod)") == "blue"
    for name, text, colour in (
        ("staging", "(staging)", "magenta"),
        ("plain", "(plain)", "green"),
        ("guarded", "((guarded))", "red"),
        ("asked", "(asked)", "cyan"),
    ):
        term.line(f"dctx {name}")
        assert term.prompt == f"{text} READY> "
        assert term.colour(text) == colour
    term.line("dctx staging")
    assert term.line("echo $DCTX_SEGMENT $DCTX_SEGMENT_STATE") == "staging magenta"


def test_own_colour_of_a_changed_file_shows_at_the_next_prompt(
    shell: Shell, loaded: str, config: Callable[..., Path], dctx: Dctx,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config("prod", "staging")
    assert dctx("sync").code == 0
    term = terminal(shell, hook=False, rc=[loaded])
    term.line("dctx staging")
    assert term.colour("(staging)") == "green"
    config(prod={}, staging={"color": "yellow"})
    term.line("true")
    assert term.colour("(staging)") == "yellow"


def test_mere_default_can_be_hidden(
    shell: Shell, loaded: str, config: Callable[..., Path], dctx: Dctx,
    terminal: Callable[..., Terminal], home: Path,
) -> None:  # fmt: skip
    config(prod={"protected": True}, staging={"organization": {"id": "x", "name": "~(x) "}})
    assert dctx("sync").code == 0
    term = terminal(shell, hook=False, rc=[loaded], env={"DCTX_PROMPT": "session"})
    assert term.prompt == "READY> "
    assert term.line("echo $DCTX_SEGMENT $DCTX_SEGMENT_STATE") == "prod protected"
    term.line("dctx staging")
    assert term.prompt == "(staging:~(x)) READY> "
    term.line("true")
    assert term.prompt == "(staging:~(x)) READY> "
    term.line("dctx off")
    assert term.prompt == "READY> "
    (home / ".env").write_text("DOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n")
    term.line("true")
    assert term.prompt == "(env:h.example.com) READY> "
    (home / ".env").unlink()
    (home / ".dokploy" / "config.json").write_text("{")
    term.line("true")
    assert term.prompt == "(?) READY> "  # an unknown state is not hidden
