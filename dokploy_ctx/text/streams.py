"""Standard streams that are always open, and whose failures never end a command."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import IO

from .foreign import one_line
from .terminal import window


def say(message: str) -> None:
    """Write one message to stderr behind the program's name; stdout is for data."""
    tell(f"dctx: {message}")


def tell(message: str) -> None:
    """Write one message to stderr without a prefix: what was done, or what a person should know.

    Cleaned here, at the door: whatever a panel or a file says in it moves no cursor, reorders no
    text and ends no line. A pipe or a file gets one line, which a program can look for; on a
    terminal the message is broken at blanks.
    """
    sys.stderr.write(f"{laid_out(message)}\n")


def laid_out(message: str) -> str:
    """Return a message as it is written to stderr, without the end of its last line."""
    text, columns = one_line(message), window(sys.stderr)
    if not columns:
        return text
    from . import wrapping

    return "\n".join(wrapping.message(text, columns))


def warn(message: str) -> None:
    """Write a warning to stderr: the command goes on, but a person should know."""
    say(f"warning: {message}")


def discard(stream: IO[str]) -> None:
    """Drop everything that is written to `stream` from now on, and what it still buffers."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, stream.fileno())
        os.close(null)


class _Messages(io.TextIOWrapper):
    """A stderr that drops messages that cannot be written, so that the exit code stays right."""

    def write(self, text: str) -> int:
        """Write `text`; return its length."""
        try:
            return super().write(text)
        except OSError:
            discard(self)
            return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        try:
            super().flush()
        except OSError:
            discard(self)


def prepare() -> None:
    """Open the standard streams that the caller closed, and let them take any foreign text.

    A closed stream becomes /dev/null, also for the programs that we run. Otherwise the next file
    that is opened, such as config.json, would get its number and what is meant for the stream.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest number: the closed one
            os.set_inheritable(handle, True)
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8", closefd=False))
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        stream.reconfigure(errors=errors)  # type: ignore[union-attr]
    sys.stderr = _Messages(
        os.fdopen(sys.stderr.fileno(), "wb", closefd=False),  # the old object would close its own
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
