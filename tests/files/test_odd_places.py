"""Something else in the place of a file or folder of ours: a pipe, a device, a folder, a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Result
from ..people import PERSON, needs_root, their_home
from ..shells import Shell

__all__ = ["their_home"]
Dctx = Callable[..., Result]
ODD: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "folder": Path.mkdir,
}


def replaced(path: Path, kind: str) -> None:
    path.unlink()
    ODD[kind](path)


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("place", ["config.json", "index/.dctx", "index/staging", "index/.gen"])
def test_nobody_waits_for_what_is_no_file(
    dctx: Dctx, config: Any, data_home: Path, place: str, kind: str
) -> None:
    """A pipe would be waited for until somebody writes into it, and a device never ends."""
    folder = config("prod", "staging").parent
    assert dctx("sync").code == 0
    cli = folder.parent / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text("#!/bin/sh\necho real\n")
    cli.chmod(0o755)
    replaced(folder / place, kind)
    path = f"{data_home / 'shims'}:{cli.parent}:{os.environ['PATH']}"
    shim = ["dokploy", "--profile", "staging", "x"]
    for words in (("list",), ("use", "staging"), ("sync",), ("current",)):
        ran = dctx(*words, timeout=20)
        assert ran.code in (0, 1, 4), (words, ran)
        assert "Traceback" not in ran.err
        assert ran.code == 0 or ran.err.count("\n") == 1, (words, ran)
    if place == "config.json":
        ran = dctx("list")
        assert (ran.code, ran.out) == (4, "")
    done = subprocess.run(
        shim, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode == 4) is (place == "config.json"), done


@pytest.mark.parametrize("place", ["HOME", ".dokploy"])
def test_file_in_the_place_of_a_folder_is_no_absence(
    dctx: Dctx, shell: Shell, home: Path, data_home: Path, loaded: str, place: str
) -> None:
    """No profile can be read there, so nobody may take the official CLI's own server instead."""
    (home / ".dokploy").write_text("")
    wrong = home / ".dokploy" if place == "HOME" else home
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text("#!/bin/sh\necho real\n")
    cli.chmod(0o755)
    env = {"HOME": str(wrong)}
    assert dctx("current", env=env).code == 4
    path = f"{data_home / 'shims'}:{cli.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["dokploy", "x"], env={**os.environ, **env, "PATH": path}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (4, "")
    moved = f"export HOME={shell.quote(str(wrong))}"
    ran = shell.run(loaded, moved, shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True)
    assert ran.vars["DCTX_SEGMENT"] == "?", ran


@needs_root
@pytest.mark.parametrize("whose", ["own", "another's"])
def test_folder_that_cannot_be_entered_is_no_absence(
    their_home: Path, data_home: Path, whose: str
) -> None:
    folder = their_home / ".dokploy"
    folder.mkdir(0o700)
    (folder / "config.json").write_text(json.dumps({"profiles": {}}))
    if whose == "own":
        os.chown(folder, PERSON, PERSON)
        folder.chmod(0)
    outer = their_home.parent
    copy = shutil.copytree(data_home, outer / "data")
    cli = outer / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text("#!/bin/sh\necho real\n")
    cli.chmod(0o755)
    path = f"{copy / 'shims'}:{cli.parent}:{os.defpath}"
    ran = subprocess.run(
        ["dokploy", "x"], user=PERSON, group=PERSON, extra_groups=[],
        env={"HOME": str(their_home), "PATH": path}, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == ""
    assert ran.returncode != 0
