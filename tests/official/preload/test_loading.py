"""Which commands load the preload, and what becomes of the user's own NODE_OPTIONS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.files import paths
from dokploy_ctx.official.preload import FILE, option
from tests.standin import StandIn

from ...conftest import Result
from ...shells import ROOT
from .conftest import Shim

Save = Callable[..., None]

READ = ("project", "one", "--projectId")
# What Node was started with, as a program between the shim and Node sees it.
SHOWS_OPTIONS = '#!/bin/sh\nprintf "%s" "${NODE_OPTIONS-unset}"\n'


@pytest.fixture
def read(shim: Shim, panel: StandIn) -> Callable[..., Result]:
    """Run a read that is refused unless the preload is loaded."""
    return lambda *words, **env: shim.run(*words, *READ, panel.projects[0].id, env=env)


# The core loads the copy that it came with, the shim the one beside it.
OF_CORE = option(str(ROOT / "shell" / "preload.cjs"))


def of_shim(shim: Shim) -> str:
    """Return the option by which the shim loads its copy."""
    return option(str(shim.data / "shims" / "preload.cjs"))


def options_of_cli(shim: Shim, *words: str, env: dict[str, str | None] | None = None) -> str:
    """Return the NODE_OPTIONS that the CLI is started with."""
    shim.program(SHOWS_OPTIONS)
    ran = shim.run(*(words or ("project", "all")), env=env)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


# Which commands.


def test_every_way_to_a_profiles_key_loads_it(
    shim: Shim, dctx: Callable[..., Result], save: Save, panel: StandIn
) -> None:
    ours = of_shim(shim)
    assert options_of_cli(shim) == ours
    assert options_of_cli(shim, "--profile", "prod", "project", "all") == ours
    assert options_of_cli(shim, env={"DOKPLOY_PROFILE": "prod"}) == ours
    argv = ("exec", "prod", "--", "dokploy", "project", "all")
    assert dctx(*argv, env={"PATH": shim.environ()["PATH"]}).out == ours
    # Without the shim on PATH, for one and for all.
    shim.program(SHOWS_OPTIONS)
    path = {"PATH": f"{shim.cli}{os.pathsep}{os.environ['PATH']}"}
    assert dctx(*argv, env=path).out == OF_CORE
    assert dctx("exec", "--all", *argv[2:], env=path).out == f"prod: {OF_CORE}\n"
    assert dctx("exec", "prod", "--", "sh", "-c", SHOWS_OPTIONS).out == "unset"
    # By the core: the key is kept elsewhere, asked for, or expired.
    for fields in (
        {"token": None, "tokenCommand": ["echo", "key"]},
        {"protected": True},
        {"expiresAt": "2020-01-01T00:00:00Z"},
    ):
        save(url=panel.url, **fields)
        shim.program(SHOWS_OPTIONS)
        ran = shim.run("project", "create", env={"DCTX_YES": "prod"})
        assert (ran.code, ran.out) == (0, OF_CORE), ran


def test_a_pair_of_the_users_own_loads_it_too(shim: Shim) -> None:
    pair: dict[str, str | None] = {"DOKPLOY_URL": "http://127.0.0.1:9", "DOKPLOY_API_KEY": "x"}
    assert options_of_cli(shim, env=pair) == of_shim(shim)
    # Where `.env` has a say the core settles it, which loads the copy that it came with.
    shim.dotenv(*(f"{name}={value}" for name, value in pair.items()))
    assert options_of_cli(shim) == option(paths.script(FILE))


def test_without_a_profile_and_without_a_pair_nothing_is_loaded(shim: Shim, save: Save) -> None:
    (shim.home / ".dokploy" / "config.json").unlink()
    assert options_of_cli(shim) == "unset"
    assert options_of_cli(shim, "--version") == "unset"


def test_a_program_that_the_core_runs_for_a_key_does_not_load_it(
    shim: Shim, save: Save, panel: StandIn
) -> None:
    save(url=panel.url, token=None, tokenCommand=["sh", "-c", "echo ${NODE_OPTIONS-unset}"])
    shim.program('#!/bin/sh\nprintf %s "$DOKPLOY_API_KEY"\n')
    ran = shim.run("project", "all")
    assert (ran.out, ran.err) == ("unset", "")


# NODE_OPTIONS.

OWN = [
    "--no-warnings",
    "--max-old-space-size=500 --no-warnings",
    '--require "./my own.cjs"',
    "--require ./mine.cjs --no-warnings",
    "-r ./mine.cjs",
    " --no-warnings ",
    '--title="a --require b"',
]


@pytest.mark.parametrize("own", OWN)
def test_the_users_options_stay_before_ours_and_alone_for_children(own: str, shim: Shim) -> None:
    for name in ("mine.cjs", "my own.cjs"):
        (shim.home / name).write_text("process.env.MINE = 'loaded';")
    assert options_of_cli(shim, env={"NODE_OPTIONS": own}) == f"{own} {of_shim(shim)}"
    seen = shim.seen_by_cli({"NODE_OPTIONS": own})
    assert seen.err == ""
    assert seen.own["NODE_OPTIONS"] == seen.child["NODE_OPTIONS"] == own
    assert seen.own.get("MINE") == ("loaded" if ".cjs" in own else None)


@pytest.mark.parametrize("own", [None, ""])
def test_without_options_of_the_user_children_have_none(own: str | None, shim: Shim) -> None:
    assert options_of_cli(shim, env={"NODE_OPTIONS": own}) == of_shim(shim)
    seen = shim.seen_by_cli({"NODE_OPTIONS": own})
    assert not {"NODE_OPTIONS", "_DCTX_HEADERS"} & ({*seen.own} | {*seen.child})


@pytest.mark.parametrize("own", ["", "--no-warnings "])
@pytest.mark.parametrize("core", [False, True], ids=["shim", "core"])
def test_it_is_not_added_twice(
    own: str, core: bool, shim: Shim, save: Save, panel: StandIn
) -> None:
    if core:
        save(url=panel.url, token=None, tokenCommand=["echo", "key"])
    before = own + (OF_CORE if core else of_shim(shim))
    for whole in (before, f"{before} --trace-uncaught"):
        assert options_of_cli(shim, env={"NODE_OPTIONS": whole}) == whole


STRANGE = [
    "with blank",
    "two  blanks,\ta tab",
    'with "quotes"',
    "with 'single'",
    "back\\slash\\",
    '\\"both\\\\"',
    "größer-日本-🐳",
    "$HOME `id` $(id)",
    "a\nnewline",
    "--require x",
    "%41*?[a]",
]


@pytest.mark.parametrize("name", STRANGE)
def test_the_path_of_the_data_folder_may_hold_anything(
    name: str, shim: Shim, panel: StandIn, tmp_path: Path
) -> None:
    shim.data = installed(tmp_path / name)
    project = panel.projects[0].id
    for env in ({}, {"NODE_OPTIONS": "--no-warnings"}):
        ran = shim.run(*READ, project, env=env)
        assert (ran.code, ran.err) == (0, "")
        seen = shim.seen_by_cli(env)
        assert seen.child.get("NODE_OPTIONS") == env.get("NODE_OPTIONS")
        shim.cli = Shim(shim.data, shim.home).cli


def test_a_data_folder_behind_a_link(shim: Shim, tmp_path: Path) -> None:
    installed(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    shim.data = installed(tmp_path / "link")
    seen = shim.seen_by_cli()
    assert "NODE_OPTIONS" not in seen.own


def installed(folder: Path) -> Path:
    """Return a data folder below `folder`, written by `dctx init`."""
    program = Path(sys.executable).with_name("dctx")
    environ = {**os.environ, "XDG_DATA_HOME": str(folder)}
    subprocess.run([program, "init", "sh"], env=environ, check=True, capture_output=True)
    return folder / "dctx"


# Off, or not to be had.


def test_off_by_the_user(read: Callable[..., Result], shim: Shim) -> None:
    assert read().code == 0
    ran = read(DCTX_PRELOAD="0")
    assert (ran.code, ran.err) == (1, "Request failed with status code 400\n")
    assert options_of_cli(shim, env={"DCTX_PRELOAD": "0"}) == "unset"
    assert "_DCTX_HEADERS" not in shim.seen_by_cli({"DCTX_PRELOAD": "0", "_DCTX_HEADERS": "{}"}).own
    own: dict[str, str | None] = {"DCTX_PRELOAD": "0", "NODE_OPTIONS": "--no-warnings"}
    assert options_of_cli(shim, env=own) == "--no-warnings"
    for word in ("1", "", "no"):
        assert read(DCTX_PRELOAD=word).code == 0


@pytest.mark.parametrize("kind", ["gone", "unreadable", "not UTF-8"])
def test_a_preload_that_is_not_there_stops_nothing(
    kind: str, shim: Shim, panel: StandIn, tmp_path: Path
) -> None:
    if kind == "not UTF-8":
        shim.data = installed(tmp_path / os.fsdecode(b"\xff"))
    else:
        shim.data = installed(tmp_path / "data")
        file = shim.data / "shims" / "preload.cjs"
        file.unlink()
        if kind == "unreadable":
            file.symlink_to("/nowhere")
    ran = shim.run(*READ, panel.projects[0].id)
    assert (ran.code, ran.err) == (0, "")
    assert options_of_cli(shim) == OF_CORE


def test_bun_and_others_that_ignore_node_options_behave_as_before(shim: Shim) -> None:
    shim.program('#!/bin/sh\necho "$DOKPLOY_PROFILE $*"\n')
    assert shim.run("project", "all").out == "prod project all\n"


def test_the_shim_starts_no_process_for_it(shim: Shim) -> None:
    shim.program("#!/bin/true\n")
    script = shim.home / "count"
    script.write_text("exec strace -f -qq -e trace=process -o trace dokploy project all\n")
    done = subprocess.run(["sh", script], env=shim.environ(), cwd=shim.home, capture_output=True)
    assert done.returncode == 0, done.stderr
    trace = (shim.home / "trace").read_text()
    assert not [line for line in trace.splitlines() if "clone" in line or "fork" in line]


def test_loading_adds_nothing_to_what_the_cli_prints(shim: Shim) -> None:
    off: dict[str, str | None] = {"DCTX_PRELOAD": "0"}
    for words in (("organization", "active"), ("project", "all"), ("no-such",), ("project", "-h")):
        assert shim.run(*words) == shim.run(*words, env=off)
