"""The broker's process: it belongs to one command, ends with it, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.broker.mark import check
from dokploy_ctx.broker.run import _until_gone
from dokploy_ctx.broker.totals import Totals
from dokploy_ctx.commands.shared.broker_options import seconds
from dokploy_ctx.constants import BROKER, SEPARATOR
from dokploy_ctx.errors import Refused, UsageError
from tests.shells import HOOKED
from tests.standin import StandIn
from tests.terminal import CTRL_C, Terminal

from .brokered import Brokered, listeners, until

ASKS = (
    "import os, sys, urllib.request as u\n"
    "q = u.Request(os.environ['DOKPLOY_URL'] + '/api/trpc/project.all',"
    " headers={'x-api-key': os.environ['DOKPLOY_API_KEY']})\n"
    "print(u.build_opener(u.ProxyHandler({})).open(q).status)\n"
)
CTRL_Z = "\x1a"
BASH = next(shell for shell in HOOKED if shell.name == "bash")


def run(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["dctx", *words],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        **more,
    )


@pytest.mark.parametrize("code", [0, 7, 130])
def test_exit_code_is_the_commands_own(prod: str, code: int) -> None:
    assert run("exec", "--read-only", "prod", "--", "sh", "-c", f"exit {code}").returncode == code


def test_death_by_a_signal_is_passed_on(prod: str) -> None:
    ran = run("exec", "--read-only", "prod", "--", "sh", "-c", "kill -TERM $$")
    assert ran.returncode == -signal.SIGTERM


def test_the_command_can_read_and_has_neither_key_nor_profile(
    brokered: Callable[..., Brokered], prod: str, panel: StandIn
) -> None:
    broker = brokered(
        "--read-only",
        env={"MY_COPY": f"x{prod}y", "DOKPLOY_TOKEN": "t", "DOKPLOY_2_API_TOKEN": "t",
             "DOKPLOY_ENDPOINT": panel.url, "DOKPLOY_TOOL_PRESET": "all", "DOKPLOY_APP_ID": "a1",
             "no_proxy": "a.example", "https_proxy": "http://127.0.0.1:9"},
    )  # fmt: skip
    environ = broker.environ
    assert not [name for name, value in environ.items() if prod in value]
    assert environ["DOKPLOY_URL"].startswith("http://127.0.0.1:")
    assert len(environ["DOKPLOY_API_KEY"]) == 64
    gone = {
        "MY_COPY",
        "DOKPLOY_TOKEN",
        "DOKPLOY_2_API_TOKEN",
        "DOKPLOY_ENDPOINT",
        "DOKPLOY_PROFILE",
    }
    assert not gone & environ.keys()
    assert (environ["DOKPLOY_TOOL_PRESET"], environ["DOKPLOY_APP_ID"]) == ("all", "a1")
    assert environ["no_proxy"] == environ["NO_PROXY"] == "a.example,127.0.0.1,localhost"
    assert broker.ask("GET /api/trpc/organization.active")[0] == 200


def test_the_key_is_in_no_argument_and_no_environment_of_the_broker(
    brokered: Callable[..., Brokered], prod: str
) -> None:
    broker = brokered("--read-only")
    assert broker.ask("GET /api/trpc/organization.active")[0] == 200
    (pid,) = broker.brokers()
    for name in ("cmdline", "environ"):
        assert prod.encode() not in Path(f"/proc/{pid}/{name}").read_bytes()
    assert Path(f"/proc/{pid}/cwd").resolve() == Path("/")
    # It is a session of its own, has no terminal, and is not a child of the command.
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    assert int(words[3]) != os.getsid(broker.process.pid)
    assert words[4] == "0"
    assert int(words[1]) not in (broker.process.pid, os.getpid())


@pytest.mark.parametrize("how", ["ends", "is killed"])
def test_the_broker_ends_with_its_command(brokered: Callable[..., Brokered], how: str) -> None:
    broker = brokered("--read-only")
    assert until(lambda: bool(broker.brokers()))
    if how == "ends":
        broker.end()
    else:
        broker.process.kill()
        broker.process.wait()
    assert until(lambda: not broker.brokers())
    with pytest.raises(ConnectionError):
        broker.ask("GET /api/trpc/project.all")


def test_the_end_of_a_command_is_seen_where_the_system_has_no_handle_of_a_process() -> None:
    """Linux before 5.3."""
    with subprocess.Popen(["sleep", "0.5"]) as process:
        threading.Thread(target=process.wait).start()
        asyncio.run(_until_gone(process.pid, -1))
        assert process.poll() == 0


def test_the_line_at_the_end_counts() -> None:
    totals = Totals()
    assert totals.text("prod") == ""
    totals.requests = 1
    assert totals.text("prod") == "dctx: prod: 1 request"
    totals.masked += 1
    assert totals.text("prod") == "dctx: prod: 1 request, secrets masked in 1 answer"
    totals.requests += 1
    totals.refuse(("a.b",))
    assert totals.text("prod") == (
        "dctx: prod: 2 requests, 1 refused (a.b), secrets masked in 1 answer"
    )


def test_a_killed_broker_ends_what_the_command_may_do_and_not_the_command(
    brokered: Callable[..., Brokered],
) -> None:
    broker = brokered("--read-only")
    assert broker.ask("GET /api/trpc/organization.active")[0] == 200
    (pid,) = broker.brokers()
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: not broker.brokers())
    with pytest.raises(ConnectionError):
        broker.ask("GET /api/trpc/organization.active")
    assert broker.process.poll() is None
    broker.end()
    assert broker.process.returncode == 0


def test_signals_of_the_terminal_do_not_reach_the_broker(brokered: Callable[..., Brokered]) -> None:
    broker = brokered("--read-only")
    assert broker.ask("GET /api/trpc/organization.active")[0] == 200
    (pid,) = broker.brokers()
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP, signal.SIGHUP):
        os.kill(pid, number)
    assert broker.ask("GET /api/trpc/organization.active")[0] == 200


def test_time_is_up(brokered: Callable[..., Brokered], panel: StandIn) -> None:
    broker = brokered("--for", "1s")
    time.sleep(1.1)
    panel.forget_requests()
    status, answer = broker.ask("GET /api/trpc/organization.active")
    assert (status, b"time is up" in answer) == (403, True)
    assert list(panel.requests) == []
    broker.end()
    assert broker.process.returncode == 0


@pytest.mark.parametrize(
    ("text", "value"), [("90s", 90), ("30m", 1800), ("8h", 28800), ("1d", 86400)]
)
def test_times(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "0s", "1w", "1h30m", "9999999d"])
def test_what_is_no_time_is_a_usage_error(prod: str, text: str) -> None:
    with pytest.raises(UsageError):
        seconds(text)
    ran = run("exec", f"--for={text}", "prod", "--", "true")
    assert (ran.returncode, ran.stdout) == (2, "")


def test_the_log_has_a_line_per_request_without_key_or_body(
    brokered: Callable[..., Brokered], home: Path, prod: str
) -> None:
    broker = brokered("--allow", "project.create", "--log", "audit.jsonl")
    broker.ask("GET /api/trpc/project.all")
    broker.ask("POST /api/trpc/project.create", b'{"json":{"name":"private-name"}}')
    broker.ask("POST /api/trpc/project.remove", b'{"json":{"projectId":"private-name"}}')
    broker.end()
    log = home / "audit.jsonl"
    assert until(lambda: "summary" in log.read_text())
    text = log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert "private-name" not in text
    assert prod not in text
    assert broker.key not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["procedure"], line["allowed"], line["status"]) for line in lines[:3]] == [
        ("project.all", True, 200), ("project.create", True, 200), ("project.remove", False, 403),
    ]  # fmt: skip
    assert "1 refused (project.remove)" in lines[3]["summary"]
    run("exec", "--log", "audit.jsonl", "prod", "--", sys.executable, "-c", ASKS)
    assert until(lambda: log.read_text().count("summary") == 2), "a second run appends"


@pytest.mark.parametrize("path", ["missing/audit.jsonl", ".", "link"])
def test_a_log_that_cannot_be_written_is_one_line_and_nothing_runs(
    prod: str, home: Path, path: str
) -> None:
    (home / "link").symlink_to(home / "elsewhere")
    ran = run("exec", "--log", path, "prod", "--", "echo", "ran")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("dctx: ")
    assert len(ran.stderr.splitlines()) == 1
    assert not (home / "elsewhere").exists()


def test_what_is_allowed_is_said_first(prod: str) -> None:
    ran = run("exec", "--allow", "application.deploy", "--allow", "compose.*", "prod", "--", "true")
    assert (ran.returncode, ran.stderr) == (
        0,
        "dctx: allowed as prod: reads, application.deploy, compose.*\n",
    )
    assert run("exec", "--read-only", "prod", "--", "true").stderr == ""


def test_a_protected_profile_asks_for_more_than_reads_alone(
    config: Callable[..., Path], panel: StandIn
) -> None:
    config(prod={"url": panel.url, "token": panel.key_of("Acme"), "protected": True})
    for options in (["--read-only"], ["--for", "1m"], ["--log", "l"]):
        ran = run("exec", *options, "prod", "--", sys.executable, "-c", ASKS)
        assert (ran.returncode, ran.stdout) == (0, "200\n"), ran.stderr
    for options in (["--allow", "project.create"], ["--show-secrets"]):
        ran = run("exec", *options, "prod", "--", "true")
        assert ran.returncode == 6
        assert "prod is protected" in ran.stderr
        env = {**os.environ, "DCTX_YES": "prod"}
        assert run("exec", *options, "prod", "--", "true", env=env).returncode == 0


def test_saved_access_is_the_widest_there_is(
    config: Callable[..., Path], panel: StandIn, official_cli: Path, data_home: Path
) -> None:
    config(prod={"url": panel.url, "token": panel.key_of("Acme")})
    said = run("protect", "--read-only", "prod").stderr
    assert "read-only" in said
    env = {**os.environ, "DCTX_YES": "prod"}
    ran = run("exec", "prod", "--", sys.executable, "-c", ASKS, env=env)
    assert (ran.returncode, ran.stdout) == (0, "200\n"), ran.stderr
    for options in (["--allow", "*"], ["--show-secrets"]):
        ran = run("exec", *options, "prod", "--", "true", env=env)
        assert (ran.returncode, "read-only" in ran.stderr) == (6, True)
    ran = run("_run", "--", "dokploy", "project", "create", "--name", "x", env=env)
    assert (ran.returncode, "read-only" in ran.stderr) == (6, True)
    for kind in ("json", "dotenv"):
        assert run("env", "prod", "--shell", kind, env=env).returncode == 6
    assert run("unprotect", "prod").returncode == 6, "asks for the name"
    assert run("unprotect", "prod", env=env).returncode == 0
    assert run("exec", "prod", "--", "sh", "-c", 'echo "$DOKPLOY_URL"').stdout.strip() == panel.url


def test_inside_dctx_gives_no_key(prod: str) -> None:
    words = ["env prod", "env prod --shell json", "exec prod -- env", "exec --all -- env", "auth x",
             "use prod", "rotate prod", "remove prod", "off", "switch prod", "prod",
             "export"]  # fmt: skip
    script = "\n".join(f"dctx {line}; echo $?" for line in words)
    ran = run("exec", "--read-only", "prod", "--", "bash", "-c", script)
    assert ran.stdout.split() == ["6"] * len(words), ran.stderr
    assert all("this command runs read-only as prod" in line for line in ran.stderr.splitlines())
    script = "dctx current; dctx list -q; dctx --version >/dev/null; dctx help >/dev/null; echo $?"
    ran = run("exec", "--read-only", "prod", "--", "bash", "-c", script)
    assert (ran.stdout.split(), ran.stderr) == (["prod", "prod", "0"], "")


def test_without_a_mark_every_command_works() -> None:
    check({}, ["use", "prod"])
    with pytest.raises(Refused, match="runs read-only as prod"):
        check({BROKER: SEPARATOR.join(("prod", "prod", "read-only"))}, ["use", "prod"])


HELPED = ["exec prod --help", "exec prod -- env --help", "exec prod -- sh -c env -h",
          "env prod --get key -h x",
          "_run -- env -h", "exec -e A={key} prod -- sh -c env --help"]  # fmt: skip


@pytest.mark.parametrize("words", HELPED)
def test_a_word_that_asks_for_help_opens_no_door(prod: str, words: str) -> None:
    ran = run("exec", "--read-only", "prod", "--", "bash", "-c", f"dctx {words}")
    assert prod not in ran.stdout + ran.stderr
    if not words.startswith("_run"):  # by the shim, which has the command's environment
        assert (ran.returncode, ran.stdout) == (6, "")


def test_help_and_what_is_active_are_answered_inside(prod: str, panel: StandIn) -> None:
    for words in ("exec --help", "orgs -h", "orgs add --help", "help exec"):
        ran = run("exec", "--read-only", "prod", "--", "bash", "-c", f"dctx {words}")
        assert (ran.returncode, ran.stderr) == (0, ""), words
        assert ran.stdout
    script = 'echo "$DOKPLOY_URL"; DOKPLOY_PROFILE=other dctx current --json'
    for option, access in (("--read-only", "read-only"), ("--allow=project.create", "limited")):
        ran = run("exec", option, "prod", "--", "bash", "-c", script)
        url, _, text = ran.stdout.partition("\n")
        found = json.loads(text)
        assert (found["profile"], found["url"], found["access"]) == ("prod", url, access)
        assert found["organization"] == {"id": "o1", "name": "Acme"}
    ran = run("current", "--json")
    assert json.loads(ran.stdout)["access"] is None


def test_many_profiles_have_a_broker_each(config: Callable[..., Path], panel: StandIn) -> None:
    keys = [panel.key_of("Acme"), panel.key_of("Globex")]
    config(a={"url": panel.url, "token": keys[0]}, b={"url": panel.url, "token": keys[1]})
    ran = run("exec", "--read-only", "--all", "--", sys.executable, "-c", ASKS)
    assert (ran.returncode, sorted(ran.stdout.splitlines())) == (0, ["a: 200", "b: 200"]), (
        ran.stderr
    )
    ran = run("exec", "--read-only", "--all", "--", "env")
    assert not [key for key in keys if key in ran.stdout]


def test_a_panel_that_is_gone_is_said_so(config: Callable[..., Path], panel: StandIn) -> None:
    config(prod={"url": "http://127.0.0.1:9", "token": "k" * 64})
    script = ASKS.replace("print(", "import urllib.error\ntry:\n  print(").rstrip() + (
        "\nexcept urllib.error.HTTPError as e:\n  print(e.code, e.read().decode())\n"
    )
    ran = run("exec", "--read-only", "prod", "--", sys.executable, "-c", script)
    assert ran.stdout.startswith("502 ")
    assert "cannot be reached" in ran.stdout


@pytest.fixture
def term(prod: str, terminal: Callable[..., Terminal]) -> Terminal:
    return terminal(BASH, hook=False, columns=200)


def port_on(term: Terminal) -> int:
    """Return the broker's port, as the command printed it."""
    term.wait(lambda: re.search(r"port http://127\.0\.0\.1:\d+$", term.screen, re.M) is not None)
    return int(re.findall(r"port http://127\.0\.0\.1:(\d+)$", term.screen, re.M)[-1])


def test_ctrl_c_reaches_the_command_alone(term: Terminal) -> None:
    term.type("dctx exec --read-only prod -- sh -c 'echo port $DOKPLOY_URL; exec sleep 100'\r")
    port = port_on(term)
    term.key(CTRL_C)
    assert term.line("echo code $?") == "code 130"
    assert until(lambda: not listeners(port))


def test_ctrl_z_and_fg(term: Terminal) -> None:
    script = "echo port $DOKPLOY_URL; read -r line; echo got $line; exit 4"
    term.type(f"dctx exec --read-only prod -- sh -c '{script}'\r")
    port = port_on(term)
    term.key(CTRL_Z)
    assert "Stopped" in term.screen
    assert listeners(port), "a stopped command keeps its broker"
    term.type("fg\r")
    term.wait(lambda: term.screen.rstrip().endswith("exit 4'"), "the command in the foreground")
    term.type("more\r")
    term.wait(lambda: "got more" in term.screen)
    term.wait(lambda: term.at_prompt)
    assert term.line("echo code $?") == "code 4"
    assert until(lambda: not listeners(port))


def test_a_shell_of_yours_and_suspend_in_it(term: Terminal) -> None:
    term.type("dctx exec --read-only prod\r")
    term.wait(lambda: term.marks > 1 and term.at_prompt, "the inner shell's prompt")
    term.line("echo port $DOKPLOY_URL")
    port = port_on(term)
    term.key("suspend\r")
    assert "Stopped" in term.screen
    term.key("fg\r")
    assert term.line("echo again $((7 * 7))") == "again 49"
    term.key("exit 3\r")
    assert term.line("echo code $?") == "code 3"
    assert until(lambda: not listeners(port))


def test_a_closed_terminal_leaves_nothing(term: Terminal) -> None:
    term.type("dctx exec --read-only prod -- sh -c 'echo port $DOKPLOY_URL; exec sleep 100'\r")
    port = port_on(term)
    term.close()
    assert until(lambda: not listeners(port))


def test_the_line_at_the_end_where_the_terminal_is_still_the_commands(
    term: Terminal, home: Path
) -> None:
    (home / "ask.py").write_text(ASKS)
    term.line(f"bash -c 'dctx exec --read-only prod -- {sys.executable} ask.py; sleep 1'")
    assert "dctx: prod read-only: 1 request" in term.screen
