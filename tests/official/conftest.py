"""A panel with things of many kinds, and a profile for it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import changed, decoded
from ..terminal import PATIENCE


@pytest.fixture
def shop(panel: StandIn) -> dict[str, str]:
    """Fill Acme with a project "Acme Shop" and more; return name → id."""
    acme = panel.organization("Acme")
    project = panel.add_project(acme, "Acme Shop")
    staging = panel.add_environment(project, "staging")
    ids = {
        "production/shop-api": panel.add_service(project, "shop-api"),
        "staging/shop-api": panel.add_service(project, "shop-api", environment=staging),
        "worker": panel.add_service(project, "worker"),
        "stack": panel.add_service(project, "stack", "compose"),
        "db": panel.add_service(project, "db", "postgres"),
        "project": project.id,
        "staging": staging.id,
    }
    panel.add_row(acme, "server.all", serverId="srv-1", name="Frankfurt", serverStatus="active")
    panel.add_row(acme, "registry.all", registryId="reg-1", registryName="ghcr", password="MARK")
    return ids


@pytest.fixture
def profile(panel: StandIn, config: Callable[..., Path]) -> Callable[..., Path]:
    """Return a function that saves profiles of `panel`: profile(prod="Acme", two={...})."""

    def build(**wanted: str | dict[str, Any]) -> Path:
        rows = {}
        for name, given in wanted.items():
            more = {"organization": given} if isinstance(given, str) else dict(given)
            organization = panel.organization(more.pop("organization"))
            rows[name] = {
                "url": panel.url,
                "token": panel.key_of(organization.name),
                "organization": {"id": organization.id, "name": organization.name},
                **more,
            }
        return config(**rows)

    return build


@pytest.fixture
def shims(official_cli: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shim is first on PATH, the official CLI behind it."""
    shims = data_home / "shims"
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    return shims


@pytest.fixture
def dokploy(shims: Path) -> Callable[..., Result]:
    """Return a function that runs `dokploy` with these arguments."""

    def run(*argv: str, env: dict[str, str | None] | None = None) -> Result:
        done = subprocess.run(
            ["dokploy", *argv],
            env=changed(os.environ, env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            start_new_session=True,
        )
        return Result(done.returncode, decoded(done.stdout), decoded(done.stderr))

    return run


@pytest.fixture
def ids(dctx: Callable[..., Result]) -> Callable[..., Result]:
    """Return a function that runs `dctx _ids` until it answers something, as Tab is pressed again.

    It waits for a panel as long as a person does, which is too short on a machine that is busy.
    """

    def run(*argv: str, **more: Any) -> Result:
        end = time.monotonic() + PATIENCE
        while True:
            ran = dctx("_ids", *argv, **more)
            if ran.out or ran.code or time.monotonic() > end:
                return ran

    return run
