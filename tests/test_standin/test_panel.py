"""What a test can see and disturb."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.standin import StandIn

from .client import Clock, mutate, query, send


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with StandIn.seeded() as panel:
        yield panel


@pytest.fixture
def acme(panel: StandIn) -> str:
    return panel.key_of("Acme")


def test_panel_listens_on_loopback_only(panel: StandIn) -> None:
    assert urlsplit(panel.url).hostname == "127.0.0.1"


def test_requests_tell_what_came_in_and_in_which_order(panel: StandIn, acme: str) -> None:
    query(panel, "settings.health")
    mutate(panel, "project.create", acme, {"name": "x"})
    send(panel, "GET", "/api/trpc/user.get,project.all?batch=1", {"X-API-Key": f" {acme} "})
    send(panel, "GET", "/api/user.get", {"user-agent": "me"})
    send(panel, "GET", "/elsewhere", {})
    seen = panel.requests
    assert [(row.method, row.procedures, row.key) for row in seen] == [
        ("GET", ("settings.health",), ""),
        ("POST", ("project.create",), acme),
        ("GET", ("user.get", "project.all"), acme),
        ("GET", ("user.get",), ""),
        ("GET", (), ""),
    ]
    assert seen[1].body == '{"json": {"name": "x"}}'
    assert seen[3].headers["user-agent"] == "me"
    assert seen[4].path == "/elsewhere"
    panel.forget_requests()
    assert panel.requests == ()


def test_keys_are_not_in_the_text_of_records(panel: StandIn, acme: str) -> None:
    query(panel, "user.get", acme)
    assert acme not in repr(panel.requests) + repr(panel.keys)


def test_200_connections_at_once_are_all_answered(panel: StandIn, acme: str) -> None:
    gate = threading.Barrier(200)
    answers: list[int] = []

    def ask() -> None:
        gate.wait()
        answers.append(query(panel, "organization.active", acme).status)

    threads = [threading.Thread(target=ask) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 200
    assert len(panel.requests) == 200


def test_one_connection_carries_many_requests(panel: StandIn, acme: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(panel.url).netloc, timeout=20)
    for _ in range(3):
        connection.request("GET", "/api/trpc/user.session", headers={"x-api-key": acme})
        first = connection.sock
        assert connection.getresponse().read()
        assert connection.sock is first
    connection.close()


def test_closed_panel_refuses_and_cuts_idle_connections() -> None:
    panel = StandIn()
    netloc = urlsplit(panel.url)
    connection = http.client.HTTPConnection(netloc.netloc, timeout=20)
    connection.request("GET", "/api/health")
    assert connection.getresponse().read()
    panel.close()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(netloc.hostname), netloc.port or 0), timeout=20)


def test_two_panels_do_not_share_anything(panel: StandIn, acme: str) -> None:
    with StandIn.seeded() as other:
        assert other.url != panel.url
        assert query(other, "user.get", acme).status == 401
        assert other.key_of("Acme") != acme


def test_redirect_to_leads_every_path_there(panel: StandIn, acme: str) -> None:
    panel.redirect_to = "http://elsewhere.test/"
    for status in (301, 308):
        panel.redirect_status = status
        reply = query(panel, "user.get", acme)
        assert reply.status == status
        assert reply.headers["location"] == "http://elsewhere.test/api/trpc/user.get"
    panel.redirect_to = None
    assert query(panel, "user.get", acme).status == 200


def test_html_only_answers_a_page_to_everything(panel: StandIn, acme: str) -> None:
    panel.html_only = True
    reply = query(panel, "user.get", acme)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_delay_holds_the_answer_back_until_the_panel_closes() -> None:
    panel = StandIn()
    panel.delay = 600
    connection = http.client.HTTPConnection(urlsplit(panel.url).netloc, timeout=0.3)
    connection.request("GET", "/api/health")
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    panel.close()
    assert [row.path for row in panel.requests] == ["/api/health"]


def test_fail_next_fails_once_and_performs_nothing(panel: StandIn, acme: str) -> None:
    before = panel.projects
    for status in (401, 403, 429, 500):
        panel.fail_next("project.create", status)
        assert query(panel, "user.get", acme).status == 200
        reply = mutate(panel, "project.create", acme, {"name": "x"})
        assert (reply.status, reply.message) == (status, "Injected failure")
    assert panel.projects == before
    assert mutate(panel, "project.create", acme, {"name": "x"}).status == 200


def test_fail_next_with_a_status_of_proxies_answers_a_page(panel: StandIn, acme: str) -> None:
    for path in ("/api/trpc/user.get", "/api/user.get"):
        panel.fail_next("user.get", 502)
        reply = send(panel, "GET", path, {"x-api-key": acme})
        assert (reply.status, reply.headers["content-type"]) == (502, "text/html; charset=utf-8")


def test_drop_next_performs_and_hangs_up(panel: StandIn, acme: str) -> None:
    panel.drop_next("project.create")
    with pytest.raises(http.client.RemoteDisconnected):
        mutate(panel, "project.create", acme, {"name": "lost"})
    assert "lost" in {row.name for row in panel.projects}
    assert mutate(panel, "project.create", acme, {"name": "kept"}).status == 200


def test_clock_can_be_set(panel: StandIn, acme: str) -> None:
    panel.clock = Clock(2_000_000_000)
    given = {"name": "x", "metadata": {"organizationId": panel.organization("Acme").id}}
    made = mutate(panel, "user.createApiKey", acme, given).value
    assert made["createdAt"] == "2033-05-18T03:33:20.000Z"
    assert panel.clock() == 2_000_000_000
