"""What is on disk at each step of a save, in case the machine or dctx stops there."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dokploy_ctx.files import store

from .test_store import PROGRAM

CALLS = "fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat"


def steps(log: Path, folder: Path) -> list[str]:
    """Return the calls of a strace log on files of `folder`, each as "name path" ("" = itself)."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        name = line.partition("(")[0]
        paths = re.findall(re.escape(str(folder)) + r"/?([^\">]*)[\">]", line)
        if paths:
            found.append(f"{name} {paths[-1]}".rstrip())
    return found


def test_save_is_on_the_disk_before_it_counts(
    config: Callable[..., Path], dctx: Callable[..., Any], tmp_path: Path
) -> None:
    path = config(prod={}, staging={})
    assert dctx("sync").code == 0
    log = tmp_path / "log"
    save = [PROGRAM, "auth", "prod", "-u", "https://new.example", "-t", "-", "--no-check"]
    trace = ["strace", "-qq", "-y", "-o", str(log), "-e", f"trace={CALLS}"]
    subprocess.run([*trace, *save], input="new-key\n", text=True, check=True)
    seen = steps(log, path.parent)
    stamp = next(i for i, each in enumerate(seen) if each.startswith("unlink index/.stamp."))
    renamed = seen.index("rename config.json")
    # The text first, then its name; and no reader goes by the old index once the name is there.
    assert seen.index("fsync .config.json.dctx-tmp") < renamed, seen
    assert stamp < renamed, seen
    assert "fsync" in seen[renamed:], seen  # of the folder, with the new name in it
    # Who is killed among the records leaves no manifest that says they are written.
    assert seen.index("unlink index/.manifest") < seen.index("rename index/prod"), seen
    assert seen.index("rename index/prod") < seen.index("rename index/.manifest"), seen


def test_time_of_a_save_is_of_a_second_before_and_unlike_the_last_ones(
    config: Callable[..., Path], dctx: Callable[..., Any]
) -> None:
    path, before = config(prod={}, staging={}), -1
    for name in ("staging", "prod", "staging"):
        assert dctx("use", name).code == 0
        info = path.stat()
        second = info.st_mtime_ns // 10**9
        assert second < info.st_ctime_ns // 10**9  # what somebody writes now is newer
        assert second != before  # and so is what somebody puts back
        before = second


def test_foreign_change_is_compiled_once_its_tick_is_over(
    config: Callable[..., Path],
) -> None:
    path = config(prod={}, staging={})
    text = path.read_text()
    for _ in range(10):  # one that was slow proves nothing
        path.write_text(text)
        store.sync(str(path.parent))
        assert time.time() - os.stat(path).st_mtime >= store.TICK_SECONDS
