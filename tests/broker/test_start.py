"""A broker starts wherever its command does, and keeps neither's files open."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.broker import start
from tests.standin import StandIn

from .brokered import Brokered, until
from .test_process import ASKS, run

ASK = ("--", sys.executable, "-c", ASKS)


def files_of(pid: int) -> set[str]:
    return {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()}


def test_where_the_caller_ignores_its_children(prod: str) -> None:
    ran = run("exec", "--read-only", "prod", *ASK,
              preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "200\n", "")


def test_a_broker_holds_no_file_of_the_callers_and_the_command_none_of_the_brokers(
    prod: str, home: Path
) -> None:
    """A lock or pipe that the broker also held would stay after the command."""
    (home / "lock").write_text("")
    script = (
        "import os, glob, json, sys\n"
        "def files(pid): return sorted(os.readlink(f) for f in glob.glob(f'/proc/{pid}/fd/*')\n"
        "                              if os.path.lexists(f))\n"
        f"{ASKS}"
        "def words(pid):\n"
        "    try: return open(f'/proc/{pid}/cmdline', 'rb').read()\n"
        "    except OSError: return b''\n"
        "own = [pid for pid in os.listdir('/proc') if b'dokploy_ctx.broker' in words(pid)]\n"
        "print(json.dumps({'mine': files('self'), 'brokers': {p: files(p) for p in own}}))\n"
    )
    opened = " ".join(f"{number}<lock" for number in range(3, 10))
    words = ["sh", "-c", f'exec {opened}; exec "$@"', "sh", "dctx", "exec", "--read-only"]
    words += ["--log", "audit", "prod", "--", sys.executable, "-c", script]
    ran = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = json.loads(ran.stdout.splitlines()[-1])
    path = str(home / "lock")
    assert path in found["mine"], "the command keeps what it was given"
    assert not [name for name in found["mine"] if "socket" in name or "pidfd" in name]
    assert str(home / "audit") not in found["mine"]
    mine = [names for names in found["brokers"].values() if str(home / "audit") in names]
    assert len(mine) == 1
    assert path not in mine[0]


def test_a_command_that_does_not_exist_leaves_no_broker(prod: str) -> None:
    for word, code in (("no-such-command", 127), ("/etc/hosts", 126)):
        ran = run("exec", "--read-only", "--log", "audit", "prod", "--", word)
        assert (ran.returncode, len(ran.stderr.splitlines())) == (code, 1)
        assert until(lambda: not _holders(Path("audit")))


def _holders(path: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and entry.name != str(os.getpid()):
            try:
                names = files_of(int(entry.name))
            except OSError:
                continue
            if str(path.resolve()) in names:
                found.append(entry.name)
    return found


@pytest.mark.parametrize("broken", ["fork", "program", "library"])
def test_where_no_broker_can_be_had_nothing_runs(
    broken: str, prod: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real core, on a machine on which one thing is missing."""
    break_it = {
        "fork": "import os; real = os.fork\ndef fork():\n"
        "    if fork.done: raise OSError(11, 'No')\n    fork.done = True; return real()\n"
        "fork.done = False; os.fork = fork",
        "program": "import sys; sys.executable = '/nonexistent/python'",
        "library": "import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'aiohttp' else real(name, *a)",
    }[broken]
    code = f"{break_it}\nfrom dokploy_ctx.cli import main\nmain()"
    words = ["exec", "--read-only", "prod", "--", "echo", "ran"]
    ran = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("dctx: ")
    assert len(ran.stderr.splitlines()) == 1


def test_a_terminal_without_a_name_costs_the_line_at_the_end_alone(prod: str) -> None:
    """As in a container that has no /dev/pts of its own."""
    code = (
        "import os\ndef ttyname(number): raise OSError(19, 'No such device')\n"
        "os.isatty = lambda number: number == 2\nos.ttyname = ttyname\n"
        "from dokploy_ctx.cli import main\nmain()"
    )
    words = [sys.executable, "-c", code, "exec", "--read-only", "prod", *ASK]
    ran = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "200\n", "")


LISTENS = """
import os
port = f":{int(os.environ['DOKPLOY_URL'].rpartition(':')[2]):04X}"
for name in ("tcp", "tcp6"):
    with open(f"/proc/net/{name}") as file:
        for row in map(str.split, file):
            if row[1].endswith(port) and row[3] == "0A":
                print(row[1].removesuffix(port))
"""


def test_the_broker_listens_on_loopback_alone(prod: str) -> None:
    ran = run("exec", "--read-only", "prod", "--", sys.executable, "-c", LISTENS)
    assert (ran.returncode, ran.stdout) == (0, "0100007F\n"), ran.stderr


@pytest.mark.parametrize("why", ["del os.pidfd_open", "os.pidfd_open = lambda pid: os.open('', 0)"])
def test_a_system_without_pidfd_has_a_broker_that_ends(prod: str, why: str) -> None:
    """As macOS, or a Linux before 5.3."""
    code = f"import os; {why}\nfrom dokploy_ctx.cli import main\nmain()"
    words = [sys.executable, "-c", code, "exec", "--read-only", "--log", "audit"]
    words += ["prod", "--", "cat"]
    ran = subprocess.run(words, capture_output=True, text=True, input="typed")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "typed", "")
    assert until(lambda: not _holders(Path("audit")))


def test_no_variable_holds_the_key_in_another_spelling(
    config: Callable[..., Path], panel: StandIn
) -> None:
    key = panel.key_of("Acme")
    headers = {"X-Tenant": "production", "CF-Access-Client-Secret": "secret-of-the-access-proxy"}
    config(prod={"url": panel.url, "token": key, "headers": headers})
    basic = base64.b64encode(f"me:{key}".encode()).decode()
    env = {**os.environ, "AUTH": f"Basic {basic}", "HEX": key.encode().hex(), "STAGE": "production",
           "HEADER": "CF-Access-Client-Secret: secret-of-the-access-proxy"}  # fmt: skip
    ran = run("exec", "--read-only", "prod", "--", "env", env=env)
    names = {line.partition("=")[0] for line in ran.stdout.splitlines()}
    assert not names & {"AUTH", "HEX", "HEADER"}
    assert "STAGE" in names, "a word of a header is a word of others"


def test_the_answer_to_our_question_stays_out_of_the_command(
    config: Callable[..., Path], panel: StandIn
) -> None:
    config(prod={"url": panel.url, "token": panel.key_of("Acme"), "protected": True})
    env = {**os.environ, "DCTX_YES": "prod"}
    for which in (["prod"], ["--all"]):
        options = ["--allow", "project.create", *which, "--", "sh", "-c", 'echo "[$DCTX_YES]"']
        assert "[]" in run("exec", *options, env=env).stdout


def test_the_users_variables_for_python_reach_the_command(prod: str) -> None:
    env = {**os.environ, "PYTHONPATH": "/nonexistent", "PYTHONHASHSEED": "5"}
    ran = run("exec", "--read-only", "prod", "--", "env", env=env)
    assert {"PYTHONPATH=/nonexistent", "PYTHONHASHSEED=5"} <= set(ran.stdout.splitlines())


def test_without_a_home_and_with_few_files(prod: str, home: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "HOME"}
    env["DOKPLOY_CONFIG_DIR"] = str(home / ".dokploy")
    words = ["sh", "-c", 'ulimit -S -n 12; exec "$@"', "sh", "dctx", "exec", "--read-only", "prod"]
    ran = subprocess.run([*words, *ASK], capture_output=True, text=True, env=env)
    assert (ran.returncode, ran.stdout) == (0, "200\n"), ran.stderr


def test_idle_connections_beyond_the_callers_limit_stop_no_request(prod: str) -> None:
    script = (
        "import os, socket\nport = int(os.environ['DOKPLOY_URL'].rpartition(':')[2])\n"
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (500, 4096))\n"
        "idle = [socket.create_connection(('127.0.0.1', port)) for _ in range(120)]\n"
    )
    words = ["sh", "-c", 'ulimit -S -n 64; exec "$@"', "sh", "dctx", "exec", "--read-only", "prod"]
    ran = subprocess.run([*words, "--", sys.executable, "-c", script + ASKS.replace("open(q)",
                         "open(q, timeout=20)")], capture_output=True, text=True)  # fmt: skip
    assert (ran.returncode, ran.stdout) == (0, "200\n"), ran.stderr


def test_many_brokers_at_once_mix_nothing_up(brokered: Callable[..., Brokered]) -> None:
    started = [brokered("--read-only") for _ in range(4)]
    assert len({broker.key for broker in started} | {broker.url for broker in started}) == 8
    for broker in started:
        assert broker.ask("GET /api/trpc/organization.active")[0] == 200
        assert broker.ask("GET /api/trpc/organization.active", x_api_key=started[-1].key)[0] == (
            200 if broker is started[-1] else 401
        )


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, ""),
        ({"https_proxy": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128"}, "http://p:3128"),
        ({"http_proxy": "http://p:3128"}, ""),
        ({"all_proxy": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "http://p:3128", "no_proxy": "example.com"}, ""),
        ({"https_proxy": "http://u:w@p:3128"}, "http://u:w@p:3128"),
    ],
)
def test_the_users_proxy_is_read_as_other_programs_do(
    environ: dict[str, str], proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert start.proxy_for("https://panel.example.com") == proxy


def test_a_proxy_that_is_no_http_is_said_before_the_command_runs(prod: str) -> None:
    env = {**os.environ, "all_proxy": "socks5://u:s3cret@127.0.0.1:9", "no_proxy": "",
           "NO_PROXY": ""}  # fmt: skip
    ran = run("exec", "--read-only", "prod", "--", "echo", "ran", env=env)
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (5, "", 1)
    assert "socks5" in ran.stderr
    assert "s3cret" not in ran.stderr
