"""A panel that answers any bytes, and a broker in this process in front of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web

from dokploy_ctx.broker import clients, proxy
from dokploy_ctx.broker.filter import Rules
from dokploy_ctx.broker.settings import Settings

KEY = "RealKeyOfThePanel" * 3
OWN = "o" * 64
READS = frozenset({"project.all", "x.readLogs"})


class Answer(NamedTuple):
    """What came back through the broker: status, header lines, body, and what the panel got.

    `line` is what the broker would say at the end of the command.
    """

    status: int
    head: bytes
    body: bytes
    received: bytes
    line: str


def settings(url: str, **changed: Any) -> Settings:
    """Return settings of a broker for the panel at `url`."""
    rules = Rules("prod", READS, changed.pop("allow", ()), changed.pop("show_secrets", False),
                  changed.pop("deadline", None))  # fmt: skip
    given = {
        "url": url, "shown_url": url, "key": KEY, "own_key": OWN, "headers": {}, "proxy": "",
        "label": "prod read-only", "rules": rules, "pid": 0, "group": 0, "parent": 0,
        "terminal": "",
    }  # fmt: skip
    return Settings(**{**given, **changed})


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def ask(
    panel: bytes | Talk,
    line: str = "GET /api/trpc/project.all",
    body: bytes = b"",
    *,
    silent: float = 30.0,
    base: str = "",
    slow: float = 0.0,
    kind: str = "application/json",
    **changed: Any,
) -> Answer:
    """Return the result of one request, to which the panel answers the bytes `panel`.

    `silent`: seconds until a panel is taken for silent; `slow`: seconds before the body is sent;
    `kind`: the body's Content-Type.
    """
    return asyncio.run(_ask(panel, line, body, silent, base, slow, kind, changed))


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _ask(
    panel: bytes | Talk,
    line: str,
    body: bytes,
    silent: float,
    base: str,
    slow: float,
    kind: str,
    changed: dict[str, Any],
) -> Answer:
    received = bytearray()
    over = asyncio.Event()
    ends: list[asyncio.Task[None]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            received.extend(await reader.readuntil(b"\r\n\r\n"))
            if isinstance(panel, bytes):
                writer.write(panel)
                await writer.drain()
            else:
                await panel(reader, writer)
                await over.wait()
        await _close(writer)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(asyncio.ensure_future(talk(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{base}"
    async with server, proxy.connection(silent_seconds=silent) as session:
        broker = proxy.Proxy(settings(changed.pop("url", url), **changed), frozenset({"h"}), None)
        broker.session = session
        runner = web.ServerRunner(clients.server(broker.handle), shutdown_timeout=0.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"{line} HTTP/1.1\r\nhost: h\r\nx-api-key: {OWN}\r\nconnection: close\r\n"
        if body:
            head += f"content-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        writer.write(f"{head}\r\n".encode())
        await asyncio.sleep(slow)
        writer.write(body)
        got = b""
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(65536):
                got += more
        over.set()
        await _close(writer)
        await runner.cleanup()
    await asyncio.gather(*ends)
    first, _, rest = got.partition(b"\r\n\r\n")
    status = int(first.split(b" ", 2)[1]) if first else 0
    return Answer(status, first, rest, bytes(received), broker.totals.text("prod"))
