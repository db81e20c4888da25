"""`dctx` in a fork of this process that is killed for good before its n-th visible step."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from dokploy_ctx import cli

STEPS = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "socket.connect")


def is_step(event: str, args: tuple[Any, ...]) -> bool:
    """Return whether the audit event is a step that other programs can see."""
    return event in STEPS or (event == "open" and bool(args[2] & os.O_CREAT))


def killed_at(number: int, argv: list[str], said: Path) -> int | None:
    """Run `dctx ARGV`, killed before its step `number`: None; its exit code where it ends before.

    What it says goes into the file `said`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the panel's threads stay here
        pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        return None if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
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
