"""A word for whoever waits for a panel: that dctx still runs, and for how long at most."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from ...text.foreign import clean
from . import context

# A panel that answers is quicker than this, and then nothing is said.
_AFTER_SECONDS = 1.0


@contextlib.contextmanager
def waiting(url: str, seconds: float) -> Iterator[None]:
    """Say on a terminal that `url` is waited for, where the block takes longer than a moment."""
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
