"""The start of `dctx`, which runs before other modules are imported.

isolation.py tells why nothing may be imported before. Even `signal` is not used, but its C part
`_signal`: importing `signal` takes some milliseconds, in which Ctrl-C would print a traceback.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

# How many new objects Python waits for before it looks for cycles of unused ones. With its own 700
# it would look 25 times while modules are imported, which is a tenth of the time of a command.
_OBJECTS = 50_000


def _cancelled(_number: int, _frame: FrameType | None) -> NoReturn:
    """End at once at Ctrl-C. An exception during imports would be a traceback, or get lost."""
    try:
        os.write(2, b"dctx: cancelled.\n")
    finally:
        os._exit(130)


def _end_at_ctrl_c() -> None:
    """Let Ctrl-C end the program, unless SIGINT is ignored, as with nohup."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _cancelled)


# Run this on import, since the installer's script may import more before it calls main().
if os.path.basename(sys.argv[0]) == "dctx":
    _end_at_ctrl_c()
    from .isolation import without_environment

    without_environment()


def main() -> NoReturn:
    """Run `dctx` and exit."""
    _end_at_ctrl_c()
    gc.set_threshold(_OBJECTS)
    from .cli import main as run

    try:
        if _signal.getsignal(_signal.SIGINT) is _cancelled:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        _cancelled(_signal.SIGINT, None)
    finally:  # everything is done, so ignore Ctrl-C from now on
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
        gc.freeze()  # at its end Python would look through all objects again
