"""The place of the segment, which it keeps whatever other programs do to the prompt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..shells import BASHES, OLD_BASH, ZSH, Shell
from ..terminal import ESCAPE, Terminal

posix = pytest.mark.parametrize("shell", [*BASHES, ZSH], ids=repr, indirect=True)
bash = pytest.mark.parametrize("shell", BASHES, ids=repr, indirect=True)
zsh = pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
PROFILE = "DOKPLOY_PROFILE"


def prefixed(shell: Shell, text: str) -> str:
    """Return the line of a start-up file that puts `text` before the test's own prompt."""
    name = "PS1" if shell.dialect == "bash" else "PROMPT"
    return f"{name}=$'{text}'\"${name}\""


@posix
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("\\n\\nDIR\\n", "~(prod) DIR"),
        ("┌──DIR\\n└─", "┌──DIR~(prod)"),
        ("DIR ┌\\n", "~(prod) DIR ┌"),
    ],
    ids=["empty lines", "frame", "two lines"],
)
def test_segment_of_a_prompt_of_several_lines(
    shell: Shell, config: Any, loaded: str, text: str, first: str,
    terminal: Callable[..., Terminal],
) -> None:  # fmt: skip
    config("prod", "staging")
    spelled = [text.replace("\\n", "\\\\n"), text] if shell.dialect == "bash" else [text]
    for each in spelled:  # `\n` as two letters, or as a newline
        term = terminal(shell, hook=False, rc=[prefixed(shell, each), loaded])
        rows = [row for row in term.screen.splitlines() if "DIR" in row]
        assert rows[-1:] == [first]
        assert "(prod)" not in term.prompt
        term.line("dctx staging")
        rows = [row for row in term.screen.splitlines() if "DIR" in row]
        assert rows[-1:] == [first.replace("~(prod)", "(staging)")]
        term.close()


@posix
@pytest.mark.parametrize("name", ["dumb", None])
def test_terminal_without_colours_gets_no_escapes(
    shell: Shell, config: Any, loaded: str, name: str | None, home: Path
) -> None:
    config("prod", "staging")
    draw = (
        'printf "%s" "${__dctx_ps1-}"' if shell.dialect == "bash" else 'print -rn -- "${(%)PROMPT}"'
    )
    unset = [] if name else ["unset TERM"]
    ran = shell.run(
        *unset, loaded, shell.prompt, draw, "dctx staging", shell.prompt, draw,
        env={"TERM": name}, interactive=True,
    )  # fmt: skip
    assert "~(prod) " in ran.out and "(staging) " in ran.out
    assert "\x1b" not in ran.out


@posix
def test_folder_of_the_configuration_taken_away_in_place(
    shell: Shell, config: Any, loaded: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    term = terminal(shell, hook=False, rc=[loaded])
    assert term.prompt == "~(prod) READY> "
    term.line("rm -rf ~/.dokploy")
    assert term.prompt == "READY> "
    config("staging")
    term.line("true")
    assert term.prompt == "~(staging) READY> "
    term.line("mv ~/.dokploy ~/away")
    assert term.prompt == "READY> "
    term.line("mv ~/away ~/.dokploy")
    assert term.prompt == "~(staging) READY> "
    term.line("dctx staging")
    shutil.rmtree(home / ".dokploy")
    term.line("true")
    assert term.prompt == "(staging!) READY> "


@bash
def test_prompt_command_assigned_anew_shows_no_old_segment(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    text = ("PROMPT_COMMAND=", "unset PROMPT_COMMAND", "PROMPT_COMMAND=:")
    # A list's first element is no longer ours: assigning to that alone takes nothing away.
    of_a_list = ("PROMPT_COMMAND=()", "unset PROMPT_COMMAND", "PROMPT_COMMAND=(:)")
    for taken in text if shell is OLD_BASH else of_a_list:
        term = terminal(shell, hook=False, rc=[loaded])
        term.line(taken)
        term.line(f"export {PROFILE}=staging")
        assert term.prompt == "(?) READY> "
        term.line("dctx prod")
        assert term.prompt == "(prod) READY> "
        term.line(f"dctx off; export {PROFILE}=staging")
        assert term.prompt == "(staging) READY> "
        term.close()


@zsh
def test_precmd_functions_assigned_anew_are_hung_in_again(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod", "staging")
    for taken in ("precmd_functions=()", "unset precmd_functions"):
        for where in ("rc", "line"):
            after = [taken] if where == "rc" else []
            term = terminal(shell, hook=False, rc=[loaded, *after])
            if where == "line":
                term.line(taken)
            term.line(f"export {PROFILE}=staging")
            assert term.prompt == "(staging) READY> ", (taken, where)
            term.close()


@zsh
@pytest.mark.parametrize("anew", ["psvar=(mine)", "psvar[96]=x", "psvar[97]=x"])
def test_psvar_assigned_anew_at_each_prompt_keeps_the_segment(
    shell: Shell, config: Any, loaded: str, anew: str, terminal: Callable[..., Terminal]
) -> None:
    """As users of vcs_info do: zsh runs a `precmd` of theirs before the functions of the list."""
    config("prod", "staging")
    own = [f"precmd() {{ {anew}; }}", "PROMPT='%1v'$PROMPT"]
    term = terminal(shell, hook=False, rc=[*own, loaded])
    term.line("dctx staging")
    for _ in range(2):
        term.line("true")
        assert term.prompt.startswith("(staging) ")
        assert term.colour("(staging)") == "green"


@zsh
def test_prompt_without_percent_is_left_alone(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    term = terminal(shell, hook=False, rc=[loaded, "setopt no_prompt_percent"])
    assert term.prompt == "READY> "
    term.line("setopt prompt_percent")
    assert term.prompt == "~(prod) READY> "
    term.line("setopt no_prompt_percent")
    assert term.prompt == "READY> "


WIDGETS = [
    "go() { cd ~/project; zle reset-prompt }; zle -N go; bindkey '^G' go",
    'zle-keymap-select() { PROMPT="$KEYMAP READY> "; zle reset-prompt }; zle -N zle-keymap-select',
    "bindkey -v; KEYTIMEOUT=1",
]


@zsh
def test_widget_that_changes_the_folder_draws_the_right_segment(
    shell: Shell, config: Any, loaded: str, home: Path, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    (home / "project").mkdir()
    (home / "project" / ".env").write_text("DOKPLOY_URL=https://h.example.com\nDOKPLOY_API_KEY=k\n")
    term = terminal(shell, hook=False, rc=[loaded, WIDGETS[0]])
    term.type("\x07")
    term.wait(lambda: term.prompt == "(env:h.example.com) READY> ", "the segment of the new folder")


@zsh
def test_handler_that_assigns_the_prompt_keeps_the_segment(
    shell: Shell, config: Any, loaded: str, terminal: Callable[..., Terminal]
) -> None:
    config("prod")
    term = terminal(shell, hook=False, rc=[loaded, *WIDGETS[1:]])
    term.type(ESCAPE)
    term.wait(lambda: term.prompt == "~(prod) vicmd READY> ", "the prompt of the other keymap")
    term.type("i")
    term.wait(lambda: term.prompt == "~(prod) main READY> ", "the prompt of the first keymap")
    alarm = "TMOUT=1; TRAPALRM() { PROMPT='alarm READY> '; zle reset-prompt }"
    term = terminal(shell, hook=False, rc=[loaded, alarm])
    term.wait(lambda: term.prompt == "~(prod) alarm READY> ", "the prompt of the alarm")
    watch = "exec {fd}< <(sleep 1; echo x); got() { zle -F $1; PROMPT='fd READY> '; zle reset-prompt }; zle -F $fd got"  # noqa: E501
    term = terminal(shell, hook=False, rc=[loaded, watch])
    term.wait(lambda: term.prompt == "~(prod) fd READY> ", "the prompt of the handler")


@zsh
@pytest.mark.parametrize("lines", ["false", "true"])
def test_segment_beside_powerlevel9k(
    shell: Shell, config: Any, loaded: str, lines: str, terminal: Callable[..., Terminal]
) -> None:
    theme = Path("/usr/share/powerlevel9k/powerlevel9k.zsh-theme")
    if not theme.exists():
        pytest.fail("powerlevel9k is not installed. Run: scripts/setup test")
    config("prod", "staging")
    rc = [
        "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS=(dir); POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS=()",
        f"POWERLEVEL9K_PROMPT_ON_NEWLINE={lines}",
        "POWERLEVEL9K_MULTILINE_LAST_PROMPT_PREFIX='READY> '",
        f"source {theme}",
    ]
    # The theme leaves no READY on one line: its own end stands for it.
    term = terminal(
        shell, hook=False, rc=[*rc, loaded], ready="READY> " if lines == "true" else "\ue0b0 "
    )
    term.line("dctx staging 2>/dev/null")
    term.wait(lambda: "(staging)" in term.screen, "the segment")
    assert "~(prod)" in term.screen
