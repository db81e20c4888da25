"""dctx, imported already, forked for each run: what test_faults.py puts under strace.

Reads runs from stdin, one a line of JSON; answers with the pid of a process that is stopped and
about to begin, and with its exit code (negative: the signal) when it has ended.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys

PR_SET_PTRACER, ANYBODY = 0x59616D61, ctypes.c_ulong(-1)


def forked(run: dict[str, str]) -> bool:
    """Return whether this is the new process, which goes on once somebody wakes it."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, os.WUNTRACED)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        return False
    ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANYBODY, 0, 0, 0)  # else Ubuntu lets parents only
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC if number else os.O_RDONLY
        handle = os.open(run[name], flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    os.kill(os.getpid(), signal.SIGSTOP)
    return True


def main() -> None:
    """Fork until stdin ends; the forked one becomes `dctx` and does not return."""
    from dokploy_ctx.start import main as dctx

    asked = os.fdopen(os.dup(0), encoding="utf-8")  # stdin itself is not to be read from
    for line in iter(asked.readline, ""):
        run = json.loads(line)
        for name in run.get("modules", ()):
            importlib.import_module(name)
        if "words" in run and forked(run):
            asked.close()
            sys.argv[1:] = run["words"]
            try:
                dctx()
            finally:
                if run.get("list"):
                    with open(run["list"], "w", encoding="utf-8") as file:
                        json.dump(sorted(sys.modules), file)


del sys.path[0]  # this folder does not belong to dctx
sys.argv[0] = os.environ.pop("DCTX_TEST_PROGRAM")
main()
