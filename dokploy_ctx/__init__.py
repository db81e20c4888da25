"""dctx: kubectx for Dokploy. See README.md; the command is `dctx`."""

import sys

__version__ = "0.1.0"

OLD_PYTHON = (
    "dctx: the Python interpreter %s is too old: dctx needs Python 3.10 or newer. "
    "Install dctx with a newer one, then run: command dctx install"
)
# Check this first, since an older Python cannot even parse the other modules. Exit code 126 means
# that a program cannot be run.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.stderr.write(OLD_PYTHON % sys.executable + "\n")
    sys.exit(126)
