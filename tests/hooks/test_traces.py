"""No trace shows a key: of the line that evaluates `dctx env`, in any shell, nor of the shim."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.shells import rows
from tests.standin import StandIn

from ..alone import alone
from ..shells import BASHES, HOOKED, OLD_BASH, PLAIN, Ran, Shell

Config = Callable[..., Path]
KEY, MINE = "DOKPLOY_API_KEY", "mine-before-s3cret"
PROFILE, URL, TOKEN = "DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_AUTH_TOKEN"
VAULT = {"token": None, "tokenCommand": ["echo", "key-of-vault"]}
KEYS = ("key-of-", MINE)

ON = {
    "set -x": ["set -x"],
    "set -v": ["set -v"],
    "both": ["set -xv"],
    "both by name": ["set -o xtrace -o verbose"],
}
FISH_ON = {"fish_trace": ["set -g fish_trace 1"], "exported": ["set -gx fish_trace all"]}


def ons(shell: Shell) -> dict[str, list[str]]:
    """Return the ways to turn a trace on."""
    return ON if shell.posix else shell.of({"fish": FISH_ON})


def loads(shell: Shell, name: str) -> dict[str, str]:
    """Return the ways to evaluate `dctx env` that people write for this shell."""
    dialect = shell.dialect
    if not shell.posix:
        shell.of({"fish": ()})
        return {
            "source": f"dctx env {name} --shell fish | source",
            "eval": f"eval (dctx env {name} --shell fish)",
            "eval of one text": f"eval (dctx env {name} --shell fish | string collect)",
            "a file": f"dctx env {name} --shell fish >saved; source saved",
        }
    found = {
        "eval": f'eval "$(dctx env {name} --shell {dialect})"',
        "a variable": f'text=$(dctx env {name} --shell {dialect}); eval "$text"; unset text',
        "a file": f"dctx env {name} --shell {dialect} >saved; . ./saved",
    }
    if shell in HOOKED and shell is not OLD_BASH:  # which cannot source a pipe
        found["source of a pipe"] = f"source <(dctx env {name} --shell {dialect})"
    return found


def traced(shell: Shell, on: list[str], *lines: str) -> Ran:
    """Run the lines with the trace on; the key itself is looked at with the trace off."""
    look = ["{ set +xv; } 2>/dev/null"] if shell.posix else [shell.trace[1]]
    names = (PROFILE, URL, KEY, TOKEN, "_DCTX_S_DOKPLOY_API_KEY")
    return shell.run(shell.export(KEY, MINE), *on, *lines, *look, shell.show("?", *names))


def cases(shell: Shell) -> list[tuple[str, list[str], str]]:
    """Return profile, what turns the trace on, and the line: each of them with each other once."""
    ways = list(ons(shell).values())
    plain, vault, safe = (list(loads(shell, name).values()) for name in ("plain", "vault", "safe"))
    found = [("plain", on, plain[0]) for on in ways]
    found += [("plain", ways[0], line) for line in plain[1:]]
    return [*found, ("vault", ways[0], vault[0]), ("safe", ways[-1], safe[0])]


def test_trace_of_the_line_that_evaluates_shows_no_key(any_shell: Shell, config: Config) -> None:
    config("plain", vault=VAULT, safe={"protected": True})
    for name, on, line in cases(any_shell):
        ran = traced(any_shell, on, line)
        assert not [key for key in KEYS if key in ran.err + ran.out], (on, line)
        assert ran.err, "the trace was on"
        held = "protected-by-dctx" if name == "safe" else f"key-of-{name}"
        want = {PROFILE: name, URL: f"https://{name}.example.com", KEY: held, TOKEN: None}
        assert ran.vars == {"?": ran.vars["?"], **want, "_DCTX_S_DOKPLOY_API_KEY": MINE}, line
        saved = Path("saved")
        if saved.exists():
            assert not [key for key in KEYS if key in saved.read_text("utf-8")]
            saved.unlink()


def test_trace_of_off_shows_no_key_and_options_are_as_before(
    any_shell: Shell, config: Config
) -> None:
    config("plain")
    ways = ons(any_shell)
    load = next(iter(loads(any_shell, "plain").values()))
    off = load.replace("env plain", "env --off")
    for on in ways.values():
        ran = traced(any_shell, on, load, off)
        assert not [key for key in KEYS if key in ran.err + ran.out], on
        assert ran.vars[KEY] == MINE
        assert ran.vars["_DCTX_S_DOKPLOY_API_KEY"] is None
        if any_shell.posix:
            flags = any_shell.run(*on, "echo $-", load, "echo $-", off, "echo $-").out.split()
            assert len(set(flags)) == 1, flags


def test_debug_trap_gets_no_key(config: Config) -> None:
    """As timing tools and preexec frameworks do: they are told each command as it is written."""
    config("plain")
    for shell in BASHES:
        ran = shell.run(
            shell.export(KEY, MINE),
            'set -o functrace; trap \'printf "%s\\n" "$BASH_COMMAND" >>log\' DEBUG',
            'eval "$(dctx env plain --shell bash)"',
            'eval "$(dctx env --off --shell bash)"',
            "trap - DEBUG",
        )
        assert ran.code == 0
        log = Path("log").read_text("utf-8")
        assert "unset" in log
        assert not [key for key in KEYS if key in log]
        Path("log").unlink()


@pytest.mark.parametrize(
    "any_shell", [s for s in (*HOOKED, *PLAIN) if s.posix], ids=repr, indirect=True
)
@pytest.mark.parametrize(
    "options", ["set -eu", "set -f", "set -C", "set -a", "IFS=abcdkey", "set +e"]
)
def test_evaluates_under_any_options(any_shell: Shell, config: Config, options: str) -> None:
    config("plain", vault=VAULT)
    for name in ("plain", "vault"):
        line = loads(any_shell, name)["eval"]
        ran = any_shell.run(
            options, line, any_shell.show("?", PROFILE, KEY), "set", any_shell.environ
        )
        assert ran.vars == {"?": "0", PROFILE: name, KEY: f"key-of-{name}"}
        assert "__dctx_" not in "".join(ran.env) + ran.out.replace("__dctx_reply", "")


@pytest.mark.parametrize(
    "key", ["k\n", "\nk\n\n", "it's\n", "a b ", "$(id)`id`\\", "k.", "ü\u0301"]
)
def test_odd_key_arrives_whole(any_shell: Shell, config: Config, key: str) -> None:
    config(plain={"token": key})
    line = next(iter(loads(any_shell, "plain").values()))
    ran = any_shell.run(line, any_shell.environ)
    assert (ran.code, ran.err) == (0, "")
    assert ran.env[KEY] == key
    assert ran.env["_DCTX_SESSION"] == f"plain\x1fhttps://plain.example.com\x1f{key}"


def test_key_that_cannot_be_had_changes_nothing(any_shell: Shell, config: Config) -> None:
    """Neither where a vault fails, nor where the text is older than the profile."""
    config(vault={"token": None, "tokenCommand": ["false"]}, plain={})
    before = [any_shell.export(KEY, MINE), any_shell.export(URL, "u")]
    names = (PROFILE, URL, KEY, "_DCTX_SESSION", "_DCTX_S_DOKPLOY_API_KEY")
    untouched = {
        PROFILE: None,
        URL: "u",
        KEY: MINE,
        "_DCTX_SESSION": None,
        "_DCTX_S_DOKPLOY_API_KEY": None,
    }
    line = next(iter(loads(any_shell, "vault").values()))
    ran = any_shell.run(*before, line, any_shell.show("?", *names))
    assert ran.vars == {"?": "1", **untouched}
    assert "failed with exit code 1" in ran.err
    saved = loads(any_shell, "plain")["a file"]
    make, _, load = saved.partition(";")
    assert any_shell.run(make).code == 0
    for change, says in (
        ({"url": "https://other.example.com"}, "plain has another URL now."),
        (None, "not found"),
    ):
        config("prod", **({"plain": change} if change else {}))
        ran = any_shell.run(*before, load, any_shell.show("?", *names))
        assert ran.vars == {"?": "1", **untouched}
        assert says in ran.err
    config(plain={"protected": True})
    ran = any_shell.run(load, any_shell.show(KEY))
    assert ran.vars == {KEY: "protected-by-dctx"}


def test_text_is_the_same_for_a_terminal_and_a_file(config: Config) -> None:
    config("plain")
    for shell in rows.SHELLS:
        assert "key-of" not in alone("dctx", "env", "plain", "--shell", shell).out
    # What a hook gets, which turns its traces off itself and saves a process.
    assert "key-of-plain" in alone("dctx", "_hook", "--shell", "bash", "switch", "plain").out


def test_key_alone_is_not_for_a_terminal(config: Config) -> None:
    config("plain", safe={"protected": True})
    words = ["dctx", "env", "--shell", "sh", "--key-for=https://plain.example.com", "--", "plain"]
    assert alone(*words).out == "key-of-plain."
    ran = alone("script", "-qec", " ".join(words), "/dev/null")
    assert ran.code == 6
    assert "key-of" not in ran.out
    ran = alone("dctx", "env", "--shell", "sh", "--key-for=https://safe.example.com", "--", "safe")
    assert ran.out == "protected-by-dctx."


@pytest.mark.parametrize(
    ("words", "code"),
    [("--get key", 6), ("--shell json", 0), ("--shell dotenv", 0), ("--shell github", 0)],
)
def test_key_for_a_tool_or_a_file_is_not_for_a_terminal(
    config: Config, monkeypatch: pytest.MonkeyPatch, home: Path, words: str, code: int
) -> None:
    config("plain")
    monkeypatch.setenv("GITHUB_ENV", str(home / "github"))
    line = f"dctx env plain {words}"
    assert "key-of-plain" in alone(*line.split()).out
    ran = alone("script", "-qec", line, "/dev/null")
    assert (ran.code, "key-of" in ran.out) == (code, False)


@pytest.mark.parametrize("program", [["sh"], ["bash"], ["dash"], ["busybox", "sh"]], ids=" ".join)
@pytest.mark.parametrize("option", ["-x", "-xv"])
def test_trace_of_the_shim_shows_no_key(
    config: Config, panel: StandIn, program: list[str], option: str
) -> None:
    key = panel.key_of("Acme")
    mine = {"url": panel.url, "token": key}
    config(a=mine, safe={**mine, "protected": True}, v={**VAULT, "url": panel.url})
    assert alone("dctx", "init", "sh").code == alone("dctx", "sync").code == 0
    shim = Path.home() / ".local/share/dctx/shims/dokploy"
    for name in ("a", "safe", "v"):
        for env in ({}, {PROFILE: name}, {PROFILE: name, URL: panel.url, KEY: key}):
            chosen = [] if env else ["--profile", name]
            ran = alone(*program, option, shim, *chosen, "project", "all", env={**env})
            assert key not in ran.err, (name, env)
            assert "key-of" not in ran.err
            assert ran.code == (1 if name == "v" else 0), ran.err[-300:]


def test_exported_shellopts_trace_the_shim_without_a_key(config: Config, panel: StandIn) -> None:
    config(a={"url": panel.url, "token": panel.key_of("Acme")})
    assert alone("dctx", "init", "sh").code == 0
    shim = Path.home() / ".local/share/dctx/shims/dokploy"
    line = f"export SHELLOPTS; set -x; bash {shim} project all"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert panel.key_of("Acme") not in done.stderr
