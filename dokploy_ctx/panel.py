"""The panel's HTTP interface: who a key is, organizations, keys. The only importer of httpx.

Source of every rule: the contract observed on Dokploy v0.30.2 (docs/contract.md names the parts
that we rely on). Only the tRPC form is used (`/api/<procedure>` counts twice against a key's
budget), a batch where several facts are wanted (it counts once), and no redirect is followed: every
common client hands `x-api-key` to the new host.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from .errors import DctxError, PanelError
from .profile import quoted
from .text import clean

CONNECT_SECONDS = 10.0
REQUEST_SECONDS = 30.0
REQUEST_BYTES = 16 * 1024 * 1024

# The literal message of a 401 that means "this key was not accepted"; any other message on a 401
# means that the key is fine and the action is not allowed (contract: "Refusals").
PLAIN_401 = "UNAUTHORIZED"


class KeyRefused(PanelError):
    """The key was not accepted, whatever the reason; the panel itself is alive (exit 5)."""


class Unreachable(PanelError):
    """No Dokploy panel answered there (exit 5)."""


class NotAllowed(DctxError):
    """The key is good, the action is not allowed or not possible (exit 1)."""


@dataclass(frozen=True)
class Identity:
    """Who a key is: the organization it is scoped to, and whether its user is still a member."""

    organization_id: str
    organization: str
    member: bool
    user_id: str = ""
    role: str = ""
    keys: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Answer:
    """One procedure's answer: the HTTP status meant for it, its value, or the error's message."""

    status: int
    value: Any = None
    message: str = ""

    @property
    def ok(self) -> bool:
        """Whether the procedure succeeded."""
        return self.status == 200


def _context() -> ssl.SSLContext:
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    extra = os.environ.get("SSL_CERT_FILE")
    if extra and os.path.isfile(extra):
        context.load_verify_locations(extra)
    return context


def clean_key(text: str) -> tuple[str, str]:
    """Return a pasted key without what was pasted around it, and a notice where that was any."""
    key = text.strip().strip("\"'").strip()
    if key.lower().startswith("bearer "):
        key = key[7:].strip()
    key = key.strip("\"'").strip()
    notice = (
        "took blanks, quotes or a word off the pasted key." if key != text.strip("\r\n") else ""
    )
    return key, notice


class Panel:
    """One panel and one key. Every method is one HTTP request unless it says otherwise."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._key = key

    def _send(self, method: str, path: str, body: Any = None, *, with_key: bool = True) -> Any:
        headers = {"accept": "application/json"}
        if with_key:
            headers["x-api-key"] = self._key
        if body is not None:
            headers["content-type"] = "application/json"
        content = None if body is None else json.dumps(body).encode()
        timeout = httpx.Timeout(REQUEST_SECONDS, connect=CONNECT_SECONDS)
        try:
            with (
                httpx.Client(verify=_context(), follow_redirects=False, timeout=timeout) as client,
                client.stream(
                    method, f"{self.url}{path}", headers=headers, content=content
                ) as answer,
            ):
                return answer.status_code, dict(answer.headers), self._body(answer)
        except httpx.HTTPError as error:
            raise Unreachable(f"cannot reach {self.url}: {_reason(error)}.") from None
        except (UnicodeEncodeError, ValueError):
            raise KeyRefused("the key holds characters that no key has. Copy it again.") from None

    @staticmethod
    def _body(answer: httpx.Response) -> bytes:
        deadline = time.monotonic() + REQUEST_SECONDS
        chunks: list[bytes] = []
        size = 0
        for chunk in answer.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > REQUEST_BYTES:
                raise httpx.ReadError("the answer is too large")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer takes too long")
        return b"".join(chunks)

    def _json(self, status: int, headers: dict[str, str], body: bytes) -> Any:
        if 300 <= status < 400:
            target = clean(headers.get("location", "?"))
            raise Unreachable(f"{self.url} redirects to {target}. Use that panel's own URL.")
        if "json" not in headers.get("content-type", ""):
            raise Unreachable(
                f"{self.url} answers, but is not a Dokploy panel (HTTP {status}, no JSON). "
                "Give the address of its login page."
            )
        try:
            return json.loads(body)
        except ValueError:
            raise Unreachable(f"{self.url} answered with broken JSON (HTTP {status}).") from None

    def query(self, *procedures: str) -> list[Answer]:
        """Return the answers of queries without input, asked in one batch.

        Raises Unreachable (exit 5) where no Dokploy answers.
        """
        path = f"/api/trpc/{','.join(procedures)}?batch=1&input={quote('{}')}"
        data = self._json(*self._send("GET", path))
        if not isinstance(data, list) or len(data) != len(procedures):
            raise self._strange(data)
        return [self._answer(item) for item in data]

    def mutate(self, procedure: str, value: dict[str, Any]) -> Answer:
        """Return the answer of a mutation. Raises Unreachable (exit 5)."""
        return self._answer(
            self._json(*self._send("POST", f"/api/trpc/{procedure}", {"json": value}))
        )

    def _strange(self, data: Any) -> DctxError:
        if isinstance(data, dict) and "error" in data:
            answer = self._answer(data)
            if answer.status == 401:
                return self.refused(answer.message)
        return Unreachable(f"{self.url} answers JSON, but not as a Dokploy panel does.")

    def _answer(self, item: Any) -> Answer:
        try:
            if "error" in item:
                error = item["error"]["json"]
                status, message = int(error["data"]["httpStatus"]), str(error["message"])
                return Answer(status, message=clean(message))
            return Answer(200, item["result"]["data"].get("json"))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unreachable(
                f"{self.url} answers JSON, but not as a Dokploy panel does."
            ) from None

    def healthy(self) -> bool:
        """Return whether the panel's database is up, asked without the key (no budget spent)."""
        status, headers, body = self._send("GET", "/api/trpc/settings.health", with_key=False)
        self._json(status, headers, body)
        return bool(status == 200)

    def refused(self, message: str = PLAIN_401) -> DctxError:
        """Return the error for a 401 of this `message`; asks settings.health where it is plain."""
        if message != PLAIN_401:
            return NotAllowed(f"{self.url} accepts the key, but not this: {message}.")
        if not self.healthy():
            return Unreachable(
                f"{self.url} is up, but its database is not; no key can be checked. Try later."
            )
        return KeyRefused(
            f"{self.url} refuses the key (401): deleted, expired, rate limited, or never valid. "
            "Make one under Settings > Profile > API Keys."
        )

    def whoami(self) -> Identity:
        """Return who the key is, in one request (two where it is refused).

        Raises KeyRefused, Unreachable or NotAllowed with the reason in words. A sound key has an
        `organization.active` that is not null; `user.get` is null where its user has lost the
        organization (contract: "Refusals"), which the official `auth` takes for success.
        """
        active, user = self.query("organization.active", "user.get")
        for answer in (active, user):
            if answer.status == 401:
                raise self.refused(answer.message)
            if not answer.ok:
                raise Unreachable(f"{self.url} answers {answer.status}: {answer.message}.")
        if not isinstance(active.value, dict) or not active.value.get("id"):
            raise KeyRefused(
                "the key works, but its organization no longer exists. Make a key for another one."
            )
        member = user.value if isinstance(user.value, dict) else {}
        account = member.get("user") if isinstance(member.get("user"), dict) else {}
        keys = (account or {}).get("apiKeys")
        return Identity(
            organization_id=str(active.value["id"]),
            organization=str(active.value.get("name") or ""),
            member=bool(member),
            user_id=str(member.get("userId") or ""),
            role=str(member.get("role") or ""),
            keys=tuple(k for k in keys if isinstance(k, dict)) if isinstance(keys, list) else (),
        )


def require_member(identity: Identity) -> Identity:
    """Return `identity`; raises KeyRefused (exit 5) where the user has lost the organization."""
    if not identity.member:
        raise KeyRefused(
            f"the key's user is no longer a member of {quoted(clean(identity.organization))}. "
            "Make a key for another organization."
        )
    return identity


def _reason(error: httpx.HTTPError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return (
                f"TLS failed ({clean(getattr(cause, 'verify_message', '') or cause.reason or '')})"
            )
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    text = clean(str(error)) or type(error).__name__
    if "refused" in text:
        return "connection refused"
    if "Name or service" in text or "getaddrinfo" in text or "nodename" in text:
        return "no such host"
    return text.rstrip(".")
