"""`kill -9` before each step of the commands that make or delete keys, then the next command.

The run is a fork of this process that is killed for good, before the n-th file that it makes,
renames or removes and the n-th connection that it opens, for every n that there is.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx import cli
from dokploy_ctx.files import pending_keys
from tests.standin import StandIn

from . import here
from .conftest import profiles
from .test_nothing_lost import COMMANDS, OURS, prepare, unaccounted

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "socket.connect")


def is_step(event: str, args: tuple[Any, ...]) -> bool:
    """Return whether the audit event is a step that somebody else can see."""
    return event in STEPS or (event == "open" and bool(args[2] & os.O_CREAT))


def killed_at(number: int, argv: list[str], said: Path) -> bool:
    """Run `dctx ARGV`, killed before its step `number`; returns whether it got that far."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the panel's threads stay here
        pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)
    code = 70
    with contextlib.suppress(BaseException):
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 2)
        steps = 0

        def step(event: str, args: tuple[Any, ...]) -> None:
            nonlocal steps
            if is_step(event, args):
                steps += 1
                if steps == number:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.stdout = sys.stderr = open(out, "w", buffering=1)  # noqa: SIM115 - until _exit
        sys.addaudithook(step)
        code = cli._run(argv)
    os._exit(code)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_keys, "SETTLED_SECONDS", 0.0)


@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_killed_before_each_step(
    config: Callable[..., Path], home: Path, tmp_path: Path, argv: list[str]
) -> None:
    said = tmp_path / "said"
    number, goes_on = 0, True
    while goes_on:
        number += 1
        with StandIn.seeded() as panel:
            before = prepare(panel, config, argv, OURS)
            goes_on = killed_at(number, argv, said)
            then = here.run("verify", "--all")
            heard = said.read_text() + then.err
            where = (number, heard, then)
            assert unaccounted(panel, home, before, heard) == [], where
            living = {row.key for row in panel.keys}
            for name, entry in profiles(home).items():
                # Its key is deleted first: the profile that is left says so, and goes with a
                # second `remove --revoke`.
                if argv[0] == "remove" and name == "mine" and entry["token"] not in living:
                    assert then.code == 5
                    assert here.run(*argv).code == 0
                else:
                    assert entry["token"] in living, where
            again = here.run("orgs", "sync", "--yes")
            assert again.code == 0, (where, again)
            last = here.run("verify", "--all")
            assert unaccounted(panel, home, before, last.err) == [], (where, again, last)
            assert last.code == 0
            left = [path.name for path in (home / ".dokploy").iterdir() if "key" in path.name]
            assert left == [], (where, again, last)
    assert number > 5
