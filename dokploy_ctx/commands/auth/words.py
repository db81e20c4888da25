"""Describe what `dctx auth` saves: panel, organization, headers, color, but no secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...constants import COLOUR_FIELD
from ...model.profile import Profile, shown
from ...text.foreign import clean, exported_name
from ..shared import context
from .headers import HeaderChanges


def place(profile: Profile, alike: bool = False) -> str:
    """Return a profile's URL, and its organization if known.

    `alike` adds the organization's id, since another has the same name.
    """
    label = organization(profile, alike)
    return f"{profile.shown_url}, {label}" if label else profile.shown_url


def organization(profile: Profile, alike: bool = False) -> str:
    """Return "organization NAME", with its id if `alike`, "" if not known."""
    if not (profile.organization or alike):
        return ""
    known = f" ({clean(profile.organization_id)})" if alike else ""
    return f"organization {exported_name(profile.organization)}{known}"


def has_same_label(one: Profile, other: Profile) -> bool:
    """Return whether two profiles are for different organizations with the same name."""
    return one.organization == other.organization and one.organization_id != other.organization_id


def coloured(name: str, fields: Mapping[str, Any]) -> str:
    """Return the message after a change of the color alone."""
    colour = fields[COLOUR_FIELD]
    if colour is None:
        return f"Profile {shown(name)} has no color of its own now."
    return f"Profile {shown(name)} is {colour} in the prompt now."


def say_headers(now: Profile, wanted: HeaderChanges) -> None:
    """Say which headers are sent from now on, and which were dropped; never a value."""
    name, url = shown(now.name), clean(now.url)
    if wanted.left is not None:
        context.warn(
            f"the headers of {name} were for {clean(wanted.left.url)}{_list(wanted.left)}, so they "
            f"were removed and are not sent to {url}. To save others, use --header"
        )
    if not wanted.given:
        return
    if now.raw.get("headersCommand"):
        context.tell(f"{name} sends {url} the headers that its command prints.")
    elif now.raw.get("headers"):
        context.tell(f"{name} sends {url} its own headers{_list(now)}.")
    else:
        context.tell(f"{name} sends {url} no headers of its own.")


def _list(profile: Profile) -> str:
    """Return the names of the profile's headers in brackets, "" if they are damaged."""
    found = profile.raw.get("headers")
    names = ", ".join(clean(name) for name in found) if isinstance(found, dict) else ""
    return f" ({names})" if names else ""
