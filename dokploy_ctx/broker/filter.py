"""Decide which requests a broker forwards, by the names of the procedures.

Pure. The parsing is strict: a request that is not clearly of one of the server's two forms is
refused.

    /api/trpc/application.one?input={"json":{…}}      tRPC; a batch: a.b,c.d?batch=1&input={"0":…}
    /api/application.one?applicationId=…              REST
"""

from __future__ import annotations

import fnmatch
import hmac
import json
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from .write_back import contains_mask

_NAME = r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)+"
_TRPC = re.compile(rf"/api/trpc/({_NAME}(?:,{_NAME})*)\Z")
_REST = re.compile(rf"/api/({_NAME})\Z")
# The characters that a request target may contain: visible ASCII without a special meaning.
_TARGET = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?\[\]{}\"|^-]*\Z")
# Names in a REST query. The server's framework uses `trpc` and names that begin with nxtP for the
# parts of the path, so they are not allowed.
_REST_FIELD = re.compile(r"(?!trpc\b|nxtP)[A-Za-z][A-Za-z0-9.-]*(?:\[[A-Za-z0-9]*\])*\Z", re.I)
_SLASHES = re.compile("/{2,}")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# superjson, with which the server reads input, once let these change its own objects.
_PROTOTYPE = re.compile(r"__proto__|constructor\.prototype")
_MOST_NAMES = 50
_LONGEST_REASON = 300

# Headers that may come once only: with two, the broker and the panel might read different ones.
_SINGLE = (
    *(b"host", b"x-api-key", b"content-type", b"content-length", b"transfer-encoding"),
    *(b"accept", b"user-agent", b"authorization", b"connection", b"expect"),
)
# Headers that ask a server for something else than the request line says.
_FORBIDDEN = frozenset(
    {
        *(b"upgrade", b"te", b"trailer", b"x-http-method", b"x-http-method-override"),
        *(b"x-method-override", b"x-original-url", b"x-rewrite-url", b"x-forwarded-host"),
    }
)
# Webhooks and sign-in are not procedures. Names of these groups are refused whatever is allowed.
_NEVER = frozenset({"auth", "deploy", "trpc"})


class Rules(NamedTuple):
    """What a broker allows, for which profile, and until when."""

    profile: str
    reads: frozenset[str]  # procedures that only read; they are allowed with GET
    allow: tuple[str, ...] = ()  # globs for procedure names, allowed with GET and POST
    show_secrets: bool = False
    deadline: float | None = None  # seconds since 1970

    @property
    def access(self) -> str:
        """How the profile is used, for messages: "read-only as prod"."""
        return f"limited access as {self.profile}" if self.allow else f"read-only as {self.profile}"


class Request(NamedTuple):
    """An allowed request, as it is sent to the panel."""

    method: str
    target: str  # path and query below the panel's URL
    procedures: tuple[str, ...]
    rest: bool


class Refused(Exception):
    """A request is not forwarded; `status` and `text` are the answer."""

    def __init__(
        self, status: int, text: str, procedures: Sequence[str] = (), *, rest: bool = False
    ) -> None:
        self.status = status
        self.text = text
        self.procedures = tuple(procedures)
        self.rest = rest


class Moved(Exception):
    """A path has a slash too many: like the panel, the broker redirects the client to `path`.

    dokli asks for /api//project.all and follows the redirect. Its next request is checked again.
    """

    def __init__(self, path: str, procedures: Sequence[str]) -> None:
        self.path = path
        self.procedures = tuple(procedures)


def check(
    method: str,
    target: str,
    headers: Iterable[tuple[bytes, bytes]],
    *,
    key: str,
    hosts: frozenset[str],
    rules: Rules,
    now: float | None = None,
) -> Request:
    """Return the request to send to the panel.

    `target` is the raw request target, `headers` are the raw headers, `key` is this broker's own
    key, and `hosts` are the allowed values of the Host header. Raises Refused, Moved.
    """
    path, mark, query = target.partition("?")
    names, rest = _procedures(path)
    try:
        _check_framing(method, target, headers, key, hosts)
        if not names:
            plain = _SLASHES.sub("/", path).rstrip("/")
            if _procedures(plain)[0]:
                raise Moved(f"{plain}{mark}{query}", _procedures(plain)[0])
        if not names:
            raise Refused(403, "refused by dctx: this path is not a procedure")
        check_time(rules, now)
        for name in names:
            _check_name(method, name, rules)
        if contains_mask(unquote(query)):
            raise masked_value()
        new = _query(method, names, query, rest=rest)
    except Refused as refused:
        raise Refused(refused.status, refused.text, names, rest=rest) from None
    return Request(method, path + (f"?{new}" if new else ""), names, rest)


def check_time(rules: Rules, now: float | None = None) -> None:
    """Return if the deadline has not passed. Raises Refused if it has."""
    if rules.deadline is not None and (time.time() if now is None else now) >= rules.deadline:
        raise Refused(403, "refused by dctx: time is up")


def masked_value() -> Refused:
    """Return the refusal of a request that would write a mask in a secret's place."""
    return Refused(403, "refused by dctx: this would write a masked value; run with --show-secrets")


def _procedures(path: str) -> tuple[tuple[str, ...], bool]:
    """Return the procedures in `path`, () if invalid, and whether it has the REST form."""
    found = _TRPC.match(path)
    if found:
        names = tuple(found.group(1).split(","))
        return (names if len(names) <= _MOST_NAMES else ()), False
    found = _REST.match(path)
    return ((found.group(1),), True) if found else ((), not path.startswith("/api/trpc/"))


def _check_framing(
    method: str,
    target: str,
    headers: Iterable[tuple[bytes, bytes]],
    key: str,
    hosts: frozenset[str],
) -> None:
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value)
    doubled = [name for name in _SINGLE if len(values.get(name, ())) > 1]
    given = values.get(b"x-api-key", [b""])
    if len(given) != 1 or not hmac.compare_digest(given[0], key.encode("ascii")):
        raise Refused(
            401, "refused by dctx: the API key is not the one that dctx gave this command"
        )
    if doubled:
        raise Refused(403, "refused by dctx: a header is given twice")
    if values.get(b"host", [b""])[0].decode("latin-1").lower() not in hosts:
        raise Refused(403, "refused by dctx: the Host header names another server")
    options = {
        word.strip().lower()
        for value in values.get(b"connection", ())
        for word in value.split(b",")
    }
    if values.keys() & _FORBIDDEN or options - {b"", b"close", b"keep-alive"}:
        raise Refused(403, "refused by dctx: a header asks for another method, path or protocol")
    if not _TARGET.match(target) or _PERCENT.search(target):
        raise Refused(403, "refused by dctx: the path is not in plain form")
    if method not in ("GET", "POST"):
        raise Refused(403, f"refused by dctx: method {method[:16]} is not allowed")
    if b"transfer-encoding" in values and b"content-length" in values:
        raise Refused(403, "refused by dctx: the length of the body is given twice")
    length = values.get(b"content-length", [b"0"])[0].strip()
    if method == "GET" and (length != b"0" or b"transfer-encoding" in values):
        raise Refused(403, "refused by dctx: a GET with a body is not allowed")


def is_never(name: str) -> bool:
    """Return whether `name`, a procedure or a glob, is in a group that is never allowed."""
    return name.split(".", 1)[0].lower() in _NEVER


def _check_name(method: str, name: str, rules: Rules) -> None:
    """Return if the procedure `name` may be called with `method`. Raises Refused if not."""
    if is_never(name):
        raise Refused(403, f"refused by dctx: {name} is not a procedure")
    if any(fnmatch.fnmatchcase(name, glob) for glob in rules.allow):
        return
    if method == "GET" and name in rules.reads:
        return
    raise Refused(403, f"refused by dctx: {name} is not allowed ({rules.access})")


def _query(method: str, names: Sequence[str], query: str, *, rest: bool) -> str:
    """Return the query to send to the panel. For tRPC it has `batch` and `input` alone.

    The official CLI sends the input of a GET without an envelope, which the server has refused
    since tRPC 11 (Dokploy/cli PR 52). Such an input is completed to {"json": …}.
    """
    if rest:
        if method != "GET":
            return ""
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            if not _REST_FIELD.match(_decoded(name)):
                raise Refused(403, "refused by dctx: a name in the query is not that of a field")
            _decoded(value)
        return query
    given: dict[str, str] = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name in given or name not in ("batch", "input"):
            raise Refused(403, "refused by dctx: only batch and input may be asked of a procedure")
        given[name] = _decoded(value)
    batch = "batch" in given
    if batch and given["batch"] not in ("1", "true"):
        raise Refused(403, "refused by dctx: batch is 1 or left out")
    if len(names) > 1 and not batch:
        raise Refused(403, "refused by dctx: several procedures need batch=1")
    parts = ["batch=1"] if batch else []
    if "input" in given:
        text = _completed(given["input"], len(names) if batch else 0)
        parts.append(f"input={quote(text, safe='')}")
    return "&".join(parts)


def _decoded(value: str) -> str:
    try:
        return unquote(value.replace("+", " "), errors="strict")
    except UnicodeDecodeError:
        raise Refused(400, "refused by dctx: input is not text in UTF-8") from None


def _completed(text: str, batch: int) -> str:
    """Return the JSON `text` of an input in the server's form; a `batch` is of that many."""
    if not text:
        return text
    try:
        value = json.loads(text)
        plain = json.dumps(value)  # without escapes
    except (ValueError, RecursionError):
        raise Refused(400, "refused by dctx: input is not JSON") from None
    if _PROTOTYPE.search(text) or _PROTOTYPE.search(plain):
        raise Refused(403, "refused by dctx: input names a prototype of JavaScript's")
    if batch:
        numbers = {str(number) for number in range(batch)}
        if not isinstance(value, dict) or not value.keys() <= numbers:
            raise Refused(403, "refused by dctx: input does not match the procedures")
        whole = {number: _wrapped(part) for number, part in value.items()}
    else:
        whole = _wrapped(value)
    return text if whole == value else json.dumps(whole, separators=(",", ":"))


def _wrapped(value: Any) -> Any:
    return value if isinstance(value, dict) and "json" in value else {"json": value}


def reason(refused: Refused) -> str:
    """Return the refusal as the reason phrase of the status, which is all that many clients show.

    For the official CLI, the script that Node loads before it shows the phrase (shell/preload.cjs).
    """
    text = "".join(letter if " " <= letter <= "~" else "?" for letter in refused.text)
    return text[:_LONGEST_REASON]


def error_body(refused: Refused) -> bytes:
    """Return the refusal as JSON in the form of its path: REST, tRPC, or a batch of tRPC."""
    code = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN"}.get(
        refused.status, "INTERNAL_SERVER_ERROR"
    )
    number = {400: -32600, 401: -32001, 403: -32003}.get(refused.status, -32603)
    path = ",".join(refused.procedures)
    data = {"code": code, "httpStatus": refused.status, "path": path}
    if refused.rest:
        body: Any = {"message": refused.text, "code": code, "data": data}
    else:
        one = {"error": {"json": {"message": refused.text, "code": number, "data": data}}}
        body = [one] * len(refused.procedures) if len(refused.procedures) > 1 else one
    return json.dumps(body, separators=(",", ":")).encode()
