"""Every system call of a write fails once, or is the writer's last (Linux: strace).

What must hold each time: config.json is the old one or the new one, whole; readers use what is in
it; and what is said is true. `make test` takes calls that change a file, with one fault each: all
of `use`, some of the others. DCTX_FAULTS=all takes every call on the folder with every fault.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.standin import StandIn

from ..conftest import Result
from .test_store import PROGRAM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace exists for Linux only")

Dctx = Callable[..., Result]
ALL = os.environ.get("DCTX_FAULTS") == "all"
FAULTS = ("EIO", "ENOSPC", "EACCES", "EINVAL", "SIGKILL")
CHANGING = (
    *("fchmod", "fchown", "fsync", "ftruncate", "link", "linkat", "mkdir", "mkdirat", "rename"),
    *("renameat", "renameat2", "rmdir", "unlink", "unlinkat", "utimensat", "write"),
)
LOOKING = (
    *("close", "flock", "fstat", "getdents64", "lstat", "newfstatat", "open", "openat"),
    *("read", "stat"),
)
CALL = re.compile(r"\d+ +(\w+)\(")
STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-y"]


class Step(NamedTuple):
    """The `number`th call of this name in a run, and the fault that befalls it."""

    call: str
    number: int
    fault: str

    @property
    def injection(self) -> str:
        how = "signal" if self.fault.startswith("SIG") else "error"
        return f"inject={self.call}:{how}={self.fault}:when={self.number}"


@pytest.fixture
def ready(home: Path, config: Any, dctx: Dctx) -> Path:
    """Return a config folder of two profiles, compiled; beside it a CLI that says its key."""
    path = config("prod", "staging")
    assert dctx("use", "prod").code == 0
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text('#!/bin/sh\necho "$DOKPLOY_PROFILE $DOKPLOY_API_KEY"\n')
    cli.chmod(0o755)
    folder: Path = path.parent
    return folder


def copied(folder: Path) -> Path:
    """Return a copy that can be put back: times and hard links are kept."""
    copy = folder.parent / "before"
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return copy


def put_back(folder: Path, copy: Path) -> None:
    shutil.rmtree(folder)
    subprocess.run(["cp", "-a", copy, folder], check=True)


def calls(log: Path, folder: Path) -> Iterator[tuple[str, int, str]]:
    """Yield name, number of that name, and line of the calls on the config folder."""
    numbers: dict[str, int] = {}
    for line in log.read_text(errors="replace").splitlines():
        match = CALL.match(line)
        if match:
            numbers[match[1]] = numbers.get(match[1], 0) + 1
            if str(folder) in line:
                yield match[1], numbers[match[1]], line


def steps(log: Path, folder: Path, every: int) -> list[Step]:
    """Return what to try: all; or of every so many calls that change something, one fault each."""
    found = [(name, number) for name, number, _ in calls(log, folder)]
    if ALL:
        return [Step(name, number, fault) for name, number in found for fault in FAULTS]
    some = [(name, number) for name, number in found if name in CHANGING][::every]
    return [Step(name, number, FAULTS[at % len(FAULTS)]) for at, (name, number) in enumerate(some)]


def run(words: list[str], log: Path, *options: str, stdin: str = "") -> Result:
    """Run dctx under strace."""
    trace = f"trace={','.join(('execve', *CHANGING, *LOOKING))}"
    done = subprocess.run(
        [*STRACE, "-o", log, "-e", trace, *options, PROGRAM, *words],
        input=stdin, capture_output=True, text=True, timeout=60, start_new_session=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


COMMANDS = {
    "use": (["use", "staging"], ""),
    "auth": (["auth", "prod", "-u", "https://n.example.com", "-t", "-", "--no-check"], "new"),
    "auth new": (["auth", "third", "-u", "https://n.example.com", "-t", "-", "--no-check"], "new"),
    "rename": (["rename", "prod", "other"], ""),
    "remove": (["remove", "staging"], ""),
}


def shown(data_home: Path, home: Path) -> str:
    """Return profile and key as the CLI sees them through the shim."""
    path = f"{data_home / 'shims'}:{home / 'bin'}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["dokploy", "x"], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    return ran.stdout.strip()


def check(step: Step, ran: Result, old: Any, new: Any, now: Any) -> None:
    """What is in the file, the exit code and what was said agree."""
    assert now in (old, new), step
    lines = ran.err.splitlines()
    assert "Traceback" not in ran.err, step
    assert all(line.startswith("dctx: ") or line[0].isupper() for line in lines), (step, ran.err)
    if step.fault == "SIGKILL":
        return
    if ran.code == 0:
        assert now == new, (step, ran.err)
        return
    assert ran.code in (1, 4), (step, ran)
    assert len(lines) == 1, (step, ran.err)
    if "saved" in ran.err:
        assert now == new, (step, ran.err)
        assert "othing was changed" not in ran.err
    else:
        assert now == old, (step, ran.err)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.timeout(3600 if ALL else 120)
def test_fault_at_any_call_of_a_write(
    name: str, ready: Path, home: Path, data_home: Path, dctx: Dctx, tmp_path: Path
) -> None:
    words, stdin = COMMANDS[name]
    config, log = ready / "config.json", tmp_path / "log"
    old = json.loads(config.read_text())
    copy = copied(ready)
    assert run(words, log, stdin=stdin).code == 0
    new = json.loads(config.read_text())
    todo = steps(log, ready, 1 if name == "use" else 3)
    if name == "use":
        assert {"fsync", "rename", "unlink", "link", "write"} <= {step.call for step in todo}
    for step in todo:
        ran, hit = Result(0, "", ""), False
        for _ in range(3):  # Python may make one call more when it has compiled a module anew
            put_back(ready, copy)
            ran = run(words, log, "-e", step.injection, stdin=stdin)
            hit = any("(INJECTED)" in line for _, _, line in calls(log, ready))
            if hit or step.fault == "SIGKILL":
                break
        assert hit or step.fault == "SIGKILL", (step, "no call on the folder was hit")
        now = json.loads(config.read_text())
        check(step, ran, old, new, now)
        default = now.get("currentProfile")
        if default is not None:
            expected = f"{default} {now['profiles'][default]['token']}"
            assert shown(data_home, home) == expected, (step, ran)
        left = {each.name for each in ready.iterdir()} - {"config.json", ".lock", "index"}
        may = (
            {".config.json.dctx-tmp"} if step.fault == "SIGKILL" or "unlink" in step.call else set()
        )
        assert left <= may, step
    assert dctx(*words, stdin=stdin).code in (0, 3)
    assert not list(ready.glob(".config*"))


def at_panel(panel: StandIn, folder: Path) -> dict[str, Any]:
    """Save the panel's Acme, with a key that dctx could delete, and return the file's data."""
    organization = panel.organization("Acme")
    row = next(row for row in panel.keys if row.organization_id == organization.id)
    acme: dict[str, Any] = {"url": panel.url, "token": row.key, "keyId": row.id}
    acme["organization"] = {"id": organization.id, "name": organization.name}
    data: dict[str, Any] = json.loads((folder / "config.json").read_text())
    data["profiles"]["acme"] = acme
    (folder / "config.json").write_text(json.dumps(data))
    return data


@pytest.mark.timeout(3600 if ALL else 120)
def test_fault_at_any_call_of_rotate(ready: Path, dctx: Dctx, tmp_path: Path) -> None:
    """The key in config.json works, and what is said of the old one is true."""
    config, log, words = ready / "config.json", tmp_path / "log", ["rotate", "acme"]
    copy = copied(ready)
    with StandIn.seeded() as panel:
        at_panel(panel, ready)
        assert dctx("sync").code == 0
        assert run(words, log).code == 0
        todo = steps(log, ready, 3)
    hits = 0
    for step in todo:
        put_back(ready, copy)
        with StandIn.seeded() as panel:
            old = at_panel(panel, ready)
            assert dctx("sync").code == 0
            ran = run(words, log, "-e", step.injection)
            # Of the sockets' calls there may be one more or less.
            hits += "(INJECTED)" in log.read_text(errors="replace") or step.fault == "SIGKILL"
            now = json.loads(config.read_text())
            works = {row.key for row in panel.keys}
        lines = ran.err.splitlines()
        assert "Traceback" not in ran.err, step
        assert all(line.startswith("dctx: ") or line[0].isupper() for line in lines), (
            step,
            ran.err,
        )
        was, entry = old["profiles"]["acme"], now["profiles"]["acme"]
        assert entry["token"] in works, (step, ran)
        assert (entry != was) == (now != old)
        if step.fault == "SIGKILL":
            continue
        if entry == was:
            assert ran.code != 0, (step, ran)
            assert len(works) == 3 or "still works" in ran.err, (step, ran)
        else:
            assert "Key rotated for acme" in ran.err, (step, ran)
            assert "othing was changed" not in ran.err, (step, ran)
            assert ran.code == 0 or "saved, but" in lines[-1], (step, ran)
            assert ("The old key was deleted" in ran.err) == (was["token"] not in works), (
                step,
                ran,
            )
    assert hits >= len(todo) * 0.8
