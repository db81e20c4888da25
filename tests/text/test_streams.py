"""Standard streams that are closed or full: at most one line, and the right exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Result

Dctx = Callable[..., Result]
DCTX = str(Path(sys.executable).with_name("dctx"))
FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
NO_SPACE = "No space left on device"


def sh(line: str, stdin: str = "") -> Result:
    """Return what `line` does in sh, where $0 is dctx."""
    done = subprocess.run(
        ["sh", "-c", line, DCTX], input=stdin, capture_output=True, text=True, timeout=60,
        start_new_session=True,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_empty_ones(config: Any, closed: str) -> None:
    path = config("prod", "staging")
    expected = "prod\nstaging\n" if ">&-" not in closed.replace("2>&-", "") else ""
    assert sh(f'"$0" list -q {closed}') == Result(0, expected, "")
    ran = sh(f'"$0" use staging {closed}')
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    assert json.loads(path.read_text())["currentProfile"] == "staging"
    ran = sh(f'"$0" env nosuch --shell sh {closed}')
    assert (ran.code, ran.out, ran.err.count("\n")) == (3, "", int("2>&-" not in closed))
    assert sh(f'"$0" --help {closed}').code == 0
    assert sh(f'"$0" list --nosuch {closed}').code == 2


def test_command_gets_streams_that_are_open(config: Any) -> None:
    config("prod")
    ran = sh('"$0" exec prod -- sh -c "read line; echo gone; echo >&2 there; exit 7" <&- >&-')
    assert ran == Result(7, "", "there\n")
    ran = sh('"$0" exec --match prod -- sh -c "echo gone; echo >&2 there; exit 7" <&- >&-')
    assert ran.code == 7
    assert ran.err.startswith("prod: there\n")


@pytest.mark.parametrize(
    "words",
    [
        "auth a -u https://a.example.com -t -",
        "auth a -u https://a.example.com",
        "auth a",
    ],
)
def test_question_without_stdin_is_wrong_usage(home: Path, words: str) -> None:
    ran = sh(f'"$0" {words} <&-')
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("dctx: ")


def test_stdin_of_bytes_is_no_key(home: Path) -> None:
    for locale in ("C", "C.UTF-8", "en_US.UTF-8"):
        line = f"""printf '\\377' | LC_ALL={locale} "$0" auth a -u https://a.example.com -t -"""
        ran = sh(line)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "dctx: this is not an API key. Copy the key again from the panel.\n"


@full
@pytest.mark.parametrize("words", ["list", "list --json", "env prod --shell sh", "--help"])
def test_full_stdout_is_one_line(config: Any, words: str) -> None:
    config("prod")
    ran = sh(f'"$0" {words} >/dev/full')
    assert ran == Result(1, "", f"dctx: cannot read or write: {NO_SPACE}.\n")


@full
def test_much_on_a_full_stdout_is_one_line(config: Any) -> None:
    config(**{f"profile-{number}": {} for number in range(300)})
    ran = sh('"$0" list >/dev/full')
    assert ran == Result(1, "", f"dctx: cannot read or write: {NO_SPACE}.\n")


@full
def test_full_stderr_changes_no_exit_code(config: Any) -> None:
    path = config("prod", "staging")
    assert sh('"$0" env nosuch --shell sh 2>/dev/full').code == 3
    assert sh('"$0" env nosuch --shell sh >/dev/full 2>/dev/full').code == 3
    assert sh('"$0" list --nosuch 2>/dev/full').code == 2
    assert sh('"$0" list >/dev/full 2>&1').code == 1
    assert sh('"$0" use staging 2>/dev/full').code == 0
    assert json.loads(path.read_text())["currentProfile"] == "staging"
    path.write_text("{")
    assert sh('"$0" list 2>/dev/full').code == 4


URLS = ["http://127.0.0.1:1/\u202ex", "https://a.example.com/\x1b[31m\nx\u202e", "x\x1b]0;t\a"]


@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_url_of_a_file_is_no_escape(dctx: Dctx, config: Any, url: str) -> None:
    """One line, fit for a terminal, whatever another program wrote into the file."""
    config("prod", a={"url": url}, b={"url": url, "token": None})
    lines = {"use a": 1, "use b": 2, "list": 0}
    for line in (*lines, "env a", "env b", "exec a true", "verify a", "orgs --profile a"):
        ran = dctx(*line.split(), env={"SHELL": "/bin/sh"})
        said = ran.err + (ran.out if line in ("list", "verify a") else "")
        assert all(c.isprintable() or c == "\n" for c in said), line
        assert ran.err.count("\n") == lines.get(line, int(ran.code > 0)), line


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("missing/env", "No such file or directory"),
        (".dokploy", "Is a directory"),
        pytest.param("/dev/full", NO_SPACE, marks=full),
    ],
)
def test_github_file_that_cannot_be_written(
    dctx: Dctx, config: Any, target: str, reason: str
) -> None:
    config("prod")
    ran = dctx("env", "prod", "--shell", "github", env={"GITHUB_ENV": target})
    says = f'dctx: cannot write "{target}", which GITHUB_ENV names: {reason}.\n'
    assert ran == Result(1, "", says)


@full
def test_full_streams_of_many_commands(config: Any) -> None:
    config("prod", "staging")
    ran = sh('"$0" exec --all -- sh -c "echo said" >/dev/full')
    assert ran == Result(1, "", f"dctx: cannot read or write: {NO_SPACE}.\n")
    ran = sh('"$0" exec --all -- sh -c "echo said; echo >&2 said; exit 3" 2>/dev/full')
    assert (ran.code, ran.out) == (3, "prod: said\nstaging: said\n")


def test_reader_that_left_is_no_error(config: Any) -> None:
    config("prod")
    ran = sh('{ "$0" list; echo $? >code; } | :')
    assert (ran.code, ran.err) == (0, "")
    assert Path("code").read_text() in ("0\n", "141\n")
