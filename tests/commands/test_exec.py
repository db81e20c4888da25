"""`dctx exec`: one command with one profile or many; and `_run`, what the shim asks the core."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.constants import SENTINEL
from dokploy_ctx.official.reads import commands
from tests.standin import StandIn

from ..alone import alone
from ..shells import BASH, DASH, Shell

NO_NAME = "NAME is required. Run: dctx exec NAME -- CMD (profiles: eu-1, eu-2, us)"
PROGRAM = "To run it as a program: dctx exec NAME --"
BOTH = "NAME cannot be used with --all or --match. Use one of them."
SHOW = ["sh", "-c", 'echo "$DOKPLOY_PROFILE $DOKPLOY_API_KEY"; echo "words" >&2']


@pytest.fixture
def three(config: Callable[..., Path]) -> Path:
    return config("eu-1", "eu-2", us={"organization": {"id": "-x", "name": "Acme"}})


# One profile.


@pytest.mark.usefixtures("three")
def test_exec_gives_the_profile_and_leaves_the_users_own_settings() -> None:
    env = {
        "DOKPLOY_AUTH_TOKEN": "mine",
        "DOKPLOY_OTHER": "mine",
        "_DCTX_SESSION": "x\x1fy\x1fz",
        "_DCTX_SHOWN": "1:x",
        "DCTX_SEGMENT": "x",
        "DCTX_ORG": "old",
        "DCTX_YES": "kept",
    }
    ran = alone("dctx", "exec", "us", "--", "env", "-0", env=env)
    ours = sorted(
        row for row in ran.out.split("\0") if row.startswith(("DOKPLOY", "DCTX", "_DCTX"))
    )
    assert ours == [
        "DCTX_ORG=Acme",
        "DCTX_ORG_ID=-x",
        "DCTX_YES=kept",
        "DOKPLOY_API_KEY=key-of-us",
        "DOKPLOY_OTHER=mine",
        "DOKPLOY_PROFILE=us",
        "DOKPLOY_URL=https://us.example.com",
    ]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("argv", "code", "err"),
    [
        (["us", "--", "sh", "-c", "exit 7"], 7, ""),
        (["us", "sh", "-c", "exit 7"], 7, ""),
        (["us", "--", "sh", "-c", "kill -9 $$"], -9, ""),
        (["us", "--", "no-such"], 127, 'dctx: cannot run "no-such": No such file or directory.\n'),
        (["us", "--", "/"], 126, 'dctx: cannot run "/": Permission denied.\n'),
        (["us", "--"], 2, "dctx: a command is required after --. Run: dctx exec NAME -- CMD\n"),
        (["us"], 2, "dctx: a command is required after --. Run: dctx exec NAME -- CMD\n"),
        (["--", "env"], 2, f"dctx: {NO_NAME}\n"),
        (["--", "env", "-0"], 2, f"dctx: {NO_NAME}\n"),
        (["--read-only"], 2, f"dctx: {NO_NAME}\n"),
        (["env", "--"], 3, f'dctx: profile "env" not found. {PROGRAM} env\n'),
        (["printf", "x"], 3, f'dctx: profile "printf" not found. {PROGRAM} printf\n'),
        (["eu-3"], 3, 'dctx: profile "eu-3" not found. Did you mean eu-2 or eu-1?\n'),
        (["--", "eu-3"], 3, 'dctx: profile "eu-3" not found. Did you mean eu-2 or eu-1?\n'),
        (["eu-3", "--"], 3, 'dctx: profile "eu-3" not found. Did you mean eu-2 or eu-1?\n'),
        (
            ["no-such-word"],
            3,
            'dctx: profile "no-such-word" not found. To see all, run: dctx list\n',
        ),
        ([], 2, "dctx: a profile and a command are required. Run: dctx exec NAME -- CMD\n"),
        (["su", "--", "true"], 3, 'dctx: profile "su" not found. Did you mean us?\n'),
        (["us", "-x", "ls"], 2, "dctx: No such option"),
        (["us", "-j"], 2, "dctx: Option '-j' requires an argument"),
        (
            ["us", "eu-3", "--", "true"],
            3,
            'dctx: profile "eu-3" not found. Did you mean eu-2 or eu-1?\n',
        ),
        (["us", "eu-1"], 127, 'dctx: cannot run "eu-1": No such file or directory.\n'),
        (
            ["us", "eu-1", "--"],
            2,
            "dctx: a command is required after --. Run: dctx exec NAME -- CMD\n",
        ),
        (
            ["--all", "--match", "x", "--", "true"],
            2,
            "dctx: --all cannot be used with --match. Use one of them.\n",
        ),
        (["us", "--all", "--", "true"], 2, f"dctx: {BOTH}\n"),
        (["--match", "u*", "us", "--", "true"], 2, f"dctx: {BOTH}\n"),
        (
            ["--match", "u*", "--match", "as-*", "--", "true"],
            3,
            'dctx: no profile matches "as-*". See: dctx list\n',
        ),
        (["--all"], 2, "dctx: a command is required after --. Run: dctx exec NAME -- CMD\n"),
        (["--match", "as-*", "--", "true"], 3, 'dctx: no profile matches "as-*". See: dctx list\n'),
        (["--match", "", "--", "true"], 3, 'dctx: no profile matches "". See: dctx list\n'),
    ],
)
def test_exec_ends_as_its_command_or_says_why_not(argv: list[str], code: int, err: str) -> None:
    ran = alone("dctx", "exec", *argv)
    assert (ran.code, ran.out) == (code, "")
    whole = not err or err.endswith("\n")  # click's own words differ between its versions
    assert ran.err == err if whole else ran.err.startswith(err)


@pytest.mark.usefixtures("three")
def test_exec_passes_the_words_as_they_are() -> None:
    words = ["--", "-j", "a b", "", "$x", "--match", "*", "\\"]
    ran = alone("dctx", "exec", "us", "--", "printf", "[%s]", *words)
    assert ran.out == "".join(f"[{word}]" for word in words)


def test_exec_reaches_a_name_like_an_option(config: Callable[..., Path]) -> None:
    config("ok", **{"-x y": {"url": "http://127.0.0.1"}})
    assert alone("dctx", "exec", "--", "-x y", *SHOW).out == "-x y key-of--x y\n"


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "argv",
    [
        ["us", "-j", "3", "--", "printf", "%s", "-j"],
        ["us", "-j3", "printf", "%s", "-j"],
        ["-j", "3", "us", "--", "printf", "%s", "-j"],
        ["us", "-eA={profile}", "-j", "3", "--", "sh", "-c", 'test "$A" = us && printf %s -j'],
        ["--", "us", "-j", "3", "--", "printf", "%s", "-j"],
        ["us", "--", "printf", "%s", "-j"],
    ],
)
def test_exec_takes_its_options_behind_the_name_too(argv: list[str]) -> None:
    ran = alone("dctx", "exec", *argv)
    assert (ran.code, ran.out, ran.err) == (0, "-j", "")


@pytest.mark.usefixtures("three")
def test_exec_behind_the_name_asks_for_its_own_help_and_behind_the_command_for_that() -> None:
    ours = alone("dctx", "exec", "--help")
    for option in ("--help", "-h"):
        ran = alone("dctx", "exec", "us", option)
        assert (ran.code, ran.out, ran.err) == (0, ours.out, "")
    ran = alone("dctx", "exec", "us", "printf", "%s", "--help")
    assert (ran.code, ran.out) == (0, "--help")


@pytest.mark.usefixtures("three")
def test_exec_leaves_what_stands_behind_a_command_to_it(home: Path) -> None:
    """A program may have -- and -j of its own, and a profile's name as its argument."""
    words = ["-j", "4", "--", "eu-1", "--all"]
    for between in ([], ["--"]):
        ran = alone("dctx", "exec", "us", *between, "printf", "[%s]", *words)
        assert (ran.code, ran.out) == (0, "[-j][4][--][eu-1][--all]")


# Many.


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "argv",
    [
        ["us", "eu-1"],
        ["-j", "2", "us", "eu-1", "us"],
        ["us", "-j", "1", "eu-1"],
        ["us", "eu-1", "-j", "1"],
        ["--", "us", "eu-1"],
    ],
)
def test_exec_runs_for_each_of_several_names(argv: list[str]) -> None:
    ran = alone("dctx", "exec", *argv, "--", *SHOW)
    assert ran.code == 0
    assert sorted(ran.out.splitlines()) == ["eu-1: eu-1 key-of-eu-1", "us: us key-of-us"]
    assert sorted(ran.err.splitlines()) == ["eu-1: words", "us: words"]


@pytest.mark.usefixtures("three")
def test_exec_keeps_the_order_of_the_names() -> None:
    ran = alone("dctx", "exec", "us", "eu-1", "--", "echo", "x")
    assert ran.out == "us: x\neu-1: x\n"


def test_exec_does_not_guess_whether_a_word_is_a_profile_or_the_program(
    config: Callable[..., Path],
) -> None:
    config("us", "printf")
    ran = alone("dctx", "exec", "us", "printf", "--", "true")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "dctx: printf is a profile and a program. To run the program, put -- before it: "
        "dctx exec us -- printf ... For several profiles, use --match.\n"
    )
    assert alone("dctx", "exec", "us", "--", "printf", "--", "true").out == "true"
    assert alone("dctx", "exec", "us", "printf", "true").out == "true"


@pytest.mark.usefixtures("three")
def test_exec_takes_match_more_than_once_and_each_profile_once() -> None:
    ran = alone(
        "dctx", "exec", "--match", "u*", "--match", "*-2", "--match", "us", "--", "echo", "x"
    )
    assert (ran.code, ran.out) == (0, "eu-2: x\nus: x\n")


@pytest.mark.usefixtures("three")
def test_exec_all_names_each_line_in_the_order_of_the_file() -> None:
    ran = alone("dctx", "exec", "--all", "--", *SHOW)
    assert ran.code == 0
    assert ran.out == "eu-1: eu-1 key-of-eu-1\neu-2: eu-2 key-of-eu-2\nus: us key-of-us\n"
    assert ran.err == "eu-1: words\neu-2: words\nus: words\n"


@pytest.mark.usefixtures("three")
def test_exec_match_takes_a_glob() -> None:
    ran = alone("dctx", "exec", "--match", "eu-?", "--", "printf", "no newline")
    assert (ran.code, ran.out) == (0, "eu-1: no newline\neu-2: no newline\n")


@pytest.mark.usefixtures("three")
def test_exec_all_ends_with_the_largest_code_and_runs_all() -> None:
    script = (
        "echo ran; case $DOKPLOY_PROFILE in eu-1) exit 9 ;; eu-2) exit 3 ;; *) kill -15 $$ ;; esac"
    )
    ran = alone("dctx", "exec", "--all", "--", "sh", "-c", script)
    assert (ran.code, ran.out) == (143, "eu-1: ran\neu-2: ran\nus: ran\n")
    assert ran.err == "dctx: 3 of 3 failed: eu-1 (9), eu-2 (3), us (143).\n"


def test_exec_all_goes_on_where_one_has_no_key(config: Callable[..., Path]) -> None:
    config("one", bad={"token": None, "tokenCommand": ["false"]}, last={"url": None})
    ran = alone("dctx", "exec", "--all", "--", "sh", "-c", "echo $DOKPLOY_PROFILE")
    assert (ran.code, ran.out) == (5, "one: one\n")
    assert ran.err == (
        'bad: dctx: tokenCommand of "bad" ("false") failed with exit code 1. '
        "Unlock the vault, or correct the command.\n"
        'last: dctx: profile "last" has no url. Run: dctx auth last -u URL\n'
        "dctx: 2 of 3 failed: bad (5), last (4).\n"
    )


@pytest.mark.usefixtures("three")
def test_exec_all_where_the_command_is_missing_is_127() -> None:
    ran = alone("dctx", "exec", "--match", "us", "--", "no-such")
    assert ran.code == 127
    assert ran.err == 'us: dctx: cannot run "no-such": No such file or directory.\n'


@pytest.mark.usefixtures("three")
def test_exec_all_gives_no_stdin() -> None:
    ran = alone("dctx", "exec", "--all", "-j", "3", "--", "cat", stdin="not for three")
    assert (ran.code, ran.out) == (0, "")


@pytest.mark.usefixtures("three")
def test_exec_with_j_runs_at_the_same_time_and_keeps_lines_whole(home: Path) -> None:
    # Each waits until all three are there.
    script = (
        f"touch {home}/$DOKPLOY_PROFILE; "
        f"until [ -e {home}/eu-1 ] && [ -e {home}/eu-2 ] && [ -e {home}/us ]; do sleep 0.01; done; "
        "i=0; while [ $i -lt 200 ]; do i=$((i + 1)); printf 'half '; printf 'line\\n'; done"
    )
    ran = alone("dctx", "exec", "--all", "-j", "3", "--", "sh", "-c", script)
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert sorted(set(lines)) == ["eu-1: half line", "eu-2: half line", "us: half line"]
    assert len(lines) == 600


@pytest.mark.usefixtures("three")
def test_exec_all_survives_a_reader_that_leaves() -> None:
    ran = BASH.run("dctx exec --all -j 3 -- seq 100000 | head -n 1")
    assert len(ran.out.splitlines()) == 1
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("three")
def test_exec_all_is_cancelled_with_all_its_commands(home: Path) -> None:
    script = f"echo $$ >>{home}/pids; exec sleep 1000"
    process = subprocess.Popen(
        ["dctx", "exec", "--all", "-j", "2", "--", "sh", "-c", script],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pids = home / "pids"
    while not pids.exists() or len(pids.read_text("utf-8").split()) < 2:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C does
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "dctx: cancelled.")
    assert len(pids.read_text("utf-8").split()) == 2
    for pid in pids.read_text("utf-8").split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_exec_all_runs_nothing_where_one_consent_is_missing(
    config: Callable[..., Path], home: Path
) -> None:
    config("one", two={"protected": True}, three={"protected": True})
    argv = ["dctx", "exec", "--all", "--", "touch", f"{home}/ran"]
    ran = alone(*argv, env={"DCTX_YES": "two"})
    assert ran.code == 6
    assert ran.err.startswith("dctx: three is protected and there is no terminal")
    assert not (home / "ran").exists()
    assert alone(*argv[:2], "--match", "t[w]o", *argv[3:], env={"DCTX_YES": "two"}).code == 0


def test_exec_names_no_secret_of_the_command(config: Callable[..., Path]) -> None:
    config(prod={"protected": True})
    ran = alone("dctx", "exec", "prod", "--", "curl", "-H", "x-api-key: secret", "x")
    assert ran.code == 6
    assert "To run: curl ..., set DCTX_YES=prod" in ran.err
    assert "secret" not in ran.err


# Cases in which the shim asks the core.


@pytest.fixture
def stub(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `dokploy` that prints its arguments and environment as JSON."""
    folder = home / "stub"
    folder.mkdir()
    program = folder / "dokploy"
    code = "import json, os, sys; print(json.dumps([sys.argv[1:], dict(os.environ)]))"
    # By way of sh: the path of a `#!` line cannot have a blank.
    python = shlex.quote(sys.executable)
    program.write_text(f"#!/bin/sh\nexec {python} -c '{code}' \"$@\"\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


ODD = ["x", "--flag", "--", "a b", "", "--profile", "$x", "*"]


@pytest.mark.parametrize("row", [{}, {"token": None, "tokenCommand": ["echo", "key-of-it"]}])
def test_shim_and_core_hand_over_the_same(
    stub: Path, config: Callable[..., Path], sh: Shell, row: dict[str, object]
) -> None:
    """With the shim alone (a plain profile), and with the core (a key in a vault)."""
    config(it=row)
    words = " ".join(sh.quote(word) for word in ODD)
    load = 'eval "$(dctx init sh)"'
    ran = sh.run(load, f"_DCTX_YES=it dokploy --profile it {words}")
    argv, environ = json.loads(ran.out)
    assert stub.exists()
    assert argv == ODD
    ours = {k: v for k, v in environ.items() if k.startswith(("DOKPLOY", "DCTX", "_DCTX"))}
    assert ours == {
        "DOKPLOY_PROFILE": "it",
        "DOKPLOY_URL": "https://it.example.com",
        "DOKPLOY_API_KEY": "key-of-it",
    }


def test_core_at_level_3_gives_what_the_user_has(stub: Path, config: Callable[..., Path]) -> None:
    """Also with URL and key of a session not ours; otherwise the CLI would use its own file."""
    config("prod")
    env = {
        "DOKPLOY_URL": "https://prod.example.com",
        "DOKPLOY_API_KEY": SENTINEL,
        "_DCTX_SESSION": f"prod\x1fhttps://prod.example.com\x1f{SENTINEL}",
        "_DCTX_S_DOKPLOY_URL": "before",
        "_DCTX_SHOWN": "1:prod",
        "_DCTX_YES": "prod",
        "DCTX_SEGMENT": "prod",
    }
    by_core = alone("dctx", "_run", "--", stub, "project", "all", env=env)
    by_shim = alone("sh", "-c", 'eval "$(dctx init sh)"; dokploy project all', env=env)
    for ran in (by_core, by_shim):
        _, environ = json.loads(ran.out)
        ours = {k: v for k, v in environ.items() if k.startswith(("DOKPLOY", "DCTX", "_DCTX"))}
        assert ours == {k: v for k, v in env.items() if k.startswith("DOKPLOY")}


def test_every_read_passes_the_shim_and_every_change_is_refused(
    stub: Path, config: Callable[..., Path], official_cli: Path, home: Path
) -> None:
    """All 604 commands of the CLI, by the shim and a stub; the refused ones by the core's own."""
    table = commands()
    text = (official_cli.resolve().parent / "generated" / "commands.js").read_text("utf-8")
    found = re.findall(
        r"const (\w+) = program\.command\('([^']+)'\)|\.command\('([^']+)'\)|await (api\w+)\(", text
    )
    group = name = ""
    reads: list[str] = []
    changes: list[str] = []
    for _, new_group, command, call in found:
        group = new_group or group
        name = command or name
        if call:
            (reads if f"{group} {name}" in table else changes).append(f"{group} {name}")
            assert call == "apiGet" or f"{group} {name}" not in table
    assert len(reads) + len(changes) == 604
    assert len(reads) == len(table) > 200
    # Older than this second: else the shim asks the core, since its shell may count seconds.
    os.utime(config(prod={"protected": True}), (1_700_000_000, 1_700_000_000))
    core = home / "core"
    core.write_text('#!/bin/sh\nshift 2; shift; echo core "$@"\n', "utf-8")
    core.chmod(0o755)
    stub.write_text('#!/bin/sh\necho cli "$DOKPLOY_API_KEY" "$@"\n', "utf-8")
    shim = home / ".local" / "share" / "dctx" / "shims" / "dokploy"
    lines = [f"{shim} {words}" for words in [*reads, *changes]]
    assert alone("dctx", "init", "sh").code == alone("dctx", "sync").code == 0
    body = shim.read_text("utf-8")
    body, changed = re.subn(
        r"(?m)^__dctx_bin=.*\n__dctx_python=.*$", f"__dctx_bin={core}\n__dctx_python=", body
    )
    assert changed == 1
    shim.write_text(body, "utf-8")
    ran = DASH.run("export DOKPLOY_PROFILE=prod", *lines)
    assert ran.out.splitlines() == [
        *(f"cli key-of-prod {words}" for words in reads),
        *(f"core {words}" for words in changes),
    ]


def test_panel_sees_the_real_cli_run_by_exec(panel: StandIn, config: Callable[..., Path]) -> None:
    config(
        a={"url": panel.url, "token": panel.key_of("Acme")},
        g={"url": panel.url, "token": panel.key_of("Globex")},
    )
    ran = alone("dctx", "exec", "--all", "-j", "2", "--", "dokploy", "organization", "active")
    assert ran.code == 0, ran.err
    assert 'a:   "name": "Acme",' in ran.out
    assert 'g:   "name": "Globex",' in ran.out
