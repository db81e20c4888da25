"""What a prompt shows: exactly what the next `dokploy` uses.

Pure. drawn.py makes the texts; those that are stored in the index, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..errors import ConfigError, DctxError, NoSuchProfile
from ..text.foreign import one_line, segment
from .drawn import drawn_name, finished, marked
from .memory import in_session, is_resting
from .profile import NAME, Profile
from .resolve import DEFAULT, FIT, LEGACY, PAIR, VARIABLE, Config, resolve, session_has_pair


class Look(NamedTuple):
    """What a prompt shows, and what the hook has to know about it (constants.ANSWER_FIELDS)."""

    level: int
    name: str = ""
    segment: str = ""
    state: str = ""
    shown: str = ""
    until: str = ""
    say: str = ""


def as_line(error: DctxError) -> str:
    """Return an error as one line for a terminal."""
    return f"dctx: {one_line(str(error))}"


def _mark(environ: Mapping[str, str]) -> str:
    """Return "!" if the user changed the session's URL or key: only the prompt tells it."""
    changed = in_session(environ) and not is_resting(environ) and not session_has_pair(environ)
    return "!" if changed else ""


def look(
    environ: Mapping[str, str],
    dotenv: str | None,
    load: Callable[[], Config],
    now: int,
    *,
    gone: bool = False,
) -> Look:
    """Return what the prompt shows in `environ`; `gone` says that the shim is missing."""
    variable = environ.get("DOKPLOY_PROFILE", "")
    level = VARIABLE if variable else DEFAULT
    try:
        found = resolve(None, environ, dotenv, load)
    except NoSuchProfile:
        if variable and in_session(environ) and NAME.match(variable):
            return Look(level, segment=f"{variable}!", state="unknown", shown=f"({variable}!) ")
        return _unknown(level)
    except ConfigError as error:
        return _unknown(level, as_line(error))
    except DctxError:
        return _unknown(PAIR)
    if found.pair is not None:
        text = found.pair.segment
        return Look(PAIR, "", text, "unknown" if text == "?" else "env", f"({text}) ")
    if found.profile is None:
        return Look(LEGACY)
    if gone and not (found.level == VARIABLE and session_has_pair(environ)):
        # Without the shim the CLI sees no profile, only the variables and `.env`.
        return _unknown(DEFAULT)
    return _of_profile(found.profile, found.level, _mark(environ), now)


def _unknown(level: int, say: str = "") -> Look:
    return Look(level, segment="?", state="unknown", shown="(?) ", say=say)


def _of_profile(profile: Profile, level: int, mark: str, now: int) -> Look:
    unknown = _unknown(level)._replace(name=drawn_name(profile.name))
    try:
        profile.usable_url()
    except ConfigError:  # the next command will be refused
        return unknown
    if not FIT.match(profile.name):
        return unknown
    text, until = marked(profile, now)
    # One mark is enough. An organization's own "!" is none.
    if text == segment(profile.name, profile.organization):
        text += mark
    state, shown = finished(text, profile, level == DEFAULT)
    return Look(level, profile.name, text, state, shown, until)
