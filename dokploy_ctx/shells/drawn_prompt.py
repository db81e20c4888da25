"""A prompt that is drawn already must not lie: what is typed under it does not go elsewhere.

The hook exports what it drew (constants.SHOWN: the shell's pid and the default). Where the default
is another one now, the command is refused. But that variable is also frozen in whatever the shell
started: a tmux server, a loop, an editor. These are told once for each change, and then follow the
default, as the prompt does. A note in the index says who was told; a change of the default removes
all notes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping

from ..constants import RETRY_SECONDS, SHOWN
from ..errors import DctxError, Refused
from ..files import ownership
from ..model.drawn import drawn_name
from ..model.profile import word
from ..text import messages


def check(environ: Mapping[str, str], index: str, name: str, by: str, parent: int) -> None:
    """Return if a command may use the default `name`. Raises Refused (exit 6).

    `index` is the index folder, `by` the pid of the shell whose command set the default, `parent`
    that of the process that started us. A child of the shell that drew the prompt was typed under
    it: no prompt came since, so all that follows on the same line is refused, too, but after
    RETRY_SECONDS it must be a loop. Anything else is refused once.
    """
    pid, _, shown = environ.get(SHOWN, "").partition(":")
    if not pid.isdecimal() or shown == drawn_name(name) or pid == by or not _lives(int(pid)):
        return
    typed = int(pid) == parent
    note = os.path.join(index, f".told.{pid}" if typed else f".told.{pid}.below")
    told = _age(note)
    if told is not None and (not typed or told > RETRY_SECONDS):
        return
    if told is None:
        with contextlib.suppress(OSError, DctxError):
            os.close(ownership.create(note, 0o600, ownership.owner_for(note)))
    again = f"dctx {word(shown or name)}"
    raise Refused(messages.default_changed(shown, name, again))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True


def _age(path: str) -> float | None:
    """Return how many seconds ago the file was written, None where there is none."""
    try:
        return time.time() - os.stat(path).st_mtime
    except OSError:
        return None
