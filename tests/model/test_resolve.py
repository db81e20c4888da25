"""Every row of cases.py, in every implementation of which profile is active."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.errors import DctxError
from dokploy_ctx.files.document import Document, parse
from dokploy_ctx.files.paths import config_dir
from dokploy_ctx.model import urls
from dokploy_ctx.model.resolve import Config, dotenv, resolve

from ..answers import asked
from ..cases import CASES, KEY, PRIVATE, PROFILE, TOKEN, URL, Case
from ..conftest import Result, settle
from ..shells import BASH, BUSYBOX, DASH, Shell

BY_PROMPT = [case for case in CASES if case.segment is not None]


def lay_out(case: Case, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the row's config.json, .env and environment; the working directory is a project.

    The index is there, and config.json is old: in the second of a change readers ask the core,
    which is how test_truth.py has the rows.
    """
    if case.config is not None:
        path = home / ".dokploy" / "config.json"
        path.parent.mkdir(0o700)
        path.write_text(case.config if isinstance(case.config, str) else json.dumps(case.config))
        path.chmod(0o600)
        settle(path)
    project = home / "project"
    project.mkdir()
    if case.dotenv is not None:
        (project / ".env").write_bytes(case.dotenv.encode())
    monkeypatch.chdir(project)
    for name, value in case.env.items():
        monkeypatch.setenv(name, value)
    if case.home is None:
        monkeypatch.delenv("HOME")
    elif case.home != "~":
        monkeypatch.setenv("HOME", case.home)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_resolve_gives_the_table(case: Case) -> None:
    def load() -> Config:
        if case.home != "~":
            config_dir({} if case.home is None else {"HOME": case.home})
        if case.config is None or case.home != "~":
            return Config()
        raw = case.config if isinstance(case.config, str) else json.dumps(case.config)
        return Document(parse(raw.encode(), "config.json")).config

    def answer() -> tuple[int, str | None, str | None, str | None, str]:
        found = resolve(case.flag, case.env, case.dotenv, load)
        says = " ".join(found.notices)
        if found.profile:
            profile = found.profile
            return found.level, profile.name, profile.usable_url(), profile.plain_key, says
        if found.pair:
            return found.level, None, found.pair.url, found.pair.key, says
        return found.level, None, None, None, says

    if not case.level:
        with pytest.raises(DctxError) as error:
            answer()
        assert error.value.code == case.code
        assert case.says in str(error.value)
    else:
        level, name, url, key, says = answer()
        assert (level, name, url, key) == (case.level, case.name, case.url, case.key)
        assert (case.says in says) if case.says else says == ""


@pytest.mark.parametrize("case", [case for case in CASES if case.flag is None], ids=repr)
def test_current_gives_the_table(
    case: Case, home: Path, dctx: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(case, home, monkeypatch)
    ran = dctx("current", "--json")
    if not case.level:
        assert (ran.code, ran.out) == (case.code, "")
        assert ran.err.startswith("dctx: ") and ran.err.count("\n") == 1 and case.says in ran.err
        return
    data = json.loads(ran.out)
    assert (data["level"], data["profile"], data["url"] or None) == (
        case.level,
        case.name,
        case.url and urls.shown(case.url),
    )
    assert ran.code == (1 if case.level == 5 else 0)
    if case.name == "prod":
        assert data["organization"] == {"id": "-org1", "name": "Acme"}
    assert (case.says in ran.err) if case.says else ran.err == ""


# Stands for the CLI: notes what it was given, as it would read it (docs/dokploy-api.md).
SCRUBBED = ("_DCTX_SHOWN", *PRIVATE)
NOTED = (PROFILE, URL, KEY, TOKEN, "DCTX_ORG", "DCTX_ORG_ID", *SCRUBBED)
CLI = f"""#!/bin/sh
for name in {" ".join(NOTED)}; do
    eval "value=\\${{$name-unset}}"
    printf '%s\\0' "$value"
done >"$NOTES"
for word in "$@"; do printf '%s\\0' "$word"; done >>"$NOTES"
exit 42
"""


ZSH_AS_SH = Shell("zsh as sh", ["zsh", "--emulate", "sh"])


@pytest.mark.parametrize("sh", [DASH, BUSYBOX, BASH, ZSH_AS_SH], ids=repr)
@pytest.mark.parametrize("case", CASES, ids=repr)
def test_shim_gives_the_table(
    case: Case, sh: Shell, home: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(case, home, monkeypatch)
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text(CLI)
    cli.chmod(0o755)
    notes = home / "notes"
    path = f"{data_home / 'shims'}:{cli.parent}:{os.environ['PATH']}"
    environ = {**os.environ, "PATH": path, "NOTES": str(notes)}
    flags = [] if case.flag is None else ["--profile", case.flag]
    argv = [
        *sh.command,
        str(data_home / "shims" / "dokploy"),
        "project",
        *flags,
        "all",
        "--",
        "--profile",
        "x",
    ]
    ran = subprocess.run(argv, env=environ, capture_output=True, text=True, timeout=60)
    if case.code:
        assert (ran.returncode, ran.stdout) == (case.code, "")
        assert case.says in ran.stderr and case.run_says in ran.stderr
        assert not notes.exists()
        return
    assert ran.returncode == 42, ran.stderr
    for says in (case.says, case.run_says):
        assert says in ran.stderr
    assert ran.stderr.count("\n") == bool(case.says) + bool(case.run_says)
    words = notes.read_text().split("\0")[:-1]
    assert words[len(NOTED) :] == ["project", "all", "--", "--profile", "x"]
    seen = dict(zip(NOTED, words, strict=False))
    # The CLI and what it starts see nothing that a session keeps for itself.
    assert [seen[name] for name in SCRUBBED] == ["unset"] * len(SCRUBBED)
    profile, url, key, token = (seen[name] for name in (PROFILE, URL, KEY, TOKEN))
    if case.name is not None:
        assert (profile, url, key, token) == (case.name, case.url, case.key, "unset")
        assert (seen["DCTX_ORG"], seen["DCTX_ORG_ID"]) == (case.org or ("unset", "unset"))
        return
    # Levels 3 and 5: the CLI gets what the user has, and reads `.env` by itself.
    assert (profile, url, key, token) == tuple(
        case.env.get(name, "unset") for name in (PROFILE, URL, KEY, TOKEN)
    )
    if case.level == 3:
        read = {**dotenv(case.dotenv or ""), **{k: v for k, v in case.env.items() if v}}
        assert read[URL] == case.url
        assert (read[KEY] if KEY in read else read[TOKEN]) == case.key


@pytest.mark.parametrize("case", BY_PROMPT, ids=repr)
def test_core_answers_hooks_by_the_table(
    case: Case, home: Path, dctx: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(case, home, monkeypatch)
    found = asked(dctx, "prompt")
    assert (found["segment"], found["state"]) == (case.segment, case.state)
    # Looking changes nothing.
    assert (found["rc"], found["session"]) == ("0", "")
    if case.level:
        assert int(found["level"]) == case.level


@pytest.mark.parametrize("case", BY_PROMPT, ids=repr)
def test_hook_gives_the_table(
    case: Case, shell: Shell, home: Path, loaded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if case.unexported and not shell.has_export_flag:
        pytest.skip("this shell exports every variable")
    lay_out(case, home, monkeypatch)
    ran = shell.run(
        loaded,
        *[shell.set(name, value) for name, value in case.unexported.items()],
        shell.prompt,
        shell.show("DCTX_SEGMENT", "DCTX_SEGMENT_STATE", PROFILE, URL, KEY, TOKEN),
        interactive=True,
    )
    assert ran.code == 0
    segment = case.segment or None
    assert (ran.vars["DCTX_SEGMENT"], ran.vars["DCTX_SEGMENT_STATE"]) == (
        segment,
        case.state if segment else None,
    )
    # Looking changes nothing.
    for name in (PROFILE, URL, KEY, TOKEN):
        assert ran.vars[name] == {**case.env, **case.unexported}.get(name)
