"""The prompt beside what else people load: each for real, in both load orders, in a terminal.

The segment stands there once: it neither doubles nor vanishes, and says what is so now. `$?` in
the user's own prompt is the user's.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from ..shells import BASH, BASHES, FISH, HOOKED, OLD_BASH, ROOT, ZSH, Shell
from ..terminal import Terminal

ORDERS = pytest.mark.parametrize("order", ["before", "after"])  # the others are loaded
PAGE = (ROOT / "docs" / "prompts.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def profiles(config: Any, dctx: Callable[..., Any]) -> None:
    config("prod", "staging")
    assert dctx("sync").code == 0


@pytest.fixture
def begin(shell: Shell, loaded: str, terminal: Callable[..., Terminal]) -> Callable[..., Terminal]:
    """Return a function that starts a terminal with other lines before or after the hook."""

    def begin(order: str, *others: str, **options: Any) -> Terminal:
        rc = [*others, loaded] if order == "before" else [loaded, *others]
        return terminal(shell, hook=False, rc=rc, columns=200, **options)

    return begin


def evaluate(shell: Shell, command: str) -> str:
    """Return the line that runs what a program prints."""
    return shell.evaluate(command)


def looks_right(term: Terminal, end: str) -> None:
    """Switch, off, a default changed elsewhere: what stands before `end` follows at once."""
    assert term.prompt == f"~(prod) {end}"
    term.line("dctx staging")
    assert term.prompt == f"(staging) {end}"
    term.line("true")
    assert term.prompt == f"(staging) {end}"
    term.line("dctx off")
    assert term.prompt == f"~(prod) {end}"


# starship


def starship_toml(home: Path, snippet: bool) -> None:
    """Write the page's snippet with one word of our own for $all, or that word alone."""
    (home / ".config").mkdir(exist_ok=True)
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    text = text.replace("$all", "mine: ") if snippet else 'format = "mine: "\n'
    (home / ".config/starship.toml").write_text("add_newline = false\n" + text)


@pytest.fixture
def starship(shell: Shell) -> str:
    return evaluate(shell, f"starship init {shell.dialect} --print-full-init")


@ORDERS
def test_our_segment_before_starship(
    shell: Shell, begin: Callable[..., Terminal], starship: str, home: Path, order: str
) -> None:
    starship_toml(home, snippet=False)
    term = begin(order, starship, ready="mine: ")
    if order == "after" and shell is OLD_BASH:
        term.line("true")  # docs/prompts.md: the very first prompt lacks it
    looks_right(term, "mine: ")


@ORDERS
def test_segment_in_starship(
    shell: Shell, begin: Callable[..., Terminal], starship: str, home: Path, order: str
) -> None:
    starship_toml(home, snippet=True)
    term = begin(order, starship, ready="mine: ", env={"DCTX_PROMPT": "0"})
    for line, prompt in (
        ("true", "(prod) mine: "),
        ("dctx staging", "(staging) mine: "),
        ("dctx off", "(prod) mine: "),
        (shell.export("DOKPLOY_PROFILE", "staging"), "(staging) mine: "),
        (shell.unset("DOKPLOY_PROFILE"), "(prod) mine: "),
    ):
        term.line(line)
        assert term.prompt == prompt, line


@pytest.mark.parametrize("order", list(permutations(("hook", "direnv", "starship"))), ids="-".join)
def test_starship_direnv_and_we(
    shell: Shell, loaded: str, terminal: Callable[..., Terminal], starship: str, home: Path,
    order: tuple[str, ...],
) -> None:  # fmt: skip
    starship_toml(home, snippet=True)
    (home / "project").mkdir()
    (home / "project/.envrc").write_text("export DOKPLOY_PROFILE=staging\n")
    lines = {"hook": loaded, "starship": starship,
             "direnv": evaluate(shell, f"direnv hook {shell.dialect}")}  # fmt: skip
    env = {"DCTX_PROMPT": "0", "DIRENV_LOG_FORMAT": ""}
    term = terminal(shell, hook=False, rc=[lines[name] for name in order], env=env, ready="mine: ")
    term.line("direnv allow ~/project")
    term.line("cd ~/project")
    assert term.prompt == "(staging) mine: "
    term.line("cd ~")
    assert term.prompt == "(prod) mine: "


# virtualenv and venv


@pytest.fixture(scope="session")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venvs") / "myvenv"
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    return folder


@ORDERS
def test_venv(shell: Shell, begin: Callable[..., Terminal], venv: Path, order: str) -> None:
    activate = f"source {venv}/bin/activate{'.fish' if shell is FISH else ''}"
    term = begin(order, *([activate] if order == "before" else []))
    if order == "after":
        term.line(activate)
    for _ in range(2):
        assert term.prompt.count("(prod)") == term.prompt.count("(myvenv)") == 1
        term.line("dctx staging")
        assert term.prompt.count("(staging)") == term.prompt.count("(myvenv)") == 1
        assert "(prod)" not in term.prompt
        term.line("dctx off")
        term.line("deactivate")
        assert term.prompt == "~(prod) READY> "
        term.line(activate)
    # Its programs come first on PATH; the shim stays before them.
    assert term.line("command -v dokploy").endswith("/shims/dokploy")


# fzf's key bindings, zoxide's hook


def fzf_bindings(shell: Shell) -> str:
    """Return the line that loads fzf's key bindings: from fzf itself, or Debian's files."""
    if not subprocess.run(["fzf", f"--{shell.dialect}"], capture_output=True).returncode:
        return evaluate(shell, f"fzf --{shell.dialect}")
    if shell is FISH:
        return "fzf_key_bindings"  # Debian's fish finds it by its name
    return f"source /usr/share/doc/fzf/examples/key-bindings.{shell.dialect}"


@pytest.mark.parametrize(
    "shell", [shell for shell in HOOKED if shell is not OLD_BASH], ids=repr, indirect=True
)  # the bindings need bash 4
@ORDERS
def test_fzf_key_bindings(
    shell: Shell, begin: Callable[..., Terminal], home: Path, order: str
) -> None:
    (home / "found-by-fzf").touch()
    term = begin(order, fzf_bindings(shell), env={"FZF_CTRL_T_COMMAND": "echo found-by-fzf"})
    looks_right(term, "READY> ")
    term.type("echo \x14")  # Ctrl-T
    term.wait(lambda: "1/1" in term.screen, "fzf")
    term.type("\r")
    term.wait(lambda: term.typed.strip() == "echo found-by-fzf", "the file's name")
    term.clear()
    assert term.prompt == "~(prod) READY> "


@ORDERS
def test_zoxide(shell: Shell, begin: Callable[..., Terminal], home: Path, order: str) -> None:
    (home / "deep/inside").mkdir(parents=True)
    term = begin(order, evaluate(shell, f"zoxide init {shell.dialect}"))
    term.line("cd ~/deep/inside")
    looks_right(term, "READY> ")
    term.line("cd ~")
    term.line("z inside")
    assert term.line("pwd") == str(home / "deep/inside")
    looks_right(term, "READY> ")


# Prompts of the user's own


@pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
@pytest.mark.parametrize(
    "value", ["seen=$?", "seen=$?;", "seen=$? ;  ", "seen=$?\n", "seen=$?\n:;", ""], ids=repr
)
@ORDERS
def test_prompt_command_as_text(begin: Callable[..., Terminal], order: str, value: str) -> None:
    quoted = "'" + value + "'"
    line = f"PROMPT_COMMAND={quoted}"
    if order == "after":  # as other tools' hooks do
        line = f'PROMPT_COMMAND={quoted}"${{PROMPT_COMMAND:+;$PROMPT_COMMAND}}"'
        if not value or value.rstrip()[-1] == ";" or "\n" in value:
            line = f"PROMPT_COMMAND={quoted}$'\\n'\"$PROMPT_COMMAND\""
    term = begin(order, line)
    looks_right(term, "READY> ")
    term.line("(exit 7)")
    if value:
        assert term.line("echo $seen") == "7"
    assert term.line("(exit 9)") == ""
    assert term.line("echo $?") == "9"


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
@ORDERS
def test_prompt_command_as_list(begin: Callable[..., Terminal], order: str) -> None:
    line = "PROMPT_COMMAND=('one=$?' 'two=$?')"
    if order == "after":
        line = "PROMPT_COMMAND=('one=$?' \"${PROMPT_COMMAND[@]}\" 'two=$?')"
    term = begin(order, line)
    looks_right(term, "READY> ")
    term.line("(exit 7)")
    assert term.line("echo $one") == "7"
    # An assignment to the name alone replaces the first element; ours is another.
    term.line("PROMPT_COMMAND='three=$?'")
    term.line("(exit 8)")
    assert term.line("echo $three") == "8"
    looks_right(term, "READY> ")


@pytest.mark.parametrize("shell", [s for s in HOOKED if s.name == "zsh"], ids=repr, indirect=True)
@ORDERS
def test_precmd_functions(begin: Callable[..., Terminal], order: str) -> None:
    term = begin(order, "mine() { seen=$?; PROMPT='READY> ' }", "precmd_functions+=(mine)",
                 "precmd() { also=$?; }")  # fmt: skip
    if order == "after":
        term.line("true")  # docs/prompts.md: the very first prompt lacks it
    looks_right(term, "READY> ")
    term.line("(exit 7)")
    assert term.line("echo $seen $also") == "7 7"


def test_prompt_reassigned(shell: Shell, begin: Callable[..., Terminal]) -> None:
    term = begin("after")
    term.line("dctx staging")
    for text in ("one READY> ", "two READY> "):
        if shell is FISH:
            term.line(f"function fish_prompt; echo -n '{text}'; end")
        else:  # bash: with the mark that the terminal waits for
            mark = r"\[\e]7777;mark\a\]" if shell.dialect == "bash" else ""
            term.line(f"PS1='{mark}{text}'")
        term.line("true")
        assert term.prompt == f"(staging) {text}"


def test_users_status_in_the_prompt(shell: Shell, begin: Callable[..., Terminal]) -> None:
    line = shell.of(
        {
            "bash": r"PS1='\[\e]7777;mark\a\]$? READY> '",
            "zsh": "PROMPT='%? READY> '",
            "fish": "function fish_prompt; echo -n $status $pipestatus READY'> '; end",
        }
    )
    for order in ("before", "after"):
        term = begin(order, line)
        wanted = "{0} {0}" if shell is FISH else "{0}"
        term.line("dctx staging")
        term.line("sh -c 'exit 7'")
        assert term.prompt == f"(staging) {wanted.format(7)} READY> "
        term.line("cd /")
        assert term.prompt == f"(staging) {wanted.format(0)} READY> "
        term.line("dctx no-such-profile")
        assert term.prompt == f"(staging) {wanted.format(3)} READY> "
        if shell is FISH:
            term.line("false | sh -c 'exit 4' | true")
            assert term.prompt == "(staging) 0 1 4 0 READY> "


def test_no_color(shell: Shell, begin: Callable[..., Terminal]) -> None:
    term = begin("after", env={"NO_COLOR": "1"})
    assert term.colour("~(prod)") == "plain"
    term.line("dctx staging")
    assert term.colour("(staging)") == "plain"
    term.line(shell.unset("NO_COLOR"))
    assert term.colour("(staging)") == "green"


def test_leave_my_prompt_alone(shell: Shell, begin: Callable[..., Terminal]) -> None:
    term = begin("after", env={"DCTX_PROMPT": "0"})
    assert term.prompt == "READY> "
    term.line("dctx staging")
    assert term.prompt == "READY> "
    assert term.line('echo "$DCTX_SEGMENT $DCTX_SEGMENT_STATE"') == "staging session"
    term.line(shell.unset("DCTX_PROMPT"))
    assert term.prompt == "(staging) READY> "
    term.line(shell.set("DCTX_PROMPT", "0"))
    assert term.prompt == "READY> "


def test_page_without_a_framework(shell: Shell, begin: Callable[..., Terminal]) -> None:
    """docs/prompts.md: the prompts of one's own, as they stand there but for their end."""
    (text,) = re.findall(rf"```{shell.dialect}\n((?:DCTX|set -gx DCTX).*?)```",
                         PAGE.partition("## powerlevel10k")[0], re.DOTALL)  # fmt: skip
    for end in (r"\w \$ ", "%~ %# ", "%s> ' (prompt_pwd)"):
        text = text.replace(end, "READY> '" if "pwd" in end else "READY> ")
    if shell.dialect == "bash":
        text = text.replace("PS1='", r"PS1='\[\e]7777;mark\a\]")
    term = begin("after", text)
    assert term.prompt == "(prod) READY> "
    term.line("dctx staging")
    assert term.prompt == "(staging) READY> "
    term.line("dctx off")
    term.line(shell.export("DOKPLOY_CONFIG_DIR", "/nowhere"))
    assert term.prompt == "READY> "


# powerlevel10k, which is in no registry: what it keeps of a segment, and expands at each prompt


@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_powerlevel10k_is_given_what_the_user_wants_to_see(shell: Shell, loaded: str) -> None:
    look = [
        shell.prompt,
        "seen=; for state in ${(k)shown}; do [[ -z ${(e)shown[$state]} ]] || seen+=$state; done",
        shell.show("seen"),
    ]
    ran = shell.run(
        "typeset -A shown; p10k() { shown[$3]=$argv[-1]; }",
        loaded, shell.prompt, "prompt_dctx", *look, "DCTX_PROMPT=session", *look,
        "dctx staging", *look, "DCTX_PROMPT=0", *look, "unset DCTX_PROMPT", *look,
        "dctx off", *look, interactive=True,
    )  # fmt: skip
    assert [row["seen"] for row in ran.shown] == [
        "DEFAULT", "", "SESSION", "", "SESSION", "DEFAULT",
    ], ran.err  # fmt: skip
