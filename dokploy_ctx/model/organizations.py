"""A user's organizations and the profiles that point to them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import DctxError
from ..text.foreign import clean
from .account import Identity, Organization
from .profile import Profile, nearest, quoted, typed, word
from .profile_names import suggest
from .resolve import Config


@dataclass(frozen=True)
class Planned:
    """One step of `dctx orgs sync`: a key for the organization, saved under the name."""

    organization: Organization
    name: str


def label(organization: Organization, identity: Identity) -> str:
    """Return the organization's name in quotes; where another has it, what tells the two apart."""
    name = quoted(clean(organization.name))
    if sum(o.name == organization.name for o in identity.organizations) < 2:
        return name
    return f"{name} {clean(organization.id)}{_made(organization)}"


def pointing(organization: Organization, profiles: Sequence[Profile]) -> list[Profile]:
    """Return those of `profiles` (all of one panel) whose keys are for the organization."""
    return [p for p in profiles if p.organization_id == organization.id]


def sorted_by_name(identity: Identity) -> list[Organization]:
    """Return the user's organizations by name, of one name the oldest first.

    The panel promises no order.
    """
    return sorted(identity.organizations, key=lambda o: (o.name.casefold(), o.created_at, o.id))


def find(text: str, identity: Identity) -> Organization:
    """Return the organization of that id or name; a name may differ by case where one fits.

    Raises DctxError (exit 1) where none fits, or several do.
    """
    for organization in identity.organizations:
        if organization.id == text:
            return organization
    exact = [o for o in identity.organizations if o.name == text]
    found = exact or [o for o in identity.organizations if o.name.casefold() == text.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        found.sort(key=lambda o: (o.created_at, o.id))
        ids = ", ".join(f"--org={word(o.id)}{_made(o)}" for o in found)
        raise DctxError(f"{len(found)} organizations are called {typed(text)}. Give one of {ids}")
    names = nearest(text, [o.name for o in identity.organizations])
    close = ", ".join(quoted(clean(name)) for name in names)
    hint = f"Nearest: {close}." if close else "See: dctx orgs"
    raise DctxError(f"the key's user is in no organization {typed(text)}. {hint}")


def _made(organization: Organization) -> str:
    made = clean(organization.created_at)[:10]
    return f" (created {made})" if made else ""


def plan(identity: Identity, profiles: Sequence[Profile], config: Config) -> list[Planned]:
    """Return a step for each organization that none of `profiles` (of one panel) points to."""
    taken, steps = config.names, []
    for organization in sorted_by_name(identity):
        if organization.id and not pointing(organization, profiles):
            name = suggest(organization.name, taken)
            taken = [*taken, name]
            steps.append(Planned(organization, name))
    return steps
