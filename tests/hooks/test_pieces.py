"""The hook's further pieces, loaded when something first needs them (docs/internals.md)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import FISH, POSIX, Shell
from ..terminal import Terminal


@pytest.fixture
def own(data_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder of this test's own, with all that names it."""
    folder = tmp_path / "own"
    shutil.copytree(data_home, folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_text(path.read_text("utf-8").replace(str(data_home), str(folder)), "utf-8")
    return folder


def source(shell: Shell, folder: Path) -> str:
    return shell.source(folder / f"hook.{shell.dialect}")


def test_terminal_from_before_an_upgrade_takes_the_new_hook(
    shell: Shell, config: Any, own: Path
) -> None:
    config("prod", "staging")
    old = (own / "session.bash").read_text("utf-8").split()[1]
    for path in own.rglob("*"):
        if path.is_file():
            # Staged beside it; the upgrade is the copy below.
            text = path.read_text("utf-8").replace(old, "f" * 16)
            text = re.sub(r'"(\$__dctx_r_says|\$\{__dctx_r\[\d+\]\})" >&2', r'"Now: \1" >&2', text)
            path.with_name(path.name + ".new").write_text(text, "utf-8")
    upgrade = f'for f in {own}/*.new; do mv "$f" "${{f%.new}}"; done'
    ran = shell.run(
        source(shell, own),
        shell.prompt,
        f"sh -c {shell.quote(upgrade)}",
        "dctx staging",
        shell.show("?", "DOKPLOY_PROFILE", "__dctx_build"),
        shell.prompt,
        "dctx -",
        "dctx prod",
        "dctx -",
        shell.show("?", "DOKPLOY_PROFILE", "DCTX_SEGMENT"),
        interactive=True,
    )
    assert ran.shown[0]["?"] == "0", ran.err
    assert ran.shown[0]["DOKPLOY_PROFILE"] == "staging"
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": "staging", "DCTX_SEGMENT": "staging"}
    if shell is not FISH:
        assert ran.shown[0]["__dctx_build"] == "f" * 16
        assert ran.err.count("Now: Switched to ") == 3


@pytest.mark.parametrize("shell", POSIX, ids=repr, indirect=True)
def test_terminal_whose_further_pieces_are_gone_says_so_once_and_guesses_nothing(
    shell: Shell, config: Any, own: Path, home: Path
) -> None:
    config("prod", "staging")
    (home / "pair").write_text("DOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n")
    look = [shell.prompt, shell.show("DCTX_SEGMENT")]
    remove = f"sh -c 'rm -r {own}/shims {own}/ask.* {own}/session.*'"
    ran = shell.run(
        source(shell, own), *look, remove, "cp pair .env", *look, *look,
        "dctx staging", shell.show("?", "DOKPLOY_PROFILE"), "rm .env", *look,
        interactive=True,
    )  # fmt: skip
    # Nor is there a shim: the CLI would see no profile.
    assert ran.shown == [
        {"DCTX_SEGMENT": "prod"},
        *[{"DCTX_SEGMENT": "?"}] * 2,
        {"?": "1", "DOKPLOY_PROFILE": None},
        {"DCTX_SEGMENT": "?"},
    ]
    # By each `dctx`, which then leaves the rest to the core. A prompt is silent.
    file = own / f"session.{shell.dialect}"
    gone = f"dctx: the file {file} does not exist. "
    gone += "Install dctx again, then run: command dctx install. "
    gone += "Or remove the line that loads dctx from your shell's start-up file "
    said = " ".join(ran.err.split())  # a hook's own messages fit a window, whatever they go to
    assert said.startswith(gone + 'dctx: "dctx staging" switches terminals, not scripts.')
    assert said.count("dctx: ") == 2


def test_without_the_shim_no_prompt_claims_a_profile(
    shell: Shell, config: Any, own: Path, home: Path
) -> None:
    config("prod", "staging")
    index = home / ".dokploy" / "index"
    look = [shell.prompt, shell.show("DCTX_SEGMENT", "DOKPLOY_PROFILE")]
    ran = shell.run(
        source(shell, own), "dctx staging", *look, f"rm -r {own}/shims {index}",
        *look,  # the session's own variables are what the CLI goes by
        "dctx off", *look, shell.export("DOKPLOY_PROFILE", "staging"), *look,
        shell.export("DOKPLOY_URL", "https://h.example.com"), shell.export("DOKPLOY_API_KEY", "k"),
        shell.unset("DOKPLOY_PROFILE"), *look,
        interactive=True,
    )  # fmt: skip
    seen = [row["DCTX_SEGMENT"] for row in ran.shown]
    assert seen == ["staging", seen[1], "?", "?", "env:h.example.com"]
    assert seen[1] in ("staging", "?")  # its record is gone
    assert not index.exists()


def test_dokploy_is_found_again_where_the_shim_was_taken_away(
    shell: Shell, config: Any, own: Path, home: Path
) -> None:
    config("prod")
    (home / "bin").mkdir()
    (home / "bin" / "dokploy").write_text("#!/bin/sh\necho the CLI\n")
    (home / "bin" / "dokploy").chmod(0o755)
    path = os.pathsep.join([str(home / "bin"), os.environ["PATH"]])
    ran = shell.run(
        source(shell, own), shell.prompt, "dokploy project all", f"rm -r {own}",
        shell.prompt, "dokploy project all", shell.prompt, shell.show("?", "PATH"),
        interactive=True, env={"PATH": path},
    )  # fmt: skip
    assert ran.out.count("the CLI\n") == 2
    assert (ran.vars["?"], (ran.vars["PATH"] or "").replace(" ", os.pathsep)) == ("0", path)


def test_tab_that_met_a_newer_index_leaves_the_prompt_no_older(
    shell: Shell,
    config: Any,
    loaded: str,
    dctx: Callable[..., Any],
    terminal: Callable[..., Terminal],
) -> None:
    config("prod", "staging", "stable")
    first = list(shell.for_tab)
    term = terminal(shell, hook=False, rc=[*first, loaded])
    assert term.prompt == "~(prod) READY> "
    assert dctx("use", "staging").code == 0
    term.type("dctx sta\t\t")
    term.wait(lambda: "stable" in term.screen, "both names")
    term.interrupt()
    term.line("true")
    assert term.prompt == "~(staging) READY> "
