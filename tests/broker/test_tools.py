"""Real programs through a broker: reads work, each change is refused by name, no key leaks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.shells import ROOT
from tests.standin import StandIn

MCP = ROOT / ".build" / "mcp" / "node_modules"
REFUSED = "project.create is not allowed (read-only as prod)"

PYTHON_CLIENT = """
import json, os, urllib.error, urllib.request as u

def ask(path, body=None):
    q = u.Request(os.environ["DOKPLOY_URL"] + path, data=body, headers={
        "x-api-key": os.environ["DOKPLOY_API_KEY"], "content-type": "application/json"})
    try:
        return u.urlopen(q).read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()

print(ask("/api/trpc/project.all"))
print(ask("/api/trpc/project.create", b'{"json":{"name":"x"}}'))
print(ask("/api/project.create", b'{"name":"x"}'))
"""
CURL = """
curl -sS -H "x-api-key: $DOKPLOY_API_KEY" "$DOKPLOY_URL/api/trpc/project.all"
curl -sS -H "x-api-key: $DOKPLOY_API_KEY" -H 'content-type: application/json' \\
    -d '{"json":{"name":"x"}}' "$DOKPLOY_URL/api/trpc/project.create"
"""


def through(*words: str, options: tuple[str, ...] = ("--read-only", "--log", "log")) -> str:
    """Return all that the command printed."""
    ran = subprocess.run(
        ["dctx", "exec", *options, "prod", *words], stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip
    return ran.stdout + ran.stderr


def check(text: str, key: str, panel: StandIn, home: Path) -> None:
    """The panel got reads alone, and the real key is in no output and no log."""
    assert key not in text
    assert key not in (home / "log").read_text()
    assert {request.method for request in panel.requests} == {"GET"}
    assert all(request.key == key for request in panel.requests)


@pytest.mark.parametrize(
    "words", [(sys.executable, "-c", PYTHON_CLIENT), ("sh", "-c", CURL)], ids=["python", "curl"]
)
def test_clients_of_http(words: tuple[str, ...], prod: str, panel: StandIn, home: Path) -> None:
    panel.forget_requests()
    text = through("--", *words)
    assert '"acme-api"' in text
    assert REFUSED in text
    check(text, prod, panel, home)


def test_the_official_cli(prod: str, panel: StandIn, home: Path, official_cli: Path) -> None:
    panel.forget_requests()
    script = (
        'eval "$(dctx init sh)"; dokploy project all;'
        " dokploy organization one --organizationId AcmeOrgId-00000000001;"
        " dokploy project create --name x; echo code $?; dokploy --profile prod project all"
    )
    text = through("--", "sh", "-c", script)
    assert text.count('"name": "acme-api"') == 2
    assert '"name": "Acme"' in text, "a bare input is completed"
    assert "code 1" in text
    assert text.count(f"dctx: {REFUSED}\n") == 1, "the CLI itself says no more than 403"
    check(text, prod, panel, home)
    log = [json.loads(line) for line in (home / "log").read_text().splitlines()]
    assert [row.get("procedure") for row in log].count("project.all") == 2, "--profile, too"
    assert ("project.create", False) in [(row.get("procedure"), row.get("allowed")) for row in log]


def test_the_official_cli_without_our_shim_says_why_too(
    prod: str, panel: StandIn, home: Path, official_cli: Path
) -> None:
    panel.forget_requests()
    text = through("--", "dokploy", "project", "create", "--name", "x")
    assert text.count(f"dctx: {REFUSED}\n") == 1
    assert list(panel.requests) == []


# Tools that print the reason phrase of an answer beside its number.
SAYS_REASON = {
    "urllib": """
import os, urllib.request as u
u.urlopen(u.Request(os.environ["DOKPLOY_URL"] + "/api/trpc/project.create", b"{}",
    headers={"x-api-key": os.environ["DOKPLOY_API_KEY"]}))
""",
    "httpx": """
import httpx, os
httpx.post(os.environ["DOKPLOY_URL"] + "/api/trpc/project.create", json={},
    headers={"x-api-key": os.environ["DOKPLOY_API_KEY"]}).raise_for_status()
""",
}


@pytest.mark.parametrize("client", SAYS_REASON)
def test_a_client_that_shows_the_reason_of_a_status_shows_ours(client: str, prod: str) -> None:
    text = through("--", sys.executable, "-c", SAYS_REASON[client])
    assert f"refused by dctx: {REFUSED}" in text


def test_the_official_cli_with_another_profile_is_refused(
    prod: str, config: Callable[..., Path], panel: StandIn, official_cli: Path
) -> None:
    row = {"url": panel.url, "token": prod}
    config(prod=row, other=row)
    panel.forget_requests()
    script = 'eval "$(dctx init sh)"; dokploy --profile other project all; echo code $?'
    text = through("--", "sh", "-c", script)
    assert "this command runs read-only as prod" in text
    assert "code 6" in text
    assert list(panel.requests) == []


class Mcp:
    """An MCP server over stdio, spoken to in JSON-RPC."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.number = 0
        self.heard = ""
        hello = {"protocolVersion": "2024-11-05", "capabilities": {}}
        self.call("initialize", {**hello, "clientInfo": {"name": "test", "version": "1"}})
        self.send({"method": "notifications/initialized"})

    def send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.process.stdin.flush()

    def call(self, method: str, params: dict[str, Any]) -> Any:
        """Return the result of a call."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.heard += line
            message = json.loads(line)
            if message.get("id") == self.number:
                return message["result"]
        raise AssertionError(f"no answer to {method}: {self.end()}")

    def tool(self, tool: str, /, **arguments: Any) -> tuple[bool, str]:
        """Return whether a tool failed, and its text."""
        result = self.call("tools/call", {"name": tool, "arguments": arguments})
        return bool(result.get("isError")), result["content"][0]["text"]

    def end(self) -> str:
        """Close it; returns its stderr."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stderr is not None
        assert self.process.stdout is not None
        with self.process.stderr, self.process.stdout:
            return self.process.stderr.read()


API = ("-e", "DOKPLOY_URL={url}/api")


@pytest.mark.parametrize(
    ("package", "file", "tool", "options", "said"),
    [
        ("@dokploy/mcp", "build/index.js", "project-{}", (), "status code 403"),
        ("@ahdev/dokploy-mcp", "build/index.js", "project-{}", API, "status code 403"),
        ("@jarciahdz111/dokploy-mcp", "dist/index.js", "dokploy_project_{}", API, REFUSED),
    ],
    ids=["official", "ahdev", "jarciahdz111"],
)
def test_mcp_servers(
    package: str,
    file: str,
    tool: str,
    options: tuple[str, ...],
    said: str,
    prod: str,
    panel: StandIn,
    home: Path,
) -> None:
    panel.forget_requests()
    exec_ = ("dctx", "exec", "--read-only", "--log", "log", "prod", *options, "--")
    server = Mcp(*exec_, "node", str(MCP / package / file))
    failed, text = server.tool(tool.format("all"))
    assert not failed, text
    assert "acme-api" in text
    failed, text = server.tool(tool.format("create"), name="x")
    assert failed
    assert said in text
    heard = server.heard + server.end()
    check(heard, prod, panel, home)
    log = [json.loads(line) for line in (home / "log").read_text().splitlines()]
    refused = [row["procedure"] for row in log if row.get("allowed") is False]
    assert refused == ["project.create"]


def test_reading_and_writing_back_wipes_no_secret(prod: str, panel: StandIn, home: Path) -> None:
    """What agents do: read the environment, add a line, and save everything."""
    script = (
        PYTHON_CLIENT.partition("print(ask")[0]
        + """
found = json.loads(ask("/api/trpc/project.all"))["result"]["data"]["json"][0]
app = found["environments"][0]["applications"][0]["applicationId"]
body = json.dumps({"json": {"applicationId": app, "env": "A=[masked-by-dctx]\\nB=2"}}).encode()
print(ask("/api/trpc/application.saveEnvironment", body))
"""
    )
    panel.forget_requests()
    text = through("--", sys.executable, "-c", script, options=("--allow", "application.*"))
    assert "this would write a masked value; run with --show-secrets" in text
    assert {request.method for request in panel.requests} == {"GET"}


TEMPLATES = ("-e", "A={url}/api", "-e", "B={key}|{profile}|{org}|{org_id}", "-e", 'C={"a":{}}')


def test_templates_give_each_tool_its_own_names(prod: str, panel: StandIn) -> None:
    script = ("--", "sh", "-c", 'echo "$A $B $C $DOKPLOY_API_KEY"')
    ran = subprocess.run(
        ["dctx", "exec", *TEMPLATES, "prod", *script], capture_output=True, text=True
    )
    assert ran.stdout == f'{panel.url}/api {prod}|prod|Acme|o1 {{"a":{{}}}} {prod}\n'
    url, values, braces, own = through(*TEMPLATES, *script).split()
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/api")
    assert panel.url not in url
    assert values == f"{own}|prod|Acme|o1"
    assert braces == '{"a":{}}'


@pytest.mark.parametrize("text", ["A", "=x", "1A=x", "A={nosuch}", "A={Url}", "_DCTX_X=1", ""])
def test_what_is_no_template_is_a_usage_error(prod: str, text: str) -> None:
    ran = subprocess.run(
        ["dctx", "exec", "-e", text, "prod", "--", "true"], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)


def test_exec_keeps_the_users_own_variables(prod: str) -> None:
    env = {**os.environ, "DOKPLOY_APP_ID": "a1", "DOKPLOY_TOOL_PRESET": "all", "DOKPLOY_TOKEN": "t",
           "DOKPLOY_ENDPOINT": "https://other", "DOKPLOY_AUTH_TOKEN": "t"}  # fmt: skip
    ran = subprocess.run(
        ["dctx", "exec", "prod", "--", "env"], capture_output=True, text=True, env=env
    )
    seen = dict(line.partition("=")[::2] for line in ran.stdout.splitlines())
    assert (seen["DOKPLOY_APP_ID"], seen["DOKPLOY_TOOL_PRESET"]) == ("a1", "all")
    assert not seen.keys() & {"DOKPLOY_TOKEN", "DOKPLOY_ENDPOINT", "DOKPLOY_AUTH_TOKEN"}


@pytest.mark.parametrize("name", ["url", "key", "org", "org-id"])
def test_one_value_alone(prod: str, panel: StandIn, name: str) -> None:
    ran = subprocess.run(
        ["dctx", "env", "prod", "--get", name], capture_output=True, text=True, check=True
    )
    values = {"url": panel.url, "key": prod, "org": "Acme", "org-id": "o1"}
    assert (ran.stdout, ran.stderr) == (values[name] + "\n", "")


def test_a_key_alone_wants_the_name_of_a_protected_profile(
    config: Callable[..., Path], panel: StandIn
) -> None:
    key = panel.key_of("Acme")
    config(prod={"url": panel.url, "token": key, "protected": True})
    words = ["dctx", "env", "prod", "--get", "key"]
    ran = subprocess.run(words, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (6, "")
    env = {**os.environ, "DCTX_YES": "prod"}
    assert subprocess.run(words, capture_output=True, text=True, env=env).stdout == key + "\n"


def test_the_profiles_headers_reach_the_panel_alone(
    config: Callable[..., Path], panel: StandIn, home: Path
) -> None:
    headers = {"CF-Access-Client-Secret": "s3cret-of-the-proxy"}
    config(prod={"url": panel.url, "token": panel.key_of("Acme"), "headers": headers})
    panel.forget_requests()
    text = through("--", sys.executable, "-c", PYTHON_CLIENT + "\nprint(dict(os.environ))")
    assert '"acme-api"' in text
    assert "s3cret-of-the-proxy" not in text
    assert [r.headers["cf-access-client-secret"] for r in panel.requests] == ["s3cret-of-the-proxy"]
