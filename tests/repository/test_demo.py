"""`make demo`, played by nobody and typed by somebody; both leave nothing behind."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..shells import ROOT, Shell
from ..terminal import ENTER, Terminal

DEMO = ROOT / "scripts" / "demo.py"
PROMPT = {"bash": r"\$ ", "zsh": "% ", "fish": "> "}
ROOT_PROMPT = {"bash": "# ", "zsh": "# ", "fish": "> "}


def port_of(text: str) -> int:
    found = re.search(r"http://127\.0\.0\.1:(\d+)", text)
    assert found, text
    return int(found[1])


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def test_without_a_terminal_it_plays_the_tour(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, DEMO, tmp_path / "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("\ndemo: 11 steps, each as it should be\n")
    assert "$ dctx staging\n" in done.stdout
    assert '"name": "globex-shop"' in done.stdout
    assert not listens(port_of(done.stdout))


def test_banner_breaks_no_word_at_80_columns() -> None:
    spec = importlib.util.spec_from_file_location("demo", DEMO)
    assert spec is not None and spec.loader is not None
    demo = importlib.util.module_from_spec(spec)
    sys.modules["demo"] = demo  # for its dataclasses
    try:
        spec.loader.exec_module(demo)
        home = Path("/", "a" * 90)
        lines = demo.banner("fish", home).splitlines()
    finally:
        del sys.modules["demo"]
    assert lines.count(str(home)) == 1
    assert max(len(line) for line in lines if line != str(home)) <= 78
    typed = [line[4:].partition("  ")[0] for line in lines if line.startswith("    d")]
    assert typed.index("dctx staging") < typed.index("dctx client") < typed.index("dctx -")


def test_a_step_that_fails_fails_the_demo(tmp_path: Path) -> None:
    script = tmp_path / "demo.py"
    text = DEMO.read_text(encoding="utf-8").replace('"globex-shop"', '"no-such-shop"')
    script.write_text(text.replace("Path(__file__).resolve()", f"Path({str(DEMO)!r})"))
    done = subprocess.run(
        [sys.executable, script, tmp_path / "demo"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1
    assert "did not say '\"no-such-shop\"'" in done.stderr
    assert not listens(port_of(done.stdout))


@pytest.fixture
def demo(terminal: Callable[..., Terminal], shell: Shell, tmp_path: Path) -> tuple[Terminal, int]:
    """The demo in a terminal, with its prompt there, and the panel's port."""
    term = terminal(
        shell,
        command=[sys.executable, DEMO, tmp_path / "demo"],
        ready=(ROOT_PROMPT if os.getuid() == 0 else PROMPT)[shell.dialect],
        env={"SHELL": str(shell.program) if shell.name != "bash-3.2" else "/bin/bash"},
    )
    return term, port_of(term.screen)


def test_with_a_terminal_the_users_shell_has_everything(
    demo: tuple[Terminal, int], home: Path
) -> None:
    term, port = demo
    assert "Type:" in term.screen
    assert "(prod:Acme)" in term.prompt
    term.type("dctx staging" + ENTER)
    term.wait(lambda: "(staging:Globex)" in term.prompt and term.at_prompt)
    term.type("dokploy organization active" + ENTER)
    term.wait(lambda: '"name": "Globex"' in term.screen and term.at_prompt)
    term.type("echo $HOME; type dokploy" + ENTER)
    term.wait(lambda: f"{home.parent}/demo/home/" in term.screen and term.at_prompt)
    assert listens(port)
    assert term.exit("exit 3") == 0
    assert not listens(port)
    assert list(home.iterdir()) == []


def test_a_closed_window_ends_shell_and_panel(demo: tuple[Terminal, int]) -> None:
    term, port = demo
    os.kill(term.pid, signal.SIGHUP)
    term.wait(lambda: term.ended, "the end of the demo")
    assert not listens(port)
