"""scripts/compare_panel.py, which is for real servers, run against the stand-in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from scripts import compare_panel
from tests.standin import StandIn

from ..shells import ROOT
from .client import Clock, Server
from .replay import CASES


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Iterator[StandIn]:
    """A server that somebody has just signed up on: one organization, one key."""
    with StandIn(clock=clock) as panel:
        owner = panel.add_user("owner@example.test", first_name="O", last_name="O")
        panel.add_key(owner, panel.add_organization("My Organization", owner=owner))
        yield panel


def test_stand_in_does_not_differ(server: StandIn, clock: Clock) -> None:
    (key,) = server.keys
    with compare_panel.world(Server(server.url), key.key) as found:
        wrong = compare_panel.differences(found, clock.advance)
    assert wrong == {}
    assert [row.name for row in server.organizations] == ["My Organization"]
    assert server.keys == (key,)


def test_difference_is_found(server: StandIn, clock: Clock) -> None:
    server._state.version = (0, 28, 3)
    with compare_panel.world(Server(server.url), server.keys[0].key) as found:
        wrong = compare_panel.differences(found, clock.advance)
    assert wrong["organization.active, key acme"][1]["status"] == 404
    assert "start" in str(wrong["user.get, key acme"][1])


def test_keys_are_not_shown() -> None:
    assert compare_panel.shown({"key": f"ci_{'a' * 64}"}) == '{"key": "ci_(a key)"}'


def test_most_of_the_recording_is_compared() -> None:
    reached = [case["name"] for case in CASES if compare_panel.is_reached(case)]
    assert len(reached) > 170
    assert "user.get, key expires_in_a_day" in reached
    assert not {"user.get, key disabled", "user.get, key member"} & set(reached)


def test_it_says_what_it_wants() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "compare_panel.py"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        "compare_panel: set DOKPLOY_URL and DOKPLOY_API_KEY of a server to spare.\n"
    )
