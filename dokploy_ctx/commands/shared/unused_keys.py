"""`dctx remove --unused`: list keys that no profile has, and delete them after a question."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import Cancelled, DctxError, PanelError
from ...files import keys, pending_keys
from ...model.own_key import Row, described_row
from ...model.profile import quoted
from ...panel.account import delete
from ...panel.for_profile import connect
from ...panel.http import Panel
from ...panel.refusal import identify
from ...text.foreign import clean
from . import ask, confirm, context
from .leftover_keys import find_leftovers, unused


def delete_unused(names: Sequence[str], flag: str | None, yes: bool) -> None:
    """Delete the user's unused keys called `names`, or all that are certainly unused.

    The user and the panel are those of the profile `flag`, by default the active one. The keys are
    listed before the question, since another machine may use them. Raises UsageError (exit 2) if
    nobody can be asked.
    """
    config = context.load()
    maker = context.active_profile(config, flag)
    key = keys.fetch(maker)
    identity = identify(maker, key, config)
    url, folder = maker.usable_url(), context.folder()
    found = unused(maker, key, identity, config)
    stopped = [
        row for each in find_leftovers(folder, url, identity, config) for row in each.certain
    ]
    ids = {row.get("id") for row in stopped}
    others = [row for row in found.rows + found.doubtful if row.get("id") not in ids]
    if names:
        chosen = [_named(name, stopped + others) for name in dict.fromkeys(names)]
    else:
        chosen = stopped + [row for row in others if row not in found.doubtful]
        for row in [row for row in others if row in found.doubtful]:
            context.tell(
                f"Key {described_row(row)} may be that of a profile whose key's id is not known. "
                f"To delete it, run: dctx remove --unused {quoted(clean(str(row.get('name'))))}"
            )
    if not chosen:
        context.tell(f"All keys on {url} may be in use, so there is nothing to delete.")
        return
    _ask(chosen, url, yes)
    confirm.require(maker, "delete keys with its key")
    _delete(chosen, connect(maker, key))
    for note in pending_keys.unfinished(folder, url):
        if any(row.get("name") == note.name for row in chosen):
            note.forget()


def _named(name: str, rows: Sequence[Row]) -> Row:
    found = [row for row in rows if row.get("name") == name]
    if len(found) == 1:
        return found[0]
    what = f"{len(found)} unused keys have" if found else "no unused key has"
    raise DctxError(f"{what} the name {quoted(name)}. To list them, run: dctx verify")


def _ask(chosen: Sequence[Row], url: str, yes: bool) -> None:
    """Return if the keys may be deleted. Raises Cancelled (exit 130) or UsageError (exit 2)."""
    count = "1 key" if len(chosen) == 1 else f"{len(chosen)} keys"
    context.tell(f"{count} to delete on {url} (another machine may use them):")
    for row in chosen:
        context.tell(f"  {described_row(row)}")
    if not yes:
        ask.yes_or_no(
            f"Delete {count}?",
            "nothing was deleted, since there is no terminal to ask on. Run it with: --yes",
            "cancelled. Nothing was deleted.",
        )


def _delete(chosen: Sequence[Row], panel: Panel) -> None:
    from ...panel.key_creation import signals_deferred

    done = 0
    with signals_deferred("finishing the key that is being deleted") as signals:
        for row in chosen:
            if signals:
                raise Cancelled(f"cancelled. {done} of {len(chosen)} keys were deleted.")
            try:
                gone = delete(panel, str(row.get("id")))
            except DctxError as error:
                if done:
                    context.tell(f"{done} of {len(chosen)} keys were deleted.")
                raise PanelError(f"{described_row(row)}: {error}") from None
            done += 1
            key = described_row(row)
            context.tell(f"Deleted key {key}" if gone else f"Key {key} was deleted before")
