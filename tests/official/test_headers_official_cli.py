"""The real official CLI and a panel behind an access proxy: the shim and the preload together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn
from tests.standin.gate import Gate

from ..alone import alone

WANTED = {"CF-Access-Client-Id": "mark-id", "CF-Access-Client-Secret": 'mark-"S3cret" \\ caf\xe9'}
KINDS: dict[str, dict[str, Any]] = {
    "saved": {"headers": WANTED},
    "by a program": {"headersCommand": ["printf", "%s", json.dumps(WANTED)]},
    "saved, protected": {"headers": WANTED, "protected": True},
}


@pytest.fixture
def save(
    panel: StandIn,
    config: Callable[..., Path],
    data_home: Path,
    official_cli: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """Return a function that saves the profile prod of the panel, which is behind its proxy."""
    monkeypatch.setenv("PATH", f"{data_home / 'shims'}{os.pathsep}{os.environ['PATH']}")
    panel.gate = Gate(WANTED)

    def save(**raw: Any) -> None:
        config(prod={"url": panel.url, "token": panel.key_of("Acme"), **raw})

    return save


@pytest.mark.parametrize("kind", KINDS)
def test_official_cli_passes_the_proxy(
    save: Callable[..., None], panel: StandIn, kind: str
) -> None:
    save(**KINDS[kind])
    project = panel.projects[0].id
    for words in (["project", "all"], ["project", "one", "--projectId", project]):
        ran = alone("dokploy", *words)
        assert ran.code == 0, ran.err
        assert "acme-web" in ran.out
        assert "mark-" not in ran.out + ran.err
    for seen in panel.requests:
        assert {name: seen.headers.get(name.lower()) for name in WANTED} == WANTED
        assert seen.key == panel.key_of("Acme")


def test_without_the_headers_the_proxy_answers(save: Callable[..., None], panel: StandIn) -> None:
    panel.gate.kind = "basic"
    save()
    assert alone("dokploy", "project", "all").code != 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_official_cli_gives_another_origin_neither_key_nor_headers(
    save: Callable[..., None], panel: StandIn, status: int
) -> None:
    save(headers=WANTED)
    with StandIn.seeded() as other:
        panel.redirect_to, panel.redirect_status = other.url, status
        ran = alone("dokploy", "project", "all")
        assert "mark-" not in ran.out + ran.err
        assert panel.requests
        for seen in other.requests:
            assert seen.key == ""
            assert not any("mark-" in value for value in seen.headers.values())
