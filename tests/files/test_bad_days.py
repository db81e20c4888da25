"""Files in bad cases: another user's folder, a restored backup, a held lock, HOME, the clock."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import FIELDS
from dokploy_ctx.errors import Busy
from dokploy_ctx.files import lock, store

from ..answers import asked
from ..conftest import Result
from ..shells import Shell
from .test_ownership import AUTH
from .test_store import PROGRAM

Dctx = Callable[..., Result]


# A folder of somebody else.


@pytest.fixture
def project(home: Path) -> Path:
    """Return somebody's project, with a config.json and an index/ of its own."""
    folder = home / "project"
    (folder / "index").mkdir(parents=True)
    (folder / "config.json").write_text('{"name": "shop", "profiles": {"dev": {"port": 3}}}')
    (folder / "index" / "users.db").write_text("rows")
    (folder / "index" / "prod").write_text("2\x1fstaging\x1f")
    (folder / ".env").touch()
    for path in (folder, folder / "index"):
        path.chmod(0o755)
    return folder


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return modes and contents of all that is there."""
    paths = [folder, *folder.rglob("*")]
    return {str(p): (p.lstat().st_mode, p.read_bytes() if p.is_file() else b"") for p in paths}


@pytest.mark.parametrize("config", ["a config.json", "none"])
def test_folder_of_somebodys_project_stays_as_it_is(dctx: Dctx, project: Path, config: str) -> None:
    if config == "none":
        (project / "config.json").unlink()
    before = state(project)
    env = {"DOKPLOY_CONFIG_DIR": str(project)}
    for words in (AUTH, ("use", "dev"), ("sync",), ("rename", "dev", "x")):
        ran = dctx(*words, stdin="key", env=env)
        code = 3 if words[0] == "rename" and config == "none" else 4
        assert (ran.code, ran.err.count("\n")) == (code, 1), (words, ran)
        assert code == 3 or f"{project}/index has " in ran.err
        assert ran.out == ""
    # A prompt says it, too.
    assert f"{project}/index has " in asked(dctx, "prompt", env=env)["say"]
    for words in (("install", "bash"), ("list",), ("doctor", "--offline"), ("uninstall",)):
        dctx(*words, env=env)
    assert state(project) == before


def test_prompt_leaves_somebodys_project_as_it_is(shell: Shell, project: Path, loaded: str) -> None:
    before = state(project)
    shell.run(
        shell.export("DOKPLOY_CONFIG_DIR", str(project)), loaded, shell.prompt, "dctx prod",
        shell.prompt, interactive=True,
    )  # fmt: skip
    assert state(project) == before


def test_index_is_marked_and_one_of_an_earlier_version_is_adopted(dctx: Dctx, config: Any) -> None:
    path = config("prod", "staging")
    index = path.parent / "index"
    assert dctx("sync").code == 0
    mark = (index / ".dctx").read_text()
    (index / ".dctx").unlink()
    (index / ".due.prod").touch()
    (index / ".hook.123.tmp").touch()
    assert dctx("rename", "prod", "x").code == 0
    assert (index / ".dctx").read_text() == mark
    assert not (index / "prod").exists()
    (index / ".dctx").unlink()
    (index / ".notes").touch()
    ran = dctx("use", "staging")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err == (
        f"dctx: {index} has .notes in it, which dctx did not make. "
        "Move it away, or set DOKPLOY_CONFIG_DIR to another folder.\n"
    )
    assert json.loads(path.read_text())["currentProfile"] == "x"


def test_file_of_somebody_in_our_index_stays(dctx: Dctx, config: Any) -> None:
    path = config("prod")
    index = path.parent / "index"
    assert dctx("sync").code == 0
    (index / "notes").write_text("mine")
    (index / "folder").mkdir()
    assert dctx("sync").code == 0
    assert dctx("rename", "prod", "x").code == 0
    ran = dctx("rename", "x", "notes")
    assert ran.code == 1
    assert ran.err == (
        f"dctx: saved, but the index is not written: {index}/notes is in the place of a file of "
        "dctx. Move it away, or set DOKPLOY_CONFIG_DIR to another folder.\n"
    )
    assert list(json.loads(path.read_text())["profiles"]) == ["notes"]
    path.unlink()
    assert dctx("sync").code == 0
    assert dctx("uninstall").code == 0
    assert (index / "notes").read_text() == "mine"
    assert (index / "folder").is_dir()
    assert sorted(os.listdir(index)) == ["folder", "notes"]


# A backup that is put back.


def key_for_readers(dctx: Dctx, folder: Path) -> str:
    """Return the key in the record of prod, once a reader has had the index refreshed."""
    assert asked(dctx, "prompt")["gen"]
    return (folder / "index" / "prod").read_text().rstrip("\n").split("\x1f")[FIELDS.index("key")]


def restored(how: str, backup: Path, path: Path) -> None:
    if how == "cp -p":
        subprocess.run(["cp", "-p", backup, path], check=True)
    else:  # as rsync, tar and editors do
        shutil.copy2(backup, path.with_name("part"))
        path.with_name("part").replace(path)


@pytest.mark.parametrize("links", ["with links", "without"])
@pytest.mark.parametrize("how", ["cp -p", "rename"])
def test_backup_put_back_within_the_second_is_noticed(
    dctx: Dctx, config: Any, how: str, links: str
) -> None:
    """Several writes within one second, each of which may be what is put back."""
    path = config("prod")
    assert dctx("use", "prod").code == 0
    for number in range(6):
        backup = path.parent.parent / f"backup{number}"
        shutil.copy2(path, backup)
        old = json.loads(path.read_text())["profiles"]["prod"]["token"]
        new = f"key-{number}"
        assert dctx("auth", "prod", "-u", "https://prod.example.com", "-t", "-", "--no-check",
                    stdin=new).code == 0  # fmt: skip
        link = path.parent / "index" / ".config"
        assert path.samefile(link)
        if links == "without":
            link.unlink()
        assert key_for_readers(dctx, path.parent) == new
        restored(how, backup, path)
        assert key_for_readers(dctx, path.parent) == old
        assert path.samefile(link)
        assert dctx("auth", "prod", "-u", "https://prod.example.com", "-t", "-", "--no-check",
                    stdin=new).code == 0  # fmt: skip


def test_another_file_of_the_same_age_is_noticed(dctx: Dctx, config: Any, home: Path) -> None:
    path = config("prod")
    assert dctx("use", "prod").code == 0
    info = path.stat()
    other = home / "other"
    other.write_text(path.read_text().replace("key-of-prod", "another-key"))
    os.utime(other, ns=(info.st_mtime_ns, info.st_mtime_ns))
    other.replace(path)
    assert "out of date" in dctx("doctor", "--offline").out
    assert key_for_readers(dctx, path.parent) == "another-key"
    assert "out of date" not in dctx("doctor", "--offline").out


def test_link_is_of_the_file_that_config_json_leads_to(dctx: Dctx, config: Any, home: Path) -> None:
    path = config("prod")
    real = home / "dotfiles.json"
    path.rename(real)
    path.symlink_to(real)
    link = path.parent / "index" / ".config"
    for words in (("sync",), ("use", "prod")):
        assert dctx(*words).code == 0
        assert link.samefile(real)
        assert not link.is_symlink()
    assert path.is_symlink()


NO_LINKS = ("EPERM", "EXDEV", "EMLINK", "EOPNOTSUPP", "ENOSYS")


@pytest.mark.skipif(not shutil.which("strace"), reason="strace exists for Linux only")
@pytest.mark.parametrize("fault", [*NO_LINKS, "EIO"])
def test_where_no_links_can_be_made_ages_alone_tell(dctx: Dctx, config: Any, fault: str) -> None:
    path = config("prod", "staging")
    assert dctx("sync").code == 0
    inject = f"inject=link,linkat:error={fault}"
    ran = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=link,linkat", "-e", inject,
         PROGRAM, "use", "staging"], capture_output=True, text=True,
    )  # fmt: skip
    link = path.parent / "index" / ".config"
    assert json.loads(path.read_text())["currentProfile"] == "staging"
    if fault == "EIO":
        says = (
            f"dctx: saved, but the index {link.parent} cannot be written: Input/output error. "
            "Check that folder, then run: dctx sync\n"
        )
        assert (ran.returncode, ran.stderr) == (1, says)
        assert asked(dctx, "prompt")["gen"]
        assert link.samefile(path)
        return
    assert ran.returncode == 0, ran.stderr
    assert not link.exists()
    assert "is up to date" in dctx("doctor", "--offline").out
    path.write_text(path.read_text().replace("key-of-prod", "another-key"))
    assert key_for_readers(dctx, path.parent) == "another-key"


# After the rename.


@pytest.mark.skipif(not shutil.which("strace"), reason="strace exists for Linux only")
@pytest.mark.parametrize("fault", ["EINVAL", "ENOSYS", "EOPNOTSUPP", "EIO"])
def test_folder_that_cannot_be_synced_is_no_lost_change(
    dctx: Dctx, config: Any, fault: str
) -> None:
    path = config("prod", "staging")
    assert dctx("sync").code == 0
    ran = subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e",
         f"inject=fsync:error={fault}:when=2", PROGRAM, "use", "staging"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(path.read_text())["currentProfile"] == "staging"
    if fault == "EIO":
        assert ran.returncode == 1
        assert ran.stderr == (
            "dctx: saved, but the disk has not confirmed it: Input/output error. Check the disk.\n"
        )
    else:
        assert ran.returncode == 0
        assert ran.stderr == "The default is now staging (https://staging.example.com)\n"
    assert (path.parent / "index" / ".current").read_text().split("\x1f")[1] == "staging"
    assert "is up to date" in dctx("doctor", "--offline").out


# Waiting.


@contextmanager
def lock_held(folder: Path) -> Iterator[None]:
    with open(folder / ".lock", "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_save_that_fails_leaves_the_index_of_what_is_there(
    dctx: Dctx, config: Any, home: Path, tmp_path: Path
) -> None:
    """Else the next prompt of each terminal would ask the core. (Linux: strace)"""
    path = config("prod", "staging")
    assert dctx("sync").code == 0
    before = path.read_bytes()
    fault = ["-o", str(tmp_path / "log"), "-e", "inject=rename:error=EIO:when=1"]
    command = ["strace", *fault, PROGRAM, "use", "staging"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode != 0
    assert "Nothing was changed" in ran.stderr
    assert path.read_bytes() == before
    assert store.is_fresh(str(path.parent))


def test_command_says_what_it_waits_for(dctx: Dctx, config: Any) -> None:
    path = config("prod", "staging")
    with lock_held(path.parent):
        waiting = subprocess.Popen([PROGRAM, "use", "staging"], stderr=subprocess.PIPE)
        assert waiting.stderr
        line = waiting.stderr.readline().decode()
        assert line == f"dctx: waiting for another dctx, which is changing {path.parent} ...\n"
        assert json.loads(path.read_text())["currentProfile"] == "prod"
    assert waiting.stderr.read().decode().count("\n") == 1
    waiting.stderr.close()
    assert waiting.wait(60) == 0
    assert json.loads(path.read_text())["currentProfile"] == "staging"


def test_who_waits_for_too_long_says_so_in_one_line(dctx: Dctx, config: Any) -> None:
    path = config("prod", "staging")
    folder = str(path.parent)
    with lock_held(path.parent), pytest.raises(Busy) as error, lock.held(folder, 0.05):
        pass
    assert str(error.value) == (
        f"another dctx has been changing {path.parent} for 0 s. Nothing was changed. "
        "Try again when that one has ended."
    )
    assert error.value.code == 1


def test_ctrl_c_ends_the_waiting(config: Any) -> None:
    path = config("prod", "staging")
    with lock_held(path.parent):
        waiting = subprocess.Popen([PROGRAM, "use", "staging"], stderr=subprocess.PIPE)
        assert waiting.stderr
        waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.stderr.read().strip() == b"dctx: cancelled."
        assert waiting.wait(60) == 130
        waiting.stderr.close()
    assert json.loads(path.read_text())["currentProfile"] == "prod"


def test_prompts_do_not_wait_for_a_lock(dctx: Dctx, config: Any, home: Path) -> None:
    """What prompts and the shim run does not wait for the lock, and answers right."""
    path = config("prod")
    assert dctx("sync").code == 0
    path.write_text(path.read_text().replace("key-of-prod", "new-key"))
    with lock_held(path.parent):
        found = asked(dctx, "prompt")
        assert (found["segment"], found["gen"], found["say"]) == ("prod", "", "")
        assert asked(dctx, "switch", "prod")["key"] == "new-key"
        assert "new-key" in dctx("env", "prod", "--shell", "json").out
        assert dctx("_run", "--", "sh", "-c", "echo $DOKPLOY_API_KEY").out == "new-key\n"
        assert dctx("init", "bash").code == 0
    gen = asked(dctx, "prompt")["gen"]
    assert gen
    with lock_held(path.parent):
        assert asked(dctx, "prompt")["gen"] == gen
    assert key_for_readers(dctx, path.parent) == "new-key"


def test_lock_that_was_taken_away_is_looked_for_again(dctx: Dctx, config: Any) -> None:
    """Whoever waited for a deleted lock file does not write beside a holder of the new one."""
    path = config("prod", "staging")
    file = path.parent / ".lock"
    with lock_held(path.parent):
        waiting = subprocess.Popen([PROGRAM, "use", "staging"], stderr=subprocess.PIPE)
        assert waiting.stderr
        waiting.stderr.readline()
        file.unlink()
        second = open(file, "a")  # noqa: SIM115
        fcntl.flock(second, fcntl.LOCK_EX)
    assert waiting.stderr.readline() == (
        f"dctx: waiting for another dctx, which is changing {path.parent} ...\n".encode()
    )
    assert json.loads(path.read_text())["currentProfile"] == "prod"
    second.close()
    assert waiting.wait(60) == 0
    waiting.stderr.close()
    assert json.loads(path.read_text())["currentProfile"] == "staging"


# HOME.


@pytest.mark.parametrize("home_is", [".", "relative", "../x", "~"])
def test_relative_home_is_refused(dctx: Dctx, home: Path, home_is: str) -> None:
    bad = home / ".dokploy"
    bad.mkdir()
    profile = {"url": "https://x.example.com", "tokenCommand": ["touch", "ran"]}
    data = {"profiles": {"x": profile}, "currentProfile": "x"}
    (bad / "config.json").write_text(json.dumps(data))
    before = state(home)
    env = ("env", "x", "--shell", "sh")
    for words in (("list",), ("current",), env, ("sync",), AUTH, ("_run", "--", "true"),
                  ("init", "bash"), ("install", "bash"), ("uninstall",)):  # fmt: skip
        ran = dctx(*words, stdin="key", env={"HOME": home_is})
        assert (ran.code, ran.out) == (4, ""), (words, ran)
        assert ran.err == f'dctx: HOME is "{home_is}". Set HOME to an absolute path.\n'
    assert state(home) == before


@pytest.mark.parametrize("value", [None, ""])
def test_without_home_the_systems_own_is_taken(dctx: Dctx, value: str | None) -> None:
    import pwd

    expected = pwd.getpwuid(os.getuid()).pw_dir
    ran = dctx("doctor", "--offline", env={"HOME": value})
    assert f"{expected}/.dokploy/config.json" in ran.out
    env = {"HOME": value, "XDG_DATA_HOME": "relative"}
    assert f"{expected}/.local/share/dctx" in dctx("init", "sh", env=env).out


# The clock.


def test_config_json_of_the_future_starts_python_once(
    dctx: Dctx, config: Any, data_home: Path, home: Path, shell: Shell, loaded: str
) -> None:
    """Also for readers that compare whole seconds: /bin/sh in the shim, bash 3.2."""
    path = config("prod")
    later = time.time() + 3600
    os.utime(path, (later, later))
    assert asked(dctx, "prompt")["gen"]
    gen = (path.parent / "index" / ".gen").read_text()
    stamps = {f".stamp.{gen.strip()}", f".coarse.{gen.strip()}"}
    assert stamps <= set(os.listdir(path.parent / "index"))
    log = home / "log"
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text("#!/bin/sh\necho the CLI\n")
    cli.chmod(0o755)
    path_variable = f"{data_home / 'shims'}:{cli.parent}:{os.environ['PATH']}"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", log, "-e", "trace=execve", "dokploy", "x"],
        env={**os.environ, "PATH": path_variable}, check=True, capture_output=True,
    )  # fmt: skip
    assert "dctx" in log.read_text()  # the shim itself
    assert "python" not in log.read_text()
    ran = shell.run(loaded, shell.prompt, "dctx prod", shell.prompt, prefix=[
        "strace", "-f", "-qq", "-o", str(log), "-e", "trace=execve"])  # fmt: skip
    assert ran.code == 0
    assert "python" not in log.read_text()


def test_change_within_the_second_of_a_compile_is_seen_by_readers_of_seconds(
    dctx: Dctx, config: Any
) -> None:
    path = config("prod")
    for _ in range(20):  # a second that ends in between proves nothing
        path.write_text(path.read_text())
        assert asked(dctx, "prompt")["gen"]
        now = int(time.time())
        index = path.parent / "index"
        coarse = [name for name in os.listdir(index) if name.startswith(".coarse.")]
        if int(path.stat().st_mtime) == now:
            assert coarse == []
            break
    else:
        pytest.fail("no compile ended within the second of the change")
    assert stat.S_IMODE(index.stat().st_mode) == 0o700
