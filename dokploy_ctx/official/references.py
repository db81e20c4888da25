"""`@name` in the official CLI's arguments: find the names, and the thing that each stands for.

Pure. A value that begins with @ is a name if its option takes an id of a kind that wanted.py knows.
A value that really begins with @ is written @@. Nothing is guessed: if not exactly one thing
matches, the error lists the candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import NoSuchProfile, UsageError
from ..model.profile import quoted
from ..text.foreign import clean
from .things import KINDS, Thing
from .wanted import kind_of, read


class Reference(NamedTuple):
    """An `@name`: its index in the arguments, its option, its kind, and the name without @."""

    at: int
    option: str
    kind: str
    text: str
    joined: bool  # --option=@name


def find(args: Sequence[str]) -> tuple[list[Reference], list[str]]:
    """Return the references in the CLI's arguments, and the arguments with @ for every @@.

    Only values of options that take an id count, up to a bare `--`.
    """
    found: list[Reference] = []
    plain = list(args)
    line = read(args)
    previous = ""
    for at, arg in enumerate(args):
        if arg == "--":
            break
        option, equals, value = arg.partition("=")
        joined = bool(equals) and option.startswith("--")
        if not joined:
            option, value = previous, arg
        kind = kind_of(option, line) if value.startswith("@") else ""
        if kind and value.startswith("@@"):
            plain[at] = f"{option}={value[1:]}" if joined else value[1:]
        elif kind and len(value) > 1:
            found.append(Reference(at, option, kind, value[1:], joined))
        previous = "" if joined else arg if arg.startswith("--") else ""
    return found, plain


def joined(found: Sequence[Reference], args: Sequence[str]) -> list[str]:
    """Return `args`, where the ids are in place, with --option=ID for each --option ID.

    An id may begin with "-", and the CLI takes a word like -V… or -h… for --version or --help.
    """
    apart = {each.at: f"{each.option}=" for each in found if not each.joined}
    return [apart.get(at, "") + arg for at, arg in enumerate(args) if at + 1 not in apart]


def match(things: Sequence[Thing], kind: str, text: str) -> Thing:
    """Return the one thing of `kind` whose path ends in the parts of `text`.

    Case matters, and names may contain a /. Raises NoSuchProfile (exit 3) with the nearest names if
    nothing matches, UsageError (exit 2) with the paths if several things do.
    """
    of_kind = [thing for thing in things if thing.kind == kind]
    found = [thing for thing in of_kind if ends_in(thing, text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(several(text, found))
    raise NoSuchProfile(_not_found(of_kind, kind, text))


def several(text: str, found: Sequence[Thing]) -> str:
    """Return the message for a `text` that matches several things."""
    paths = [_path(thing) for thing in found]
    are_equal = len(set(paths)) < len(paths)
    if are_equal:
        paths = [f"{path} ({clean(thing.id)})" for path, thing in zip(paths, found, strict=True)]
    more = ", ..." if len(found) > 8 else ""
    use = "Use an id." if are_equal else "Use more of the path."
    return f"@{text} is one of {len(found)}: {', '.join(paths[:8])}{more}. {use}"


def ends_in(thing: Thing, text: str) -> bool:
    """Return whether the last parts of the path of `thing` are `text`."""
    return any("/".join(thing.path[start:]) == text for start in range(len(thing.path)))


def _path(thing: Thing) -> str:
    return quoted("@" + "/".join(thing.path))


def _not_found(of_kind: Sequence[Thing], kind: str, text: str) -> str:
    from ..model.profile import nearest

    by_name = {thing.name: thing for thing in reversed(of_kind)}
    near = [_path(by_name[name]) for name in nearest(text.rpartition("/")[2], list(by_name))]
    what = f"{kind} {quoted(text)} not found"
    if near:
        return f"{what}. Did you mean {' or '.join(near)}?"
    if kind not in KINDS:
        return f"{what}. Press Tab after the @ to see what there is, or use an id."
    if not of_kind:
        return f"{what}. There is no {kind} here. Run: dctx find"
    return f"{what}. Run: dctx find"
