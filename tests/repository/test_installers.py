"""dctx as its users install it: pip --user, pipx, uv. All other tests use an editable install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..conftest import BUILD
from ..shells import BASH
from .test_package import wheel

__all__ = ["wheel"]
BASE = os.path.realpath(sys.executable)
BIN = Path(sys.executable).parent
WHEELS = BUILD / "wheels"
INSTALLERS = {
    "pip --user": [sys.executable, "-m", "pip", "--python", BASE, "install", "-q", "--user"],
    "pipx": [str(BIN / "pipx"), "install", "--backend", "uv", "--python", BASE],
    "uv": [str(BIN / "uv"), "tool", "install", "-q", "--python", BASE],
}
# Nothing but what scripts/setup has downloaded.
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_FIND_LINKS": str(WHEELS),
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_BREAK_SYSTEM_PACKAGES": "1",  # of a HOME that is made for the test
    "UV_NO_INDEX": "1",
    "UV_FIND_LINKS": str(WHEELS),
    "UV_OFFLINE": "1",
    "UV_NO_CONFIG": "1",
}


@pytest.mark.parametrize("name", INSTALLERS)
def test_installed_program_is_itself_wherever_it_is_started(
    name: str, wheel: Path, home: Path, config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    config("prod")
    assert list(WHEELS.glob("click-*.whl")), "no wheels. Run: scripts/setup test"
    done = subprocess.run(
        [*INSTALLERS[name], wheel],
        env={**os.environ, **OFFLINE},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    program = home / ".local" / "bin" / "dctx"
    repository = home / "repository"
    repository.mkdir()
    for module in ("click", "json", "signal", "inspect", "httpx"):
        (repository / f"{module}.py").write_text("print('of the repository')\n")
    monkeypatch.chdir(repository)
    env = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    for more in ({}, {"PYTHONPATH": "."}, {"PYTHONPATH": ".", "PYTHONSAFEPATH": "1"}):
        listing = subprocess.run(
            [program, "list", "-q"], env={**os.environ, **more}, capture_output=True, text=True
        )
        said = (listing.returncode, listing.stdout, listing.stderr)
        assert said == (0, "prod\n", ""), more
    # As hooks and shim start it, with what keeps Python alone from starting at all.
    ran = BASH.run(
        'eval "$(dctx init bash)"', "__dctx_load ask",
        'echo "$__dctx_python"', 'echo "$__dctx_bin"',
        "export PYTHONHOME=/nonexistent PYTHONPATH=.",
        '"$__dctx_python" -ESc "$__dctx_begin" "$__dctx_bin" list -q',
        env=env,
    )  # fmt: skip
    python, script, listed = ran.out.splitlines()
    assert (ran.err, listed) == ("", "prod")
    assert os.access(python, os.X_OK)
    assert script == str(program)
