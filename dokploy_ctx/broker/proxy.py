"""The broker's server: takes a command's requests on loopback, forwards the allowed ones.

The only importer of aiohttp. Chosen for it among h11 with httpx (3.6 ms a request, 230 requests/s)
and http.server (one thread each): it streams, is bounded, and adds 0.6 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import ssl
import time

import aiohttp
from aiohttp import web
from yarl import URL

from . import filter as filter_
from .forms import MASK
from .masking import MOST_BYTES, Masked, NotMaskable, mask_answer
from .settings import Settings

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 60.0  # between two pieces of an answer
BODY_BYTES = 32 * 1024 * 1024  # of a request
CONNECTIONS = 200  # at once; more wait in the socket's backlog
BODY_SECONDS = 60.0  # for a request's body to arrive
_CHUNK = 64 * 1024


class Totals:
    """What the line at the end says."""

    def __init__(self) -> None:
        self.requests = 0
        self.refused = 0
        self.names: dict[str, int] = {}  # refused procedures
        self.masked = 0  # answers in which something was masked

    def refuse(self, procedures: tuple[str, ...]) -> None:
        """Count a refusal of `procedures`."""
        self.refused += 1
        for name in procedures or ("another path",):
            self.names[name] = self.names.get(name, 0) + 1


class Seen:
    """Answers that came before: a program that asks again and again costs no second look."""

    MOST = 64
    MOST_BYTES = 256 * 1024

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, filter_.Request, bool], Masked] = {}

    def mask(self, body: bytes, request: filter_.Request, *, failed: bool) -> Masked:
        """Return mask_answer's result. Raises NotMaskable."""
        names, rest = request.procedures, request.rest
        if len(body) > self.MOST_BYTES:
            return mask_answer(body, names, rest=rest, failed=failed)
        key = (hashlib.sha256(body).digest(), request, failed)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= self.MOST:
                self._known.pop(next(iter(self._known)))
            found = self._known[key] = mask_answer(body, names, rest=rest, failed=failed)
        return found


class Proxy:
    """One broker: its rules, its connection to the panel, and its log."""

    def __init__(self, settings: Settings, hosts: frozenset[str], log: int | None) -> None:
        self.settings = settings
        self.hosts = hosts
        self.log = log
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
                body = await self._body(request)
                response = await self._forward(request, checked, body)
        except filter_.Refused as refused:
            allowed, names = refused.status >= 500, refused.procedures
            if not allowed:
                self.totals.refuse(names)
            response = _answer(refused.status, filter_.error_body(refused))
            response.force_close()
        size = response.body_length or response.content_length or 0
        self._note(names, allowed, response.status, size, time.monotonic() - began)
        return response

    async def _body(self, request: web.BaseRequest) -> bytes:
        if request.method == "GET":
            return b""
        if (request.content_length or 0) > BODY_BYTES:
            raise filter_.Refused(403, "refused by dctx: the body is too large")
        try:
            body = await asyncio.wait_for(_read(request), BODY_SECONDS)
        except (TimeoutError, asyncio.TimeoutError):
            raise filter_.Refused(403, "refused by dctx: the body did not arrive in time") from None
        if filter_.contains_mask(body.decode("utf-8", "replace")):
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
        names, rest = checked.procedures, checked.rest
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
                if settings.rules.show_secrets:
                    return await self._stream(request, answer)
                return await self._masked(answer, checked)
        except (aiohttp.ServerTimeoutError, TimeoutError, asyncio.TimeoutError):
            why = f"refused by dctx: {settings.shown_url} did not answer in time"
            raise filter_.Refused(504, why, names, rest=rest) from None
        except (aiohttp.ClientError, ssl.SSLError, OSError):
            why = f"refused by dctx: {settings.shown_url} cannot be reached"
            raise filter_.Refused(502, why, names, rest=rest) from None

    async def _masked(
        self, answer: aiohttp.ClientResponse, checked: filter_.Request
    ) -> web.StreamResponse:
        body = bytearray()
        try:
            async for piece in answer.content.iter_chunked(_CHUNK):
                body += piece
                if len(body) > MOST_BYTES:
                    raise NotMaskable(f"it is larger than {MOST_BYTES // 1024 // 1024} MB")
            masked = self.seen.mask(bytes(body), checked, failed=answer.status >= 400)
        except NotMaskable as why:
            text = f"refused by dctx: the answer cannot be masked ({why}); run with --show-secrets"
            names = checked.procedures
            raise filter_.Refused(502, text, names, rest=checked.rest) from None
        text_body = self._without_key(masked.body)
        if masked.strings or text_body != masked.body:
            self.totals.masked += 1
        return _answer(answer.status, text_body, answer.headers.get("Content-Type"))

    def _without_key(self, body: bytes) -> bytes:
        for secret in self.settings.never:
            body = body.replace(secret, MASK.encode())
        return body

    async def _stream(
        self, request: web.BaseRequest, answer: aiohttp.ClientResponse
    ) -> web.StreamResponse:
        """Pass an answer on as it comes, without the real key, should the panel echo it."""
        response = web.StreamResponse(status=answer.status)
        if "Content-Type" in answer.headers:
            response.headers["Content-Type"] = answer.headers["Content-Type"]
        response.headers["Cache-Control"] = "no-store"
        await response.prepare(request)
        # A secret may lie across two pieces: as much as its length is held back.
        keep = max(map(len, self.settings.never), default=1) - 1
        held = b""
        async for piece in answer.content.iter_chunked(_CHUNK):
            held = self._without_key(held + piece)
            ready, held = (
                (held[: len(held) - keep], held[len(held) - keep :]) if keep else (held, b"")
            )
            if ready:
                await response.write(ready)
        await response.write(held)
        await response.write_eof()
        return response

    def _note(
        self, names: tuple[str, ...], allowed: bool, status: int, size: int, seconds: float
    ) -> None:
        """Write the request's line into the log; a full disk stops no request."""
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
        """Return the line at the end, "" where nothing was asked."""
        totals = self.totals
        if not totals.requests:
            return ""
        text = f"dctx: {self.settings.label}: {_several(totals.requests, 'request')}"
        if totals.refused:
            first = list(totals.names)[:3] + (["..."] if len(totals.names) > 3 else [])
            text += f", {totals.refused} refused ({', '.join(first)})"
        if totals.masked:
            text += f", secrets masked in {_several(totals.masked, 'answer')}"
        return text


def _several(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


async def _read(request: web.BaseRequest) -> bytes:
    """Return the body of `request`. Raises Refused where it is larger than BODY_BYTES."""
    parts = bytearray()
    async for piece in request.content.iter_chunked(_CHUNK):
        parts += piece
        if len(parts) > BODY_BYTES:
            raise filter_.Refused(403, "refused by dctx: the body is too large")
    return bytes(parts)


def connection() -> aiohttp.ClientSession:
    """Return what talks to the panel: the system's certificates, no cookies, bounded in time.

    Neither proxies nor .netrc are read from the environment: which proxy serves the panel was
    settled when the command was started.
    """
    from .. import tls

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls.context(), limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(
            total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS
        ),
        auto_decompress=False,
        trust_env=False,
    )


def _answer(status: int, body: bytes, kind: str | None = None) -> web.Response:
    headers = {"Content-Type": kind or "application/json", "Cache-Control": "no-store"}
    return web.Response(status=status, body=body, headers=headers)
