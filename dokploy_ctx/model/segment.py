"""What a prompt shows: exactly what the next `dokploy` would use.

Pure. The texts that an index can hold are finished here, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..constants import COLOUR_NAMES, COLOURS, WARN_SECONDS
from ..errors import ConfigError, DctxError, NoSuchProfile
from ..text.foreign import exported_name, one_line, segment
from .expiry import Expiry
from .profile import NAME, Profile
from .resolve import DEFAULT, FIT, LEGACY, PAIR, VARIABLE, Config, resolve, session_has_pair
from .session import in_session, is_resting


class Look(NamedTuple):
    """What the prompt shows."""

    level: int
    name: str = ""
    segment: str = ""
    state: str = ""
    shown: str = ""
    until: str = ""
    say: str = ""


def as_line(error: DctxError) -> str:
    """Return what is wrong as one line for a terminal."""
    return f"dctx: {one_line(str(error))}"


def _mark(environ: Mapping[str, str]) -> str:
    """Return "!" where URL or key of our session were changed by hand: hands off, but say so."""
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
    """Return what the prompt shows in `environ`; `gone`: the shim is not there."""
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
    except ConfigError:  # the next command would be refused
        return unknown
    if not FIT.match(profile.name):
        return unknown
    text, until = marked(profile, now)
    if mark and not text.endswith(mark):
        text += mark
    state, shown = finished(text, profile, level == DEFAULT)
    return Look(level, profile.name, text, state, shown, until)


def drawn_name(name: str) -> str:
    """Return a default's name as a prompt remembers that it was drawn for it.

    "" for a name that cannot stand in an environment, or that no person gave.
    """
    return name if name == exported_name(name) else ""


def marked(profile: Profile, now: int) -> tuple[str, str]:
    """Return the segment, with "!" from WARN_SECONDS before the key expires, and when that is.

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
    """Return the state and the finished prompt text of a segment of `profile`.

    The state says which colour: a profile's own colour is one.
    """
    shown = f"(({text}))" if profile.protected else f"({text})"
    state = "protected" if profile.protected else "default" if default else "session"
    return profile.colour or state, f"{'~' if default else ''}{shown} "


def colour_of(state: str) -> str:
    """Return the number (SGR) of the colour of a state as finished() has it, "" for none."""
    return COLOURS.get(state, "") or COLOUR_NAMES.get(state, "")
