"""`dokploy … --applicationId @name`: by the shim, with the official CLI itself."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, Shell
from ..terminal import ENTER, Terminal

Dctx = Callable[..., Result]
Save = Callable[..., Path]
Dokploy = Callable[..., Result]
Ids = dict[str, str]
pytestmark = pytest.mark.usefixtures("shims")
DEPLOY = ("application", "deploy", "--applicationId")


def deployed(panel: StandIn) -> list[str]:
    return [row.id for row in panel.applications if row.deployments]


@pytest.mark.parametrize(
    ("name", "wanted", "says"),
    [
        ("worker", "worker", "@production/worker"),
        ("staging/shop-api", "staging/shop-api", "@staging/shop-api"),
        ("Acme Shop/production/shop-api", "production/shop-api", "@production/shop-api"),
    ],
)
def test_a_name_reaches_its_thing(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save, name: str, wanted: str, says: str
) -> None:
    profile(prod="Acme")
    ran = dokploy(*DEPLOY, f"@{name}")
    assert (ran.code, ran.err) == (0, f'dctx: {says} is {shop[wanted]} in "Acme Shop"\n')
    assert deployed(panel) == [shop[wanted]]
    asked = [seen.procedures for seen in panel.requests]
    assert asked == [("project.all",), ("application.deploy",)]
    ran = dokploy("application", "stop", f"--applicationId=@{name}", env={"DCTX_QUIET": "1"})
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["applicationId"] == shop[wanted]


@pytest.mark.parametrize("start", ["-V", "-h", "--", "-x"])
def test_an_id_that_looks_like_an_option(
    dokploy: Dokploy, panel: StandIn, profile: Save, start: str
) -> None:
    """The CLI takes -V… for --version and -h… for --help, wherever they stand."""
    profile(prod="Acme")
    project = panel.add_project(panel.organization("Acme"), "Acme Shop")
    service = panel.add_service(project, "worker", starts=start)
    ran = dokploy(*DEPLOY, "@worker")
    assert (ran.code, deployed(panel)) == (0, [service]), ran
    ran = dokploy("application", "stop", "--applicationId", service)
    assert (ran.code, json.loads(ran.out)["applicationId"]) == (0, service), ran


def test_names_of_several_kinds_at_once(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    ran = dokploy(
        *("postgres", "move", "--postgresId", "@db", "--targetEnvironmentId", "@Acme Shop/staging")
    )
    asked = [seen.procedures for seen in panel.requests]
    assert asked[:2] == [("project.all",), ("environment.byProjectId",)]
    sent = json.loads(panel.requests[-1].body)["json"]
    assert sent == {"postgresId": shop["db"], "targetEnvironmentId": shop["staging"]}
    assert ran.err.splitlines()[:2] == [
        f'dctx: @production/db is {shop["db"]} in "Acme Shop"',
        f'dctx: @staging is {shop["staging"]} in "Acme Shop"',
    ]


def test_no_such_name_and_several(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    ran = dokploy(*DEPLOY, "@wroker")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == (
        'dctx: application "wroker" not found. Did you mean "@Acme Shop/production/worker"?\n'
    )
    ran = dokploy(*DEPLOY, "@shop-api")
    assert (ran.code, ran.out) == (2, "")
    assert '"@Acme Shop/production/shop-api"' in ran.err
    assert '"@Acme Shop/staging/shop-api"' in ran.err
    assert dokploy(*DEPLOY, "@Worker").code == 3
    assert dokploy("compose", "one", "--composeId", "@worker").code == 3
    assert {seen.procedures for seen in panel.requests} == {("project.all",)}


def test_a_panel_that_cannot_be_asked(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    path = profile(prod="Acme")
    panel.fail_next("project.all", 403)
    assert dokploy(*DEPLOY, "@worker").code == 5
    panel.fail_next("server.all", 401)
    ran = dokploy("server", "one", "--serverId", "@Frankfurt")
    assert ran.code == 5
    path.write_text(path.read_text().replace(panel.key_of("Acme"), "x" * 64))
    ran = dokploy(*DEPLOY, "@worker")
    assert (ran.code, ran.out) == (5, "")
    assert "x" * 64 not in ran.err
    path.write_text(path.read_text().replace(panel.url, "http://127.0.0.1:9"))
    ran = dokploy(*DEPLOY, "@worker")
    assert ran.code == 5
    assert ran.err.startswith("dctx: cannot reach http://127.0.0.1:9")
    assert deployed(panel) == []


def test_what_is_no_name_is_passed_as_it_is(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    dokploy("notification", "test-telegram-connection", "--botToken", "b", "--chatId", "@channel",
            "--messageThreadId", "@x")  # fmt: skip
    assert json.loads(panel.requests[-1].body)["json"]["chatId"] == "@channel"
    ran = dokploy(*DEPLOY, "@@home", "--title", "@@title")
    assert ran.code == 1
    sent = json.loads(panel.requests[-1].body)["json"]
    assert sent == {"applicationId": "@home", "title": "@@title"}
    assert not any("project.all" in seen.procedures for seen in panel.requests)


def test_renamed_meanwhile(
    dokploy: Dokploy, dctx: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    """Blue becomes green: the name reaches what has it now, not what had it a second ago."""
    profile(prod="Acme")
    assert dctx("find").code == 0
    rows = {row.id: row for row in panel.applications}
    rows[shop["worker"]].name = "retired"
    rows[shop["production/shop-api"]].name = "worker"
    assert dokploy(*DEPLOY, "@worker").code == 0
    assert deployed(panel) == [shop["production/shop-api"]]
    assert dokploy(*DEPLOY, "@production/shop-api").code == 3


ODD = [
    "日本語",
    "a/b",
    "$(touch x)",
    "-lead",
    'it\'s "q"',
    "a  b",
    "@home",
    "x\\y",
    "*",
    "x\x1b[31m",
    "",
    "🚀 launch",
    "new\nline",
    "`touch x`",
    "--profile",
    "=",
    "%s",
]


@pytest.mark.parametrize("name", ODD)
def test_odd_names(dokploy: Dokploy, panel: StandIn, profile: Save, home: Path, name: str) -> None:
    project = panel.add_project(panel.organization("Acme"), "odd/project")
    id_ = panel.add_service(project, name)
    profile(prod="Acme")
    ran = dokploy(*DEPLOY, f"@odd/project/production/{name}")
    assert (ran.code, deployed(panel)) == (0, [id_])
    assert id_ in ran.err
    assert "\x1b" not in ran.err
    assert not (home / "x").exists()


def test_three_thousand(dokploy: Dokploy, panel: StandIn, profile: Save) -> None:
    acme = panel.organization("Acme")
    ids: list[str] = []
    for number in range(30):
        project = panel.add_project(acme, f"project-{number}")
        ids = [panel.add_service(project, f"service-{each}") for each in range(100)]
    profile(prod="Acme")
    assert dokploy(*DEPLOY, "@project-29/production/service-99").code == 0
    assert deployed(panel) == [ids[-1]]
    ran = dokploy(*DEPLOY, "@service-7")
    assert ran.code == 2
    assert "@service-7 is one of 30: " in ran.err
    assert len(ran.err) < 700


def test_a_name_that_is_the_id_of_another(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    project = panel.add_project(panel.organization("Acme"), "confusing")
    id_ = panel.add_service(project, shop["worker"])
    profile(prod="Acme")
    assert dokploy(*DEPLOY, f"@{shop['worker']}").code == 0
    assert deployed(panel) == [id_]
    assert dokploy(*DEPLOY, shop["worker"]).code == 0
    assert sorted(deployed(panel)) == sorted([id_, shop["worker"]])


def test_deleted_meanwhile(
    dokploy: Dokploy, dctx: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    assert dctx("find").code == 0
    panel._state.applications.pop(shop["worker"])
    ran = dokploy(*DEPLOY, "@worker")
    assert (ran.code, ran.out) == (3, "")
    assert shop["worker"] not in ran.err


class _Huge(BaseHTTPRequestHandler):
    """Answers 20 MB of JSON, whatever is asked."""

    def do_GET(self) -> None:
        body = b'[{"result":{"data":{"json":[' + b'"x",' * 5_000_000 + b'"x"]}}}]'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_answers_that_are_no_list(
    dokploy: Dokploy, dctx: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    path = profile(prod="Acme")
    panel.fail_next("project.all", 502)  # in HTML
    ran = dokploy(*DEPLOY, "@worker")
    assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
    panel.delay = 5
    assert dokploy(*DEPLOY, "@worker").code == 0
    panel.delay = 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Huge)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        path.write_text(path.read_text().replace(panel.url, url))
        ran = dokploy(*DEPLOY, "@worker")
        assert (ran.code, ran.out, ran.err.count("\n")) == (5, "", 1)
        assert dctx("_ids", "--", "--applicationId").out == ""
        assert dctx("find").code == 5
    finally:
        server.shutdown()
        server.server_close()


def test_each_way_to_a_panel(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save, home: Path
) -> None:
    profile(other="Globex", prod={"organization": "Acme", "headers": {"X-Gate": "open"}})
    assert dokploy(*DEPLOY, "@worker").code == 3
    assert dokploy(*DEPLOY, "@worker", "--profile", "prod").code == 0
    acme = panel.key_of("Acme")
    assert {seen.headers.get("x-gate") for seen in panel.requests if seen.key == acme} == {"open"}
    assert dokploy(*DEPLOY, "@worker", env={"DOKPLOY_PROFILE": "prod"}).code == 0
    pair: dict[str, str | None] = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": acme}
    shutil.rmtree(home / ".dokploy")
    assert dokploy(*DEPLOY, "@worker", env=pair).code == 0
    (home / ".env").write_text("".join(f"{name}={value}\n" for name, value in pair.items()))
    assert dokploy(*DEPLOY, "@worker").code == 0
    (row,) = [row for row in panel.applications if row.id == shop["worker"]]
    assert len(row.deployments) == 4


def test_what_the_cli_saved_itself(
    dokploy: Dokploy, panel: StandIn, shop: Ids, private_cli: Path, shims: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    ran = dokploy(*DEPLOY, "@worker")
    assert ran.code == 1
    saved = {"url": panel.url, "token": panel.key_of("Acme")}
    (private_cli / "config.json").write_text(json.dumps(saved))
    assert dokploy(*DEPLOY, "@worker").code == 0
    assert deployed(panel) == [shop["worker"]]


def test_a_vault_is_asked_once(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save, home: Path
) -> None:
    script = home / "vault"
    script.write_text(f"#!/bin/sh\necho x >>{home}/asked\necho {panel.key_of('Acme')}\n")
    script.chmod(0o700)
    profile(prod={"organization": "Acme", "token": None, "tokenCommand": [str(script)]})
    assert dokploy(*DEPLOY, "@worker").code == 0
    assert (home / "asked").read_text() == "x\n"


def test_a_protected_profile_is_asked_about_the_thing_by_name(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save, terminal: Callable[..., Terminal]
) -> None:
    profile(prod={"organization": "Acme", "protected": True})
    delete = ("application", "delete", "--applicationId", "@worker")
    ran = dokploy(*delete)
    assert ran.code == 6
    assert "run: dokploy application delete ... (@production/worker)" in ran.err
    assert any(row.name == "worker" for row in panel.applications)
    window = terminal(BASH, hook=False)
    window.type(f"dokploy {' '.join(delete)}{ENTER}")
    window.wait(lambda: "worker):" in window.said, "the question")
    window.key("prod" + ENTER)
    assert not any(row.name == "worker" for row in panel.applications)
    assert dokploy("project", "one", "--projectId", "@Acme Shop").code == 0


def test_exec_knows_names_without_the_shim(
    dctx: Dctx, panel: StandIn, shop: Ids, profile: Save, shims: Path
) -> None:
    profile(other="Globex", prod="Acme")
    path = os.environ["PATH"].replace(f"{shims}{os.pathsep}", "")
    ran = dctx("exec", "prod", "--", "dokploy", *DEPLOY, "@worker", env={"PATH": path})
    assert (ran.code, deployed(panel)) == (0, [shop["worker"]])
    assert dctx("exec", "prod", "--", "echo", "--applicationId", "@x").out == "--applicationId @x\n"
    assert dctx("exec", "prod", "--", "dokploy", *DEPLOY, "@nosuch", env={"PATH": path}).code == 3
    read = ("dokploy", "project", "one", "--projectId", "@Acme Shop")
    assert (
        shop["project"] in dctx("exec", "--read-only", "prod", "--", *read, env={"PATH": path}).out
    )
    # On all panels, each with an id of its own; one of them has none of that name.
    ran = dctx("exec", "--all", "--", "dokploy", *DEPLOY, "@worker", env={"PATH": path})
    assert ran.code == 3
    assert 'other: dctx: application "worker" not found' in ran.err
    (row,) = [row for row in panel.applications if row.id == shop["worker"]]
    assert len(row.deployments) == 2


def test_each_shell_and_make(
    any_shell: Shell, panel: StandIn, shop: Ids, profile: Save, home: Path
) -> None:
    profile(prod="Acme")
    line = "dokploy application deploy --applicationId '@staging/shop-api'"
    assert any_shell.run(line).code == 0
    (home / "Makefile").write_text(f"deploy:\n\t{line}\n")
    subprocess.run(["make", "-s", "deploy"], check=True, capture_output=True)
    (row,) = [row for row in panel.applications if row.id == shop["staging/shop-api"]]
    assert len(row.deployments) == 2


def test_without_a_name_no_core_runs(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save, dctx: Dctx, tmp_path: Path
) -> None:
    os.utime(profile(prod="Acme"), (1_700_000_000,) * 2)  # some shells know whole seconds alone
    dctx("sync")
    trace = tmp_path / "trace"

    def runs_core(*argv: str) -> bool:
        strace = ["strace", "-f", "-qq", "-e", "trace=execve", "-z", "-o", str(trace)]
        subprocess.run([*strace, "dokploy", *argv], check=True, capture_output=True)
        return '"_run"' in trace.read_text()

    assert not runs_core(*DEPLOY, shop["worker"])
    assert runs_core(*DEPLOY, "@worker")


def test_through_the_broker(dctx: Dctx, panel: StandIn, shop: Ids, profile: Save) -> None:
    profile(prod="Acme")
    line = "dokploy project one --projectId '@Acme Shop' && dctx find worker"
    ran = dctx("exec", "--read-only", "prod", "--", "sh", "-c", line)
    assert ran.code == 0, ran.err
    assert f'dctx: @"Acme Shop" is {shop["project"]}' in ran.err.replace('"@Acme', '@"Acme')
    assert shop["worker"] in ran.out
    refused = "dokploy application deploy --applicationId @worker"
    assert dctx("exec", "--read-only", "prod", "--", "sh", "-c", refused).code != 0
    assert deployed(panel) == []


def test_a_prompt_that_shows_another_default_is_refused_before_a_panel_is_asked(
    dokploy: Dokploy, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    ran = dokploy(*DEPLOY, "@worker", env={"_DCTX_SHOWN": f"{os.getpid()}:staging"})
    assert (ran.code, panel.requests) == (6, ())
    assert dokploy(*DEPLOY, "@worker", env={"_DCTX_SHOWN": f"{os.getpid()}:prod"}).code == 0
