"""Run `dctx` in a fork of this process, which is as real as a new one and ten times faster."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from pathlib import Path

from dokploy_ctx import cli
from dokploy_ctx.text import streams


def forked(argv: list[str], folder: Path) -> tuple[int, bytes, str]:
    """Run `dctx ARGV`, which may become another program; return its code, stdout and stderr."""
    out, err = folder / "stdout", folder / "stderr"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status), out.read_bytes(), err.read_text(errors="replace")
    code = 70
    with contextlib.suppress(BaseException):
        null = os.open(os.devnull, os.O_RDWR)
        for number, path in enumerate((None, out, err)):
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(null if path is None else os.open(path, flags), number)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, closefd=False)  # noqa: SIM115 - until _exit
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.setsid()  # nobody is asked
        streams.prepare()
        code = cli._run(argv)
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
