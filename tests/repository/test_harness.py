"""Tests of the tests' own tools, such as that they tell empty variables from unset ones."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import HOOKED, Shell
from ..terminal import TAB, UP, Terminal

HOSTILE = "a'b\"c$(exit 9)`exit 9`\\d\ne %s\\n *  \x1b[31m é🚒 "
Start = Callable[..., Terminal]


# home, config, dctx, panel, official CLI


def test_home_is_fresh_and_nothing_of_the_caller_is_left(home: Path) -> None:
    assert list(home.iterdir()) == []
    assert Path.home() == home == Path.cwd()
    left = {name for name in os.environ if not name.startswith("PYTEST_")}
    assert left - {"TMPDIR", "USER", "LOGNAME", "PYTHONDONTWRITEBYTECODE"} == {
        "HOME",
        "LANG",
        "PATH",
        "SHELL",
        "TERM",
    }


def test_config_builds_what_is_said_and_fills_in_the_rest(config: Callable[..., Path]) -> None:
    path = config("a", b={"protected": True, "token": None}, current="b", extra={"x": 1})
    assert json.loads(path.read_text()) == {
        "currentProfile": "b",
        "profiles": {
            "a": {"url": "https://a.example.com", "token": "key-of-a"},
            "b": {"url": "https://b.example.com", "protected": True},
        },
        "x": 1,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert json.loads(config("z").read_text())["currentProfile"] == "z"
    assert "currentProfile" not in json.loads(config("z", current=None).read_text())


def test_dctx_keeps_code_output_and_errors_apart(dctx: Callable[..., Result]) -> None:
    ran = dctx("--version")
    assert (ran.code, ran.err) == (0, "")
    assert "0.1.0" in ran.out
    assert dctx("use", "nobody").code != 0


@pytest.mark.usefixtures("official_cli")
def test_official_cli_talks_to_the_panel(panel: StandIn, any_shell: Shell) -> None:
    ran = any_shell.run(
        any_shell.export("DOKPLOY_URL", panel.url),
        any_shell.export("DOKPLOY_API_KEY", panel.key_of("Globex")),
        "dokploy organization active",
    )
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["name"] == "Globex"


def test_private_cli_has_a_legacy_file_of_its_own(
    private_cli: Path, official_cli: Path, panel: StandIn, any_shell: Shell
) -> None:
    key = panel.key_of("Acme")
    ran = any_shell.run(f"dokploy auth -u {panel.url} -t {key}")
    assert ran.code == 0
    assert json.loads((private_cli / "config.json").read_text()) == {"url": panel.url, "token": key}
    assert not (official_cli.resolve().parent.parent / "config.json").exists()


# Shells


def test_show_tells_set_empty_and_unset_apart(any_shell: Shell) -> None:
    ran = any_shell.run(
        any_shell.set("A", HOSTILE),
        any_shell.export("B", ""),
        any_shell.export("C", HOSTILE),
        any_shell.export("D", "x"),
        any_shell.unset("D"),
        any_shell.show("A", "B", "C", "D", "E"),
        any_shell.environ,
        any_shell.show("F"),
        env={"E": "given", "F": ""},
    )
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert ran.shown[0] == {"A": HOSTILE, "B": "", "C": HOSTILE, "D": None, "E": "given"}
    assert ran.vars == {"F": ""}
    assert "A" not in ran.env
    assert "D" not in ran.env
    assert (ran.env["B"], ran.env["C"], ran.env["E"]) == ("", HOSTILE, "given")


def test_status_output_and_exit_code_are_the_scripts_own(any_shell: Shell) -> None:
    ran = any_shell.run(
        "sh -c 'exit 7'", any_shell.show("?", "X"), "echo out", "echo err >&2", "exit 5"
    )
    assert (ran.code, ran.out, ran.err) == (5, "out\n", "err\n")
    assert ran.vars == {"?": "7", "X": None}


def test_scripts_read_no_startup_file(any_shell: Shell, home: Path) -> None:
    for name in (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv"):
        (home / name).write_text("echo startup\n")
    assert any_shell.run("echo x").out == "x\n"


def test_standard_input_is_empty_unless_given(any_shell: Shell) -> None:
    assert any_shell.run("cat").out == ""
    assert any_shell.run("cat", stdin="fed").out == "fed"


def test_shells_are_the_ones_they_are_called(any_shell: Shell) -> None:
    version = {
        "bash": 'echo "${BASH_VERSINFO[0]}" | tr 4-9 5',
        "bash-3.2": 'echo "${BASH_VERSINFO[0]}.${BASH_VERSINFO[1]}"',
        "zsh": 'echo "${ZSH_VERSION%%.*}"',
        "fish": "echo (string split . $version)[1] | tr 4-9 3",
        "dash": 'echo "${BASH_VERSION-}${ZSH_VERSION-}${KSH_VERSION-}dash"',
        "busybox": "readlink /proc/$$/exe | grep -o busybox",
    }[any_shell.name]
    want = {"bash": "5", "bash-3.2": "3.2", "zsh": "5", "fish": "3"}.get(
        any_shell.name, any_shell.name
    )
    assert any_shell.run(version).out == want + "\n"


def test_interactive_script_runs_the_prompt_hooks_with_the_status(shell: Shell) -> None:
    hooks = shell.of(
        {
            "bash": "PROMPT_COMMAND='seen=$?'",
            "zsh": "hook() { seen=$? }; precmd_functions=(hook)",
            "fish": "function hook --on-event fish_prompt; set -g seen ran; end",
        }
    )
    ran = shell.run(hooks, "sh -c 'exit 7'", shell.prompt, shell.show("seen"), interactive=True)
    assert ran.err == ""
    assert ran.vars == {"seen": "7" if shell.posix else "ran"}


# Terminals


def test_line_returns_what_a_command_printed(terminal: Start, shell: Shell) -> None:
    term = terminal(shell, hook=False)
    assert term.prompt == "READY> "
    assert term.line("echo one; echo two") == "one\ntwo"
    assert term.line("") == ""
    assert term.line("cd /; pwd") == "/"
    assert term.line("sleep 0.3; echo late") == "late"
    assert term.line("echo " + "x" * 300) == "\n".join(["x" * 120, "x" * 120, "x" * 60])
    for number in range(80):
        assert term.line(f"echo {number}") == str(number)
    assert term.line("seq 100").splitlines()[-1] == "100"
    assert term.line("echo after") == "after"


def test_keys_reach_the_line_editor(terminal: Start, shell: Shell, home: Path) -> None:
    (home / "a-file-of-one-name").touch()
    term = terminal(shell, hook=False)
    term.type("cat a-fi" + TAB)
    term.wait(lambda: term.typed == "cat a-file-of-one-name ")
    term.clear()
    assert term.line("echo kept") == "kept"
    term.type(UP)
    term.wait(lambda: term.typed == "echo kept")
    term.interrupt()
    assert term.line("echo then") == "then"


def test_colours_are_those_of_the_screen(terminal: Start, shell: Shell) -> None:
    term = terminal(shell, hook=False)
    shown = {"31": "red", "1;32": "bold green", "2": "dim", "33": "yellow", "0": "plain"}
    for code, look in shown.items():
        term.line(f"printf '\\033[{code}m%s\\033[0m\\n' te''xt")
        assert term.colour("text") == look
    term.line("printf '\\033[2mfaint\\033[22mnormal\\033[38;5;2mnum''ber\\033[0m\\n'")
    assert (term.colour("faint"), term.colour("normal")) == ("dim", "plain")


def test_terminal_has_a_clean_environment_and_is_one(terminal: Start, shell: Shell) -> None:
    term = terminal(shell, hook=False, env={"LANG": "C", "ADDED": "yes", "SHELL": None})
    assert term.line("test -t 0 && test -t 1 && test -t 2 && echo terminal") == "terminal"
    assert term.line("env | grep -c -e ^LC_ -e ^DOKPLOY -e ^DCTX") == "0"
    assert term.line("echo $LANG $ADDED $COLUMNS") == "C yes 120"


def test_startup_lines_stand_before_and_behind(terminal: Start, shell: Shell) -> None:
    term = terminal(shell, hook=False, rc=[shell.set("x", "1")])
    assert term.line("echo $x") == "1"


def test_a_prompt_of_ones_own_is_waited_for(terminal: Start, shell: Shell) -> None:
    own = shell.of(
        {
            "bash": "PS1='mine: '",
            "zsh": "PROMPT='mine: '",
            "fish": "function fish_prompt; printf 'mine: '; end",
        }
    )
    term = terminal(shell, hook=False, rc=[own], ready="mine: ")
    assert term.line("echo x") == "x"
    assert term.prompt == "mine: "


def test_exit_code_comes_back_and_nothing_is_left(terminal: Start, shell: Shell) -> None:
    term = terminal(shell, hook=False)
    assert term.exit("exit 3") == 3
    other = terminal(shell, hook=False)
    other.close()
    with pytest.raises(ProcessLookupError):
        os.kill(other.pid, 0)


def test_a_shell_that_ends_is_reported_at_once(terminal: Start) -> None:
    term = terminal(HOOKED[0], hook=False)
    with pytest.raises(AssertionError, match="the shell ended"):
        term.line("exit")
