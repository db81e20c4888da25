"""docs/agents.md and docs/ci.md: every snippet is run as it stands, with the real official CLI.

Only installing is not: `pip`, `pipx` and `npm` are programs here that do nothing, since dctx and
dokploy are there already. A variable that no example sets fails its script (bash -u).
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..alone import alone
from ..shells import ROOT, Ran

FENCE = re.compile(r"<!-- run: ([a-z-]+) -->\n```(sh|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANY_FENCE = re.compile(r"^```(\w+)\n", re.MULTILINE)


def snippets(page: str) -> dict[str, str]:
    """Return the snippets of a page that are to be run, by their names."""
    return {m[1]: m[3] for m in FENCE.finditer((ROOT / "docs" / page).read_text("utf-8"))}


@dataclass(frozen=True)
class Step:
    """A step of a GitHub job: what it runs, and the variables that it has of its own."""

    name: str
    script: str
    env: dict[str, str] = field(default_factory=dict)


def github_steps(yaml: str) -> list[Step]:
    """Return the steps of a workflow of the simple form that docs/ci.md has."""
    found = []
    for text in re.split(r"^ +- name: ", yaml, flags=re.MULTILINE)[1:]:
        name, _, rest = text.partition("\n")
        before, _, script = rest.partition("run: |\n")
        env = dict(re.findall(r"^ {10}(\w+): (.*)$", before, re.MULTILINE))
        found.append(Step(name, textwrap.dedent(script), env))
    return found


def set_for_all(yaml: str, key: str) -> dict[str, str]:
    """Return the variables that a workflow or job sets for all that it runs."""
    below = re.search(rf"^( *){key}:\n((?:\1  \w+: .*\n)+)", yaml, re.MULTILINE)
    assert below, key
    return dict(re.findall(r"^ +(\w+): (\S+)", below[2], re.MULTILINE))


def gitlab_lines(yaml: str, *keys: str) -> list[str]:
    """Return the commands below the keys of a GitLab job, in order."""
    found = []
    for key in keys:
        below = re.search(rf"^  {key}:\n((?:    - .*\n)+)", yaml, re.MULTILINE)
        assert below, key
        found += re.findall(r"^    - (.*)$", below[1], re.MULTILINE)
    return found


@pytest.fixture
def other() -> Iterator[StandIn]:
    with StandIn.seeded() as other:
        yield other


@pytest.fixture
def runner(panel: StandIn, other: StandIn, tmp_path: Path) -> Callable[..., Ran]:
    """Return a function that runs a script as a CI system does, by `bash -e` without a terminal."""
    for each in (panel, other):
        each.add_service(each.add_project(each.organization("Acme"), "shop"), "api")
    installers = tmp_path / "installers"
    installers.mkdir()
    for name in ("pip", "pipx", "npm"):
        (installers / name).write_text("#!/bin/sh\nexit 0\n", "utf-8")
        (installers / name).chmod(0o755)
    given = {"PATH": f"{installers}:{os.environ['PATH']}", "CI": "true"}
    urls = {"https://staging.example.com": panel.url, "https://panel.example.com": other.url}

    def run(script: str, **env: str) -> Ran:
        env = {name: urls.get(value, value) for name, value in env.items()}
        return alone("bash", "-eu", "-o", "pipefail", "-c", script, env={**given, **env})

    return run


class GitHub:
    """As much of GitHub's runner as a job of ours sees: secrets, and the file of GITHUB_ENV."""

    def __init__(self, run: Callable[..., Ran], secrets: dict[str, str], file: Path) -> None:
        self.run, self.secrets, self.file = run, secrets, file
        file.touch()

    def step(self, step: Step) -> Ran:
        env = set_for_all(snippets("ci.md")["github"], "env")
        for line in self.file.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            env[name] = value
        for name, value in step.env.items():
            secret = re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", value)
            env[name] = self.secrets[secret[1]] if secret else value
        return self.run(step.script, GITHUB_ENV=str(self.file), **env)


@pytest.fixture
def github(runner: Callable[..., Ran], panel: StandIn, other: StandIn, tmp_path: Path) -> GitHub:
    secrets = {
        "DOKPLOY_STAGING_KEY": panel.key_of("Acme"),
        "DOKPLOY_PROD_KEY": other.key_of("Acme"),
    }
    return GitHub(runner, secrets, tmp_path / "github-env")


def procedures(panel: StandIn) -> list[str]:
    return [name for seen in panel.requests for name in seen.procedures]


def test_every_snippet_of_the_pages_is_run() -> None:
    for page in ("agents.md", "ci.md"):
        fences = ANY_FENCE.findall((ROOT / "docs" / page).read_text("utf-8"))
        assert len(snippets(page)) == sum(kind != "text" for kind in fences)
    names = set(snippets("agents.md")) | set(snippets("ci.md")) | set(snippets("scripts.md"))
    source = Path(__file__).read_text("utf-8")
    assert [name for name in names if f'["{name}"]' not in source] == []


def test_github_job_runs(github: GitHub, panel: StandIn, other: StandIn) -> None:
    steps = github_steps(snippets("ci.md")["github"])
    assert [step.name for step in steps] == [
        "Install",
        "Profiles",
        "Staging, then look at prod",
        "Prod",
    ]
    for step in steps[:3]:
        ran = github.step(step)
        assert ran.code == 0, ran.err
        assert panel.key_of("Acme") not in ran.out + ran.err
    assert procedures(panel)[-1] == "application.deploy"
    assert procedures(other)[-1] == "project.all"
    refused = github.step(Step("Prod, not approved", steps[3].script))
    assert refused.code == 6
    assert procedures(other)[-1] == "project.all"
    assert github.step(steps[3]).code == 0
    assert procedures(other)[-1] == "application.deploy"


def test_github_environment_is_for_later_steps(github: GitHub, panel: StandIn) -> None:
    github.step(github_steps(snippets("ci.md")["github"])[1])
    first, second = github_steps(snippets("ci.md")["github-env"])
    ran = github.step(first)
    assert (ran.code, ran.out) == (0, f"::add-mask::{panel.key_of('Acme')}\n")
    ran = github.step(second)
    assert ran.code == 0, ran.err
    assert "acme-web" in ran.out


def test_gitlab_job_runs(runner: Callable[..., Ran], panel: StandIn) -> None:
    lines = gitlab_lines(snippets("ci.md")["gitlab"], "before_script", "script")
    assert len(lines) == 5
    env = set_for_all(snippets("ci.md")["gitlab"], "variables")
    ran = runner("\n".join(lines), DOKPLOY_STAGING_KEY=panel.key_of("Acme"), **env)
    assert ran.code == 0, ran.err
    assert procedures(panel)[-1] == "application.deploy"


def test_gitlab_dotenv_serves_the_bare_cli(
    runner: Callable[..., Ran], panel: StandIn, home: Path
) -> None:
    before = gitlab_lines(snippets("ci.md")["gitlab"], "before_script")[2:3]
    env = set_for_all(snippets("ci.md")["gitlab"], "variables")
    assert runner(before[0], DOKPLOY_STAGING_KEY=panel.key_of("Acme"), **env).code == 0
    job = snippets("ci.md")["gitlab-dotenv"]
    ran = runner("\n".join(gitlab_lines(job, "script")))
    assert ran.code == 0, ran.err
    assert "acme-web" in ran.out
    assert (home / ".env").stat().st_mode & 0o777 == 0o600
    assert runner("\n".join(gitlab_lines(job, "after_script"))).code == 0
    assert not (home / ".env").exists()


def test_empty_secret_is_called_that(github: GitHub) -> None:
    github.secrets["DOKPLOY_PROD_KEY"] = ""
    ran = github.step(github_steps(snippets("ci.md")["github"])[1])
    assert ran.code == 2
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    assert "`the API key on stdin is empty`" in page
    assert "dctx: the API key on stdin is empty." in ran.err


def test_line_puts_the_shim_first_again(runner: Callable[..., Ran], home: Path) -> None:
    line = snippets("scripts.md")["path"]
    ran = runner(f"dctx init sh >/dev/null\ncommand -v dokploy\n{line}\ncommand -v dokploy")
    before, after = ran.out.splitlines()
    assert after == f"{home}/.local/share/dctx/shims/dokploy" != before


@pytest.fixture
def agent(
    runner: Callable[..., Ran], panel: StandIn, other: StandIn, config: Callable[..., Path]
) -> Callable[..., Ran]:
    """Return a function that runs a script as an agent does, with staging and prod saved."""
    config(
        staging={"url": panel.url, "token": panel.key_of("Acme")},
        prod={"url": other.url, "token": other.key_of("Acme")},
    )

    def run(script: str, **env: str) -> Ran:
        return runner(f'eval "$(dctx init sh)"\n{script}', **env)

    return run


def test_agent_sees_which_profile_it_has_and_starts_elsewhere(
    agent: Callable[..., Ran], panel: StandIn
) -> None:
    ran = agent(snippets("agents.md")["which"])
    assert '"profile": "staging"' in ran.out
    ran = agent(snippets("agents.md")["start"])
    assert ran.code == 0, ran.err
    assert "acme-web" in ran.out
    assert procedures(panel) == ["project.all"]


def test_agent_reads_and_changes_nothing(agent: Callable[..., Ran], other: StandIn) -> None:
    page = (ROOT / "docs" / "agents.md").read_text("utf-8")
    ran = agent(snippets("agents.md")["read-only"])
    assert (ran.code, "acme-web" in ran.out) == (0, True), ran.err
    ran = agent(snippets("agents.md")["refused"])
    assert f"```text\n{ran.out}\n```" in page
    ran = agent(snippets("agents.md")["cli-refused"])
    assert (ran.code, "status code 403" in ran.err) == (1, True)
    said = ran.err.splitlines()[0]
    assert f"```text\n{said}\n```" in page
    assert procedures(other) == ["project.all"]


def test_agent_may_do_what_is_allowed(
    agent: Callable[..., Ran], other: StandIn, home: Path
) -> None:
    ran = agent(snippets("agents.md")["allow"], APPLICATION_ID=other.applications[0].id)
    assert ran.code == 0, ran.err
    assert procedures(other) == ["application.deploy"]
    assert "application.deploy" in (home / "audit.jsonl").read_text("utf-8")


def test_agent_cannot_change_a_profile_that_is_saved_as_read_only(
    agent: Callable[..., Ran], other: StandIn
) -> None:
    assert agent(snippets("agents.md")["protect"]).code == 0
    ran = agent("dokploy --profile prod project all")
    assert (ran.code, "acme-web" in ran.out) == (0, True), ran.err
    ran = agent("dokploy --profile prod project create --name x", DCTX_YES="prod")
    assert ran.code == 6
    assert procedures(other) == ["project.all"]


def test_the_mcp_servers_of_the_page_are_those_that_are_tried() -> None:
    servers = json.loads((ROOT / "docs" / "mcp.json").read_text("utf-8"))["mcpServers"]
    (server,) = servers.values()
    assert [server["command"], *server["args"]] == (
        ["dctx", "exec", "--read-only", "prod", "--", "npx", "-y", "@dokploy/mcp"]
    )
