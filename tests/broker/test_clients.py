"""Clients that close their sending half of a connection still get their answer."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable

import pytest

from dokploy_ctx.broker.filter import Request
from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.proxy import Seen
from tests.standin import StandIn

from .brokered import Brokered, until


@pytest.fixture
def broker(brokered: Callable[..., Brokered]) -> Brokered:
    return brokered("--allow", "project.create")


def said(broker: Brokered, data: bytes) -> bytes:
    """Return what comes back to a client that sends `data` and closes its half."""
    out = b""
    with socket.create_connection(("127.0.0.1", broker.port), timeout=30) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        while more := sock.recv(65536):
            out += more
    return out


def request(broker: Brokered, line: str, body: bytes = b"", length: int | None = None) -> bytes:
    head = f"{line} HTTP/1.1\r\nhost: 127.0.0.1:{broker.port}\r\nx-api-key: {broker.key}\r\n"
    if body:
        length = len(body) if length is None else length
        head += f"content-type: application/json\r\ncontent-length: {length}\r\n"
    return f"{head}\r\n".encode() + body


GET = "GET /api/trpc/project.all"
POST = "POST /api/trpc/project.create"


def test_a_client_that_closes_its_half_gets_its_answer(broker: Brokered, panel: StandIn) -> None:
    out = said(broker, request(broker, GET))
    assert out.startswith(b"HTTP/1.1 200 ")
    assert b"acme-api" in out
    out = said(broker, request(broker, POST, b'{"json":{"name":"made"}}'))
    assert out.startswith(b"HTTP/1.1 200 ")
    assert said(broker, request(broker, "PUT /api/trpc/project.all")).startswith(b"HTTP/1.1 403 ")


def test_each_of_several_requests_is_answered(broker: Brokered) -> None:
    out = said(broker, request(broker, GET) * 3 + request(broker, "GET /x"))
    assert [out.count(b"HTTP/1.1 200 "), out.count(b"HTTP/1.1 403 ")] == [3, 1]


def test_with_show_secrets_too(brokered: Callable[..., Brokered]) -> None:
    broker = brokered("--show-secrets")
    out = said(broker, request(broker, GET) * 2)
    assert out.count(b"HTTP/1.1 200 ") == 2
    assert out.endswith(b"\r\n0\r\n\r\n"), "whole"


@pytest.mark.parametrize("part", [b"", b"GET /api/trpc/proj", b"\r\n"])
def test_what_is_no_request_is_not_waited_for(broker: Brokered, part: bytes) -> None:
    began = time.monotonic()
    assert said(broker, part) == b""
    assert time.monotonic() - began < 20, "not until the connection is taken for idle"


def test_a_body_that_is_cut_off_reaches_no_panel(broker: Brokered, panel: StandIn) -> None:
    panel.forget_requests()
    began = time.monotonic()
    assert b" 200 " not in said(broker, request(broker, POST, b'{"json":{"na', length=500))
    assert time.monotonic() - began < 20
    assert said(broker, request(broker, GET) + request(broker, POST, b"{", 5)).count(b" 200 ") <= 1
    assert {seen.method for seen in panel.requests} <= {"GET"}


def test_no_connection_is_left(broker: Brokered) -> None:
    def held() -> int:
        (pid,) = broker.brokers()
        with open(f"/proc/{pid}/net/tcp") as file:
            port = f"0100007F:{broker.port:04X}"
            rows = [line.split() for line in file]
        return sum(row[1] == port and row[3] != "0A" and row[9] != "0" for row in rows[1:])

    for _ in range(5):
        said(broker, request(broker, GET))
        with socket.create_connection(("127.0.0.1", broker.port)) as sock:
            sock.sendall(request(broker, GET))  # and is gone before the answer
    assert until(lambda: held() == 0)


def test_a_large_answer_holds_no_other_up() -> None:
    """Not a measurement: what others ask meanwhile is looked at, however slow the machine is."""
    line = "2026-11-26T14:24:47Z GET /api/users?page=1 200 agent=x a=1 password=hunter2pw\n"
    body = json.dumps({"result": {"data": {"json": line * 20_000}}}).encode()
    request = Request("GET", "/api/trpc/x.readLogs", ("x.readLogs",), rest=False)

    async def ask() -> int:
        large = asyncio.ensure_future(Seen().mask(body, request, failed=False))
        turns = 0
        while not large.done():
            await asyncio.sleep(0.001)
            turns += 1
        assert large.result().body == body.replace(b"hunter2pw", MASK.encode())
        return turns

    assert asyncio.run(ask()) > 5
