"""`dctx` in this very process: for cases by the hundred without a signal or a terminal."""

from __future__ import annotations

import contextlib
import io

from dokploy_ctx import cli

from ..conftest import Result


class _Stream(io.StringIO):
    """What a program sees that runs without a terminal."""

    def isatty(self) -> bool:
        return False


def run(*argv: str) -> Result:
    """Return what `dctx ARGV` does, run here."""
    out, err = _Stream(), _Stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(list(argv))
    assert "Traceback" not in err.getvalue()
    return Result(code, out.getvalue(), err.getvalue())
