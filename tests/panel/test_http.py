"""Requests to a panel: limited in time and size, with checked TLS, and to no other host."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dokploy_ctx.errors import DctxError, UsageError
from dokploy_ctx.model import profile_names
from dokploy_ctx.panel import account, http
from dokploy_ctx.panel.errors import KeyRefused, NotAllowed, Unexplained, Unreachable
from dokploy_ctx.panel.http import Panel
from tests.standin import StandIn

from ..conftest import Result

KEY = "SecretKey" * 7
Talk = Callable[[socket.socket], None]


def read_request(connection: socket.socket) -> None:
    """Read all of it, its body too: closing with some unread would reset the connection."""
    data = connection.recv(65536)
    while data and b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    left = (int(length[1]) if length else 0) - len(body)
    while left > 0:
        more = connection.recv(left)
        if not more:
            return
        left -= len(more)


@contextlib.contextmanager
def serving(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve each connection with `talk`, after its request was read; gives host and port."""
    ended = threading.Event()

    def serve(listener: socket.socket) -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with contextlib.suppress(OSError), connection:
                    if context is not None:
                        with context.wrap_socket(connection, server_side=True) as wrapped:
                            read_request(wrapped)
                            talk(wrapped)
                    else:
                        read_request(connection)
                        talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        thread = threading.Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        ended.set()
        thread.join()


def answering(head: str, body: bytes = b"") -> Talk:
    return lambda connection: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def refused(talk: Talk, kind: type[DctxError] = Unreachable) -> str:
    """Return the error, without the address, of asking such a server who the key is."""
    with serving(talk) as where:
        with pytest.raises(kind) as caught:
            account.whoami(Panel(f"http://{where}", KEY))
        text = str(caught.value)
        assert KEY not in text
        assert "\n" not in text
        return text.replace(where, "HOST")


JSON = "HTTP/1.1 200 OK\r\nContent-Type: application/json"


# Time and size.


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_SECONDS", 0.5)


def dripping(data: bytes, then: bytes) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(data)
        with contextlib.suppress(OSError):
            for _ in range(60):
                time.sleep(0.05)
                connection.sendall(then)

    return talk


@pytest.mark.parametrize(
    "talk",
    [
        lambda _: time.sleep(1.5),
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        dripping(JSON.encode() + b"\r\nContent-Length: 9999\r\n\r\n", b"x"),
        dripping(JSON.encode() + b"\r\n\r\n", b" "),
    ],
    ids=["silent", "headers drop by drop", "body drop by drop", "body without an end"],
)
def test_slow_answer_is_bounded_as_a_whole(impatient: None, talk: Talk) -> None:
    started = time.monotonic()
    text = refused(talk)
    assert text == ("cannot reach http://HOST: no answer in time. Check the URL and the network.")
    assert time.monotonic() - started < 10


def test_huge_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_BYTES", 100_000)
    assert refused(answering(JSON, b"[" + b" " * 200_000)) == (
        "cannot reach http://HOST: the answer is too large. Check the URL and the network."
    )


def test_endless_headers_are_bounded() -> None:
    text = refused(answering("HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 100_000))
    assert text.startswith("cannot reach http://HOST: ")


def test_compressed_answer_is_not_blown_up() -> None:
    import gzip

    bomb = gzip.compress(b" " * 50_000_000)
    text = refused(answering(f"{JSON}\r\nContent-Encoding: gzip", bomb))
    assert text == "http://HOST answers with invalid JSON (HTTP 200). Check the URL."


def test_no_compression_is_asked_for(panel: StandIn) -> None:
    account.whoami(Panel(panel.url, panel.key_of("Acme")))
    assert panel.requests[0].headers["accept-encoding"] == "identity"


# What is no panel.


ERROR = b'[{"error":{"json":{"message":"x","data":{"httpStatus":%s}}}},{"result":{"data":{}}}]'
KEYS = (
    b'[{"result":{"data":{"json":{"organizationId":"1","user":{"apiKeys":[{"id":%s}]}}}}},'
    b'{"result":{"data":{"json":[{"id":"1","name":"Acme"}]}}}]'
)
NOT_AS = "http://HOST answers JSON, but not as a Dokploy panel does. Check the URL."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "http://HOST answers with invalid JSON (HTTP 200). Check the URL."),
        (b"{", "http://HOST answers with invalid JSON (HTTP 200). Check the URL."),
        (b"[" * 100_000, "http://HOST answers with invalid JSON (HTTP 200). Check the URL."),
        (b"\xff\xfe", "http://HOST answers with invalid JSON (HTTP 200). Check the URL."),
        (b"null", NOT_AS),
        (b"{}", NOT_AS),
        (b'{"ok":true}', NOT_AS),
        (b"[]", NOT_AS),
        (b"[1,2]", NOT_AS),
        (b"[{},{}]", NOT_AS),
        (b'[{"result":1},{"result":{"data":[]}}]', NOT_AS),
        (b'[{"error":{"json":{}}},{"error":"x"}]', NOT_AS),
        *((ERROR % status, NOT_AS) for status in (b"1e999", b"NaN", b"[401]", b"200", b'"x"')),
        *((KEYS % key_id, NOT_AS) for key_id in (b"[1]", b'{"a": 1}')),
        (KEYS % (b"[" * 900 + b"]" * 900), NOT_AS),
    ],
)
def test_other_json_is_no_panel(body: bytes, words: str) -> None:
    assert refused(answering(JSON, body)) == words


@pytest.mark.parametrize("value", [b"1", b'"x"', b"[]", b"{}", b'{"organizationId":""}', b"null"])
def test_strange_organization_is_none(value: bytes) -> None:
    part = b'{"result":{"data":{"json":' + value + b"}}}"
    assert refused(answering(JSON, b"[" + part + b"," + part + b"]"), KeyRefused) == (
        "the API key works, but its user is no longer a member of the organization, or the "
        "organization was deleted. Create a key for another organization."
    )


def test_strange_values_are_no_crash() -> None:
    listed = b'{"result":{"data":{"json":[1,{"id":1,"name":null,"members":{}}]}}}'
    for user in (b"null", b"[]", b'{"apiKeys":{"a":1}}', b'{"apiKeys":[1]}'):
        member = b'{"result":{"data":{"json":{"organizationId":1,"user":' + user + b"}}}}"
        body = b"[" + member + b"," + listed + b"]"
        with serving(answering(JSON, body)) as where:
            identity = account.whoami(Panel(f"http://{where}", KEY))
        assert (identity.organization_id, identity.organization, identity.keys) == ("1", "", ())


def test_made_key_without_a_name_for_it() -> None:
    made = b'{"result":{"data":{"json":{"id":null}}}}'
    with serving(answering(JSON, made)) as where, pytest.raises(Unreachable) as caught:
        account.create_key(Panel(f"http://{where}", KEY), "x", "o", None)
    assert "does not say which key it made" in str(caught.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_target_is_named_and_not_visited(panel: StandIn, status: int) -> None:
    with StandIn.seeded() as other:
        panel.redirect_to, panel.redirect_status = other.url, status
        ours = Panel(panel.url, panel.key_of("Acme"))
        requests: list[Callable[[], Any]] = [
            lambda: account.whoami(ours),
            lambda: account.create_key(ours, "x", "o", None),
            lambda: account.delete(ours, "x"),
            ours.healthy,
        ]
        for request in requests:
            with pytest.raises(Unreachable, match=f"redirects to {other.url}. Save that URL"):
                request()
        assert other.requests == ()


def test_redirects_target_is_cleaned() -> None:
    text = refused(answering("HTTP/1.1 301 Moved\r\nLocation: https://x/\x1b[2J"))
    assert "\x1b" not in text


# What a key may do.


def test_answers_in_words(panel: StandIn) -> None:
    ours = Panel(panel.url, panel.key_of("Acme"))
    for status, kind, words in (
        (400, NotAllowed, "answers 400: Injected failure. See the panel's log."),
        (
            401,
            NotAllowed,
            (
                "accepts the API key, but refuses this: Injected failure. "
                "Check the role of the key's user."
            ),
        ),
        (
            403,
            NotAllowed,
            (
                "accepts the API key, but refuses this: Injected failure. "
                "Check the role of the key's user."
            ),
        ),
        (500, Unreachable, "answers 500: Injected failure. Try again later."),
        (
            503,
            Unreachable,
            "answers 503 and no JSON: the proxy is up, the panel is not. Try again later.",
        ),
    ):
        panel.fail_next("user.get", status)
        with pytest.raises(kind) as caught:
            account.whoami(ours)
        assert str(caught.value) == f"{panel.url} {words}"
    with pytest.raises(Unexplained) as refusal:
        account.whoami(Panel(panel.url, KEY))
    assert str(refusal.value) == f"{panel.url} refused the API key (401)."


def test_health_that_cannot_be_asked_is_not_called_a_bad_key(panel: StandIn) -> None:
    panel.fail_next("settings.health", 502)
    with pytest.raises(Unreachable, match="answers 502 and no JSON"):
        account.whoami(Panel(panel.url, KEY))


def test_create_and_delete_a_key(panel: StandIn) -> None:
    ours = Panel(panel.url, panel.key_of("Acme"))
    made = account.create_key(ours, "n" * 32, panel.organization("Globex").id, 86400)
    assert made.key not in repr(made)
    assert account.whoami(Panel(panel.url, made.key)).organization == "Globex"
    assert account.delete(ours, made.id) is True
    assert account.delete(ours, made.id) is False
    with pytest.raises(NotAllowed, match="You are not a member of this organization"):
        account.create_key(ours, "x", "nowhere", None)
    stranger = panel.add_user("s@example.test")
    theirs = panel.add_key(stranger, panel.organization("Acme"))
    with pytest.raises(NotAllowed, match="You are not authorized to delete this API key"):
        account.delete(ours, theirs.id)


@pytest.mark.parametrize("key", ["ключ", "a b", " a", "a\nb", "a\r\nX-Other: b", "a\x00b"])
def test_key_that_cannot_be_sent_is_not_shown(panel: StandIn, key: str) -> None:
    with pytest.raises(KeyRefused) as caught:
        account.whoami(Panel(panel.url, key))
    assert (
        str(caught.value)
        == "the API key contains characters that no key has. Copy the key again from the panel."
    )
    assert panel.requests == ()


def test_key_is_in_no_repr() -> None:
    assert KEY not in repr(Panel("http://x", KEY)) + str(vars(account))


def test_very_long_key(panel: StandIn) -> None:
    with pytest.raises(Unreachable, match=r"HTTP 431, no JSON"):
        account.whoami(Panel(panel.url, "k" * 20_000))


# The network.


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    for number, text in (
        (socket.EAI_NONAME, "Name or service not known"),
        (socket.EAI_AGAIN, "Temporary failure in name resolution"),
        (socket.EAI_NONAME, "nodename nor servname provided, or not known"),
    ):

        def fail(*_: Any, number: int = number, text: str = text, **__: Any) -> Any:
            raise socket.gaierror(number, text)

        monkeypatch.setattr(socket, "getaddrinfo", fail)
        with pytest.raises(Unreachable) as caught:
            account.whoami(Panel("https://panel.example.test", KEY))
        assert str(caught.value) == (
            "cannot reach https://panel.example.test: host not found. Check the URL."
        )


def test_url_that_httpx_does_not_take() -> None:
    for url in ("https://xn--zzzzz", "http://[::1", "http://a..b"):
        with pytest.raises(Unreachable, match=r"^cannot reach "):
            account.whoami(Panel(url, KEY))


@pytest.mark.parametrize("proxy", ["foo://127.0.0.1:1", "socks5://127.0.0.1:1"])
def test_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with pytest.raises(Unreachable, match=r"^the proxy cannot be used: "):
        account.whoami(Panel("http://127.0.0.1:9", KEY))


def test_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answering("HTTP/1.1 502 Bad\r\nContent-Type: text/html")) as where:
        monkeypatch.setenv("HTTP_PROXY", f"http://{where}")
        with pytest.raises(
            Unreachable, match="answers 502 and no JSON: the proxy is up, the panel is not"
        ):
            account.whoami(Panel("http://panel.example.test", KEY))


# TLS.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed but itself, with its key in one file."""
    path = tmp_path_factory.mktemp("tls") / "cert.pem"
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    new += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*new, "-keyout", path.with_suffix(".key"), "-out", path],
        check=True,
        capture_output=True,
    )
    return path


@pytest.fixture
def https(certificate: Path) -> Iterator[str]:
    """A panel of sorts that speaks https: every key is one of Acme."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    member = b'{"result":{"data":{"json":{"organizationId":"a"}}}}'
    listed = b'{"result":{"data":{"json":[{"id":"a","name":"Acme"}]}}}'
    body = b"[" + member + b"," + listed + b"]"
    length = f"\r\nContent-Length: {len(body)}"
    with serving(answering(JSON + length, body), context) as where:
        yield f"https://{where}"


def auth(dctx: Callable[..., Result], url: str, **how: Any) -> Result:
    return dctx("auth", "acme", "-u", url, "-t", "-", stdin=KEY, **how)


def test_certificate_that_nobody_signed(dctx: Callable[..., Result], https: str) -> None:
    ran = auth(dctx, https)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {https}: TLS failed (self-signed certificate). Where the certificate "
        "is your own: set SSL_CERT_FILE=FILE for dctx, or add it to the system's; for dokploy, set "
        "NODE_EXTRA_CA_CERTS=FILE.\n"
    )


def test_ssl_cert_file_is_honoured(
    dctx: Callable[..., Result], https: str, certificate: Path
) -> None:
    ran = auth(dctx, https, env={"SSL_CERT_FILE": str(certificate)})
    assert (ran.code, ran.err) == (
        0,
        f"Saved profile acme ({https}, organization Acme). It is now the default.\n",
    )


def test_certificate_of_another_host(
    dctx: Callable[..., Result], https: str, certificate: Path
) -> None:
    url = https.replace("127.0.0.1", "localhost")
    ran = auth(dctx, url, env={"SSL_CERT_FILE": str(certificate)})
    assert ran.code == 5
    assert ran.err.startswith(f"dctx: cannot reach {url}: TLS failed (Hostname mismatch, ")


def test_ssl_cert_file_that_is_none(
    dctx: Callable[..., Result], https: str, tmp_path: Path
) -> None:
    file = tmp_path / "certs.pem"
    ran = auth(dctx, https, env={"SSL_CERT_FILE": str(file)})
    assert ran.code == 5
    assert ran.err == (
        f'dctx: SSL_CERT_FILE "{file}": No such file or directory. Correct or unset it.\n'
    )
    file.write_text("nothing")
    ran = auth(dctx, https, env={"SSL_CERT_FILE": str(file)})
    assert ran.err == f'dctx: SSL_CERT_FILE "{file}": no certificates in it. Correct or unset it.\n'


def test_https_where_http_is_spoken(dctx: Callable[..., Result], panel: StandIn) -> None:
    url = panel.url.replace("http:", "https:")
    ran = auth(dctx, url)
    assert ran.code == 5
    assert ran.err.startswith(f"dctx: cannot reach {url}: TLS failed (")
    assert ran.err.endswith("). Check that the panel uses https on that port; or try http://.\n")


def test_no_bundle_of_httpx_is_trusted(monkeypatch: pytest.MonkeyPatch, panel: StandIn) -> None:
    given: list[Any] = []
    real = httpx.Client

    def client(**how: Any) -> httpx.Client:
        given.append(how)
        return real(**how)

    monkeypatch.setattr(httpx, "Client", client)
    account.whoami(Panel(panel.url, panel.key_of("Acme")))
    assert type(given[0]["verify"]).__module__.startswith("truststore")
    assert given[0]["follow_redirects"] is False


# Pure rules.


def test_names_of_keys_fit_and_differ() -> None:
    names = {profile_names.key_name("p" * 64) for _ in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {32}
    # A foreign file may call a profile anything.
    assert len(profile_names.key_name("🚒" * 64).encode("utf-16-le")) <= 64
    assert profile_names.key_name("a\x1b[31m\nb").startswith("dctx a[31mb ")
    assert profile_names.fit("🚒" * 20) == "🚒" * 16
    assert profile_names.fit("x" * 40) == "x" * 32
    assert profile_names.fit("") == "dctx"


def test_terms() -> None:
    assert [profile_names.seconds(t) for t in ("1d", "2w", "1y", "never")] == [
        86400,
        1209600,
        31536000,
        None,
    ]
    assert profile_names.days("2w") == 14
    with pytest.raises(UsageError):
        profile_names.days("never")
    row = {"createdAt": "2026-01-01T00:00:00.000Z", "expiresAt": "2026-04-01T00:00:00.000Z"}
    assert profile_names.lifetime_of(dict(row)) == 90 * 86400
    assert profile_names.lifetime_of({**row, "expiresAt": None}) is None
    assert profile_names.lifetime_of({**row, "createdAt": "2020-01-01T00:00:00Z"}) == 365 * 86400
    with pytest.raises(ValueError, match="no times"):
        profile_names.lifetime_of({**row, "createdAt": "?"})


# A panel, or what stands before it, that repeats the key.

SPELLED = {
    "plain": KEY,
    "in a header": f"x-api-key: {KEY}",
    "in capitals": KEY.upper(),
    "in base64": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "in hexadecimal": KEY.encode().hex(),
    "with zero-width spaces": "\u200b".join(KEY),
    "with an escape": f"\x1b[31m{KEY}\x1b[0m",
    "five megabytes": f"{KEY} " * 80_000,
    "behind five megabytes": "a " * 2_500_000 + KEY,
}


def errors(message: str, status: int) -> bytes:
    row = {"error": {"json": {"message": message, "code": -1, "data": {"httpStatus": status}}}}
    return json.dumps([row, row]).encode()


@pytest.mark.parametrize("message", SPELLED.values(), ids=SPELLED)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_key_that_a_panel_repeats_is_in_no_error(message: str, status: int) -> None:
    kind = Unreachable if status == 500 else NotAllowed
    text = refused(answering(JSON, errors(message, status)), kind)
    spelled = SPELLED["in base64"], SPELLED["in hexadecimal"], KEY.upper()
    assert not [form for form in spelled if form[:40] in text]
    assert len(text) < 450
    assert text.isprintable()


def test_key_in_a_redirect_is_in_no_error() -> None:
    for where in (f"https://h/?k={KEY}", f"https://u:{KEY}@h/", f"https://h/{'a' * 9000}{KEY}"):
        text = refused(answering(f"HTTP/1.1 302 Found\r\nLocation: {where}"))
        assert " redirects to " in text
        assert len(text) < 450
    text = refused(answering("HTTP/1.1 302 Found\r\nLocation: https://u:s3cret@h/"))
    assert "s3cret" not in text


def test_key_as_the_name_of_an_organization_is_not_taken_over() -> None:
    rows = [
        {
            "result": {
                "data": {
                    "json": {
                        "organizationId": "o1",
                        "role": KEY,
                        "user": {"apiKeys": [{"id": KEY}]},
                    }
                }
            }
        },
        {"result": {"data": {"json": [{"id": "o1", "name": f"Acme {KEY}"}]}}},
    ]
    with serving(answering(JSON, json.dumps(rows).encode())) as where:
        identity = account.whoami(Panel(f"http://{where}", KEY))
    assert (identity.organization, identity.role) == ("Acme ...", "...")
    assert KEY not in repr(identity)


def test_password_of_a_proxy_is_in_no_error(dctx: Callable[..., Result]) -> None:
    for scheme in ("http", "socks5", "oops"):
        env = {"HTTP_PROXY": f"{scheme}://me:s3cret@127.0.0.1:9", "NO_PROXY": None}
        ran = dctx("auth", "x", "-u", "http://panel.example.com", "-t", "-", stdin=KEY, env=env)
        assert ran.code == 5
        assert "s3cret" not in ran.err
        assert KEY not in ran.err
