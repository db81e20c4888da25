"""Keys: when one passes, what uses it up, how it is made and revoked."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.standin import StandIn, User

from .client import Clock, Reply, mutate, query, send

DAY = 86_400


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def panel(clock: Clock) -> Iterator[StandIn]:
    with StandIn.seeded(clock=clock) as panel:
        yield panel


@pytest.fixture
def acme(panel: StandIn) -> str:
    return panel.key_of("Acme")


@pytest.fixture
def owner(panel: StandIn) -> User:
    return panel.users[0]


def new_key(panel: StandIn, key: str, **wanted: Any) -> Any:
    """Return the answer's value to createApiKey for Acme."""
    given = {"name": "ci", "metadata": {"organizationId": panel.organization("Acme").id}, **wanted}
    reply = mutate(panel, "user.createApiKey", key, given)
    assert reply.status == 200, reply.body
    return reply.value


def active(panel: StandIn, key: str) -> int:
    return query(panel, "organization.active", key).status


def moment(clock: Clock, seconds: float = 0) -> datetime:
    return datetime.fromtimestamp(clock(), timezone.utc) + timedelta(seconds=seconds)


def test_new_key_is_64_letters_and_starts_as_said(panel: StandIn, acme: str) -> None:
    plain, prefixed = new_key(panel, acme), new_key(panel, acme, prefix="ci_")
    assert re.fullmatch(r"[A-Za-z]{64}", plain["key"])
    assert re.fullmatch(r"ci_[A-Za-z]{64}", prefixed["key"])
    for made in (plain, prefixed):
        assert made["start"] == made["key"][:6]
        assert re.fullmatch(r"[A-Za-z]{32}", made["id"])
        assert made["metadata"] is None
    assert plain["key"] != prefixed["key"][3:]


def test_new_key_of_default_limit_dies_at_the_eleventh_use(
    panel: StandIn, acme: str, clock: Clock
) -> None:
    key = new_key(panel, acme)["key"]
    assert [active(panel, key) for _ in range(11)] == [200] * 10 + [401]
    assert query(panel, "user.session", key).value is None
    clock.advance(DAY)
    assert active(panel, key) == 401
    clock.advance(0.001)
    assert active(panel, key) == 200


def test_new_key_used_a_little_early_each_day_dies(panel: StandIn, acme: str, clock: Clock) -> None:
    key = new_key(panel, acme)["key"]
    answers = []
    for _ in range(11):
        answers.append(active(panel, key))
        clock.advance(DAY - 60)
    assert answers == [200] * 10 + [401]


def test_new_key_without_limit_does_not_tire(panel: StandIn, acme: str) -> None:
    key = new_key(panel, acme, rateLimitEnabled=False)["key"]
    assert {active(panel, key) for _ in range(30)} == {200}


def test_twenty_requests_at_once_get_ten_answers(panel: StandIn, owner: User) -> None:
    row = panel.add_key(owner, panel.organization("Acme"), rate_limit=10)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(active(panel, row.key))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 10 + [401] * 10


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/api/trpc/settings.health"),
        ("GET", "/api/trpc/user.session"),
        ("GET", "/api/trpc/nope.nope"),
        ("GET", "/api/trpc/user.createApiKey"),
        ("GET", "/api/trpc/organization.one"),
        ("GET", "/api/trpc/user.session,user.get,organization.all?batch=1&input=%7B%7D"),
    ],
)
def test_each_request_with_the_key_counts_once(
    panel: StandIn, owner: User, method: str, target: str
) -> None:
    key = panel.add_key(owner, panel.organization("Acme"), rate_limit=2).key
    send(panel, method, target, {"x-api-key": key})
    assert [active(panel, key), active(panel, key)] == [200, 401]


def test_openapi_form_counts_twice(panel: StandIn, owner: User) -> None:
    key = panel.add_key(owner, panel.organization("Acme"), rate_limit=3).key
    send(panel, "GET", "/api/user.get", {"x-api-key": key})
    assert [active(panel, key), active(panel, key)] == [200, 401]


def test_request_without_the_key_costs_it_nothing(panel: StandIn, owner: User) -> None:
    key = panel.add_key(owner, panel.organization("Acme"), rate_limit=1).key
    query(panel, "settings.health")
    assert [active(panel, key), active(panel, key)] == [200, 401]


def test_remaining_counts_down_and_the_next_use_deletes_the_key(
    panel: StandIn, owner: User
) -> None:
    row = panel.add_key(owner, panel.organization("Acme"), remaining=2)
    assert [active(panel, row.key), active(panel, row.key)] == [200, 200]
    assert row in panel.keys
    assert active(panel, row.key) == 401
    assert row not in panel.keys


def test_remaining_is_refilled_after_the_interval(panel: StandIn, acme: str, clock: Clock) -> None:
    key = new_key(panel, acme, remaining=1, refillAmount=2, refillInterval=60_000)["key"]
    assert [active(panel, key), active(panel, key)] == [200, 401]
    clock.advance(61)
    assert [active(panel, key) for _ in range(3)] == [200, 200, 401]


def test_expired_key_is_deleted_when_shown(panel: StandIn, owner: User, clock: Clock) -> None:
    row = panel.add_key(owner, panel.organization("Acme"), expires_at=moment(clock, 5))
    clock.advance(5)
    assert active(panel, row.key) == 200
    clock.advance(0.001)
    assert row in panel.keys
    assert active(panel, row.key) == 401
    assert row not in panel.keys


def test_a_new_key_sweeps_expired_ones(panel: StandIn, owner: User, clock: Clock) -> None:
    row = panel.add_key(owner, panel.organization("Acme"), expires_at=moment(clock, -1))
    new_key(panel, panel.key_of("Globex"))
    assert row not in panel.keys


def test_expires_in_is_seconds(panel: StandIn, acme: str, clock: Clock) -> None:
    made = new_key(panel, acme, expiresIn=86_400)
    assert made["expiresAt"] == "2026-01-02T00:00:00.000Z"
    clock.advance(86_401)
    assert active(panel, made["key"]) == 401


@pytest.mark.parametrize("kind", ["deleted", "disabled", "organization-less", "unknown", "short"])
def test_refused_key_is_401_and_null_but_health_is_ok(
    panel: StandIn, owner: User, kind: str
) -> None:
    organization = None if kind == "organization-less" else panel.organization("Acme")
    row = panel.add_key(owner, organization, enabled=kind != "disabled")
    key = {"unknown": "x" * 64, "short": "abc"}.get(kind, row.key)
    if kind == "deleted":
        panel.delete_key(row)
    for procedure in ("user.get", "organization.active", "organization.all", "project.all"):
        reply = query(panel, procedure, key)
        assert (reply.status, reply.message) == (401, "UNAUTHORIZED")
    assert query(panel, "user.session", key).value is None
    assert query(panel, "settings.health", key).value == {"status": "ok"}
    rest = send(panel, "GET", "/api/settings.health", {"x-api-key": key})
    assert (rest.status, rest.json) == (401, {"message": "Unauthorized"})


def test_name_is_counted_in_utf16_units(panel: StandIn, acme: str) -> None:
    assert new_key(panel, acme, name="é" * 32)["name"] == "é" * 32
    given = {"name": "🚀" * 17, "metadata": {"organizationId": panel.organization("Acme").id}}
    assert mutate(panel, "user.createApiKey", acme, given).status == 400


def test_prefix_of_32_is_accepted(panel: StandIn, acme: str) -> None:
    made = new_key(panel, acme, prefix="p" * 32)
    assert active(panel, made["key"]) == 200


def test_only_refill_interval_is_500(panel: StandIn, acme: str) -> None:
    given = {
        "name": "x",
        "metadata": {"organizationId": panel.organization("Acme").id},
        "refillInterval": 5,
    }
    reply = mutate(panel, "user.createApiKey", acme, given)
    assert reply.status == 500
    assert reply.message == "refillInterval is required when refillAmount is provided"


def test_one_key_makes_keys_for_every_organization_of_its_user(panel: StandIn, acme: str) -> None:
    for name in ("Globex", "Initech"):
        given = {"name": "x", "metadata": {"organizationId": panel.organization(name).id}}
        made = mutate(panel, "user.createApiKey", acme, given).value
        assert query(panel, "organization.active", made["key"]).value["name"] == name


def test_a_key_for_an_organization_of_others_is_403(panel: StandIn, acme: str, owner: User) -> None:
    panel.remove_member(owner, panel.organization("Globex"))
    given = {"name": "x", "metadata": {"organizationId": panel.organization("Globex").id}}
    reply = mutate(panel, "user.createApiKey", acme, given)
    assert (reply.status, reply.message) == (403, "You are not a member of this organization")


def test_empty_organization_makes_a_dead_key(panel: StandIn, acme: str) -> None:
    made = new_key(panel, acme, metadata={"organizationId": ""}, rateLimitEnabled=False)
    assert active(panel, made["key"]) == 401


def test_refused_request_makes_no_key(panel: StandIn, acme: str) -> None:
    before = panel.keys
    for wrong in ({"name": ""}, {"name": "x", "expiresIn": 5}, {"name": "x", "prefix": "a b"}):
        given = {"metadata": {"organizationId": panel.organization("Acme").id}, **wrong}
        assert mutate(panel, "user.createApiKey", acme, given).status in (400, 500)
    assert panel.keys == before


def test_user_get_lists_the_keys_of_all_organizations_without_secrets(
    panel: StandIn, acme: str
) -> None:
    listed = query(panel, "user.get", acme).value["user"]["apiKeys"]
    assert {row["name"] for row in listed} == {"acme", "globex", "initech"}
    assert {name for row in listed for name in row} == {
        "id",
        "name",
        "prefix",
        "enabled",
        "expiresAt",
        "createdAt",
    }


def test_delete_reaches_keys_of_other_organizations_but_not_of_other_users(
    panel: StandIn, acme: str
) -> None:
    globex = panel.key_of("Globex")
    (row,) = (row for row in panel.keys if row.key == globex)
    assert mutate(panel, "user.deleteApiKey", acme, {"apiKeyId": row.id}).value is True
    assert active(panel, globex) == 401
    again = mutate(panel, "user.deleteApiKey", acme, {"apiKeyId": row.id})
    assert (again.status, again.message) == (404, "API key not found")
    stranger = panel.add_user("stranger@example.test")
    theirs = panel.add_key(stranger, panel.organization("Acme"))
    refused = mutate(panel, "user.deleteApiKey", acme, {"apiKeyId": theirs.id})
    assert refused.status == 401
    assert refused.message == "You are not authorized to delete this API key"


def test_key_can_delete_itself(panel: StandIn, acme: str) -> None:
    made = new_key(panel, acme)
    given = {"apiKeyId": made["id"]}
    assert mutate(panel, "user.deleteApiKey", made["key"], given).value is True
    assert active(panel, made["key"]) == 401


def test_database_down_makes_every_key_look_bad_for_a_while(panel: StandIn, acme: str) -> None:
    panel.database_down = True
    assert (active(panel, acme), query(panel, "settings.health").status) == (401, 500)
    panel.database_down = False
    assert (active(panel, acme), query(panel, "settings.health").status) == (200, 200)


def error_of(reply: Reply) -> Any:
    return json.loads(reply.body)["error"]["json"]["data"]


def test_two_faults_of_one_input_are_both_named(panel: StandIn, acme: str) -> None:
    reply = mutate(panel, "user.createApiKey", acme, {"name": 5, "metadata": []})
    assert error_of(reply)["zodError"]["fieldErrors"] == {
        "name": ["Invalid input: expected string, received number"],
        "metadata": ["Invalid input: expected object, received array"],
    }
