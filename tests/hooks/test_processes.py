"""What starts a process, and how often. Linux: strace.

Nothing in the ordinary states, for start-up, prompt, switch, off, `-` and Tab. In each other state
one question to the core per change, none at the next prompt, none on the way back to a state that
was asked for.
"""

from __future__ import annotations

import copy
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ..shells import FISH, Shell
from ..terminal import CTRL_U, ENTER, TAB, Terminal

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace exists for Linux only")

STRACE = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve"]
STARTED = re.compile(r"\b(clone|clone3|fork|vfork|execve)\(")
URL, KEY, PROFILE = "DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_PROFILE"


def traced(shell: Shell, log: Path) -> Shell:
    """Return `shell` as strace runs it, with what it starts noted in `log`."""
    under = copy.copy(shell)
    under.command = [*STRACE, "-o", str(log), *shell.command]
    return under


def started(log: Path) -> list[str]:
    """Return the noted calls that start a process; threads of the shell's own are none."""
    return [
        line
        for line in log.read_text().splitlines()
        if STARTED.search(line) and "CLONE_THREAD" not in line and "ENOENT" not in line
    ]


def questions(log: Path) -> list[int]:
    """Return how many questions to the core stand before each mark, a run of `/bin/true`."""
    counts, seen = [], 0
    for line in log.read_text().splitlines():
        if "execve(" not in line or "ENOENT" in line:
            continue
        if re.search(r'execve\("[^"]*/true"', line):
            counts.append(seen)
            seen = 0
        elif '"_hook"' in line:
            seen += 1
    return counts


def quiet(shell: Shell) -> list[str]:
    """Return the lines that keep fish's stock prompt from running git."""
    return ["function fish_prompt; end"] if shell is FISH else []


def warm(shell: Shell) -> None:
    """Let fish have its first prompt in this HOME, which makes folders by mkdir."""
    if shell is FISH:
        shell.run(*quiet(shell), shell.prompt)


def test_strace_sees_a_process(shell: Shell, tmp_path: Path) -> None:
    log = tmp_path / "log"
    traced(shell, log).run("/bin/true")
    assert len(started(log)) >= 3  # the shell itself, its child, and the child's program


@pytest.mark.parametrize("times", [1, 2], ids=["sourced once", "sourced twice"])
def test_ordinary_states_start_nothing(
    shell: Shell, config: Any, loaded: str, tmp_path: Path, times: int
) -> None:
    config(
        prod={"protected": True},
        staging={"organization": {"id": "x", "name": "Acme"}},
        due={"expiresAt": "2020-01-01T00:00:00Z"},
        later={"expiresAt": "2037-01-01T00:00:00Z"},
    )
    (tmp_path / "home" / ".env").write_text("A=1\n" * 50)
    (tmp_path / "home" / "elsewhere").mkdir()
    log = tmp_path / "log"
    warm(shell)
    ran = traced(shell, log).run(
        *quiet(shell),
        *[loaded] * times,
        *[shell.prompt] * 2,
        "cd elsewhere",
        shell.prompt,
        "dctx staging",
        *[shell.prompt] * 2,
        "cd ..",
        shell.prompt,
        "dctx prod",
        shell.prompt,
        "dctx -",
        "dctx due",
        shell.prompt,
        "dctx later",
        *[shell.prompt] * 2,
        *[loaded] * (times - 1),
        shell.prompt,
        "dctx off",
        shell.prompt,
        shell.export(PROFILE, "staging"),
        shell.prompt,
        "dctx prod",
        shell.prompt,
        shell.unset(PROFILE),
        shell.show("DCTX_SEGMENT"),
        interactive=shell.needs_interactive,
    )
    assert ran.err.count("\n") == 7, ran.err
    assert len(started(log)) == 1  # the shell itself


def test_pair_and_nothing_at_all_start_nothing(shell: Shell, loaded: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    warm(shell)
    ran = traced(shell, log).run(
        *quiet(shell),
        loaded,
        *[shell.prompt] * 2,
        shell.show("DCTX_SEGMENT"),
        shell.export(URL, "https://a.example:3000/x"),
        shell.export(KEY, "k"),
        *[shell.prompt] * 2,
        shell.show("DCTX_SEGMENT"),
        interactive=shell.needs_interactive,
    )
    assert [row["DCTX_SEGMENT"] for row in ran.shown] == [None, "env:a.example:3000"]
    assert len(started(log)) == 1


@pytest.mark.parametrize("names", [(), ("prod", "staging")], ids=["no profile", "no default"])
def test_without_a_default_nothing_is_started(
    shell: Shell, config: Any, loaded: str, tmp_path: Path, names: tuple[str, ...]
) -> None:
    config(*names, current=None)
    log = tmp_path / "log"
    warm(shell)
    ran = traced(shell, log).run(
        *quiet(shell),
        loaded,
        *[shell.prompt] * 2,
        shell.show("DCTX_SEGMENT"),
        interactive=shell.needs_interactive,
    )
    assert ran.vars == {"DCTX_SEGMENT": None}
    assert len(started(log)) == 1


def test_terminal_starts_nothing(
    shell: Shell,
    config: Any,
    loaded: str,
    tmp_path: Path,
    terminal: Callable[..., Terminal],
) -> None:
    config("prod", "staging-one", "staging-two")
    log = tmp_path / "log"
    compinit = list(shell.for_tab)
    term = terminal(traced(shell, log), hook=False, rc=[*compinit, loaded, loaded])
    before = len(started(log))
    term.type("dctx staging-t" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx staging-two", "the name completed")
    term.key(ENTER)
    assert term.prompt.startswith("(staging-two) ")
    term.line("cd /")
    term.line("dctx prod")
    term.type("dctx use s" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx use staging-", "the common part completed")
    term.type(CTRL_U)
    term.wait(lambda: term.typed == "", "an empty line")
    term.line("dctx off")
    assert term.prompt.startswith("~(prod) ")
    assert started(log)[before:] == []


def test_tab_without_a_config_starts_nothing(
    shell: Shell, loaded: str, tmp_path: Path, terminal: Callable[..., Terminal]
) -> None:
    log = tmp_path / "log"
    term = terminal(traced(shell, log), hook=False, rc=[*shell.for_tab, loaded])
    before = len(started(log))
    term.type("dctx use " + TAB)
    term.type("x")
    term.wait(lambda: term.typed == "dctx use x", "what was typed, and no name")
    assert started(log)[before:] == []


@dataclass(frozen=True)
class State:
    """A state that is not ordinary: the lines that lead there and back, and what it needs."""

    id: str
    there: Callable[[Shell], list[str]]
    back: Callable[[Shell], list[str]]
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    segment: str = "?"
    ordinary_to: tuple[str, ...] = ()  # shells for which this is a state like any other
    asks: int = 1

    def __repr__(self) -> str:
        return self.id


def away(*names: str) -> Callable[[Shell], list[str]]:
    """Return what unsets variables."""
    return lambda shell: [shell.unset(name) for name in names]


BOTH: dict[str, dict[str, str]] = {"staging": {}, "prod": {}}
STATES = (
    State(
        "a variable that is set, but not exported",
        lambda sh: [sh.set(PROFILE, "staging")],
        away(PROFILE),
        segment="prod",
        ordinary_to=("bash", "bash-3.2", "zsh", "fish"),
    ),
    State(
        ".env with DOKPLOY_",
        lambda _: ["cd ~/project"],
        lambda _: ["cd ~"],
        segment="env:dot.example",
    ),
    State(
        "URL and its older key",
        lambda sh: [sh.export(URL, "https://a.example"), sh.export("DOKPLOY_AUTH_TOKEN", "k")],
        away(URL, "DOKPLOY_AUTH_TOKEN"),
        segment="env:a.example",
    ),
    State(
        "half a pair",
        lambda sh: [sh.export(URL, "https://a.example")],
        away(URL),
        segment="prod",
    ),
    State("a name that does not exist", lambda sh: [sh.export(PROFILE, "nosuch")], away(PROFILE)),
    State("a name that is none", lambda sh: [sh.export(PROFILE, "a b")], away(PROFILE)),
    State(
        "another folder that may be used",
        lambda sh: [sh.export("DOKPLOY_CONFIG_DIR", str(Path.home() / "other"))],
        away("DOKPLOY_CONFIG_DIR"),
        segment="there",
    ),
    State(
        "another folder that may not be used",
        lambda sh: [sh.export("DOKPLOY_CONFIG_DIR", "relative")],
        away("DOKPLOY_CONFIG_DIR"),
    ),
    State(
        "a session beside DCTX_EXPORT_KEY=0",
        lambda sh: [sh.export("DCTX_EXPORT_KEY", "0"), "dctx staging 2>/dev/null"],
        lambda sh: ["dctx off 2>/dev/null", sh.unset("DCTX_EXPORT_KEY")],
        segment="staging",
    ),
    State(
        "a key that is kept elsewhere",
        lambda _: ["dctx vault 2>/dev/null"],
        lambda _: ["dctx off 2>/dev/null"],
        profiles={"vault": {"token": None, "tokenCommand": ["echo", "k"]}},
        segment="vault",
    ),
    State(
        "a name that is no profile's to have",
        lambda _: ["dctx 'a:b' 2>/dev/null"],
        lambda _: ["dctx off 2>/dev/null"],
        profiles={"a:b": {"url": "https://a.example"}},
        segment="a:b",
    ),
)


@pytest.mark.parametrize("state", STATES, ids=repr)
def test_other_state_asks_once_per_change(
    shell: Shell, config: Any, loaded: str, home: Path, tmp_path: Path,
    state: State,
) -> None:  # fmt: skip
    config(**{"prod": {}, "staging": {}, **state.profiles})
    (home / "other").mkdir(0o700)
    config("there", folder=home / "other")
    (home / "project").mkdir()
    (home / "project" / ".env").write_text(f"{URL}=https://dot.example\n{KEY}=k\n")
    log = tmp_path / "log"
    warm(shell)
    round_trip = (
        *state.there(shell), shell.prompt, "/bin/true", shell.show("DCTX_SEGMENT"),
        *[shell.prompt] * 2, "/bin/true",
        *state.back(shell), *[shell.prompt] * 2, "/bin/true", shell.show("DCTX_SEGMENT"),
    )  # fmt: skip
    ran = traced(shell, log).run(
        *quiet(shell), loaded, shell.prompt, "/bin/true", *round_trip, *round_trip,
        interactive=shell.needs_interactive,
    )  # fmt: skip
    segments = [row["DCTX_SEGMENT"] for row in ran.shown]
    assert segments == [state.segment, "prod"] * 2, ran.err
    first, there, still, back, again, again_still, again_back = questions(log)
    assert (first, still, again_still) == (0, 0, 0)
    a_command = any(line.startswith("dctx ") for line in state.there(shell))
    expected = 0 if shell.name in state.ordinary_to else state.asks
    if a_command:  # a command of ours asks each time, also the one that leads back
        assert (there, again) == (expected, expected)
        assert back <= 1 and again_back <= 1
    else:
        assert (there, back, again, again_back) == (expected, 0, 0, 0)


def after_each(
    shell: Shell, loaded: str, log: Path, *steps: str, before: tuple[str, ...] = ()
) -> tuple[list[int], list[str | None]]:
    """Return the questions of each step's first prompt and of its second, and the segments."""
    warm(shell)
    lines = [*quiet(shell), loaded, *before, shell.prompt, "/bin/true"]
    for step in steps:
        lines += [step, shell.prompt, "/bin/true", shell.prompt, "/bin/true",
                  shell.show("DCTX_SEGMENT")]  # fmt: skip
    ran = traced(shell, log).run(*lines, interactive=shell.needs_interactive)
    return questions(log)[1:], [row["DCTX_SEGMENT"] for row in ran.shown]


def test_session_whose_pair_was_changed_by_hand_asks_once(
    shell: Shell, config: Any, loaded: str, tmp_path: Path
) -> None:
    config("prod", "staging")
    asked, seen = after_each(
        shell, loaded, tmp_path / "log",
        shell.export(KEY, "by-hand"), shell.export(KEY, "key-of-staging"),
        shell.export(KEY, "by-hand"), shell.export(PROFILE, "prod"),
        before=("dctx staging",),
    )  # fmt: skip
    assert seen == ["staging!", "staging", "staging!", "prod"]
    assert asked == [1, 0, 0, 0, 0, 0, 1, 0]


def test_session_that_is_renewed_or_loses_its_profile_asks_once(
    shell: Shell, config: Any, loaded: str, home: Path, tmp_path: Path
) -> None:
    config("prod", "staging")
    program = Path(sys.executable).with_name("dctx")
    asked, seen = after_each(
        shell, loaded, tmp_path / "log",
        f"echo new | command {program} auth staging -u http://127.0.0.1:9 -t - --no-check "
        "2>/dev/null",
        f"command {program} remove staging 2>/dev/null",
        before=("dctx staging",),
    )  # fmt: skip
    assert seen == ["staging", "staging!"]
    assert asked == [1, 0, 1, 0]


def test_damaged_file_and_a_missing_core_ask_once(
    shell: Shell, config: Any, data_home: Path, loaded: str, home: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    path = config("prod", "staging")
    good = path.read_text()
    (home / "good").write_text(good)
    asked, seen = after_each(
        shell, loaded, tmp_path / "log",
        f"echo '{{' >{path}; touch -d '2024-01-01' {path}",
        f"cat {home}/good >{path}; touch -d '2024-02-01' {path}",
    )  # fmt: skip
    assert seen == ["?", "prod"]
    assert asked == [1, 0, 1, 0]
    # Without the core one line says so, once, and nothing else is tried.
    name = "__dctx_bin"
    (home / "good").write_text("{")
    asked, seen = after_each(
        shell, loaded, tmp_path / "log",
        f"{shell.set(name, '/nonexistent/dctx')}; cat {home}/good >{path}; "
        f"touch -d '2024-03-01' {path}",
    )  # fmt: skip
    assert (asked, seen) == ([0, 0], ["?"])


def test_day_on_which_a_mark_comes_asks_once(
    shell: Shell, config: Any, loaded: str, tmp_path: Path,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    """The key expires in seven days and a few seconds: "!" appears in an open terminal.

    bash 3.2 has no clock; it looks at the time of its terminal, which the kernel keeps to 8 s.
    """
    due = int(time.time()) + 14  # the line below waits for at most 30 s
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due + 7 * 86400))
    config(prod={"expiresAt": ends})
    log = tmp_path / "log"
    term = terminal(traced(shell, log), hook=False, rc=[loaded])
    assert term.prompt == "~(prod) READY> "
    term.line("/bin/true")
    passed = f"test $(date +%s) -gt {due + 9}"
    term.line(f"sh -c 'until {passed}; do sleep 0.2; done'")
    term.line(":")
    assert term.prompt == "~(prod!) READY> "
    for _ in range(2):
        term.line(":")
    term.line("/bin/true")
    assert questions(log) == [0, 1]
