"""Each request of each command that makes or deletes keys fails, once or for ever.

Then the next command runs. Whatever happened: each key on the panel is in a profile, or was there
before, or was named to the user; and each profile has a key that works.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.files import pending_keys
from dokploy_ctx.panel import http as client
from tests.standin import StandIn
from tests.standin.rpc import RpcError
from tests.standin.server import Server

from . import in_process
from .conftest import profiles

COMMANDS = [
    ["orgs", "add", "Globex"],
    ["orgs", "sync", "--yes"],
    ["rotate", "mine"],
    ["rotate", "mine", "--profile", "acme"],
    ["remove", "mine", "--revoke"],
]
MOST_REQUESTS = 12
OURS = "dctx mine 1f2e3d"


class Failing(StandIn):
    """A panel on which the request number `at`, or each from there on, goes wrong as `how` says.

    "lost before": hangs up and does nothing; "lost after": does it and hangs up; "closed": nobody
    listens any more; "stalled": answers nothing, and does it after the client has gone; a number
    is an HTTP status.
    """

    at = 0
    for_good = False
    how: str | int = ""
    count = 0

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.released = threading.Event()

    def hits(self, count: int) -> bool:
        """Return whether the request number `count` fails."""
        return bool(self.at) and (count >= self.at if self.for_good else count == self.at)

    def _respond(self, request: Any) -> Any:
        self.count += 1
        wrong = self.hits(self.count)
        if wrong and self.how == "lost before":
            return None
        if wrong and self.how == "stalled":
            self.released.wait(20)
        answer = super()._respond(request)
        if self.how == "closed" and self.count + 1 == self.at:
            self.down()
        return None if wrong and self.how in ("lost after", "stalled") else answer

    def _fault(self, procedure: str) -> None:
        if self.hits(self.count) and isinstance(self.how, int):
            raise RpcError(self.how, "UNAUTHORIZED" if self.how == 401 else "Injected failure")
        super()._fault(procedure)

    def down(self) -> None:
        """Stop listening, but finish the current answers."""
        self._server.shutdown()
        self._server.server_close()

    def up(self) -> None:
        """Listen again on the same port, without failures."""
        self.at = 0
        self.released.set()
        if self._server.fileno() < 0:
            self._server = Server(self._server.server_port, self._respond)
            self._thread = threading.Thread(target=self._server.serve_forever, args=[0.02])
            self._thread.start()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    # Only a request that is never answered is waited for to the end; on a busy machine any other
    # one may take longer than that.
    stalls = "stalled" in request.node.name
    monkeypatch.setattr(client, "REQUEST_SECONDS", 0.15 if stalls else 20.0)
    monkeypatch.setattr(pending_keys, "SETTLED_SECONDS", 0.0)
    yield
    for thread in threading.enumerate():  # stalled requests whose client has gone
        if thread is not threading.main_thread() and thread.daemon is False:
            thread.join(5)


def prepare(panel: StandIn, config: Callable[..., Path], argv: list[str], name: str) -> set[str]:
    """Save acme, and mine where the command is about it; returns the ids of the keys."""
    owner, initech = panel.users[0], panel.organization("Initech")
    rows: dict[str, Any] = {"acme": entry(panel, panel.keys[0])}
    if argv[0] != "orgs":
        rows["mine"] = entry(panel, panel.add_key(owner, initech, name=name), keyName=name)
    config(**rows)
    return {row.id for row in panel.keys}


def entry(panel: StandIn, key: Any, **more: Any) -> dict[str, Any]:
    """Return the profile of a key that dctx made."""
    name = next(o.name for o in panel.organizations if o.id == key.organization_id)
    organization = {"id": key.organization_id, "name": name}
    made = {"keyId": key.id, **more}
    return {"url": panel.url, "token": key.key, "organization": organization, **made}


def unaccounted(panel: StandIn, home: Path, before: set[str], text: str) -> list[str]:
    """Return the names of living keys that are neither in a profile, nor of before, nor in `text`.

    The key that was to be deleted counts as new: mine has another one, or none.
    """
    saved = profiles(home)
    used = {entry.get("keyId") for entry in saved.values()}
    told = [row for row in panel.keys if row.id not in used and row.name not in text]
    mine = {row.id for row in panel.keys if row.name in (OURS, "laptop")}
    return [row.name for row in told if row.id not in before or row.id in mine]


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("how", ["lost before", "lost after", 500, 401, "closed", "stalled"])
@pytest.mark.parametrize("argv", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", [OURS, "laptop"])
def test_nothing_is_lost(
    config: Callable[..., Path],
    home: Path,
    argv: list[str],
    how: str | int,
    for_good: bool,
    name: str,
) -> None:
    if name == "laptop" and (argv[0] != "rotate" or how in (401, "closed", "stalled")):
        pytest.skip("only rotate keeps a name, and this fault is nothing new for it")
    for at in range(1, MOST_REQUESTS + 1):
        with Failing.seeded() as panel:
            assert isinstance(panel, Failing)
            before = prepare(panel, config, argv, name)
            panel.how, panel.for_good, panel.at = how, for_good, at
            if how == "closed" and at == 1:
                panel.down()
            ran = in_process.run(*argv)
            reached = panel.count
            panel.up()
            settled(panel)
            then = in_process.run("verify", "--all")
            where = json.dumps([at, ran, then], default=str)
            assert unaccounted(panel, home, before, ran.err + then.err) == [], where
            for entry in profiles(home).values():
                # The panel did it but cannot be asked any more: exit 5, and verify tells it now.
                dead = entry["token"] not in {row.key for row in panel.keys}
                assert not dead or (argv[0] == "remove" and ran.code == then.code == 5), where
            again = in_process.run("orgs", "sync", "--yes")  # which finishes what was left
            assert again.code == 0, (where, again)
            last = in_process.run("verify", "--all")
            assert unaccounted(panel, home, before, last.err) == [], (where, again, last)
            if ran.code == 0 and reached < at:
                return
    raise AssertionError("more requests than expected")


def settled(panel: Failing) -> None:
    """Wait until what was stalled is done."""
    for _ in range(200):
        if not any("process_request_thread" in thread.name for thread in threading.enumerate()):
            return
        threading.Event().wait(0.01)
