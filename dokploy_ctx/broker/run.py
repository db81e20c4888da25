"""The broker's process, which serves until its command has ended.

start.py starts it in a session of its own, without a terminal, as `python -E -c … SOCKET PIPE PIDFD
LOG`. The four words are the numbers of open files, -1 for none.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import sys

from aiohttp import web

from . import clients, proxy
from .settings import Settings, loads

_POLL_SECONDS = 0.5
_MOST_FILES = 4096


def main() -> None:
    """Run the broker with the numbers in sys.argv."""
    _hide_memory()
    _raise_limit()
    listening, pipe, pidfd, log = (int(number) for number in sys.argv[1:5])
    with os.fdopen(pipe, "rb") as file:
        data = file.read()
    if not data:  # the core ended before it sent the settings
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    asyncio.run(_serve(loads(data), socket.socket(fileno=listening), pidfd, log))


def _hide_memory() -> None:
    """Hide this process's memory, which contains the key, from other programs of the same user.

    On Linux only root can read the memory of a process that is not dumpable.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def _raise_limit() -> None:
    """Allow this process more open files than the user's shell (256 on macOS)."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _serve(settings: Settings, listening: socket.socket, pidfd: int, log: int) -> None:
    port = listening.getsockname()[1]
    hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
    broker = proxy.Proxy(settings, hosts, log if log >= 0 else None)
    async with proxy.connection() as session:
        broker.session = session
        runner = web.ServerRunner(clients.server(broker.handle), shutdown_timeout=0.0)
        await runner.setup()
        await web.SockSite(runner, listening, backlog=128).start()
        try:
            await _until_gone(settings.pid, pidfd)
        finally:
            broker.close()
            _say(broker.summary(), settings)
            with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
                await asyncio.wait_for(runner.cleanup(), 1.0)
            # Do not wait for a thread that masks a large answer, which nobody needs any more.
            os._exit(0)


async def _until_gone(pid: int, pidfd: int) -> None:
    """Wait until the command's process has ended, for whatever reason."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    if pidfd >= 0:
        loop.add_reader(pidfd, gone.set)
    elif sys.platform != "linux":
        queue = select.kqueue()
        watch = select.kevent(pid, select.KQ_FILTER_PROC, select.KQ_EV_ADD, select.KQ_NOTE_EXIT)
        try:
            queue.control([watch], 0)
        except ProcessLookupError:
            return
        loop.add_reader(queue.fileno(), gone.set)
    else:  # Linux before 5.3
        while _lives(pid):
            await asyncio.sleep(_POLL_SECONDS)
        return
    await gone.wait()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _say(line: str, settings: Settings) -> None:
    """Write the last line to the terminal if the command still has it.

    Once the user's shell has it back, the line would be written into a prompt.
    """
    if not line or not settings.terminal or _foreground(settings.parent) != settings.group:
        return
    with contextlib.suppress(OSError):
        terminal = os.open(settings.terminal, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            os.write(terminal, f"{line}\r\n".encode())
        finally:
            os.close(terminal)


def _foreground(pid: int) -> int:
    """Return the foreground process group of the terminal of process `pid`, or -1."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[5])
    except (OSError, ValueError, IndexError):
        return -1
