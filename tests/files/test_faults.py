"""Every system call of a write fails once, or is the writer's last, or the disk's (Linux: strace).

What must hold each time: config.json is the old one or the new one, whole; readers use what is in
it; what is said is true, and nothing is left lying about. `make test` takes calls that change
something, with one fault each: all of `use`, some of the others. DCTX_FAULTS=all takes every call
from the first that touches the config folder to the end, with every fault, DCTX_FAULTS=changing
every call that changes something. There is one test for each command and fault, so that a part can
be run by itself (-k "EIO and rename"). .build/faults.txt then has the numbers.

Left out are the calls before: Python's own start and imports, and what asks for memory, time or
signals, where no disk can fail. test_calls_are_those_of_the_program compares with a run from the
start.
"""

from __future__ import annotations

import copy as copying
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.standin import StandIn

from ..conftest import BUILD, Result
from .injection import ERRORS, FAULTS, TRACED, Call, Warm, calls, from_first, warmed
from .test_store import PROGRAM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace exists for Linux only")

Dctx = Callable[..., Result]
HOW = os.environ.get("DCTX_FAULTS", "")
SAVE = ["-u", "https://n.example.com", "-t", "-", "--no-check"]
COMMANDS = {
    "use": (["use", "staging"], ""),
    "auth": (["auth", "prod", *SAVE], "new"),
    "auth new": (["auth", "third", *SAVE], "new"),
    "auth first": (["auth", "prod", *SAVE], "new"),
    "rename": (["rename", "prod", "other"], ""),
    "remove": (["remove", "staging"], ""),
    "rotate": (["rotate", "acme"], ""),
}


class Place:
    """The config folder, what is in it before each run, and the panel that goes with it."""

    def __init__(self, folder: Path, panel: StandIn | None) -> None:
        self.folder, self.panel = folder, panel
        self._copy = folder.parent.parent / "before"
        if folder.exists():
            subprocess.run(["cp", "-a", folder, self._copy], check=True)  # times, hard links
        self._keys = copying.deepcopy(panel._state.keys) if panel else {}
        self._as_is = self.state()

    @property
    def config(self) -> Any:
        """config.json, which must be valid; None if there is no file."""
        path = self.folder / "config.json"
        return json.loads(path.read_text()) if path.exists() else None

    @property
    def works(self) -> set[str]:
        """The keys that the panel takes."""
        return {row.key for row in self.panel.keys} if self.panel else set()

    @property
    def left(self) -> list[str]:
        """The files that belong to no state of rest; the note of a key that is made does."""
        known = re.compile(r"config\.json|\.lock|index|\.dctx-key-.*\.json")
        names = [path.name for path in self.folder.glob("*") if not known.fullmatch(path.name)]
        return names + [path.name for path in self.folder.glob("index/.tmp")]

    def state(self) -> list[tuple[str, int, int, bytes]]:
        """Return everything that readers look at."""
        return [
            (
                str(path),
                info.st_mode,
                info.st_mtime_ns,
                path.read_bytes() if path.is_file() else b"",
            )
            for path in sorted(self.folder.rglob("*"))
            for info in [path.stat()]
        ]

    def seen(self) -> frozenset[object]:
        """Return the same as far as it matters to readers: which is older, which are one file."""
        config = self.folder / "config.json"
        own = config.stat() if config.exists() else None
        return frozenset(
            (
                re.sub(r"\d{16,}", "GEN", name),
                mode,
                re.sub(rb"\d{16,}", b"GEN", data),
                own and (time > own.st_mtime_ns) - (time < own.st_mtime_ns),
                own and Path(name).samefile(config),
            )
            for name, mode, time, data in self.state()
        )

    def is_as_before(self) -> bool:
        return self.state() == self._as_is

    def put_back(self) -> None:
        if not self.is_as_before():
            shutil.rmtree(self.folder, ignore_errors=True)
            if self._copy.exists():
                subprocess.run(["cp", "-a", self._copy, self.folder], check=True)
        if self.panel:
            self.panel._state.keys = copying.deepcopy(self._keys)


@pytest.fixture
def place(home: Path, config: Any, dctx: Dctx, name: str) -> Iterator[Place]:
    """A config folder of two profiles, compiled; beside it a CLI that says its key."""
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text('#!/bin/sh\necho "$DOKPLOY_PROFILE $DOKPLOY_API_KEY"\n')
    cli.chmod(0o755)
    folder = home / ".dokploy"
    with StandIn.seeded() as panel:
        if name != "auth first":
            more = {"acme": acme(panel)} if name == "rotate" else {}
            config("prod", "staging", **more)
            assert dctx("sync").code == 0
        yield Place(folder, panel if name == "rotate" else None)


def acme(panel: StandIn) -> dict[str, Any]:
    """Return a profile of the panel's Acme, with a key that dctx can delete."""
    organization = panel.organization("Acme")
    row = next(row for row in panel.keys if row.organization_id == organization.id)
    named = {"id": organization.id, "name": organization.name}
    return {"url": panel.url, "token": row.key, "keyId": row.id, "organization": named}


class Step(NamedTuple):
    """The fault of a call in a run; `old` and `new` are what config.json may be then."""

    call: Call
    fault: str
    ran: Result
    old: Any
    new: Any

    @property
    def mute(self) -> bool:
        """Whether dctx could not print anything any more."""
        return self.fault == "SIGKILL" or re.search(r"\(2<", self.call.line) is not None


def shown(data_home: Path, home: Path) -> str:
    """Return profile and key as the CLI sees them through the shim."""
    path = f"{data_home / 'shims'}:{home / 'bin'}:{os.environ['PATH']}"
    ran = subprocess.run(
        ["dokploy", "x"], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    return ran.stdout.strip()


def was_killed(step: Step) -> bool:
    """Return whether the fault was SIGKILL; holds that any other ended in lines of ours."""
    code, said = step.ran.code, step.ran.err
    if step.fault == "SIGKILL":
        assert code == -9
        return True
    lines = said.splitlines()
    assert all(line.startswith("dctx: ") or line[0].isupper() for line in lines), "a traceback"
    assert "Traceback" not in said, "a traceback"
    return False


def require_true(step: Step, now: Any) -> None:
    """What is in the file, the exit code and what was said agree."""
    code, said = step.ran.code, step.ran.err
    assert now in (step.old, step.new), "config.json is neither"
    if was_killed(step):
        return
    lines = said.splitlines()
    if code == 0:
        assert now == step.new, "success, and not done"
        return
    assert code in (1, 4, 6), "the exit code"
    if not step.mute:
        assert sum(line.startswith("dctx: ") for line in lines) == 1, "not one error"
        assert ("saved" in said) == (now != step.old), "what was said"
        assert "saved" not in said or "othing was changed" not in said


def require_true_rotation(step: Step, now: Any, works: set[str]) -> None:
    """The key in config.json works, and what is said of the old one is true."""
    code, said = step.ran.code, step.ran.err
    was, entry = step.old["profiles"]["acme"], now["profiles"]["acme"]
    assert entry["token"] in works, "a key that does not work"
    assert (entry != was) == (now != step.old), "config.json is neither"
    if was_killed(step):
        return
    lines = said.splitlines()
    if step.mute:
        return
    if entry == was:
        assert code in (1, 4, 5, 6), "the exit code"
        assert len(works) == 3 or "stays valid" in said, "a key that nobody knows of"
    else:
        assert "Key rotated for acme" in said
        assert "othing was changed" not in said
        assert ("The old key was deleted" in said) == (was["token"] not in works)
        assert ("stays valid" in said) or (was["token"] not in works)
        assert code == 0 or "saved, but" in lines[-1] or "stays valid" in lines[-1]


def require_read(now: Any, found: str) -> None:
    """Readers use what is in config.json."""
    default = (now or {}).get("currentProfile")
    if default is not None:
        expected = f"{default} {now['profiles'][default]['token']}"
        assert found == expected, "readers see another profile"


def require_clean(step: Step, place: Place) -> None:
    """Nothing is left that the next command would not delete."""
    if step.fault in ("SIGKILL", "dead") or step.call.name in ("unlink", "rmdir"):
        return
    assert not place.folder.exists() or step.old or place.config, "a folder is left"
    assert not place.left, "files are left"


def chosen(found: list[Call], fault: str, name: str) -> list[tuple[Call, str]]:
    """Return what to try: each call with this fault, or some of those that change something."""
    changing = [call for call in found if call.changes]
    if fault == "dead" or HOW == "changing":
        return [(call, fault) for call in changing]
    if HOW == "all":
        return [(call, fault) for call in found]
    some = changing[:: 1 if name == "use" else 3]
    errors = [(call, ERRORS[at % len(ERRORS)]) for at, call in enumerate(some)]
    more = [(call, fault) for call in some[::3] for fault in ("SIGKILL", "dead")]
    return errors + more


def tell(name: str, fault: str, steps: int, start: float) -> None:
    """Keep how many there were, and how long they took."""
    if HOW:
        with (BUILD / "faults.txt").open("a", encoding="utf-8") as file:
            file.write(f"{name}\t{fault}\t{steps}\t{time.monotonic() - start:.0f} s\n")


@contextmanager
def prepared(place: Place, name: str, folder: Path) -> Iterator[tuple[Warm, Any, list[Call]]]:
    """Yield dctx ready to run the command, config.json after it, and its calls."""
    words, stdin = COMMANDS[name]
    with warmed(folder) as warm:
        warm.warm(words, stdin)
        place.put_back()
        ran = warm.run(words, stdin)
        assert ran.result.code == 0, ran.result
        new = place.config
        place.put_back()
        yield warm, new, calls(ran.log)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("fault", FAULTS if HOW else ["some"])
@pytest.mark.timeout(1200 if HOW else 120)
def test_fault_at_any_call_of_a_write(
    name: str, fault: str, place: Place, home: Path, data_home: Path, tmp_path: Path
) -> None:
    words, stdin = COMMANDS[name]
    start, old, wrong, hits = time.monotonic(), place.config, [], 0
    known: set[frozenset[object]] = set()
    with prepared(place, name, tmp_path) as (warm, new, found):
        todo = chosen(from_first(found, place.folder), fault, name)
        for call, each in todo:
            ran = warm.run(words, stdin, call.injection(each, found))
            hits += "(INJECTED)" in ran.log or ran.result.code == -9
            step, now = Step(call, each, ran.result, old, new), place.config
            try:
                if name == "rotate":
                    require_true_rotation(step, now, place.works)
                else:
                    require_true(step, now)
                require_clean(step, place)
                if (seen := place.seen()) not in known:
                    require_read(now, shown(data_home, home))
                    known.add(seen)
                if each in ("SIGKILL", "dead") and name != "rotate" and place.left:
                    warm.run(["auth", "another", *SAVE], "key")
                    assert not place.left, "files are left for ever"
            except AssertionError as error:
                wrong.append(f"{error}\n  {each} at {call.line}\n  {step.ran}")
            place.put_back()
    tell(name, fault, len(todo), start)
    assert not wrong, f"{len(wrong)} of {len(todo)}:\n" + "\n".join(wrong)
    # Of the sockets' calls there may be one more or less.
    assert hits == len(todo) or (name == "rotate" and hits >= len(todo) * 0.95)


def on(folder: Path, found: list[Call]) -> list[str]:
    """Return the calls on the config folder, each with what it is on."""
    path = re.compile(re.escape(str(folder)) + r"[^\">]*")
    lines = [(call.name, path.findall(call.line)) for call in found]
    return [re.sub(r"[0-9a-f]{16,}", "NEW", f"{name} {paths}") for name, paths in lines if paths]


@pytest.mark.parametrize("name", COMMANDS)
def test_calls_are_those_of_the_program(name: str, place: Place, tmp_path: Path) -> None:
    """dctx with all modules imported does the same to our files as dctx from its start."""
    words, stdin = COMMANDS[name]
    log = tmp_path / "whole"
    with prepared(place, name, tmp_path) as (_, _, found):
        command = ["strace", "-o", str(log), "-y", "-s", "16", "-e", TRACED, PROGRAM, *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert on(place.folder, found) == on(place.folder, calls(log.read_text(errors="replace")))
