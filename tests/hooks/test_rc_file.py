"""The line in the start-up file: which file, what around it, and what a shell makes of it."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.commands.install import uninstall
from dokploy_ctx.errors import DctxError
from dokploy_ctx.shells import install, rc_file, rows, which_shell

from ..conftest import Result
from ..shells import BASH, BY_DIALECT, FISH, HOOKED, Shell
from ..terminal import Terminal
from .test_install import tree

Dctx = Callable[..., Result]
LINE = "if [ -r /d/hook.bash ]; then . /d/hook.bash; fi"


def tilde(path: object) -> str:
    """Return `path` as messages show it."""
    return str(path).replace(os.environ["HOME"], "~")


# The line in the bytes of a file


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\n",
        b"a",
        b"a\n",
        b"a\n\n",
        b"a\r\n",
        b"a\r",
        b"a \\",
        b"a \\\n",
        b"\\\r\n",
        b"\xff\x00\xfe",
        b"# added by: dctx install\n",
        b"if x; fi  # added by: somebody else\n",
        b"\xef\xbb\xbfa",
        b"fi\n" * 9999,
    ],
    ids=lambda data: repr(data[:30]),
)
def test_line_out_is_the_file_as_before_line_in(before: bytes) -> None:
    once = rc_file.with_line(before, LINE)
    assert once.startswith(before)
    assert LINE.encode() in once.splitlines()[-1]
    # A line that goes on would swallow ours.
    assert not once[: once.rindex(b"if [")].endswith((b"\\\n", b"a"))
    assert rc_file.with_line(once, LINE) == once
    assert rc_file.without_line(once) == (before, 0)
    moved = rc_file.with_line(once, LINE.replace("/d/", "/elsewhere/"))
    assert moved.count(b"dctx install") == once.count(b"dctx install")
    assert rc_file.without_line(moved) == (before, 0)


@pytest.mark.parametrize("folders", [0, 1, 2, 11])
def test_file_of_ours_goes_but_not_what_somebody_wrote_into_it(folders: int) -> None:
    made = rc_file.with_line(None, LINE, folders)
    assert rc_file.without_line(made) == (None, folders)
    assert rc_file.without_line(made + b"theirs\n") == (b"theirs\n", folders)
    assert rc_file.without_line(b"theirs\n" + made) == (b"theirs\n", folders)


def test_undone_file_goes_with_the_folders_that_were_made_for_it(home: Path) -> None:
    path = home / "a" / "b" / "rc"
    before = tree(home)
    edit = rc_file.Edit(str(path), LINE, None, rc_file.with_line(None, LINE, 2), 2)
    umask = os.umask(0o022)
    try:
        edit.apply()
    finally:
        os.umask(umask)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o644, 0o755]
    edit.undo()
    assert tree(home) == before
    assert not (home / "a").exists()


def test_lines_that_came_later_stay_whole() -> None:
    once = rc_file.with_line(b"a", LINE) + b"b\n"
    assert rc_file.without_line(once) == (b"a\nb\n", 0)
    crlf = rc_file.with_line(b"a\n", LINE).replace(b"\n", b"\r\n") + b"b\r\n"
    assert rc_file.without_line(crlf) == (b"a\r\nb\r\n", 0)
    twice = rc_file.with_line(b"a\n", LINE) * 2
    assert rc_file.without_line(twice) == (b"a\na\n", 0)


# Which file


def bash_files(platform: str) -> list[str]:
    return [Path(path).name for path in rows.row("bash").rc_files(os.environ, platform)]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, [".bashrc"]),
        ({".profile": ". ~/.bashrc\n"}, [".bashrc"]),
        ({".profile": 'if [ -f "$HOME/.bashrc" ]; then\n. "$HOME/.bashrc"\nfi'}, [".bashrc"]),
        ({".profile": "PATH=x\n"}, [".bashrc", ".profile"]),
        ({".bash_profile": "PATH=x\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_profile": "# . ~/.bashrc\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_profile": "source ~/.bashrc"}, [".bashrc"]),
        ({".bash_profile": "PATH=x\n", ".profile": ". ~/.bashrc\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_profile": ". ~/.profile\n", ".profile": ". ~/.bashrc\n"}, [".bashrc"]),
        ({".bash_profile": ". ~/.profile\n", ".profile": "A=1\n"}, [".bashrc", ".bash_profile"]),
        ({".bash_login": "A=1\n", ".profile": ". ~/.bashrc\n"}, [".bashrc", ".bash_login"]),
    ],
)
def test_bash_login_shells_have_it_too(
    home: Path, files: dict[str, str], expected: list[str], dctx: Dctx
) -> None:
    for name, text in files.items():
        (home / name).write_text(text)
    assert bash_files("linux") == expected
    mac = [".bashrc", ".bash_profile"] if not files else expected
    assert bash_files("darwin") == mac  # its Terminal starts login shells
    before = tree(home)
    assert dctx("install", "bash").code == 0
    assert bash_files("linux") == expected  # our own line is no reason
    ran = BASH.run("bash --login -i -c 'type -t dctx' 2>/dev/null", "bash -i -c 'type -t dctx'")
    there = "function\n"
    assert ran.out == (there if files else "") + there
    assert subprocess.run(["dash", "-l", "-c", "true"], capture_output=True).stderr == b""
    assert dctx("uninstall").code == 0
    assert tree(home) == before


def test_zsh_is_asked_for_a_zdotdir_that_only_it_knows(dctx: Dctx, home: Path) -> None:
    (home / ".zshenv").write_text("ZDOTDIR=~/.config/zsh\n")
    before = tree(home)
    assert dctx("install", "zsh").code == 0
    assert (home / ".config" / "zsh" / ".zshrc").exists()
    assert not (home / ".zshrc").exists()
    assert dctx("uninstall").code == 0
    assert tree(home) == before
    assert not (home / ".config").exists()


def test_fish_has_a_file_of_its_own_where_xdg_says(dctx: Dctx, home: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(home / "c f")}
    assert dctx("install", "fish", env=env).code == 0
    assert (home / "c f" / "fish" / "conf.d" / "dctx.fish").exists()
    assert FISH.run("type -t dctx", env=env).out == "function\n"
    assert dctx("uninstall", env=env).code == 0
    assert not (home / "c f").exists()


def test_shell_is_found_by_what_runs_us_then_by_the_variable(
    dctx: Dctx, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Path(sys.executable).with_name("dctx")
    for shell in HOOKED:
        env = {"SHELL": "/bin/tcsh"}
        ran = shell.run(f"'{program}' install; true", env=env)
        assert f"hook.{shell.dialect}" in ran.out, ran.err
    for running, variable, found in (
        ("", "/usr/bin/fish", "fish"),
        ("dash", "/bin/zsh", "zsh"),
        ("zsh", "/bin/bash", "zsh"),
        ("", "/bin/tcsh", None),
        ("nu", "", None),
    ):
        monkeypatch.setattr(which_shell, "_running_shell", lambda name=running: name)
        monkeypatch.setenv("SHELL", variable)
        assert which_shell.detect() == found


def unknown_shell(home: Path) -> list[str]:
    """Return a command that runs dctx where no shell can be found out."""
    program = str(Path(sys.executable).with_name("python"))
    code = (
        "import sys, dokploy_ctx.shells.which_shell as i; i._running_shell = lambda: ''; "
        "sys.argv[0] = sys.argv.pop(1); from dokploy_ctx.cli import main; main()"
    )
    return [program, "-c", code, str(Path(program).with_name("dctx")), "install"]


def test_unknown_shell_is_asked_for(home: Path, terminal: Callable[..., Terminal]) -> None:
    env = {**os.environ, "SHELL": "/bin/tcsh"}
    ran = subprocess.run(
        unknown_shell(home), env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == (
        "dctx: which shell? Run: dctx install SHELL, where SHELL is one of bash, zsh, fish.\n"
    )
    assert tree(home) == {}
    term = terminal(
        BASH, command=unknown_shell(home), env={"SHELL": "/bin/tcsh"}, ready="zsh, fish): "
    )
    term.type("tcsh\rzsh\r")
    term.wait(lambda: term.ended, "the end of install")
    assert "Which shell (bash, zsh, fish):" in term.screen
    assert (home / ".zshrc").exists()


# What a shell makes of it


@pytest.mark.parametrize("name", ["with blank", 'it\'s "q" $HOME `x`', "hémé 中", "a;b&c|d"])
def test_homes_of_any_name(
    dctx: Dctx, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = tmp_path / name
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    ran = dctx("install", shell.dialect)
    assert ran.code == 0
    again = dctx("install", shell.dialect)
    assert again.err.startswith(f"~/{shell.rc} has the line already\n")
    load = shell.source(home / shell.rc)
    for line in (load, ran.out):
        loaded = shell.run(line, shell.is_function)
        assert (loaded.code, loaded.err) == (0, "")
        assert loaded.out.endswith("function\n")
    assert dctx("uninstall").code == 0
    assert tree(home) in ({}, {".local/share/fish/generated_completions": b""})


def test_home_with_a_newline_is_refused(
    dctx: Dctx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "a\nb"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    ran = dctx("install", "bash")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert tree(home) == {}


def test_removed_data_folder_is_no_error_at_start(dctx: Dctx, shell: Shell, home: Path) -> None:
    assert dctx("install", shell.dialect).code == 0
    shutil.rmtree(home / ".local" / "share" / "dctx")
    load = shell.source(home / shell.rc)
    ran = shell.run(load, shell.show("?"))
    assert (ran.out, ran.err, ran.vars) == ("", "", {"?": "0"})
    assert dctx("uninstall").code == 0
    assert not (home / shell.rc).exists()


# What is there already


BY_HAND = {
    "bash": (".bashrc", 'eval "$(dctx init bash)"'),
    "bash login": (".bash_profile", '  eval "$("/opt/dctx" init bash)"'),
    "zsh": (".zshrc", 'eval "$(~/.local/bin/dctx init zsh)"'),
    "fish": (".config/fish/config.fish", "dctx init fish | source"),
    "fish conf.d": (".config/fish/conf.d/x.fish", "dctx init fish | source"),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_hook_that_is_loaded_by_hand_is_left_alone(dctx: Dctx, home: Path, case: str) -> None:
    name, line = BY_HAND[case]
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"# dctx init {case}\nA=1\n{line}\n")
    before = tree(home)
    ran = dctx("install", case.split(maxsplit=1)[0])
    own = "You load dctx by a line of your own, so none was added."
    said = f"{own} ~/{name}, line 3: {line.strip()}\n"
    assert ran.code == 0
    assert ran.err.startswith(said)
    after = tree(home)
    assert {key: after[key] for key in before} == before
    assert [key for key in after if not key.startswith((".local", *before))] == []
    ran = dctx("uninstall")
    assert ran.code == 0
    assert f"Remove it yourself: ~/{name}, line 3: {line.strip()}\n" in ran.err
    assert tree(home) == before


def test_line_of_another_data_folder_is_changed_in_place(dctx: Dctx, home: Path) -> None:
    (home / ".bashrc").write_text("A=1\n")
    assert dctx("install", "bash").code == 0
    with (home / ".bashrc").open("a") as file:
        file.write("B=2\n")
    env = {"XDG_DATA_HOME": str(home / "d")}
    ran = dctx("install", "bash", env=env)
    assert ran.err.startswith("Changed line 2 of ~/.bashrc, ")
    text = (home / ".bashrc").read_text()
    assert text.count("dctx install") == 1
    assert str(home / "d" / "dctx" / "hook.bash") in text
    assert text.endswith("B=2\n")
    # The folder that was noted is found without the variable, too.
    assert dctx("uninstall").code == 0
    assert (home / ".bashrc").read_text() == "A=1\nB=2\n"
    assert not (home / "d").exists()


def test_folder_with_other_files_stays_and_is_named(dctx: Dctx, home: Path) -> None:
    assert dctx("install", "bash").code == 0
    data = home / ".local" / "share" / "dctx"
    (data / "mine").write_text("x")
    (data / "hook.bash.123.tmp").write_text("of a killed writer")
    ran = dctx("uninstall")
    assert "Emptied ~/.local/share/dctx; these files in it are not of dctx: mine\n" in ran.err
    assert [path.name for path in data.iterdir()] == ["mine"]


def test_uninstall_keeps_config_and_says_so(
    dctx: Dctx, config: Callable[..., Path], home: Path
) -> None:
    path = config("prod")
    before = path.read_bytes()
    assert dctx("install", "bash").code == 0
    assert dctx("sync").code == 0
    ran = dctx("uninstall")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err.splitlines()[-3:] == [
        "Open terminals follow at their next prompt",
        "Your profiles, with their keys, stay in ~/.dokploy/config.json",
        (
            "The program stays. To remove it, run: pipx uninstall dokploy-ctx "
            "(or uv tool, or pip, as it was installed)"
        ),
    ]
    assert path.read_bytes() == before
    assert sorted(os.listdir(path.parent)) in (["config.json"], [".lock", "config.json"])
    assert dctx("list").out.startswith("* prod")  # the core works on
    again = dctx("uninstall")
    assert (again.code, again.out) == (0, "")


@pytest.mark.parametrize(
    ("mark", "command"),
    [
        ("pipx_metadata.json", "pipx uninstall dokploy-ctx"),
        ("uv-receipt.toml", "uv tool uninstall dokploy-ctx"),
    ],
)
def test_uninstall_says_how_the_program_goes_where_that_is_certain(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    mark: str,
    command: str,
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (tmp_path / mark).touch()
    assert uninstall.callback is not None
    uninstall.callback()
    assert capsys.readouterr().err.splitlines() == [
        "Open terminals follow at their next prompt",
        f"The program stays. To remove it, run: {command}",
    ]


@pytest.mark.parametrize("shell", BY_DIALECT)
def test_install_and_uninstall_print_the_hooks_path_once(
    dctx: Dctx, home: Path, shell: str
) -> None:
    file = str(home / ".local" / "share" / "dctx" / f"hook.{shell}")
    ran = dctx("install", shell)
    rc = home / BY_DIALECT[shell].rc
    number = len(rc.read_text().splitlines())
    assert ran.err.startswith(f"Added line {number} of {tilde(rc)}, which loads {tilde(file)}\n")
    assert ran.err.count(tilde(file)) == 1
    ran = dctx("uninstall")
    assert ran.err.startswith(f"Removed line {number} of {tilde(rc)}, which loaded dctx\n")
    assert file not in ran.err


# What cannot be written


def test_read_only_home_changes_nothing(dctx: Dctx, home: Path) -> None:
    home.chmod(0o500)
    try:
        for shell, row in BY_DIALECT.items():
            ran = dctx("install", shell)
            assert (ran.code, ran.out) == (1, "")
            assert ran.err == (
                f"dctx: {home} is read-only. Nothing was changed. "
                f"Add by hand to ~/{row.rc}: {row.hook}\n"
            )
            assert tree(home) == {}
    finally:
        home.chmod(0o700)


def test_read_only_second_file_keeps_the_first_as_it_was(dctx: Dctx, home: Path) -> None:
    (home / ".bashrc").write_text("A=1\n")
    (home / ".bash_profile").write_text("B=1\n")
    (home / ".bash_profile").chmod(0o400)
    before = tree(home)
    ran = dctx("install", "bash")
    assert ran.code == 1
    assert ran.err.startswith("dctx: ~/.bash_profile is read-only. Nothing was changed. ")
    assert tree(home) == before


def test_read_only_rc_at_uninstall_takes_nothing_out(dctx: Dctx, home: Path) -> None:
    (home / ".bashrc").write_text("A=1\n")
    (home / ".zshrc").write_text("A=1\n")
    assert dctx("install", "bash").code == 0
    assert dctx("install", "zsh").code == 0
    (home / ".zshrc").chmod(0o400)
    before = tree(home)
    ran = dctx("uninstall")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "dctx: ~/.zshrc is read-only. Nothing was changed. "
        "Make it writable, or remove line 2 of ~/.zshrc by hand.\n"
    )
    assert tree(home) == before


def test_rc_that_is_no_file_is_said(dctx: Dctx, home: Path) -> None:
    (home / ".bashrc").mkdir()
    ran = dctx("install", "bash")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("dctx: ~/.bashrc is not a file. Nothing was changed. ")


def test_hard_link_mode_and_dangling_link_stay(dctx: Dctx, home: Path) -> None:
    rc = home / ".bashrc"
    rc.write_bytes(b"A=1\n")
    rc.chmod(0o604)
    twin = home / "twin"
    os.link(rc, twin)
    assert dctx("install", "bash").code == 0
    assert twin.read_bytes() == rc.read_bytes() != b"A=1\n"
    (home / ".zshrc").symlink_to("dots/zshrc")
    assert dctx("install", "zsh").code == 0
    assert (home / "dots" / "zshrc").exists()
    assert dctx("uninstall").code == 0
    assert twin.samefile(rc)
    assert twin.read_bytes() == b"A=1\n"
    assert rc.stat().st_mode & 0o777 == 0o604
    assert os.readlink(home / ".zshrc") == "dots/zshrc"
    assert not (home / "dots").exists()


def test_failure_half_way_leaves_all_as_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / ".bashrc").write_text("A=1\n")
    (home / ".profile").write_text("B=1\n")
    monkeypatch.setattr(sys, "argv", [str(Path(sys.executable).with_name("dctx"))])
    data = str(home / "d" / "dctx")
    edits = install.plan("bash", os.environ, data)
    assert len(edits) == 2
    (home / ".profile").write_text("B=2\n")  # somebody else, just now
    before = tree(home)
    with pytest.raises(DctxError, match="it changed just now"):
        install.apply(edits, data)
    assert tree(home) == before
    assert not (home / "d").exists()


# The hook is kept new


def test_hook_is_not_taken_over_by_another_dctx(
    dctx: Dctx, config: Callable[..., Path], home: Path, tmp_path: Path
) -> None:
    """A dctx in a project's virtual environment: terminals must not depend on it."""
    path = config("prod")
    assert dctx("install", "bash").code == 0
    hook = home / ".local" / "share" / "dctx" / "hook.bash"
    record = path.parent / "index" / ".hook"
    version, _, folder = record.read_text().rstrip("\n").split("\x1f")
    other = tmp_path / "dctx"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    hook.write_text("# older\n")
    record.write_text(f"0.0.1\x1f{other}\x1f{folder}\n")
    assert dctx("list").code == 0
    assert hook.read_text() == "# older\n"
    other.unlink()  # that one is gone: this one takes care
    assert dctx("list").code == 0
    assert hook.read_text() != "# older\n"
    assert record.read_text().startswith(f"{version}\x1f")
    assert record.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "x", "a\x1fb", "0.0.1\x1f/x\x1f/nowhere\n", "\xff\x1f\x1f\n"])
def test_record_of_any_kind_disturbs_no_command(
    dctx: Dctx, config: Callable[..., Path], text: str
) -> None:
    path = config("prod")
    assert dctx("sync").code == 0
    (path.parent / "index" / ".hook").write_bytes(text.encode("latin-1"))
    ran = dctx("list")
    assert (ran.code, ran.err) == (0, "")


def test_disk_that_is_full_leaves_the_file_as_it_was(home: Path) -> None:
    path, tail = home / ".rc", b"export MINE=1\n" * 50
    path.write_bytes(b"first\n" + tail)
    program = f"""
import resource
from dokploy_ctx.shells.rc_file import Edit
before = open({str(path)!r}, "rb").read()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10,) * 2)
try:
    Edit({str(path)!r}, "", before, b"first\\n" + b"y" * 60 + before[6:]).apply()
except OSError as error:
    print(error.strerror)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "File too large\n", done.stderr
    assert path.read_bytes() == b"first\n" + tail
