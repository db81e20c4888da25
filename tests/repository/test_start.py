"""What a command loads before it does anything: most of its time. Counted here, never timed."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from .test_package import QUICK

# Runs a command as `dctx` does, and says at the end what that took.
PROGRAM = """
import atexit, gc, json, re, sys, click
before, really, patterns = set(sys.modules), re.compile, []
def compiled(pattern, flags=0):
    if sys._getframe(1).f_globals["__name__"].startswith("dokploy_ctx"):
        patterns.append(pattern)
    return really(pattern, flags)
re.compile = compiled
def searches():
    return sum(each["collections"] for each in gc.get_stats())
from dokploy_ctx.start import main
gc.collect()
first = searches()
atexit.register(lambda: sys.stderr.write(json.dumps(
    [sorted(set(sys.modules) - before), patterns, searches() - first])))
main()
"""
# The most modules of ours, and patterns compiled while they are imported. Who needs more of them
# looks at `python -X importtime` first.
MOST = {
    "env": (43, 5),
    "list": (33, 4),
    "current": (30, 4),
    "use": (42, 7),
    "sync": (42, 7),
    "_hook": (50, 7),
}
# These take long to import, or are for what such a command does not do.
NOBODY = {
    *("asyncio", "dataclasses", "email", "hashlib", "http", "shutil", "subprocess", "tempfile"),
    *("dokploy_ctx.broker", "dokploy_ctx.panel", "dokploy_ctx.official"),
    *("dokploy_ctx.shells.scripts", "dokploy_ctx.text.wrapping"),
}
READERS = {"fcntl", "signal", "dokploy_ctx.files.index", "dokploy_ctx.files.lock"}
TABLES = {"dokploy_ctx.text.table"}


@pytest.mark.parametrize("name", QUICK)
def test_quick_command_loads_little(name: str, config: Any) -> None:
    config("prod", "staging")
    words = [sys.executable, "-c", PROGRAM, *QUICK[name]]
    ran = subprocess.run(words, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    loaded, patterns, searches = json.loads(ran.stderr.splitlines()[-1])
    ours = [module for module in loaded if module.startswith("dokploy_ctx")]
    unwanted = set(NOBODY)
    if name in ("env", "list", "current"):
        unwanted |= READERS
    if name != "list":
        unwanted |= TABLES
    assert not unwanted.intersection(loaded)
    most_modules, most_patterns = MOST[name]
    assert len(ours) <= most_modules, ours
    assert len(patterns) <= most_patterns, patterns
    assert searches == 0  # for objects that nobody uses any more
