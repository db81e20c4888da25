"""`@name` in the official CLI's arguments, replaced by the id that the profile's panel has for it.

The panel is asked each time, never what is kept for Tab: a name that moved to another thing a
second ago, by the command before this one, must not reach the old one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from ...errors import PanelError
from ...files import keys
from ...model.profile import Profile, quoted
from ...model.resolve import Resolved
from ...official import inventory, references
from ...official.things import Thing
from ...text.foreign import clean
from . import context

QUIET = "DCTX_QUIET"
_PLAIN = re.compile(r"[\w@./+-]+\Z")


class Named(NamedTuple):
    """The arguments with ids, what was chosen, and the key, where it had to be fetched for that."""

    args: list[str]
    things: Sequence[Thing] = ()
    key: str | None = None

    @property
    def remark(self) -> str:
        """What a question about the command adds: the things by name, or ""."""
        names = ", ".join(_as_written(thing) for thing in self.things)
        return f" ({names})" if names else ""


def replaced(args: Sequence[str], found: Resolved) -> Named:
    """Return `args` with an id for each `@name`, and with @ for each @@; says what was chosen.

    `found`: which panel is asked. Raises NoSuchProfile (exit 3) where nothing has the name,
    UsageError (exit 2) where several do, PanelError (exit 5) where the panel cannot be asked.
    """
    wanted, plain = references.find(args)
    if not wanted:
        return Named(plain)
    profile = _profile(found)
    key = keys.fetch(profile)
    things = _ask(profile, key, list(dict.fromkeys(reference.kind for reference in wanted)))
    chosen = [references.match(things, each.kind, each.text) for each in wanted]
    for reference, thing in zip(wanted, chosen, strict=True):
        start = f"{reference.option}=" if reference.joined else ""
        plain[reference.at] = start + thing.id
    if os.environ.get(QUIET, "") in ("", "0"):
        for thing in dict.fromkeys(chosen):
            context.say(sentence(thing))
    return Named(plain, chosen, key)


def _profile(found: Resolved) -> Profile:
    """Return as whom the CLI acts: without a profile as the pair, or as what its `auth` saved."""
    if found.profile is not None:
        return found.profile
    if found.pair is not None:
        return Profile(found.pair.segment, {"url": found.pair.url, "token": found.pair.key})
    from ...official.installed import legacy

    url, key, _ = legacy(os.environ.get("PATH", os.defpath))
    return Profile("", {"url": url, "token": key})


def _ask(profile: Profile, key: str, kinds: Sequence[str]) -> list[Thing]:
    from ...panel.for_profile import connect
    from ...panel.http import Unexplained
    from ...panel.refusal import explained

    try:
        things, refused = inventory.ask(profile, kinds, connect(profile, key))
    except Unexplained as error:
        if not profile.organization_id:
            raise
        raise explained(error, profile, context.load()) from None
    for kind in kinds:
        if kind in refused:
            raise PanelError(f"this key may not list {kind}. Use an id instead of a name.")
    return things


def sentence(thing: Thing) -> str:
    """Return what is said of a chosen thing: "@production/shop-api is V1StGX… in Acme Shop"."""
    where = f" in {_plainly(thing.path[0])}" if len(thing.path) > 1 else ""
    return f"{_as_written(thing)} is {clean(thing.id)}{where}"


def _as_written(thing: Thing) -> str:
    return _plainly("@" + "/".join(thing.path[1:] or thing.path))


def _plainly(text: str) -> str:
    return text if _PLAIN.match(text) else quoted(text)
