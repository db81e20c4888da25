"""What a real panel's answers become: names, ids and states, and nothing that is secret."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.model.profile import Profile
from dokploy_ctx.official import inventory, things
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


class Recorded:
    """A panel that answers what was recorded, and 404 to whatever else."""

    def query_with(self, calls: list[tuple[str, dict[str, Any]]]) -> list[Answer]:
        """Return the recorded answers."""
        return [self._answer(procedure, value) for procedure, value in calls]

    @staticmethod
    def _answer(procedure: str, value: dict[str, Any]) -> Answer:
        row = RECORDED[procedure]
        if value != (row["input"] or {}):
            return Answer(404, message="Project not found")
        return Answer(200, row["answer"])


@pytest.fixture(scope="module")
def found() -> list[Thing]:
    found, refused = inventory.fetch(Recorded(), things.KINDS)  # type: ignore[arg-type]
    assert refused == []
    return found


@pytest.mark.parametrize("kind", things.KINDS)
def test_a_real_panel_has_each_kind(found: list[Thing], kind: str) -> None:
    of_kind = [thing for thing in found if thing.kind == kind]
    assert of_kind
    for thing in of_kind:
        assert thing.id
        assert thing.name
        deep = {"project": 1, "environment": 2}.get(kind, 3 if things.needs_projects(kind) else 1)
        assert len(thing.path) == deep


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
    inventory.ask(profile, things.KINDS, Recorded())  # type: ignore[arg-type]
    (file,) = (home / ".cache/dctx/things").iterdir()
    text = file.read_text("ascii")
    asked = {things.procedure_of(kind) for kind in things.KINDS}
    assert "MARK" in json.dumps([RECORDED[procedure] for procedure in asked])
    for secret in ("MARK", "MAYBE", "PRIVATE KEY", "the-key-itself", "panel.example.com", '"env"'):
        assert secret not in text
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    for kind in things.KINDS:
        assert inventory.kept(profile, kind) == [thing for thing in found if thing.kind == kind]
    for other in ({"token": "another"}, {"url": "https://other.example.com"}):
        assert inventory.kept(Profile("prod", {**profile.raw, **other}), "server") is None
    assert inventory.kept(Profile("staging", profile.raw), "server") is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"server": 1}', '{"server": [1.0, [["x"]]]}', '{"server": ["a", []]}']
)
def test_a_damaged_cache_is_none(home: Path, text: str) -> None:
    profile = Profile("prod", {"url": "https://panel.example.com", "token": "k"})
    inventory.ask(profile, ["server"], Recorded())  # type: ignore[arg-type]
    (file,) = (home / ".cache/dctx/things").iterdir()
    file.write_text(text)
    assert inventory.kept(profile, "server") is None
    inventory.ask(profile, ["server"], Recorded())  # type: ignore[arg-type]
    assert inventory.kept(profile, "server")


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
        assert inventory.kept(old, "server") is None
    inventory.ask(Profile("new", old.raw), ["server"], Recorded())  # type: ignore[arg-type]
    assert not file.exists()
