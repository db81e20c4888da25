"""Replay the recorded cases in their order, and know what may differ.

May differ, and nothing else:
- ids and keys that the panel makes itself (`MADE`): each stands for one value throughout, the
  one that the stand-in gave when the name was first seen;
- times (`TIMES`), which must be times all the same;
- `start`, which must be the first six characters of the key beside it;
- the order of `apiKeys` and of the organizations of `organization.all` (no order promised);
- HTML pages, of which only the doctype is compared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.standin import Organization, StandIn, User

from .client import Clock, Reply, mutate, send

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "transcripts.json").read_text(encoding="utf-8")
)
MADE = re.compile(
    r"(?:id|slug|project|environment)-\d{4}|(?:ci_)?dokploy_key_minted_\d\d", re.ASCII
)
# All names of the recording that stand for something of its own server.
NAMED = re.compile(
    rf"{MADE.pattern}|dokploy_key_[a-z_]+|keyid-[a-z-]+|(?:Acme|-Globex)OrgId-\d+|OwnerUserId\d+",
    re.ASCII,
)
TIMES = ("createdAt", "updatedAt", "expiresAt")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
HEADERS = ("content-type", "location")
LONG_KEY = "k" * 20_000


@dataclass
class World:
    """The panel of the recording, its clock, and what each made-up name stands for."""

    panel: StandIn
    clock: Clock
    owner: User
    acme: Organization
    bound: dict[str, str] = field(default_factory=dict)

    def real(self, text: str) -> str:
        """Return the text with the names replaced by what they stand for."""
        return MADE.sub(lambda found: self.bound.get(found[0], found[0]), text)

    def make_key(self, number: int, identity: str, name: str, **limits: float) -> None:
        """Add a key whose making was not recorded."""
        self.bound[identity] = identity
        self.panel.add_key(
            self.owner,
            self.acme,
            key=f"dokploy_key_minted_{number}",
            id=identity,
            name=name,
            **limits,  # type: ignore[arg-type]
        )


def world(panel: StandIn, clock: Clock) -> World:
    """Return the panel as it was when the recording began."""
    day = datetime.fromtimestamp(clock(), timezone.utc) + timedelta(days=1)
    owner = panel.add_user(
        "owner@example.test",
        id="OwnerUserId0000000000000000000001",
        first_name="Olga",
        last_name="Owner",
    )
    acme = panel.add_organization("Acme", id="AcmeOrgId-00000000001", owner=owner)
    globex = panel.add_organization("Globex", id="-GlobexOrgId-00000002", owner=owner)
    panel.add_project(acme, "acme-web")
    panel.add_project(globex, "globex-shop")
    member = panel.add_user("member@example.test", id="user-0001")
    panel.add_member(member, acme)
    other = panel.add_user("other-admin@example.test", id="user-0002")
    panel.add_member(other, acme, "admin")
    initech = panel.add_organization("Initech", id="InitechOrgId-00000003", owner=other)

    add = panel.add_key
    add(owner, acme, key="dokploy_key_acme", id="keyid-acme", name="acme")
    add(owner, globex, key="dokploy_key_globex", id="keyid-globex", name="globex")
    add(member, acme, key="dokploy_key_member", id="keyid-member", name="member")
    add(other, initech, key="dokploy_key_initech", id="keyid-initech", name="initech")
    add(
        owner,
        None,
        key="dokploy_key_no_organization",
        id="keyid-no-organization",
        name="no organization",
    )
    add(
        owner,
        acme,
        key="dokploy_key_disabled",
        id="keyid-disabled",
        name="disabled",
        enabled=False,
    )
    add(
        owner,
        acme,
        key="dokploy_key_expires_in_a_day",
        id="keyid-expires-in-a-day",
        name="one day",
        expires_at=day,
    )
    add(
        owner,
        acme,
        key="dokploy_key_expired",
        id="keyid-expired",
        name="expired",
        expires_at=day - timedelta(days=1, seconds=1),
    )
    add(
        owner,
        acme,
        key="dokploy_key_default_rate_limit",
        id="keyid-default-rate-limit",
        name="default limit",
        rate_limit=10,
    )
    add(
        owner,
        acme,
        key="dokploy_key_three_per_minute",
        id="keyid-three-per-minute",
        name="three a minute",
        rate_limit=3,
        rate_limit_window=60,
    )
    return World(panel, clock, owner, acme)


def _leave_gone(world: World) -> None:
    world.bound |= {"id-0028": "id-0028", "id-0029": "id-0029"}
    gone = world.panel.add_organization("Gone", id="id-0028", owner=world.owner)
    world.panel.add_key(world.owner, gone, key="dokploy_key_gone", id="id-0029", name="gone")
    world.panel.remove_member(world.owner, gone)


def _acme_is_default_again(world: World) -> None:
    given = {"organizationId": world.acme.id}
    assert mutate(world.panel, "organization.setDefault", "dokploy_key_acme", given).status == 200


def _database(down: bool) -> Callable[[World], None]:
    def change(world: World) -> None:
        world.panel.database_down = down

    return change


def _wait(seconds: float) -> Callable[[World], None]:
    return lambda world: world.clock.advance(seconds)


def _mint(number: int, identity: str, name: str, **limits: float) -> Callable[[World], None]:
    return lambda world: world.make_key(number, identity, name, **limits)


# What happened between two recorded requests, by the name of the second.
BEFORE: dict[str, Callable[[World], None]] = {
    "deleteApiKey, a key deletes itself": _mint(15, "id-0020", "own end"),
    "rate limit 3 a minute, request 1": _acme_is_default_again,
    "rate limit 3 a minute over REST, request 1": _mint(
        17, "id-0022", "rest 3", rate_limit=3, rate_limit_window=60
    ),
    "rate limit 2 a minute, public procedure 1": _mint(
        18, "id-0023", "health", rate_limit=2, rate_limit_window=60
    ),
    "remaining 2, use 1": _mint(19, "id-0024", "two", remaining=2),
    "rate limit 1 in 2 s, request 1": _mint(
        20, "id-0025", "quick", rate_limit=1, rate_limit_window=2
    ),
    "rate limit 1 in 2 s, after 2.5 s": _wait(2.5),
    "rate limit 3 in 3 s, one request every 2 s, 1": _mint(
        21, "id-0026", "steady", rate_limit=3, rate_limit_window=3
    ),
    "rate limit 3 in 3 s, one request every 2 s, 2": _wait(2),
    "rate limit 3 in 3 s, one request every 2 s, 3": _wait(2),
    "rate limit 3 in 3 s, one request every 2 s, 4": _wait(2),
    "rate limit 4 a minute, 1: bad input": _mint(
        22, "id-0027", "faulty", rate_limit=4, rate_limit_window=60
    ),
    "user.get, user was removed from the org of the key": _leave_gone,
    "user.get, the org of the key was deleted": lambda world: world.panel.delete_organization(
        world.panel.organization("Gone")
    ),
    "database down, settings.health": _database(True),
    "database back, user.get": _database(False),
}


def perform(world: World, request: dict[str, Any]) -> Reply:
    """Return the stand-in's answer to a recorded request."""
    headers = {
        name: LONG_KEY if value.startswith("kkkk") else world.real(value)
        for name, value in request["headers"].items()
    }
    body = request["body"]
    if body is not None and not isinstance(body, str):
        body = json.dumps(body)
    return send(
        world.panel,
        request["method"],
        world.real(request["path"]),
        headers,
        None if body is None else world.real(body),
    )


def received(reply: Reply) -> dict[str, Any]:
    """Return the reply in the shape of the recording."""
    text = reply.body.decode()
    body: Any = text
    if "json" in reply.headers.get("content-type", "") or text.startswith("{"):
        body = json.loads(text)
    headers = {name: reply.headers[name] for name in HEADERS if name in reply.headers}
    return {"status": reply.status, "headers": headers, "body": body}


def bind(world: World, recorded: Any, got: Any) -> None:
    """Note what the made-up names stand for that were not seen before.

    `apiKeys` is in no order, so it teaches nothing; all its ids are known when it comes.
    """
    if isinstance(recorded, dict) and isinstance(got, dict):
        for name in recorded.keys() & got.keys() - {"apiKeys"}:
            bind(world, recorded[name], got[name])
    elif isinstance(recorded, list) and isinstance(got, list):
        pairs = zip(_sorted_organizations(recorded), _sorted_organizations(got), strict=False)
        for left, right in pairs:
            bind(world, left, right)
    elif isinstance(recorded, str) and isinstance(got, str) and MADE.fullmatch(recorded):
        world.bound.setdefault(recorded, got)


def canonical(value: Any) -> Any:
    """Return the value with all that may differ made equal; meta is folded into its json."""
    if isinstance(value, list):
        return [canonical(inner) for inner in value]
    if isinstance(value, str) and value.startswith("<!DOCTYPE html>"):
        return "an HTML page"
    if not isinstance(value, dict):
        return value
    if "json" in value and set(value) <= {"json", "meta"}:
        return canonical(_fold(value["json"], value.get("meta", {}).get("values", {})))
    out = {name: canonical(inner) for name, inner in value.items()}
    for name in TIMES:
        if isinstance(out.get(name), str) and TIME.fullmatch(out[name]):
            out[name] = "a time"
    if "start" in out:
        recorded = out["start"] == "dokplo"
        out["start"] = recorded or out["start"] == value["key"][:6]
    if "apiKeys" in out:
        out["apiKeys"] = sorted(out["apiKeys"], key=lambda row: str(row["id"]))
    return out


def _fold(plain: Any, values: Any) -> Any:
    """Return the JSON with a mark at each path that superjson's meta names."""
    if isinstance(values, list):
        return {"superjson": values, "value": plain}
    copy = json.loads(json.dumps(plain))
    for path in values:
        *way, last = path.split(".")
        at = copy
        for step in way:
            at = at[int(step)] if isinstance(at, list) else at[step]
        # Beside the value, so that sorting keeps the two together.
        at[f"{last} is"] = values[path]
    return _sorted_organizations(copy)


def _sorted_organizations(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(row, dict) and "ownerId" in row for row in value):
        return sorted(value, key=lambda row: str(row["id"]))
    return value


def compared(world: World, recorded: dict[str, Any], reply: Reply) -> tuple[Any, Any]:
    """Return recording and reply, which are equal if the stand-in is right."""
    got = received(reply)
    bind(world, recorded, got)
    real = json.loads(world.real(json.dumps(recorded)))
    return canonical(real), canonical(got)


def replay(world: World) -> dict[str, tuple[Any, Any]]:
    """Return, by case, what was recorded and what the stand-in says."""
    answers: dict[str, tuple[Any, Any]] = {}
    for case in CASES:
        if case["name"] in BEFORE:
            BEFORE[case["name"]](world)
        answers[case["name"]] = compared(world, case["response"], perform(world, case["request"]))
    return answers
