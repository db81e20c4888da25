"""What a prompt shows: exactly what the next `dokploy` uses.

Pure. The prompt texts that are stored in the index are made here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..constants import COLOUR_NAMES, COLOURS, WARN_SECONDS
from ..errors import ConfigError, DctxError, NoSuchProfile
from ..text.foreign import exported_name, one_line, segment
from .expiry import Expiry
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


def drawn_name(name: str) -> str:
    """Return the default's name as a prompt remembers it, to notice a change of the default.

    The result is "" for a name that cannot be in an environment or is unreasonably long.
    """
    return name if name == exported_name(name) else ""


def marked(profile: Profile, now: int) -> tuple[str, str]:
    """Return the segment, with "!" if the key expires soon, and when the "!" is due.

    The time is "" where the key does not expire, or where that time is past. Without a key the next
    command is refused, which a prompt that looks like every other would hide.
    """
    text = segment(profile.name, profile.organization)
    if not profile.has_key:
        return f"{text}!", ""
    expiry = Expiry.of(profile.expires_at, now)
    if expiry.at is None:
        return text, ""
    return (f"{text}!", "") if expiry.past or expiry.soon else (text, str(expiry.at - WARN_SECONDS))


def finished(text: str, profile: Profile, default: bool) -> tuple[str, str]:
    """Return the state and the complete prompt text for the segment `text` of `profile`.

    The state chooses the colour; a profile's own colour counts as a state.
    """
    shown = f"(({text}))" if profile.protected else f"({text})"
    state = "protected" if profile.protected else "default" if default else "session"
    return profile.colour or state, f"{'~' if default else ''}{shown} "


def colour_of(state: str) -> str:
    """Return the SGR number of the colour of a state that finished() returned, "" for none."""
    return COLOURS.get(state, "") or COLOUR_NAMES.get(state, "")
