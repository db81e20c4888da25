"""How the official CLI's process gets a profile's headers: by the shim, in one variable."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import FIELDS, FORMAT, SENTINEL, SEPARATOR

from ..alone import alone
from ..conftest import Result
from ..shells import BASH, BUSYBOX, DASH, Ran, Shell

VARIABLE = "_DCTX_HEADERS"
WANTED = {"X-A": "mark-S3cret 'a' \"b\" $(id) \\n \xe9", "CF-Access-Client-Id": "mark-2"}
OTHERS = {"X-B": "another run's"}
INHERITED = {VARIABLE: json.dumps(OTHERS)}
READ, CHANGE = ("project", "all"), ("application", "deploy", "--applicationId", "a")


@pytest.fixture
def cli(home: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the shim first on PATH, and behind it a `dokploy` that notes what it was given."""
    folder = home / "cli"
    folder.mkdir()
    stub = folder / "dokploy"
    stub.write_text(
        '#!/bin/sh\nenv -0 >"${0%/*}/env"\nprintf "%s\\n" "$0" "$@" >"${0%/*}/argv"\n', "utf-8"
    )
    stub.chmod(0o755)
    path = [str(data_home / "shims"), str(folder), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(path))
    return folder


def given(cli: Path) -> dict[str, str]:
    """Return the environment in which the program ran, and forget that it did."""
    assert "mark-" not in (cli / "argv").read_text("utf-8")
    text = (cli / "env").read_text("utf-8")
    (cli / "env").unlink()
    return dict(row.partition("=")[::2] for row in text.split("\0") if row)


def headers(environ: Mapping[str, str]) -> Any:
    """Return the value of the variable, None if it is not set."""
    text = environ.get(VARIABLE)
    if text is None:
        return None
    assert text.isascii()
    assert "\n" not in text
    return json.loads(text)


def command(script: str) -> list[str]:
    """Return a program that prints WANTED, after it ran `script`."""
    return ["sh", "-c", f'{script}; printf %s "$1"', "x", json.dumps(WANTED)]


ROADS: dict[str, tuple[list[str], dict[str, str]]] = {
    "the default": ([], {}),
    "a session": ([], {"DOKPLOY_PROFILE": "prod"}),
    "--profile": (["--profile", "prod"], {"DOKPLOY_PROFILE": "plain"}),
}


@pytest.mark.parametrize("shell", [DASH, BUSYBOX, BASH], indirect=True, ids=repr)
@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("inherited", [{}, INHERITED], ids=["", "inherited"])
def test_shim_passes_those_of_the_profile(
    config: Callable[..., Path],
    cli: Path,
    data_home: Path,
    shell: Shell,
    road: str,
    inherited: dict[str, str],
) -> None:
    config(prod={"headers": WANTED}, plain={})
    words, env = ROADS[road]
    program = str(shell.program)
    start = [program, "sh"] if shell is BUSYBOX else [program]
    ran = alone(*start, data_home / "shims" / "dokploy", *words, *READ, env={**env, **inherited})
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    environ = given(cli)
    assert headers(environ) == WANTED
    assert environ["DOKPLOY_API_KEY"] == "key-of-prod"


def test_shim_asks_the_core_where_a_program_prints_them(
    config: Callable[..., Path], cli: Path, home: Path
) -> None:
    """Even where the session has the key."""
    config(prod={"headersCommand": command(f"echo asked >>{home}/log")})
    env = {"_DCTX_SESSION": "prod\x1fhttps://prod.example.com\x1fkey-of-prod"}
    env |= {"DOKPLOY_PROFILE": "prod", "DOKPLOY_API_KEY": "key-of-prod"}
    env |= {"DOKPLOY_URL": "https://prod.example.com", **INHERITED}
    assert alone("dokploy", *READ, env=env).code == 0
    assert headers(given(cli)) == WANTED
    assert (home / "log").read_text("utf-8") == "asked\n"


@pytest.mark.parametrize("raw", [{"headers": WANTED}, {"headersCommand": command("true")}])
@pytest.mark.parametrize("words", [READ, CHANGE])
def test_protected_profile_and_a_key_from_elsewhere_pass_them(
    config: Callable[..., Path], cli: Path, raw: dict[str, Any], words: tuple[str, ...]
) -> None:
    config(
        prod={"protected": True, **raw},
        vault={"token": None, "tokenCommand": ["echo", "key-of-vault"], **raw},
    )
    assert alone("dokploy", *words, env={"DCTX_YES": "prod"}).code == 0
    environ = given(cli)
    assert (headers(environ), environ["DOKPLOY_API_KEY"]) == (WANTED, "key-of-prod")
    held = {"DOKPLOY_PROFILE": "prod", "DOKPLOY_URL": "https://prod.example.com"}
    held |= {
        "DOKPLOY_API_KEY": SENTINEL,
        "_DCTX_SESSION": f"prod\x1f{held['DOKPLOY_URL']}\x1f{SENTINEL}",
    }
    assert alone("dokploy", *words, env={"DCTX_YES": "prod", **held}).code == 0
    assert headers(given(cli)) == WANTED
    assert alone("dokploy", "--profile", "vault", *words).code == 0
    environ = given(cli)
    assert (headers(environ), environ["DOKPLOY_API_KEY"]) == (WANTED, "key-of-vault")


@pytest.mark.parametrize(
    "raw", [{"headers": [1]}, {"headers": {"Host": "mark-x"}}, {"headersCommand": 1}]
)
def test_shape_that_is_none_runs_nothing(
    config: Callable[..., Path], cli: Path, raw: dict[str, Any]
) -> None:
    config(prod=raw, plain={})
    ran = alone("dokploy", *READ, env=INHERITED)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith('dctx: the headers of profile "prod" are invalid: ')
    assert ran.err.count("\n") == 1
    assert "mark-" not in ran.err
    assert not (cli / "env").exists()
    assert alone("dokploy", "--profile", "plain", *READ, env=INHERITED).code == 0
    assert headers(given(cli)) is None


PAIR = {"DOKPLOY_URL": "https://x.example.com", "DOKPLOY_API_KEY": "own"}
WITHOUT: dict[str, tuple[list[str], dict[str, str]]] = {
    "a profile without": (["dokploy", "--profile", "plain", *READ], {}),
    "a profile without, by the core": (["dokploy", "--profile", "vault", *READ], {}),
    "URL and key of the user's own": (["dokploy", *READ], PAIR),
    "no profile": (["dokploy", *READ], {"DOKPLOY_CONFIG_DIR": "/nowhere"}),
    "help": (["dokploy", "--help"], {}),
    "version": (["dokploy", "--version"], {}),
    "no preload": (["dokploy", *READ], {"DCTX_PRELOAD": "0"}),
    "no preload, by the core": (["dokploy", "--profile", "both", *READ], {"DCTX_PRELOAD": "0"}),
    "exec of another program": (["dctx", "exec", "prod", "--", "{cli}"], {}),
    "exec for all": (["dctx", "exec", "--all", "--", "{cli}"], {}),
}


@pytest.mark.parametrize("case", WITHOUT)
def test_nobody_else_gets_any(config: Callable[..., Path], cli: Path, case: str) -> None:
    config(
        prod={"headers": WANTED},
        plain={},
        vault={"token": None, "tokenCommand": ["echo", "key-of-vault"]},
        both={"token": None, "tokenCommand": ["echo", "key-of-both"], "headers": WANTED},
    )
    words, env = WITHOUT[case]
    words = [word.format(cli=cli / "dokploy") for word in words]
    ran = alone(*words, env={**env, **INHERITED})
    assert ran.code == 0, ran.err
    environ = given(cli)
    assert VARIABLE not in environ
    assert not any("mark-" in value for value in environ.values())


def test_exec_of_the_shim_passes_them(config: Callable[..., Path], cli: Path) -> None:
    config(prod={"headers": WANTED}, asks={"headersCommand": command("true")}, plain={})
    for name, wanted in (("prod", WANTED), ("asks", WANTED), ("plain", None)):
        ran: Ran = alone("dctx", "exec", name, "--", "dokploy", *READ, env=INHERITED)
        assert (ran.code, ran.err) == (0, "")
        assert headers(given(cli)) == wanted


def test_session_has_none(config: Callable[..., Path], shell: Shell, loaded: str) -> None:
    config(prod={"headers": WANTED}, asks={"headersCommand": ["false"]})
    for name in ("prod", "asks"):
        ran = shell.run(loaded, f"dctx {name}", shell.environ)
        assert ran.env["DOKPLOY_API_KEY"] == f"key-of-{name}"
        assert not any("mark-" in value for value in ran.env.values())


# The index, and what hooks read of it.


def test_foreign_shape_leaves_other_profiles_and_the_file_alone(
    dctx: Callable[..., Result], config: Callable[..., Path], shell: Shell, loaded: str
) -> None:
    path = config("staging", prod={"headers": ["mark-1"], "theirs": 1}, bad={"headersCommand": 7})
    before = path.read_bytes()
    assert dctx("list", "-q").out == "staging\nprod\nbad\n"
    for name in ("staging", "prod"):
        ran = shell.run(loaded, f"dctx {name}", shell.show("DOKPLOY_API_KEY"))
        assert ran.vars == {"DOKPLOY_API_KEY": f"key-of-{name}"}
    for name, words in (("prod", "are not an object"), ("bad", "is not a list of words")):
        told = dctx("verify", name)
        assert told.code == 5
        assert words in told.out
        assert "mark-1" not in told.out + told.err
    assert path.read_bytes() == before
    dctx("use", "prod")
    after = json.loads(path.read_bytes())["profiles"]
    assert after == json.loads(before)["profiles"]


def test_index_has_them_last_and_private(
    dctx: Callable[..., Result], config: Callable[..., Path], home: Path
) -> None:
    config("plain", prod={"headers": {"X-A": "mark-1"}})
    assert dctx("sync").code == 0
    index = home / ".dokploy" / "index"
    assert index.stat().st_mode & 0o777 == 0o700
    holding = [path for path in index.iterdir() if "mark-1" in path.read_text("utf-8")]
    assert {path.name for path in holding} == {"prod", ".manifest", ".config"}
    assert {path.stat().st_mode & 0o777 for path in holding} == {0o600}
    fields = (index / "prod").read_text("utf-8").rstrip("\n").split(SEPARATOR)
    assert (fields[0], len(fields)) == (FORMAT, len(FIELDS))
    assert fields[-1] == '{"X-A":"' + "mark-1" + '"}'
    assert (index / "plain").read_text("utf-8").endswith(f"{SEPARATOR}\n")


def test_hook_keeps_them_in_no_variable(
    config: Callable[..., Path], shell: Shell, loaded: str
) -> None:
    """What the prompt and a switch read is dropped at once; a child sees nothing of it."""
    config(prod={"headers": {"X-A": "mark-1"}}, next={"headers": {"X-A": "mark-1"}})
    every = "set" if shell.dialect != "zsh" else "typeset"
    for lines in (["dctx prod"], ["dctx next", "dctx prod", shell.prompt]):
        ran = shell.run(loaded, *lines, every, "env")
        assert "key-of-prod" in ran.out
        assert "mark-1" not in ran.out + ran.err
