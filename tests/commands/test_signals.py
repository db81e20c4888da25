"""Ctrl-C, SIGTERM and SIGHUP while keys are made or deleted; a second Ctrl-C ends any wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from . import in_process
from .conftest import profiles
from .test_nothing_lost import COMMANDS, OURS, prepare, unaccounted

PROGRAM = Path(sys.executable).with_name("dctx")


class Telling(StandIn):
    """A panel that calls `told` when the procedure `at` is asked for, before it does anything."""

    at = ""
    told: Callable[[], None]

    def _respond(self, request: Any) -> Any:
        if self.at and self.at in request.procedures:
            self.at = ""
            self.told()
        return super()._respond(request)


def started(argv: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PROGRAM, *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
def test_one_signal_ends_nothing_half_way(
    config: Callable[..., Path], home: Path, argv: list[str], number: signal.Signals
) -> None:
    with Telling.seeded() as panel:
        assert isinstance(panel, Telling)
        before = prepare(panel, config, argv, OURS)
        here_now = threading.Event()

        def told() -> None:
            here_now.wait(20)
            os.kill(process.pid, number)
            time.sleep(0.1)  # its handler writes a line first

        panel.told = told
        panel.at = "user.deleteApiKey" if argv[0] == "remove" else "user.createApiKey"
        process = started(argv)
        here_now.set()
        _, err = process.communicate(timeout=60)
        assert process.returncode == (130 if argv[1] == "sync" else 0), err
        assert "dctx: finishing the key that is being " in err
        then = in_process.run("verify", "--all")
        assert then.code == 0
        assert unaccounted(panel, home, before, "") == []
        wanted = {"orgs": 2, "rotate": 2, "remove": 1}[argv[0]]
        assert len(profiles(home)) == wanted


WAITS: dict[str, tuple[list[str], str, int]] = {
    "auth": (["auth", "acme", "--headers-command", 'echo \'{"X-A": "b"}\''], "user.get", 1),
    "verify": (["verify", "--all"], "user.get", 1),
    "orgs": (["orgs"], "user.get", 1),
    "orgs add": (COMMANDS[0], "user.createApiKey", 2),
    "orgs sync": (COMMANDS[1], "user.createApiKey", 2),
    "rotate": (COMMANDS[2], "user.createApiKey", 2),
    "rotate's delete": (COMMANDS[2], "user.deleteApiKey", 2),
    "remove --revoke": (COMMANDS[4], "user.deleteApiKey", 2),
    "doctor": (["doctor"], "settings.health", 1),
}


@pytest.mark.parametrize("how", WAITS)
def test_ctrl_c_ends_a_wait_for_a_panel_that_does_not_answer(
    config: Callable[..., Path], home: Path, how: str
) -> None:
    """A second Ctrl-C while a key is made or deleted: the error names the key; the note stays."""
    argv, at, presses = WAITS[how]
    with Telling.seeded() as panel:
        assert isinstance(panel, Telling)
        prepare(panel, config, ["rotate"], OURS)
        arrived = threading.Event()

        def told() -> None:
            arrived.set()
            panel._closing.wait(60)

        panel.told, panel.at = told, at
        process = started(argv)
        assert arrived.wait(60)
        for _ in range(presses):
            process.send_signal(signal.SIGINT)
            time.sleep(0.3)
        # The request would take 30 s more.
        _, err = process.communicate(timeout=20)
        assert process.returncode == 130, err
        assert err.splitlines()[-1].startswith("dctx: cancelled.")
        if presses == 2 and how != "remove --revoke":
            assert (
                f"on {panel.url} without a profile that has it. To check, run: dctx verify " in err
            )
            (note,) = (home / ".dokploy").glob(".dctx-key-*")
            assert note.stat().st_mode & 0o777 == 0o600
            assert not any(row.key in note.read_text() for row in panel.keys)
