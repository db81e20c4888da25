"""Fixtures for every test. The shells are in shells.py, a real terminal is in terminal.py."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.errors import DctxError
from dokploy_ctx.files import store
from tests.standin import StandIn

from .shells import HOOKED, LEFT_OUT, PLAIN, ROOT, Shell, changed, decoded
from .terminal import Terminal

BUILD = ROOT / ".build"
# The only variables of the caller's environment that tests see, besides pytest's own.
KEPT = ("LOGNAME", "PATH", "TMPDIR", "USER", "PYTHONDONTWRITEBYTECODE", "__CF_USER_TEXT_ENCODING")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --update-golden, which writes the files in tests/golden instead of comparing."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Return a function that compares a text with the file tests/golden/NAME.txt."""

    def compare(name: str, text: str) -> None:
        path = ROOT / "tests" / "golden" / f"{name}.txt"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text == expected, f"{path.name} differs. Where that is meant: pytest --update-golden"

    return compare


def pytest_report_header() -> list[str]:
    """Name the shells that this run leaves out, so that nobody thinks they were tested."""
    return [f"left out: {shell.name}: {reason}" for shell, reason in LEFT_OUT.items()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test with the fixture `shell`, `sh` or `any_shell` once for each shell."""
    for name, shells in (("shell", HOOKED), ("sh", PLAIN), ("any_shell", [*HOOKED, *PLAIN])):
        if name in metafunc.fixturenames and not _has_parameter(metafunc, name):
            metafunc.parametrize(name, shells, ids=repr, indirect=True)


def _has_parameter(metafunc: pytest.Metafunc, name: str) -> bool:
    marks = metafunc.definition.iter_markers("parametrize")
    return any(name in str(mark.args[0]).replace(",", " ").split() for mark in marks)


def _installed(request: pytest.FixtureRequest) -> Shell:
    shell: Shell = request.param
    if not shell.program:
        pytest.fail(f"{shell.name} is not installed. Run: scripts/setup test")
    return shell


@pytest.fixture
def shell(request: pytest.FixtureRequest) -> Shell:
    """Each shell that has a hook: bash, bash-3.2, zsh, fish. See shells.py."""
    return _installed(request)


@pytest.fixture
def sh(request: pytest.FixtureRequest) -> Shell:
    """Each shell of plain scripts: dash, busybox."""
    return _installed(request)


@pytest.fixture
def any_shell(request: pytest.FixtureRequest) -> Shell:
    """Each shell there is."""
    return _installed(request)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a fresh HOME, which is also the working directory.

    The environment has no XDG_, DOKPLOY_ or DCTX_ variables, no proxy, and no prompt framework of
    the caller. PATH begins with .build/bin (dctx, dokploy, node) and has no other dokploy.
    """
    home = tmp_path / "home"
    home.mkdir(0o700)
    path = [str(BUILD / "bin")]
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if folder and folder not in path and not Path(folder, "dokploy").exists():
            path.append(folder)
    for name in list(os.environ):
        if name not in KEPT and not name.startswith("PYTEST_"):
            monkeypatch.delenv(name)
    fresh = {
        "HOME": str(home),
        "PATH": os.pathsep.join(path),
        "LANG": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8",
        "TERM": "xterm-256color",
        "SHELL": shutil.which("bash") or "/bin/bash",
    }
    for name, value in fresh.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home)
    return home


def settle(path: Path, seconds: int = 1_700_000_000) -> None:
    """Date config.json to a time long ago, and compile its index if it is not damaged.

    In the second of a change, and without an index, readers ask the core.
    """
    os.utime(path, (seconds, seconds))
    with contextlib.suppress(DctxError):
        store.sync(str(path.parent))


@pytest.fixture
def config(home: Path) -> Callable[..., Path]:
    """Return a builder of ~/.dokploy/config.json, which returns its path.

    config("staging", prod={"protected": True}, current="prod", extra={"theme": 1})

    Each profile has a url and a token made of its name; in a given dict a value replaces one of
    them and None removes it. `current` is the first profile unless said; None leaves it out.
    `extra` goes to the top level. Called again it replaces the file. The url's host has the letters
    of the name that a host may have. The file is old and its index compiled, as a user's is; not so
    with compiled=False, where whoever reads it has to ask the core.
    """
    unsaid = object()

    def build(
        *names: str,
        current: object = unsaid,
        extra: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        compiled: bool = True,
        **profiles: Mapping[str, Any],
    ) -> Path:
        rows = {}
        for name, own in {**{name: {} for name in names}, **profiles}.items():
            host = re.sub(r"[^A-Za-z0-9.-]", "-", name).strip("-.").lower() or "odd"
            row = {"url": f"https://{host}.example.com", "token": f"key-of-{name}", **own}
            rows[name] = {key: value for key, value in row.items() if value is not None}
        whole: dict[str, Any] = {}
        if current is unsaid:
            current = next(iter(rows), None)
        if current is not None:
            whole["currentProfile"] = current
        whole |= {"profiles": rows, **(extra or {})}
        folder = folder or home / ".dokploy"
        folder.mkdir(0o700, exist_ok=True)
        path = folder / "config.json"
        path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        path.chmod(0o600)
        if compiled:
            settle(path, next(times))
        return path

    times = itertools.count(1_700_000_000, 10)
    return build


@dataclass(frozen=True)
class Result:
    """What a program did."""

    code: int
    out: str
    err: str


@pytest.fixture
def dctx() -> Callable[..., Result]:
    """Return a function that runs the installed `dctx`, the core itself without any hook.

    dctx("auth", "prod", "-u", url, "-t", "-", stdin=key, env={"NO_COLOR": "1", "LANG": None})

    stdin is empty unless given; `env` changes the environment, None removes a variable.
    """
    program = Path(sys.executable).with_name("dctx")

    def run(
        *argv: str,
        stdin: str = "",
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        timeout: float = 60,
    ) -> Result:
        done = subprocess.run(
            [program, *argv],
            input=stdin.encode("utf-8", "surrogateescape"),
            env=changed(os.environ, env or {}),
            cwd=cwd,
            capture_output=True,
            timeout=timeout,
            start_new_session=True,  # no question reaches the terminal of whoever runs the tests
        )
        return Result(done.returncode, decoded(done.stdout), decoded(done.stderr))

    return run


@pytest.fixture(scope="session")
def data_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with hooks and shim, written once by the real `dctx init`."""
    folder = tmp_path_factory.mktemp("data")
    environ = {"HOME": str(folder), "PATH": os.defpath, "XDG_DATA_HOME": str(folder)}
    program = Path(sys.executable).with_name("dctx")
    subprocess.run([program, "init", "sh"], env=environ, check=True, capture_output=True)
    return folder / "dctx"


@pytest.fixture
def loaded(shell: Shell, data_home: Path) -> str:
    """Return the line that loads the static hook into `shell`: no Python is started by it."""
    return shell.source(data_home / f"hook.{shell.dialect}")


@pytest.fixture
def panel() -> Iterator[StandIn]:
    """A panel on loopback with the organizations Acme, Globex and Initech, one key for each."""
    with StandIn.seeded() as panel:
        yield panel


@pytest.fixture(scope="session")
def shared_cli() -> Iterator[Path]:
    """The official CLI that all tests share; no test may leave a config.json in its package."""
    program = BUILD / "cli" / "node_modules" / ".bin" / "dokploy"
    if not program.exists():
        pytest.fail("the official CLI is not installed. Run: scripts/setup test")
    legacy = BUILD / "cli" / "node_modules" / "@dokploy" / "cli" / "config.json"
    yield program
    if legacy.exists():
        legacy.unlink()
        pytest.fail(f"a test wrote {legacy}, where all others see it: it wants `private_cli`")


@pytest.fixture
def official_cli(shared_cli: Path) -> Path:
    """Return the real `dokploy` program from npm; it is on PATH too. For all but its `auth`."""
    return shared_cli


@pytest.fixture
def private_cli(shared_cli: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the package folder of a `dokploy` of this test's own, the first on PATH.

    Its config.json is the legacy file, which `dokploy auth` writes; the program is
    dist/index.js in it.
    """
    copy = tmp_path / "cli" / "node_modules"
    shutil.copytree(shared_cli.parent.parent, copy, symlinks=True)
    monkeypatch.setenv("PATH", f"{copy / '.bin'}{os.pathsep}{os.environ['PATH']}")
    return copy / "@dokploy" / "cli"


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Return a function that starts a shell in a terminal of its own: see terminal.Terminal.

    term = terminal(shell, rc=["alias ls=false"])
    """
    started: list[Terminal] = []

    def start(shell: Shell, **options: Any) -> Terminal:
        term = Terminal(shell, **options)
        started.append(term)
        return term.start()

    yield start
    for term in started:
        term.close()
