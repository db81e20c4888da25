"""Whatever a `.env` or a record holds: every reader answers as the core does, and runs nothing.

hypothesis makes the texts; one shell process reads a whole batch of them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from dokploy_ctx.commands.shared.context import dotenv_text
from dokploy_ctx.constants import FIELDS, SEPARATOR
from dokploy_ctx.files.store import read
from dokploy_ctx.shells.hook_answer import Question, answer

from ..shells import HOOKED, Ran, Shell
from .test_readers import SHIM_SHELLS, cli, fresh, shim

__all__ = ["cli", "fresh"]  # fixtures

URL, KEY, TOKEN = "DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_AUTH_TOKEN"
SEEN = ("DCTX_SEGMENT", "DCTX_SEGMENT_STATE")
ORGANIZATION = ("DCTX_ORG", "DCTX_ORG_ID")
# Whatever is run leaves this file.
PWN = "$(touch pwned)"
PIECES = st.sampled_from(
    [
        "DOKPLOY_", URL, KEY, TOKEN, "DOKPLOY_PROFILE", "export ", "=", "==", "\n", "\r\n", " ",
        "\t", "\v", "\ufeff", "\u00a0", "\u2003", "'", '"', "\\", "#", "https://a.example",
        "http://b:3000/x",
        "https://u:p@h", "k", "", "$HOME", PWN, "`touch pwned`", f"x[{PWN}]", "%s", "*", "\x1f",
        "\x01", "\0", "é", "~", ";touch pwned;", "staging",
    ]
)  # fmt: skip
# Mostly lines that nearly mean something, and now and then anything at all.
LINES = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", " ", "export ", "\ufeff", "#"]),
    st.sampled_from([URL, KEY, TOKEN, "A", "DOKPLOY_X"]),
    st.sampled_from(["=", " = ", "==", "", "=\u00a0"]),
    st.sampled_from(
        ["https://a.example", "'https://b.example:1'", "k", "", "'", '"k', PWN, f"x[{PWN}]", "a b"]
    ),
    st.sampled_from(["", " ", " # c", "\r", "\0", "\\"]),
)
DOTENVS = st.one_of(
    st.lists(LINES, max_size=6).map("\n".join), st.lists(PIECES, max_size=20).map("".join)
)
ENVIRONS = st.sampled_from(
    [{}, {}, {URL: "https://out.example"}, {KEY: "k-out"}, {URL: "", KEY: ""}, {TOKEN: "t"},
     {URL: "https://out.example", KEY: "k"}]
)  # fmt: skip
SETTINGS = settings(
    max_examples=3,
    deadline=None,
    phases=[
        Phase.explicit,
        Phase.generate,
    ],  # a failure names its text; making it smaller would take minutes
    suppress_health_check=list(HealthCheck),
)


def unset_all(shell: Shell) -> list[str]:
    """Return the lines that leave none of these variables."""
    return [shell.forget(name) for name in (URL, KEY, TOKEN)]


# Within one second, so that no time tells them apart.
WITH_NULS = (
    "DOKPLOY_X=1\n\0",
    "DOKPLOY_URL=https://a.example\nDOKPLOY_API_KEY=k\n\0",
    "DOKPLOY_X=2\n\0",
)


@SETTINGS
@example(batch=[(text, {}) for text in WITH_NULS])
@given(batch=st.lists(st.tuples(DOTENVS, ENVIRONS), min_size=12, max_size=12))
@pytest.mark.timeout(600)
def test_dotenv_is_read_alike(
    shell: Shell, loaded: str, fresh: Callable[..., Path], home: Path, data_home: Path, cli: Path,
    batch: Sequence[tuple[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fresh(prod={"organization": {"id": "x", "name": "Acme"}}, staging={})
    expected, lines = [], [loaded]
    at = SHIM_SHELLS[list(map(repr, HOOKED)).index(repr(shell)) % len(SHIM_SHELLS)]
    for number, (text, environ) in enumerate(batch):
        folder = home / f"folder-{number}"
        folder.mkdir(exist_ok=True)
        (folder / ".env").write_bytes(text.encode("utf-8"))
        monkeypatch.chdir(folder)
        found = answer(
            Question("prompt", environ, lambda: read(str(home / ".dokploy")).config,
                     int(time.time()), dotenv=dotenv_text())
        )  # fmt: skip
        expected.append((found["segment"], found["state"]))
        lines += [f"cd {folder}", *[shell.export(*pair) for pair in environ.items()], shell.prompt,
                  shell.show(*SEEN), *unset_all(shell), "cd ~", shell.prompt]  # fmt: skip
        if number % 4 == 0:  # a process each
            code, seen, err = shim(at, data_home, "project", "all", env=environ)
            case = (text, environ, err)
            assert (found["segment"] == "?") <= (code != 0 or found["level"] == "3"), case
            if found["level"] == "4" and code == 0:
                assert seen["DOKPLOY_PROFILE"] == "prod", case
            elif code == 0:
                assert "DOKPLOY_PROFILE" not in seen, case
    monkeypatch.chdir(home)
    ran = shell.run(*lines, interactive=True, timeout=120)
    got = [tuple(row[name] or "" for name in SEEN) for row in ran.shown]
    for said, want, have in zip(batch, expected, got, strict=True):
        assert have == want, said
    assert not list(home.rglob("pwned"))


HOSTILE = st.sampled_from(
    [
        f"x[{PWN}]", PWN, "`touch pwned`", "';touch pwned;'", "../../x", "/etc/passwd", "*", "\\",
        "%n", "!x", "", "0", "-1", "08", "1e9", "9" * 30, "a b", "é", "$HOME", "${IFS}", "~",
        "\x1b[31m",
        "\\(touch pwned\\)", "(touch pwned)", "--help", "-n", "1", "protected", "session",
    ]
)  # fmt: skip
CHANGES = st.dictionaries(st.sampled_from(FIELDS), HOSTILE, min_size=1, max_size=3)
EDITS = st.one_of(
    CHANGES.map(lambda change: ("fields", change)),
    st.sampled_from(
        [("cut", 3), ("cut", 9), ("more", 1), ("empty", 0), ("newlines", 0), ("nul", 0)]
    ),
)


def edited(record: str, kind: str, what: Any) -> bytes:
    """Return a record after somebody else wrote into it."""
    fields = record.split(SEPARATOR)
    if kind == "fields":
        for name, value in what.items():
            fields[FIELDS.index(name)] = value
    elif kind == "cut":
        fields = fields[:what]
    elif kind == "more":
        fields += [PWN, "x"]
    elif kind == "empty":
        return b""
    text = SEPARATOR.join(fields)
    return {"newlines": f"\n{text}\n\n{text}", "nul": text.replace(SEPARATOR, "\0", 1)}.get(
        kind, text + "\n"
    ).encode()


def told(ran: Ran) -> list[list[str | None]]:
    """Return what the shell showed."""
    return [list(row.values()) for row in ran.shown]


@SETTINGS
@given(batch=st.lists(EDITS, min_size=8, max_size=8))
@pytest.mark.timeout(600)
def test_record_is_read_alike(
    loaded_by: Callable[[Shell], str], fresh: Callable[..., Path], home: Path, data_home: Path,
    cli: Path, batch: Sequence[tuple[str, Any]],
) -> None:  # fmt: skip
    """What a record says is believed, but by all alike; a record that is none is asked about."""
    # The last example's record may be none, which dctx takes for somebody's own file.
    shutil.rmtree(home / ".dokploy" / "index", ignore_errors=True)
    path = fresh(prod={}, staging={"organization": {"id": "i", "name": "Acme"},
                                   "expiresAt": "2037-01-01T00:00:00Z"})  # fmt: skip
    target = path.parent / "index" / "staging"
    record = target.read_text().rstrip("\n")
    for number, (kind, what) in enumerate(batch):
        (home / f"record-{number}").write_bytes(edited(record, kind, what))
    answers = {}
    for shell in HOOKED:
        lines = [loaded_by(shell), shell.prompt]
        for number in range(len(batch)):
            lines += [f"command cat record-{number} >{target}",
                      "dctx staging 2>/dev/null",
                      shell.show("?", "DOKPLOY_PROFILE", URL, KEY, *ORGANIZATION, *SEEN),
                      shell.prompt, "dctx off 2>/dev/null", shell.prompt,
                      shell.export("DOKPLOY_PROFILE", "staging"), shell.prompt, shell.show(*SEEN),
                      shell.unset("DOKPLOY_PROFILE"), shell.prompt]  # fmt: skip
        answers[shell.name] = told(shell.run(*lines, interactive=True, timeout=120))
    for at, (kind, what) in enumerate(batch):
        for name, seen in answers.items():
            reference = answers["bash"]
            assert seen[2 * at : 2 * at + 2] == reference[2 * at : 2 * at + 2], (name, kind, what)
    for number in range(0, len(batch), 3):
        target.write_bytes((home / f"record-{number}").read_bytes())
        results = []
        for program in SHIM_SHELLS:
            code, got, _ = shim(program, data_home, "--profile", "staging", "project", "all")
            results.append((code, [got.get(n) for n in (URL, KEY, *ORGANIZATION)]))
        assert results.count(results[0]) == len(results), (batch[number], results)
    assert not list(home.rglob("pwned"))


@pytest.mark.parametrize("hostile", [f"x[{PWN}]", PWN], ids=["subscript", "command"])
def test_no_field_is_evaluated(
    shell: Shell, loaded: str, fresh: Callable[..., Path], home: Path, hostile: str
) -> None:
    """Each field of a record, and of `.current`, holds what a shell might run."""
    path = fresh(prod={"expiresAt": "2037-01-01T00:00:00Z"}, staging={})
    index = path.parent / "index"
    good = {name: (index / name).read_text().rstrip("\n") for name in ("staging", ".current")}
    lines = [loaded, shell.prompt]
    for name, record in good.items():
        for field in range(len(record.split(SEPARATOR))):
            fields = record.split(SEPARATOR)
            fields[field] = hostile
            file = home / f"record-{name}-{field}"
            file.write_text(SEPARATOR.join(fields) + "\n")
            lines += [f"command cat {file} >{index / name}", "dctx staging", shell.prompt,
                      "dctx off", shell.export("DOKPLOY_PROFILE", "staging"), shell.prompt,
                      shell.unset("DOKPLOY_PROFILE"), shell.prompt]  # fmt: skip
        (home / "good").write_text(record + "\n")
        lines.append(f"command cat {home / 'good'} >{index / name}")
    ran = shell.run(*lines, interactive=True, timeout=120)
    assert not list(home.rglob("pwned"))
    for text in ("invalid", "bad ", "error", "not found", "unknown", "expected"):
        assert text not in ran.err.replace(hostile, ""), ran.err


@pytest.fixture
def loaded_by(data_home: Path) -> Callable[[Shell], str]:
    """Return what loads the hook into a shell."""
    return lambda shell: shell.source(data_home / f"hook.{shell.dialect}")


@pytest.mark.parametrize(
    "what", ["many lines", "one long line", "NUL bytes", "FIFO", "folder", "no permission"]
)
def test_hostile_dotenv_stops_no_prompt(
    shell: Shell, loaded: str, fresh: Callable[..., Path], home: Path, data_home: Path, cli: Path,
    what: str, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A cloned repository's `.env` may be anything: the prompt comes, and the shim ends."""
    fresh(prod={})
    project = home / "project"
    project.mkdir()
    file = project / ".env"
    if what == "FIFO":
        os.mkfifo(file)
    elif what == "folder":
        file.mkdir()
    else:
        file.write_bytes(
            {"many lines": b"DOKPLOY_X=1\n" * 20_000, "one long line": b"DOKPLOY_" * 300_000,
             "NUL bytes": b"\0" * 1_000_000 + b"\nDOKPLOY_URL=x\n"}.get(what, b"DOKPLOY_URL=x\n")
        )  # fmt: skip
        if what == "no permission":
            file.chmod(0)
    monkeypatch.chdir(project)
    ran = shell.run(loaded, *[shell.prompt] * 3, shell.show(*SEEN), interactive=True, timeout=30)
    found = subprocess.run(
        ["dctx", "current", "--json"], capture_output=True, text=True, timeout=30
    )
    level = json.loads(found.stdout)["level"] if found.returncode == 0 else None
    assert ran.vars["DCTX_SEGMENT"] == ("prod" if level == 4 else "?"), (found, ran.err)
    for program in SHIM_SHELLS:
        code, seen, err = shim(program, data_home, "project", "all")
        assert code == 0, err
        assert seen["DOKPLOY_PROFILE"] == "prod"
