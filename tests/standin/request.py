"""One request and one answer, as the routes and the sockets hand them to each other."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

TRPC = "/api/trpc/"


@dataclass(frozen=True)
class Request:
    """One request as it came in; header names in lower case, `target` with its query."""

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
        """Return the body as text; bytes that are no UTF-8 are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def key(self) -> str:
        """Return the key presented, without blanks around it; "" where there is none."""
        return self.headers.get("x-api-key", "").strip()

    @property
    def procedures(self) -> tuple[str, ...]:
        """Return the names that the path asks for, in either form; () outside of `/api/`."""
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
