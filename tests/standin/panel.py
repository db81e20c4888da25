"""The stand-in for tests and the demo: start it, fill it, disturb it, see what it received."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import TracebackType

from . import versions
from .builders import Builders
from .gate import Gate
from .request import Answer, Request
from .routes import ProxyError, answer, html
from .rpc import CODES, RpcError
from .server import Server

SEED = (
    ("Acme", "AcmeOrgId-00000000001", ("acme-web", "acme-api")),
    ("Globex", "-GlobexOrgId-00000002", ("globex-shop",)),
    ("Initech", "InitechOrgId-00000003", ("initech-reports", "initech-mail")),
)


@dataclass(frozen=True)
class Seen:
    """A request that the panel received; `key` is "" if it had no key."""

    method: str
    path: str
    procedures: tuple[str, ...]
    key: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: str = field(repr=False)


class StandIn(Builders, AbstractContextManager["StandIn"]):
    """A panel on 127.0.0.1 that listens until `close()`, or during a `with`.

    These can be set at any time: `clock` (returns epoch seconds), `database_down`, `delay` (seconds
    before each answer), `in_front` (a proxy's answer instead of the panel's), `html_only` (every
    answer is a page), `redirect_to` (every answer redirects to that URL, with `redirect_status`),
    `gate` (an access proxy that requires headers).
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        version: str = versions.NEWEST,
    ) -> None:
        super().__init__(clock, version)
        self.delay = 0.0
        self.html_only = False
        self.in_front: Answer | None = None
        self.redirect_to: str | None = None
        self.redirect_status = 301
        self.gate = Gate()
        self._closing = threading.Event()
        self._seen: list[Seen] = []
        self._faults: list[tuple[str, int]] = []
        self._drops: list[str] = []
        self._server = Server(port, self._respond)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @classmethod
    def seeded(
        cls,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        version: str = versions.NEWEST,
    ) -> StandIn:
        """Return a panel of one owner with Acme, Globex and Initech, one unlimited key each."""
        panel = cls(port=port, clock=clock, version=version)
        owner = panel.add_user("owner@example.test", first_name="Olga", last_name="Owner")
        for name, organization_id, projects in SEED:
            organization = panel.add_organization(name, id=organization_id, owner=owner)
            panel.add_key(owner, organization, name=name.lower())
            for project in projects:
                panel.add_application(panel.add_project(organization, project), "web")
        return panel

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening, close every connection, and free the port."""
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()

    def _respond(self, request: Request) -> Answer | None:
        procedures = request.procedures
        seen = Seen(
            request.method,
            request.target,
            procedures,
            request.key,
            request.headers,
            request.text,
        )
        with self._lock:
            self._seen.append(seen)
        self._closing.wait(self.delay)
        refusal = self.gate.refusal(request)
        if refusal is not None:
            return refusal
        if self.redirect_to is not None:
            location = self.redirect_to.rstrip("/") + request.target
            return Answer(self.redirect_status, location=location)
        if self.in_front is not None:
            return self.in_front
        if self.html_only:
            return html(200, "Welcome")
        with self._lock:
            result = answer(self._state, request, self._fault)
            for name in procedures:
                if name in self._drops:
                    self._drops.remove(name)
                    return None
        return result

    def _fault(self, procedure: str) -> None:
        for fault in self._faults:
            if fault[0] == procedure:
                self._faults.remove(fault)
                if fault[1] in CODES:
                    raise RpcError(fault[1], "Injected failure")
                raise ProxyError(fault[1])

    # What the panel received.

    @property
    def requests(self) -> tuple[Seen, ...]:
        """Return a copy of the requests so far, in their order."""
        with self._lock:
            return tuple(self._seen)

    def forget_requests(self) -> None:
        """Empty `requests`."""
        with self._lock:
            self._seen.clear()

    # Disturbances.

    @property
    def clock(self) -> Callable[[], float]:
        """Return the clock, which counts epoch seconds."""
        return self._state.clock

    @clock.setter
    def clock(self, clock: Callable[[], float]) -> None:
        self._state.clock = clock

    @property
    def database_down(self) -> bool:
        """Return whether the database is down, so that every key is refused."""
        return self._state.database_down

    @database_down.setter
    def database_down(self, down: bool) -> None:
        self._state.database_down = down

    def fail_next(self, procedure: str, status: int) -> None:
        """Let the next call of the procedure fail before it does anything; 502 to 504 are HTML."""
        with self._lock:
            self._faults.append((procedure, status))

    def drop_next(self, procedure: str) -> None:
        """Perform the next call of the procedure, then hang up instead of answering."""
        with self._lock:
            self._drops.append(procedure)
