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
    (line,) = re.findall(r"^.* source .*direnv\.sh.*$", PAGE, re.MULTILINE)
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


# What is typed, and which profile the prompt then shows: "" is the default. Each begins outside, in
# no session, and ends there, in none.
WALKS = {
    "off inside": "dctx globex > globex, cd ~/proj > staging, dctx off > staging, cd ~ >",
    "off inside after a switch inside": "dctx globex > globex, cd ~/proj > staging, "
    "dctx client > client, dctx off > staging, dctx - > client, dctx off > staging, cd ~ >",
    "off outside": "dctx globex > globex, cd ~/proj > staging, cd ~ > globex, dctx off >",
    "a switch inside holds outside": "cd ~/proj > staging, dctx globex > globex, cd ~ > globex, "
    "cd ~/proj > staging, cd ~ > globex, dctx off >",
    "it replaces the session": "dctx globex > globex, cd ~/proj > staging, dctx client > client, "
    "cd ~ > client, dctx off >",
    "it is the session again": "dctx globex > globex, cd ~/proj > staging, dctx globex > globex, "
    "cd ~ > globex, dctx client > client, dctx off >",
    "off after that, inside": "dctx globex > globex, cd ~/proj > staging, dctx globex > globex, "
    "dctx off > staging, cd ~ >",
    "the folder's own profile": "dctx globex > globex, cd ~/proj > staging, "
    "dctx staging > staging, cd ~ > staging, dctx off >",
    "nested folders": "dctx globex > globex, cd ~/proj > staging, dctx client > client, "
    "cd ~/proj/sub > prod, dctx off > prod, cd ~/proj > staging, cd ~ >",
    "from one folder into another": "cd ~/proj > staging, dctx globex > globex, "
    "cd ~/other > prod, cd ~ > globex, pushd ~/proj > staging, dctx off > staging, popd >",
    "off inside, then another folder": "dctx globex > globex, cd ~/proj > staging, "
    "dctx off > staging, cd ~/other > prod, cd ~/proj > staging, cd ~ >",
    "a folder that says nothing": "cd ~/proj > staging, dctx globex > globex, "
    "cd ~/silent > globex, dctx off >, cd ~ >",
}


@pytest.mark.parametrize("order", ["before", "after", "function"])
def test_off_leaves_nothing_inside_a_folder_and_outside(
    shell: Shell, loaded: str, config: Any, home: Path, terminal: Callable[..., Terminal],
    order: str,
) -> None:  # fmt: skip
    config("root", "prod", "staging", "globex", "client")
    for place, name in (("proj", "staging"), ("proj/sub", "prod"), ("other", "prod"),
                        ("silent", "")):  # fmt: skip
        (home / place).mkdir()
        text = f"export DOKPLOY_PROFILE={name}\n" if name else "export SILENT=1\n"
        (home / place / ".envrc").write_text(text)
    rc = {
        "before": [direnv(shell), loaded],
        "after": [loaded, direnv(shell)],
        "function": [by_hand(shell), loaded],
    }[order]
    term = terminal(shell, hook=False, rc=rc, env={"DIRENV_LOG_FORMAT": ""}, columns=200)
    if order != "function":
        for place in ("proj", "proj/sub", "other", "silent"):
            term.line(f"direnv allow ~/{place}")
    for walk, text in WALKS.items():
        if (walk, order) == ("off after that, inside", "function"):
            continue  # only direnv tells that this is inside
        for step in text.split(","):
            typed, _, profile = (word.strip() for word in step.partition(">"))
            term.line(f"{typed} >/dev/null")
            shown = f"({profile}) READY> " if profile else "~(root) READY> "
            assert term.prompt == shown, (walk, step)
        left = term.line("env | grep -E '^(_DCTX_S_|_DCTX_SESSION|DOKPLOY_|DCTX_ORG)'")
        assert left == "", walk


def by_hand(shell: Shell) -> str:
    """Return a user's own function: it exports where a folder is entered, and unsets elsewhere."""
    if shell.dialect == "fish":
        return (
            "function by_hand --on-variable PWD; switch $PWD; "
            "case '*/proj'; set -gx DOKPLOY_PROFILE staging; "
            "case '*/sub' '*/other'; set -gx DOKPLOY_PROFILE prod; "
            "case '*'; set -e DOKPLOY_PROFILE; end; end"
        )
    function = (
        "by_hand() { case $PWD in */proj) export DOKPLOY_PROFILE=staging ;; "
        "*/sub | */other) export DOKPLOY_PROFILE=prod ;; *) unset DOKPLOY_PROFILE ;; esac; }; "
    )
    if shell.dialect == "zsh":
        return f"{function} chpwd_functions+=(by_hand)"
    wrapped = 'eval "$c() { builtin $c \\"\\$@\\" && by_hand; }"'
    return f"{function} for c in cd pushd popd; do {wrapped}; done"


def test_name_is_missing(
    shell: Shell, loaded: str, folder: Path, terminal: Callable[..., Terminal]
) -> None:
    (folder / ".envrc").write_text("use dokploy\n")
    term = terminal(shell, hook=False, rc=[direnv(shell), loaded], columns=200)
    term.line("direnv allow ~/project")
    assert "dctx: NAME is required. Write: use dokploy NAME" in term.line("cd ~/project")
    assert term.prompt == "~(prod) READY> "
