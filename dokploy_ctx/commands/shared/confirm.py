"""Ask for the name of a protected profile before something is changed with it.

The question is asked on the terminal itself and not on stdin, so that a pipe cannot answer it. It
prevents accidents, but does not stop the user's own programs (SECURITY.md).
"""

from __future__ import annotations

import contextlib
import os
import sys

from ...errors import Cancelled, Refused
from ...model.profile import Profile, quoted, shown, word
from ...model.session import YES
from ...text import wrapping
from ...text.foreign import clean
from ...text.masking import looks_like_key
from ...text.terminal import USUAL

TERMINAL = "/dev/tty"


def require(profile: Profile, action: str) -> None:
    """Return if `action` may be done with `profile`: it is not protected, or somebody confirms.

    The confirmation is the exact name, typed or in DCTX_YES. `action` completes 'Type "NAME" to …',
    for example "run: dokploy application delete". Raises Refused (exit 6) for another answer or
    without a terminal, Cancelled (exit 130) for Ctrl-C and the end of input.
    """
    if not asks(profile):
        return
    name, action = shown(profile.name), clean(action)
    answer = _ask(
        f"{name} is protected ({profile.shown_url}). Type {quoted(profile.name)} to {action}:"
    )
    if answer is None:
        raise Refused(
            f"{name} is protected and there is no terminal to ask on, so nothing was done. "
            f"To {action}, set DCTX_YES={word(profile.name)}"
        )
    if answer != profile.name:
        exposed = " It looks like an API key, and your screen shows it." * looks_like_key(answer)
        raise Refused(
            f"the answer is not {name}. Nothing was done.{exposed} Run it again to be asked again."
        )


def asks(profile: Profile) -> bool:
    """Return whether require() asks: the profile is protected, and DCTX_YES is not its name."""
    return profile.protected and not (profile.name and os.environ.get(YES) == profile.name)


def _ask(question: str) -> str | None:
    """Return the line that is typed on the terminal, None without a terminal.

    Raises Cancelled for Ctrl-C and the end of input.
    """
    try:
        handle = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        _forget_what_was_typed(handle)
        text = "\n".join(wrapping.message(question, _columns(handle))) + " "
        os.write(handle, text.encode("utf-8", "backslashreplace"))
        line = b""
        while not line.endswith(b"\n"):
            more = os.read(handle, 1024)
            if not more:
                raise Cancelled("cancelled. Nothing was done.")
            line += more
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            os.write(handle, b"\n")
        raise Cancelled("cancelled. Nothing was done.") from None
    except OSError:  # the terminal is gone, or another program owns it
        return None
    finally:
        os.close(handle)
    # Ctrl-L, by which people draw a screen anew, is a character to a question.
    return line.replace(b"\x0c", b"").decode("utf-8", "surrogateescape").rstrip("\r\n")


def _columns(handle: int) -> int:
    try:
        return os.get_terminal_size(handle).columns or USUAL
    except OSError:
        return USUAL


def _forget_what_was_typed(handle: int) -> None:
    """Discard what was typed before the question, since it cannot be an answer to it."""
    import termios

    with contextlib.suppress(termios.error):
        termios.tcflush(handle, termios.TCIFLUSH)
