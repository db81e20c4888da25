"""Run a command without a terminal, even if the tests run in one, so that nobody is asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from .shells import Ran, changed, decoded


def alone(
    *argv: str | Path,
    stdin: str = "",
    env: Mapping[str, str | None] | None = None,
    cwd: Path | None = None,
    timeout: float = 60,
) -> Ran:
    """Run `argv` without a terminal; `env` changes the environment, None removes a variable."""
    done = subprocess.run(
        argv,
        input=stdin.encode("utf-8", "surrogateescape"),
        env=changed(os.environ, env or {}),
        cwd=cwd,
        capture_output=True,
        timeout=timeout,
        start_new_session=True,
    )
    return Ran(done.returncode, decoded(done.stdout), decoded(done.stderr))
