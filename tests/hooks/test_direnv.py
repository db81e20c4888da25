"""`use dokploy NAME` by Debian's direnv: docs/direnv.md as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import ROOT, Shell
from ..terminal import Terminal

PAGE = (ROOT / "docs" / "direnv.md").read_text("utf-8")


@pytest.fixture
def folder(home: Path, config: Any, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's `use dokploy`, and direnvrc with the page's line."""
    config("prod", "staging")
    monkeypatch.setenv("XDG_DATA_HOME", str(data_home.parent))
    monkeypatch.setenv("DIRENV_LOG_FORMAT", "")
    (line,) = re.findall(r"^source .*$", PAGE, re.MULTILINE)
    (use,) = re.findall(r"^use dokploy .*$", PAGE, re.MULTILINE)
    (home / ".config/direnv").mkdir(parents=True)
    (home / ".config/direnv/direnvrc").write_text(line + "\n")
    (home / "project").mkdir()
    (home / "project/.envrc").write_text(use + "\n")
    return home / "project"


def direnv(shell: Shell) -> str:
    return shell.evaluate(f"direnv hook {shell.dialect}")


def test_use_dokploy(
    shell: Shell, loaded: str, folder: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[direnv(shell), loaded], columns=200)
    term.line("direnv allow ~/project")
    term.line("cd ~/project")
    assert term.prompt == "(staging) READY> "
    assert term.line("echo $DOKPLOY_PROFILE") == "staging"
    # A switch inside holds until the folder is entered anew.
    term.line("dctx prod")
    assert term.prompt == "(prod) READY> "
    term.line("cd ~")
    term.line("dctx off")
    assert term.prompt == "~(prod) READY> "
    term.line("cd ~/project")
    assert term.prompt == "(staging) READY> "


def test_name_is_missing(
    shell: Shell, loaded: str, folder: Path, terminal: Callable[..., Terminal]
) -> None:
    (folder / ".envrc").write_text("use dokploy\n")
    term = terminal(shell, hook=False, rc=[direnv(shell), loaded], columns=200)
    term.line("direnv allow ~/project")
    assert "dctx: NAME is required. Write: use dokploy NAME" in term.line("cd ~/project")
    assert term.prompt == "~(prod) READY> "
