"""Every reader of the index (hooks of four shells, the shim) reads each field as what it is.

One small change in one reader would make it differ: two fields swapped, a name that is not
compared, a variable missing from a list. Each test here is red for one such change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import FIELDS, OWNED, SCRUBBED, SENTINEL, SEPARATOR

from ..cases import WINS
from ..forked import forked
from ..shells import BASH, BUSYBOX, DASH, Shell, changed
from ..terminal import CTRL_U, TAB, Terminal

PROFILE, URL, KEY = "DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY"
STAGING: dict[str, Any] = {
    "url": "https://u.example:8443/x",
    "token": "the-key",
    "organization": {"id": "-the-id", "name": "The Org"},
}
SHIM_SHELLS = [DASH, BUSYBOX, BASH]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `dokploy` on PATH that prints its environment, and return its folder."""
    folder = tmp_path / "cli"
    folder.mkdir()
    program = folder / "dokploy"
    program.write_text("#!/bin/sh\nexec env -0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


@pytest.fixture
def fresh(config: Any, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes profiles and compiles them, older than this second."""

    def write(**profiles: Mapping[str, Any]) -> Path:
        path: Path = config(**profiles)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        assert forked(["sync"], tmp_path)[0] == 0
        return path

    return write


def shim(
    program: Shell, data_home: Path, *words: str, env: Mapping[str, str | None] | None = None
) -> tuple[int, dict[str, str], str]:
    """Run the shim under a shell; return its code, the environment of the CLI, and stderr."""
    done = subprocess.run(
        [*program.command, data_home / "shims" / "dokploy", *words],
        env=changed(os.environ, env or {}), stdin=subprocess.DEVNULL,
        capture_output=True, text=True,
    )  # fmt: skip
    pairs = [item for item in done.stdout.split("\0") if item]
    return done.returncode, dict(pair.partition("=")[::2] for pair in pairs), done.stderr


def test_switch_puts_each_field_in_its_place(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    fresh(prod={}, staging=STAGING)
    ran = shell.run(
        loaded, "dctx staging", shell.show(*OWNED, "DCTX_SEGMENT", "DCTX_SEGMENT_STATE"),
        shell.environ, "dctx off", shell.show("DCTX_SEGMENT", "DCTX_SEGMENT_STATE"),
        interactive=True,
    )  # fmt: skip
    assert ran.shown[0] == {
        PROFILE: "staging", URL: "https://u.example:8443/x", KEY: "the-key",
        "DOKPLOY_AUTH_TOKEN": None, "DCTX_ORG": "The Org", "DCTX_ORG_ID": "-the-id",
        "DCTX_SEGMENT": "staging:The Org", "DCTX_SEGMENT_STATE": "session",
    }  # fmt: skip
    assert ran.env["_DCTX_SESSION"] == "staging\x1fhttps://u.example:8443/x\x1fthe-key"
    assert ran.vars == {"DCTX_SEGMENT": "prod", "DCTX_SEGMENT_STATE": "default"}
    assert ran.err == (
        "Switched to staging:The Org (https://u.example:8443/x)\nBack on the default: prod\n"
    )


@pytest.mark.parametrize("program", SHIM_SHELLS, ids=repr)
def test_shim_puts_each_field_in_its_place(
    program: Shell, data_home: Path, cli: Path, fresh: Callable[..., Path]
) -> None:
    fresh(prod=STAGING, safe={"protected": True})
    for words, env in (
        (("--profile", "prod"), {}),
        ((), {PROFILE: "prod"}),
        ((), {}),
    ):
        code, seen, _ = shim(program, data_home, *words, "project", "all", env=env)
        assert code == 0
        assert {name: seen.get(name) for name in OWNED} == {
            PROFILE: "prod", URL: "https://u.example:8443/x", KEY: "the-key",
            "DOKPLOY_AUTH_TOKEN": None, "DCTX_ORG": "The Org", "DCTX_ORG_ID": "-the-id",
        }  # fmt: skip
    code, seen, _ = shim(program, data_home, "--profile", "safe", "project", "all")
    assert (code, seen[KEY]) == (0, "key-of-safe")  # it only reads, and gets the key itself


@pytest.mark.parametrize("program", SHIM_SHELLS, ids=repr)
def test_shim_passes_on_nothing_of_a_session(
    program: Shell, data_home: Path, cli: Path, fresh: Callable[..., Path], dctx: Callable[..., Any]
) -> None:
    fresh(prod={})
    mine = {name: "x" for name in SCRUBBED if name not in ("_DCTX_SESSION", "_DCTX_SHOWN")}
    mine |= {"_DCTX_SHOWN": f"{os.getpid()}:prod", "_DCTX_SESSION": "prod\x1fu\x1fk"}
    mine |= {"DOKPLOY_AUTH_TOKEN": "t", "DCTX_ORG": "o", "DCTX_ORG_ID": "i"}
    # Not from SCRUBBED: a name missing there would be missing here.
    copies = {f"_DCTX_S_{name}" for name in OWNED}
    dirty = {"_DCTX_SESSION", "_DCTX_SHOWN", "_DCTX_YES", "DCTX_SEGMENT", "DCTX_SEGMENT_STATE"}
    dirty |= copies | {"DOKPLOY_AUTH_TOKEN", "DCTX_ORG", "DCTX_ORG_ID"}
    mine |= dict.fromkeys(copies, "x")
    for name, words in (("flag", ("--profile", "prod")), ("pair", ())):
        env = {**mine, URL: "https://a.example", KEY: "k"} if name == "pair" else mine
        code, seen, err = shim(program, data_home, *words, "project", "all", env=env)
        assert code == 0, err
        left = dirty & set(seen)
        # Without a profile the user's own variables are the user's own.
        assert left == (
            {"DOKPLOY_AUTH_TOKEN", "DCTX_ORG", "DCTX_ORG_ID"} if name == "pair" else set()
        )
    ran = dctx("exec", "prod", "--", "env", env={**os.environ, **mine})
    assert not dirty & {line.partition("=")[0] for line in ran.out.splitlines()}


@pytest.mark.parametrize("value", ["mine", ""], ids=["set", "empty"])
def test_each_variable_alone_comes_back(
    shell: Shell, loaded: str, fresh: Callable[..., Path], value: str
) -> None:
    fresh(prod={}, staging=STAGING)
    lines = [loaded]
    for name in OWNED:
        lines += [shell.export(name, value), "dctx staging 2>/dev/null", "dctx prod 2>/dev/null",
                  "dctx off 2>/dev/null", shell.show(*OWNED), shell.unset(name)]  # fmt: skip
    ran = shell.run(*lines, interactive=True)
    assert ran.shown == [{**dict.fromkeys(OWNED), name: value} for name in OWNED]


def test_each_variable_of_a_session_is_looked_at(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """One is changed: URL or key by hand give a mark, the organization's is renewed."""
    fresh(prod={}, staging=STAGING)
    lines = [loaded]
    for name in (URL, KEY, "DCTX_ORG", "DCTX_ORG_ID"):
        lines += ["dctx staging 2>/dev/null", shell.prompt,
                  shell.export(name, "by-hand"), shell.prompt, shell.show("DCTX_SEGMENT", name),
                  "dctx off 2>/dev/null",
                  shell.forget(name)]  # fmt: skip
    ran = shell.run(*lines, interactive=True)
    assert [list(row.values()) for row in ran.shown] == [
        ["staging:The Org!", "by-hand"], ["staging:The Org!", "by-hand"],
        ["staging:The Org", "The Org"], ["staging:The Org", "-the-id"],
    ]  # fmt: skip


def test_twin_of_a_session_is_not_the_session(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """Another profile of the same URL, key and organization, named by hand."""
    fresh(prod={}, staging=STAGING, twin=STAGING)
    ran = shell.run(
        loaded, "dctx staging", shell.prompt, shell.export(PROFILE, "twin"), shell.prompt,
        shell.show(PROFILE, URL, KEY, "DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.vars == {PROFILE: "twin", URL: None, KEY: None, "DCTX_SEGMENT": "twin:The Org"}


@pytest.mark.parametrize("field", ["url", "token", "name", "id"])
def test_session_is_renewed_whichever_field_changes(
    shell: Shell, loaded: str, fresh: Callable[..., Path], home: Path, dctx: Callable[..., Any],
    field: str,
) -> None:  # fmt: skip
    """The record of a living session differs in one field alone."""
    new: dict[str, Any] = {**STAGING, "organization": dict(STAGING["organization"])}
    row = new if field in new else new["organization"]
    row[field] = {"url": "https://new.example", "token": "new-key"}.get(field, f"new-{field}")
    path = fresh(prod={}, staging=new)
    later = path.read_text()
    path = fresh(prod={}, staging=STAGING)
    (home / "later").write_text(later)
    ran = shell.run(
        loaded, "dctx staging", *[shell.prompt] * 2, f"command cat later >{path}",
        f"command touch -d '2024-05-05' {path}", "command dctx sync", shell.prompt,
        shell.show(URL, KEY, "DCTX_ORG", "DCTX_ORG_ID"), interactive=True,
    )  # fmt: skip
    assert ran.vars == {
        URL: new["url"], KEY: new["token"], "DCTX_ORG": new["organization"]["name"],
        "DCTX_ORG_ID": new["organization"]["id"],
    }, ran.err  # fmt: skip


@pytest.mark.parametrize("program", SHIM_SHELLS, ids=repr)
def test_shim_compares_url_and_key_of_a_pair(
    program: Shell, data_home: Path, cli: Path, fresh: Callable[..., Path]
) -> None:
    fresh(prod={}, staging=STAGING)
    session = f"staging\x1f{STAGING['url']}\x1fthe-key"
    for url, key, says in (
        (STAGING["url"], "the-key", False),
        ("https://other.example", "the-key", True),
        (STAGING["url"], "other", True),
    ):
        env = {PROFILE: "staging", URL: url, KEY: key, "_DCTX_SESSION": session}
        code, seen, err = shim(program, data_home, "project", "all", env=env)
        assert (code, seen[URL], seen[KEY]) == (0, STAGING["url"], "the-key")
        assert (WINS in err) == says, (url, key, err)


@pytest.mark.parametrize("program", SHIM_SHELLS, ids=repr)
def test_shim_uses_no_record_of_a_config_that_was_removed(
    program: Shell, data_home: Path, cli: Path, fresh: Callable[..., Path]
) -> None:
    path = fresh(prod={}, staging=STAGING)
    (path.parent / "index" / ".config").unlink()  # as on a disk without hard links
    path.unlink()
    code, _, err = shim(program, data_home, "project", "all", env={PROFILE: "staging"})
    assert code == 3, err


def test_what_is_shown_of_a_host_has_a_length(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    fresh(prod={})
    hosts = ["h" * (length - 4) for length in (63, 64, 65, 66, 68, 69, 640)]
    lines = [loaded, shell.export(KEY, "k")]
    for host in hosts:
        lines += [
            shell.export(URL, f"https://{host}/path"),
            shell.prompt,
            shell.show("DCTX_SEGMENT"),
        ]
    ran = shell.run(*lines, interactive=True)
    from dokploy_ctx.model.resolve import Config, resolve

    for host, row in zip(hosts, ran.shown, strict=True):
        found = resolve(None, {URL: f"https://{host}/path", KEY: "k"}, None, Config)
        assert found.pair is not None
        assert row["DCTX_SEGMENT"] == found.pair.segment, len(host)


def test_mark_comes_seven_days_before_the_key_expires(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    def in_days(days: float) -> dict[str, str]:
        at = time.gmtime(time.time() + days * 86400)
        return {"expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", at)}

    fresh(near=in_days(6.99), far=in_days(7.01), farther=in_days(8.5), past=in_days(-1))
    lines = [loaded, shell.prompt, shell.show("DCTX_SEGMENT")]
    for name in ("near", "far", "farther", "past"):
        lines += [f"dctx {name} 2>/dev/null", shell.show("DCTX_SEGMENT"), shell.prompt,
                  shell.show("DCTX_SEGMENT"), "dctx off 2>/dev/null", shell.export(PROFILE, name),
                  shell.prompt, shell.show("DCTX_SEGMENT"), shell.unset(PROFILE)]  # fmt: skip
    ran = shell.run(*lines, interactive=True)
    seen = [row["DCTX_SEGMENT"] for row in ran.shown]
    assert seen == ["near!", *["near!"] * 3, *["far"] * 3, *["farther"] * 3, *["past!"] * 3]


@pytest.mark.parametrize("switch", [True, False], ids=["session", "default"])
def test_mark_comes_in_an_open_terminal(
    shell: Shell, loaded: str, fresh: Callable[..., Path], switch: bool
) -> None:
    # bash 3.2 has no clock: its terminal's own time tells, here that of a file.
    late = f"command touch t; {{ {shell.prompt}; }} <t" if "3.2" in shell.name else shell.prompt
    seen: list[str | None] = []
    for seconds in (3, 15, 60):
        at = time.gmtime(time.time() + 7 * 86400 + seconds)
        fresh(near={"expiresAt": time.strftime("%Y-%m-%dT%H:%M:%SZ", at)})
        ran = shell.run(
            loaded, "dctx near" if switch else "", *[shell.prompt] * 2, shell.show("DCTX_SEGMENT"),
            f"command sleep {seconds + 1}", late, shell.show("DCTX_SEGMENT"), interactive=True,
        )  # fmt: skip
        seen = [row["DCTX_SEGMENT"] for row in ran.shown]
        if seen[0] == "near":  # else the terminal came late, which proves nothing
            break
    assert seen == ["near", "near!"]


@pytest.mark.parametrize("how", ["older", "newer", "same time, another file"])
def test_file_that_was_put_back_is_noticed(
    shell: Shell, loaded: str, fresh: Callable[..., Path], how: str
) -> None:
    path = fresh(prod={}, staging={})
    text = path.read_text()
    other = path.with_name("backup.json")
    other.write_text(text.replace('"currentProfile": "prod"', '"currentProfile": "staging"'))
    when = {"older": 1_600_000_000, "newer": 1_750_000_000}.get(how, 1_700_000_000)
    os.utime(other, (when, when))
    other.chmod(0o600)
    # In place, so that the file stays the same one, and only its time tells; or another file.
    step = (
        f"mv {other} {path}"
        if how.startswith("same")
        else f"cat {other} >{path}; touch -r {other} {path}"
    )
    ran = shell.run(
        loaded, *[shell.prompt] * 2, shell.show("DCTX_SEGMENT"), step, shell.prompt,
        shell.show("DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.shown == [{"DCTX_SEGMENT": "prod"}, {"DCTX_SEGMENT": "staging"}]


def test_config_that_is_removed_is_noticed_on_a_disk_without_hard_links(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """There the index has no link of config.json, and shells differ on a missing file's age."""
    path = fresh(prod={}, staging={})
    (path.parent / "index" / ".config").unlink()
    ran = shell.run(
        loaded, *[shell.prompt] * 2, shell.show("DCTX_SEGMENT"), f"rm {path}", shell.prompt,
        shell.show("DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.shown == [{"DCTX_SEGMENT": "prod"}, {"DCTX_SEGMENT": None}]


def test_session_takes_the_mark_of_a_drawn_default_away(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """What is started in a session keeps its environment, when the default changes, too."""
    fresh(prod={}, staging={})
    ran = shell.run(
        loaded, shell.prompt, shell.environ, "dctx staging", shell.environ, shell.prompt,
        shell.environ, "dctx off", shell.environ, shell.export("DOKPLOY_PROFILE", "staging"),
        shell.prompt, shell.environ, interactive=True,
    )  # fmt: skip
    marks = [env.get("_DCTX_SHOWN", "").partition(":")[2] for env in ran.environs]
    assert marks == ["prod", "", "", "prod", ""]


def plant(path: Path, name: str, template: str = "prod") -> None:
    """Write a record of `template` in which the name is another."""
    fields = (path.parent / "index" / template).read_text().rstrip("\n").split(SEPARATOR)
    fields[FIELDS.index("name")] = name
    fields[FIELDS.index("segment")] = "PLANTED"
    target = path.parent / "index" / name
    target.parent.mkdir(exist_ok=True, parents=True)
    target.write_text(SEPARATOR.join(fields) + "\n")


def test_record_of_another_name_is_not_used(
    shell: Shell, loaded: str, fresh: Callable[..., Path], data_home: Path, cli: Path
) -> None:
    path = fresh(prod={}, staging={})
    shutil.copy(path.parent / "index" / "prod", path.parent / "index" / "other")
    ran = shell.run(
        loaded, "dctx other", shell.show("?", PROFILE), shell.export(PROFILE, "other"),
        shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.shown == [{"?": "3", PROFILE: None}, {"DCTX_SEGMENT": "?"}]
    for program in SHIM_SHELLS:
        assert shim(program, data_home, "--profile", "other", "project", "all")[0] == 3


@pytest.mark.parametrize("name", ["../secret/evil", "sub/evil", "..", ".current", "/tmp/evil"])
def test_name_is_no_path(
    shell: Shell, loaded: str, fresh: Callable[..., Path], data_home: Path, cli: Path, name: str
) -> None:
    path = fresh(prod={}, staging={})
    if name.endswith("evil") and not name.startswith("/"):
        plant(path, name)
    ran = shell.run(
        loaded, f"dctx -- {shell.quote(name)}", shell.show("?", PROFILE),
        shell.export(PROFILE, name), shell.prompt, shell.show("DCTX_SEGMENT"), interactive=True,
    )  # fmt: skip
    assert ran.shown == [{"?": "3", PROFILE: None}, {"DCTX_SEGMENT": "?"}]
    for program in SHIM_SHELLS:
        assert shim(program, data_home, f"--profile={name}", "project", "all")[0] == 3


def test_text_before_the_cursor_is_no_pattern_and_no_path(
    shell: Shell, loaded: str, fresh: Callable[..., Path], terminal: Callable[..., Terminal]
) -> None:
    fresh(prod={}, staging={})
    first = list(shell.for_tab)
    term = terminal(shell, hook=False, rc=[*first, loaded])
    for typed in ("dctx ../", "dctx p*", "dctx [a-z]ro", "dctx ./st", "dctx .cu"):
        term.type(typed + TAB)
        term.type(" x")
        term.wait(lambda: term.typed.endswith(" x"), typed)
        assert term.typed == f"{typed} x"
        term.type(CTRL_U)
        term.wait(lambda: term.typed == "", "an empty line")


def test_key_with_every_quote_arrives_from_the_core(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """A key that is kept elsewhere comes quoted for the shell, and is evaluated."""
    key = "a'b\\c\\\\d\"e$(touch${IFS}ran)`touch${IFS}ran`\\'$HOME~*!x\\"
    command = [sys.executable, "-c", f"print({key!r})"]
    fresh(prod={}, vault={"token": None, "tokenCommand": command})
    ran = shell.run(loaded, "dctx vault", shell.show(KEY, "?"), shell.environ)
    assert ran.vars == {KEY: key, "?": "0"}, ran.err
    assert ran.env[KEY] == key
    assert not Path("ran").exists()


def test_session_of_a_protected_profile_has_no_key(
    shell: Shell, loaded: str, fresh: Callable[..., Path]
) -> None:
    """Not in the environment, and in no variable of the shell, whatever lists them."""
    fresh(prod={"token": "TOP-SECRET-KEY", "protected": True})
    posix = "set; typeset; declare -p 2>/dev/null"
    every = shell.of({"bash": posix, "zsh": posix, "fish": "set --show; set"})
    trace, _ = shell.trace
    ran = shell.run(
        loaded, "dctx prod", shell.prompt, shell.show(KEY), every, trace, "dctx prod", shell.prompt,
        interactive=True,
    )  # fmt: skip
    assert ran.vars == {KEY: SENTINEL}
    assert "TOP-SECRET-KEY" not in ran.out + ran.err


def test_key_stands_in_no_trace(shell: Shell, loaded: str, fresh: Callable[..., Path]) -> None:
    fresh(prod={"token": "TOP-SECRET-KEY"}, staging={})
    trace, _ = shell.trace
    ran = shell.run(
        loaded, trace, "dctx prod", shell.prompt, "dctx staging", "dctx -", "dctx off",
        shell.prompt, interactive=True,
    )  # fmt: skip
    assert "TOP-SECRET-KEY" not in ran.out + ran.err
    assert "dctx staging" in ran.err  # there is a trace
