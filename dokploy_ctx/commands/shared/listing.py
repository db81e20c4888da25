"""Profiles as a table, for `dctx list` and for the picker."""

from __future__ import annotations

from collections.abc import Iterable

from ...constants import COLOURS
from ...errors import DctxError
from ...model.drawn import colour_of, finished
from ...model.profile import Profile, shown
from ...model.resolve import DEFAULT, Config
from ...text.foreign import clean, cut
from ...text.table import Cell, View, table
from . import context

HEADERS = ("", "NAME", "URL", "ORGANIZATION", "NOTES")
NAME, NOTES = 1, 4
# A line begins as in Dokploy/cli issue #44: the mark, the name in ten columns, the URL.
_GAPS = (1,)
_LEAST = (1, 9)


def active_name(config: Config) -> tuple[str, int]:
    """Return the active profile's name and its level, or "" and 0."""
    try:
        found = context.active(config)
    except DctxError:
        return "", 0
    return (found.profile.name, found.level) if found.profile else ("", 0)


def notes(profile: Profile, config: Config, active: str) -> list[str]:
    """Return the notes at the end of a profile's line; `active` is the active profile's name."""
    found = []
    if profile.name == config.current and profile.name != active:
        found.append("default")
    if profile.protected:
        found.append(profile.access or "protected")
    if profile.expires_at:
        found.append(expiry(profile))
    if not profile.has_key:
        found.append("no key")
    return found


def expiry(profile: Profile) -> str:
    """Return "expires 2027-01-01", or "expired 2026-01-01"."""
    found = profile.expiry
    return f"{'expired' if found.past else 'expires'} {found.day}"


def organization(profile: Profile | None) -> dict[str, str] | None:
    """Return the profile's organization for --json, None if it is not known."""
    if profile is None or not (profile.organization_id or profile.organization):
        return None
    return {"id": profile.organization_id, "name": profile.organization}


def matches(profile: Profile, text: str) -> bool:
    """Return whether name, URL or organization contains `text`, in upper or lower case."""
    where = "\n".join((profile.name, profile.shown_url, clean(profile.organization)))
    return text.casefold() in where.casefold()


def lines(profiles: Iterable[Profile], config: Config, to: View) -> list[str]:
    """Return the lines of a table of `profiles`, with * before the active one."""
    active, level = active_name(config)
    rows = []
    for profile in profiles:
        is_active = profile.name == active
        remarks = ", ".join(notes(profile, config, active))
        # The colour is the prompt's. A profile that is not active has one only if it is its own.
        state, _ = finished("", profile, is_active and level == DEFAULT)
        colour = colour_of(state)
        if not (is_active or profile.protected or profile.colour):
            colour = ""
        urgent = COLOURS["unknown"] if not profile.has_key or profile.expiry.past else ""
        rows.append(
            (
                Cell("*" if is_active else " ", colour if is_active else ""),
                Cell(shown(profile.name), colour),
                profile.shown_url,
                cut(profile.organization),
                Cell(f"({remarks})" if remarks else "", urgent),
            )
        )
    return table(rows, to, headers=HEADERS, least=_LEAST, gaps=_GAPS, name=NAME, firm=(NOTES,))
