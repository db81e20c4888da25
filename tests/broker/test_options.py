"""`dctx exec` refuses options that are certainly a mistake."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standin import StandIn

from .test_process import run


@pytest.mark.parametrize(
    "words",
    [
        ["prod", "--read-only", "--", "printenv", "DOKPLOY_API_KEY"],
        ["prod", "-e", "A=1", "--allow=project.create", "--", "printenv", "DOKPLOY_API_KEY"],
        ["guard", "--for", "30m", "printenv", "DOKPLOY_API_KEY"],
        ["prod", "--show-secrets", "guard", "--read-only", "--", "printenv", "DOKPLOY_API_KEY"],
    ],
)
def test_an_option_behind_the_name_keeps_the_key_away_too(
    words: list[str], config: Callable[..., Path], panel: StandIn
) -> None:
    """It was taken for the command once; a protected profile even asked for its name."""
    key = panel.key_of("Acme")
    row = {"url": panel.url, "token": key}
    config(prod=row, guard={**row, "protected": True})
    ran = run("exec", *words, env={**os.environ, "DCTX_YES": "guard"})
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout and key not in ran.stdout


def test_a_command_that_begins_with_a_dash_stands_behind_two(prod: str, home: Path) -> None:
    (home / "bin").mkdir()
    (home / "bin" / "-x").write_text("#!/bin/sh\necho ran\n")
    (home / "bin" / "-x").chmod(0o755)
    env = {**os.environ, "PATH": f"{home}/bin:{os.environ['PATH']}"}
    assert run("exec", "prod", "--", "-x", env=env).stdout == "ran\n"


@pytest.mark.parametrize(
    "glob", ["auth.x", "AUTH.*", "deploy.*", "trpc.x", "", "application/deploy", "a.b,c.d", "a b"]
)
def test_what_allow_can_never_open_is_a_usage_error(prod: str, glob: str) -> None:
    ran = run("exec", f"--allow={glob}", "prod", "--", "echo", "ran")
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)


def test_a_wrong_time_is_said_once_before_anything_runs(
    config: Callable[..., Path], panel: StandIn
) -> None:
    row = {"url": panel.url, "token": panel.key_of("Acme")}
    config(a=row, b=row)
    ran = run("exec", "--for", "5x", "--all", "--", "echo", "ran")
    assert (ran.returncode, ran.stdout, len(ran.stderr.splitlines())) == (2, "", 1)


def test_no_profile_is_run_where_one_refuses(config: Callable[..., Path], panel: StandIn) -> None:
    row = {"url": panel.url, "token": panel.key_of("Acme")}
    config(a=row, b={**row, "access": "read-only"}, c={**row, "protected": True})
    for options in (["--allow", "project.create"], ["--show-secrets"]):
        for pattern in ("[ab]", "[ac]"):
            ran = run("exec", *options, "--match", pattern, "--", "echo", "ran")
            assert (ran.returncode, ran.stdout) == (6, ""), ran.stderr
    ran = run("exec", "--match", "[ab]", "--", "sh", "-c", 'echo "$DOKPLOY_URL"')
    urls = dict(line.split(": ") for line in ran.stdout.splitlines())
    assert urls["a"] == panel.url
    assert urls["b"] != panel.url


def test_a_log_that_cannot_be_written_is_said_before_a_vault_is_asked(
    config: Callable[..., Path], panel: StandIn, home: Path
) -> None:
    config(prod={"url": panel.url, "tokenCommand": ["sh", "-c", f"touch {home}/asked; echo k"]})
    assert run("exec", "--log", "missing/log", "prod", "--", "true").returncode == 1
    assert not (home / "asked").exists()


def test_list_says_read_only(config: Callable[..., Path], panel: StandIn) -> None:
    row = {"url": panel.url, "token": panel.key_of("Acme")}
    config(a={**row, "access": "read-only", "protected": True}, b={**row, "protected": True})
    lines = run("list").stdout.splitlines()
    assert "(read-only)" in lines[0]
    assert "protected" not in lines[0]
    assert "(protected)" in lines[1]
    rows = json.loads(run("list", "--json").stdout)
    rows = rows["profiles"] if isinstance(rows, dict) else rows
    assert [(row["protected"], row["access"]) for row in rows] == [
        (True, "read-only"),
        (True, None),
    ]


@pytest.mark.parametrize("name", ["DCTX_YES", "_DCTX_BROKER", "_DCTX_X"])
def test_a_variable_of_ours_is_not_for_a_template(prod: str, name: str) -> None:
    ran = run("exec", "-e", f"{name}=1", "prod", "--", "echo", "ran")
    assert (ran.returncode, ran.stderr) == (
        2,
        f"dctx: -e cannot set {name}. Choose another name.\n",
    )
