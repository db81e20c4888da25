"""Each request of each command that makes or deletes keys goes wrong once, and then for good.

Whatever happens: each key on the panel is in a profile, or was there before, or is named to the
user; and each profile has a key that works.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.standin import StandIn
from dokploy_ctx.standin.rpc import RpcError

from ..conftest import Result

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
MOST_REQUESTS = 8


class Failing(StandIn):
    """A panel on which the request number `at`, or each from there on, goes wrong as `how` says.

    "before": hangs up and does nothing; "after": does it and hangs up; a number is an HTTP status.
    """

    at = 0
    for_good = False
    how: str | int = "before"
    count = 0

    def _hit(self) -> bool:
        return bool(self.at) and (self.count >= self.at if self.for_good else self.count == self.at)

    def _respond(self, request: Any) -> Any:
        self.count += 1
        if self._hit() and self.how == "before":
            return None
        answer = super()._respond(request)
        return None if self._hit() and self.how == "after" else answer

    def _fault(self, procedure: str) -> None:
        if self._hit() and isinstance(self.how, int):
            raise RpcError(self.how, "UNAUTHORIZED" if self.how == 401 else "Injected failure")
        super()._fault(procedure)


@pytest.fixture
def panel() -> Iterator[Failing]:
    with Failing.seeded() as panel:
        assert isinstance(panel, Failing)
        yield panel


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("how", ["before", "after", 500, 401])
@pytest.mark.parametrize(
    "argv",
    [
        ["orgs", "add", "Globex"],
        ["orgs", "sync", "--yes"],
        ["rotate", "mine"],
        ["rotate", "mine", "--profile", "acme"],
        ["remove", "mine", "--revoke"],
    ],
    ids=" ".join,
)
def test_nothing_is_lost(
    dctx: Dctx,
    panel: Failing,
    point: Callable[..., Path],
    saved: Saved,
    argv: list[str],
    how: str | int,
    for_good: bool,
) -> None:
    panel.how, panel.for_good = how, for_good
    for at in range(1, MOST_REQUESTS + 1):
        key = panel.add_key(panel.users[0], panel.organization("Initech"), name="mine key")
        rows: dict[str, Any] = {"acme": "Acme"}
        if argv[0] != "orgs":
            rows["mine"] = {"organization": "Initech", "token": key.key, "keyId": key.id}
        point(**rows)
        before = {row.id for row in panel.keys}
        panel.count, panel.at = 0, at
        ran = dctx(*argv)
        panel.at = 0
        profiles = saved()
        ours = {entry.get("keyId") for entry in profiles.values()}
        for row in panel.keys:
            if row.id not in before | ours:
                assert row.id in ran.err or row.name in ran.err
        left = {row.id for row in panel.keys}
        if key.id in left and key.id not in ours and argv[0] != "orgs":
            assert key.id in ran.err
        # The panel did it, and is not there to say so: nobody can know, and exit 5 says that.
        unknowable = argv[0] == "remove" and how == "after" and for_good
        if not unknowable:
            assert {entry["token"] for entry in profiles.values()} <= {k.key for k in panel.keys}
        if panel.count < at:
            assert ran.code == 0, json.dumps(ran.err)
            return
    raise AssertionError("more requests than expected")
