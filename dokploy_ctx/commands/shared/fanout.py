"""Run one command for many profiles: `dctx exec --match GLOB | --all [-j N]`.

Each line of output begins with the profile's name. Lines of different profiles are never mixed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO

from ...errors import DctxError
from ...model.profile import quoted, shown
from ...text.masking import first_words
from ...text.streams import laid_out

_CANCELLED = 130


@dataclass(frozen=True)
class Job:
    """A profile's name, and the environment for its command or the error that prevents it.

    `command` is run for this profile instead of the common command, if given.
    """

    name: str
    environ: Mapping[str, str] | None = None
    error: DctxError | None = None
    command: Sequence[str] = ()


class _Lines:
    """Writes whole lines to stdout and stderr from many threads, and knows about cancellation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.cancelled = False
        self.lost = ""  # why stdout failed, unless its reader closed it

    def copy(self, name: str, source: IO[bytes], handle: int) -> None:
        """Write each line of `source` to `handle`, after the name, until that fails."""
        prefix = f"{shown(name)}: ".encode("utf-8", "backslashreplace")
        with source:
            for line in source:
                ended = line if line.endswith(b"\n") else line + b"\n"
                if not self.write(handle, prefix + ended):
                    return

    def write(self, handle: int, data: bytes) -> bool:
        """Write all of `data`; return False if nobody reads any more, or the disk is full."""
        with self._lock:
            try:
                while data:
                    data = data[os.write(handle, data) :]
            except OSError as error:
                if handle == 1 and not isinstance(error, BrokenPipeError):
                    self.lost = error.strerror or str(error)
                return False
        return True

    def say(self, name: str, message: str) -> None:
        """Write a line of ours to stderr."""
        self.tell(f"{shown(name)}: dctx: {message}")

    def tell(self, message: str) -> None:
        """Write a message to stderr, as every other is laid out."""
        self.write(2, f"{laid_out(message)}\n".encode("utf-8", "backslashreplace"))


def run(command: Sequence[str], work: Sequence[Job], jobs: int) -> int:
    """Run `command` for each job, in the given order, up to `jobs` at the same time.

    Return the largest exit code (128 + N for a signal N, as in shells). The last line of output
    names the failed commands. Their stdin is empty. Ctrl-C reaches the commands, too. No command is
    started after it, nor after a command that ended with 130, which may get Ctrl-C before we do.
    """
    sys.stdout.flush()
    lines = _Lines()
    pool = ThreadPoolExecutor(jobs)
    try:
        codes = list(pool.map(lambda job: _one(command, job, lines), work))
    except KeyboardInterrupt:
        lines.cancelled = True
        pool.shutdown(cancel_futures=True)
        raise
    finally:
        pool.shutdown()
    failed = [f"{shown(j.name)} ({code})" for j, code in zip(work, codes, strict=True) if code]
    if failed and len(codes) > 1:
        lines.tell(f"dctx: {len(failed)} of {len(codes)} failed: {', '.join(failed)}.")
    if lines.lost:
        lines.tell(f"dctx: cannot read or write: {lines.lost}.")
    return max([*codes, int(bool(lines.lost))])


def _one(command: Sequence[str], job: Job, lines: _Lines) -> int:
    if job.environ is None:
        error = job.error or DctxError("its variables are not known. Run: dctx doctor")
        lines.say(job.name, str(error))
        return error.code
    if lines.cancelled:
        return _CANCELLED
    command = job.command or command
    try:
        process = subprocess.Popen(
            command,
            env=job.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    except OSError as error:
        lines.say(job.name, f"cannot run {quoted(first_words(command, 1))}: {error.strerror}.")
        return 127 if isinstance(error, FileNotFoundError) else 126
    assert process.stdout is not None
    assert process.stderr is not None
    other = threading.Thread(target=lines.copy, args=(job.name, process.stderr, 2))
    other.start()
    lines.copy(job.name, process.stdout, 1)
    other.join()
    code = process.wait()
    code = code if code >= 0 else 128 - code
    if code == _CANCELLED:
        lines.cancelled = True
    return code
