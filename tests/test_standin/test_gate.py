"""The stand-in behind an access proxy: nobody without its headers reaches the panel."""

from __future__ import annotations

import http.client
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.standin import StandIn
from tests.standin.gate import KINDS, Gate

from .client import query, send
from .test_main import Start, ready, start

__all__ = ["start"]  # the fixture
REQUIRED = {"CF-Access-Client-Id": "one", "X-B": "two"}
TARGET = "/api/trpc/settings.health"


@pytest.mark.parametrize("sent", [{}, {"x-b": "two"}, {"x-b": "two", "cf-access-client-id": "on"}])
@pytest.mark.parametrize("kind", KINDS)
def test_request_without_the_headers_is_not_the_panels(kind: str, sent: dict[str, str]) -> None:
    with StandIn.seeded() as panel:
        panel.gate = Gate(REQUIRED, kind)
        reply = send(panel, "GET", TARGET, {**sent, "x-api-key": panel.key_of("Acme")})
        assert "json" not in reply.headers.get("content-type", "")
        if kind == "redirect":
            target = urlsplit(reply.headers["location"])
            assert (reply.status, target.hostname) == (302, "standin.cloudflareaccess.com")
        else:
            assert reply.status == {"basic": 401, "forbidden": 403}[kind]
            assert ("www-authenticate" in reply.headers) is (kind == "basic")
        assert query(panel, "settings.health").status == reply.status
        allowed = send(panel, "GET", TARGET, {"X-b": "two", "CF-ACCESS-CLIENT-ID": "one"})
        assert (allowed.status, allowed.headers["content-type"]) == (200, "application/json")


def test_without_a_gate_everybody_passes() -> None:
    with StandIn.seeded() as panel:
        assert query(panel, "settings.health").status == 200


def test_program_takes_the_headers(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "ready"
    options = [f"--require-header={name}: {value}" for name, value in REQUIRED.items()]
    url = urlsplit(ready(start("--ready-file", str(file), *options, "--gate=basic"), file)["url"])
    found = []
    for headers in ({}, REQUIRED):
        connection = http.client.HTTPConnection(url.netloc, timeout=20)
        connection.request("GET", TARGET, headers=headers)
        found.append(connection.getresponse().status)
        connection.close()
    assert found == [401, 200]
