"""Tell a person who waits for a panel what dctx is doing, and how long it may take."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from ...text.foreign import clean
from . import context

# Most panels answer faster than this, so that nothing is printed.
_AFTER_SECONDS = 1.0


@contextlib.contextmanager
def waiting(url: str, seconds: float) -> Iterator[None]:
    """Print on a terminal that we wait for `url`, if the block takes longer than a second."""
    if not sys.stderr.isatty():
        yield
        return
    text = f"Waiting for {clean(url)} (at most {seconds:.0f} s; Ctrl-C cancels)"
    timer = threading.Timer(_AFTER_SECONDS, context.tell, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
