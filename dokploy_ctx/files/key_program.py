"""Run the user's program that prints a key or headers, without a shell."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from ..errors import Cancelled, ConfigError, PanelError
from ..model.session import vault_environment
from ..text.masking import foreign, without_keys
from ..text.streams import say

if TYPE_CHECKING:
    import subprocess

VAULT_SECONDS = 60.0
# More than any key and its notes need. A program that never stops printing must not fill memory.
_MOST_BYTES = 65536
# How often to look whether the program has ended: a daemon that it left may keep its stdout open.
_POLL_SECONDS = 0.05


def is_main_thread() -> bool:
    """Return whether this is the main thread, which alone can handle signals."""
    import threading

    return threading.current_thread() is threading.main_thread()


def printed_by(command: list[str], what: str) -> bytes:
    """Return what the program prints, at most 64 KiB; `what` names the program in errors.

    Raises PanelError (exit 5) if it fails, ConfigError (exit 4) if its words cannot be a command
    line, Cancelled (exit 130) if the user stopped it.
    """
    output, code = _run(command, what)
    if code:
        how = f"was killed by signal {-code}" if code < 0 else f"failed with exit code {code}"
        raise PanelError(f"{what} {how}. Unlock the vault, or correct the command.")
    return output


def _run(command: list[str], what: str) -> tuple[bytes, int]:
    """Return what `command` prints, and its exit code.

    If our stderr is a terminal, the program writes there too, since it may ask for a passphrase.
    Otherwise stderr is a log that must not get the key, so its messages are passed on at the end,
    masked.

    The program is a process group of its own, so that everything it started can be killed after the
    time limit. The group is put into the foreground if we are, since it may ask for a passphrase.
    It reads the terminal and never our stdin, which is meant for the command that needs the key.
    """
    import signal
    import subprocess

    with _foreground() as (tty, ask):

        def begin() -> None:
            os.setpgid(0, 0)
            if ask:
                # A background process would be stopped by SIGTTOU here.
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
                with contextlib.suppress(OSError):
                    os.tcsetpgrp(tty, os.getpid())
                signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTTOU])

        try:
            process = subprocess.Popen(
                command,
                stdin=tty if tty >= 0 else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=None if os.isatty(2) else subprocess.PIPE,
                env=vault_environment(os.environ),
                preexec_fn=begin,  # noqa: PLW1509 - system calls only
            )
        except OSError as error:
            raise PanelError(f"{what} cannot be run: {error.strerror}.") from None
        except ValueError:  # NUL or a lone surrogate
            raise ConfigError(
                f"{what} contains a character that no command line can have. Save it again."
            ) from None
        try:
            output, said = _read(process, what)
        except BaseException:
            _end(process)
            raise
        if process.returncode == -signal.SIGINT:
            raise Cancelled("cancelled.")
        _pass_on(said.decode("utf-8", "replace"), output.decode("utf-8", "replace"), what)
        return output, process.returncode


def _pass_on(said: str, output: str, what: str) -> None:
    """Write the program's messages on stderr, without any part of what it printed on stdout."""
    secrets = re.findall(r"[^\s\"',;:{}]{6,}", output)
    text = without_keys(foreign(said, secrets))
    if text:
        say(f"{what} says: {text}")


@contextlib.contextmanager
def _foreground() -> Iterator[tuple[int, bool]]:
    """Yield the terminal (or -1), and whether we can lend it; take it back at the end."""
    import signal

    try:
        tty = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        yield -1, False
        return
    try:
        ours = os.getpgrp()
        lend = is_main_thread() and os.tcgetpgrp(tty) == ours
    except OSError:
        ours, lend = 0, False
    try:
        yield tty, lend
    finally:
        if lend:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])
            with contextlib.suppress(OSError):
                os.tcsetpgrp(tty, ours)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTTOU])
        os.close(tty)


def _read(process: subprocess.Popen[bytes], what: str) -> tuple[bytes, bytes]:
    """Return what `process` prints on stdout, and on stderr if that is a pipe to us."""
    import select
    import subprocess
    import time

    out: IO[bytes] | None = process.stdout
    assert out is not None
    texts = {pipe: b"" for pipe in (out, process.stderr) if pipe is not None}
    unfinished = list(texts)
    deadline = time.monotonic() + VAULT_SECONDS
    with contextlib.ExitStack() as pipes:
        for pipe in texts:
            pipes.enter_context(pipe)
        while True:
            ended = process.poll() is not None
            left = deadline - time.monotonic()
            if left <= 0:
                raise PanelError(f"{what} took over {VAULT_SECONDS:.0f} s. Is the vault locked?")
            if not unfinished:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(left)
            wait = 0 if ended or not unfinished else min(left, _POLL_SECONDS)
            ready = select.select(unfinished, [], [], wait)[0]
            for pipe in ready:
                chunk = os.read(pipe.fileno(), 4096)
                if not chunk:
                    unfinished.remove(pipe)
                elif len(texts[pipe]) <= _MOST_BYTES:
                    texts[pipe] += chunk
            if len(texts[out]) > _MOST_BYTES:
                raise PanelError(
                    f"{what} printed more than {_MOST_BYTES} bytes. Check that it prints one line."
                )
            if process.returncode is not None and not ready:
                return texts.pop(out), b"".join(texts.values())


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything in its process group."""
    import signal

    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(OSError):
            os.killpg(process.pid, number)
        with contextlib.suppress(Exception):
            process.wait(0.5)
    process.wait()
