"""The note of a key that is about to be made: all of it is written, or nothing is left."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dokploy_ctx.files import pending_keys

NOTE = pending_keys.Note("https://panel.example.com", "prod", "dctx prod 1")
PROGRAM = """
import os, sys
from dokploy_ctx.errors import DctxError
from dokploy_ctx.files import pending_keys
files = os.listdir("/proc/self/fd")
try:
    with pending_keys.noted(sys.argv[1], pending_keys.Note("https://h", "prod", "dctx prod 1")):
        print("made a key")
except DctxError as error:
    print(error)
print("open files:", len(os.listdir("/proc/self/fd")) - len(files))
"""


@pytest.mark.skipif(not shutil.which("strace"), reason="strace exists for Linux only")
@pytest.mark.parametrize("folder_is", ["there", "missing"])
@pytest.mark.parametrize("call", ["flock", "fsync", "rename", "openat"])
def test_note_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, call: str, folder_is: str
) -> None:
    folder = tmp_path / "outer" / "dokploy"
    if folder_is == "there":
        folder.mkdir(0o700, parents=True)
    of_the_folder = (
        ["-P", str(folder)] if call == "openat" else []
    )  # Python itself opens many files
    ran = subprocess.run(
        ["strace", "-qq", "-o", "/dev/null", *of_the_folder, "-e", f"trace={call}", "-e",
         f"inject={call}:error=ENOSPC:when=1", sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith(f"cannot write {folder}: No space left on device. Nothing was ")
    assert "made a key" not in ran.stdout
    assert ran.stdout.endswith("\nopen files: 0\n")
    if folder_is == "there":
        assert os.listdir(folder) == []
    else:
        assert not folder.parent.exists()


@pytest.mark.skipif(not shutil.which("strace"), reason="strace exists for Linux only")
@pytest.mark.parametrize("fault", ["", ":error=EINVAL:when=2"], ids=["sync", "no sync of folders"])
def test_note_is_on_the_disk_before_a_key_is_made(tmp_path: Path, fault: str) -> None:
    folder, log = tmp_path / "dokploy", tmp_path / "log"
    ran = subprocess.run(
        ["strace", "-qq", "-y", "-o", log, "-e", "trace=fsync,rename,write",
         *(["-e", f"inject=fsync{fault}"] if fault else []),
         sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "made a key\nopen files: 0\n", "")
    steps = re.findall(r"^(\w+)\((\d+<|\")([^>\"]*)", log.read_text(), re.M)
    found = [(call, Path(path).name) for call, _, path in steps if str(folder) in path]
    note = os.listdir(folder)[0].removesuffix(".json")
    assert found == [("write", note), ("fsync", note), ("rename", note), ("fsync", "dokploy")]
    said = next(at for at, line in enumerate(log.read_text().splitlines()) if "made a key" in line)
    assert said >= len(found)


def test_note_is_private_and_goes_with_the_folder_that_was_made_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "outer" / "dokploy"
    with pending_keys.noted(str(folder), NOTE) as written:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(os.stat(written.path).st_mode) == 0o600
        assert os.listdir(folder) == [os.path.basename(written.path)]
        written.forget()
    assert not folder.parent.exists()
