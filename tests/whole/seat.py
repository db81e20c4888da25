"""One shell in a terminal, for a whole sequence of steps, and what its next `dokploy` gets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..shells import READY, Shell, changed
from ..terminal import Terminal
from .desk import Desk
from .saved import Saved

COLOURS = {"session": "green", "default": "dim", "env": "cyan", "unknown": "yellow",
           "protected": "red"}  # fmt: skip
# The program in the official CLI's place: it prints what it got.
OFFICIAL = "#!/bin/sh\nexec /usr/bin/env -0\n"


class Ran(NamedTuple):
    """What a `dokploy` did in a terminal: what the CLI got, what the terminal itself exports."""

    code: int
    cli: dict[str, str]
    err: str
    environ: dict[str, str]


def pairs(path: Path) -> dict[str, str]:
    """Return the environment that `env -0` wrote."""
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    return dict(item.partition("=")[::2] for item in text.split("\0") if item)


class Seat:
    """A living shell, its model, and the last prompt that it drew."""

    def __init__(self, shell: Shell, home: Path, loaded: str, saved: Saved) -> None:
        self.shell, self.home = shell, home
        self.out = home / "out"
        self.desk = Desk(saved)
        dump = [f"/usr/bin/env -0 >{self.out}/{shell.name}.env",
                f"dokploy project all >{self.out}/{shell.name}.cli 2>{self.out}/{shell.name}.err",
                f"echo {shell.status} >{self.out}/{shell.name}.code"]  # fmt: skip
        body = "\n".join(dump)
        rc = [shell.define("t", body), loaded]
        self.term = Terminal(
            shell, hook=False, rc=rc, cwd=home / "plain", rows=24, columns=160
        ).start()  # fmt: skip
        self.heard = 0

    def line(self, text: str) -> str:
        """Type a line; return what was printed."""
        return self.term.line(text)

    @property
    def drawn(self) -> str:
        """Return what the prompt shows before the user's own text."""
        return self.term.prompt.removesuffix(READY)

    def dokploy(self) -> Ran:
        """Type `dokploy project all`, and note what a child of this terminal sees."""
        self.line("t")
        code, cli, err, environ = (
            Path(self.out, f"{self.shell.name}.{kind}") for kind in ("code", "cli", "err", "env")
        )
        said = err.read_text(errors="replace")
        return Ran(int(code.read_text()), pairs(cli), said, pairs(environ))

    def variable(self, name: str, value: str | None) -> str:
        """Return the line that sets and exports a variable by hand, or unsets it."""
        if value is None:
            return f"{self.shell.unset(name)} 2>{os.devnull}"
        return self.shell.export(name, value)

    def output(self) -> bytes:
        """Return all that the terminal was sent since the last call."""
        new, self.heard = self.term.raw[self.heard :], len(self.term.raw)
        return new


def folder_for(home: Path, folders: Mapping[str, Mapping[str, str]]) -> None:
    """Make a HOME with the folders and their `.env`."""
    (home / "out").mkdir(parents=True)
    for name, lines in folders.items():
        (home / name).mkdir()
        if lines:
            text = "".join(f"{key}={value}\n" for key, value in lines.items())
            (home / name / ".env").write_text(text)


def official_cli(folder: Path) -> dict[str, str]:
    """Put a `dokploy` into `folder` that prints its environment; return a PATH that ends there."""
    folder.mkdir(parents=True)
    (folder / "dokploy").write_text(OFFICIAL)
    (folder / "dokploy").chmod(0o755)
    path = [f for f in os.environ["PATH"].split(os.pathsep) if not Path(f, "dokploy").exists()]
    return changed(os.environ, {"PATH": os.pathsep.join([*path, str(folder)])})
