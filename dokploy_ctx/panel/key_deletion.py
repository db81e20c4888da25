"""Delete keys on their panel that are not needed any more."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ..errors import DctxError
from ..files.pending_keys import Note
from ..model import own_key
from ..model.account import NewKey
from ..model.neighbours import names_sharing_key, same_panel
from ..model.own_key import Row
from ..model.profile import Profile, command, shown
from ..model.resolve import Config
from ..text.messages import KEYS_PAGE
from .account import delete, still_valid
from .errors import Unexplained, Unreachable
from .for_profile import connect, is_all_in_file
from .http import Panel
from .refusal import explained


def delete_replaced(
    new_key: NewKey, old: Profile, rows: Sequence[Row], config: Config, note: Note
) -> str:
    """Delete the key of `old`, which `new_key` replaced; returns a sentence where it stays.

    `rows`: the listed keys that it can be, [] where none is known. `config` is as it is now.
    Raises PanelError (exit 5) where it should be gone and is not; then the note stays.
    """
    name = shown(old.name)
    key_id = str(rows[0]["id"]) if len(rows) == 1 else old.key_id
    if not key_id:
        note.forget()
        which = f"; the panel lists {own_key.listed(rows)}" if rows else ""
        return (
            f"The old key stays valid, since its id is not known{which}. "
            f"Delete that key under {KEYS_PAGE}"
        )
    sharing = names_sharing_key(old, config)
    if sharing:
        note.forget()
        return f"The old key stays valid, since {' and '.join(sharing)} still has it."
    panel = connect(old, new_key.key)
    sure = True
    try:
        with contextlib.suppress(Unreachable):  # only the answer may be lost: try again
            delete(panel, key_id)
            note.forget()
            return ""
        sure = False
        delete(panel, key_id)
        note.forget()
        return ""
    except DctxError as error:
        sure = sure or not isinstance(error, Unreachable)
        key = own_key.described_row(rows[0]) if rows else own_key.described_profile(old)
        what = f"the old key {key} of {name}" if key else f"the old key of {name}"
        raise still_valid(panel.url, f"{what}, which uses its new key", error, sure=sure) from None


def revoke(profile: Profile, config: Config) -> str:
    """Delete the profile's key on its panel; return a sentence about it.

    Raises DctxError (exit 1 or 5) if the key still works, or if that is not known.
    """
    name = shown(profile.name)
    expiry = profile.expiry
    if expiry.past:
        return f"The key of {name} expired on {expiry.day}."
    if not profile.key_id:
        raise DctxError(
            f"the id of the key of {name} is not known, so dctx cannot delete it. Delete the key "
            f"under {KEYS_PAGE}, then run: {command('remove', profile.name)}"
        )
    own = connect(profile)
    try:
        gone = _delete(own, profile.key_id)
    except Unexplained as error:
        found = _delete_as_another(profile, config)
        if found is None:
            raise explained(error, profile, config) from None
        gone = found
    except Unreachable as error:
        key = own_key.described_profile(profile)
        what = f"the key {key} of {name}" if key else f"the key of {name}"
        raise still_valid(own.url, what, error, sure=False) from None
    if gone:
        return f"Deleted the key of {name} on {own.url}"
    return f"The key of {name} was deleted on {own.url} before"


def _delete(own: Panel, key_id: str) -> bool:
    """Delete the key that this panel is asked with; try again if the answer is lost."""
    try:
        return delete(own, key_id)
    except Unreachable:
        with contextlib.suppress(Unexplained):  # the first request has deleted it
            delete(own, key_id)
        return True


def _delete_as_another(profile: Profile, config: Config) -> bool | None:
    """Delete the profile's key, which is refused itself, with the key of another profile.

    Return None if no other profile of the panel can do it. Protected profiles are not used, since
    nobody confirmed that.
    """
    for other in same_panel(profile, config):
        if other.name != profile.name and is_all_in_file(other) and not other.protected:
            with contextlib.suppress(DctxError):
                return delete(connect(other, other.token), profile.key_id)
    return None
