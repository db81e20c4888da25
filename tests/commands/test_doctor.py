"""`dctx doctor`: its findings for a correct set-up, and for each possible problem."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx import __version__
from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, ZSH, Ran
from ..terminal import Terminal

Dctx = Callable[..., Result]
Config = Callable[..., Path]


def tilde(path: object) -> str:
    """Return `path` as messages show it."""
    return str(path).replace(os.environ["HOME"], "~")


def problems(ran: Result | Ran) -> list[str]:
    """Return the lines with something to do, without their mark."""
    assert ran.err == ""
    lines = ran.out.splitlines()
    assert all(line[:4] in ("ok  ", "!!  ") for line in lines), ran.out
    assert ran.code == (1 if any(line.startswith("!!") for line in lines) else 0)
    return [line[4:] for line in lines if line.startswith("!!")]


@pytest.fixture
def doctor() -> Callable[..., Result]:
    """Return a function that runs `dctx doctor` in bash, whatever shell these tests run in."""
    program = Path(sys.executable).with_name("dctx")

    def run(*words: str, env: dict[str, str] | None = None) -> Result:
        command = ["bash", "--noprofile", "--norc", "-c", '"$@"; exit "$?"', "bash"]
        done = subprocess.run(
            [*command, program, "doctor", *words],
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def sound(
    dctx: Dctx, config: Config, home: Path, panel: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A correct set-up: two profiles on one panel, dctx installed, the shim first on PATH."""
    path = config(a={"url": panel.url}, b={"url": panel.url})
    assert dctx("install", "bash").code == 0
    assert dctx("sync").code == 0
    shims = home / ".local" / "share" / "dctx" / "shims"
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SHELL", "/bin/bash")
    return path


def test_sound_setup_is_exit_0_and_no_panel_sees_a_key(
    doctor: Dctx, sound: Path, home: Path, panel: StandIn
) -> None:
    ran = doctor()
    assert problems(ran) == []
    data = home / ".local" / "share" / "dctx"
    for line in (
        "shell    bash: ~/.bashrc loads the shell integration",
        f"wrapper  {tilde(data)}/shims/dokploy is the first dokploy on PATH",
        f"config   {tilde(sound)}: 2 profiles",
        f"index    {tilde(sound.parent)}/index is up to date",
        "active   a is the active profile",
        f"panel    {panel.url} is up",
    ):
        assert f"ok  {line}\n" in ran.out
    assert f"ok  dctx     {__version__}, " in ran.out
    assert "ok  dokploy  0." in ran.out
    assert len(panel.requests) == 1  # one panel, asked once
    assert all("x-api-key" not in {k.lower() for k in seen.headers} for seen in panel.requests)
    assert doctor("--offline").code == 0
    assert len(panel.requests) == 1


def test_fresh_machine_says_what_to_do_first(doctor: Dctx, home: Path) -> None:
    ran = doctor(env={"PATH": "/usr/bin:/bin"})
    found = problems(ran)
    assert [line.split()[0] for line in found] == [
        "shell",
        "wrapper",
        "dokploy",
        "config",
        "active",
    ]
    assert found[0].endswith("the shell integration is not installed. Run: dctx install bash")
    assert found[2].endswith("Run: npm install -g @dokploy/cli")
    assert found[3].endswith("0 profiles. Run: dctx auth NAME -u URL")
    assert list(home.iterdir()) == []


def test_each_profile_that_cannot_work_is_named(
    dctx: Dctx, doctor: Dctx, sound: Path, config: Config
) -> None:
    config(
        "fine",
        nokey={"token": None},
        nourl={"url": None},
        bad={"url": "https://u:SECRET@h.example.com"},
        old={"expiresAt": "2020-01-01T00:00:00Z"},
        plain={"url": "http://h.example.com"},
        find={},
        Fine={},
    )
    dctx("sync")
    ran = doctor("--offline")
    assert "SECRET" not in ran.out
    assert problems(ran) == [
        ("profile  fine can only be reached with: dctx switch fine. Run: dctx rename fine NEW"),
        "profile  nokey has no key. Run: dctx auth nokey -u https://nokey.example.com",
        'profile  profile "nourl" has no url. Run: dctx auth nourl -u URL',
        (
            'profile  profile "bad": the URL contains a user or password. '
            "Leave out what is before the @."
        ),
        (
            "profile  the key of old expired 2020-01-01. Create a new one under Settings > "
            "Profile > API/CLI Keys, then run: dctx auth old -u https://old.example.com"
        ),
        (
            "profile  plain sends its key unencrypted to http://h.example.com. "
            "Run: dctx auth plain -u https://..."
        ),
        (
            "profile  find is a profile and a command: dctx find switches to the profile. "
            'For the command, run: dctx find ""'
        ),
        ("profile  Fine can only be reached with: dctx switch Fine. Run: dctx rename Fine NEW"),
    ]


@pytest.mark.parametrize(
    ("file", "who"),
    [(".profile", "bash -lc"), (".bash_profile", "bash -lc"), (".zshenv", "zsh -c")],
)
def test_start_up_file_that_hides_the_shim_from_scripts(
    doctor: Dctx, sound: Path, home: Path, file: str, who: str
) -> None:
    """nvm's lines in a start-up file do this after PATH was set for the terminal."""
    other = home / "node"
    other.mkdir()
    (other / "dokploy").write_text("#!/bin/sh\n")
    (other / "dokploy").chmod(0o755)
    (home / file).write_text(f"echo hello\nPATH={other}:$PATH\n")
    (home / ".profile").touch()
    (home / ".bashrc").touch()  # which neither reads
    shims = home / ".local" / "share" / "dctx" / "shims"
    text = f"{who} finds ~/node/dokploy, not the dokploy wrapper"
    todo = f"Add to the end of ~/{file}: PATH={shims}:$PATH"
    assert problems(doctor("--offline")) == [f"wrapper  {text}. {todo}"]
    with (home / file).open("a") as startup:
        startup.write(f"PATH={shims}:$PATH\n")
    assert problems(doctor("--offline")) == []


def test_start_up_file_that_never_ends_holds_nobody_up(
    doctor: Dctx, sound: Path, home: Path
) -> None:
    (home / ".zshenv").write_text("sleep 1000\n")
    (home / ".profile").write_text("read answer </dev/tty\n")
    assert problems(doctor("--offline")) == []


def test_package_that_npm_runs_without_the_shim(doctor: Dctx, sound: Path, home: Path) -> None:
    program = home / "node_modules" / ".bin" / "dokploy"
    program.parent.mkdir(parents=True)
    program.write_text("#!/usr/bin/env node\n")
    text = f"npm run and npx find {tilde(program)}, not the dokploy wrapper"
    todo = "Run them with: dctx exec NAME -- npm run SCRIPT"
    assert problems(doctor("--offline")) == [f"wrapper  {text}. {todo}"]
    below = home / "packages" / "web"  # npm looks above the folder, too
    below.mkdir(parents=True)
    os.chdir(below)
    assert problems(doctor("--offline")) == [f"wrapper  {text}. {todo}"]


def test_what_other_launchers_find_is_said(doctor: Dctx, sound: Path, home: Path) -> None:
    shims = home / ".local" / "share" / "dctx" / "shims"
    (home / ".profile").write_text(f"PATH={shims}:$PATH\n")
    alike = "ok  wrapper  the dokploy wrapper is also found by: bash -lc, zsh -c, make, npm run\n"
    assert alike in doctor("--offline").out
    (home / ".profile").write_text("PATH=/usr/bin:/bin\n")
    ran = doctor("--offline")
    assert problems(ran) == []
    none = "bash -lc: no dokploy is found there, since PATH is set anew\n"
    assert f"ok  wrapper  {none}" in ran.out
    assert "is also found by: zsh -c, make, npm run\n" in ran.out


def test_json_says_the_same_as_the_lines(doctor: Dctx, sound: Path) -> None:
    edited(sound)
    plain, ran = doctor("--offline"), doctor("--offline", "--json")
    assert (ran.code, ran.err) == (plain.code, "") == (1, "")
    rows = json.loads(ran.out)
    assert [set(row) for row in rows] == [{"topic", "ok", "text", "todo"}] * len(rows)
    lines = [
        f"{'ok' if row['ok'] else '!!'}  {row['topic']:<9}{row['text']}"
        + (f". {row['todo']}" if row["todo"] else "")
        for row in rows
    ]
    assert lines == plain.out.splitlines()
    assert [row["todo"] for row in rows if not row["ok"]] == ["Run: dctx sync"]


def test_terminal_gets_lines_that_fit_and_commands_that_can_be_copied(
    sound: Path, terminal: Callable[..., Terminal]
) -> None:
    edited(sound)
    term = terminal(BASH, hook=False, columns=60)
    out = term.line("dctx doctor --offline")
    assert "             Run: dctx sync" in out.splitlines()
    for line in out.splitlines():
        assert len(line) <= 60 or "/" in line  # a path is never broken
    assert term.colour("!!") == "red"
    assert term.colour("ok") == "green"


def test_own_colour_that_is_none_of_the_eight_is_named(
    dctx: Dctx, doctor: Dctx, sound: Path, config: Config
) -> None:
    config(fine={"color": "Cyan"}, odd={"color": "mauve"}, worse={"color": {"a": 1}})
    dctx("sync")
    use = "Use one of: black, red, green, yellow, blue, magenta, cyan, white."
    assert problems(doctor("--offline")) == [
        f"profile  the color of {name} in config.json is not known. {use}"
        for name in ("odd", "worse")
    ]


def damaged(path: Path) -> None:
    path.write_text("{")


def open_index(path: Path) -> None:
    (path.parent / "index").chmod(0o755)


def edited(path: Path) -> None:
    path.write_text(path.read_text() + "\n")


def no_line(path: Path) -> None:
    (path.parent.parent / ".bashrc").unlink()


def older_hook(path: Path) -> None:
    core = path.parent.parent / ".local" / "share" / "dctx" / "core.bash"
    core.write_text(core.read_text().replace(__version__, "0.0.1", 1))


FAULTS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "damaged": (damaged, "config", "Nothing was changed. Fix the file, then run: dctx doctor"),
    "open index": (open_index, "config", "Run: chmod 700 {index}"),
    "stale index": (edited, "index", "Run: dctx sync"),
    "no line": (no_line, "shell", "Run: dctx install bash"),
    "older hook": (older_hook, "shell", "Run: dctx install bash"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_comes_with_what_to_do(doctor: Dctx, sound: Path, fault: str) -> None:
    make, topic, todo = FAULTS[fault]
    make(sound)
    ran = doctor("--offline")
    first = problems(ran)[0]
    assert first.split()[0] == topic
    assert first.endswith(f". {todo.format(index=sound.parent / 'index')}")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "damaged"])
def test_what_it_says_mends_the_fault(doctor: Dctx, sound: Path, fault: str) -> None:
    FAULTS[fault][0](sound)
    line = problems(doctor("--offline"))[0].rpartition("Run: ")[2]
    assert BASH.run(line).code == 0
    assert problems(doctor("--offline")) == []


def test_zsh_without_compinit(dctx: Dctx, sound: Path, home: Path) -> None:
    (home / ".zshenv").write_text("skip_global_compinit=1\n")
    assert dctx("install", "zsh").code == 0
    command = f"{sys.executable} -m dokploy_ctx doctor --offline; exit $?"
    ran = ZSH.run(command)
    told = "shell    Tab needs compinit, which ~/.zshrc does not run. "
    assert problems(ran) == [f"{told}Add this line to it: autoload -Uz compinit && compinit"]
    with (home / ".zshrc").open("a") as rc:
        rc.write("autoload -Uz compinit && compinit\n")
    assert problems(ZSH.run(command)) == []


def test_another_dokploy_before_the_shim(
    doctor: Dctx, sound: Path, official_cli: Path, home: Path
) -> None:
    path = f"{official_cli.parent}{os.pathsep}{os.environ['PATH']}"
    ran = doctor("--offline", env={"PATH": path})
    assert problems(ran) == [
        (
            f"wrapper  {official_cli} comes before the dokploy wrapper on PATH. "
            'Run: eval "$(dctx init bash)"'
        )
    ]


def test_panels_that_are_down_or_no_panels(
    dctx: Dctx, doctor: Dctx, sound: Path, config: Config, panel: StandIn, free_port: int
) -> None:
    config(up={"url": panel.url}, down={"url": f"http://127.0.0.1:{free_port}"})
    dctx("sync")
    assert problems(doctor()) == [
        (
            f"panel    cannot reach http://127.0.0.1:{free_port}: connection refused. "
            "Check that the panel runs on that port."
        )
    ]


@pytest.fixture
def free_port() -> int:
    """Return a port on loopback on which nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_active_profile_is_named_or_why_there_is_none(
    dctx: Dctx, doctor: Dctx, sound: Path
) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        (
            {"DOKPLOY_PROFILE": "aa"},
            'profile "aa", which DOKPLOY_PROFILE names, not found. Did you mean a?',
        ),
        ({"DOKPLOY_URL": "https://x.example.com"}, "Set both."),
    ]
    for env, says in cases:
        (line,) = problems(doctor("--offline", env=env))
        assert line.startswith("active ")
        assert line.endswith(says)
    ran = dctx(
        "doctor", "--offline", env={"DOKPLOY_URL": "https://x.y", "DOKPLOY_API_KEY": "SECRET"}
    )
    assert "ok  active   env:x.y is active, without a profile\n" in ran.out
    assert "SECRET" not in ran.out


# What Node loads before the official CLI.


def preload_line(ran: Result) -> str:
    """Return the line about the preload, without its topic."""
    (line,) = [line for line in ran.out.splitlines() if line[4:].startswith("preload ")]
    return line[:4] + line[13:]


def test_preload_is_said_to_be_loaded_off_or_missing(doctor: Dctx, sound: Path, home: Path) -> None:
    file = home / ".local" / "share" / "dctx" / "shims" / "preload.cjs"
    loads = re.compile(rf"ok  node \d+\.\d+\.\d+ loads {re.escape(tilde(file))}")
    line = preload_line(doctor("--offline"))
    assert loads.fullmatch(line)
    may = {"DCTX_ENV_PROXY": "1", "NODE_OPTIONS": "--no-such-option"}
    line = preload_line(doctor("--offline", env=may))
    assert loads.sub("", line) == "; a .env may set proxies (DCTX_ENV_PROXY=1)"
    ran = doctor("--offline", env={"DCTX_PRELOAD": "0"})
    off = "ok  DCTX_PRELOAD=0 turns it off, so most reads of the official CLI fail with 400"
    assert (ran.code, preload_line(ran)) == (0, off)
    file.unlink()
    ran = doctor("--offline")
    gone = f"{tilde(file)} is missing or cannot be loaded. Run: dctx init bash >/dev/null"
    assert (ran.code, preload_line(ran)) == (1, f"!!  {gone}")
    assert doctor("--offline", env={"DCTX_PRELOAD": "0"}).code == 0
    subprocess.run(["sh", "-c", gone.partition("Run: ")[2]], check=True)
    assert loads.fullmatch(preload_line(doctor("--offline")))


BUN = "bun 1.3.0 does not load {}. Run the official CLI with Node."


@pytest.mark.parametrize(
    ("shebang", "says", "expected"),
    [
        ("/usr/bin/env node", "node 16.20.2", "node 16.20.2 is too old. Install Node 18 or newer."),
        (
            "/usr/bin/env node",
            "",
            "cannot tell what runs the official CLI. Install Node 18 or newer.",
        ),
        ("/bin/sh", "node 17.0.0", "node 17.0.0 is too old. Install Node 18 or newer."),
        (
            "/usr/bin/env -S bun",
            "bun 1.3.0",
            BUN,
        ),
        (
            "/usr/bin/env node",
            "bun 1.3.0",
            BUN,
        ),
        ("{}/bun", "bun 1.3.0", BUN),
    ],
)
def test_what_cannot_load_the_preload_is_named(
    shebang: str, says: str, expected: str, doctor: Dctx, sound: Path, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    engine = "bun" if "bun" in shebang else "node"
    for name, text in (
        ("dokploy", f"#!{shebang.format(folder)}\n"),
        (engine, f"#!/bin/sh\necho '{says}'\n"),
    ):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    shims = home / ".local" / "share" / "dctx" / "shims"
    ran = doctor("--offline", env={"PATH": f"{shims}:{folder}:/usr/bin:/bin"})
    assert preload_line(ran) == "!!  " + expected.format(tilde(shims / "preload.cjs"))


def test_envrc_that_is_not_loaded(doctor: Dctx, home: Path, config: Config) -> None:
    config("prod")
    (home / ".envrc").write_text("export DOKPLOY_PROFILE=prod\n")
    (line,) = [each for each in doctor("--offline").out.splitlines() if ".envrc" in each]
    assert line.startswith("!!") and "~/.envrc is not loaded into this terminal" in line
    assert 'eval "$(direnv hook bash)"' in doctor("--offline").out
    assert ".envrc" not in doctor("--offline", env={"DIRENV_DIR": f"-{home}"}).out
    (home / ".envrc").write_text("export OTHER=1\n")
    assert ".envrc" not in doctor("--offline").out
