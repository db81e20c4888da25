"""Every text that JSON can hold, through each emitter and reader and back: the same, or refused.

Refused means: an exit code, and one line that says why. A shell reads a whole batch in one process.
`make test` takes a few batches, `make matrix` DCTX_BATCHES of them.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dokploy_ctx.constants import ANSWER_FIELDS, OWNED
from dokploy_ctx.files.document import encoded, parse
from dokploy_ctx.model import pasted
from dokploy_ctx.model.urls import normalize, plain
from dokploy_ctx.text.foreign import exported_id, exported_name

from ..forked import forked
from ..shells import BASH, BUSYBOX, DASH, LEFT_OUT, OLD_BASH, ZSH, Shell, changed
from .seat import official_cli as official
from .texts import BATCH, SETTINGS, profiles

PROFILE, URL, KEY, TOKEN, ORG, ORG_ID = OWNED
CODES = {1, 2, 3, 4, 5, 6}
# What may be /bin/sh.
SHIMS = [shell for shell in (DASH, BUSYBOX, BASH, OLD_BASH, ZSH) if shell not in LEFT_OUT]
# No two versions of config.json have the same time.
SECONDS = itertools.count()
Batch = list[tuple[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def nothing_was_run(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Put a `dokploy` that prints what it gets at the end of PATH; nothing else may be run."""
    monkeypatch.setenv("PATH", official(tmp_path / "cli")["PATH"])
    (tmp_path / "ran").mkdir()
    yield
    assert not list(tmp_path.rglob("pwned"))


def write(home: Path, entries: Mapping[str, Any], *, current: str = "") -> None:
    """Write config.json, older than this second."""
    folder = home / ".dokploy"
    folder.mkdir(0o700, exist_ok=True)
    path = folder / "config.json"
    path.write_bytes(encoded({"currentProfile": current, "profiles": dict(entries)}))
    path.chmod(0o600)
    when = 1_600_000_000 + next(SECONDS)
    os.utime(path, (when, when))


def wanted(name: str, entry: Mapping[str, Any]) -> dict[str, str | None]:
    """Return what a program must see of a profile."""
    return {
        PROFILE: name,
        URL: plain(entry["url"].strip()),
        KEY: entry["token"],
        TOKEN: None,
        ORG: exported_name(entry["organization"]["name"]) or None,
        ORG_ID: exported_id(entry["organization"]["id"]) or None,
    }


def refused(code: int, out: bytes, err: str) -> bool:
    """Return whether a command was refused; holds that it says why in one line."""
    if code == 0:
        return False
    assert code in CODES, (code, err)
    assert out == b"", out
    assert err.startswith("dctx: "), err
    assert err.count("\n") == 1, err
    return True


def accepted(argv: list[str], folder: Path) -> bytes | None:
    """Return what `dctx ARGV` prints, None if it is refused."""
    code, out, err = forked(argv, folder)
    return None if refused(code, out, err) else out


def arguments(name: str) -> bool:
    """Return whether a name can be an argument of a program at all."""
    return "\0" not in name and not any("\ud800" <= c <= "\udfff" for c in name)


def written(home: Path, batch: Batch) -> dict[str, dict[str, Any]]:
    """Write the profiles of `batch`; return those whose names can be arguments of a program."""
    entries = profiles(batch)
    write(home, entries)
    return {name: entry for name, entry in entries.items() if arguments(name)}


@SETTINGS
@given(batch=BATCH)
def test_config_json(batch: Batch) -> None:
    data = {"currentProfile": batch[0][0], "profiles": profiles(batch)}
    assert parse(encoded(data), "config.json") == data
    assert parse(json.dumps(data).encode(), "config.json") == data


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_env_for_a_shell(any_shell: Shell, home: Path, tmp_path: Path, batch: Batch) -> None:
    """The text that `dctx env` prints, evaluated; it asks dctx for the key."""
    lines, expected = [], []
    for number, (name, entry) in enumerate(written(home, batch).items()):
        out = accepted(["env", "--shell", any_shell.dialect, "--", name], tmp_path)
        if out is None:
            continue
        (home / f"text-{number}").write_bytes(out)
        lines += [f". ./text-{number}", any_shell.show(*OWNED),
                  *[f"{any_shell.unset(each)} 2>/dev/null" for each in OWNED]]  # fmt: skip
        expected.append(wanted(name, entry))
    ran = any_shell.run(*lines, timeout=300)
    assert ran.shown == expected, ran.err


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_answer_of_the_core(shell: Shell, home: Path, tmp_path: Path, batch: Batch) -> None:
    """What `dctx _hook` prints for a switch, evaluated: each field, and none runs anything."""
    fields = [f"__dctx_a_{field}" for field in ANSWER_FIELDS]
    lines, expected = [], []
    for number, (name, entry) in enumerate(written(home, batch).items()):
        argv = ["_hook", "--shell", shell.dialect, f"--prev={name}", "switch", "--", name]
        code, out, err = forked(argv, tmp_path)
        assert (code, err) == (0, ""), err
        (home / f"text-{number}").write_bytes(out)
        lines += [f". ./text-{number}", shell.show(*fields)]
        expected.append((name, entry))
    ran = shell.run(*lines)
    for (name, entry), shown in zip(expected, ran.shown, strict=True):
        found = {field: shown[f"__dctx_a_{field}"] for field in ANSWER_FIELDS}
        assert found["done"] == "1"
        if found["rc"] != "0":
            assert int(found["rc"] or 0) in CODES
            assert (found["say"] or "").startswith("dctx: ") and "\n" not in (found["say"] or "")
            continue
        want = wanted(name, entry)
        values = (want[PROFILE], want[URL], want[KEY], want[ORG] or "", want[ORG_ID] or "")
        assert [found[f] for f in ("profile", "url", "key", "org", "org_id")] == list(values)
        assert found["memory"] == "\x1f".join(str(want[each]) for each in (PROFILE, URL, KEY))


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_switch_and_off(shell: Shell, loaded: str, home: Path, batch: Batch) -> None:
    """With a record if there is one, else with the core; `off` restores everything."""
    entries = written(home, batch)
    lines = [loaded, shell.prompt]
    for name in entries:
        lines += [f"dctx -- {shell.quote(name)}", shell.show("?", *OWNED), shell.prompt,
                  shell.show(*OWNED), "dctx off 2>/dev/null", shell.show(*OWNED)]  # fmt: skip
    ran = shell.run(*lines, interactive=True, timeout=300)
    nothing = dict.fromkeys(OWNED)
    reasons = [line for line in ran.err.splitlines() if line.startswith("dctx: ")]
    for at, name in enumerate(entries):
        first, at_prompt, after = ran.shown[3 * at : 3 * at + 3]
        code = first.pop("?")
        if code == "0":
            assert first == wanted(name, entries[name])
        else:
            assert int(code or 0) in CODES
            assert reasons.pop(0), name
            assert first == nothing, name
        assert at_prompt == first, name
        assert after == nothing, name


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("program", SHIMS, ids=repr)
def test_shim(program: Shell, data_home: Path, home: Path, tmp_path: Path, batch: Batch) -> None:
    """What the official CLI gets, headers included."""
    entries = written(home, batch)
    forked(["sync"], tmp_path)
    shim = str(data_home / "shims" / "dokploy")
    for number, name in enumerate(filter(None, entries)):
        with (home / f"out-{number}").open("wb") as out:
            done = subprocess.run([*program.command, shim, f"--profile={name}", "project", "all"],
                                  stdout=out, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                  env=changed(os.environ, {}))  # fmt: skip
        got = (home / f"out-{number}").read_bytes()
        if refused(done.returncode, got, done.stderr.decode(errors="replace")):
            continue
        seen = environment(got)
        assert {each: seen.get(each) for each in OWNED} == wanted(name, entries[name])
        headers = entries[name].get("headers")
        assert json.loads(seen.get("_DCTX_HEADERS", "null")) == (headers or None)


def environment(out: bytes) -> dict[str, str]:
    """Return what `env -0` printed."""
    text = out.decode("utf-8", "surrogateescape")
    return dict(item.partition("=")[::2] for item in text.split("\0") if item)


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_exec_and_templates(home: Path, tmp_path: Path, batch: Batch) -> None:
    templates = ["-eALL={profile}|{url}|{key}|{org_id}", "-eKEY={key}{{key}}"]
    for name, entry in written(home, batch).items():
        argv = ["exec", *templates, "--", name, "--", "/usr/bin/env", "-0"]
        out = accepted(argv, tmp_path)
        if out is None:
            continue
        seen, want = environment(out), wanted(name, entry)
        assert {each: seen.get(each) for each in OWNED} == want
        values = (name, want[URL], want[KEY], entry["organization"]["id"])
        assert seen["ALL"] == "|".join(map(str, values))
        assert seen["KEY"] == f"{want[KEY]}{{{want[KEY]}}}"


# Node reads each folder's `.env` by the official CLI's own function.
READER = """
import fs from "node:fs";
const { readAuthConfig } = await import(process.argv[2]);
const found = [];
for (const folder of process.argv.slice(3)) {
  process.chdir(folder);
  for (const name of ["DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_AUTH_TOKEN"])
    delete process.env[name];
  found.push(readAuthConfig());
}
fs.writeFileSync(1, JSON.stringify(found));
"""


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_files(home: Path, tmp_path: Path, batch: Batch, official_cli: Path) -> None:
    """json by a JSON reader, dotenv by the official CLI, GitHub's file and mask by its rules."""
    folders, expected = [], []
    for number, (name, entry) in enumerate(written(home, batch).items()):
        want = wanted(name, entry)
        out = accepted(["env", "--shell", "json", "--", name], tmp_path)
        if out is not None:
            assert json.loads(out) == {each: want[each] for each in (PROFILE, URL, KEY)}
        out = accepted(["env", "--shell", "dotenv", "--", name], tmp_path)
        if out is not None:
            folder = home / f"project-{number}"
            folder.mkdir(exist_ok=True)
            (folder / ".env").write_bytes(out)
            folders.append(str(folder))
            expected.append({"url": want[URL], "token": want[KEY]})
        target = tmp_path / "github"
        target.unlink(missing_ok=True)
        os.environ["GITHUB_ENV"] = str(target)
        out = accepted(["env", "--shell", "github", "--", name], tmp_path)
        if out is not None:
            assert github_file(target.read_text("utf-8")) == {
                each: want[each] for each in (URL, KEY)
            }
            assert masked(out.decode()) == want[KEY]
    client = official_cli.resolve().parent / "client.js"
    done = subprocess.run(["node", "--input-type=module", "-", str(client), *folders],
                          input=READER, capture_output=True, text=True)  # fmt: skip
    assert json.loads(done.stdout) == expected, done.stderr


def github_file(text: str) -> dict[str, str]:
    """Return what GitHub's runner takes from an environment file without a heredoc in it."""
    lines = text.replace("\r\n", "\n").split("\n")
    assert lines.pop() == ""
    return dict(line.partition("=")[::2] for line in lines)


def masked(out: str) -> str:
    """Return the text that GitHub's runner hides from then on."""
    lines = out.split("\n")
    assert lines.pop() == "" and len(lines) == 1
    value = lines[0].removeprefix("::add-mask::")
    return value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_words_of_a_vaults_program(home: Path, tmp_path: Path, batch: Batch) -> None:
    program = home / "vault"
    program.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\" >args\necho the-key\n")
    program.chmod(0o755)
    for text, entry in batch:
        words = [text, entry["url"], entry["organization"]["name"]]
        write(home, {"prod": {"url": "https://a.example", "tokenCommand": [str(program), *words]}})
        out = accepted(["env", "prod", "--get", "key"], tmp_path)
        if out is not None:
            assert out == b"the-key\n"
            # Bytes that are no UTF-8 are saved as lone surrogates, and are bytes again.
            args = (home / "args").read_bytes().decode("utf-8", "surrogateescape").split("\0")
            assert args == [*words, ""]


@SETTINGS
@given(batch=BATCH)
@pytest.mark.timeout(900)
def test_door(home: Path, tmp_path: Path, batch: Batch) -> None:
    """What `dctx auth` saves is what was typed, or nothing is saved and it says why."""
    for name, entry in profiles(batch).items():
        shutil.rmtree(home / ".dokploy", ignore_errors=True)
        headers = dict(list(entry.get("headers", {}).items())[:1])
        words = [name, entry["url"], *[f"{n}: {v}" for n, v in headers.items()]]
        if not all(map(arguments, [*words, entry["token"]])):
            continue
        options = [f"--header={n}: {v}" for n, v in headers.items()]
        argv = ["auth", f"--url={entry['url']}", f"--token={entry['token']}", "--no-check",
                *options, "--", name]  # fmt: skip
        code, out, err = forked(argv, tmp_path)
        path = home / ".dokploy" / "config.json"
        if code:
            assert code == 2 and out == b"", err
            assert err.splitlines()[-1].startswith("dctx: "), err
            assert not path.exists()
            continue
        found = parse(path.read_bytes(), "config.json")["profiles"][name]
        assert found == {
            "url": normalize(entry["url"]),
            "token": pasted.read(entry["token"]).key,
            **({"headers": {n.strip(): v.strip() for n, v in headers.items()}} if headers else {}),
        }
