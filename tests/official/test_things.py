"""A real panel's answers: only names, ids and states are taken from them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.model.profile import Profile
from dokploy_ctx.official import below, inventory, lookup, reads, remembered, things
from dokploy_ctx.official.things import Thing
from dokploy_ctx.panel.http import Answer

from ..shells import ROOT

# As a Dokploy v0.30.2 answered; whatever is secret there was replaced by a text with MARK in it.
FILE = ROOT / "tests" / "broker" / "secrets.json"
# procedure → its first answer and the input that led to it
RECORDED: dict[str, dict[str, Any]] = {
    row["procedure"]: {"input": row["input"], "answer": row["body"]["result"]["data"]["json"]}
    for row in reversed(json.loads(FILE.read_text("utf-8"))["answers"])
    if row["form"] == "trpc" and row["status"] == 200
}


ALL = (*things.KINDS, *things.MORE)
# (procedure, input) → its first answer
EACH: dict[tuple[str, str], Any] = {
    (row["procedure"], json.dumps(row["input"] or {}, sort_keys=True)): answer["json"]
    for row in reversed(json.loads(FILE.read_text("utf-8"))["answers"])
    if row["form"] == "trpc" and row["status"] == 200
    for answer in [row["body"]["result"]["data"]]
}


class Recorded:
    """A panel that answers what was recorded, and 404 to whatever else."""

    def query_with(self, calls: list[tuple[str, dict[str, Any]]]) -> list[Answer]:
        """Return the recorded answers."""
        return [self._answer(procedure, value) for procedure, value in calls]

    @staticmethod
    def _answer(procedure: str, value: dict[str, Any]) -> Answer:
        found = EACH.get((procedure, json.dumps(value, sort_keys=True)))
        return Answer(404, message="Project not found") if found is None else Answer(200, found)


@pytest.fixture(scope="module")
def found() -> list[Thing]:
    found, refused = inventory.fetch(Recorded(), ALL)  # type: ignore[arg-type]
    assert refused == []
    return found


def calls_for(found: list[Thing], kind: str) -> list[inventory.Call]:
    """Return a question for each recorded thing that something of `kind` can be below."""
    return [
        call
        for owner in found
        if owner.kind in below.owners(kind)
        for call in lookup.by_path(kind, "/".join(owner.path) + "/", [owner])
    ]


@pytest.mark.parametrize("kind", ALL)
def test_a_real_panel_has_each_kind(found: list[Thing], kind: str) -> None:
    of_kind = [thing for thing in found if thing.kind == kind]
    assert of_kind
    for thing in of_kind:
        assert thing.id
        assert thing.name
        deep = {"project": 1, "environment": 2, "domain": 4, "deployment": 4}
        assert len(thing.path) == deep.get(kind, 3 if things.needs_projects(kind) else 1)


NAMES = {
    "mount": "etc/PLAIN-mount-mountPath-01",
    "port": "8/tcp",
    "redirect": "^/PLAIN-redirect-regex-01",
    "security": "PLAIN-security-username-01",
    "backup": "db/PLAIN-backup-database-06",
    "volumeBackup": "PLAIN-volume-backup-name-01",
    "schedule": "PLAIN-schedule-name-01",
    "previewDeployment": "1",
    "rollback": "v1",
    "patch": "PLAIN-patch-filePath-01",
}
# What a panel without a cluster, a DNS provider or a container cannot have answered.
NOT_RECORDED = {"zone", "record", "container", "node"}


@pytest.mark.parametrize("kind", sorted(below.SOURCES))
def test_what_is_below_a_thing_has_a_name(found: list[Thing], kind: str) -> None:
    if kind in NOT_RECORDED:
        assert below.owners(kind) == ()
        return
    panel: Any = Recorded()
    profile = Profile("prod", {"url": "https://panel.example.com", "token": "k"})
    of_kind, _ = inventory.ask_below(profile, kind, calls_for(found, kind), panel)
    assert NAMES[kind] in [thing.name for thing in of_kind]
    # Each kind of parent was asked, and has one.
    parents = {thing.path[:-1] for thing in of_kind}
    by_path = {owner.path: owner.kind for owner in found if owner.kind in things.SERVICES}
    kinds = {by_path[path] for path in parents if path in by_path}
    assert kinds == set(below.owners(kind)) - {"server"}
    assert all(thing.id.startswith("SECR") or len(thing.id) > 20 for thing in of_kind)


def test_every_list_is_a_read() -> None:
    """A list that changes something (some refresh a token) must not be asked for by a Tab."""
    asked = {things.procedure_of(kind) for kind in ALL} | {"environment.byProjectId"}
    asked |= {source.procedure for sources in below.SOURCES.values() for source in sources}
    assert asked <= reads.procedures()


def test_names_are_those_that_a_person_gave(found: list[Thing]) -> None:
    at = ("PLAIN-project-name-01", "PLAIN-environment-name-01")
    assert (
        Thing("postgres", "SECRpostgres000000000", (*at, "PLAIN-postgres-name-01"), "idle") in found
    )
    assert (
        Thing("application", "SECRapp00000000000000", (*at, "PLAIN-application-name-01"), "idle")
        in found
    )
    assert Thing("server", "SECRserver00000000000", ("PLAIN-server-name-01",), "active") in found
    assert Thing("github", "SECRgithub00000000000", ("PLAIN-git-provider-name-01",)) in found


def test_what_is_kept_has_no_secret(found: list[Thing], home: Path) -> None:
    profile = Profile("prod", {"url": "https://panel.example.com", "token": "the-key-itself"})
    inventory.ask(profile, ALL, Recorded())  # type: ignore[arg-type]
    for kind in below.SOURCES:
        inventory.ask_below(profile, kind, calls_for(found, kind), Recorded())  # type: ignore[arg-type]
    (file,) = (home / ".cache/dctx/things").iterdir()
    text = file.read_text("ascii")
    asked = {things.procedure_of(kind) for kind in ALL}
    asked |= {source.procedure for sources in below.SOURCES.values() for source in sources}
    assert "MARK" in json.dumps([value for (name, _), value in EACH.items() if name in asked])
    for secret in ("MARK", "MAYBE", "PRIVATE KEY", "the-key-itself", "panel.example.com", '"env"'):
        assert secret not in text
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    for kind in ALL:
        assert remembered.recall(profile, kind) == [thing for thing in found if thing.kind == kind]
    for other in ({"token": "another"}, {"url": "https://other.example.com"}):
        assert remembered.recall(Profile("prod", {**profile.raw, **other}), "server") is None
    assert remembered.recall(Profile("staging", profile.raw), "server") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"server": 1}', '{"server": [1.0, [["x"]]]}', '{"server": ["a", []]}']
)
def test_a_damaged_cache_is_none(home: Path, text: str) -> None:
    profile = Profile("prod", {"url": "https://panel.example.com", "token": "k"})
    inventory.ask(profile, ["server"], Recorded())  # type: ignore[arg-type]
    (file,) = (home / ".cache/dctx/things").iterdir()
    file.write_text(text)
    assert remembered.recall(profile, "server") is None
    inventory.ask(profile, ["server"], Recorded())  # type: ignore[arg-type]
    assert remembered.recall(profile, "server")


def test_what_is_old_is_asked_again_and_removed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    old = Profile("old", {"url": "https://panel.example.com", "token": "k"})
    inventory.ask(old, ["server"], Recorded())  # type: ignore[arg-type]
    (file,) = (home / ".cache/dctx/things").iterdir()
    os.utime(file, (time.time() - 61,) * 2)
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now + 61)
        assert remembered.recall(old, "server") is None
    inventory.ask(Profile("new", old.raw), ["server"], Recorded())  # type: ignore[arg-type]
    assert not file.exists()
