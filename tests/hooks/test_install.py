"""`dctx install` and `uninstall`: one line in, the same line out, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.shells.rows import zsh
from dokploy_ctx.shells.rows.row import read

from ..conftest import Result
from ..shells import BY_DIALECT, ZSH, Shell
from ..terminal import TAB, Terminal

Dctx = Callable[..., Result]
BEFORE = {
    "plain": b"alias ll='ls -l'\nexport A=1\n",
    "no newline at the end": b"alias ll='ls -l'",
    "CRLF": b"alias ll='ls -l'\r\nexport A=1\r\n",
    "not UTF-8": b"# caf\xe9\n\xff\xfe\n",
    "empty": b"",
    "none": None,
}


def tree(home: Path) -> dict[str, bytes | str]:
    """Return every file below HOME but our own configuration: path → bytes, or a link's target."""
    found: dict[str, bytes | str] = {}
    for folder, _, names in os.walk(home):
        for name in names:
            path = Path(folder, name)
            key = str(path.relative_to(home))
            if not key.startswith(".dokploy/"):
                found[key] = os.readlink(path) if path.is_symlink() else path.read_bytes()
    return found


@pytest.mark.parametrize("shell", BY_DIALECT.values(), ids=BY_DIALECT, indirect=True)
@pytest.mark.parametrize("before", BEFORE)
def test_uninstall_leaves_every_file_as_before_install(
    dctx: Dctx, home: Path, shell: Shell, before: str
) -> None:
    dialect, rc = shell.dialect, home / shell.rc
    text = BEFORE[before]
    if text is not None and not shell.rc_is_ours:
        rc.write_bytes(text)
        rc.chmod(0o640)
    kept = tree(home)
    first = dctx("install", dialect)
    assert first.code == 0
    assert first.out.startswith("source ")
    assert shell.rc in first.err
    once = tree(home)
    assert len(once) > len(kept)
    again = dctx("install", dialect)
    assert again.code == 0
    assert tree(home) == once
    if text is not None and not shell.rc_is_ours:
        assert rc.stat().st_mode & 0o777 == 0o640
    gone = dctx("uninstall")
    assert (gone.code, gone.out) == (0, "")
    assert tree(home) == kept


def test_linked_rc_stays_a_link(dctx: Dctx, home: Path) -> None:
    real = home / "dotfiles" / "bashrc"
    real.parent.mkdir()
    real.write_text("A=1\n")
    (home / ".bashrc").symlink_to(real)
    assert dctx("install", "bash").code == 0
    assert (home / ".bashrc").is_symlink()
    assert "dctx" in real.read_text()
    assert dctx("uninstall").code == 0
    assert (home / ".bashrc").is_symlink()
    assert real.read_text() == "A=1\n"


def test_zdotdir_is_honoured(dctx: Dctx, home: Path) -> None:
    (home / "z").mkdir()
    assert dctx("install", "zsh", env={"ZDOTDIR": str(home / "z")}).code == 0
    assert "dctx" in (home / "z" / ".zshrc").read_text()
    assert not (home / ".zshrc").exists()


def test_read_only_rc_changes_nothing_and_says_the_line(dctx: Dctx, home: Path) -> None:
    rc = home / ".bashrc"
    rc.write_text("A=1\n")
    rc.chmod(0o400)
    ran = dctx("install", "bash")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "dctx: ~/.bashrc is read-only. Nothing was changed. "
        'Add by hand to ~/.bashrc: eval "$(dctx init bash)"\n'
    )
    assert rc.read_text() == "A=1\n"


RUNS_COMPINIT = {
    "": False,
    "# autoload -Uz compinit && compinit\n": False,
    "zimmer=1\n": False,
    "source ~/none.zsh\n": False,
    "autoload -Uz compinit && compinit\n": True,
    "  autoload -U compinit; compinit -u\n": True,
    'export ZSH="$HOME/.oh-my-zsh"\nsource $ZSH/oh-my-zsh.sh\n': True,
    'source "${ZDOTDIR:-$HOME}/.zprezto/init.zsh"\n': True,
    "source ${ZIM_HOME}/init.zsh\n": True,
    "source ~/.antidote/antidote.zsh\n": True,
    'eval "$(sheldon source)"\n': True,
    "source ~/more.zsh\n": True,
    "[[ ! -r $HOME/more.zsh ]] || . $HOME/more.zsh\n": True,
}


@pytest.mark.parametrize("text", RUNS_COMPINIT)
def test_zsh_that_does_not_run_compinit_is_told_that_tab_needs_it(
    dctx: Dctx, home: Path, text: str
) -> None:
    (home / ".zshenv").write_text("skip_global_compinit=1\n")  # of Ubuntu's /etc/zsh/zshrc
    (home / "more.zsh").write_text("autoload -Uz compinit\ncompinit\n")
    (home / ".zshrc").write_text(text)
    for _ in range(2):
        ran = dctx("install", "zsh")
        assert ran.code == 0
        told = (
            "dctx: Tab needs compinit, which ~/.zshrc does not run. "
            "Add this line to it: autoload -Uz compinit && compinit\n"
        )
        assert ran.err.endswith("run:\n" + ("" if RUNS_COMPINIT[text] else told))
    with (home / ".zshrc").open("a") as rc:
        rc.write("autoload -Uz compinit && compinit\n")
    assert "compinit" not in dctx("install", "zsh").err
    assert "compinit" not in dctx("install", "bash").err


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [
        ("autoload -Uz compinit\ncompinit\n", True),
        ("# compinit\n", True),
        ("[[ $ID != ubuntu ]] || compinit\n", False),
    ],
)
def test_zshrc_of_all_users_counts_unless_it_is_for_another_system(
    tmp_path: Path, text: str, is_ours: bool
) -> None:
    """Debian's asks for Ubuntu. (Tests may not write into /etc.)"""
    file = tmp_path / "zshrc"
    file.write_text(text)
    found = zsh.ROW._all_users_zshrc(str(file))
    assert (found == zsh.ROW.code(str(file))) is is_ours
    assert is_ours or found == b""


@pytest.mark.parametrize("skips", [False, True])
def test_compinit_of_all_users_counts_unless_the_user_skips_it(
    home: Path, monkeypatch: pytest.MonkeyPatch, skips: bool
) -> None:
    monkeypatch.setattr(zsh.Zsh, "_all_users_zshrc", lambda *_: b"compinit\n")
    (home / ".zshrc").write_text("PROMPT=x\n")
    if skips:
        (home / ".zshenv").write_text("skip_global_compinit=1\n")
    missing = zsh.ROW._without_compinit({"HOME": str(home)})
    assert missing == (str(home / ".zshrc") if skips else None)


def test_zsh_is_asked_for_its_folder_only_where_a_file_of_its_own_may_name_it(
    dctx: Dctx, home: Path, tmp_path: Path
) -> None:
    program, asked = tmp_path / "zsh", tmp_path / "asked"
    program.write_text(f"#!/bin/sh\n: >{asked}\n")
    program.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert dctx("install", "zsh", env={"PATH": path}).code == 0
    assert not asked.exists()
    (home / ".zshenv").write_text("ZDOTDIR=$HOME/zsh\n")
    assert dctx("install", "zsh", env={"PATH": path}).code == 0
    assert asked.exists()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("shell", [ZSH], ids=repr, indirect=True)
def test_line_that_zsh_is_told_makes_tab_work(
    shell: Shell,
    home: Path,
    dctx: Dctx,
    config: Any,
    terminal: Callable[..., Terminal],
    first: bool,
) -> None:
    config("prod", "staging")
    (home / ".zshenv").write_text("skip_global_compinit=1\n")
    line = dctx("install", "zsh").err.rpartition("Add this line to it: ")[2].strip()
    loads = dctx("install", "zsh").out.strip()
    term = terminal(shell, hook=False, rc=[line, loads] if first else [loads, line])
    term.type("dctx st" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx staging", "the name completed")


def test_unknown_shell_is_a_usage_error(dctx: Dctx) -> None:
    ran = dctx("install", "tcsh")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1


def test_newcomer_installs_saves_switches_completes_and_leaves(
    shell: Shell, panel: Any, home: Path, dctx: Dctx, terminal: Callable[..., Terminal]
) -> None:
    compinit = list(shell.for_tab)
    term = terminal(shell, hook=False, rc=compinit, columns=200)
    line = term.line(f"dctx install {shell.dialect}").splitlines()[-1]
    term.line(line)  # the one line that it prints
    for name, org in (("prod", "Acme"), ("staging", "Globex")):
        key = panel.key_of(org)
        shown = term.line(f"echo {key} | dctx auth {name} -u {panel.url} -t -")
        assert f"organization {org})" in shown
    assert term.prompt == "~(prod:Acme) READY> "
    term.type("dctx st" + TAB)
    term.wait(lambda: term.typed.rstrip() == "dctx staging", "the name completed")
    term.key("\r")
    assert term.prompt == "(staging:Globex) READY> "
    assert '"globex-shop"' in term.line("dokploy project all")
    term.line("dctx off")
    assert term.prompt == "~(prod:Acme) READY> "
    assert dctx("uninstall").code == 0
    rc = home / shell.rc
    if shell.rc_is_ours:
        assert not rc.exists()
    else:
        assert "dctx" not in rc.read_text().replace("dctx-test", "")
    assert not (home / ".local" / "share" / "dctx").exists()


def test_hook_of_another_version_is_rewritten_by_the_next_command(
    dctx: Dctx, home: Path, config: Any
) -> None:
    config("prod")
    assert dctx("install", "bash").code == 0
    hook = home / ".local" / "share" / "dctx" / "hook.bash"
    good = hook.read_text()
    record = home / ".dokploy" / "index" / ".hook"
    noted = record.read_text()
    hook.write_text("# an older hook\n")
    assert dctx("list").code == 0
    assert hook.read_text() == "# an older hook\n"  # same version: nothing to do
    record.write_text(noted.replace("0.1.0", "0.0.9"))
    assert dctx("list").code == 0
    assert hook.read_text() == good


def test_older_hook_that_meets_a_newer_index_asks_the_core(
    shell: Shell, config: Any, loaded: str, dctx: Dctx
) -> None:
    path = config("prod", "staging")
    assert dctx("sync").code == 0
    record = path.parent / "index" / "staging"
    record.write_text(record.read_text().replace("1\x1f", "2\x1f", 1))
    ran = shell.run(loaded, "dctx staging", shell.show("?", "DOKPLOY_API_KEY"))
    assert ran.vars == {"?": "0", "DOKPLOY_API_KEY": "key-of-staging"}


@pytest.mark.parametrize("line", ["source /dev/stdin", ". ~/pipe", "source ~/pipe"])
@pytest.mark.parametrize("words", [("install", "zsh"), ("doctor", "--offline")])
def test_pipe_that_zshrc_reads_is_not_waited_for(
    dctx: Dctx, home: Path, words: tuple[str, ...], line: str
) -> None:
    os.mkfifo(home / "pipe")
    (home / ".zshrc").write_text(f"{line}\n")
    assert dctx("install", "zsh", timeout=20).code == 0
    program = Path(sys.executable).with_name("dctx")
    process = subprocess.Popen(
        ["zsh", "-f", "-c", '"$@"; exit $?', "zsh", program, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.wait(20) == (0 if words[0] == "install" else 1)
    finally:
        process.kill()
        process.communicate()


def test_only_a_file_is_read(home: Path) -> None:
    os.mkfifo(home / "pipe")
    (home / "link").symlink_to("pipe")
    (home / "file").write_text("x")
    names = ("pipe", "link", "file", "none", ".")
    assert [read(str(home / name)) for name in names] == [None, None, b"x", None, None]


def test_powerlevel10k_is_said_to_have_an_element_of_ours(dctx: Dctx, home: Path) -> None:
    told = (
        "powerlevel10k shows the profile as its first element; to move it, put dctx into "
        "POWERLEVEL9K_LEFT_PROMPT_ELEMENTS or POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS"
    )
    for line, says in (
        ("source ~/powerlevel10k/powerlevel10k.zsh-theme\n", True),
        ("[[ ! -f ~/.p10k.zsh ]] || source ~/.p10k.zsh\n", True),
        ("# source ~/powerlevel10k/powerlevel10k.zsh-theme\n", False),
    ):
        (home / ".zshrc").write_text(line)
        assert (f"{told}\n" in dctx("install", "zsh").err) == says
    assert told not in dctx("install", "bash").err
