"""One system call of a run of dctx fails, or is its last (Linux: strace)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..conftest import Result
from .test_store import PROGRAM

ERRORS = ("EIO", "ENOSPC", "EACCES", "EINVAL")
FAULTS = (*ERRORS, "SIGKILL", "dead")
# What a disk that is gone answers to whoever names a file.
_DISK = re.compile(
    r"(access|chmod|link\w*|l?stat|mkdir\w*|newfstatat|open\w*|rename\w*|rmdir|unlink\w*|utimensat)\("
)
# Calls that change what the next process, or the panel, finds.
_CHANGING = re.compile(
    r"(ch(mod|own)|connect|f?datasync|fallocate|fch(mod|own)\w*|fl?lock|fsync|ftruncate|lchown|link"
    r"|linkat|mkdir|mkdirat|pwrite64|rename\w*|rmdir|send\w+|unlink|unlinkat|utimensat|writev?"
    r"|open(at)?\(.*O_(CREAT|TRUNC)|close\(\d+<[^>]*\.lock>)"
)
_CALL = re.compile(r"(\w+)\(")
# What touches a file, a folder, a pipe or a socket, but not what only asks for memory.
TRACED = "trace=%file,%desc,%network"
_MEMORY = re.compile(r"mmap\(.*, -1, 0\)")


class Call(NamedTuple):
    """The `number`th system call of this name in a run; its line in strace's log."""

    name: str
    number: int
    line: str

    @property
    def changes(self) -> bool:
        return _CHANGING.match(self.line) is not None

    def injection(self, fault: str, found: list[Call]) -> list[str]:
        """Return the words for strace; `found`: all calls of the run."""
        if fault == "dead":
            names = {call.name: 0 for call in found if _DISK.match(call.line)}
            names |= {c.name: c.number for c in found[: found.index(self)] if c.name in names}
            each = [f"{name}:error=EIO:when={number + 1}+" for name, number in names.items()]
        else:
            how = "signal" if fault.startswith("SIG") else "error"
            each = [f"{self.name}:{how}={fault}:when={self.number}"]
        return [word for one in each for word in ("-e", f"inject={one}")]


def calls(log: str) -> list[Call]:
    """Return all calls of a log of one process."""
    numbers: dict[str, int] = {}
    found = []
    for line in log.splitlines():
        match = _CALL.match(line)
        if match and not line.startswith(("exit_group", "exit(")):
            numbers[match[1]] = numbers.get(match[1], 0) + 1
            found.append(Call(match[1], numbers[match[1]], line))
    return found


def from_first(found: list[Call], folder: Path) -> list[Call]:
    """Return the calls from the first on that touches `folder`, without those for memory."""
    first = next(at for at, call in enumerate(found) if str(folder) in call.line)
    return [call for call in found[first:] if not _MEMORY.match(call.line)]


class Ran(NamedTuple):
    result: Result
    log: str


class Warm:
    """dctx as it is with this environment; each run starts with all modules imported."""

    def __init__(self, process: subprocess.Popen[str], place: Path) -> None:
        self._process = process
        self._place = place

    def _ask(self, **run: object) -> int:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(run) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout
        return int(self._process.stdout.readline())

    def warm(self, words: list[str], stdin: str) -> None:
        """Import what the command imports: it is run once."""
        names = self._place / "modules"
        ran = self.run(words, stdin, names=names)
        assert ran.result.code == 0, ran.result
        assert self._process.stdin
        modules = [name for name in json.loads(names.read_text()) if name != "__main__"]
        self._process.stdin.write(json.dumps({"modules": modules}) + "\n")

    def run(
        self, words: list[str], stdin: str, injection: Sequence[str] = (), names: Path | None = None
    ) -> Ran:
        """Run `dctx` with these words, its calls failing as `injection` says."""
        stdio = {name: str(self._place / name) for name in ("stdin", "stdout", "stderr")}
        Path(stdio["stdin"]).write_text(stdin)
        log = self._place / "log"
        pid = self._ask(words=words, list=str(names) if names else "", **stdio)
        with subprocess.Popen(
            ["strace", "-o", log, "-y", "-s", "16", "-e", TRACED, *injection, "-p", str(pid)],
            stderr=subprocess.PIPE, text=True,
        ) as strace:  # fmt: skip
            assert strace.stderr
            said = strace.stderr.readline()
            assert "attached" in said, said
            os.kill(pid, signal.SIGCONT)
            code = self._answer()
        out, err = (Path(stdio[name]).read_text() for name in ("stdout", "stderr"))
        return Ran(Result(code, out, err), log.read_text(errors="replace"))


@contextmanager
def warmed(place: Path) -> Iterator[Warm]:
    """Yield a process that becomes dctx, with the environment of now, again and again."""
    with subprocess.Popen(
        [sys.executable, "-E", Path(__file__).with_name("warm.py")],
        env={**os.environ, "DCTX_TEST_PROGRAM": PROGRAM},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        yield Warm(process, place)
        assert process.stdin
        process.stdin.close()
