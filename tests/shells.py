"""The shells that tests run, each behind the same few words.

    ran = shell.run(
        shell.export("DOKPLOY_URL", "mine"),
        shell.hook,
        "dctx staging",
        shell.show("?", "DOKPLOY_URL", "DOKPLOY_AUTH_TOKEN"),
        shell.environ,
    )
    assert ran.vars == {"?": "0", "DOKPLOY_URL": "https://…", "DOKPLOY_AUTH_TOKEN": None}
    assert "DOKPLOY_AUTH_TOKEN" not in ran.env

An adapter makes lines of its dialect; `run` puts them into a file and starts the shell with it: no
start-up files, no terminal. What `show` and `environ` saw goes through a file of its own, so
stdout, stderr and the exit code are the script's. With `interactive=True` the shell believes that
it serves a user (`$-` has an i): then `shell.prompt` does what it does before each prompt. For a
real terminal see terminal.py.

Fixtures: `shell` runs a test once per shell with a hook, `sh` once per shell of plain scripts,
`any_shell` once per each of them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parent.parent
BASH_3_2 = Path(os.environ.get("BASH_3_2") or ROOT.parent / "shared" / "tools" / "bash-3.2")
READY = "READY> "  # the prompt in terminals
T = TypeVar("T")
# What bash says when it is interactive without a terminal; no line of the script's.
NO_TERMINAL = ("cannot set terminal process group", "no job control in this shell")


@dataclass
class Ran:
    """What a script did: exit code, output, and what its `show` and `environ` lines saw."""

    code: int
    out: str
    err: str
    shown: list[dict[str, str | None]] = field(default_factory=list)
    environs: list[dict[str, str]] = field(default_factory=list)

    @property
    def vars(self) -> dict[str, str | None]:
        """Return what the last `show` saw: name → value, None where it is unset."""
        return self.shown[-1]

    @property
    def env(self) -> dict[str, str]:
        """Return the environment that the last `environ` saw, as a child process gets it."""
        return self.environs[-1]


class Shell:
    """A shell of the Bourne family; the others change what they spell differently."""

    posix = True  # has the options, traps of errors and readonly variables of POSIX
    in_each_table = True  # what the tests write down for each shell is written down for this one
    needs_interactive = True  # only a shell that serves a user runs what comes before a prompt
    has_export_flag = True  # a variable can be set and not be seen by children
    reads_sh = True  # its hook file can be read by others, and it can read theirs
    status = "$?"  # the word for the last command's exit code
    trace = ("set -x", "set +x")  # what turns a trace on and off
    for_tab: Sequence[str] = ()  # the lines without which Tab does nothing of ours
    is_function = "type -t dctx"  # prints a last word "function"
    rc = ""  # the start-up file, below HOME, that `dctx install` writes
    rc_is_ours = False  # whether that file is there for its line alone

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        flags: Sequence[str] = (),
        dialect: str = "sh",
        printf: str = "builtin printf",
    ) -> None:
        self.name = name  # the id in tests: "bash-3.2"
        self.command = list(command)  # ["busybox", "sh"]
        self.flags = list(flags)  # that keep start-up files away
        self.dialect = dialect  # what `dctx init` and `dctx env --shell` call it
        self.printf = printf  # not to be hijacked by an alias or a function

    def __repr__(self) -> str:
        return self.name

    @property
    def program(self) -> str | None:
        """Return the path of its program, None where it is not installed."""
        return shutil.which(self.command[0])

    def quote(self, value: str) -> str:
        """Return a word that means `value`."""
        return shlex.quote(value)

    def set(self, name: str, value: str) -> str:
        """Return the line that sets a variable; a new one stays in this shell."""
        return f"{name}={self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        """Return the line that sets a variable for children too."""
        return f"{name}={self.quote(value)}; export {name}"

    def unset(self, name: str) -> str:
        """Return the line that removes a variable."""
        return f"unset {name}"

    def forget(self, name: str) -> str:
        """Return the line that removes a variable, and says nothing where there is none."""
        return f"{self.unset(name)} 2>{os.devnull}"

    def reexport(self, name: str) -> str:
        """Return the line that exports a variable as it is."""
        return f"export {name}"

    def unexport(self, name: str) -> str:
        """Return the line that keeps a variable, but for this shell alone."""
        raise NotImplementedError(f"{self.name} cannot")

    def group(self, *commands: str) -> str:
        """Return the commands as one, whose output goes one way."""
        return f"{{ {'; '.join(commands)}; }}"

    def define(self, name: str, body: str) -> str:
        """Return the lines that make a function."""
        return f"{name}() {{\n{body}\n}}"

    def evaluate(self, command: str) -> str:
        """Return the line that runs what a program prints."""
        return f'eval "$({command})"'

    def source(self, path: Path | str) -> str:
        """Return the line that runs a file in this shell."""
        return f"source {self.quote(str(path))}"

    def prepend(self, folder: str) -> str:
        """Return the line that puts a folder first on PATH."""
        return f"PATH={folder}:$PATH"

    def of(self, table: Mapping[str, T]) -> T:
        """Return what stands in a table of a test, by dialect, for this shell.

        Skips the test where nobody wrote anything down for a shell that is new.
        """
        if self.dialect not in table and not self.in_each_table:
            import pytest

            pytest.skip(f"nothing is written down for {self.dialect} in a table of this test")
        return table[self.dialect]

    def show(self, *names: str) -> str:
        """Return the line that notes variables in `Ran.shown`; "?" is the status before it."""
        words = ["show", str(len(names))]
        for name in names:
            state, value = (
                ("set", '"$?"') if name == "?" else (f'"${{{name}+set}}"', f'"${{{name}-}}"')
            )
            words += [name if name != "?" else "'?'", state, value]
        return f"{self.printf} '%s\\0' {' '.join(words)} >>\"$__test_notes\""

    @property
    def environ(self) -> str:
        """Return the lines that note the environment of a child process in `Ran.environs`."""
        dump = f"{self.printf} 'environ\\0'; /usr/bin/env -0; {self.printf} '\\0'"
        return f'{{ {dump}; }} >>"$__test_notes"'

    @property
    def hook(self) -> str:
        """Return the line that loads the hook, as a user's start-up file has it."""
        return self.evaluate(f"dctx init {self.dialect}")

    @property
    def prompt(self) -> str:
        """Return the lines that do what the shell does before it draws a prompt."""
        raise NotImplementedError(f"{self.name} has no prompt hook")

    def terminal(self, home: Path, lines: Sequence[str], own_prompt: bool) -> list[str]:
        """Write a start-up file with these lines; return the command of an interactive shell.

        Its prompt is READY, or with `own_prompt` what the lines make of it. It sends the mark of
        terminal.py whenever it begins to read a line.
        """
        raise NotImplementedError(f"{self.name} serves no user")

    def notes(self, path: Path) -> str:
        """Return the line that names the file for `show` and `environ`."""
        return self.set("__test_notes", str(path))

    def argv(self, script: Path, interactive: bool = False) -> list[str]:
        """Return the command that runs a script."""
        return [*self.command, *self.flags, *(["-i"] if interactive else []), str(script)]

    def run(
        self,
        *lines: str,
        interactive: bool = False,
        prefix: Sequence[str] = (),
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        stdin: str | None = None,
        timeout: float = 60,
    ) -> Ran:
        """Run the lines as one script and return what it did.

        `prefix` is put before the command (`["strace", "-f", "-o", path]`); `env` changes the
        environment, None removes a variable.
        """
        with tempfile.TemporaryDirectory(prefix="dctx-test-") as folder:
            notes, script = Path(folder, "notes"), Path(folder, "script")
            notes.touch()
            text = "\n".join([self.notes(notes), *lines, ""])
            script.write_bytes(text.encode("utf-8", "surrogateescape"))
            done = subprocess.run(
                [*prefix, *self.argv(script, interactive)],
                env=changed(os.environ, env or {}),
                cwd=cwd,
                input=None if stdin is None else stdin.encode("utf-8", "surrogateescape"),
                stdin=subprocess.DEVNULL if stdin is None else None,
                capture_output=True,
                timeout=timeout,
                start_new_session=True,  # no question reaches whoever runs the tests
            )
            ran = Ran(done.returncode, decoded(done.stdout), decoded(done.stderr))
            if interactive:
                rows = ran.err.splitlines(keepends=True)
                ran.err = "".join(row for row in rows if not any(no in row for no in NO_TERMINAL))
            read_notes(decoded(notes.read_bytes()), ran)
            return ran


class Bash(Shell):
    """bash; `PROMPT_COMMAND` may be a list (from 5.1 on) or one text."""

    rc = ".bashrc"

    def terminal(self, home: Path, lines: Sequence[str], own_prompt: bool) -> list[str]:
        if not own_prompt:
            # Counting makes the text differ each time, and does not depend on PROMPT_COMMAND.
            sends = rf"PS1='\[\e]7777;mark\a\]{READY}'"
        else:
            sends = r"""PROMPT_COMMAND='printf "\033]7777;mark\007"'"""
        file = written(home / self.rc, ["unset HISTFILE", sends, *lines])
        return [*self.command, "--noprofile", "--rcfile", str(file), "-i"]

    def unexport(self, name: str) -> str:
        return f"export -n {name}"

    @property
    def prompt(self) -> str:
        return (
            '__test_status=$?; for __test_command in "${PROMPT_COMMAND[@]}"; do '
            '__test_return "$__test_status"; eval "$__test_command"; done; '
            '__test_return "$__test_status"'
        )

    def notes(self, path: Path) -> str:
        return f'{super().notes(path)}; __test_return() {{ return "$1"; }}'


class Zsh(Shell):
    rc = ".zshrc"
    for_tab = ("autoload -Uz compinit; compinit -D",)
    is_function = "whence -w dctx"

    def terminal(self, home: Path, lines: Sequence[str], _own_prompt: bool) -> list[str]:
        sends = [
            r"""__test_mark() { print -n '\e]7777;mark\a' >$TTY }""",
            "zle -N zle-line-init __test_mark",
        ]
        written(home / self.rc, [*sends, f"PROMPT={self.quote(READY)}", *lines])
        return [*self.command, "-d", "-i"]  # -d: no files in /etc

    def unexport(self, name: str) -> str:
        return f"typeset +x {name}"

    @property
    def prompt(self) -> str:
        return (
            "__test_status=$?; for __test_command in ${precmd_functions-}; do "
            '__test_return $__test_status; "$__test_command"; done; __test_return $__test_status'
        )

    def notes(self, path: Path) -> str:
        return f'{super().notes(path)}; __test_return() {{ return "$1"; }}'


class Fish(Shell):
    posix = False
    needs_interactive = False
    status = "$status"
    trace = ("set -g fish_trace 1", "set -e fish_trace")
    rc = ".config/fish/conf.d/dctx.fish"
    rc_is_ours = True

    def terminal(self, home: Path, lines: Sequence[str], _own_prompt: bool) -> list[str]:
        own = [
            "set -g fish_greeting",
            # Ctrl-C leads to a new prompt, but to no event fish_prompt.
            r"function __test_mark --on-event fish_prompt --on-event fish_cancel",
            r"printf '\e]7777;mark\a'",
            "end",
            f"function fish_prompt; printf {self.quote(READY)}; end",
        ]
        written(home / ".config/fish/config.fish", [*own, *lines])
        # Where it is missing, fish starts python in the background to read all manual pages.
        (home / ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)
        return [*self.command, "-i"]

    def run(self, *lines: str, env: Mapping[str, str | None] | None = None, **how: Any) -> Ran:
        # Where this folder is missing, fish's own handler of its first prompt starts python in the
        # background to read all manual pages: ten seconds of a core, for each test.
        home = changed(os.environ, env or {}).get("HOME", "")
        if os.access(home, os.W_OK):
            Path(home, ".local/share/fish/generated_completions").mkdir(parents=True, exist_ok=True)
        return super().run(*lines, env=env, **how)

    def quote(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def group(self, *commands: str) -> str:
        return f"begin; {'; '.join(commands)}; end"

    def define(self, name: str, body: str) -> str:
        return f"function {name}\n{body}\nend"

    def evaluate(self, command: str) -> str:
        return f"{command} | source"

    def prepend(self, folder: str) -> str:
        return f"set -gx PATH {folder} $PATH"

    def set(self, name: str, value: str) -> str:
        return f"set -g {name} {self.quote(value)}"

    def export(self, name: str, value: str) -> str:
        return f"set -gx {name} {self.quote(value)}"

    def unset(self, name: str) -> str:
        return f"set -e {name}"

    def reexport(self, name: str) -> str:
        return f"set -gx {name} ${name}"

    def unexport(self, name: str) -> str:
        return f"set -gu {name} ${name}"

    def show(self, *names: str) -> str:
        lines = [
            "begin",
            "set -l __test_status $status",
            f"{self.printf} '%s\\0' show {len(names)}",
        ]
        for name in names:
            source = "__test_status" if name == "?" else name
            there = f"set -q {source}; and {self.printf} '%s\\0' '{name}' set \"${source}\""
            lines.append(f"{there}; or {self.printf} '%s\\0' '{name}' '' ''")
        return "\n".join([*lines, 'end >>"$__test_notes"'])

    @property
    def environ(self) -> str:
        dump = f"{self.printf} 'environ\\0'; /usr/bin/env -0; {self.printf} '\\0'"
        return f'begin; {dump}; end >>"$__test_notes"'

    @property
    def prompt(self) -> str:
        return "emit fish_prompt; fish_mode_prompt; fish_prompt"


BASH = Bash("bash", ["bash"], flags=["--noprofile", "--norc"], dialect="bash")
OLD_BASH = Bash("bash-3.2", [str(BASH_3_2)], flags=["--noprofile", "--norc"], dialect="bash")
ZSH = Zsh("zsh", ["zsh"], flags=["-f"], dialect="zsh")
FISH = Fish("fish", ["fish"], dialect="fish")
DASH = Shell("dash", ["dash"], printf="command printf")
BUSYBOX = Shell("busybox", ["busybox", "sh"], printf="command printf")

# The ones that need not be everywhere, with the reason that the head of a test run gives.
LEFT_OUT: dict[Shell, str] = {}
if not OLD_BASH.program:
    LEFT_OUT[OLD_BASH] = "no such program (BASH_3_2=/path/to/bash-3.2 names one)"
if sys.platform == "darwin":
    LEFT_OUT[BUSYBOX] = "there is none for macOS"

HOOKED = [shell for shell in (BASH, OLD_BASH, ZSH, FISH) if shell not in LEFT_OUT]
POSIX = [shell for shell in HOOKED if shell.posix]
# One shell for each that `dctx install` knows.
BY_DIALECT = {shell.dialect: shell for shell in HOOKED if shell is not OLD_BASH}
BASHES = [shell for shell in (BASH, OLD_BASH) if shell not in LEFT_OUT]
PLAIN = [shell for shell in (DASH, BUSYBOX) if shell not in LEFT_OUT]


def written(path: Path, lines: Sequence[str]) -> Path:
    """Write the lines into a file, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]), encoding="utf-8", errors="surrogateescape")
    return path


def changed(environ: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """Return `environ` with the changes made; None removes."""
    merged: dict[str, str | None] = {**environ, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def decoded(output: bytes) -> str:
    """Return bytes as text, whatever they are; encoding with surrogateescape gives them back."""
    return output.decode("utf-8", "surrogateescape")


def read_notes(text: str, ran: Ran) -> None:
    """Put what `show` and `environ` wrote, NUL after each word, into `ran`."""
    words = iter(text.split("\0")[:-1])
    for kind in words:
        if kind == "show":
            row: dict[str, str | None] = {}
            for _ in range(int(next(words))):
                name, state, value = next(words), next(words), next(words)
                row[name] = value if state == "set" else None
            ran.shown.append(row)
        else:
            assert kind == "environ", kind
            pairs = iter(lambda: next(words), "")
            ran.environs.append(dict(pair.partition("=")[::2] for pair in pairs))
