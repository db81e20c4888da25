"""The two forms, batches, paths and headers, where the recording has no case."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.standin import StandIn

from .client import Reply, query, send

JSON = {"content-type": "application/json"}


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with StandIn.seeded() as panel:
        yield panel


@pytest.fixture
def acme(panel: StandIn) -> dict[str, str]:
    return {"x-api-key": panel.key_of("Acme")}


def batch(panel: StandIn, acme: dict[str, str], names: str, given: object) -> Reply:
    target = f"/api/trpc/{names}?batch=1&input={quote(json.dumps(given))}"
    return send(panel, "GET", target, acme)


def test_batch_gives_each_call_its_own_input(panel: StandIn, acme: dict[str, str]) -> None:
    given = {"1": {"json": {"organizationId": panel.organization("Globex").id}}}
    reply = batch(panel, acme, "organization.active,organization.one", given)
    found = [part["result"]["data"]["json"]["name"] for part in reply.json]
    assert (reply.status, found) == (200, ["Acme", "Globex"])


def test_batch_is_207_where_the_parts_differ(panel: StandIn, acme: dict[str, str]) -> None:
    reply = batch(panel, acme, "user.session,nope,organization.one", {})
    assert reply.status == 207
    assert [part.get("error", {}).get("json", {}).get("code") for part in reply.json] == [
        None,
        -32004,
        -32600,
    ]


def test_batch_of_equal_failures_has_their_status(panel: StandIn) -> None:
    assert batch(panel, {}, "user.get,project.all", {}).status == 401


def test_batch_whose_input_is_no_object_is_400(panel: StandIn, acme: dict[str, str]) -> None:
    reply = batch(panel, acme, "organization.one,organization.one", [])
    assert reply.status == 400
    message = reply.json[0]["error"]["json"]["message"]
    assert message == '"input" needs to be an object when doing a batch call'


def test_batch_of_mutations_by_post(panel: StandIn, acme: dict[str, str]) -> None:
    body = json.dumps({"0": {"json": {"name": "one"}}, "1": {"json": {"name": "two"}}})
    target = "/api/trpc/project.create,project.create?batch=1"
    reply = send(panel, "POST", target, {**acme, **JSON}, body)
    assert reply.status == 200
    assert {"one", "two"} <= {row.name for row in panel.projects}


def test_key_is_looked_at_before_the_input(panel: StandIn) -> None:
    assert query(panel, "organization.one").status == 401


def test_input_of_a_procedure_without_input_is_not_read(
    panel: StandIn, acme: dict[str, str]
) -> None:
    assert send(panel, "GET", "/api/trpc/user.session?input=%7Bnope", acme).status == 200


def test_input_that_is_null_is_400(panel: StandIn, acme: dict[str, str]) -> None:
    for text in ("null", "5", '{"json":null}', "NaN"):
        target = f"/api/trpc/organization.one?input={quote(text)}"
        assert send(panel, "GET", target, acme).status == 400, text


def test_broken_json_is_400_in_both_forms(panel: StandIn, acme: dict[str, str]) -> None:
    for path in ("/api/trpc/project.create", "/api/project.create"):
        reply = send(panel, "POST", path, {**acme, **JSON}, "nope")
        assert reply.status == 400
        assert b"is not valid JSON" in reply.body


def test_other_content_type_is_415(panel: StandIn, acme: dict[str, str]) -> None:
    headers = {**acme, "content-type": "text/plain"}
    reply = send(panel, "POST", "/api/trpc/project.create", headers, '{"json":{"name":"x"}}')
    assert (reply.status, reply.message) == (415, 'Unsupported content-type "text/plain')
    assert "x" not in {row.name for row in panel.projects}


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/api/trpc/user.get/?input=%7B%7D", "/api/trpc/user.get?input=%7B%7D"),
        ("//api//trpc/user.get?x=//", "/api/trpc/user.get?x=//"),
        ("/login/", "/login"),
    ],
)
def test_redirect_is_relative_and_keeps_the_query(
    panel: StandIn, acme: dict[str, str], target: str, location: str
) -> None:
    reply = send(panel, "GET", target, acme)
    assert (reply.status, reply.headers["location"]) == (308, location)


@pytest.mark.parametrize(
    "target",
    ["/", "/nope", "/api/nope", "/api/health", "/api/trpc/settings.health", "/api/trpc/user.get"],
)
def test_every_answer_has_the_fixed_headers_and_names_no_server(
    panel: StandIn, target: str
) -> None:
    headers = send(panel, "GET", target, {}).headers
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-security-policy"] == "frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert "referrer-policy" in headers
    assert not {"server", "date", "x-powered-by"} & headers.keys()


def test_answer_is_compressed_when_asked_for(panel: StandIn, acme: dict[str, str]) -> None:
    plain = send(panel, "GET", "/api/trpc/project.all", acme)
    packed = send(panel, "GET", "/api/trpc/project.all", {**acme, "accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_head_of_a_page_has_no_body(panel: StandIn) -> None:
    reply = send(panel, "HEAD", "/", {})
    assert (reply.status, reply.body) == (200, b"")


def test_headers_up_to_16_kilobytes_pass(panel: StandIn, acme: dict[str, str]) -> None:
    assert send(panel, "GET", "/api/trpc/user.get", {**acme, "x-fill": "f" * 15_000}).status == 200
    assert send(panel, "GET", "/api/trpc/user.get", {**acme, "x-fill": "f" * 17_000}).status == 431
