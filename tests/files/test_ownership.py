"""Whose files dctx writes: as root with a user's HOME, and as a user with another's."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Result
from ..people import PERSON, THIRD, as_user, needs_root, owners, their_home
from ..shells import BY_DIALECT

Dctx = Callable[..., Result]
AUTH = ("auth", "prod", "-u", "https://prod.example.com", "-t", "-", "--no-check")
__all__ = ["their_home"]


@needs_root
@pytest.mark.parametrize("shell", BY_DIALECT)
def test_root_with_a_users_home_locks_nobody_out(dctx: Dctx, their_home: Path, shell: str) -> None:
    for words in (AUTH, ("use", "prod"), ("sync",), ("install", shell), ("protect", "prod")):
        assert dctx(*words, stdin="key").code == 0, words
    made = owners(their_home)
    assert {".dokploy/config.json", ".dokploy/.lock", ".dokploy/index/prod"} <= set(made)
    assert {".dokploy/index/.hook", ".local/share/dctx/shims/dokploy"} <= set(made)
    assert set(made.values()) == {PERSON}, {n: uid for n, uid in made.items() if uid != PERSON}
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (their_home / ".dokploy").rglob("*")}
    assert modes == {0o600, 0o700}
    for argv in (["unprotect", "prod"], ["rename", "prod", "x"], ["uninstall"], ["remove", "x"]):
        ran = as_user(PERSON, *argv, env={"DCTX_YES": "prod"})
        assert ran.code == 0, (argv, ran)
    assert not (their_home / ".local").exists()


@needs_root
def test_root_leaves_owners_as_they_are(dctx: Dctx, their_home: Path) -> None:
    (their_home / ".bashrc").write_text("A=1\n")
    os.chown(their_home / ".bashrc", PERSON, 0)
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    assert as_user(PERSON, "install", "bash").code == 0
    assert set(owners(their_home).values()) == {PERSON}
    shim = their_home / ".local" / "share" / "dctx" / "shims" / "dokploy"
    shim.write_text("old")
    assert dctx("auth", "prod", "-u", "https://new.example.com", "-t", "-", "--no-check",
                stdin="new").code == 0  # fmt: skip
    assert dctx("init", "bash").code == 0
    assert dctx("uninstall").code == 0
    assert set(owners(their_home).values()) == {PERSON}
    assert (their_home / ".bashrc").read_text() == "A=1\n"
    assert as_user(PERSON, "list").code == 0


@needs_root
def test_root_makes_no_file_of_a_user_private_that_is_open(dctx: Dctx, their_home: Path) -> None:
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    path = their_home / ".dokploy" / "config.json"
    path.chmod(0o644)
    ran = dctx("list", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "prod\n", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert "made it private" in as_user(PERSON, "list").err


FAILING = (
    ("use", "nosuch"), ("rename", "a", "b"), ("remove", "x"), ("protect", "x"), ("unprotect", "x"),
    ("rotate", "x"), ("auth", "-x", "-u", "https://a.example.com", "-t", "-", "--no-check"),
    ("auth", "x", "-u", "ftp://a.example.com", "-t", "-"), ("env", "x"), ("exec", "x", "true"),
    ("auth", "x", "-u", "http://127.0.0.1:1", "-t", "-"), ("import", "missing"), ("nosuch",),
    ("orgs", "add", "x"), ("verify", "x"), ("list", "--x"), ("sync", "x"),
)  # fmt: skip


@pytest.mark.parametrize("words", FAILING, ids=" ".join)
def test_command_that_fails_makes_nothing(dctx: Dctx, home: Path, words: tuple[str, ...]) -> None:
    assert dctx(*words, stdin="key").code != 0
    assert list(home.iterdir()) == []


@needs_root
@pytest.mark.parametrize("words", [("use", "nosuch"), AUTH])
def test_command_that_fails_as_root_makes_nothing_in_a_users_home(
    dctx: Dctx, their_home: Path, words: tuple[str, ...]
) -> None:
    if words is AUTH:
        words = tuple("ftp://x" if "://" in word else word for word in words)
    assert dctx(*words, stdin="key").code != 0
    assert list(their_home.iterdir()) == []


def test_command_that_fails_leaves_what_was_there_without_a_lock(dctx: Dctx, config: Any) -> None:
    path = config("prod", compiled=False)
    for words in (("use", "nosuch"), ("rename", "nosuch", "b"), ("remove", "nosuch")):
        assert dctx(*words).code == 3
        assert os.listdir(path.parent) == ["config.json"]


@needs_root
def test_user_writes_nothing_into_the_home_of_another(dctx: Dctx, their_home: Path) -> None:
    their_home.chmod(0o777)
    for words in (AUTH, ("install", "bash"), ("init", "zsh")):
        ran = as_user(THIRD, *words, stdin="key")
        assert (ran.code, ran.out) == (6, ""), words
        says = f"dctx: {their_home} belongs to another user. Nothing was changed. "
        assert ran.err == f"{says}Run dctx as the user who owns it.\n"
    assert list(their_home.iterdir()) == []
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    (their_home / ".dokploy").chmod(0o755)
    (their_home / ".dokploy" / "config.json").chmod(0o644)
    ran = as_user(THIRD, "list")
    assert (ran.code, ran.out) == (4, "")
    assert " belongs to another user. Check its permissions.\n" in ran.err


@needs_root
def test_config_json_that_another_user_planted_is_not_read(their_home: Path) -> None:
    folder = their_home / ".dokploy"
    folder.mkdir()
    folder.chmod(0o777)
    entry = {"url": "https://x.example.com", "tokenCommand": ["touch", "/tmp/ran"]}
    (folder / "config.json").write_text(json.dumps({"profiles": {"x": entry}}))
    os.chown(folder, PERSON, PERSON)
    os.chown(folder / "config.json", THIRD, THIRD)
    for words in (("list",), ("env", "x", "--shell", "sh"), ("sync",)):
        ran = as_user(PERSON, *words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
        assert "belongs to another user, and" in ran.err
    os.chown(folder / "config.json", PERSON, PERSON)
    assert as_user(PERSON, "list").code == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@needs_root
def test_user_may_make_a_folder_of_their_own_in_tmp(their_home: Path) -> None:
    folder = their_home.parent / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    env = {"DOKPLOY_CONFIG_DIR": str(folder / "mine"), "HOME": "/nonexistent"}
    assert as_user(THIRD, *AUTH, stdin="key", env=env).code == 0
    assert as_user(THIRD, "use", "prod", env=env).code == 0
    assert set(owners(folder).values()) == {THIRD}


@needs_root
@pytest.mark.parametrize("kind", ["third", "sticky", "link to a folder", "link to a file", "index"])
def test_root_is_led_nowhere_else(dctx: Dctx, their_home: Path, kind: str) -> None:
    """What a user could prepare, so that root writes where the user may not."""
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    folder, env, target = their_home / ".dokploy", {}, their_home.parent / "roots"
    target.mkdir(0o755)
    (target / "config.json").write_text("{}")
    if kind == "third":
        os.chown(folder, THIRD, THIRD)
    elif kind == "sticky":
        shared = their_home.parent / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        folder = folder.rename(shared / "dokploy")
        env = {"DOKPLOY_CONFIG_DIR": str(folder)}
    elif kind == "link to a folder":
        folder.rename(their_home / "old")
        folder.symlink_to(target)
        os.lchown(folder, PERSON, PERSON)
    elif kind == "link to a file":
        (folder / "config.json").unlink()
        (folder / "config.json").symlink_to(target / "config.json")
        os.lchown(folder / "config.json", PERSON, PERSON)
    else:
        (folder / "index").rename(their_home / "old")
        (folder / "index").symlink_to(target)
        os.lchown(folder / "index", PERSON, PERSON)
    before = {path: path.lstat() for path in their_home.parent.rglob("*")}
    for words in (AUTH, ("use", "prod"), ("sync",)):
        ran = dctx(*words, stdin="new", env=env)
        assert (ran.code in (4, 6), ran.out, ran.err.count("\n")) == (True, "", 1), ran
    after = {path: path.lstat() for path in their_home.parent.rglob("*")}
    same = ("st_mode", "st_uid", "st_mtime_ns", "st_ino", "st_size")
    assert before.keys() == after.keys()
    for path, info in before.items():
        assert [getattr(info, n) for n in same] == [getattr(after[path], n) for n in same], path


@needs_root
@pytest.mark.parametrize("who", ["root", "the owner"])
def test_index_of_another_is_told_before_anything_is_changed(
    dctx: Dctx, their_home: Path, who: str
) -> None:
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    folder = their_home / ".dokploy"
    os.chown(folder / "index", THIRD if who == "root" else 0, -1)
    (folder / "index").chmod(0o755)
    before = {path: (path.read_bytes(), path.stat().st_ino) for path in folder.glob("*.json")}
    for words in (AUTH, ("rename", "prod", "x")):
        ran = dctx(*words, stdin="new") if who == "root" else as_user(PERSON, *words, stdin="new")
        assert (ran.code, ran.out) == (6, ""), ran
        assert ran.err.startswith(f"dctx: {folder}/index belongs to ")
        assert " Nothing was changed. " in ran.err
        assert ran.err.count("\n") == 1
    after = {path: (path.read_bytes(), path.stat().st_ino) for path in folder.glob("*.json")}
    assert after == before
    assert list((folder / "index").glob(".stamp.*"))


@needs_root
def test_data_folder_with_a_file_of_another_stays_as_it_is(their_home: Path) -> None:
    assert as_user(PERSON, "init", "bash").code == 0
    folder = their_home / ".local" / "share" / "dctx"
    for path in folder.glob("hook.*"):
        path.write_text("old")
    os.chown(folder / "shims" / "dokploy", 0, -1)
    ran = as_user(PERSON, "install", "bash")
    assert (ran.code, ran.out) == (6, "")
    assert ran.err.startswith(f"dctx: {folder}/shims/dokploy belongs to another user. Nothing was")
    assert {path.read_text() for path in folder.glob("hook.*")} == {"old"}


@needs_root
def test_root_is_not_led_into_its_own_start_up_file(dctx: Dctx, their_home: Path) -> None:
    target = their_home.parent / "roots"
    target.write_text("A=1\n")
    (their_home / ".bashrc").symlink_to(target)
    os.lchown(their_home / ".bashrc", PERSON, PERSON)
    ran = dctx("install", "bash")
    assert (ran.code, ran.out, ran.err.count("\n")) == (6, "", 1)
    assert target.read_text() == "A=1\n"
    assert os.listdir(their_home) == [".bashrc"]


@needs_root
def test_users_config_that_root_made_is_told_from_theirs(dctx: Dctx, their_home: Path) -> None:
    """What an earlier `sudo -E` left: one line, and nothing is changed."""
    assert as_user(PERSON, *AUTH, stdin="key").code == 0
    for path in ((their_home / ".dokploy" / "config.json"), (their_home / ".dokploy" / ".lock")):
        os.chown(path, 0, 0)
        ran = as_user(PERSON, "rename", "prod", "x")
        assert (ran.code in (4, 6), ran.out, ran.err.count("\n")) == (True, "", 1), ran
        os.chown(path, PERSON, PERSON)
    assert as_user(PERSON, "rename", "prod", "x").code == 0


def test_github_file_that_has_to_be_made_is_private(dctx: Dctx, config: Any, home: Path) -> None:
    config("prod")
    env = {"GITHUB_ENV": str(home / "github")}
    assert dctx("env", "prod", "--shell", "github", env=env).code == 0
    assert stat.S_IMODE((home / "github").stat().st_mode) == 0o600
    assert dctx("env", "prod", "--shell", "github", env=env).code == 0
    assert (home / "github").read_text().count("DOKPLOY_API_KEY=key-of-prod\n") == 2


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o027])
def test_umask_opens_nothing_and_closes_nothing(
    dctx: Dctx, home: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(umask)
    try:
        for words in (AUTH, ("install", "zsh"), ("install", "fish"), ("install", "bash")):
            assert dctx(*words, stdin="key").code == 0
        env = {"DOKPLOY_CONFIG_DIR": str(home / "a" / "b")}
        assert dctx(*AUTH, stdin="key", env=env).code == 0
    finally:
        os.umask(before)
    for path in home.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o022, (path, oct(mode))
        assert path.is_file() or mode & 0o700 == 0o700, (path, oct(mode))
    private = {stat.S_IMODE(path.stat().st_mode) for path in (home / ".dokploy").rglob("*")}
    assert private == {0o600, 0o700}
    shims = home / ".local" / "share" / "dctx" / "shims"
    assert stat.S_IMODE((shims / "dokploy").stat().st_mode) == 0o755
    assert json.loads((home / ".dokploy" / "config.json").read_text())["currentProfile"] == "prod"
