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
class Step:
    """A key to make for the organization: for a new profile, or for the `existing` one."""

    organization: Organization
    name: str
    existing: Profile | None = None


@dataclass(frozen=True)
class SyncPlan:
    """The keys that `dctx orgs sync` makes, and the profiles that it cannot make a key for."""

    steps: tuple[Step, ...]
    out_of_reach: tuple[Profile, ...] = ()


def label(organization: Organization, identity: Identity) -> str:
    """Return the organization's name, with its id and date if another has the same name."""
    name = clean(organization.name)
    if sum(o.name == organization.name for o in identity.organizations) < 2:
        return name
    return f"{name} {clean(organization.id)}{_made(organization)}"


def pointing(organization: Organization, profiles: Sequence[Profile]) -> list[Profile]:
    """Return those of `profiles`, all of one panel, that are for the organization."""
    return [p for p in profiles if p.organization_id == organization.id]


def sorted_by_name(identity: Identity) -> list[Organization]:
    """Return the user's organizations by name, then by age. The panel promises no order."""
    return sorted(identity.organizations, key=lambda o: (o.name.casefold(), o.created_at, o.id))


def find(text: str, identity: Identity) -> Organization:
    """Return the organization with that id or name; the case matters only between two names.

    Raises DctxError (exit 1) if no organization matches, or several do.
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
        raise DctxError(f"{len(found)} organizations are called {typed(text)}. Use one of {ids}")
    names = nearest(text, [o.name for o in identity.organizations])
    close = " or ".join(quoted(clean(name)) for name in names)
    hint = f"Did you mean {close}?" if close else "Run: dctx orgs"
    raise DctxError(f"organization {typed(text)} not found among those of the key's user. {hint}")


def _made(organization: Organization) -> str:
    made = clean(organization.created_at)[:10]
    return f" (created {made})" if made else ""


def decide(identity: Identity, profiles: Sequence[Profile], config: Config) -> SyncPlan:
    """Return what `dctx orgs sync` makes; `profiles` are all profiles of the panel.

    Each profile without a key gets a key if the user is in its organization, and each organization
    without a profile gets a profile.
    """
    taken, steps = config.names, []
    for organization in sorted_by_name(identity):
        if not organization.id:
            continue
        found = pointing(organization, profiles)
        if not found:
            name = suggest(organization.name, taken)
            taken = [*taken, name]
            steps.append(Step(organization, name))
        steps += [Step(organization, p.name, p) for p in found if not p.has_key]
    known = {organization.id for organization in identity.organizations}
    out_of_reach = [
        p
        for p in profiles
        if not p.has_key and p.organization_id and p.organization_id not in known
    ]
    return SyncPlan(tuple(steps), tuple(out_of_reach))
