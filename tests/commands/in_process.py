"""Run `dctx` in this process, for hundreds of cases without a signal or a terminal."""

from __future__ import annotations

import contextlib
import io

from dokploy_ctx import cli

from ..conftest import Result


class _Stream(io.StringIO):
    """A stream that is not a terminal."""

    def isatty(self) -> bool:
        return False


def run(*argv: str) -> Result:
    """Return the result of `dctx ARGV`, run in this process."""
    out, err = _Stream(), _Stream()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._run(list(argv))
    assert "Traceback" not in err.getvalue()
    return Result(code, out.getvalue(), err.getvalue())
