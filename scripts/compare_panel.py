"""Ask a real Dokploy server what was recorded of one, and print where it answers otherwise.

    DOKPLOY_URL=https://throw-away.example.com DOKPLOY_API_KEY=… scripts/compare_panel.py

For whoever has a server to spare, of whatever version: two organizations, keys and projects are
made on it and deleted again, and the default organization of the key's user is changed. The key
must be an owner's. It and those that are made are never printed.

Compared are the status, the headers of note, what errors say, and of values their form: which
fields there are, and of what type. Left out is what needs a second user or a hand in the database.
It takes about 20 s, since some limits of keys last so long. Exit 1 where something differs.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.test_standin.client import Server, mutate, query
from tests.test_standin.replay import BEFORE, CASES, NAMED, bind, canonical, perform, received

OWNED = ("Acme", "Globex")
# Whose keys, ids and states nobody can make with one owner's key.
OUT_OF_REACH = ("member", "initech", "disabled", "expired", "gone", "somebody else", "database")
REACHED = "expires_in_a_day"
LIMITS: dict[str, dict[str, Any]] = {
    "acme": {"rateLimitEnabled": False},
    "globex": {"rateLimitEnabled": False},
    "no_organization": {"rateLimitEnabled": False},
    "expires_in_a_day": {"rateLimitEnabled": False, "expiresIn": 86400},
    "default_rate_limit": {},
    "three_per_minute": {"rateLimitMax": 3, "rateLimitTimeWindow": 60_000},
}
# Keys whose making was not recorded: the name that the recording gives to each, and its limits.
LATER: dict[str, dict[str, Any]] = {
    "15": {},
    "17": {"rateLimitMax": 3, "rateLimitTimeWindow": 60_000},
    "18": {"rateLimitMax": 2, "rateLimitTimeWindow": 60_000},
    "19": {"remaining": 2},
    "20": {"rateLimitMax": 1, "rateLimitTimeWindow": 2_000},
    "21": {"rateLimitMax": 3, "rateLimitTimeWindow": 3_000},
    "22": {"rateLimitMax": 4, "rateLimitTimeWindow": 60_000},
}
IDS = {"15": "id-0020"}


@dataclass
class World:
    """The server, and the values that the names of the recording have there."""

    panel: Server
    key: str = field(repr=False)
    bound: dict[str, str] = field(default_factory=dict, repr=False)
    made: list[str] = field(default_factory=list)

    def real(self, text: str) -> str:
        """Return the text with the names replaced by their values on the server."""
        return NAMED.sub(lambda found: self.bound.get(found[0], found[0]), text)

    def ask(self, procedure: str, given: Any) -> Any:
        """Return the value of a mutation that must succeed."""
        reply = mutate(self.panel, procedure, self.key, given)
        if reply.status != 200:
            sys.exit(f"compare_panel: {procedure} answers {reply.status}. Is it an owner's key?")
        return reply.value

    def make_key(self, name: str, organization_id: str, limits: dict[str, Any]) -> dict[str, Any]:
        """Return a new key."""
        given = {"name": name, "metadata": {"organizationId": organization_id}, **limits}
        made: dict[str, Any] = self.ask("user.createApiKey", given)
        self.made.append(made["id"])
        return made


@contextlib.contextmanager
def world(panel: Server, key: str) -> Iterator[World]:
    """Prepare the server like the recorded one, as far as an owner's key can; yield it."""
    found = World(panel, key)
    own = query(panel, "user.get", key)
    if own.status != 200:
        sys.exit(f"compare_panel: user.get answers {own.status}. Is the key good?")
    found.bound["OwnerUserId0000000000000000000001"] = own.value["userId"]
    ids = {name: found.ask("organization.create", {"name": name})["id"] for name in OWNED}
    try:
        found.bound |= {
            "AcmeOrgId-00000000001": ids["Acme"],
            "-GlobexOrgId-00000002": ids["Globex"],
        }
        for name, limits in LIMITS.items():
            organization = ids["Globex"] if name == "globex" else ids["Acme"]
            where = "" if name == "no_organization" else organization
            made = found.make_key(name.replace("_", " "), where, limits)
            found.bound[f"dokploy_key_{name}"] = made["key"]
            found.bound[f"keyid-{name.replace('_', '-')}"] = made["id"]
        for name, project in (("acme", "acme-web"), ("globex", "globex-shop")):
            given = {"name": project, "description": ""}
            mutate(panel, "project.create", found.bound[f"dokploy_key_{name}"], given)
        yield found
    finally:
        left = query(panel, "user.get", key).value["user"]["apiKeys"]
        known = {row["id"] for row in own.value["user"]["apiKeys"]}
        for row in left:
            if row["id"] not in known:
                mutate(panel, "user.deleteApiKey", key, {"apiKeyId": row["id"]})
        for organization in ids.values():
            mutate(panel, "organization.delete", key, {"organizationId": organization})


def is_reached(case: dict[str, Any]) -> bool:
    """Return whether the case works without a second user and without access to the database."""
    text = json.dumps([case["name"], case["request"]]).replace(REACHED, "")
    return not any(word in text for word in OUT_OF_REACH) and "the org of the key" not in text


def prepare(found: World, name: str, sleep: Callable[[float], None]) -> None:
    """Do what was done before the recorded request `name` without being recorded."""
    if name not in BEFORE:
        return
    for number, limits in LATER.items():
        key = f"dokploy_key_minted_{number}"
        of = next(case for case in CASES if key in json.dumps(case["request"]))
        if of["name"] == name:
            unlimited = {} if "rateLimitMax" in limits else {"rateLimitEnabled": False}
            made = found.make_key(
                f"minted {number}", found.bound["AcmeOrgId-00000000001"], limits | unlimited
            )
            found.bound[key] = made["key"]
            if number in IDS:
                found.bound[IDS[number]] = made["id"]
            return
    sleep(3 if "2.5 s" in name else 2 if "one request every 2 s" in name else 0)


# A key, whatever its prefix.
SECRET = re.compile(r"[A-Za-z]{40,}", re.ASCII)
# Of organizations the first one of a server alone has no slug.
MAYBE = frozenset({"slug"})


def alike(recorded: Any, got: Any, name: str = "") -> bool:
    """Return whether a value has the fields and types of the recorded one; errors: word by word.

    How many parts a list has depends on what is on the server.
    """
    if isinstance(recorded, dict) and isinstance(got, dict):
        if "error" in recorded:
            return bool(recorded == got)
        return recorded.keys() == got.keys() and all(
            alike(inner, got[field], field) for field, inner in recorded.items()
        )
    if isinstance(recorded, list) and isinstance(got, list):
        return not recorded or all(any(alike(one, part) for one in recorded) for part in got)
    return type(recorded) is type(got) or name in MAYBE


def differences(found: World, sleep: Callable[[float], None]) -> dict[str, tuple[Any, Any]]:
    """Return the cases in which the server's answer differs: name → recorded and real answer."""
    wrong: dict[str, tuple[Any, Any]] = {}
    for case in filter(is_reached, CASES):
        prepare(found, case["name"], sleep)
        got = received(perform(found, case["request"]))  # type: ignore[arg-type]
        bind(found, case["response"], got)  # type: ignore[arg-type]
        recorded = json.loads(found.real(json.dumps(case["response"])))
        for answer in (recorded, got):
            answer["body"] = canonical(answer["body"])
        same = recorded == got
        if got["status"] in (200, 207):
            same = {**recorded, "body": 0} == {**got, "body": 0}
            same = same and alike(recorded["body"], got["body"])
        if not same:
            wrong[case["name"]] = (recorded, got)
    return wrong


def shown(answer: dict[str, Any]) -> str:
    """Return an answer in one line, without keys."""
    return SECRET.sub("(a key)", json.dumps(answer, sort_keys=True))[:2000]


def main() -> int:
    """Compare, print, and return the exit code."""
    url, key = os.environ.get("DOKPLOY_URL", ""), os.environ.get("DOKPLOY_API_KEY", "")
    if not (url and key):
        sys.exit("compare_panel: set DOKPLOY_URL and DOKPLOY_API_KEY of a server to spare.")
    with world(Server(url.rstrip("/")), key) as found:
        wrong = differences(found, time.sleep)
    for name, (recorded, got) in wrong.items():
        print(name)
        for mark, answer in (("-", recorded), ("+", got)):
            print(f"  {mark} {shown(answer)}")
    reached = sum(map(is_reached, CASES))
    print(
        f"{len(wrong)} of {reached} differ; {len(CASES) - reached} of {len(CASES)} were left out."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
