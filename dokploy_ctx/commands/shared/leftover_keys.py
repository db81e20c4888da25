"""Find keys on a panel that no profile has: left by a stopped run, or with a name of ours."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ...errors import DctxError
from ...files import pending_keys
from ...files.pending_keys import Note
from ...model.account import Identity
from ...model.expiry import Expiry
from ...model.neighbours import same_panel
from ...model.own_key import Row, listed, rows_of, used
from ...model.profile import Profile, shown, word
from ...model.profile_names import is_ours
from ...model.resolve import Config
from ...panel.account import delete
from ...panel.http import Panel
from ...text.foreign import clean, epoch
from ...text.messages import KEYS_PAGE
from . import context

# How much the panel's clock and ours may differ.
_THEN_SECONDS = 300


@dataclass(frozen=True)
class Leftover:
    """Keys that a stopped run left: the `new` one, or the `old` one if the new one is saved."""

    note: Note
    new: list[Row]
    old: list[Row]

    @property
    def certain(self) -> list[Row]:
        """The key that is certainly unused, in a list; [] if several can be meant."""
        if not self.new:
            return self.old if len(self.old) == len(self.note.replaces) == 1 else []
        return self.new if len(self.new) == 1 and self._was_made_then(self.new[0]) else []

    def _was_made_then(self, row: Row) -> bool:
        """Return whether the stopped run made the key.

        A new key's name is unique. A key that replaces another has that one's name, and another
        machine may have replaced it, too, so then the time has to match.
        """
        if not self.note.replaces:
            return True
        when = epoch(str(row.get("createdAt") or ""))
        return when is not None and abs(when - self.note.made_at) < _THEN_SECONDS

    def __str__(self) -> str:
        name = shown(self.note.profile)
        if self.new:
            made = "made" if self.certain else "may have made"
            what = f"{made} a key for {name} that was not saved: {listed(self.new)}"
        else:
            one = "" if self.certain else "one of "
            what = (
                f"made a new key for {name} and did not delete the old one: {one}{listed(self.old)}"
            )
        return f"a dctx that was stopped on {self.note.day} {what}, on {clean(self.note.url)}"


def find_leftovers(folder: str, url: str, identity: Identity, config: Config) -> list[Leftover]:
    """Return the user's keys that stopped runs left on the panel; delete notes that are settled.

    `config` is as it is now. Notes about another user's keys are kept, since we cannot check them.
    """
    found, ours = [], used(config)
    for note in pending_keys.unfinished(folder, url):
        if note.user_id and identity.user_id and note.user_id != identity.user_id:
            continue
        made = [
            row
            for row in identity.keys
            if row.get("name") == note.name and row.get("id") not in note.known
        ]
        new = [row for row in made if row.get("id") not in ours]
        is_saved = len(new) < len(made)
        rows = [row for row in identity.keys if row.get("id") in note.replaces]
        old = [row for row in rows if is_saved and row.get("id") not in ours]
        if new or old:
            found.append(Leftover(note, new, old))
        elif is_saved or time.time() - note.made_at > pending_keys.SETTLED_SECONDS:
            note.forget()
    return found


def report(maker: Profile, identity: Identity, config: Config) -> None:
    """Warn about keys that stopped runs left on the panel of `maker`, whose user `identity` is."""
    for each in find_leftovers(context.folder(), maker.usable_url(), identity, config):
        context.warn(f"{each}. To delete that key, run: {delete_command(maker, config)}")


def delete_command(maker: Profile, config: Config) -> str:
    """Return the command that deletes unused keys, with the key of `maker`."""
    saved = maker.name in config.profiles
    return "dctx remove --unused" + (f" --profile {word(maker.name)}" if saved else "")


def finish(panel: Panel, identity: Identity, config: Config) -> None:
    """Delete keys that stopped runs left, before a command that makes keys goes on.

    If a key cannot be deleted, or it is not certain which it is, warn and keep the note.
    """
    for each in find_leftovers(context.folder(), panel.url, identity, config):
        if not each.certain:
            context.warn(f"{each}. Delete that key under {KEYS_PAGE}")
            continue
        try:
            delete(panel, str(each.certain[0]["id"]))
        except DctxError as error:
            context.warn(f"{each}. The key cannot be deleted: {error}")
            continue
        text = str(each)
        context.tell(f"{text[0].upper()}{text[1:]}. The key was deleted.")
        each.note.forget()


@dataclass(frozen=True)
class Unused:
    """Keys with names of ours that no profile has; the `doubtful` ones may be a profile's."""

    rows: list[Row]
    doubtful: list[Row]


def unused(maker: Profile, key: str, identity: Identity, config: Config) -> Unused:
    """Return the user's keys that have names of ours and are in no profile here.

    If a profile's key has an unknown id, all keys that it can be are doubtful. Another machine may
    use any of the keys.
    """
    ours = used(config)
    found = [row for row in identity.keys if _is_ours(row) and row.get("id") not in ours]
    keys = [p.plain_key or "" for p in same_panel(maker, config) if not p.key_id]
    if not maker.key_id:
        keys.append(key)
    can_be = [{row.get("id") for row in rows_of(k, identity)} for k in keys if k]
    doubtful = [row for row in found if any(row.get("id") in ids for ids in can_be)]
    return Unused([row for row in found if row not in doubtful], doubtful)


def _is_ours(row: Row) -> bool:
    return is_ours(row.get("name")) and not Expiry.of(row.get("expiresAt")).past


def keys_without_profile(maker: Profile, key: str, identity: Identity, config: Config) -> str:
    """Return a warning about keys with names of ours that no profile has, or "".

    It does not include the keys that report() warns about.
    """
    found = unused(maker, key, identity, config)
    noted = {note.name for note in pending_keys.unfinished(context.folder(), maker.usable_url())}
    rows = [row for row in found.rows + found.doubtful if row.get("name") not in noted]
    if not rows:
        return ""
    keys = "1 key" if len(rows) == 1 else f"{len(rows)} keys"
    return (
        f"dctx made {keys} on {clean(maker.usable_url())} that no profile here is known to have: "
        f"{listed(rows)}. If no other machine uses them, run: {delete_command(maker, config)}"
    )
