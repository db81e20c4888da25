"""`dctx _ids`: what Tab offers as the value of an option that wants an id."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator, Sequence

import click

from ..model.profile import Profile
from ..official.things import Thing, kind_of
from ..text.foreign import clean
from .shared import context

# Python has started by then: together it is what a person waits for at most.
_SECONDS = 1.2


@click.command(name="_ids", hidden=True)
@click.option("--profile", "flag")
@click.argument("option")
@click.argument("word", default="")
def ids_for_tab(flag: str | None, option: str, word: str) -> None:
    """Print what may stand behind `option` and begins with `word`, as lines VALUE<TAB>ABOUT.

    Says nothing where that cannot be known at once, and asks nobody but the panel.
    """
    lines: list[str] = []

    def run() -> None:
        # Tab is no place for a message, whatever is wrong.
        with contextlib.suppress(Exception):
            lines.extend(_lines(flag, option, word))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_SECONDS)
    with contextlib.suppress(OSError):
        sys.stdout.write("".join(line + "\n" for line in list(lines)))
        sys.stdout.flush()
    os._exit(0)  # a request that hangs is not waited for


def _lines(flag: str | None, option: str, word: str) -> Iterator[str]:
    kind = kind_of(option)
    if not kind:
        return
    found = _things(flag, kind)
    things = [thing for thing in found if thing.kind == kind and _can_be_typed(thing)]
    things.sort(key=lambda thing: thing.path)
    if word.startswith("@"):
        yield from _names(things, word[1:])
        return
    for thing in things:
        if thing.id.startswith(word):
            where = f" ({' / '.join(thing.path[:-1])})" if len(thing.path) > 1 else ""
            yield f"{thing.id}\t{thing.name}{where}"


def _names(things: Sequence[Thing], word: str) -> Iterator[str]:
    """Yield what each thing can be called that begins with `word`: the shortest that is clear.

    Where that is not enough: the shortest, and once it is typed, each whole path in its place.
    """
    count: dict[str, int] = {}
    for thing in things:
        for path in _paths(thing):
            count[path] = count.get(path, 0) + 1
    found: dict[str, str] = {}
    for thing in things:
        begins = [path for path in _paths(thing) if path.startswith(word)]
        clear = [path for path in begins if count[path] == 1]
        for path in (clear or begins)[:1]:
            found.setdefault(path, thing.id if clear else f"{count[path]} of that name")
    if list(found) == [word] and count[word] > 1:
        found = {"/".join(thing.path): thing.id for thing in things if word in _paths(thing)}
    for path, about in found.items():
        yield f"@{path}\t{about}"


def _paths(thing: Thing) -> list[str]:
    """Return the names of `thing`, the shortest first."""
    return ["/".join(thing.path[start:]) for start in reversed(range(len(thing.path)))]


def _can_be_typed(thing: Thing) -> bool:
    text = "/".join(thing.path)
    return clean(text) == text and clean(thing.id) == thing.id


def _things(flag: str | None, kind: str) -> list[Thing]:
    from ..official import inventory
    from ..panel.for_profile import connect, is_at_hand

    found = context.in_force(flag=flag)
    profile = found.profile
    if profile is None:
        if found.pair is None:
            return []
        profile = Profile(found.pair.segment, {"url": found.pair.url, "token": found.pair.key})
    kept = inventory.kept(profile, kind)
    if kept is not None:
        return kept
    if not is_at_hand(profile):  # a vault would be asked, or a program for headers
        return []
    return inventory.ask(profile, [kind], connect(profile))[0]
