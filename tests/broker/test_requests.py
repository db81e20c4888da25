"""What a hostile command may send: only the allowed reads reach the panel.

Every case goes over a real socket to a real broker; what the panel received is what is checked.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.official import reads
from tests.standin import StandIn

from .brokered import Brokered

READS = reads.procedures()


@pytest.fixture
def broker(brokered: Callable[..., Brokered]) -> Brokered:
    return brokered("--read-only")


def received(panel: StandIn) -> list[tuple[str, str]]:
    """Return method and path of each request that the panel got since the last call."""
    seen = [(request.method, request.path.partition("?")[0]) for request in panel.requests]
    panel.forget_requests()
    return seen


def only_reads(seen: list[tuple[str, str]]) -> bool:
    """Return whether all of `seen` are GETs of procedures that only read."""
    for method, path in seen:
        names = path.removeprefix("/api/trpc/").removeprefix("/api/").split(",")
        if method != "GET" or not all(name in READS for name in names):
            return False
    return True


INPUT = quote('{"json":{}}')
BODY = b'{"json":{"projectId":"x"}}'

# Request lines and headers that must be answered with 4xx, and never reach the panel.
REFUSED: dict[str, tuple[str, bytes, dict[str, str]]] = {
    **{f"method {m}": (f"{m} /api/trpc/project.all", b"", {}) for m in
       ("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND")},
    "change by POST": ("POST /api/trpc/project.remove", BODY, {}),
    "change by POST, REST": ("POST /api/project.remove", BODY, {}),
    "change by GET": (f"GET /api/trpc/project.remove?input={INPUT}", b"", {}),
    "change by GET, REST": ("GET /api/project.remove?projectId=x", b"", {}),
    "read by POST": ("POST /api/trpc/project.all", BODY, {}),
    "a read that runs something": ("GET /api/trpc/compose.loadServices?input=%7B%7D", b"", {}),
    "unknown procedure": ("GET /api/trpc/brand.new", b"", {}),
    "batch with a change": ("GET /api/trpc/project.all,project.remove?batch=1&input=%7B%7D", b"", {}),
    "batch with a change first": ("GET /api/trpc/project.remove,project.all?batch=1", b"", {}),
    "batch by POST": ("POST /api/trpc/project.all,project.remove?batch=1", b"{}", {}),
    "batch without batch=1": ("GET /api/trpc/project.all,user.get", b"", {}),
    "batch of 51": ("GET /api/trpc/" + ",".join(["project.all"] * 51) + "?batch=1", b"", {}),
    "batch in REST": ("GET /api/project.all,user.get?batch=1", b"", {}),
    "encoded comma": ("GET /api/trpc/project.all%2Cproject.remove?batch=1", b"", {}),
    "encoded dot": ("GET /api/trpc/project%2Eall", b"", {}),
    "encoded slash": ("GET /api%2Ftrpc/project.all", b"", {}),
    "encoded letter": ("GET /api/trpc/project.%61ll", b"", {}),
    "doubly encoded": ("GET /api/trpc/project%252Eall", b"", {}),
    "dots": ("GET /api/trpc/../trpc/project.all", b"", {}),
    "encoded dots": ("GET /api/trpc/%2e%2e/trpc/project.all", b"", {}),
    "a dot": ("GET /api/./trpc/project.all", b"", {}),
    "backslash": ("GET /api\\trpc\\project.all", b"", {}),
    "path parameter": ("GET /api/trpc/project.all;x=1", b"", {}),
    "fragment": ("GET /api/trpc/project.all#x", b"", {}),
    "upper case": ("GET /API/TRPC/project.all", b"", {}),
    "name in another case": ("GET /api/trpc/Project.All", b"", {}),
    "a null byte": ("GET /api/trpc/project.all%00", b"", {}),
    "absolute form": ("GET http://127.0.0.1/api/trpc/project.all", b"", {}),
    "absolute form elsewhere": ("GET http://169.254.169.254/latest", b"", {}),
    "asterisk": ("OPTIONS *", b"", {}),
    "sign-in": ("GET /api/auth/get-session", b"", {}),
    "sign-in by POST": ("POST /api/auth/sign-in/email", BODY, {}),
    "webhook": ("POST /api/deploy/abc", BODY, {}),
    "webhook of a compose": ("GET /api/deploy/compose/abc", b"", {}),
    "health": ("GET /api/health", b"", {}),
    "the page": ("GET /", b"", {}),
    "dashboard": ("GET /dashboard/projects", b"", {}),
    "openapi": ("GET /swagger", b"", {}),
    "unknown query": ("GET /api/trpc/project.all?token=x", b"", {}),
    "input twice": (f"GET /api/trpc/project.all?input={INPUT}&input={INPUT}", b"", {}),
    "batch twice": ("GET /api/trpc/project.all?batch=1&batch=0", b"", {}),
    "batch=0": ("GET /api/trpc/project.all,user.get?batch=0", b"", {}),
    "input is no JSON": ("GET /api/trpc/project.all?input=%7B", b"", {}),
    "input for another part": ("GET /api/trpc/project.all?batch=1&input=%7B%225%22%3A1%7D", b"", {}),
    "input not in UTF-8": ("GET /api/trpc/project.all?input=%ff", b"", {}),
    "half a percent": ("GET /api/trpc/project.all?input=%7", b"", {}),
    "a body": ("GET /api/trpc/project.all", b"{}", {}),
    "chunked GET": ("GET /api/trpc/project.all", b"", {"transfer_encoding": "chunked"}),
    "upgrade": ("GET /api/trpc/project.all", b"", {"connection": "Upgrade", "upgrade": "websocket"}),
    "connection names a header": ("GET /api/trpc/project.all", b"", {"connection": "x-api-key"}),
    "method override": ("GET /api/trpc/project.all", b"", {"x_http_method_override": "POST"}),
    "method override 2": ("GET /api/trpc/project.all", b"", {"x_method_override": "DELETE"}),
    "rewrite": ("GET /api/trpc/project.all", b"", {"x_original_url": "/api/trpc/project.remove"}),
    "another host": ("GET /api/trpc/project.all", b"", {"host": "evil.example"}),
    "no host": ("GET /api/trpc/project.all", b"", {"host": "-"}),
    "no key": ("GET /api/trpc/project.all", b"", {"x_api_key": "-"}),
    "another key": ("GET /api/trpc/project.all", b"", {"x_api_key": "a" * 64}),
    "empty key": ("GET /api/trpc/project.all", b"", {"x_api_key": ""}),
    "key as a bearer": ("GET /api/trpc/project.all", b"", {"x_api_key": "-", "authorization": "x"}),
    "a mask in the input": (f"GET /api/trpc/project.one?input={quote(MASK)}", b"", {}),
    "long path": ("GET /api/trpc/" + "a" * 7000 + ".b", b"", {}),
    "a header of 100 KB": ("GET /api/trpc/project.all", b"", {"x_a": "a" * 100_000}),
    "a target of 100 KB": ("GET /api/trpc/project.all?input=" + "a" * 100_000, b"", {}),
}  # fmt: skip
# Every other refusal is 403. A client that is told 401 looks for another key, and one that is told
# 400 changes its request.
STATUSES = {
    **dict.fromkeys(("no key", "another key", "empty key", "key as a bearer"), 401),
    **dict.fromkeys(("input is no JSON", "input not in UTF-8", "method get", "no host"), 400),
    **dict.fromkeys(("a header of 100 KB", "a target of 100 KB"), 400),
}

# Bytes that are not plain HTTP/1.1; KEY and HOST are filled in.
RAW = {
    "key twice": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\nX-API-Key: KEY\r\n\r\n",
    "host twice": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nhost: evil\r\nx-api-key: KEY\r\n\r\n",
    "lengths differ": b"POST /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x",
    "length and chunks": b"POST /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /api/trpc/project.remove HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n\r\n",
    "chunks spelled oddly": b"POST /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunks twice": b"POST /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
    "blank before the colon": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key : KEY\r\n\r\n",
    "folded header": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\nx-a: b\r\n x-http-method-override: POST\r\n\r\n",
    "bare newlines": b"GET /api/trpc/project.remove HTTP/1.1\nhost: HOST\nx-api-key: KEY\n\n",
    "HTTP/0.9": b"GET /api/trpc/project.all\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a tab in the line": b"GET\t/api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n\r\n",
    "a blank in the path": b"GET /api/trpc/project.all x HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n\r\n",
    "a second request of a change": b"GET /api/trpc/user.get HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n\r\nPOST /api/trpc/project.remove HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"json\":{}}",
    "a header name of odd bytes": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\nx(a): b\r\n\r\n",
    "a NUL in a header": b"GET /api/trpc/project.all HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\nx-a: b\x00c\r\n\r\n",
    "bytes over 127 in the path": b"GET /api/trpc/project.all\xff HTTP/1.1\r\nhost: HOST\r\nx-api-key: KEY\r\n\r\n",
}  # fmt: skip


def test_there_are_enough_cases() -> None:
    assert len(REFUSED) + len(RAW) >= 60


def test_no_refused_request_reaches_the_panel(broker: Brokered, panel: StandIn) -> None:
    received(panel)
    for name, (line, body, headers) in REFUSED.items():
        status, answer = broker.ask(line, body, **headers)
        # Who sends too much may find the connection closed before there is an answer to read.
        closed = status == 0 and "100 KB" in name
        assert closed or status == STATUSES.get(name, 403), (name, status, answer[:300])
        assert received(panel) == [], name
        assert panel.key_of("Acme").encode() not in answer


def test_what_is_no_plain_http_reaches_the_panel_as_reads_alone(
    broker: Brokered, panel: StandIn
) -> None:
    received(panel)
    host = f"127.0.0.1:{broker.port}".encode()
    for name, data in RAW.items():
        broker.raw(data.replace(b"KEY", broker.key.encode()).replace(b"HOST", host), 1.0)
        seen = received(panel)
        assert only_reads(seen), (name, seen)
        assert len(seen) <= (1 if "second" in name else 0), (name, seen)


@pytest.mark.parametrize("path", ["//api/trpc/project.all", "/api//trpc/project.all",
    "/api/trpc/project.all/", "/api///project.all//", "/api//project.remove"])  # fmt: skip
def test_a_slash_too_many_is_answered_as_the_panel_does(
    broker: Brokered, panel: StandIn, path: str
) -> None:
    """dokli sends this and follows the redirect. Nothing reaches the panel before its second request."""
    received(panel)
    head, _, _ = broker.raw(
        f"GET {path}?input=%7B%7D HTTP/1.1\r\nhost: 127.0.0.1:{broker.port}\r\n"
        f"x-api-key: {broker.key}\r\nconnection: close\r\n\r\n".encode()
    ).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 308 ")
    plain = "/" + "/".join(filter(None, path.split("/")))
    assert f"\r\nLocation: {plain}?input=%7B%7D\r\n".encode() in head
    assert received(panel) == []
    assert broker.ask(f"GET {path}", x_api_key="a" * 64)[0] == 401
    for other in ("//evil/api/project.all", "/x//api/project.all", "/api//auth/get-session",
                  "//", "/api//%2e/project.all"):  # fmt: skip
        assert broker.ask(f"GET {other}")[0] == 403


def test_allowed_reads_arrive_in_all_forms(broker: Brokered, panel: StandIn) -> None:
    received(panel)
    for line in ("GET /api/trpc/organization.active", "GET /api/trpc/project.all?input=%7B%7D",
                 f"GET /api/trpc/project.all?input={INPUT}", "GET /api/project.all",
                 "GET /api/trpc/project.all,user.get?batch=1&input=%7B%7D"):  # fmt: skip
        status, answer = broker.ask(line)
        assert status == 200, (line, answer)
        assert json.loads(answer)
    assert only_reads(received(panel))


def test_bare_input_is_completed(broker: Brokered, panel: StandIn) -> None:
    received(panel)
    text = quote('{"organizationId":"AcmeOrgId-00000000001"}')
    status, answer = broker.ask(f"GET /api/trpc/organization.one?input={text}")
    assert status == 200, answer
    query = panel.requests[-1].path.partition("?")[2]
    assert query == "input=" + quote('{"json":{"organizationId":"AcmeOrgId-00000000001"}}')


def test_refusals_have_the_form_of_their_path(broker: Brokered) -> None:
    status, answer = broker.ask("POST /api/trpc/application.delete", b"{}")
    text = "refused by dctx: application.delete is not allowed (read-only as prod)"
    assert status == 403
    error = json.loads(answer)["error"]["json"]
    assert (error["message"], error["data"]["code"]) == (text, "FORBIDDEN")
    assert error["data"]["path"] == "application.delete"
    status, answer = broker.ask("POST /api/application.delete", b"{}")
    assert status == 403
    assert json.loads(answer)["message"] == text
    status, answer = broker.ask("GET /api/trpc/project.all,application.delete?batch=1")
    assert [part["error"]["json"]["message"] for part in json.loads(answer)] == [text, text]


def test_only_what_a_read_needs_is_passed_on(broker: Brokered, panel: StandIn, prod: str) -> None:
    received(panel)
    status, _ = broker.ask(
        "GET /api/trpc/organization.active", cookie="a=b", authorization="Bearer x",
        user_agent="agent/1", x_forwarded_for="1.2.3.4", accept_encoding="gzip", origin="http://e",
    )  # fmt: skip
    assert status == 200
    headers = panel.requests[-1].headers
    assert headers["x-api-key"] == prod
    assert (headers["user-agent"], headers["accept-encoding"]) == ("agent/1", "identity")
    assert not headers.keys() & {"cookie", "authorization", "x-forwarded-for", "origin"}


def test_allow_opens_what_it_names_and_nothing_else(
    brokered: Callable[..., Brokered], panel: StandIn
) -> None:
    broker = brokered("--allow", "project.create", "--allow", "compose.load*")
    received(panel)
    status, _ = broker.ask("POST /api/trpc/project.create", b'{"json":{"name":"made-by-agent"}}')
    assert status == 200
    assert received(panel) == [("POST", "/api/trpc/project.create")]
    broker.ask("GET /api/trpc/compose.loadServices?input=%7B%22composeId%22%3A%22x%22%7D")
    assert received(panel) == [("GET", "/api/trpc/compose.loadServices")]
    for line in ("POST /api/trpc/project.remove", "POST /api/auth/sign-out", "POST /api/deploy/x"):
        assert broker.ask(line, b"{}")[0] == 403
    assert received(panel) == []


def test_a_masked_value_is_never_written(brokered: Callable[..., Brokered], panel: StandIn) -> None:
    broker = brokered("--allow", "*")
    received(panel)
    for text in (
        MASK,
        MASK.replace("[", "\\u005b"),
        MASK.replace("-", "\\u002D"),
        f"A={MASK}\\nB=2",
    ):
        body = '{"json":{"applicationId":"x","env":"' + text + '"}}'
        status, answer = broker.ask("POST /api/trpc/application.saveEnvironment", body.encode())
        assert status == 403
        assert b"masked value" in answer
    assert received(panel) == []


def test_a_client_that_waits_to_send_its_body_is_told_to(
    brokered: Callable[..., Brokered], panel: StandIn
) -> None:
    """curl waits a second for this answer, other clients for ever."""
    broker = brokered("--allow", "project.create")
    received(panel)
    body = b'{"json":{"name":"made-by-agent"}}'
    head = f"host: 127.0.0.1:{broker.port}\r\nx-api-key: {broker.key}\r\nexpect: 100-continue\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", broker.port), timeout=20) as sock:
        sock.sendall(f"POST /api/trpc/project.create HTTP/1.1\r\n{head}".encode())
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert received(panel) == []
        sock.sendall(body)
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert received(panel) == [("POST", "/api/trpc/project.create")]
    status, _ = broker.ask("POST /api/trpc/project.remove", b"{}", expect="100-continue")
    assert status == 403


def test_a_slow_request_holds_up_no_other(broker: Brokered) -> None:
    slow = [socket.create_connection(("127.0.0.1", broker.port)) for _ in range(60)]
    try:
        for sock in slow:
            sock.sendall(b"GET /api/trpc/project.all HTTP/1.1\r\nhost: x\r\n")
        assert broker.ask("GET /api/trpc/organization.active")[0] == 200
    finally:
        for sock in slow:
            sock.close()


@pytest.mark.parametrize(("more", "says"), [(0, b"100 Continue"), (1, b"403 ")])
def test_a_body_has_at_most_32_megabytes(
    brokered: Callable[..., Brokered], more: int, says: bytes
) -> None:
    broker = brokered("--allow", "*")
    head = f"host: 127.0.0.1:{broker.port}\r\nx-api-key: {broker.key}\r\nexpect: 100-continue\r\n"
    head += f"content-type: application/json\r\ncontent-length: {32 * 1024 * 1024 + more}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", broker.port), timeout=20) as sock:
        sock.sendall(f"POST /api/trpc/project.create HTTP/1.1\r\n{head}".encode())
        assert sock.recv(65536).startswith(b"HTTP/1.1 " + says)


@pytest.mark.parametrize("more", [0, 1])
def test_a_body_in_chunks_has_at_most_32_megabytes(
    brokered: Callable[..., Brokered], panel: StandIn, more: int
) -> None:
    broker = brokered("--allow", "*")
    received(panel)
    size = 32 * 1024 * 1024 + more
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (size, b" " * size)
    head = {"transfer_encoding": "chunked", "content_length": "-"}
    status, answer = broker.ask("POST /api/trpc/project.create", body, **head)
    assert (b"the body is too large" in answer) == bool(more), (status, answer[:300])
    assert bool(received(panel)) != bool(more)


def test_a_body_that_is_too_large_is_refused(
    brokered: Callable[..., Brokered], panel: StandIn
) -> None:
    broker = brokered("--allow", "*")
    received(panel)
    status, _ = broker.ask("POST /api/trpc/project.create", b"", content_length=str(10**9))
    assert status == 403
    assert received(panel) == []


WORDS = st.sampled_from(
    ["/", "..", ".", "%2e", "%2f", "api", "trpc", "project.all", "project.remove", ",", "?batch=1",
     "&input=", "%7B%7D", "#", ";", "\\", "%", "http://", "@", "*", "auth", "deploy", "\u00e9"]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "get", "G\u00cbT"]),
    words=st.lists(WORDS, max_size=8),
    headers=st.dictionaries(
        st.sampled_from(["x-http-method-override", "transfer-encoding", "content-length", "te"]),
        st.sampled_from(["POST", "chunked", "0", "5", "-1", "gzip, chunked", ""]), max_size=2,
    ),
)  # fmt: skip
def test_no_request_line_gets_a_change_to_the_panel(
    broker: Brokered, panel: StandIn, method: str, words: list[str], headers: dict[str, str]
) -> None:
    path = "/api/trpc/" + "".join(words) if len(words) % 2 else "".join(words)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    line = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{broker.port}\r\n"
    data = f"{line}x-api-key: {broker.key}\r\n{head}connection: close\r\n\r\n"
    broker.raw(data.encode("latin-1", "replace"), 0.3)
    assert only_reads(received(panel))
