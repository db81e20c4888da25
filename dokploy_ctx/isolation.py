"""Protect the program from PYTHON* variables of the user's environment.

PYTHONPATH may load modules from anywhere, even from the working directory. Other variables change
what is printed, or whether Python starts at all. So the program runs as with `python -E`, which the
hooks and the shim use already. `-I` would also leave out what `pip install --user` installed, which
may include dctx.

This module imports only what Python has already loaded. Anything else would be searched for in
PYTHONPATH.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# These change neither what is loaded nor what is printed, so Python need not start again.
_HARMLESS = frozenset(
    f"PYTHON{name}"
    for name in (
        *("BREAKPOINT", "DONTWRITEBYTECODE", "FAULTHANDLER", "HASHSEED", "NOUSERSITE", "SAFEPATH"),
        *("STARTUP", "UNBUFFERED", "UTF8"),
    )
)


def needs_environment(script: str, environ: Mapping[str, str]) -> bool:
    """Return whether Python finds the package of `script` by PYTHONPATH or PYTHONUSERBASE.

    This is so after `pip install --target`, for example. Relative folders never count.
    """
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(script)))
    paths = [*environ.get("PYTHONPATH", "").split(os.pathsep), environ.get("PYTHONUSERBASE", "")]
    real = [os.path.realpath(path) for path in paths if os.path.isabs(path)]
    return any(path == prefix or path.startswith(prefix.rstrip("/") + "/") for path in real)


def without_environment() -> None:
    """Start this program again so that Python ignores PYTHON* variables, if any of them matters.

    The variables stay in the environment, for the commands that we run.
    """
    if sys.flags.ignore_environment or not os.path.isabs(sys.executable or ""):
        return
    names = [name for name in os.environ if name.startswith("PYTHON") and name[6:7] != "_"]
    if all(name in _HARMLESS for name in names):
        return
    if not needs_environment(sys.argv[0], os.environ):
        try:
            os.execv(sys.executable, [sys.executable, "-E", *sys.orig_argv[1:]])
        except OSError:  # go on with them
            return
