"""The stand-in answers each recorded request as Dokploy v0.30.2 did."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.standin import StandIn

from .client import Clock, Reply
from .replay import BEFORE, CASES, World, compared, perform, replay, world

NAMES = [case["name"] for case in CASES]


@pytest.fixture(scope="module")
def answers() -> Iterator[dict[str, tuple[Any, Any]]]:
    clock = Clock()
    with StandIn(clock=clock) as panel:
        yield replay(world(panel, clock))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_request_gets_the_recorded_answer(
    answers: dict[str, tuple[Any, Any]], name: str
) -> None:
    recorded, got = answers[name]
    assert got == recorded


def test_replay_covers_every_case_once() -> None:
    assert len(NAMES) == len(set(NAMES)) == 231
    assert set(BEFORE) <= set(NAMES)


@pytest.fixture
def fresh() -> Iterator[World]:
    clock = Clock()
    with StandIn(clock=clock) as panel:
        yield world(panel, clock)


def case(name: str) -> dict[str, Any]:
    (found,) = (row for row in CASES if row["name"] == name)
    return copy.deepcopy(found)


def _status(recorded: dict[str, Any]) -> None:
    recorded["status"] = 201


def _header(recorded: dict[str, Any]) -> None:
    recorded["headers"]["content-type"] = "application/json; charset=utf-8"


def _header_too_many(recorded: dict[str, Any]) -> None:
    recorded["headers"]["location"] = "/"


def _flag(recorded: dict[str, Any]) -> None:
    recorded["body"]["result"]["data"]["json"]["isDefault"] = False


def _field_missing(recorded: dict[str, Any]) -> None:
    del recorded["body"]["result"]["data"]["json"]["teamId"]


def _date_missing(recorded: dict[str, Any]) -> None:
    del recorded["body"]["result"]["data"]["meta"]["values"]["createdAt"]


def _no_time(recorded: dict[str, Any]) -> None:
    recorded["body"]["result"]["data"]["json"]["createdAt"] = "2026-01-01"


def _another_key(recorded: dict[str, Any]) -> None:
    recorded["body"]["result"]["data"]["json"]["user"]["apiKeys"][-1]["name"] = "other"


def _one_id_for_two(recorded: dict[str, Any]) -> None:
    data = recorded["body"]["result"]["data"]["json"]
    data["accessedProjects"] = data["accessedEnvironments"]


@pytest.mark.parametrize(
    "change",
    [
        _status,
        _header,
        _header_too_many,
        _flag,
        _field_missing,
        _date_missing,
        _no_time,
        _another_key,
        _one_id_for_two,
    ],
)
def test_comparison_notices(fresh: World, change: Callable[[dict[str, Any]], None]) -> None:
    one = case("user.get, key acme")
    reply = perform(fresh, one["request"])
    recorded, got = compared(fresh, copy.deepcopy(one["response"]), reply)
    assert got == recorded
    change(one["response"])
    recorded, got = compared(fresh, one["response"], reply)
    assert got != recorded


def test_comparison_notices_a_start_that_is_not_of_the_key(fresh: World) -> None:
    one = case("createApiKey, rate limit off")
    reply = perform(fresh, one["request"])
    start = reply.value["start"]
    wrong = Reply(reply.status, reply.headers, reply.body.replace(start.encode(), b"1234567"))
    recorded, got = compared(fresh, one["response"], wrong)
    assert got != recorded
