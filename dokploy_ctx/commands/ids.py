"""`dctx _ids`: print what Tab offers as the value of an option that takes an id."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from ..constants import SEPARATOR, TYPED
from ..model.profile import Profile
from ..official import below, inventory, lookup, references, remembered
from ..official.things import KINDS, Thing
from ..official.wanted import Line, kind_of, read
from ..text.foreign import clean
from .shared import context
from .shared.options import profile_option

if TYPE_CHECKING:
    from ..panel.http import Panel

# The time limit. With the start of Python, a person waits a little longer.
_SECONDS = 1.2


@click.command(name="_ids", hidden=True)
@profile_option("Look on the panel of NAME.")
@click.option("--whole", is_flag=True)
@click.argument("option")
@click.argument("word", default="")
def ids_for_tab(flag: str | None, whole: bool, option: str, word: str) -> None:
    """Print what may stand behind `option` and begins with `word`, as lines VALUE<TAB>ABOUT.

    The words before it are in the environment, where nobody else sees them. Says nothing where that
    cannot be known at once, and asks nobody but the panel.

    `whole` is for a shell that ends the only name it has to offer with a blank: a name that several
    things share is given as the whole path of each at once.
    """
    lines: list[str] = []
    words = os.environ.pop(TYPED, "").removesuffix(SEPARATOR).split(SEPARATOR)

    def run() -> None:
        # Tab is no place for a message, whatever is wrong.
        with contextlib.suppress(Exception):
            lines.extend(_lines(flag, option, word, read(words[1:]), whole))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    with contextlib.suppress(OSError):
        sys.stdout.write("".join(line + "\n" for line in list(lines)))
        sys.stdout.flush()
    os._exit(0)  # a request that hangs is not waited for


def _lines(flag: str | None, option: str, word: str, line: Line, whole: bool) -> Iterator[str]:
    kind = kind_of(option, line)
    profile = _profile(flag)
    if not kind or profile is None:
        return
    panel = _Remembered(profile)
    if kind not in below.SOURCES:
        found = panel.things([kind])
    else:
        found = panel.below(kind, lookup.by_line(kind, panel.with_ids(line)))
    if not word.startswith("@"):
        lines = list(_ids(found, word))
        yield from lines
        if lines and (word or kind not in below.SOURCES):
            return
    # If no id begins with the word, a name may.
    if word:
        yield from _names(found, word.removeprefix("@"), whole)
    if kind in below.SOURCES:
        yield from _below_owners(panel, kind, word.removeprefix("@"))


def _below_owners(panel: _Remembered, kind: str, word: str) -> Iterator[str]:
    """Yield the possible parents of a thing of `kind`, or what is below the only one left."""
    owners = panel.things(below.owners(kind)) if below.owners(kind) else []
    lines = list(_names(owners, word))
    left = [line.partition("\t")[0][1:] for line in lines]
    found = []
    for owner in owners:
        for path in _paths(owner):
            if word.startswith(path + "/") or left == [path]:
                of_owner = panel.below(kind, lookup.by_path(kind, path + "/", [owner]))
                found += [(f"{path}/{thing.name}", thing) for thing in of_owner]
                break
    found = [row for row in found if row[0].startswith(word) and _can_be_typed(row[1])]
    for name, thing in found:
        yield f"@{name}\t{_about(thing)}"
    if len(lines) > 1 or not found:
        for line in lines:
            yield "/\t".join(line.split("\t"))


def _ids(found: Sequence[Thing], word: str) -> Iterator[str]:
    for thing in sorted(filter(_can_be_typed, found), key=lambda each: each.path):
        if thing.id.startswith(word):
            where = f" ({' / '.join(thing.path[:-1])})" if len(thing.path) > 1 else ""
            yield f"{thing.id}\t{thing.name}{where}{_more(thing)}"


def _names(found: Sequence[Thing], word: str, whole: bool = False) -> Iterator[str]:
    """Yield for each thing the shortest unique name that begins with `word`.

    If several things share a name, it is offered once; after it is typed, the whole paths are.
    """
    count: dict[str, int] = {}
    things = sorted(filter(_can_be_typed, found), key=lambda each: each.path)
    for thing in things:
        for path in _paths(thing):
            count[path] = count.get(path, 0) + 1
    names: dict[str, str] = {}
    for thing in things:
        begins = [path for path in _paths(thing) if path.startswith(word)]
        clear = [path for path in begins if count[path] == 1]
        for path in (clear or begins)[:1]:
            if whole and not clear:
                names["/".join(thing.path)] = _about(thing)
                continue
            names.setdefault(path, _about(thing) if clear else f"{count[path]} of that name")
    if list(names) == [word] and count[word] > 1:
        names = {"/".join(each.path): _about(each) for each in things if word in _paths(each)}
    for path, about in names.items():
        yield f"@{path}\t{about}"


def _about(thing: Thing) -> str:
    return clean(thing.id) + _more(thing)


def _more(thing: Thing) -> str:
    """Return what is shown beside a thing whose name tells little: a date, a schedule."""
    return f", {clean(thing.status)}" if thing.status and thing.kind not in KINDS else ""


def _paths(thing: Thing) -> list[str]:
    """Return all names of `thing`, from its own name to its whole path."""
    return ["/".join(thing.path[start:]) for start in reversed(range(len(thing.path)))]


def _can_be_typed(thing: Thing) -> bool:
    text = "/".join(thing.path)
    return bool(thing.name) and clean(text) == text and clean(thing.id) == thing.id


def _profile(flag: str | None) -> Profile | None:
    return context.active(flag=flag).acting


class _Remembered:
    """The profile's panel, which is asked unless its answer of the last minute is saved."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile

    def things(self, kinds: Sequence[str]) -> list[Thing]:
        """Return the things of `kinds`."""
        kept = {kind: remembered.recall(self._profile, kind) for kind in kinds}
        unknown = [kind for kind, found in kept.items() if found is None]
        panel = self._panel() if unknown else None
        if panel:
            found, _ = inventory.ask(self._profile, unknown, panel)
            kept |= {kind: [each for each in found if each.kind == kind] for kind in unknown}
        return [thing for found in kept.values() for thing in found or ()]

    def below(self, kind: str, calls: Sequence[inventory.Call]) -> list[Thing]:
        """Return the things of `kind` that the calls find."""
        kept = [remembered.recall(self._profile, kind, call.name(kind)) for call in calls]
        unknown = [call for call, found in zip(calls, kept, strict=True) if found is None]
        found = [thing for each in kept for thing in each or ()]
        panel = self._panel() if unknown else None
        if panel:
            found += inventory.ask_below(self._profile, kind, unknown, panel)[0]
        return found

    def _panel(self) -> Panel | None:
        """Return the panel, None if a vault or a program would have to be run for it."""
        from ..panel.for_profile import connect, is_all_in_file

        return connect(self._profile) if is_all_in_file(self._profile) else None

    def with_ids(self, line: Line) -> Line:
        """Return `line` with ids instead of the names that are unique."""
        values = dict(line.values)
        for option, value in line.values.items():
            kind = kind_of(option, line)
            if kind and kind not in below.SOURCES and value.startswith("@"):
                with contextlib.suppress(Exception):
                    values[option] = references.match(self.things([kind]), kind, value[1:]).id
        return line._replace(values=values)
