"""A broker as users start it: `dctx exec --read-only prod -- COMMAND`, and the stand-in panel."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from .brokered import WAITS, Brokered, until


@pytest.fixture
def prod(panel: StandIn, config: Callable[..., Path]) -> str:
    """Save the profile prod for the stand-in's organization Acme; returns its key."""
    key = panel.key_of("Acme")
    config(prod={"url": panel.url, "token": key, "organization": {"id": "o1", "name": "Acme"}})
    return key


@pytest.fixture
def brokered(prod: str) -> Iterator[Callable[..., Brokered]]:
    """Return a function that starts a command through a broker, with the options of `exec`."""
    running: list[Brokered] = []

    def start(
        *options: str, env: Mapping[str, str] | None = None, command: str = WAITS
    ) -> Brokered:
        process = subprocess.Popen(
            [
                "dctx",
                "exec",
                *(options or ("--read-only",)),
                "prod",
                "--",
                sys.executable,
                "-c",
                command,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **(env or {})},
            text=True,
        )
        assert process.stdout is not None
        environ: dict[str, Any] = json.loads(process.stdout.readline())
        running.append(Brokered(process, environ))
        return running[-1]

    yield start
    for each in running:
        if each.process.poll() is None:
            each.process.send_signal(signal.SIGKILL)
            each.process.wait()
        for pipe in (each.process.stdin, each.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        assert until(lambda each=each: not each.brokers()), "the broker outlived its command"  # type: ignore[misc]
