"""Send requests to a panel over HTTP, and turn failures into errors. The only importer of httpx.

The rules come from docs/dokploy-api.md and from the answers of v0.30.2 (tests/test_standin). All
requests have the tRPC form, since `/api/<procedure>` counts twice against a key's limit. A batch
counts once. No redirect is followed: the new host would get the key.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from ..errors import DctxError, PanelError
from ..text.masking import foreign, masked
from . import access_proxy, not_dokploy, tls
from .errors import KeyRefused, NotAllowed, TooOld, Unexplained, Unreachable

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 30.0  # for a whole request, until the last byte is received
REQUEST_BYTES = 16 * 1024 * 1024

# The oldest version that has all procedures that account.py uses.
OLDEST = "v0.19.0"
_NO_PROCEDURE = "No procedure found on path"

# The message of a 401 if the key was not accepted. A 401 with any other message means that the key
# is valid and the action is not allowed (docs/dokploy-api.md, "Refusals").
PLAIN_401 = "UNAUTHORIZED"


@dataclass(frozen=True)
class Answer:
    """One procedure's answer: its own HTTP status, and its value or its error message."""

    status: int
    value: Any = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the procedure succeeded."""
        return self.status == 200


@dataclass(frozen=True)
class Reply:
    """The HTTP answer to one request for `path`."""

    path: str
    with_key: bool
    status: int
    headers: httpx.Headers
    body: bytes


class Panel:
    """One panel, one key, and the headers for an access proxy (see model/headers.py)."""

    def __init__(
        self,
        url: str,
        key: str,
        headers: Mapping[str, str] | None = None,
        limit: float | None = None,
    ) -> None:
        self.url, self._key = url, key
        self.seconds = 0.0  # how long the last request took, with connecting
        self._headers = dict(headers or {})
        self._limit = REQUEST_SECONDS if limit is None else limit  # for a whole request

    def with_key(self, key: str) -> Panel:
        """Return the same panel with another key."""
        return Panel(self.url, key, self._headers, self._limit)

    @property
    def _secrets(self) -> list[str]:
        """The key and the headers' values, also without a first word such as Bearer."""
        values = self._headers.values()
        return [self._key, *values, *(value.rpartition(" ")[2] for value in values)]

    def _said(self, text: str) -> str:
        """Return a text of the panel, safe for a message: bounded, and without our secrets."""
        return foreign(text, self._secrets)

    def _send(self, method: str, path: str, body: Any = None, *, with_key: bool = True) -> Reply:
        """Return the answer to a request. Raises Unreachable, KeyRefused (exit 5).

        The request runs in a thread, so that it can be given up after the time limit: httpx limits
        each read alone, so an answer that comes in small pieces could take for ever.
        """
        # Without compression, REQUEST_BYTES limits the memory that an answer takes.
        headers = {"accept": "application/json", "accept-encoding": "identity"}
        if with_key:
            # Check this here, since httpx's own error would quote the key.
            if not (self._key.isascii() and self._key.isprintable()) or " " in self._key:
                raise KeyRefused(
                    "the API key contains characters that no key has. "
                    "Copy the key again from the panel."
                )
            headers["x-api-key"] = self._key
        headers |= self._headers
        if body is not None:
            headers["content-type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        box: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def run() -> None:
            try:
                box.put(self._exchange(method, f"{self.url}{path}", headers, content))
            except BaseException as error:  # noqa: BLE001 - raised below
                box.put(error)

        threading.Thread(target=run, daemon=True).start()
        try:
            done = box.get(timeout=self._limit)
        except queue.Empty:
            done = httpx.ReadTimeout("")
        if isinstance(done, httpx.HTTPError | httpx.InvalidURL | UnicodeError):
            reason = self._said(_reason(done))
            raise Unreachable(f"cannot reach {self.url}: {reason}") from None
        if isinstance(done, BaseException):
            raise done
        status, answered, text, self.seconds = done
        return Reply(path, with_key, status, answered, text)

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None
    ) -> tuple[int, httpx.Headers, bytes, float]:
        timeout = httpx.Timeout(self._limit, connect=min(CONNECT_SECONDS, self._limit))
        context = tls.context()
        try:
            client = httpx.Client(verify=context, follow_redirects=False, timeout=timeout)
        except (ImportError, ValueError) as error:
            why = foreign(str(error), []).rstrip(".")
            raise Unreachable(f"the proxy cannot be used: {why}. Check HTTPS_PROXY.") from None
        started = time.monotonic()
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        with client, client.stream(method, url, headers=raw, content=content) as answer:
            body = _body(answer, started + self._limit)
            return answer.status_code, answer.headers, body, time.monotonic() - started

    def _json(self, reply: Reply) -> Any:
        status, headers = reply.status, reply.headers
        refused = access_proxy.refusal(self.url, reply.path, status, headers, self._headers)
        if refused:
            raise Unreachable(self._said(refused))
        if 300 <= status < 400:
            location = headers.get("location", "")
            raise Unreachable(self._said(not_dokploy.redirect(self.url, reply.path, location)))
        if "json" not in headers.get("content-type", ""):
            if self._is_page_for_a_401(reply):
                raise Unexplained(self._refused())
            raise Unreachable(self._said(not_dokploy.no_panel(self.url, status, headers)))
        try:
            # Mask our secrets, which any text of the panel could contain, even a name.
            return json.loads(masked(reply.body.decode("utf-8"), self._secrets))
        except (ValueError, RecursionError):
            raise Unreachable(
                f"{self.url} answers with invalid JSON (HTTP {reply.status}). Check the URL."
            ) from None

    def _is_page_for_a_401(self, reply: Reply) -> bool:
        """Return whether a proxy replaced the panel's own 401 by a web page.

        The 401 was the panel's if the panel answers a request that needs no key.
        """
        if reply.status != 401 or not reply.with_key or "www-authenticate" in reply.headers:
            return False
        try:
            return self.healthy()
        except Unreachable:
            return False

    def _refused(self) -> str:
        return f"{self.url} refused the API key (401)."

    def query(self, *procedures: str) -> list[Answer]:
        """Return the answers of queries without input, in one batch.

        Raises Unreachable (exit 5) if no Dokploy panel answers.
        """
        return self.query_with([(procedure, None) for procedure in procedures])

    def query_with(self, calls: Sequence[tuple[str, dict[str, Any] | None]]) -> list[Answer]:
        """Return the answers of queries with their input, in one batch.

        Raises Unreachable (exit 5) if no Dokploy panel answers.
        """
        inputs = {
            str(at): {"json": value} for at, (_, value) in enumerate(calls) if value is not None
        }
        text = quote(json.dumps(inputs, separators=(",", ":")))
        path = f"/api/trpc/{','.join(name for name, _ in calls)}?batch=1&input={text}"
        reply = self._send("GET", path)
        data = self._json(reply)
        if not isinstance(data, list) or len(data) != len(calls):
            raise self._foreign(reply)
        return [self._answer(item, reply) for item in data]

    def mutate(self, procedure: str, value: dict[str, Any]) -> Answer:
        """Return the answer of a mutation. Raises Unreachable (exit 5)."""
        reply = self._send("POST", f"/api/trpc/{procedure}", {"json": value})
        return self._answer(self._json(reply), reply)

    def healthy(self) -> bool:
        """Return whether the panel's database is up. The key is not sent, so no limit is used up.

        Raises Unreachable (exit 5).
        """
        reply = self._send("GET", "/api/trpc/settings.health", with_key=False)
        self._answer(self._json(reply), reply)
        return reply.status < 500

    def _foreign(self, reply: Reply) -> Unreachable:
        return Unreachable(not_dokploy.other_json(self.url, reply.status, reply.headers))

    def _answer(self, item: Any, reply: Reply) -> Answer:
        try:
            if "error" in item:
                error = item["error"]["json"]
                status, message = int(error["data"]["httpStatus"]), str(error["message"])
                if not 400 <= status < 600:
                    raise self._foreign(reply)
                return Answer(status, message=self._said(message))
            value = item["result"]["data"].get("json")
            not_dokploy.check_ids(value)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            raise self._foreign(reply) from None
        return Answer(200, value)

    def failure(self, answer: Answer) -> DctxError:
        """Return the error for an answer that is not ok; for a plain 401, check the health."""
        message = answer.message.rstrip(".")
        if answer.status == 401 and answer.message == PLAIN_401:
            if not self.healthy():
                return Unreachable(
                    f"{self.url} is up, but its database is not, so no key can be checked. "
                    "Try again later."
                )
            return Unexplained(self._refused())
        if answer.status == 404 and message.startswith(_NO_PROCEDURE):
            return TooOld(self._too_old())
        if answer.status in (401, 403):
            return NotAllowed(
                f"{self.url} accepts the API key, but refuses this: {message}. "
                "Check the role of the "
                "key's user."
            )
        if answer.status >= 500:
            return Unreachable(f"{self.url} answers {answer.status}: {message}. Try again later.")
        return NotAllowed(f"{self.url} answers {answer.status}: {message}. See the panel's log.")

    def _too_old(self) -> str:
        """Return the message for a panel that does not have the procedure.

        Such a panel answers so for any key, and tells its version only to a valid key.
        """
        try:
            (answer,) = self.query("settings.getDokployVersion")
        except PanelError:
            answer = Answer(0)
        version = self._said(str(answer.value))[:20] if answer.ok else f"older than {OLDEST}"
        return f"{self.url} runs Dokploy {version}; dctx needs {OLDEST} or newer. Update the panel."


def _body(answer: httpx.Response, deadline: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in answer.iter_raw():
        chunks.append(chunk)
        size += len(chunk)
        if size > REQUEST_BYTES:
            raise httpx.ReadError("the answer is too large")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("")
    return b"".join(chunks)


def _reason(error: Exception) -> str:
    """Return why there is no answer, and what to do."""
    failed = tls.reason(error)
    if failed:
        return failed
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time. Check the URL and the network."
    text = str(error).rstrip(".") or type(error).__name__
    if "refused" in text:
        return "connection refused. Check that the panel runs on that port."
    unknown = any(words in text for words in ("Name or service", "name resolution", "nodename"))
    if unknown or isinstance(error, UnicodeError):
        return "host not found. Check the URL."
    return f"{text}. Check the URL and the network."
