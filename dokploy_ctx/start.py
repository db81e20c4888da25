"""Where `dctx` begins: before anything else of ours, and of others, is imported.

Imports nothing before that is settled: isolation.py says why. Not even `signal`, whose imports
take some milliseconds in which a Ctrl-C would be a traceback: `_signal` is what it is made of.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def _cancelled(_number: int, _frame: FrameType | None) -> NoReturn:
    """End at once at a Ctrl-C: an exception amid imports would be a traceback, or lost."""
    try:
        os.write(2, b"dctx: cancelled.\n")
    finally:
        os._exit(130)


def _end_at_ctrl_c() -> None:
    """Let a Ctrl-C end the program; where it is ignored, as with nohup, that stays."""
    if _signal.getsignal(_signal.SIGINT) != _signal.SIG_IGN:
        _signal.signal(_signal.SIGINT, _cancelled)


# At once, since what made the program's script may import more before it calls main().
if os.path.basename(sys.argv[0]) == "dctx":
    _end_at_ctrl_c()
    from .isolation import without_environment

    without_environment()


def main() -> NoReturn:
    """Run `dctx` and exit."""
    _end_at_ctrl_c()
    from .cli import main as run

    try:
        if _signal.getsignal(_signal.SIGINT) is _cancelled:
            _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        _cancelled(_signal.SIGINT, None)
    finally:  # all is done: nothing is left to be interrupted
        _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
