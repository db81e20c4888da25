"""A bare HTTP client: it adds no header, follows nothing, and takes any path."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from tests.standin import StandIn


@dataclass(frozen=True)
class Server:
    """A server by its base URL."""

    url: str


@dataclass(frozen=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def value(self) -> Any:
        """Return the value of a tRPC success."""
        return self.json["result"]["data"]["json"]

    @property
    def message(self) -> str:
        """Return the message of a tRPC error."""
        message = self.json["error"]["json"]["message"]
        assert isinstance(message, str)
        return message


def send(
    panel: StandIn | Server,
    method: str,
    target: str,
    headers: dict[str, str],
    body: str | None = None,
) -> Reply:
    """Return the answer to exactly this request, on a connection of its own."""
    parts = urlsplit(panel.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=20)
    try:
        connection.putrequest(method, parts.path + target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("content-length", str(len(body.encode())))
        connection.endheaders(body.encode() if body is not None else None)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, found, answer.read())
    finally:
        connection.close()


def query(panel: StandIn | Server, procedure: str, key: str = "", given: Any = None) -> Reply:
    """Return the answer to a GET of the procedure in the tRPC form."""
    target = f"/api/trpc/{procedure}"
    if given is not None:
        target += "?input=" + quote(json.dumps({"json": given}))
    return send(panel, "GET", target, {"x-api-key": key} if key else {})


def mutate(panel: StandIn | Server, procedure: str, key: str, given: Any) -> Reply:
    """Return the answer to a POST of the procedure in the tRPC form."""
    headers = {"x-api-key": key, "content-type": "application/json"}
    return send(panel, "POST", f"/api/trpc/{procedure}", headers, json.dumps({"json": given}))


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float = 1_767_225_600.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move on by that many seconds."""
        self.now += seconds
