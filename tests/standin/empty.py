"""All other queries: checked for their input as the real panel does, and answered as if empty.

A thing that is asked for by its id is not found; a list has the rows that a test put into it.
"""

from __future__ import annotations

from typing import Any

from .queries import TABLE
from .rpc import UNDEFINED, Call, Field, Procedure, RpcError

_KINDS = {"#": "number", "!": "boolean"}


def _field(word: str) -> tuple[str, Field]:
    name = word.rstrip("?")
    kind = _KINDS.get(name[-1], "string")
    return name.rstrip("#!"), Field(kind, required=not word.endswith("?"))


def _not_found(_call: Call) -> Any:
    raise RpcError(404, "Not found")


def _nothing(name: str) -> Any:
    empty: Any = [] if name.endswith((".all", "getAll", ".search", "s")) else UNDEFINED
    return lambda call: call.state.lists.get((call.caller.organization_id, name), empty)


def _procedures() -> dict[str, Procedure]:
    found = {}
    for line in TABLE.splitlines():
        name, *words = line.split(" ")
        fields = dict(map(_field, words))
        is_of_one = any(field.required for field in fields.values())
        run = _not_found if is_of_one else _nothing(name)
        found[name] = Procedure(run, wants=Field("object", fields=fields) if fields else None)
    return found


PROCEDURES = _procedures()
