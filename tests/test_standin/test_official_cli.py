"""The real official CLI (0.30.7) finds in the stand-in what it found in Dokploy.

Source: docs/dokploy-api.md, "The official CLI".
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.standin import StandIn

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with StandIn.seeded() as panel:
        yield panel


@pytest.fixture
def dokploy(panel: StandIn, official_cli: Path, tmp_path: Path) -> Run:
    """Run the CLI with the key of an organization, or with any other."""

    def run(
        *argv: str, organization: str = "Acme", key: str | None = None, url: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        environ = {name: value for name, value in os.environ.items() if "DOKPLOY" not in name}
        environ |= {
            "DOKPLOY_URL": url or panel.url,
            "DOKPLOY_API_KEY": key or panel.key_of(organization),
            "NO_COLOR": "1",
        }
        return subprocess.run(
            [official_cli, *argv],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_reads_show_the_organization_of_the_key(dokploy: Run) -> None:
    for name in ("Acme", "Globex"):
        answer = dokploy("organization", "active", organization=name)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert json.loads(answer.stdout)["name"] == name
    projects = json.loads(dokploy("project", "all", organization="Globex").stdout)
    assert [row["name"] for row in projects] == ["globex-shop"]


def test_version_is_printed_bare(dokploy: Run) -> None:
    answer = dokploy("settings", "get-dokploy-version")
    assert (answer.returncode, answer.stdout.strip()) == (0, "v0.30.2")


def test_change_reaches_the_panel(dokploy: Run, panel: StandIn) -> None:
    made = dokploy("project", "create", "--name", "from the cli")
    assert made.returncode == 0, made.stderr
    assert "from the cli" in {row.name for row in panel.projects}
    row = panel.applications[0]
    assert dokploy("application", "deploy", f"--applicationId={row.id}").returncode == 0
    assert row.deployments == ["Manual deployment"]
    doomed = panel.projects[0]
    assert dokploy("project", "remove", f"--projectId={doomed.id}").returncode == 0
    assert doomed not in panel.projects
    assert [seen.procedures for seen in panel.requests] == [
        ("project.create",),
        ("application.deploy",),
        ("project.remove",),
    ]
    assert {seen.key for seen in panel.requests} == {panel.key_of("Acme")}


def test_refused_key_is_401_on_stderr(dokploy: Run) -> None:
    answer = dokploy("organization", "active", key="x" * 64)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.strip() == "Request failed with status code 401"


def test_session_of_a_refused_key_shows_the_raw_answer(dokploy: Run) -> None:
    answer = dokploy("user", "session", key="x" * 64)
    assert answer.returncode == 0
    assert json.loads(answer.stdout) == {"result": {"data": {"json": None}}}


def test_get_with_parameters_can_never_work(dokploy: Run, panel: StandIn) -> None:
    answer = dokploy("organization", "one", f"--organizationId={panel.organization('Acme').id}")
    assert (answer.returncode, answer.stderr.strip()) == (1, "Request failed with status code 400")


def test_making_a_key_can_never_work(dokploy: Run, panel: StandIn) -> None:
    metadata = json.dumps({"organizationId": panel.organization("Acme").id})
    answer = dokploy("user", "create-api-key", "--name", "x", "--metadata", metadata)
    assert (answer.returncode, answer.stderr.strip()) == (1, "Request failed with status code 400")


def test_slash_at_the_end_of_the_url_is_followed(dokploy: Run, panel: StandIn) -> None:
    answer = dokploy("organization", "active", url=panel.url + "/")
    assert json.loads(answer.stdout)["name"] == "Acme"
    assert [seen.path.partition("?")[0] for seen in panel.requests] == [
        "//api/trpc/organization.active",
        "/api/trpc/organization.active",
    ]


def test_wrong_path_is_404(dokploy: Run, panel: StandIn) -> None:
    answer = dokploy("organization", "active", url=panel.url + "/nope")
    assert (answer.returncode, answer.stderr.strip()) == (1, "Request failed with status code 404")


def test_redirect_to_another_host_takes_the_key_along(dokploy: Run, panel: StandIn) -> None:
    with StandIn() as other:
        panel.redirect_to = other.url
        dokploy("organization", "active")
        assert [seen.key for seen in other.requests] == [panel.key_of("Acme")]
