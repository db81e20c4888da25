"""SECURITY.md's table of what a hostile command can get, tested by a command that tries it all.

The command runs without the capabilities of root, as a user's program does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.shells import ROOT
from tests.standin import StandIn

# What the hostile command tries, in the words of the table, and how.
HOSTILE = r"""
import glob, json, os, re, subprocess, sys, urllib.error, urllib.request as u

key, panel = sys.argv[1:3]  # so that it can tell what it found
url, own = os.environ["DOKPLOY_URL"], os.environ["DOKPLOY_API_KEY"]
got = {}

def has(data):
    return key in (data if isinstance(data, str) else data.decode("latin-1"))

def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""

def ask(base, path, body=None, key=own, **headers):
    given = {"x-api-key": key, "content-type": "application/json", **headers}
    try:
        answer = u.urlopen(u.Request(base + path, data=body, headers=given), timeout=10)
        return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)

def run(*words):
    ran = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return ran.stdout + ran.stderr

me = {os.getpid(), os.getppid()}
others = [p for p in glob.glob("/proc/[0-9]*") if int(p[6:]) not in me and key not in
          read(p + "/cmdline").decode("latin-1")]
brokers = [p for p in others if b"dokploy_ctx.broker" in read(p + "/cmdline")]
assert brokers, "the broker's process is there to be looked at"

def memory(path):
    try:
        with open(path + "/maps") as maps, open(path + "/mem", "rb", 0) as mem:
            for line in maps:
                found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
                if found:
                    start, end = (int(part, 16) for part in found.groups())
                    mem.seek(start)
                    if has(mem.read(min(end - start, 1 << 26))):
                        return True
    except OSError:
        return False
    return False

# Once the broker answers, it has the key in its memory.
got["a read on the panel"] = ask(url, "/api/trpc/project.all")[0] == 200
got["the key: own environment"] = any(has(value) for value in os.environ.values())
got["the key: arguments of processes"] = any(has(read(p + "/cmdline")) for p in brokers)
got["the key: environment of the broker"] = any(has(read(p + "/environ")) for p in brokers)
got["the key: memory of the broker"] = any(memory(p) for p in brokers)
got["the key: asking dctx for it"] = any(has(run("dctx", *words.split())) for words in (
    "env prod", "env prod --shell json", "exec prod -- env", "exec prod -- env --help", "export"))
no_mark = ("env", "-u", "_DCTX_BROKER")
got["the key: dctx without its mark"] = has(run(*no_mark, "dctx", "env", "prod", "--shell", "json"))
got["the key: reading config.json"] = has(read(os.path.expanduser("~/.dokploy/config.json")))
got["a change on the panel"] = any(ask(url, path, b'{"json":{"name":"x"}}')[0] == 200 for path in (
    "/api/trpc/project.create", "/api/project.create"))
got["the panel with the broker's key"] = ask(panel, "/api/trpc/project.all")[0] == 200
got["the broker without its key"] = ask(url, "/api/trpc/project.all", key="")[0] == 200
print(json.dumps(got))
"""
SET_UPS = ("key in config.json", "key from a program that asks")
BEGIN, END = "<!-- table: hostile -->\n", "<!-- end: hostile -->\n"


@pytest.fixture(params=SET_UPS)
def tried(
    request: pytest.FixtureRequest, config: Callable[..., Path], panel: StandIn, home: Path
) -> tuple[str, dict[str, bool]]:
    key = panel.key_of("Acme")
    profile: dict[str, Any] = {"url": panel.url, "token": key}
    if request.param == SET_UPS[1]:
        # A vault that a person unlocks for one question: it answers once.
        (home / "answer").write_text(key)
        script = 'cat answer && rm answer || { echo "locked" >&2; exit 1; }'
        profile = {"url": panel.url, "tokenCommand": ["sh", "-c", f"cd {home} && {script}"]}
    config(prod=profile)
    (home / "hostile.py").write_text(HOSTILE)
    plain = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    assert not plain or shutil.which("setpriv"), "setpriv is missing (package util-linux)"
    command = [sys.executable, "hostile.py", key, panel.url]
    ran = subprocess.run(
        [*plain, "dctx", "exec", "--read-only", "prod", "--", *command],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return request.param, json.loads(ran.stdout)


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of the table in SECURITY.md, by the first of each row."""
    table = text.partition(BEGIN)[2].partition(END)[0].strip().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    return {row[0]: row[1:] for row in cells if not row[0].startswith("---")}


def test_the_table_says_what_was_got(tried: tuple[str, dict[str, bool]]) -> None:
    set_up, got = tried
    table = rows((ROOT / "SECURITY.md").read_text(encoding="utf-8"))
    column = table["what a hostile command gets"].index(set_up)
    assert {name: table[name][column] for name in got} == {
        name: "yes" if value else "no" for name, value in got.items()
    }
    assert table.keys() == {"what a hostile command gets", *got}
