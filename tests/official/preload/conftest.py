"""Run the official CLI through the shim, as the profile `prod` of a panel."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.standin import StandIn

from ...conftest import BUILD, Result
from ...network import Proxy, Tls
from ...shells import changed, decoded

# `make matrix` runs the tests with other versions: folders with `node`, and with `dokploy`.
NODE = Path(os.environ.get("DCTX_MATRIX_NODE") or BUILD / "bin")
CLI = Path(os.environ.get("DCTX_MATRIX_CLI") or BUILD / "cli" / "node_modules" / ".bin")

# What the CLI does with `.env` (client.js of 0.30.7), and then all that it and a child see.
FAKE_CLI = """#!/usr/bin/env node
const fs = require("fs");
for (const line of fs.existsSync(".env") ? fs.readFileSync(".env", "utf8").split("\\n") : []) {
    const at = line.indexOf("=");
    const name = line.slice(0, at);
    const mayFill = process.env.OVERWRITE || !process.env[name];
    if (at > 0 && mayFill) process.env[name] = line.slice(at + 1);
}
const script = "console.log(JSON.stringify(process.env))";
const child = require("child_process").execFileSync(process.execPath, ["-e", script]);
console.log(JSON.stringify({ own: { ...process.env }, child: JSON.parse(child) }));
"""


@dataclass
class Seen:
    """The environment in a CLI, that of a child of it, and what was said on stderr."""

    own: dict[str, str]
    child: dict[str, str]
    err: str


@dataclass
class Shim:
    """The shim in the data folder `data`, first on PATH before Node and the CLI."""

    data: Path
    home: Path
    cli: Path = CLI

    def environ(self, env: Mapping[str, str | None] | None = None) -> dict[str, str]:
        """Return the environment of a run."""
        rest = os.environ["PATH"].split(os.pathsep)
        folders = [str(self.data / "shims"), str(self.cli), str(NODE), *rest]
        return changed(
            os.environ, {"PATH": os.pathsep.join(folders), "NO_COLOR": "1", **(env or {})}
        )

    def run(self, *words: str, env: Mapping[str, str | None] | None = None) -> Result:
        """Run `dokploy` with these words in the home folder."""
        done = subprocess.run(
            ["dokploy", *words],
            env=self.environ(env),
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            start_new_session=True,
        )
        return Result(done.returncode, decoded(done.stdout), decoded(done.stderr))

    def program(self, text: str, name: str = "dokploy") -> Path:
        """Put a program of these lines in the CLI's place; return its folder."""
        folder = self.home / "fake"
        folder.mkdir(exist_ok=True)
        file = folder / name
        file.write_text(text)
        file.chmod(0o755)
        self.cli = folder
        return folder

    def dotenv(self, *lines: str) -> None:
        """Write a `.env` of these lines."""
        (self.home / ".env").write_text("\n".join([*lines, ""]))

    def seen_by_cli(self, env: Mapping[str, str | None] | None = None) -> Seen:
        """Return what a CLI sees in its environment, after it took what it could from `.env`."""
        self.program(FAKE_CLI)
        ran = self.run("project", "all", env=env)
        assert ran.code == 0, ran.err
        return Seen(**json.loads(ran.out), err=ran.err)


@pytest.fixture
def shim(home: Path, data_home: Path, panel: StandIn, save: Callable[..., None]) -> Shim:
    """Return the shim, with the profile `prod` of `panel` as the default."""
    save(url=panel.url, token=panel.key_of("Acme"))
    return Shim(data_home, home)


@pytest.fixture
def save(config: Callable[..., Path]) -> Callable[..., None]:
    """Return a function that makes `prod` with these fields the only profile, and compiles it."""

    times = itertools.count(1_700_000_000)

    def save(**fields: object) -> None:
        # An index of the current second would be compiled anew by each shim that looks at it.
        when = next(times)
        os.utime(config(prod=fields), (when, when))
        program = Path(sys.executable).with_name("dctx")
        subprocess.run([program, "sync"], check=True, capture_output=True)

    return save


@pytest.fixture
def stranger() -> Iterator[Proxy]:
    """A proxy that a `.env` names: it keeps all that it gets, and passes nothing on."""
    with closing(Proxy(forwards=False)) as proxy:
        yield proxy


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """The user's own proxy."""
    with closing(Proxy()) as proxy:
        yield proxy


@pytest.fixture
def tls(panel: StandIn, tmp_path: Path) -> Iterator[Tls]:
    """TLS in front of `panel`."""
    with closing(Tls(panel, tmp_path)) as tls:
        yield tls
