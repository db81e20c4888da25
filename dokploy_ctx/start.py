"""Where `dctx` begins: before anything else of ours, and of others, is imported.

Imports nothing before that is settled: isolation.py says why.
"""

from __future__ import annotations

import os
import sys

from .isolation import without_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def _cancelled(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End at once at a Ctrl-C: an exception amid imports would be a traceback, or lost."""
    try:
        os.write(2, b"dctx: cancelled.\n")
    finally:
        os._exit(130)


def main() -> NoReturn:
    """Run `dctx` and exit."""
    import signal

    _end_at_ctrl_c()
    from .cli import main as run

    try:
        if signal.getsignal(signal.SIGINT) is _cancelled:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:
        _cancelled(signal.SIGINT, None)
    finally:  # all is done: nothing is left to be interrupted
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_at_ctrl_c() -> None:
    """Let a Ctrl-C end the program; where it is ignored, as with nohup, that stays."""
    import signal

    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _cancelled)


# At once, since what made the program's script may import more before it calls main().
if os.path.basename(sys.argv[0]) == "dctx":
    without_environment()
    _end_at_ctrl_c()
