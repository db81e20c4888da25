"""docs/tools.md: its commands set what each tool reads, and installed tools run with them."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shells import ROOT
from tests.standin import StandIn

PAGE = (ROOT / "docs" / "tools.md").read_text("utf-8")
TOOLS = ROOT / ".build" / "tools"
PULUMI = "Pulumi (`pulumi-dokploy` 0.4.0), Terraform (vanillauys, lucasaarch)"


def recipes(heading: str) -> dict[str, str]:
    """Return the commands of the table under `heading`, by tool."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| (.+?) \| `(dctx .+)` \|$", part, re.M))


TRIED, NOT_TRIED = recipes("Tried"), recipes("Not tried")
URL, KEY = "DOKPLOY_URL", "DOKPLOY_API_KEY"
# What each tool reads, in the words of the template.
READS = {
    "official MCP server, `@dokploy/mcp` 0.30.7": {URL: "{url}", KEY: "{key}"},
    "`@ahdev/dokploy-mcp` 1.6.0": {URL: "{url}/api", KEY: "{key}"},
    "`@jarciahdz111/dokploy-mcp` 0.30.0": {URL: "{url}/api", KEY: "{key}"},
    "dpt, `dokploytools` 1.1.0": {"DOKPLOY_PROD_URL": "{url}", "DOKPLOY_PROD_KEY": "{key}"},
    "dokli 0.7.0": {
        "DOKLI_CONNECTIONS": '[{"name":"prod","url":"{url}","api_key":"{key}"}]',
    },
    "kctl-dokploy 0.18.5 (Python 3.12)": {
        "KCTL_DOKPLOY_URL": "{url}", "KCTL_DOKPLOY_API_KEY": "{key}",
        "KCTL_DOKPLOY_PROFILE": "prod",
    },
    "curl": {URL: "{url}", KEY: "{key}"},
    PULUMI: {"DOKPLOY_ENDPOINT": "{url}", KEY: "{key}"},
    "Terraform (ahmedali6, j0bIT, pompydev)": {
        "TF_VAR_host": "{url}/api", "TF_VAR_api_key": "{key}",
    },
    "MCP servers of apple-techie, several agent skills": {"DOKPLOY_API_URL": "{url}", KEY: "{key}"},
    "MCP server of wyattjoh": {URL: "{url}", "DOKPLOY_API_TOKEN": "{key}"},
    "MCP server of hl9020": {URL: "{url}/api", "DOKPLOY_TOKEN": "{key}"},
    "CLI of cgrdavies, MCP server of digitalhen": {URL: "{url}", "DOKPLOY_AUTH_TOKEN": "{key}"},
    "santikzz": {"DOKPLOY_BASE_URL": "{url}", "DOKPLOY_API_TOKEN": "{key}"},
    "LishuGupta652": {"DOKPLOY_HOST": "{url}", "DOKPLOY_API_TOKEN": "{key}"},
    "devpod": {"DOKPLOY_SERVER_URL": "{url}", "DOKPLOY_API_TOKEN": "{key}"},
}  # fmt: skip


def test_every_tool_of_the_page_is_here() -> None:
    assert [*TRIED, *NOT_TRIED] == list(READS)


@pytest.mark.parametrize("tool", READS)
def test_each_tool_gets_the_variables_that_it_reads(tool: str, prod: str, panel: StandIn) -> None:
    words = shlex.split({**TRIED, **NOT_TRIED}[tool])
    words = [*words[: words.index("--") + 1], sys.executable, "-c",
             "import json, os; print(json.dumps(dict(os.environ)))"]  # fmt: skip
    ran = subprocess.run(words, capture_output=True, text=True, check=True)
    environ = json.loads(ran.stdout)
    if "--read-only" in words:
        assert prod not in ran.stdout
        url, key = environ["DOKPLOY_URL"].removesuffix("/api"), environ["DOKPLOY_API_KEY"]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
    else:
        url, key = panel.url, prod
    for name, text in READS[tool].items():
        assert environ[name] == text.replace("{url}", url).replace("{key}", key)


def test_pulumis_sdk_reads_what_the_page_gives_it() -> None:
    (package,) = TOOLS.glob("lib/python3*/site-packages/pulumi_dokploy")
    read = re.findall(r"get_env\('(\w+)'", (package / "provider.py").read_text("utf-8"))
    assert set(read) == READS[PULUMI].keys()


def run(command: str, change: str = "", read: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of the page, its program's words `read` replaced by those of a `change`."""
    words = shlex.split(command)
    at = words.index("--") + 1
    if change:
        words[at:] = shlex.split(shlex.join(words[at:]).replace(read, change))
    path = f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words, capture_output=True, text=True, env={**os.environ, "PATH": path}, timeout=100
    )


# A change in place of the read that the page shows: (words of the read, of the change, procedure).
CHANGES = {
    "dokli 0.7.0": ("project all", """project create --body '{"name":"x"}'""", "project.create"),
}
if sys.platform == "linux" and platform.machine() == "x86_64":  # it is a binary for these alone
    CHANGES["dpt, `dokploytools` 1.1.0"] = (
        "projects prod", "svc deploy prod acme-api/web", "application.deploy",
    )  # fmt: skip
if sys.version_info >= (3, 12):
    CHANGES["kctl-dokploy 0.18.5 (Python 3.12)"] = (
        "projects list", "projects create --name x", "project.create",
    )  # fmt: skip


@pytest.mark.parametrize("tool", CHANGES)
def test_command_line_tools_read_and_are_refused_by_name(
    tool: str, prod: str, panel: StandIn, home: Path
) -> None:
    read, change, procedure = CHANGES[tool]
    panel.forget_requests()
    ran = run(TRIED[tool])
    assert (ran.returncode, "acme-api" in ran.stdout) == (0, True), ran.stderr
    refused = run(TRIED[tool], change, read)
    said = " ".join((refused.stdout + refused.stderr).split())  # some of them break lines
    assert refused.returncode != 0
    assert f"{procedure} is not allowed (read-only as prod)" in said
    assert {request.method for request in panel.requests} == {"GET"}
    assert all(request.key == prod for request in panel.requests)
    assert prod not in ran.stdout + ran.stderr + said
    others = [f for f in home.rglob("*") if f.is_file() and home / ".dokploy" not in f.parents]
    assert not [file for file in others if prod.encode() in file.read_bytes()]


def test_dokli_can_ask_dctx_for_the_key(prod: str, panel: StandIn, home: Path) -> None:
    command = re.search(r"`api_key_cmd: ([^`]+)`", PAGE)
    assert command
    text = command[1].replace("\n", " ")
    file = home / "dokli.yaml"
    file.write_text(
        f"connections:\n- name: prod\n  url: {panel.url}\n  api_key_cmd: {text}\n", "utf-8"
    )
    ran = subprocess.run([TOOLS / "bin" / "dokli", "api", "prod", "project", "all"], cwd=home,
                         capture_output=True, text=True, timeout=100)  # fmt: skip
    assert (ran.returncode, "acme-api" in ran.stdout) == (0, True), ran.stderr
    assert {request.key for request in panel.requests} == {prod}


def test_curl(prod: str) -> None:
    ran = run(TRIED["curl"])
    assert (ran.returncode, '"acme-api"' in ran.stdout) == (0, True)
