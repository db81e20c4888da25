"""Which requests find a thing that is listed below another: a port, a schedule, a backup.

Pure. The parent is named by another option of the line, or by the path before the thing's own name
(@shop-api/8080/tcp).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import UsageError
from . import below
from .below import Source
from .inventory import Call
from .references import Reference, ends_in, several
from .things import Thing
from .wanted import Line, kind_of

# How many parents of one name are asked at once. If there are more, the path has to be longer.
MOST_OWNERS = 20


def by_line(kind: str, line: Line) -> list[Call]:
    """Return the requests for `kind` that follow from the other options of the line."""
    ids = {kind_of(option, line): value for option, value in line.values.items()}
    ids = {of: value for of, value in ids.items() if of != kind and value[:1] != "@"}
    found = [
        Call(source, {field: ids[parent] for field, parent in source.parents.items()})
        for source in below.SOURCES[kind]
        if source.parents and all(parent in ids for parent in source.parents.values())
    ]
    return found or [Call(source) for source in below.SOURCES[kind] if not source.parents]


def by_path(kind: str, text: str, owners: Sequence[Thing]) -> list[Call]:
    """Return the requests for `kind` below those of `owners` that `text` begins with."""
    begins = [text[:at] for at, letter in enumerate(text) if letter == "/"]
    near = [owner for owner in owners if any(ends_in(owner, begin) for begin in begins)]
    if len(near) > MOST_OWNERS:
        raise UsageError(several(text, near))
    return [Call(source, {field: owner.id}, owner.path)
            for owner in near for source, field in _of(kind, owner)]  # fmt: skip


def _of(kind: str, owner: Thing) -> Iterator[tuple[Source, str]]:
    for source in below.SOURCES[kind]:
        for field, parent in source.parents.items():
            if parent == owner.kind and source.by_path:
                yield source, field


def needs_parent(reference: Reference) -> UsageError:
    """Return the error for a name that does not tell what the thing belongs to."""
    kind, option = reference.kind, reference.option
    if below.owners(kind):
        other = f"Write {option} @SERVICE/NAME."
    else:
        parents = [each for source in below.SOURCES[kind] for each in source.parents.values()]
        other = "Use " + " and ".join(f"--{each}Id" for each in dict.fromkeys(parents)) + ", too."
    return UsageError(f"which {kind} @{reference.text} is depends on what it belongs to. {other}")
