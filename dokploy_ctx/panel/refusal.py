"""Explain a plain 401, as far as its causes can be told apart.

The panel gives the same answer for a key that is expired, deleted, disabled, rate limited or made
up (docs/dokploy-api.md). Two things tell them apart: the expiry in config.json, and the list of
keys that the panel shows to the key of another profile, in which we look for the key's id.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping

from ..errors import DctxError, PanelError
from ..model.account import Identity
from ..model.expiry import Expiry
from ..model.neighbours import remedy, same_panel
from ..model.own_key import of_others, rows_of
from ..model.profile import Profile, quoted, shown
from ..model.resolve import Config
from ..text.foreign import clean
from ..text.messages import KEYS_PAGE
from .account import BARE, whoami
from .errors import Unexplained
from .for_profile import connect, is_all_in_file

# How many other keys are tried at most, since their requests may be limited.
_MOST_ASKED = 2


def identify(profile: Profile, key: str, config: Config) -> Identity:
    """Return whose the profile's key is (account.whoami). Raises an explained error if refused."""
    panel = connect(profile, key)
    try:
        return whoami(panel)
    except Unexplained as error:
        raise explained(error, profile, config) from None


def explained(
    error: Unexplained,
    profile: Profile,
    config: Config,
    known: Mapping[str, Identity | None] | None = None,
) -> PanelError:
    """Return the error for a refused key of `profile`, with the reason as far as it can be known.

    `known` has what was just found out about other profiles: name → whose the key is, or None if it
    was refused, too. Other profiles' keys are tried if they may tell more.
    """
    expiry = profile.expiry
    others = [p for p in same_panel(profile, config) if p.name != profile.name]
    if expiry.past:
        return Unexplained(
            f"the key of {shown(profile.name)} expired on {expiry.day}. {remedy(profile, others)}"
        )
    if not (profile.key_id or profile.organization_id):  # as far as we know, it never worked
        return Unexplained(
            f"{str(error).rstrip('.')}: the key was never valid, was deleted, has expired, is rate "
            f"limited, or was made without an organization. Create a new one under {KEYS_PAGE}"
        )
    known = known or {}
    unasked = [p for p in others if p.name not in known]
    found = _known(profile, others, known) or _ask(profile, unasked)
    start = f"{profile.usable_url()} refused the API key of {shown(profile.name)}"
    if found is None:
        return Unexplained(
            f"{start}: the key was deleted, has expired, or is rate limited ({BARE}). "
            f"{remedy(profile, [])}"
        )
    witness, identity = found
    if profile.key_id:
        return Unexplained(f"{start}: {_by_id(profile, witness, identity)}")
    return Unexplained(f"{start}: {_by_others(profile, config, witness, identity)}")


def _known(
    profile: Profile, others: Iterable[Profile], known: Mapping[str, Identity | None]
) -> tuple[Profile, Identity] | None:
    """Return a profile of `known` and its identity, preferably one that lists the key."""
    found = [
        (other, identity) for other in others if (identity := known.get(other.name)) is not None
    ]
    listing = [pair for pair in found if profile.key_id and pair[1].key(profile.key_id)]
    return next(iter(listing or found), None)


def _ask(profile: Profile, others: Iterable[Profile]) -> tuple[Profile, Identity] | None:
    """Ask the panel with another profile's key; return that profile and its identity.

    Only keys in the file are used, those that dctx made, which have no limit, first. If that user
    does not have the key, the next key is tried if it has no limit either.
    """
    found: tuple[Profile, Identity] | None = None
    able = [
        p for p in others if is_all_in_file(p) and p.token != profile.token and not p.expiry.past
    ]
    able.sort(key=lambda p: not p.key_id)
    for other in able[:_MOST_ASKED]:
        if found is not None and not other.key_id:
            break
        with contextlib.suppress(DctxError):
            identity = whoami(connect(other, other.token))
            if not profile.key_id or identity.key(profile.key_id):
                return other, identity
            found = found or (other, identity)
    return found


def _again(profile: Profile, witness: Profile, identity: Identity) -> str:
    """Return what to do: rotate with the witness's key if its user is in the organization."""
    can = any(o.id == profile.organization_id for o in identity.organizations)
    return remedy(profile, [witness] if can else [], listed=identity.key(profile.key_id))


def _by_id(profile: Profile, witness: Profile, identity: Identity) -> str:
    row = identity.key(profile.key_id)
    again = _again(profile, witness, identity)
    if row is None:
        # The witness may be another user than the one who made the key.
        name = shown(witness.name)
        return (
            f"the key was deleted there, or belongs to another user ({name} does "
            "not list the key). "
            f"{again}"
        )
    if row.get("enabled") is False:
        return f"the key is disabled there. {again}"
    expiry = Expiry.of(row.get("expiresAt"))
    if expiry.past:
        return f"the key expired on {expiry.day}. {again}"
    return f"the key is rate limited, since {shown(witness.name)} still lists it. {again}"


def _by_others(profile: Profile, config: Config, witness: Profile, identity: Identity) -> str:
    theirs = of_others(profile.token, config)
    rows = rows_of(profile.token, identity) if profile.plain_key else identity.keys
    unknown = [row for row in rows if row.get("id") not in theirs]
    name, again = shown(witness.name), _again(profile, witness, identity)
    if not unknown:
        return (
            "the key was deleted, has expired, or belongs to another user "
            f"({name} lists no such key). {again}"
        )
    listed = sorted(
        clean(str(row.get("name"))) for row in unknown
    )  # the panel lists keys in no order
    names = ", ".join(map(quoted, listed[:3]))
    more = " and others" if len(unknown) > 3 else ""
    return (
        f"the key is rate limited if {name} lists that key ({names}{more}; {BARE}); otherwise the "
        f"key was deleted, has expired, or belongs to another user. {again}"
    )
