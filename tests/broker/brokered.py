"""A command that runs through a broker, with helpers for tests."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

# The command prints its environment, and runs until its stdin is closed.
WAITS = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"


@dataclass
class Brokered:
    """A command that runs through a broker: its process, and the environment that it was given."""

    process: subprocess.Popen[str]
    environ: dict[str, str]

    @property
    def url(self) -> str:
        return self.environ["DOKPLOY_URL"]

    @property
    def key(self) -> str:
        return self.environ["DOKPLOY_API_KEY"]

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def raw(self, data: bytes, wait: float = 30.0) -> bytes:
        """Return what comes back for `data`, until the broker closes or `wait` is over."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as sock:
            out = b""
            with contextlib.suppress(OSError):
                sock.sendall(data)
                while more := sock.recv(65536):
                    out += more
        return out

    def ask(self, line: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Return status and body of one request with the broker's own key, e.g. "GET /api/…"."""
        given = {"host": f"127.0.0.1:{self.port}", "x-api-key": self.key, "connection": "close"}
        if body or line.startswith("POST"):
            given |= {"content-type": "application/json", "content-length": str(len(body))}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value != "-")
        answer = self.raw(f"{line} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)
        status, _, rest = answer.partition(b"\r\n\r\n")
        return int(status.split(b" ", 2)[1]) if status else 0, rest

    def end(self) -> None:
        """Let the command end by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)

    def brokers(self) -> list[int]:
        """Return the broker's processes: those that listen on its port."""
        return listeners(self.port)


def listeners(port: int) -> list[int]:
    """Return the processes that listen on `port` of loopback."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if words[3] == "0A" and int(words[1].split(":")[1], 16) == port:
            inodes.add(words[9])
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                names = [_link(fd) for fd in (entry / "fd").iterdir()]
                if any(f"socket:[{inode}]" in names for inode in inodes):
                    found.append(int(entry.name))
    return found


def _link(path: Path) -> str:
    """Return the target of the link `path`, "" if it does not exist any more."""
    try:
        return os.readlink(path)
    except OSError:
        return ""


def until(check: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Wait until `check` is true; return whether that happened in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.02)
    return check()
