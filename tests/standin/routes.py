"""From one request to one answer: paths, the tRPC form, batches and the OpenAPI form.

Pure, except for the state that it gets. The rules come from docs/dokploy-api.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from . import accounts, empty, keys, openapi, projects, services, versions
from .request import TRPC, Answer, Request
from .rows import Session
from .rpc import CODES, UNDEFINED, Call, Procedure, RpcError, plain, superjson, validate
from .state import State

PROCEDURES = {
    **empty.PROCEDURES,
    **accounts.PROCEDURES,
    **keys.PROCEDURES,
    **projects.PROCEDURES,
    **services.PROCEDURES,
}


def _document(call: Call) -> Any:
    known = (name for name in PROCEDURES if versions.has(call.state.version, name))
    return openapi.document(PROCEDURES, known)


PROCEDURES["settings.getOpenApiDocument"] = Procedure(_document)
JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
HEADER_LIMIT = 16_384
UNAUTHORIZED = {"message": "Unauthorized"}


class ProxyError(Exception):
    """An injected failure that tRPC does not know, answered in HTML as by a proxy."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


# Takes the name of a procedure, and raises what a test wants to happen instead.
Fault = Callable[[str], None]


def _json(status: int, value: Any, content_type: str = JSON) -> Answer:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Answer(status, text.encode("utf-8", "surrogatepass"), content_type)


def html(status: int, title: str) -> Answer:
    """Return a page, as the panel answers to everything outside of `/api/`."""
    page = f'<!DOCTYPE html><html lang="en"><head><title>{title}</title></head><body></body></html>'
    return Answer(status, page.encode(), HTML)


def answer(state: State, request: Request, fault: Fault) -> Answer:
    """Return the panel's answer to the request."""
    if sum(len(name) + len(value) for name, value in request.headers.items()) > HEADER_LIMIT:
        return Answer(431)
    path, query = request.path, request.target[len(request.path) :]
    if "//" in path:
        return _redirect(re.sub("/{2,}", "/", path) + query)
    if path != "/" and path.endswith("/"):
        return _redirect(path.rstrip("/") + query)
    try:
        if path.startswith(TRPC):
            return _trpc(state, request, fault)
        if path.startswith("/api/"):
            return _below_api(state, request, fault)
    except ProxyError as error:
        return html(error.status, "Bad gateway")
    return _page(state, request)


def _page(state: State, request: Request) -> Answer:
    """Return what a browser would see: a key counts as signed in."""
    session = _session(state, request)
    if request.path == "/":
        return _moved("/dashboard/home") if session else html(200, "Dokploy")
    if request.path == "/swagger" or request.path.startswith("/dashboard/"):
        return html(200, "Dokploy") if session else _moved("/")
    return html(404, "Page not found")


def _moved(location: str) -> Answer:
    return Answer(307, location.encode(), None, location)


def _redirect(location: str) -> Answer:
    return Answer(308, location.encode(), None, location)


def _session(state: State, request: Request) -> Session | None:
    return state.accept(request.key) if request.key else None


def _parse(text: str) -> Any:
    """Return the JSON value, or raise 400 with the words of JavaScript's JSON.parse."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError:
        pass
    if not text.strip():
        raise RpcError(400, "Unexpected end of JSON input")
    if re.match(r'\s*\{\s*[^\s"}]', text):
        at = text.index("{") + 1
        message = f"Expected property name or '}}' in JSON at position {at}"
        raise RpcError(400, f"{message} (line 1 column {at + 1})")
    raise RpcError(400, f"Unexpected token '{text.strip()[0]}', \"{text}\" is not valid JSON")


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _unwrap(value: Any) -> Any:
    """Return the value under `json`, UNDEFINED for a value without this envelope."""
    return value.get("json", UNDEFINED) if isinstance(value, dict) else UNDEFINED


def _perform(state: State, session: Session | None, name: str, raw: Callable[[], Any]) -> Any:
    """Return the value of the procedure; check the key before the input."""
    procedure = PROCEDURES[name]
    if session is None and not procedure.public:
        raise RpcError(401, "UNAUTHORIZED")
    given: Any = {}
    if procedure.wants is not None:
        given, issues = validate(procedure.wants, raw())
        if issues:
            raise RpcError(400, json.dumps(issues, indent=2), issues)
    return procedure.run(Call(state, session, given))


def _error(error: RpcError, path: str | None) -> dict[str, Any]:
    body = {"message": error.message, "code": CODES[error.status][1], "data": error.data(path)}
    return {"error": {"json": body}}


def _trpc(state: State, request: Request, fault: Fault) -> Answer:
    if request.method == "HEAD":
        return Answer(204)
    content_type = request.headers.get("content-type")
    if request.method != "GET" and not (content_type or "").startswith(JSON):
        message = "Missing content-type header"
        if content_type is not None:
            # tRPC itself forgets the quote at the end.
            message = f'Unsupported content-type "{content_type}'
        return _json(415, _error(RpcError(415, message), None), "text/plain;charset=UTF-8")
    # One look at the key for the whole request, be it a batch, a 404 or a 405
    # (docs/dokploy-api.md, "Keys").
    session = _session(state, request)
    batch = request.query.get("batch") == "1"
    kinds = dict.fromkeys(
        "mutation" if found.mutation else "query"
        for name in request.procedures
        if (found := _find(state, name)) is not None
    )
    if len(kinds) > 1:
        message = f"Cannot mix procedure types in call: {', '.join(kinds)}"
        return _json(400, _error(RpcError(400, message), None), "text/plain;charset=UTF-8")
    parts: list[tuple[int, Any]] = []
    for at, name in enumerate(request.procedures):
        place = at if batch else None
        parts.append(_trpc_part(state, session, request, name, place, fault))
    if not batch:
        return _json(*parts[0])
    statuses = {status for status, _ in parts}
    return _json(statuses.pop() if len(statuses) == 1 else 207, [part for _, part in parts])


def _trpc_part(
    state: State,
    session: Session | None,
    request: Request,
    name: str,
    place: int | None,
    fault: Fault,
) -> tuple[int, Any]:
    """Return status and body of one call; `place` is its number in a batch."""
    try:
        fault(name)
        _check_method(state, request.method, name)
        value = _perform(state, session, name, lambda: _trpc_input(request, place))
    except RpcError as error:
        return error.status, _error(error, name)
    return 200, {"result": {"data": superjson(value)}}


def _find(state: State, name: str) -> Procedure | None:
    """Return the procedure, None if the panel's version does not have it."""
    return PROCEDURES.get(name) if versions.has(state.version, name) else None


def _check_method(state: State, method: str, name: str) -> None:
    procedure = _find(state, name)
    if procedure is None:
        raise RpcError(404, f'No procedure found on path "{name}"')
    if method != ("POST" if procedure.mutation else "GET"):
        kind = "mutation" if procedure.mutation else "query"
        raise RpcError(405, f'Unsupported {method}-request to {kind} procedure at path "{name}"')


def _trpc_input(request: Request, place: int | None) -> Any:
    if request.method == "GET":
        text = request.query.get("input", "")
        if not text:
            return UNDEFINED
    else:
        text = request.text
    value = _parse(text)
    if place is None:
        return _unwrap(value)
    if not isinstance(value, dict):
        raise RpcError(400, '"input" needs to be an object when doing a batch call')
    return _unwrap(value.get(str(place)))


def _below_api(state: State, request: Request, fault: Fault) -> Answer:
    if request.path == "/api/health":
        return _json(200, {"ok": True}, JSON_UTF8)
    # better-auth's own endpoints do not know the key (docs/dokploy-api.md, "Keys").
    if request.path == "/api/auth/get-session":
        return _json(200, None)
    if request.path.startswith("/api/auth/"):
        return _json(401, {"message": "Unauthorized", "code": "UNAUTHORIZED"})
    if _session(state, request) is None:
        return _json(401, UNAUTHORIZED, JSON_UTF8)
    name = request.path[len("/api/") :]
    procedure = _find(state, name)
    if procedure is None or request.method != ("POST" if procedure.mutation else "GET"):
        return _openapi_error(RpcError(404, "Not found"), None)
    try:
        fault(name)
        # The key is checked a second time here, which counts against its limit, too.
        session = _session(state, request)
        return _json(200, plain(_perform(state, session, name, lambda: _openapi_input(request))))
    except RpcError as error:
        return _openapi_error(error, name)


def _openapi_input(request: Request) -> Any:
    return request.query if request.method == "GET" else _parse(request.text)


def _openapi_error(error: RpcError, path: str | None) -> Answer:
    message = error.message if error.issues is None else "Input validation failed"
    body: dict[str, Any] = {
        "message": message,
        "code": CODES[error.status][0],
        "data": error.data(path),
    }
    if error.issues is not None:
        body["issues"] = error.issues
    return _json(error.status, body)
