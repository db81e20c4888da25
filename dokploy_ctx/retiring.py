"""Keys of no more use, deleted on their panel."""

from __future__ import annotations

import contextlib

from .account import Minted, delete, still_there
from .errors import DctxError
from .neighbours import has_expired, same_panel, twins
from .panel import Panel, Unexplained, Unreachable
from .profile import Profile, command, shown
from .refusal import explained
from .resolve import Config
from .sending import connect, is_at_hand
from .text import clean
from .words import WHERE


def retire(minted: Minted, old: Profile, config: Config) -> str:
    """Delete the key of `old`, which `minted` replaced; returns what is to be said where it stays.

    `config` is as it is now. Raises PanelError (exit 5) where it should be gone and is not.
    """
    name = shown(old.name)
    if not old.key_id:
        return (
            f"the old key of {name} still works: it was not made by dctx, so its id is not known. "
            f"Delete it under {WHERE}."
        )
    sharing = twins(old, config)
    if sharing:
        return f"the old key of {name} still works, since it is in {', '.join(sharing)}, too."
    panel = connect(old, minted.key)
    try:
        with contextlib.suppress(Unreachable):  # the answer may be lost: then there is none now
            delete(panel, old.key_id)
            return ""
        delete(panel, old.key_id)
        return ""
    except DctxError as error:
        what = f"the old key {clean(old.key_id)} of {name}, which has its new one"
        raise still_there(panel.url, what, error) from None


def revoke(profile: Profile, config: Config) -> str:
    """Delete the profile's key on its panel; returns what is to be said of that.

    Raises DctxError (exit 1 or 5) where it still works, or where nobody can tell.
    """
    name = shown(profile.name)
    expired = has_expired(profile)
    if expired:
        return f"the key of {name} expired on {expired}."
    if not profile.key_id:
        raise DctxError(
            f"the id of the key of {name} is not known: it was not made by dctx. Delete it under "
            f"{WHERE}, then run: {command('remove', profile.name)}"
        )
    own = connect(profile)
    try:
        gone = _delete(own, profile.key_id)
    except Unexplained as error:
        found = _delete_as_another(profile, config)
        if found is None:
            raise explained(error, profile, config) from None
        gone = found
    words = "is deleted" if gone else "was deleted already"
    return f"the key of {name} {words} on {own.url}."


def _delete(own: Panel, key_id: str) -> bool:
    """Return account.delete of the very key that is used; asks again where the answer was lost."""
    try:
        return delete(own, key_id)
    except Unreachable:
        with contextlib.suppress(Unexplained):  # it is dead now: the first one did arrive
            delete(own, key_id)
        return True


def _delete_as_another(profile: Profile, config: Config) -> bool | None:
    """Return account.delete of the profile's key, which is refused itself, by another profile's
    key of that panel; None where none of them can. A protected one is left out: nobody was asked.
    """
    for other in same_panel(profile, config):
        if other.name != profile.name and is_at_hand(other) and not other.protected:
            with contextlib.suppress(DctxError):
                return delete(connect(other, other.token), profile.key_id)
    return None
