"""`python -m tests.standin`, as the demo starts it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def run(*argv: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.standin", *argv],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def ready(process: subprocess.Popen[str], path: Path) -> Any:
    """Return what the ready file says, once it is there."""
    for _ in range(1000):
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("no ready file")


def name_of(url: str, key: str) -> str:
    request = urllib.request.Request(f"{url}/api/trpc/organization.active")
    request.add_header("x-api-key", key)
    with urllib.request.urlopen(request, timeout=20) as answer:
        name = json.load(answer)["result"]["data"]["json"]["name"]
    assert isinstance(name, str)
    return name


def test_ready_file_tells_url_and_keys_and_is_private(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    process = start("--ready-file", str(path))
    told = ready(process, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [name for name in os.listdir(tmp_path) if name != "home"] == ["ready.json"]
    assert set(told) == {"url", "organizations"}
    assert [row["name"] for row in told["organizations"]] == ["Acme", "Globex", "Initech"]
    for row in told["organizations"]:
        assert set(row) == {"id", "name", "key"}
        assert name_of(told["url"], row["key"]) == row["name"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_cleanly_and_no_key_was_printed(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "ready.json"
    process = start("--ready-file", str(path))
    told = ready(process, path)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert (out, err) == (f"stand-in panel on {told['url']}\n", "")
    with pytest.raises(urllib.error.URLError):
        name_of(told["url"], told["organizations"][0]["key"])


def test_old_ready_file_is_replaced(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o644)
    process = start("--ready-file", str(path))
    for _ in range(1000):
        if ready(process, path):
            break
        time.sleep(0.02)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_ends_when_its_parent_is_gone(start: Start, tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    path = tmp_path / "ready.json"
    process = start("--ready-file", str(path), "--parent", str(parent.pid))
    ready(process, path)
    assert process.poll() is None
    parent.communicate(b"\n")
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_port_can_be_chosen(start: Start, tmp_path: Path) -> None:
    first = start("--ready-file", str(tmp_path / "first"))
    url = ready(first, tmp_path / "first")["url"]
    first.terminate()
    first.communicate(timeout=60)
    second = start("--port", url.rpartition(":")[2], "--ready-file", str(tmp_path / "second"))
    assert ready(second, tmp_path / "second")["url"] == url


def test_version_is_played(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "ready"
    process = start("--ready-file", str(path), "--version", "v0.28.3")
    row = ready(process, path)
    with pytest.raises(urllib.error.HTTPError) as error:
        name_of(row["url"], row["organizations"][0]["key"])
    with error.value as answer:
        assert answer.code == 404


def test_version_that_is_not_known_is_refused(start: Start) -> None:
    process = start("--version", "v9.9.9")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "v0.19.0" in err
