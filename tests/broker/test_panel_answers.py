"""What a command gets of a panel's answers: statuses, lengths, echoes of the key."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import time
from typing import Any
from urllib.parse import quote

import pytest

from dokploy_ctx.broker.echoes import Echoes
from dokploy_ctx.broker.filter import Request
from dokploy_ctx.broker.forms import MASK
from dokploy_ctx.broker.masking import MOST_BYTES
from dokploy_ctx.broker.proxy import Seen

from .odd_panel import KEY, Answer, ask

BODY = b'{"result":{"data":{"json":{"password":"hunter2pw"}}}}'
MASKED = BODY.replace(b"hunter2pw", MASK.encode())


def answer(body: bytes = BODY, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    length = str(len(body)).encode()
    start = b"HTTP/1.1 " + status + b"\r\ncontent-type: application/json\r\n" + head
    return start + b"content-length: " + length + b"\r\n\r\n" + body


def message(got: Answer) -> str:
    text: str = json.loads(got.body)["error"]["json"]["message"]
    return text


ARRIVES = {
    "plain": answer(),
    "100 before": b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
    "103 before": b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + answer(),
    "chunks and a trailer": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n35\r\n" + BODY
    + b"\r\n0\r\nx-secret: hunter2pw\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + BODY,
    "a cookie": answer(head=b"set-cookie: a=hunter2pw\r\nlocation: https://other\r\nx-a: b\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRIVES)
def test_an_answer_arrives_as_status_type_and_body(name: str) -> None:
    got = ask(ARRIVES[name], base="/a/base/path")
    assert (got.status, got.body) == (200, MASKED)
    assert got.received.startswith(b"GET /a/base/path/api/trpc/project.all HTTP/1.1\r\n")
    names = {line.split(b":")[0].lower() for line in got.head.split(b"\r\n")[1:]}
    plain = {b"content-type", b"cache-control", b"content-length", b"date", b"connection"}
    assert names <= {*plain, b"server"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (b"204 No Content", b""),
        (b"304 Not Modified", b""),
        (b"302 Found", b""),
        (b"404 Not Found", b"{}"),
    ],
)
@pytest.mark.parametrize("show", [False, True])
def test_other_statuses_pass(status: bytes, body: bytes, show: bool) -> None:
    got = ask(answer(body, b"location: https://other\r\n", status), show_secrets=show)
    assert got.status == int(status[:3])
    assert b"location" not in got.head.lower()


@pytest.mark.parametrize("status", [200, 399, 400, 404, 500, 599])
def test_the_text_of_an_error_is_masked_from_400_on(status: int) -> None:
    """What a command said that failed may have a password in it, which no rule knows."""
    body = b'{"message":"psql of hunter2pw failed"}'
    got = ask(answer(body, status=b"%d X" % status), "GET /api/project.all")
    masked = body.replace(b"psql of hunter2pw failed", MASK.encode())
    assert (got.status, got.body) == (status, body if status < 400 else masked)


BROKEN = {
    "switched protocols": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: a\r\n"
    b"connection: upgrade\r\n\r\n" + BODY,
    "status 999": answer(status=b"999 X"),
    "gzip": answer(gzip.compress(BODY), b"content-encoding: gzip\r\n"),
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 53\r\n\r\n" + BODY,
    "length and chunks": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked"
    b"\r\n\r\n35\r\n" + BODY + b"\r\n0\r\n\r\n",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "nothing": b"",
    "a header of 100 KB": answer(head=b"x: " + b"a" * 100_000 + b"\r\n"),
}


@pytest.mark.parametrize("show", [False, True])
@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_plain_answer_is_502(name: str, show: bool) -> None:
    got = ask(BROKEN[name], show_secrets=show)
    assert got.status == 502
    assert message(got).startswith("refused by dctx: ")


UNMASKABLE = {
    "a page": b"<html><body>Sign in</body></html>",
    "a text": b'"hunter2pw"',
    "too large": b"[" + b"1," * (MOST_BYTES // 2) + b"1]",
}


@pytest.mark.parametrize("name", UNMASKABLE)
def test_an_answer_that_cannot_be_masked_is_502_and_says_how_to_see_it(name: str) -> None:
    got = ask(answer(UNMASKABLE[name]))
    assert got.status == 502
    assert message(got).startswith("refused by dctx: the answer cannot be masked (it is ")
    assert message(got).endswith("; run with --show-secrets")
    assert ask(answer(UNMASKABLE[name]), show_secrets=True).status == 200


def test_a_short_answer_is_never_taken_for_a_whole_one() -> None:
    short = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + BODY
    assert ask(short).status == 502
    got = ask(short, show_secrets=True)
    assert b"HTTP/1.1" not in got.body, "a second answer in the first one's body"
    assert not got.body.endswith(b"0\r\n\r\n"), "looks whole"


async def says_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Leave the connection open."""


async def stops(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
    await writer.drain()


def test_a_silent_panel_is_504_and_one_that_is_not_there_502() -> None:
    for panel in (says_nothing, stops):
        got = ask(panel, silent=0.2)
        assert (got.status, "did not answer in time" in message(got)) == (504, True)
    assert b"HTTP/1.1" not in ask(stops, silent=0.2, show_secrets=True).body
    got = ask(b"", url="http://127.0.0.1:9")
    assert (got.status, "cannot be reached" in message(got)) == (502, True)


COPIES = {
    "plain": KEY,
    "as a name": KEY,
    "in JSON's escapes": "".join(f"\\u{ord(letter):04X}" for letter in KEY),
    "half in escapes": KEY[:20] + f"\\u{ord(KEY[20]):04x}" + KEY[21:],
    "in capitals": KEY.upper(),
    "in a URL": quote(KEY),
    "in base64": base64.b64encode(KEY.encode()).decode(),
    "in base64 behind a user": base64.b64encode(b"me:" + KEY.encode()).decode(),
    "in hexadecimal": KEY.encode().hex(),
}
WIDE = {"UTF-16": "utf-16-le", "UTF-16, the other way": "utf-16-be"}


@pytest.mark.parametrize("show", [False, True])
@pytest.mark.parametrize("name", COPIES)
def test_the_key_is_masked_however_it_comes_back(name: str, show: bool) -> None:
    pair = f'"{COPIES[name]}":1' if "name" in name else f'"name":"x {COPIES[name]} y"'
    text = f'{{"result":{{"data":{{"json":{{{pair}}}}}}}}}'
    got = ask(answer(text.encode(), b"content-type: a/b; k=" + KEY.encode() + b"\r\n"),
              show_secrets=show)  # fmt: skip
    whole = (got.head + got.body).decode()
    found = json.loads(whole[whole.index("{") : whole.rindex("}") + 1].replace("\r\n", ""))
    for copy in (COPIES[name], KEY):
        assert copy[8:-8] not in whole
        assert copy[8:-8] not in json.dumps(found)
    assert MASK in whole


@pytest.mark.parametrize("name", WIDE)
def test_the_key_is_masked_in_wide_characters_too(name: str) -> None:
    body = f'{{"a":"{KEY}"}}'.encode(WIDE[name])
    got = ask(answer(body), show_secrets=True)
    assert got.status == 200
    assert KEY.encode(WIDE[name])[8:-8] not in got.body


@pytest.mark.parametrize("show", [False, True])
def test_the_key_is_masked_where_it_comes_in_pieces(show: bool) -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = f'{{"result":{{"data":{{"json":{{"n":"x{KEY}y"}}}}}}}}'.encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\n\r\n"
        for byte in head.encode() + body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    got = ask(drip, show_secrets=show)
    assert got.status == 200
    whole = got.body.replace(b"\r\n", b"")
    assert KEY[8:-8].encode() not in whole
    assert MASK[-5:].encode() in whole


def test_a_short_value_of_a_header_masks_no_ordinary_word() -> None:
    text = b'{"result":{"data":{"json":{"name":"production","a":"cf-client-secret-value"}}}}'
    headers = {"X-Tenant": "production", "CF-Access-Client-Secret": "cf-client-secret-value"}
    got = ask(answer(text), headers=headers)
    assert got.body == text.replace(b"cf-client-secret-value", MASK.encode())


@pytest.mark.parametrize(
    ("text", "counted"),
    [(BODY, True), (BODY.replace(b"hunter2pw", KEY.encode()), True), (b'{"result":{}}', False),
     (BODY.replace(b'"password":"hunter2pw"', b'"name":"' + KEY.encode() + b'"'), True)],
    ids=["a secret", "the key in its field", "nothing", "the key elsewhere"],
)  # fmt: skip
def test_answers_in_which_something_was_masked_are_counted(text: bytes, counted: bool) -> None:
    more = ", secrets masked in 1 answer" if counted else ""
    assert ask(answer(text)).line == f"dctx: prod: 1 request{more}"


@pytest.mark.parametrize("length", [15, 16])
def test_case_matters_in_a_short_secret_alone(length: int) -> None:
    found = Echoes(["K" * length]).without(b"k" * length)
    assert found == (MASK.encode() if length == 16 else b"k" * length)


def test_time_that_runs_out_while_a_body_arrives_is_up() -> None:
    given: dict[str, Any] = {"allow": ("a.b",), "deadline": time.time() + 0.5, "slow": 0.8}
    got = ask(answer(), "POST /api/trpc/a.b", b'{"json":{}}', **given)
    assert (got.status, got.received) == (403, b"")
    assert "time is up" in message(got)


@pytest.mark.parametrize("text", ["[masked-by-dctx]", "masked-by-dctx", "A=[MASKED-BY-DCTX]",
    "https://u:%5Bmasked-by-dctx%5D@h", "masked%2Dby%2Ddctx", "\\u006dasked-by-dctx"])  # fmt: skip
def test_a_mask_is_not_written_back_however_a_program_spells_it(text: str) -> None:
    got = ask(answer(), "POST /api/a.b", f'{{"env":"{text}"}}'.encode(), allow=("*",))
    assert (got.status, got.received) == (403, b"")
    refusal = json.loads(got.body)
    assert (refusal["code"], refusal["data"]["path"]) == ("FORBIDDEN", "a.b")
    assert "masked value" in refusal["message"]


BODIES = {
    "UTF-16, said": ("utf-16-le", "application/json; charset=utf-16le"),
    "UTF-16 with a mark": ("utf-16", "application/json"),
    "UTF-32": ("utf-32-be", "application/json"),
    "EBCDIC": ("cp037", "application/json;charset=\"ibm037\""),
    "UTF-7": ("utf-7", "application/json; a=b; Charset=UTF-7"),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_mask_is_not_written_back_in_another_encoding(name: str) -> None:
    """The panel's framework decodes a body by the charset that its Content-Type names."""
    encoding, kind = BODIES[name]
    body = '{"json":{"env":"A=[masked-by-dctx]"}}'.encode(encoding)
    got = ask(answer(), "POST /api/trpc/a.b", body, allow=("*",), kind=kind)
    assert (got.status, got.received) == (403, b"")


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", 'text/x; CharSet="UTF-8"',
    "multipart/form-data; boundary=charset", "application/octet-stream"])  # fmt: skip
def test_what_is_written_arrives_byte_for_byte(kind: str) -> None:
    body = b'{"json":{"name":"\xc3\xa9\x00\xff"}}'

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.extend(await reader.readexactly(len(body)))
        writer.write(answer())

    got = bytearray()
    assert ask(talk, "POST /api/trpc/a.b", body, allow=("*",), kind=kind).status == 200
    assert bytes(got) == body


POLLUTING = ['{"__proto__":{"a":1}}', '{"json":{"x":{"__pro\\u0074o__":1}}}',
    '{"json":{},"meta":{"values":{"constructor.prototype.a":["Date"]}}}',
    '{"json":{},"meta":{"referentialEqualities":{"a":["__proto__.b"]}}}',
    '{"json":{"a":{"__proto__":1},"a":2}}']  # fmt: skip


@pytest.mark.parametrize("text", POLLUTING)
def test_an_input_that_names_a_prototype_is_refused(text: str) -> None:
    """superjson, with which the panel reads input, once followed such names."""
    batch = '{"0":' + text + "}"
    for query in (f"input={quote(text)}", f"batch=1&input={quote(batch)}"):
        got = ask(answer(), f"GET /api/trpc/project.all?{query}")
        assert (got.status, got.received) == (403, b"")


def test_an_input_as_deep_as_a_request_line_can_be_is_refused() -> None:
    for deep in (500, 900, 960, 990, 1000, 3000):
        got = ask(answer(), "GET /api/trpc/project.all?input=" + "[" * deep + "]" * deep)
        assert got.status in (200, 400), deep


@pytest.mark.parametrize("query", ["trpc=project.remove", "%74rpc=project.remove", "nxtPtrpc=x",
    "_method=DELETE", "__proto__=x", "a%00b=1", "a=%FF", "x[__proto__]=1", "=1"])  # fmt: skip
def test_a_query_that_may_mean_something_else_is_refused(query: str) -> None:
    got = ask(answer(), f"GET /api/project.all?{query}")
    assert got.status in (400, 403)
    assert got.received == b""


@pytest.mark.parametrize("query", ["projectId=x", "a=1&a=2", "a[]=1&b[c]=2", "text=a%20%C3%A9%26+b",
                                   "n=", "flag"])  # fmt: skip
def test_an_ordinary_query_arrives_as_it_is(query: str) -> None:
    got = ask(answer(BODY), f"GET /api/project.all?{query}")
    assert got.status == 200
    assert got.received.startswith(f"GET /api/project.all?{query} HTTP/1.1\r\n".encode())


def test_short_answers_are_remembered_and_long_ones_are_not(monkeypatch: Any) -> None:
    """A program that polls costs little; what one answer may cost in memory has a bound."""
    monkeypatch.setattr(Seen, "MOST", 2)
    monkeypatch.setattr(Seen, "MOST_BYTES", len(BODY))
    seen, request = Seen(), Request("GET", "/api/trpc/a.b", ("a.b",), rest=False)
    masked = [asyncio.run(seen.mask(body, request, failed=False)) for body in (BODY, BODY)]
    assert masked[0] is masked[1]
    longer = BODY + b" "
    assert [
        asyncio.run(seen.mask(longer, request, failed=False)).body == MASKED + b" " for _ in "12"
    ] == [True, True]
    assert len(seen._known) == 1
    for other in (b"{}", b"[]", b"0 "):
        asyncio.run(seen.mask(other, request, failed=False))
    assert len(seen._known) == 2
