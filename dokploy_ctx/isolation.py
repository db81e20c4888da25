"""What of the environment Python would take for itself, and must not.

PYTHONPATH chooses modules, the working directory of some repository among their places; other
variables change what is printed, or whether Python starts at all. So the program runs as under
`python -E`, which hooks and shim ask for by themselves. Not `-I`: that leaves out what was
installed by `pip install --user`, and us with it.

Imports only what Python itself has loaded already: the rest would be looked for in PYTHONPATH.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# They neither choose what is loaded nor what is printed: not worth a second start of Python.
_HARMLESS = frozenset(
    f"PYTHON{name}"
    for name in (
        *("BREAKPOINT", "DONTWRITEBYTECODE", "FAULTHANDLER", "HASHSEED", "NOUSERSITE", "SAFEPATH"),
        *("STARTUP", "UNBUFFERED", "UTF8"),
    )
)


def needs_environment(script: str, environ: Mapping[str, str]) -> bool:
    """Return whether PYTHONPATH or PYTHONUSERBASE is how Python finds what `script` belongs to.

    So it is after `pip install --target` and the like; a folder that is not absolute never counts.
    """
    prefix = os.path.dirname(os.path.dirname(os.path.realpath(script)))
    paths = [*environ.get("PYTHONPATH", "").split(os.pathsep), environ.get("PYTHONUSERBASE", "")]
    real = [os.path.realpath(path) for path in paths if os.path.isabs(path)]
    return any(path == prefix or path.startswith(prefix.rstrip("/") + "/") for path in real)


def without_environment() -> None:
    """Become the same program without what PYTHON* variables do to Python; they stay in the
    environment, for the commands that we run."""
    if sys.flags.ignore_environment or not os.path.isabs(sys.executable or ""):
        return
    names = [name for name in os.environ if name.startswith("PYTHON") and name[6:7] != "_"]
    if all(name in _HARMLESS for name in names):
        return
    if not needs_environment(sys.argv[0], os.environ):
        try:
            os.execv(sys.executable, [sys.executable, "-E", *sys.orig_argv[1:]])
        except OSError:  # as it is, then
            return
