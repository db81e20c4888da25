"""Standard streams as commands want them: open, and never the end of what is under way."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import IO

from . import wrapping
from .foreign import one_line
from .table import window


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
    return "\n".join(wrapping.message(one_line(message), window(sys.stderr)))


def warn(message: str) -> None:
    """Write a warning to stderr: the command goes on, and a person should look."""
    say(f"warning: {message}")


def discard(stream: IO[str]) -> None:
    """Let all that goes to `stream` from here on, and what it still holds, go nowhere."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
        os.dup2(null, stream.fileno())
        os.close(null)


class _Messages(io.TextIOWrapper):
    """stderr: a message that cannot be written is lost; the command and its exit code stay."""

    def write(self, text: str) -> int:
        """Write `text`; returns its length."""
        try:
            return super().write(text)
        except OSError:
            discard(self)
            return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except OSError:
            discard(self)


def prepare() -> None:
    """Open what the caller closed, and let no text that is foreign fail.

    A closed one is /dev/null, for the programs that we run, too: else the next file that anybody
    opens, such as config.json, is taken for it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest that is free: the closed one
            os.set_inheritable(handle, True)
            setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8", closefd=False))
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "backslashreplace")):
        stream.reconfigure(errors=errors)  # type: ignore[union-attr]
    sys.stderr = _Messages(
        os.fdopen(sys.stderr.fileno(), "wb", closefd=False),  # its own ends with the object
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
