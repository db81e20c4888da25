"""How a profile is drawn: the text and the colour of it in a prompt, in the index and in tables."""

from __future__ import annotations

from ..constants import COLOUR_NAMES, COLOURS, WARN_SECONDS
from ..text.foreign import exported_name, segment
from .expiry import Expiry
from .profile import Profile


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
