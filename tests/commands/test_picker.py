"""`dctx` alone: the picker with the real fzf, and the list without fzf."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.commands.shared.picker import kept

from ..conftest import BUILD
from ..shells import BASH, Shell
from ..terminal import DOWN, ENTER, ESCAPE, Terminal

URL = "https://{}.example.com"


@pytest.fixture
def profiles(config: Any, dctx: Callable[..., Any]) -> Path:
    """Three profiles, two with an organization."""
    path: Path = config(
        prod={"organization": {"id": "x", "name": "Acme"}},
        staging={"organization": {"id": "y", "name": "Globex & Söhne"}},
        spare={},
    )
    assert dctx("sync").code == 0
    return path


def status(shell: Shell) -> str:
    return f"echo {shell.status}"


def picking(term: Terminal) -> list[str]:
    """Type `dctx`, wait for the picker, return its rows from the top."""
    term.line("clear")
    term.type("dctx" + ENTER)

    def rows() -> list[str]:
        below = term.screen.partition("3/3")[2].splitlines()[1:]
        listed = [re.split("[│╭╰]", row)[0] for row in below]  # the preview is right of it
        return [row.lstrip(" >*").strip() for row in listed if row.strip(" >")]

    # fzf draws the count first and its rows after it.
    term.wait(lambda: len(rows()) == 3, "the picker")
    return rows()


def test_enter_switches(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    assert term.prompt == "~(prod:Acme) READY> "
    rows = picking(term)
    assert [row.split()[0] for row in rows] == ["prod", "staging", "spare"]
    assert [row.split()[1] for row in rows] == [
        URL.format(name) for name in ("prod", "staging", "spare")
    ]
    assert "Acme" in rows[0] and "Globex" in rows[1]
    assert "* prod" in term.screen  # active here
    term.type(DOWN)
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")
    assert term.line(status(shell)) == "0"
    assert term.line("echo $DOKPLOY_URL") == URL.format("staging")


def test_previous_profile_comes_first_and_words_filter(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.line("dctx spare")
    term.line("dctx prod")
    rows = picking(term)
    assert [row.split()[0] for row in rows] == ["spare", "prod", "staging"]
    assert "* prod" in term.screen
    term.key(ENTER)
    assert term.prompt == "(spare) READY> "
    term.line("dctx -")
    assert term.prompt == "(prod:Acme) READY> "
    picking(term)
    term.type("globex")  # an organization's name finds it, too
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_exec_without_a_name_chooses_one(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.type("dctx exec -- printenv DOKPLOY_PROFILE DCTX_ORG_ID" + ENTER)
    term.wait(lambda: "3/3" in term.screen, "the picker")
    assert "exec> " in term.screen
    term.type("globex")
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert "\nstaging\ny\n" in term.screen


@pytest.mark.parametrize("key", [ESCAPE, "\x03"], ids=["escape", "ctrl-c"])
def test_leaving_changes_nothing(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], key: str
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.line("dctx spare")
    term.line("dctx prod")
    picking(term)
    term.key(key)
    assert term.prompt == "(prod:Acme) READY> "
    assert term.line(status(shell)) == "130"
    assert term.line("echo $DOKPLOY_URL") == URL.format("prod")
    term.line("dctx -")
    assert term.prompt == "(spare) READY> "


@pytest.mark.parametrize("why", ["DCTX_NO_FZF", "no fzf", "pipe", "stdin"])
def test_list_instead(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], why: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    env, line = {}, "dctx"
    if why == "DCTX_NO_FZF":
        env["DCTX_NO_FZF"] = "1"
    elif why == "no fzf":
        folder = tmp_path / "programs"
        folder.mkdir()
        for program in (shell.program, shutil.which("cat")):
            (folder / Path(str(program)).name).symlink_to(str(program))
        env["PATH"] = f"{BUILD / 'bin'}{os.pathsep}{folder}"
    elif why == "pipe":
        line = "dctx | cat"
    else:
        line = "dctx </dev/null"
    term = terminal(shell, hook=False, rc=[loaded], env=env)
    shown = term.line(line)
    first = [row.lstrip("* ").split()[0] for row in shown.splitlines()]
    assert first == ["NAME"] * (why != "pipe") + ["prod", "staging", "spare"]
    assert term.line(status(shell)) == "0"
    assert term.prompt == "~(prod:Acme) READY> "


def test_no_profiles(shell: Shell, loaded: str, terminal: Callable[..., Terminal]) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    assert "no profiles are saved yet" in term.line("dctx")


# Each would bypass the picker, break the lines of its list, or print something else than one name.
BREAKING = (
    "--multi --tac --border --print-query --expect=ctrl-y --ansi",
    "--read0",
    "--print0",
    "--filter=staging",
    "-f staging",
    "--select-1 --query=staging",
    "--exit-0 --query=nothing",
    "--with-nth=1 --nth=1 --delimiter=x",
    "--header-lines=1",
    "--preview='touch ran' --preview-window=up",
    "--bind='enter:execute(touch ran)+abort'",
    "--bind 'start:become(touch ran)'",
    "--disabled",
    "--no-such-option",
    "'unbalanced",
)


@pytest.mark.parametrize("options", BREAKING)
@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)  # fzf is run by the core
def test_fzf_settings_of_the_user(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], options: str,
    home: Path,
) -> None:  # fmt: skip
    """Still each profile is a row, one is picked, and nothing else is run."""
    env = {"FZF_DEFAULT_COMMAND": "false", "FZF_DEFAULT_OPTS": options}
    term = terminal(shell, hook=False, rc=[loaded], env=env)
    term.type("dctx" + ENTER)
    term.wait(lambda: "3/3" in term.screen, "the picker")
    term.type("stag")
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert term.prompt.startswith("(staging:Globex")
    assert not (home / "ran").exists()


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_name_stays_in_sight_in_a_narrow_window(
    shell: Shell, loaded: str, config: Any, terminal: Callable[..., Terminal]
) -> None:
    config(prod={}, staging={"url": f"https://{'a' * 60}.needle.example.com"})
    term = terminal(shell, hook=False, rc=[loaded], columns=40)
    term.type("dctx" + ENTER)
    term.wait(lambda: "2/2" in term.screen, "the picker")
    term.type("needle")
    term.wait(lambda: "1/2" in term.screen, "one row")
    assert "staging" in term.screen


def test_looks_stay_the_users() -> None:
    options = "--color=dark --layout default --border --height=90% --bind=ctrl-j:down"
    options += " --bind 'x:execute(y)'"
    assert kept(options) == [
        "--color=dark", "--layout=default", "--border", "--height=90%", "--bind=ctrl-j:down",
    ]  # fmt: skip
    assert kept("--preview=x --border --multi 3 word") == ["--border"]


@pytest.mark.parametrize("name", ["a b", "with\ttab", "it's", "-dash", "ünï"])
def test_any_name_can_be_picked(
    name: str, config: Any, dctx: Callable[..., Any], home: Path
) -> None:
    """A program in the place of fzf, which chooses the first row."""
    config("prod", **{name: {}})
    fzf = home / "bin" / "fzf"
    fzf.parent.mkdir()
    fzf.write_text("#!/bin/sh\nhead -n 1\n")
    fzf.chmod(0o755)
    ran = dctx("_pick", "--", name, env={"PATH": f"{fzf.parent}{os.pathsep}{os.environ['PATH']}"})
    assert (ran.code, ran.out) == (0, f"{name}\n")


# ---- Commands without a NAME ----


def test_use_without_a_name_chooses_one(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(shell, hook=False, rc=[loaded])
    term.type("dctx use" + ENTER)
    term.wait(lambda: "3/3" in term.screen, "the picker")
    assert "use> " in term.screen
    term.type("globex")
    term.wait(lambda: "1/3" in term.screen, "one row")
    term.key(ENTER)
    assert json.loads(profiles.read_text())["currentProfile"] == "staging"
    assert term.prompt.startswith("~(staging:Globex")


@pytest.mark.parametrize("key", [ESCAPE, "\x03"], ids=["escape", "ctrl-c"])
@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_use_that_is_left_changes_nothing(
    shell: Shell, loaded: str, profiles: Path, terminal: Callable[..., Terminal], key: str
) -> None:
    before = profiles.read_bytes()
    term = terminal(shell, hook=False, rc=[loaded])
    term.type("dctx use" + ENTER)
    term.wait(lambda: "3/3" in term.screen, "the picker")
    term.key(key)
    assert term.line(status(shell)) == "130"
    assert profiles.read_bytes() == before


@pytest.mark.parametrize("shell", [BASH], ids=repr, indirect=True)
def test_preview_says_what_a_line_has_no_room_for(
    shell: Shell, loaded: str, config: Any, terminal: Callable[..., Terminal], home: Path
) -> None:
    config(
        "plain",
        odd={
            "url": "https://panel.example.com",
            "organization": {"id": "x", "name": "$(touch ran) 'Söhne' \\n%s"},
            "protected": True,
            "expiresAt": "2120-01-02T00:00:00Z",
        },
    )
    term = terminal(shell, hook=False, rc=[loaded], columns=110, env={"SHELL": "/bin/false"})
    term.type("dctx use" + ENTER)
    term.wait(lambda: "organization not known" in term.screen, "the preview")
    assert "the key does not expire" in term.screen
    assert "not protected" in term.screen
    term.type(DOWN)
    term.wait(lambda: "the key expires on 2120-01-02" in term.screen, "the preview")
    assert "protected: changes need" in term.screen
    assert term.screen.count("$(touch ran) 'Söhne' \\n%s"[:12]) >= 2  # in the list, and beside it
    term.key(ESCAPE)
    assert not (home / "ran").exists()


@pytest.mark.parametrize("why", ["no terminal", "DCTX_NO_FZF"])
def test_name_is_required_where_nothing_can_be_chosen(
    why: str, profiles: Path, dctx: Callable[..., Any], terminal: Callable[..., Terminal]
) -> None:
    says = "dctx: NAME is required. Run: dctx use NAME (profiles: prod, staging, spare)"
    if why == "no terminal":
        ran = dctx("use")
        assert (ran.code, ran.out, ran.err) == (2, "", f"{says}\n")
    else:
        term = terminal(BASH, hook=False, env={"DCTX_NO_FZF": "1"})
        assert term.line("dctx use") == says
        assert term.line("echo $?") == "2"


def test_name_is_required_where_no_profile_is_saved(dctx: Callable[..., Any]) -> None:
    ran = dctx("use")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dctx: no profiles are saved yet. Run: dctx auth NAME -u URL\n"
