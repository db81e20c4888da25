"""The program `dctx` itself: where it is, and how hooks and shim start it."""

from __future__ import annotations

import contextlib
import os
import sys

from .. import OLD_PYTHON
from ..errors import DctxError
from ..isolation import needs_environment


def program() -> str:
    """Return the absolute path of the `dctx` that runs now, as the hook shall call it.

    Not resolved: ~/.local/bin/dctx outlives an upgrade, what it links to may not.
    """
    for candidate in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "dctx")):
        path = os.path.abspath(candidate)
        if os.path.basename(path) == "dctx" and os.access(path, os.X_OK):
            return path
    raise DctxError("cannot find the program dctx itself. Run it by its path.")


# How PYTHON starts SCRIPT. By now PYTHON may be another one, too old for SCRIPT. Almost from the
# first line on a Ctrl-C ends Python without a traceback, unless it is ignored as with nohup. Only
# then comes what takes time: site, which knows where packages are, and the script itself; the
# working directory has no say.
BEGIN = (
    f"import sys; sys.version_info < (3, 10) and "
    f"(sys.stderr.write({OLD_PYTHON!r} % sys.executable + chr(10)), sys.exit(126)); "
    "import _signal; _signal.getsignal(2) == 1 or _signal.signal(2, 0); del sys.path[0]; "
    "import site; site.main(); sys.argv[:] = sys.argv[1:]; "
    "exec(compile(open(sys.argv[0], 'rb').read(), sys.argv[0], 'exec'))"
)


def launcher() -> tuple[str, str]:
    """Return the two words PYTHON and SCRIPT: `PYTHON -ESc BEGIN SCRIPT` is the `dctx` of now.

    So nothing in the environment or the working directory chooses what Python loads. PYTHON is ""
    where SCRIPT has to be run by itself: dctx is found by PYTHONPATH alone, or SCRIPT is not one
    of Python's.
    """
    script, python = program(), sys.executable
    if not os.path.isabs(python) or needs_environment(script, os.environ) or not _is_python(script):
        python = ""
    return python, script


def _is_python(script: str) -> bool:
    with contextlib.suppress(OSError), open(script, "rb") as file:
        head = file.read(1024).split(b"\n")[:3]
        if head[0].startswith(b"#!") and any(b"python" in line for line in head):
            return True
    return False
