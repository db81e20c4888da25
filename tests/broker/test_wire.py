"""What a hostile command may put on the wire: what the panel then receives, byte for byte.

The broker may do reads, and project.create. A raw panel records all that it gets, and each of its
requests must be one of those, whatever the command wrote.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import zlib
from urllib.parse import quote

from aiohttp import web

from dokploy_ctx.broker import clients, proxy
from dokploy_ctx.official import reads

from .odd_panel import KEY, OWN, settings

GET, POST = "GET /api/trpc/project.all", "POST /api/trpc/project.create"
CHUNKED = "transfer-encoding: chunked"
MASKED = b'{"json":{"env":"[masked-by-dctx]"}}'
CHANGE = b"POST /api/trpc/project.remove HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n"
CHANGE += b"content-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def sent(
    line: str, *headers: str, body: bytes = b"", host: str = "HOST", key: str = "KEY"
) -> bytes:
    """Return the bytes of a request; "" leaves Host or key out."""
    lines = [line if " HTTP/" in line else f"{line} HTTP/1.1"]
    lines += [f"host: {host}"] if host else []
    lines += [f"x-api-key: {key}"] if key else []
    return "\r\n".join([*lines, *headers, "", ""]).encode("latin-1") + body


def posted(body: bytes, *headers: str) -> bytes:
    return sent(POST, *(headers or ("content-type: application/json",)),
                f"content-length: {len(body)}", body=body)  # fmt: skip


def chunked(body: bytes, header: str = CHUNKED) -> bytes:
    return sent(POST, "content-type: application/json", header, body=body)


def batch(text: str) -> bytes:
    return sent(f"{GET},user.get?batch=1&input={quote(text)}")


# What reaches the panel: how many requests of each case.
CASES: dict[str, tuple[bytes, int]] = {
    "a folded Host": (sent(GET, host="HOST\r\n evil"), 0),
    "the first header folded": (sent(f"{GET} HTTP/1.1\r\n x: y"), 0),
    "a list of hosts": (sent(GET, host="HOST, evil"), 0),
    "a host with a dot": (sent(GET, host="HOST."), 0),
    "a host with a user": (sent(GET, host="x@HOST"), 0),
    "a host in capitals": (sent(GET, host="LocalHost:PORT"), 1),
    "HTTP/1.0": (sent(f"{GET} HTTP/1.0"), 1),
    "HTTP/1.0 without a host": (sent(f"{GET} HTTP/1.0", host=""), 0),
    "HTTP/1.2": (sent(f"{GET} HTTP/1.2"), 0),
    "http/1.1": (sent(f"{GET} http/1.1\r\nx: HTTP/1.1"), 0),
    "empty lines first": (b"\r\n\r\n" + sent(GET), 1),
    "two keys in one": (sent(GET, key="KEY, KEY"), 0),
    "the key with an underscore": (sent(GET, "x_api_key: KEY", key=""), 0),
    "the key and a NUL": (sent(GET, key="KEY\0"), 0),
    "the key as a bearer": (sent(GET, "authorization: Bearer KEY", key=""), 0),
    "the key in the query": (sent(f"{GET}?x-api-key=KEY", key=""), 0),
    "a key beyond ASCII": (sent(GET, key="\xe9"), 0),
    "a chunk with an extension": (chunked(b"2;a=b\r\n{}\r\n0;x\r\n\r\n"), 1),
    "a chunk of 2^68 bytes": (chunked(b"100000000000000002\r\n{}\r\n0\r\n\r\n"), 0),
    "a chunk of -2 bytes": (chunked(b"-2\r\n{}\r\n0\r\n\r\n"), 0),
    "a chunk of 0x2 bytes": (chunked(b"0x2\r\n{}\r\n0\r\n\r\n"), 0),
    "chunks with bare line feeds": (chunked(b"2\n{}\n0\n\n"), 0),
    "a trailer": (chunked(b"2\r\n{}\r\n0\r\nx-http-method-override: DELETE\r\n\r\n"), 1),
    "a change behind the chunks": (chunked(b"2\r\n{}\r\n0\r\n\r\n" + CHANGE), 1),
    "a change in the chunks": (chunked(b"8\r\nPOST /x \r\n0\r\n\r\n"), 1),
    "chunked, chunked": (chunked(b"2\r\n{}\r\n0\r\n\r\n", f"{CHUNKED}, chunked"), 0),
    "a vertical tab": (chunked(b"2\r\n{}\r\n0\r\n\r\n", "transfer-encoding: \x0bchunked"), 0),
    "identity and a length": (posted(b"{}", "transfer-encoding: identity"), 0),
    "no coding and a length": (posted(b"{}", "transfer-encoding: "), 0),
    "a length of +2": (sent(POST, "content-length: +2", body=b"{}"), 0),
    "a length of 0x2": (sent(POST, "content-length: 0x2", body=b"{}"), 0),
    "a length of 2, 2": (sent(POST, "content-length: 2, 2", body=b"{}"), 0),
    "a length of -2": (sent(POST, "content-length: -2", body=b"{}"), 0),
    "a length of 1_0": (sent(POST, "content-length: 1_0", body=b"{}12345678"), 0),
    "a length beyond numbers": (sent(POST, "content-length: " + "9" * 40, body=b"{}"), 0),
    "a change behind the length": (posted(b"{}") + CHANGE, 1),
    "a GET of length 00": (sent(GET, "content-length: 00"), 0),
    "Connection names the coding": (sent(GET, "connection: keep-alive, transfer-encoding"), 0),
    "Connection twice": (sent(GET, "connection: close", "connection: x-api-key"), 0),
    "HTTP/2 by an upgrade": (sent(GET, "upgrade: h2c", "http2-settings: AAMAAABk"), 0),
    "a tunnel": (sent("CONNECT 127.0.0.1:22") + sent(GET), 0),
    "a tunnel to a path": (sent("CONNECT /api/trpc/project.all"), 0),
    "a whole URL of the broker's own": (sent("GET http://HOST/api/trpc/project.all"), 0),
    "a host for a path": (sent("GET HOST"), 0),
    "two slashes and a host": (sent("GET //evil/api/trpc/project.all"), 0),
    "no slash": (sent("GET api/trpc/project.all"), 0),
    "a scheme without a host": (sent("GET http:/api/trpc/project.all"), 0),
    "a part given twice": (batch('{"0":{"json":{}},"0":{"json":{"a":1}}}'), 1),
    "part 00": (batch('{"00":{"json":{}}}'), 0),
    "part 1e0": (batch('{"1e0":{"json":{}}}'), 0),
    "part -0": (batch('{"-0":{"json":{}}}'), 0),
    "an Arabic zero": (batch('{"\u0660":{"json":{}}}'), 0),
    "parts in a list": (batch('[{"json":{}}]'), 0),
    "batch in escapes": (sent(f"{GET}?%62atch=1"), 0),
    "Batch": (sent(f"{GET}?Batch=1"), 0),
    "a semicolon": (sent(f"{GET}?batch=1;input=x"), 0),
    "two question marks": (sent(f"{GET}??batch=1"), 0),
    "a question mark in the input": (sent(f"{GET}?input=%7B%7D?x=y"), 0),
    "input as a list": (sent(f"{GET}?input[]=%7B%7D"), 0),
    "a comma at the end": (sent(f"{GET},?batch=1"), 0),
    "a comma first": (sent("GET /api/trpc/,project.all?batch=1"), 0),
    "two commas": (sent("GET /api/trpc/project.all,,user.get?batch=1"), 0),
    "a batch of allowed and not": (sent(f"{POST},project.remove?batch=1", body=b""), 0),
    "a read and a change by POST": (sent(f"{POST},project.all?batch=1", body=b""), 0),
    "a constructor": (sent("GET /api/trpc/constructor.constructor"), 0),
    "two dots in the name": (sent("GET /api/trpc/project..all"), 0),
    "a dot at the end": (sent(f"{GET}."), 0),
    "three parts": (sent(f"{GET}.remove"), 0),
    "slashes in REST": (sent("GET /api/project/all"), 0),
    "trpc without a name": (sent("GET /api/trpc"), 0),
    "the path in a POST's query": (posted(b"{}").replace(b"create H", b"create?trpc=a.b H"), 0),
    "a wide dot": (sent(GET).replace(b"project.all", "project\uff0eall".encode()), 0),
    "a line's end in the path": (sent(f"{GET}%0d%0aX:%20y"), 0),
    "odd bytes in the agent": (sent(GET, "user-agent: a\xe9\xff"), 1),
    "a control character there": (sent(GET, "user-agent: a\x01b"), 0),
    "a mask under gzip": (posted(gzip.compress(MASKED), "content-encoding: gzip"), 0),
    "a mask under deflate": (posted(zlib.compress(MASKED), "content-encoding: deflate"), 0),
    "200 MB under gzip": (posted(gzip.compress(b" " * 200_000_000), "content-encoding: gzip"), 0),
    "a mask in two chunks": (chunked(b"7\r\n[masked\r\n9\r\n-by-dctx]\r\n0\r\n\r\n"), 0),
    "a refused one before a read": (sent("GET /x") + sent(GET), 0),
    "5,000 headers": (sent(GET, *(f"x-{number}: y" for number in range(5000))), 0),
    "a name of 9,000 letters": (sent(GET, "x" * 9000 + ": y"), 0),
    "a header without a name": (sent(GET, ": y"), 0),
    "a header without a colon": (sent(GET, "nocolon"), 0),
    "garbage behind a read": (sent(GET) + b"garbage\r\n\r\n", 0),
}  # fmt: skip

MAY = frozenset({*reads.procedures(), "project.create"})
LINE = re.compile(r"(GET|POST) /api/(?:trpc/)?([A-Za-z.,]+)(?:\?[!-~]*)? HTTP/1\.1")


def is_allowed(request: bytes) -> bool:
    """Return whether what the panel got is an allowed request with the real key, and no mask."""
    head = request.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    found = LINE.fullmatch(head[0])
    if not found or f"x-api-key: {KEY}" not in head or OWN in request.decode("latin-1"):
        return False
    names = set(found[2].split(","))
    may = names <= MAY if found[1] == "GET" else names == {"project.create"}
    return may and b"masked-by" not in request


def filled(data: bytes, port: str) -> bytes:
    """Return `data` with the broker's host and key in it."""
    for word, value in (("HOST", "127.0.0.1:PORT"), ("PORT", port), ("KEY", OWN)):
        data = data.replace(word.encode(), value.encode())
    return data


async def ask_all() -> dict[str, tuple[bytes, list[bytes]]]:
    """Return for each case what the command got, and the requests that the panel got."""
    received: list[bytes] = []

    async def panel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1]) if length else 0)
                received.append(head + body)
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    found = {}
    server = await asyncio.start_server(panel, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with proxy.connection() as session:
        given = settings(url, allow=("project.create",))
        given = given._replace(rules=given.rules._replace(reads=reads.procedures()))
        broker = proxy.Proxy(given, frozenset(), None)
        broker.session = session
        runner = web.ServerRunner(clients.server(broker.handle), shutdown_timeout=0.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = str(runner.addresses[0][1])
        broker.hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        for name, (data, _) in CASES.items():
            reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
            got = b""
            with contextlib.suppress(OSError):
                writer.write(filled(data, port))
                writer.write_eof()
                got = await reader.read()
            writer.close()
            found[name] = (got, received.copy())
            received.clear()
        await runner.cleanup()
    server.close()
    return found


def test_the_panel_gets_what_is_allowed_whatever_the_command_writes() -> None:
    found = asyncio.run(ask_all())
    for name, (got, requests) in found.items():
        assert len(requests) == CASES[name][1], (name, requests)
        assert all(map(is_allowed, requests)), (name, requests)
        assert KEY.encode() not in got, name
        assert got.count(b" 200 OK") == len(requests), (name, got)
        assert b" 500 " not in got, name
