"""Which `dokploy` the programs find that do not run in this terminal's shell.

A start-up file may put another folder first on PATH, and npm does so for its scripts. Where that
hides the wrapper, a `dokploy` there knows no profile by name and no default.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..files.home import shown_path
from ..model.profile import word
from ..official import installed
from . import rows

_SECONDS = 5.0  # a start-up file may wait for anything
_ASK = 'printf "\\n%s" "$(command -v dokploy)"'


class Launcher(NamedTuple):
    """A program that runs commands: its command line here, and what it reads from stdin."""

    name: str
    command: Sequence[str]
    file: str  # at whose end PATH can be set for it, or ""
    stdin: str = ""


def _launchers(environ: Mapping[str, str]) -> Iterator[Launcher]:
    for row in rows.every():
        if row.runs:
            yield Launcher(" ".join(row.runs), (*row.runs, _ASK), row.path_file(environ))
    # It reads none of this folder's files: a Makefile may run anything.
    yield Launcher("make", ("make", "-s", "-f", "-"), "", f"all:\n\t@{_ASK.replace('$', '$$')}\n")


def found(environ: Mapping[str, str], shims: str) -> Iterator[tuple[str, str]]:
    """Yield what finds another dokploy than the wrapper, and what to do about it.

    Last, with nothing to do, who finds the wrapper, and who finds no dokploy at all.
    """
    alike, nothing = [], []
    for launcher in _launchers(environ):
        program = _asked(launcher, environ)
        if program is None:
            continue
        if not program:
            nothing.append(launcher.name)
        elif installed.is_shim(program):
            alike.append(launcher.name)
        else:
            what = f"{launcher.name} finds {shown_path(program)}, not the dokploy wrapper"
            yield what, _remedy(launcher, shims)
    local = _of_npm(os.getcwd())
    if local and not installed.is_shim(local):
        what = f"npm run and npx find {shown_path(local)}, not the dokploy wrapper"
        yield what, "Run them with: dctx exec NAME -- npm run SCRIPT"
    else:
        alike.append("npm run")
    if nothing:
        yield f"{', '.join(nothing)}: no dokploy is found there, since PATH is set anew", ""
    yield f"the dokploy wrapper is also found by: {', '.join(alike)}", ""


def _remedy(launcher: Launcher, shims: str) -> str:
    if not launcher.file:
        return f"Run it with: dctx exec NAME -- {launcher.name}"
    return f"Add to the end of {shown_path(launcher.file)}: PATH={word(shims)}:$PATH"


def _of_npm(folder: str) -> str:
    """Return the dokploy that npm's scripts find in `folder` before PATH, "" where there is none.

    npm puts node_modules/.bin of the folder and of all above it first.
    """
    while True:
        program = os.path.join(folder, "node_modules", ".bin", "dokploy")
        if os.path.exists(program):
            return program
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above


def _asked(launcher: Launcher, environ: Mapping[str, str]) -> str | None:
    """Return the dokploy that is found by a launcher: "" for none, None where it cannot tell."""
    if not shutil.which(launcher.command[0]):
        return None
    try:
        process = subprocess.Popen(
            launcher.command,
            stdin=subprocess.PIPE if launcher.stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,  # what a start-up file asks reaches no terminal
        )
    except OSError:
        return None
    with process:
        try:
            output, _ = process.communicate(launcher.stdin.encode() or None, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)  # and all that it started
            return None
    if b"\n" not in output:
        return None
    program = os.fsdecode(output).rpartition("\n")[2]
    return program if not program or (os.path.isabs(program) and os.path.isfile(program)) else None
