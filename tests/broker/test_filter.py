"""Which requests are let through, by the rules alone: no server, no panel."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from dokploy_ctx.broker import filter as rules_of
from dokploy_ctx.broker.filter import Refused, Rules

KEY = "o" * 64
PLAIN = ((b"Host", b"h"), (b"X-API-Key", KEY.encode()))
READ = "/api/trpc/project.all"
RULES = Rules("prod", frozenset({"project.all"}))


def checked(
    method: str = "GET",
    target: str = READ,
    *more: tuple[bytes, bytes],
    rules: Rules = RULES,
    now: float | None = None,
) -> str:
    """Return "" for a request that may go to the panel, else "STATUS the refusal"."""
    hosts = frozenset({"h"})
    try:
        rules_of.check(method, target, (*PLAIN, *more), key=KEY, hosts=hosts, rules=rules, now=now)
    except Refused as refused:
        return f"{refused.status} {refused.text.removeprefix('refused by dctx: ')}"
    return ""


@pytest.mark.parametrize(
    "name", [name for name in rules_of._SINGLE if name not in (b"x-api-key", b"host")]
)
def test_a_header_that_two_servers_may_read_as_two_things_stands_once(name: bytes) -> None:
    once = {b"content-length": b"0", b"connection": b"close"}.get(name, b"x")
    if name != b"transfer-encoding":  # that is of a body, which no GET has
        assert checked("GET", READ, (name, once)) == ""
    for again in (name, name.upper()):
        assert checked("GET", READ, (name, once), (again, once)) == "403 a header is given twice"


def test_a_second_host_is_refused_and_a_second_key_is_no_key() -> None:
    assert checked("GET", READ, (b"host", b"h")) == "403 a header is given twice"
    assert checked("GET", READ, (b"x-api-key", KEY.encode())).startswith("401 ")


@pytest.mark.parametrize("name", sorted(rules_of._FORBIDDEN))
def test_a_header_that_asks_for_something_else_is_refused(name: bytes) -> None:
    says = "403 a header asks for another method, path or protocol"
    assert checked("GET", READ, (name.title(), b"x")) == says


@pytest.mark.parametrize("option", [b"", b"close", b"Keep-Alive", b"close, keep-alive", b"close,"])
def test_a_connection_may_be_kept_or_closed(option: bytes) -> None:
    assert checked("GET", READ, (b"connection", option)) == ""


def test_a_body_has_one_length() -> None:
    both = ((b"content-length", b"2"), (b"transfer-encoding", b"chunked"))
    rules = RULES._replace(allow=("project.create",))
    target = "/api/trpc/project.create"
    assert checked("POST", target, *both, rules=rules) == (
        "403 the length of the body is given twice"
    )
    for one in both:
        assert checked("POST", target, one, rules=rules) == ""
        assert checked("GET", READ, one) == "403 a GET with a body is not allowed"


@pytest.mark.parametrize("group", sorted(rules_of._NEVER))
def test_a_group_that_is_no_procedures_never_passes(group: str) -> None:
    rules = RULES._replace(allow=("*",), reads=frozenset({f"{group}.x"}))
    for name in (f"{group}.x", f"{group.title()}.x.y"):
        for target in (f"/api/{name}", f"/api/trpc/{name}"):
            assert checked("GET", target, rules=rules) == f"403 {name} is not a procedure"
    assert checked("GET", f"/api/{group}s.x", rules=rules) == ""


def test_a_method_is_told_up_to_16_characters() -> None:
    assert checked("M" * 16) == f"403 method {'M' * 16} is not allowed"
    assert checked("M" * 17) == f"403 method {'M' * 16} is not allowed"


@pytest.mark.parametrize(
    "letter", ["#", "\\", "<", ">", "`", " ", "\t", "\0", "\x7f", "é", "%", "%4"]
)
def test_a_query_has_plain_letters_alone(letter: str) -> None:
    assert checked("GET", f"/api/project.all?a=1{letter}") == ("403 the path is not in plain form")


def test_a_batch_has_at_most_50_procedures() -> None:
    for number, says in ((50, ""), (51, "403 this path is not a procedure")):
        target = f"/api/trpc/{','.join(['project.all'] * number)}?batch=1"
        assert checked("GET", target) == says


@pytest.mark.parametrize(
    ("numbers", "fits"), [("", True), ("0", True), ("01", True), ("012", False), ("2", False)]
)
def test_input_of_a_batch_is_for_its_procedures_alone(numbers: str, fits: bool) -> None:
    text = quote(json.dumps({number: {"json": {}} for number in numbers}))
    says = checked("GET", f"/api/trpc/project.all,project.all?batch=1&input={text}")
    assert says == ("" if fits else "403 input does not match the procedures")


def test_time_is_up_at_the_second_that_was_said() -> None:
    rules = RULES._replace(deadline=100.0)
    assert checked(rules=rules, now=99.9) == ""
    assert checked(rules=rules, now=100.0) == "403 time is up"


CODES = {
    400: ("BAD_REQUEST", -32600),
    401: ("UNAUTHORIZED", -32001),
    403: ("FORBIDDEN", -32003),
    502: ("INTERNAL_SERVER_ERROR", -32603),
    504: ("INTERNAL_SERVER_ERROR", -32603),
}


@pytest.mark.parametrize("status", CODES)
def test_a_refusal_has_the_codes_of_its_status(status: int) -> None:
    """tRPC's clients decide by them, not by the status."""
    code, number = CODES[status]
    data = {"code": code, "httpStatus": status, "path": "a.b"}
    error = json.loads(rules_of.error_body(Refused(status, "why", ["a.b"])))
    assert error == {"error": {"json": {"message": "why", "code": number, "data": data}}}
    error = json.loads(rules_of.error_body(Refused(status, "why", ["a.b"], rest=True)))
    assert error == {"message": "why", "code": code, "data": data}
    several = json.loads(rules_of.error_body(Refused(status, "why", ["a.b", "c.d"])))
    assert [part["error"]["json"]["data"]["path"] for part in several] == ["a.b,c.d"] * 2


def test_a_reason_is_one_line_of_ascii_that_a_client_can_take() -> None:
    assert rules_of.reason(Refused(403, " a~\r\n\x7fé ")) == " a~???? "
    assert rules_of.reason(Refused(403, "a" * 301)) == "a" * 300
