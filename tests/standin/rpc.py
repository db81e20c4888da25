"""What procedures and routes share: values, errors, inputs, superjson.

Source: docs/dokploy-api.md, "Requests" (tRPC 11 with superjson).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .rows import Session
from .state import State

# tRPC's name and JSON-RPC number for each HTTP status that it answers with.
CODES: dict[int, tuple[str, int]] = {
    400: ("BAD_REQUEST", -32600),
    401: ("UNAUTHORIZED", -32001),
    403: ("FORBIDDEN", -32003),
    404: ("NOT_FOUND", -32004),
    405: ("METHOD_NOT_SUPPORTED", -32005),
    409: ("CONFLICT", -32009),
    415: ("UNSUPPORTED_MEDIA_TYPE", -32015),
    429: ("TOO_MANY_REQUESTS", -32029),
    500: ("INTERNAL_SERVER_ERROR", -32603),
}


class Undefined:
    """JavaScript's undefined: a missing field, or an empty answer."""


UNDEFINED = Undefined()


class RpcError(Exception):
    """A refusal with an HTTP status of `CODES`, and the issues that zod found."""

    def __init__(
        self, status: int, message: str, issues: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.issues = issues

    def data(self, path: str | None) -> dict[str, Any]:
        """Return the `data` object of the error; without a path it has no such field."""
        out: dict[str, Any] = {"code": CODES[self.status][0], "httpStatus": self.status}
        if path is not None:
            out["path"] = path
        out["zodError"] = None if self.issues is None else _flatten(self.issues)
        return out


def _flatten(issues: list[dict[str, Any]]) -> dict[str, Any]:
    form: list[str] = []
    fields: dict[str, list[str]] = {}
    for issue in issues:
        if issue["path"]:
            fields.setdefault(issue["path"][0], []).append(issue["message"])
        else:
            form.append(issue["message"])
    return {"formErrors": form, "fieldErrors": fields}


@dataclass(frozen=True)
class Field:
    """What zod requires of a value; the bounds are lengths, each with zod's message."""

    kind: str
    required: bool = True
    minimum: tuple[int, str] | None = None
    maximum: tuple[int, str] | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)


def wants(*required: str, maybe: tuple[str, ...] = ()) -> Field:
    """Return the schema of an object of texts."""
    fields = {name: Field("string") for name in required}
    return Field("object", fields={**fields, **{n: Field("string", required=False) for n in maybe}})


def _kind(value: Any) -> str:
    if value is UNDEFINED:
        return "undefined"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def validate(want: Field, value: Any, path: tuple[str, ...] = ()) -> tuple[Any, list[Any]]:
    """Return the value without unknown fields, and zod's issues (none = valid)."""
    got = _kind(value)
    if got == "undefined" and not want.required:
        return value, []
    if got != want.kind:
        message = f"Invalid input: expected {want.kind}, received {got}"
        issue = {"expected": want.kind, "code": "invalid_type", "path": list(path)}
        return value, [{**issue, "message": message}]
    if want.kind == "object":
        clean: dict[str, Any] = {}
        issues: list[Any] = []
        for name, inner in want.fields.items():
            kept, bad = validate(inner, value.get(name, UNDEFINED), (*path, name))
            issues += bad
            if kept is not UNDEFINED:
                clean[name] = kept
        return clean, issues
    # JavaScript's length: UTF-16 units, so an emoji counts twice.
    length = len(value.encode("utf-16-le", "surrogatepass")) // 2 if want.kind == "string" else 0
    if want.minimum is not None and length < want.minimum[0]:
        return value, [_length_issue("too_small", "minimum", want.minimum, path)]
    if want.maximum is not None and length > want.maximum[0]:
        return value, [_length_issue("too_big", "maximum", want.maximum, path)]
    return value, []


def _length_issue(
    code: str, word: str, bound: tuple[int, str], path: tuple[str, ...]
) -> dict[str, Any]:
    limit, message = bound
    issue: dict[str, Any] = {"origin": "string", "code": code, word: limit, "inclusive": True}
    return {**issue, "path": list(path), "message": message}


@dataclass(frozen=True)
class Call:
    """One call of one procedure: the rows, the caller (None = no accepted key), the input."""

    state: State
    session: Session | None
    input: dict[str, Any]

    @property
    def caller(self) -> Session:
        """Return the caller; only procedures that are not public may ask."""
        assert self.session is not None
        return self.session


@dataclass(frozen=True)
class Procedure:
    """An entry of the router; `wants` is None for a procedure without input."""

    run: Callable[[Call], Any]
    mutation: bool = False
    wants: Field | None = None
    public: bool = False


def superjson(value: Any) -> dict[str, Any]:
    """Return `{"json": …, "meta"?: …}`: dates as text, their paths in the meta."""
    if value is UNDEFINED:
        return {"json": None, "meta": {"values": ["undefined"], "v": 1}}
    dates: dict[str, list[str]] = {}
    plain = _plain(value, (), dates)
    return {"json": plain, "meta": {"values": dates, "v": 1}} if dates else {"json": plain}


def plain(value: Any) -> Any:
    """Return the value with dates as text, as the OpenAPI form answers it."""
    return None if value is UNDEFINED else _plain(value, (), {})


def _plain(value: Any, path: tuple[str, ...], dates: dict[str, list[str]]) -> Any:
    if isinstance(value, datetime):
        dates[".".join(path)] = ["Date"]
        return iso(value)
    if isinstance(value, dict):
        return {name: _plain(inner, (*path, name), dates) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, (*path, str(at)), dates) for at, inner in enumerate(value)]
    return value


def iso(moment: datetime) -> str:
    """Return the time as JavaScript's toISOString() does: with milliseconds and Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
