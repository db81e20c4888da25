"""Where a `dokploy` is found that is not our shim, though this terminal finds the shim.

A start-up file that every shell reads may put another folder first on PATH, and npm does so for
its scripts. What runs there knows no profile by name and no default.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping

from ..model.profile import word
from ..official import installed
from .install import LOGIN
from .rc_file import shown_path

_SECONDS = 5.0  # a start-up file may wait for anything
_ASK = 'printf "\\n%s" "$(command -v dokploy)"'


def found(environ: Mapping[str, str], shims: str) -> Iterator[tuple[str, str]]:
    """Yield what finds another dokploy than the shim, and what to do about it."""
    home = environ.get("HOME", "")
    login = next((n for n in LOGIN if os.path.exists(os.path.join(home, n))), LOGIN[-1])
    line = f"PATH={word(shims)}:$PATH"
    for shell, flag, file in (("bash", "-lc", login), ("zsh", "-c", ".zshenv")):
        program = _asked(shell, flag, environ)
        if program and not installed.is_shim(program):
            what = f"scripts that run {shell} {flag} find {shown_path(program)} before the shim"
            yield what, f"Add to the end of {shown_path(os.path.join(home, file))}: {line}"
    local = os.path.join("node_modules", ".bin", "dokploy")
    if os.path.exists(local) and not installed.is_shim(local):
        what = f"npm run and npx in this folder use {local}, which knows no profile"
        yield what, "Run them with: dctx exec NAME -- npm run SCRIPT"


def _asked(shell: str, flag: str, environ: Mapping[str, str]) -> str:
    """Return the dokploy that a script of such a shell finds, "" where there is none to ask."""
    if not shutil.which(shell):
        return ""
    try:
        process = subprocess.Popen(
            [shell, flag, _ASK],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,  # what a start-up file asks reaches no terminal
        )
    except OSError:
        return ""
    with process:
        try:
            output, _ = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)  # and all that it started
            return ""
    program = os.fsdecode(output).rpartition("\n")[2]
    return program if os.path.isabs(program) and os.path.isfile(program) else ""
