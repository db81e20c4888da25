"""What a hook and the core say in a terminal of 80 columns is at most as wide, broken at blanks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from wcwidth import wcswidth

from ..shells import FISH, Shell
from ..terminal import Terminal

LONG = "client-acme-production-eu-central"
URL = "https://acme.example.com"
FAR = f"https://dokploy.{LONG}.example.com"
PROFILES = {
    "prod": {},
    LONG: {"url": URL, "organization": {"id": "a", "name": "Acme Corporation Limited"}},
    "n" * 60: {"url": FAR, "organization": {"id": "b", "name": "W" * 30}},
    "client-globex": {
        "url": "https://dokploy.globex.example.com",
        "organization": {"id": "c", "name": "組" * 12},
    },
    "waiting": {"url": FAR, "token": None},
}


@pytest.fixture
def term(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> Callable[..., Terminal]:
    """Return a terminal that says it has 80 columns, and shows what is wider than that."""
    config(**PROFILES)

    def start(**more: Any) -> Terminal:
        # No segment: what is typed behind a long one would be broken by the shell's own editor.
        look = {"env": {"DCTX_PROMPT": "0"}, "columns": 250}
        term = terminal(shell, hook=False, rc=[loaded], **look, **more)
        term.line("stty cols 80")
        return term

    return start


def said(term: Terminal, line: str, *, apart: str = "") -> str:
    """Return what `line` prints as one line.

    Nothing is wider than 80 but a single word, such as a path of a test's folder, and `apart`.
    """
    rows = term.line(line).splitlines()
    wide = [row for row in rows if wcswidth(row) > 80]
    assert [row for row in wide if " " in row and row != apart] == []
    return " ".join(" ".join(rows).split())


def test_switches_fit(term: Callable[..., Terminal]) -> None:
    window = term()
    assert said(window, f"dctx {LONG}") == f"Switched to {LONG} ({URL})"
    assert said(window, f"dctx {'n' * 60}") == f"Switched to {'n' * 60}"
    assert said(window, "dctx client-globex") == (
        "Switched to client-globex (https://dokploy.globex.example.com)"
    )
    assert said(window, "dctx -") == f"Switched to {'n' * 60}"
    assert said(window, f"dctx use {LONG}") == (
        f"The default is now {LONG} ({URL}) This terminal stays on {'n' * 60}. "
        "To leave it, run: dctx off"
    )
    assert said(window, "dctx off").startswith(f"Back on the default: {LONG}:Acme")
    assert said(window, f"dctx use {'n' * 60}") == f"The default is now {'n' * 60} ({FAR})"
    assert said(window, "dctx prod").startswith("Switched to prod")
    assert said(window, "dctx off") == f"Back on {'n' * 60}"


def test_refusals_fit(term: Callable[..., Terminal], shell: Shell, home: Path) -> None:
    window = term()
    unset = "set -e" if shell is FISH else "unset"
    assert said(window, "dctx client-acme-prod-eu").startswith(
        'dctx: profile "client-acme-prod-eu" not found. Did you mean '
    )
    assert said(window, "dctx waiting") == (
        'dctx: profile "waiting" has no key. Run: dctx auth waiting'
    )
    command = f"dctx auth waiting -u {FAR}"  # wider than the window: whole, in a line of its own
    assert said(window, "dctx use waiting", apart=command).endswith(f"Run: {command}")
    assert "To see all, run: dctx list" in said(window, "dctx list nothing-is-called-like-this-one")
    assert said(window, "dctx off").startswith("This terminal is not in a session")
    assert said(window, "dctx -").endswith("Switch to one with: dctx NAME")
    window.line(shell.export("DOKPLOY_PROFILE", "prod"))
    window.line(shell.export("DOKPLOY_URL", URL))
    window.line(shell.export("DOKPLOY_API_KEY", "k"))
    assert said(window, "dctx off").endswith(
        f"To leave it, run: exit, or: {unset} DOKPLOY_PROFILE DOKPLOY_URL DOKPLOY_API_KEY"
    )
    assert said(window, "dctx current").startswith('dctx: DOKPLOY_PROFILE="prod" is used;')
    window.line(shell.unset("DOKPLOY_PROFILE"))
    window.line(shell.unset("DOKPLOY_API_KEY"))
    assert said(window, "dctx current").startswith("dctx: DOKPLOY_URL is set without")
    (home / ".dokploy" / "config.json").write_text('{"profiles": {')
    assert said(window, "dctx prod").endswith("Fix the file, then run: dctx doctor")


def test_hooks_own_messages_fit(term: Callable[..., Terminal], shell: Shell) -> None:
    window = term()
    gone = "set -g __dctx_bin /gone/dctx" if shell is FISH else "__dctx_bin=/gone/dctx"
    if shell is not FISH:  # which runs what is before a pipe in the terminal itself
        assert said(window, f"dctx {LONG} | cat") == (
            "dctx: this is a subshell, so the terminal was not switched. Run dctx without a pipe, "
            "$(...) or &, or use: dctx exec NAME -- COMMAND"
        )
    window.line("__dctx_python=" if shell is not FISH else "set -g __dctx_python ''")
    window.line(gone)
    assert said(window, "dctx list").startswith("dctx: the program /gone/dctx does not exist.")


def test_tables_fit(term: Callable[..., Terminal]) -> None:
    window = term()
    assert "NAME" in said(window, "dctx list")
    said(window, "dctx doctor --offline", apart=f"dctx auth waiting -u {FAR}")
    said(window, "dctx verify --all")
    said(window, "dctx help exec")
