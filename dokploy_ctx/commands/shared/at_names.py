"""Replace each `@name` in the official CLI's arguments by the id on the profile's panel.

The panel is asked each time. What is saved for Tab is not used, since the previous command may have
given the name to another thing.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...errors import PanelError
from ...files import keys
from ...model.profile import Profile, quoted
from ...model.resolve import Resolved
from ...official import below, inventory, lookup, references
from ...official.references import Reference
from ...official.things import Thing
from ...official.wanted import read
from ...text.foreign import clean
from . import context

QUIET = "DCTX_QUIET"
_PLAIN = re.compile(r"[\w@./+-]+\Z")


class Named(NamedTuple):
    """The arguments with ids, the chosen things, and the key if it had to be fetched."""

    args: list[str]
    things: Sequence[Thing] = ()
    key: str | None = None

    @property
    def remark(self) -> str:
        """The names of the things, to be added to a question about the command, or ""."""
        names = ", ".join(_as_written(thing) for thing in self.things)
        return f" ({names})" if names else ""


def replaced(args: Sequence[str], found: Resolved) -> Named:
    """Return `args` with an id for each `@name` and @ for each @@; say which things were chosen.

    The panel of `found` is asked. Raises NoSuchProfile (exit 3) if nothing has the name, UsageError
    (exit 2) if several things have it, PanelError (exit 5) if the panel cannot be asked.
    """
    wanted, plain = references.find(args)
    if not wanted:
        return Named(plain)
    profile = _profile(found)
    key = keys.fetch(profile)
    chosen = _chosen(_Asked(profile, key), wanted, plain)
    if os.environ.get(QUIET, "") in ("", "0"):
        for thing in dict.fromkeys(chosen):
            context.say(sentence(thing))
    return Named(references.joined(wanted, plain), chosen, key)


def _chosen(panel: _Asked, wanted: Sequence[Reference], plain: list[str]) -> list[Thing]:
    """Return the thing for each of `wanted`, and put their ids into `plain`."""
    flat = [each.kind for each in wanted if each.kind not in below.SOURCES]
    owners = [
        owner
        for each in wanted
        if each.kind in below.SOURCES and "/" in each.text
        for owner in below.owners(each.kind)
    ]
    things = panel.things(flat, owners)
    chosen: dict[int, Thing] = {}
    # Parents come first, since their ids are needed to find what is below them.
    for reference in sorted(wanted, key=lambda each: below.depth(each.kind)):
        among = things
        if reference.kind in below.SOURCES:
            calls = lookup.by_line(reference.kind, read(plain))
            calls += lookup.by_path(reference.kind, reference.text, things)
            if not calls and "/" not in reference.text:
                raise lookup.needs_parent(reference)
            among = panel.below(reference.kind, calls)
        thing = references.match(among, reference.kind, reference.text)
        start = f"{reference.option}=" if reference.joined else ""
        plain[reference.at] = start + thing.id
        chosen[reference.at] = thing
    return [chosen[reference.at] for reference in wanted]


class _Asked:
    """The profile's panel, which is asked each time."""

    def __init__(self, profile: Profile, key: str) -> None:
        from ...panel.for_profile import connect

        self._profile = profile
        self._panel = connect(profile, key)

    def things(self, kinds: Sequence[str], owners: Sequence[str]) -> list[Thing]:
        """Return the things of `kinds`, and those of `owners` that the key may list."""
        both = list(dict.fromkeys((*kinds, *owners)))
        if not both:
            return []
        with self._explained():
            things, refused = inventory.ask(self._profile, both, self._panel)
        for kind in kinds:
            if kind in refused:
                raise PanelError(f"this key may not list {kind}. Use an id instead of a name.")
        return things

    def below(self, kind: str, calls: Sequence[inventory.Call]) -> list[Thing]:
        """Return the things of `kind` that the calls find."""
        with self._explained():
            things, refused = inventory.ask_below(self._profile, kind, calls, self._panel)
            if refused and not things:
                error = self._panel.failure(refused[0])
                raise error if isinstance(error, PanelError) else PanelError(str(error))
        # A thing may be found by the line and by the path. Keep the longer path, which says more.
        by_id = {thing.id: thing for thing in sorted(things, key=lambda each: len(each.path))}
        return list(by_id.values())

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        from ...panel.errors import Unexplained
        from ...panel.refusal import explained

        try:
            yield
        except Unexplained as error:
            if not self._profile.organization_id:
                raise
            raise explained(error, self._profile, context.load()) from None


def _profile(found: Resolved) -> Profile:
    """Return the profile with which the CLI acts; without any, what its own `auth` saved."""
    if found.acting is not None:
        return found.acting
    from ...official.installed import legacy

    url, key, _ = legacy(os.environ.get("PATH", os.defpath))
    return Profile("", {"url": url, "token": key})


def sentence(thing: Thing) -> str:
    """Return the message for a chosen thing: "@production/shop-api is V1StGX… in Acme Shop"."""
    where = f" in {_plainly(thing.path[0])}" if len(thing.path) > 1 else ""
    return f"{_as_written(thing)} is {clean(thing.id)}{where}"


def _as_written(thing: Thing) -> str:
    return _plainly("@" + "/".join(thing.path[1:] or thing.path))


def _plainly(text: str) -> str:
    return text if _PLAIN.match(text) else quoted(text)
