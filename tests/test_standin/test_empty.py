"""The queries that the stand-in keeps no rows for: their input is checked all the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.standin import StandIn
from tests.standin.queries import TABLE
from tests.standin.routes import PROCEDURES

from .client import Reply, send

NAMES = [line.split(" ")[0] for line in TABLE.splitlines()]
# What the real panel says of a bare input (transcripts.json, "organization.one, input raw").
MESSAGE = [
    {
        "expected": "object",
        "code": "invalid_type",
        "path": [],
        "message": "Invalid input: expected object, received undefined",
    }
]


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with StandIn.seeded() as panel:
        yield panel


def ask(panel: StandIn, name: str, given: object) -> Reply:
    target = f"/api/trpc/{name}?input={quote(json.dumps(given))}"
    return send(panel, "GET", target, {"x-api-key": panel.key_of("Acme")})


def test_bare_input_is_400_with_the_message_of_the_real_panel(panel: StandIn) -> None:
    with_input = [name for name in NAMES if PROCEDURES[name].wants]
    assert len(with_input) == 142
    for name in with_input:
        for bare in ({}, {"applicationId": "x", "projectId": "x", "serverId": "x"}):
            reply = ask(panel, name, bare)
            assert reply.status == 400
            error = reply.json["error"]["json"]
            assert (error["code"], error["data"]["code"]) == (-32600, "BAD_REQUEST")
            assert json.loads(error["message"]) == MESSAGE


INPUTS: tuple[dict[str, Any], ...] = ({}, {"json": {}})


def test_without_input_anything_goes(panel: StandIn) -> None:
    for name in NAMES:
        if not PROCEDURES[name].wants:
            assert {ask(panel, name, given).status for given in INPUTS} == {200}


def test_a_list_is_empty_and_a_thing_is_not_found(panel: StandIn) -> None:
    assert ask(panel, "server.all", {"json": {}}).json == {"result": {"data": {"json": []}}}
    reply = ask(panel, "server.one", {"json": {"serverId": "x"}})
    assert (reply.status, reply.json["error"]["json"]["message"]) == (404, "Not found")
    reply = ask(panel, "server.one", {"json": {"serverId": 5}})
    assert "expected string, received number" in reply.json["error"]["json"]["message"]
