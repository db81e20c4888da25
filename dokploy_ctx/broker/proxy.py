"""The broker's server: takes a command's requests on loopback and forwards the allowed ones.

It uses aiohttp, which streams, can be bounded, and adds 0.6 ms to a request. h11 with httpx took
3.6 ms (230 requests/s), and http.server needs a thread for each connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from yarl import URL

from . import filter as filter_
from . import write_back
from .echoes import Echoes, secrets_of
from .masking import MOST_BYTES, Masked, NotMaskable, mask_answer
from .settings import Settings
from .totals import Totals

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 60.0  # allowed between two pieces of an answer
BODY_BYTES = 32 * 1024 * 1024  # of a request
CONNECTIONS = 200  # requests at the same time; others wait
BODY_SECONDS = 60.0  # for a request's body to arrive
_CHUNK = 64 * 1024
_T = TypeVar("_T")


class Seen:
    """A cache of masked answers, for programs that ask for the same thing again and again."""

    MOST = 64
    MOST_BYTES = 256 * 1024

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, filter_.Request, bool], Masked] = {}

    async def mask(self, body: bytes, request: filter_.Request, *, failed: bool) -> Masked:
        """Return mask_answer's result. Raises NotMaskable."""
        names, rest = request.procedures, request.rest
        if len(body) > self.MOST_BYTES:
            return await _aside(mask_answer, body, names, rest=rest, failed=failed)
        key = (hashlib.sha256(body).digest(), request, failed)
        found = self._known.get(key)
        if found is None:
            found = await _aside(mask_answer, body, names, rest=rest, failed=failed)
            if len(self._known) >= self.MOST:
                self._known.pop(next(iter(self._known)))
            self._known[key] = found
        return found


class Proxy:
    """One broker: its rules, its connection to the panel, and its log."""

    def __init__(self, settings: Settings, hosts: frozenset[str], log: int | None) -> None:
        self.settings = settings
        self.hosts = hosts
        self.log = log
        self.echoes = Echoes(secrets_of(settings.key, settings.headers))
        self.totals = Totals()
        self.seen = Seen()
        self.session: aiohttp.ClientSession | None = None
        self.free = asyncio.Semaphore(CONNECTIONS)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        self.totals.requests += 1
        began = time.monotonic()
        allowed = True
        names: tuple[str, ...] = ()
        try:
            async with self.free:
                checked = filter_.check(
                    request.method,
                    request.raw_path,
                    request.raw_headers,
                    key=self.settings.own_key,
                    hosts=self.hosts,
                    rules=self.settings.rules,
                )
                names = checked.procedures
                response = await self._allowed(request, checked)
        except filter_.Moved as moved:
            names = moved.procedures
            response = web.Response(status=308, headers={"Location": moved.path})
        except filter_.Refused as refused:
            allowed, names = refused.status >= 500, refused.procedures
            if not allowed:
                self.totals.refuse(names)
            response = _answer(refused.status, filter_.error_body(refused))
            response.set_status(refused.status, filter_.reason(refused))
            response.force_close()
        size = response.body_length or response.content_length or 0
        self._note(names, allowed, response.status, size, time.monotonic() - began)
        return response

    async def _allowed(
        self, request: web.BaseRequest, checked: filter_.Request
    ) -> web.StreamResponse:
        """Answer a request that may go to the panel, if its body may, too."""
        try:
            body = await self._body(request)
            filter_.check_time(self.settings.rules)  # the body may have taken long
            return await self._forward(request, checked, body)
        except filter_.Refused as refused:
            names = checked.procedures
            raise filter_.Refused(refused.status, refused.text, names, rest=checked.rest) from None

    async def _body(self, request: web.BaseRequest) -> bytes:
        if request.method == "GET":
            return b""
        if (request.content_length or 0) > BODY_BYTES:
            raise filter_.Refused(403, "refused by dctx: the body is too large")
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            body = await asyncio.wait_for(_read(request), BODY_SECONDS)
        except (TimeoutError, asyncio.TimeoutError):
            raise filter_.Refused(403, "refused by dctx: the body did not arrive in time") from None
        if write_back.is_read_otherwise(request.headers.get("Content-Type", "")):
            raise filter_.Refused(403, "refused by dctx: the body is not in UTF-8")
        if await _aside(write_back.body_contains_mask, body):
            raise filter_.masked_value()
        return body

    async def _forward(
        self, request: web.BaseRequest, checked: filter_.Request, body: bytes
    ) -> web.StreamResponse:
        """Send an allowed request to the panel with the real key; return its answer, masked."""
        assert self.session is not None
        settings = self.settings
        headers = {**settings.headers, "x-api-key": settings.key}
        for name in ("Content-Type", "User-Agent"):
            if name in request.headers:
                headers[name] = request.headers[name]
        headers |= {"Accept": "application/json", "Accept-Encoding": "identity"}
        shown = settings.shown_url
        try:
            async with self.session.request(
                checked.method,
                URL(settings.url + checked.target, encoded=True),
                headers=headers,
                data=body or None,
                allow_redirects=False,
                proxy=settings.proxy or None,
                skip_auto_headers=("User-Agent",),
            ) as answer:
                coding = answer.headers.get("Content-Encoding", "identity").lower()
                if not 200 <= answer.status <= 599 or coding != "identity":
                    raise aiohttp.ClientPayloadError
                if settings.rules.show_secrets:
                    return await self._stream(request, answer)
                return await self._masked(answer, checked)
        except aiohttp.ConnectionTimeoutError:
            raise _failed(502, f"{shown} cannot be reached") from None
        except (aiohttp.ServerTimeoutError, TimeoutError, asyncio.TimeoutError):
            raise _failed(504, f"{shown} did not answer in time") from None
        except aiohttp.ClientSSLError:
            raise _failed(502, f"the TLS certificate of {shown} is not valid") from None
        except (aiohttp.ClientPayloadError, aiohttp.ClientResponseError):
            raise _failed(502, f"{shown} sent an answer that is broken or compressed") from None
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError):
            raise _failed(502, f"{shown} cannot be reached") from None

    async def _masked(
        self, answer: aiohttp.ClientResponse, checked: filter_.Request
    ) -> web.StreamResponse:
        body = bytearray()
        try:
            async for piece in answer.content.iter_chunked(_CHUNK):
                body += piece
                if len(body) > MOST_BYTES:
                    raise NotMaskable(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
            masked = await self.seen.mask(bytes(body), checked, failed=answer.status >= 400)
        except NotMaskable as why:
            text = f"the answer cannot be masked ({why}); run with --show-secrets"
            raise _failed(502, text) from None
        text_body = await _aside(self.echoes.without, masked.body)
        if masked.strings or text_body != masked.body:
            self.totals.masked += 1
        return _answer(answer.status, text_body, self._kind(answer))

    def _kind(self, answer: aiohttp.ClientResponse) -> str:
        """Return the answer's Content-Type."""
        kind = answer.headers.get("Content-Type", "application/json")
        return self.echoes.without(kind.encode("utf-8", "replace")).decode("utf-8", "replace")

    async def _stream(
        self, request: web.BaseRequest, answer: aiohttp.ClientResponse
    ) -> web.StreamResponse:
        """Pass an answer on as it arrives, without the real key if the panel echoes it."""
        response = web.StreamResponse(status=answer.status)
        response.headers["Content-Type"] = self._kind(answer)
        response.headers["Cache-Control"] = "no-store"
        await response.prepare(request)
        try:
            # A secret may be split between two pieces, so as much as its length is held back.
            keep, held = self.echoes.most, b""
            async for piece in answer.content.iter_chunked(_CHUNK):
                held = self.echoes.without(held + piece)
                if len(held) > keep:
                    await response.write(held[: len(held) - keep])
                    held = held[len(held) - keep :]
            await response.write(held)
            await response.write_eof()
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            # Part of the answer is sent. Only a broken connection tells that it is not complete.
            if request.transport is not None:
                request.transport.abort()
        return response

    def _note(
        self, names: tuple[str, ...], allowed: bool, status: int, size: int, seconds: float
    ) -> None:
        """Write a line about the request into the log; a full disk does not fail the request."""
        if self.log is None:
            return
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "procedure": ",".join(names),
            "allowed": allowed,
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 1),
        }
        with contextlib.suppress(OSError):
            os.write(self.log, (json.dumps(line) + "\n").encode())

    def close(self) -> None:
        """Write the last line of the log."""
        if self.log is not None and self.totals.requests:
            with contextlib.suppress(OSError):
                os.write(self.log, (json.dumps({"summary": self.summary()}) + "\n").encode())

    def summary(self) -> str:
        """Return the line for the end of the command, "" if there was no request."""
        return self.totals.text(self.settings.label)


async def _aside(work: Callable[..., _T], body: bytes, *more: Any, **named: Any) -> _T:
    """Return what `work` returns for `body`; use a thread if the body is large.

    The work may take seconds, during which other requests have to be answered.
    """
    if len(body) <= _CHUNK:
        return work(body, *more, **named)
    return await asyncio.to_thread(work, body, *more, **named)


async def _read(request: web.BaseRequest) -> bytes:
    """Return the body of `request`. Raises Refused if it is larger than BODY_BYTES."""
    parts = bytearray()
    async for piece in request.content.iter_chunked(_CHUNK):
        parts += piece
        if len(parts) > BODY_BYTES:
            raise filter_.Refused(403, "refused by dctx: the body is too large")
    return bytes(parts)


def connection(silent_seconds: float = SILENT_SECONDS) -> aiohttp.ClientSession:
    """Return the client session for the panel: system certificates, no cookies, time limits.

    It reads neither proxies nor .netrc from the environment. The proxy for the panel was chosen
    when the command was started.
    """
    from ..panel import tls

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls.context(), limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=silent_seconds
        ),
        auto_decompress=False,
        trust_env=False,
    )


def _failed(status: int, text: str) -> filter_.Refused:
    return filter_.Refused(status, f"refused by dctx: {text}")


def _answer(status: int, body: bytes, kind: str | None = None) -> web.Response:
    headers = {"Content-Type": kind or "application/json", "Cache-Control": "no-store"}
    return web.Response(status=status, body=body, headers=headers)
