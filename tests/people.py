"""Another user of this machine, for tests of whose files are written. Only root can become one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .conftest import Result
from .shells import changed, decoded

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become another user: run these tests as root"
)
# No user of this machine needs to have these numbers: the kernel asks for none.
PERSON, THIRD = 54321, 54322

# Python itself may lie where others cannot read it, so all is imported before the user changes.
_AS_USER = """
import importlib, os, pkgutil, sys
import difflib, getpass, pwd, subprocess, tempfile
import platformdirs.unix, shellingham.posix.proc
import dokploy_ctx.commands, dokploy_ctx.start
for found in pkgutil.walk_packages(dokploy_ctx.__path__, "dokploy_ctx."):
    if not found.name.endswith("__main__"):
        importlib.import_module(found.name)
platformdirs.user_data_dir("dctx")
"x".encode("idna"), "x".encode("utf-8-sig")
uid = int(sys.argv.pop(1))
os.setgroups([]), os.setgid(uid), os.setuid(uid)
sys.argv[0] = os.path.join(os.path.dirname(sys.executable), "dctx")
from dokploy_ctx.cli import main
main(sys.argv[1:])
"""


def as_user(
    uid: int, *argv: str, stdin: str = "", env: Mapping[str, str | None] | None = None
) -> Result:
    """Run `dctx` as the user `uid`."""
    done = subprocess.run(
        [sys.executable, "-c", _AS_USER, str(uid), *argv],
        input=stdin.encode(), env=changed(os.environ, env or {}), capture_output=True, timeout=60,
        start_new_session=True,
    )  # fmt: skip
    return Result(done.returncode, decoded(done.stdout), decoded(done.stderr))


@pytest.fixture
def their_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the HOME of PERSON, which is that of this process, too, as under `sudo -E`."""
    outer = Path(tempfile.mkdtemp(dir="/tmp"))
    outer.chmod(0o755)
    home = outer / "home"
    home.mkdir(0o700)
    os.chown(home, PERSON, PERSON)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(outer)
    yield home
    shutil.rmtree(outer)


def owners(folder: Path) -> dict[str, int]:
    """Return the owner of everything below `folder`."""
    found = sorted(folder.rglob("*"))
    return {str(path.relative_to(folder)): path.lstat().st_uid for path in found}
