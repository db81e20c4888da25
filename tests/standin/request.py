"""A request and an answer, which the sockets and the routes exchange."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

TRPC = "/api/trpc/"


@dataclass(frozen=True)
class Request:
    """A request; header names are in lower case, and `target` includes the query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """Return the target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """Return the query, the last value of each name."""
        pairs = parse_qs(self.target.partition("?")[2], keep_blank_values=True)
        return {name: values[-1] for name, values in pairs.items()}

    @property
    def text(self) -> str:
        """Return the body as text; replace bytes that are not UTF-8."""
        return self.body.decode("utf-8", "replace")

    @property
    def key(self) -> str:
        """Return the key without blanks around it, "" if there is none."""
        return self.headers.get("x-api-key", "").strip()

    @property
    def procedures(self) -> tuple[str, ...]:
        """Return the procedures in the path, in either form; () outside of `/api/`."""
        if self.path.startswith(TRPC):
            name = unquote(self.path[len(TRPC) :])
            return tuple(name.split(",")) if self.query.get("batch") == "1" else (name,)
        return (self.path[len("/api/") :],) if self.path.startswith("/api/") else ()


@dataclass(frozen=True)
class Answer:
    """One answer; a None content type, location or challenge means no such header.

    `headers` are more of them.
    """

    status: int
    body: bytes = b""
    content_type: str | None = None
    location: str | None = None
    challenge: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
