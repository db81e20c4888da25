"""All other queries: their input is checked as on a real panel, and they find nothing.

A query for a thing by its id answers "not found". A list has the rows that a test added, and an
input has the answer that a test gave it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .queries import TABLE
from .rpc import UNDEFINED, Call, Field, Procedure, RpcError

_KINDS = {"#": "number", "!": "boolean"}


def _field(word: str) -> tuple[str, Field]:
    name = word.rstrip("?")
    kind = _KINDS.get(name[-1], "string")
    return name.rstrip("#!"), Field(kind, required=not word.endswith("?"))


def as_text(given: Mapping[str, Any]) -> str:
    """Return an input as text, which is the same for equal inputs."""
    return json.dumps(given, sort_keys=True)


def _answer(name: str, *, is_of_one: bool) -> Callable[[Call], Any]:
    empty: Any = [] if name.endswith((".all", "getAll", ".search", "s")) else UNDEFINED

    def run(call: Call) -> Any:
        organization = call.caller.organization_id
        given = organization, name, as_text(call.input)
        if given in call.state.answers:
            return call.state.answers[given]
        if is_of_one:
            raise RpcError(404, "Not found")
        return call.state.lists.get((organization, name), empty)

    return run


def _procedures() -> dict[str, Procedure]:
    found = {}
    for line in TABLE.splitlines():
        name, *words = line.split(" ")
        fields = dict(map(_field, words))
        is_of_one = any(field.required for field in fields.values())
        run = _answer(name, is_of_one=is_of_one)
        found[name] = Procedure(run, wants=Field("object", fields=fields) if fields else None)
    return found


PROCEDURES = _procedures()
