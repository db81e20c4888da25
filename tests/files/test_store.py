# ruff: noqa: E501  (a damage, a URL or a command is a line)
"""config.json: what dctx keeps, what it refuses, and that no writer loses anything."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.commands.shared import check_config
from dokploy_ctx.constants import FIELDS, SEPARATOR
from dokploy_ctx.errors import ConfigError
from dokploy_ctx.files import claim, store
from dokploy_ctx.files.document import parse

from ..answers import asked
from ..conftest import Result

Dctx = Callable[..., Result]
PROGRAM = str(Path(sys.executable).with_name("dctx"))


def auth(dctx: Dctx, name: str, key: str = "k", **how: Any) -> Result:
    return dctx(
        "auth", name, "-u", f"https://{name}.example.com", "-t", "-", "--no-check", stdin=key, **how
    )


def test_first_save_makes_a_private_file_and_the_default(dctx: Dctx, home: Path) -> None:
    assert auth(dctx, "prod", "key-1").code == 0
    path = home / ".dokploy" / "config.json"
    assert path.read_text() == (
        '{\n  "profiles": {\n    "prod": {\n      "url": "https://prod.example.com",\n'
        '      "token": "key-1"\n    }\n  },\n  "currentProfile": "prod"\n}\n'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    index = home / ".dokploy" / "index"
    assert stat.S_IMODE(index.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in index.iterdir()} == {0o600}
    assert auth(dctx, "staging").code == 0
    assert json.loads(path.read_text())["currentProfile"] == "prod"
    assert dctx("auth", "-u", "https://d.example.com", "-t", "-", "--no-check", stdin="k").code == 0
    assert json.loads(path.read_text())["currentProfile"] == "default"


def test_what_we_do_not_know_survives_every_write(dctx: Dctx, home: Path) -> None:
    path = home / ".dokploy" / "config.json"
    path.parent.mkdir(0o700)
    before: dict[str, Any] = {
        "z": [1, 2.5, None, {"deep": "\ud800 lone"}],
        "profiles": {
            "b": {"color": "red", "url": "https://b.example.com", "token": "t", "x": {"y": 1}},
            "a": {"url": "https://a.example.com/", "token": "t", "organization": None},
        },
        "currentProfile": "b",
        "a": True,
    }
    path.write_text(json.dumps(before))
    assert dctx("use", "a").code == 0
    assert auth(dctx, "b", "new").code == 0
    assert dctx("rename", "a", "c").code == 0
    after = json.loads(path.read_text())
    before["profiles"] = {
        "b": before["profiles"]["b"] | {"token": "new"},
        "c": before["profiles"]["a"],
    }
    before["currentProfile"] = "c"
    assert after == before
    assert list(after) == ["z", "profiles", "currentProfile", "a"]
    assert list(after["profiles"]) == ["b", "c"]
    assert list(after["profiles"]["b"]) == ["color", "url", "token", "x"]
    assert dctx("remove", "b").code == 0
    assert json.loads(path.read_text())["z"] == before["z"]


def test_removing_the_default_says_so_and_moves_nowhere(dctx: Dctx, config: Any) -> None:
    path = config("prod", "staging")
    ran = dctx("remove", "prod")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "The API key of prod stays valid on https://prod.example.com. To delete it as well, use "
        "Settings > Profile > API/CLI Keys there.\n"
        "Removed profile prod\n"
        "prod was the default. Now no profile is. Run: dctx use NAME\n"
    )
    assert "currentProfile" not in json.loads(path.read_text())
    assert dctx("current").code == 1


def test_links_are_written_through(dctx: Dctx, home: Path, config: Any) -> None:
    path = config("prod")
    real = home / "dotfiles" / "dokploy.json"
    real.parent.mkdir()
    path.rename(real)
    path.symlink_to(real)
    assert auth(dctx, "staging").code == 0
    assert path.is_symlink()
    assert list(json.loads(real.read_text())["profiles"]) == ["prod", "staging"]
    assert os.listdir(real.parent) == ["dokploy.json"]


def test_open_modes_are_tightened_with_a_notice(dctx: Dctx, config: Any) -> None:
    path = config("prod")
    path.chmod(0o644)
    path.parent.chmod(0o755)
    ran = dctx("list")
    assert ran.code == 0
    assert ran.err == f"dctx: {path} was readable by others (keys are in it); made it private.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert dctx("list").err == ""


@pytest.mark.parametrize("bit", [0o001, 0o002, 0o004, 0o010, 0o020, 0o040], ids=oct)
def test_every_bit_that_lets_others_in_is_told_and_taken_away(config: Any, bit: int) -> None:
    path = config("prod")
    store.sync(str(path.parent))
    places = {path.parent: 0o700, path: 0o600, path.parent / "index": 0o700}
    for place, mode in places.items():
        place.chmod(mode | bit)
    told = [finding.text for finding in check_config._modes(str(path.parent))]
    assert [text.split(",")[0].rpartition(" ")[2] for text in told] == [
        f"{mode | bit:o}" for mode in places.values()
    ]
    store.sync(str(path.parent), full=True)
    assert {place: stat.S_IMODE(place.stat().st_mode) for place in places} == places
    assert list(check_config._modes(str(path.parent))) == []


def test_folder_that_is_private_keeps_the_mode_that_it_has(config: Any) -> None:
    """The group bit on a folder is its owner's choice: new files get the folder's group."""
    path = config("prod")
    store.sync(str(path.parent))
    folders = (path.parent, path.parent / "index")
    for folder in folders:
        folder.chmod(0o2700)
    store.sync(str(path.parent), full=True)
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o2700}


def test_prompt_writes_nothing_where_the_index_is_up_to_date(dctx: Dctx, config: Any) -> None:
    """It may ask again and again, also on a disk that is full."""
    path = config("prod")
    assert dctx("use", "prod").code == 0
    index = path.parent / "index"
    assert list(index.glob(".coarse.*"))

    def files() -> list[tuple[Path, int, int]]:
        every = sorted([index, *index.iterdir()])
        return [(file, file.stat().st_ino, file.stat().st_ctime_ns) for file in every]

    before = files()
    assert asked(dctx, "prompt")["gen"]
    assert files() == before


def test_read_only_file_or_folder_changes_nothing(dctx: Dctx, config: Any) -> None:
    path = config("prod", "staging")
    before = path.read_bytes()
    for what, mode, back in ((path, 0o400, 0o600), (path.parent, 0o500, 0o700)):
        what.chmod(mode)
        try:
            for words in (("use", "staging"), ("remove", "prod"), ("rename", "prod", "x")):
                ran = dctx(*words)
                assert (ran.code, ran.out) == (1, "")
                says = f"dctx: {what} is read-only. Nothing was changed. Make it writable.\n"
                assert ran.err.endswith(says)
            assert dctx("list").code == 0
            assert dctx("current").out == "prod\n"
        finally:
            what.chmod(back)
    assert path.read_bytes() == before


CONFIG_DIRS = {
    "relative": ("relative/folder", "Use an absolute path."),
    "writable by others": ("{home}/open", "is writable by others."),
    "a file": ("{home}/file", "is not a folder. Choose another path."),
}


@pytest.mark.parametrize("kind", CONFIG_DIRS)
def test_config_dir_that_others_could_make_is_refused(dctx: Dctx, home: Path, kind: str) -> None:
    (home / "open").mkdir()
    (home / "open").chmod(0o777)
    (home / "file").touch()
    value, says = CONFIG_DIRS[kind]
    for words in (("list",), ("current",), ("sync",), ("env", "x", "--shell", "sh")):
        ran = dctx(*words, env={"DOKPLOY_CONFIG_DIR": value.format(home=home)})
        assert (ran.code, ran.out) == (4, "")
        assert says in ran.err
        assert ran.err.count("\n") == 1


def test_config_dir_moves_everything(dctx: Dctx, home: Path) -> None:
    env = {"DOKPLOY_CONFIG_DIR": str(home / "else where")}
    assert auth(dctx, "prod", env=env).code == 0
    assert (home / "else where" / "config.json").exists()
    assert (home / "else where" / "index" / "prod").exists()
    assert not (home / ".dokploy").exists()


DAMAGES: dict[str, tuple[bytes, str]] = {
    "0 bytes": (b"", "is empty (line 1, column 1"),
    "blanks": (b" \n\n", "is empty (line 1, column 1"),
    "cut off": (b'{\n  "profiles": {\n    "a": {"url": "https', "line 3, column 18"),
    "a list": (b"[]", "(line 1, column 1): the file is not an object"),
    "trailing comma": (b'{"profiles": {},}', "line 1, column 17"),
    "two values": (b"{} {}", "line 1, column 4"),
    "not UTF-8": (b'{"profiles": {"\xff": {}}}', "is not UTF-8 (line 1, column 16"),
    "not UTF-8, behind a byte order mark": (b'\xef\xbb\xbf{"profiles": {"\xff": {}}}', "is not UTF-8 (line 1, column 16"),
    "NaN": (b'{"profiles": {}, "x": NaN}', "line 1, column 23): NaN is not JSON"),
    "a number too large": (b'{"profiles": {},\n "y": "1e999", "x": [1.5, -1e999]}', "line 2, column 27): -1e999 is too large a number"),
    "an integer too long": (b'{"profiles": {},\n "x": [1e3, ' + b"7" * 5000 + b"]}", f"line 2, column 13): {'7' * 39}~ is too large a number"),
    "too deep": (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "is nested too deep (line 1, column 100006"),
    "profiles a list": (b'{\n "profiles": []}', 'line 2, column 2): "profiles" is not an object'),
    "profile a text": (b'{"profiles": {\n"a": "x"}}', 'line 2, column 1): profile "a" is not an object'),
    "token a number": (b'{"profiles": {"a": {\n  "token": 5}}}', 'line 2, column 3): "token" of profile "a" is not text'),
    "protected a text": (b'{"profiles": {"a": {"protected": "yes"}}}', "is not true or false"),
    "command a text": (b'{"profiles": {"a": {"tokenCommand": "pass x"}}}', "is not a list of words"),
    "command empty": (b'{"profiles": {"a": {"tokenCommand": []}}}', "is not a list of words"),
    "a key twice": (b'{"profiles": {}, "n": {"b": 1,\n "b": 1}}', 'line 2, column 2): "b" stands twice in one object'),
    "profile twice": (b'{"profiles": {"a": {"x": "{a"}, "b": {"a": ["a", {"a": 1}]},\n  "\\u0061" : {}}}', 'line 2, column 3): "a" stands twice in one object'),
    "a key twice, hostile": (b'{"\\u001b[31m": 1, "\\u001b[31m": 2}', '"\\x1b[31m" stands twice in one object'),
    "current a number": (b'{"currentProfile": 1}', '"currentProfile" is not text'),
}  # fmt: skip
COMMANDS = (
    ("list",), ("list", "--json"), ("list", "-q"), ("current",), ("current", "--json"), ("use", "a"),
    ("rename", "a", "b"), ("remove", "a"), ("env", "a", "--shell", "sh"), ("exec", "a", "true"),
    ("sync",), ("verify",), ("orgs",), ("orgs", "list"), ("rotate", "a"),
    ("env",), ("_run", "true"), ("_pick",), ("profiles", "list"), ("protect", "a"), ("unprotect", "a"), ("export",), ("nosuch",),
    ("auth", "a", "-u", "https://a.example.com", "-t", "-", "--no-check"),
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file_is_refused_by_every_command(dctx: Dctx, home: Path, damage: str) -> None:
    raw, says = DAMAGES[damage]
    path = home / ".dokploy" / "config.json"
    path.parent.mkdir(0o700)
    path.write_bytes(raw)
    path.chmod(0o600)
    for words in COMMANDS:
        ran = dctx(*words, stdin="key")
        assert (ran.code, ran.out) == (4, ""), words
        assert ran.err.startswith(f"dctx: {path} is "), words
        assert says in ran.err
        assert ran.err.count("\n") == 1
        assert path.read_bytes() == raw, words


@pytest.mark.parametrize("digits", [4300, 4301])
def test_the_longest_number_that_python_reads_and_writes(digits: int) -> None:
    number = "7" * digits
    text = f'{{"profiles": {{}}, "x": {number}}}'.encode()
    if digits == 4300:
        assert parse(text, "config.json") == {"profiles": {}, "x": int(number)}
    else:
        with pytest.raises(ConfigError, match="is too large a number"):
            parse(text, "config.json")


EMPTY: dict[str, Any] = {
    "url": "", "token": "", "organization": {}, "protected": False, "keyring": "", "keyId": "",
    "expiresAt": "",
}  # fmt: skip


def test_what_is_empty_or_null_is_no_damage(dctx: Dctx, config: Any) -> None:
    """Other programs write a key that they have no value for, too."""
    path = config("prod")
    data = json.loads(path.read_text())
    data["profiles"]["empty"] = EMPTY
    data["profiles"]["null"] = dict.fromkeys([*EMPTY, "tokenCommand"])
    path.write_text(json.dumps(data))
    ran = dctx("list", "-q")
    assert (ran.code, ran.out, ran.err) == (0, "prod\nempty\nnull\n", "")


LONE: dict[str, dict[str, Any]] = {
    "token": {"token": "k\ud800"},
    "url": {"url": "https://a.example.com/\ud800"},
    "organization": {"organization": {"id": "o\ud800", "name": "A\ud800"}},
    "expiresAt": {"expiresAt": "\ud800"},
}


@pytest.mark.parametrize("kind", LONE)
def test_lone_surrogate_in_a_profile_leaves_the_others_alone(
    dctx: Dctx, home: Path, kind: str
) -> None:
    a = {"url": "https://a.example.com", "token": "k"} | LONE[kind]
    b = {"url": "https://b.example.com", "token": "key-b"}
    path = home / ".dokploy" / "config.json"
    path.parent.mkdir(0o700)
    path.write_text(
        json.dumps({"currentProfile": "\ud800", "profiles": {"a": a, "b": b, "\ud800": a}})
    )
    assert dctx("sync").code == 0
    assert "key-b" in dctx("_hook", "--shell", "bash", "switch", "b").out
    for words in (
        ("use", "a"),
        ("use", "b"),
        ("_hook", "--shell", "bash", "prompt"),
        ("list",),
        ("list", "--json"),
    ):
        ran = dctx(*words)
        assert ran.code == 0, words
        assert "Traceback" not in ran.err
    index = path.parent / "index"
    has_record = kind not in ("token", "url")
    assert (index / "a").exists() == has_record
    assert (index / "b").read_text().split("\x1f")[FIELDS.index("key")] == "key-b"
    assert (index / ".others").read_text() == ("\n" if has_record else "a\n")
    for argv in (["env", "a", "--shell", "sh"], ["exec", "a", "true"]):
        ran = dctx(*argv)
        assert ran.code == (0 if has_record else 4)
        assert has_record or "the value for DOKPLOY_" in ran.err or "the URL contains" in ran.err
        assert has_record or (ran.out, ran.err.count("\n")) == ("", 1)
    assert json.loads(path.read_text())["profiles"]["a"] == a


def test_import_and_doctor_say_it_too(dctx: Dctx, home: Path) -> None:
    path = home / ".dokploy" / "config.json"
    path.parent.mkdir(0o700)
    path.write_text("{")
    path.chmod(0o600)
    theirs = json.dumps({"profiles": {"x": {"url": "https://x.example.com"}}})
    ran = dctx("import", "-", "--yes", stdin=theirs)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.startswith(f"dctx: {path} is not valid JSON (line 1, column 2): ")
    ran = dctx("doctor", "--offline")
    assert (ran.code, ran.err) == (1, "")
    assert f"!!  config   {path} is not valid JSON (line 1, column 2): " in ran.out
    assert path.read_text() == "{"


def test_writers_and_a_foreign_editor_lose_nothing(dctx: Dctx, config: Any) -> None:
    """Another program keeps the lock as well; one that does not is seen by the next reader."""
    path = config("prod")
    names = [f"p{number}" for number in range(12)]
    editor = (
        "import fcntl, json, os, sys\n"
        "folder = sys.argv[1]\n"
        "for number in range(20):\n"
        "    with open(f'{folder}/.lock', 'a') as lock:\n"
        "        fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "        with open(f'{folder}/config.json') as file: data = json.load(file)\n"
        "        data['edits'] = data.get('edits', 0) + 1\n"
        "        with open(f'{folder}/theirs', 'w') as file: json.dump(data, file)\n"
        "        os.rename(f'{folder}/theirs', f'{folder}/config.json')\n"
    )
    foreign = subprocess.Popen([sys.executable, "-c", editor, str(path.parent)])
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda name: auth(dctx, name), names))
    assert foreign.wait(60) == 0
    assert [ran.code for ran in results] == [0] * len(names)
    data = json.loads(path.read_text())
    assert data["edits"] == 20
    assert sorted(data["profiles"]) == sorted(["prod", *names])
    assert sorted(dctx("list", "-q").out.split()) == sorted(["prod", *names])


def test_a_hundred_saves_at_once_keep_a_hundred_profiles(dctx: Dctx, home: Path) -> None:
    names = [f"p{number}" for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        # All wait for stdin together, then go.
        started = [
            subprocess.Popen(
                [
                    PROGRAM,
                    "auth",
                    name,
                    "-u",
                    f"https://{name}.example.com",
                    "-t",
                    "-",
                    "--no-check",
                ],
                stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for name in names
        ]
        list(pool.map(lambda each: each.communicate(b"key\n", timeout=100), started))
    assert [each.returncode for each in started] == [0] * 100
    data = json.loads((home / ".dokploy" / "config.json").read_text())
    assert sorted(data["profiles"]) == sorted(names)
    index = home / ".dokploy" / "index"
    assert sorted(n for n in os.listdir(index) if not n.startswith(".")) == sorted(names)


def test_killed_writer_leaves_the_old_file_or_the_new_and_no_stale_reader(
    dctx: Dctx, config: Any, home: Path, data_home: Path
) -> None:
    path = config("prod", **{f"p{number}": {} for number in range(300)})
    assert dctx("sync").code == 0
    reader = home / "bin" / "dokploy"
    reader.parent.mkdir()
    reader.write_text('#!/bin/sh\necho "$DOKPLOY_API_KEY"\n')
    reader.chmod(0o755)
    environ = {**os.environ, "PATH": f"{data_home / 'shims'}:{reader.parent}:{os.environ['PATH']}"}
    outcomes = set()
    for number in range(30):
        key = f"key-{number}"
        old = json.loads(path.read_text())["profiles"]["prod"]["token"]
        writer = subprocess.Popen(
            [PROGRAM, "auth", "prod", "-u", "https://prod.example.com", "-t", "-", "--no-check"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert writer.stdin
        writer.stdin.write(f"{key}\n".encode())
        writer.stdin.close()
        time.sleep(0.08 + number * 0.006)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        now = json.loads(path.read_text())["profiles"]["prod"]["token"]
        assert now in (old, key)
        outcomes.add(now == key)
        read = subprocess.run(["dokploy", "x"], env=environ, capture_output=True, text=True)
        assert read.stdout.strip() == now
    assert len(json.loads(path.read_text())["profiles"]) == 301
    left = [
        name for name in os.listdir(path.parent) if name not in ("config.json", ".lock", "index")
    ]
    assert len(left) <= 1  # a killed writer's temporary file, which the next one takes away
    assert dctx("use", "prod").code == 0
    assert not [name for name in os.listdir(path.parent) if name.endswith("-tmp")]


def test_foreign_edits_are_seen_by_every_reader(
    dctx: Dctx, config: Any, shell: Any, loaded: str
) -> None:
    path = config("prod")
    text = path.read_text()
    lines = [loaded]
    for number in range(3):
        new = text.replace("key-of-prod", f"key-{number}")
        (path.parent / f"new{number}").write_text(new)
        copy = f"cat .dokploy/new{number} >.dokploy/config.json"
        lines += [copy, "dctx prod 2>/dev/null", shell.show("DOKPLOY_API_KEY")]
    ran = shell.run(*lines)
    assert [row["DOKPLOY_API_KEY"] for row in ran.shown] == ["key-0", "key-1", "key-2"]


def test_names_that_may_not_be_made(dctx: Dctx, config: Any) -> None:
    path = config("prod")
    before = path.read_bytes()
    for name in (
        "list",
        "OFF",
        "verify",
        "-x",
        ".x",
        "a b",
        "ü",
        "x" * 65,
        "",
        "Prod",
        "a/b",
        "$(id)",
    ):
        ran = dctx(
            "auth", "-p", name, "-u", "https://x.example.com", "-t", "-", "--no-check", stdin="k"
        )
        assert (ran.code, ran.out) == (2, ""), name
        assert ran.err.count("\n") == 1
        if name != "Prod":  # it may be renamed so
            assert dctx("rename", "--", "prod", name).code == 2, name
    assert path.read_bytes() == before


URLS = {
    "https://h.example.com//": "https://h.example.com", "HTTP://127.0.0.1:3000/": "http://127.0.0.1:3000",
    "ftp://h": None, "h.example.com": "https://h.example.com", "https://": None, "https://u:p@h": None, "https://h/?q": None,
    "https://h/#f": None, "https://h/a b": None, "https://h:port": None, "javascript:alert(1)": None,
    "": None, "localhost:3000": "http://localhost:3000", "//h.example.com": None, "https://u:p@h/dashboard": None,
    "https://h/dashboard": "https://h", "https://h:3000/dashboard/": "https://h:3000",
    "https://h/dashboard/settings/profile": "https://h", "https://h/login": "https://h",
    "https://h/dashboard/project/x_1/environment/y?tab=a#b": "https://h", "https://h/register?": "https://h",
    "https://h/dashboards": "https://h/dashboards", "https://h/x/dashboard": "https://h/x",
    "https://dashboard": "https://dashboard", "https://login/": "https://login",
}  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_url_is_normalized_or_refused(dctx: Dctx, home: Path, url: str) -> None:
    ran = dctx("auth", "x", "-u", url, "-t", "-", "--no-check", stdin="k")
    if URLS[url] is None:
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.count("\n") == 1
        assert not (home / ".dokploy" / "config.json").exists()
    else:
        assert ran.code == 0
        saved = json.loads((home / ".dokploy" / "config.json").read_text())
        assert saved["profiles"]["x"]["url"] == URLS[url]


ASSUMED = {
    "h.example.com": "https://h.example.com",
    "h.example.com/dashboard": "https://h.example.com",
    "localhost:3000": "http://localhost:3000",
}


@pytest.mark.parametrize("url", ASSUMED)
def test_scheme_that_is_assumed_is_told_before_a_key_is_wanted(dctx: Dctx, url: str) -> None:
    ran = dctx("auth", "x", "-u", url)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Assuming {ASSUMED[url]}\ndctx: an API key is required.")


def test_url_that_a_file_has_is_used_as_it_stands(dctx: Dctx, config: Any) -> None:
    config(x={"url": "https://h/dashboard", "token": "k"})
    assert json.loads(dctx("env", "x", "--shell", "json").out)["DOKPLOY_URL"] == (
        "https://h/dashboard"
    )


def test_plain_http_abroad_warns(dctx: Dctx) -> None:
    ran = auth(dctx, "x")
    assert "unencrypted" not in ran.err
    ran = dctx("auth", "y", "-u", "http://h.example.com", "-t", "-", "--no-check", stdin="k")
    assert "dctx: warning: http://h.example.com uses http, so the API key is sent un" in ran.err


def test_key_is_in_no_output(dctx: Dctx, config: Any) -> None:
    config("prod", "staging")
    seen = ""
    for words in (("list",), ("list", "--json"), ("current", "--json"), ("use", "staging"), ("sync",),
                  ("rename", "prod", "x"), ("export",), ("nosuch",), ("--help",)):  # fmt: skip
        ran = dctx(*words)
        seen += ran.out + ran.err
    assert "key-of" not in seen


def test_who_set_the_default_is_known_while_it_stays(config: Callable[..., Path]) -> None:
    """A change of another kind leaves it; another default, set by an unknown program, does not."""
    folder = config("prod", "staging").parent

    def current() -> list[str]:
        fields = (folder / "index" / ".current").read_text("utf-8").strip("\n").split(SEPARATOR)
        return [fields[FIELDS.index("name")], fields[-1]]

    with store.edit(str(folder), "77") as document:
        document.data["currentProfile"] = "staging"
    assert current() == ["staging", "77"]
    told = folder / "index" / ".told.88"  # a terminal that was told of this default
    told.touch()
    with store.edit(str(folder)) as document:
        document.data["theme"] = 1
    assert (current(), told.exists()) == (["staging", "77"], True)
    with store.edit(str(folder)) as document:
        document.data["currentProfile"] = "prod"
    assert (current(), told.exists()) == (["prod", ""], False)


def test_an_index_that_is_not_ours_is_never_fresh(config: Callable[..., Path]) -> None:
    path = config("prod")
    index = path.parent / "index"
    assert store.is_fresh(str(path.parent))
    (index / claim.MARK).unlink()
    (index / "prod").write_text("notes of somebody's\n")
    assert not store.is_fresh(str(path.parent))


def test_ctrl_c_is_heard_again_after_a_change(config: Callable[..., Path]) -> None:
    """It is held back while the file and its index are written."""
    folder = config("prod").parent
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with store.edit(str(folder)) as document:
        document.data["theme"] = 1
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux tells which files are open")
def test_no_file_stays_open(config: Callable[..., Path]) -> None:
    folder = config("prod").parent
    before = os.listdir("/proc/self/fd")
    with store.edit(str(folder)) as document:
        document.data["theme"] = 1
    store.sync(str(folder), full=True)
    (folder / "config.json").touch()
    store.sync(str(folder))
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    ("text", "is_record"),
    [
        ("7\x1fprod\x1fhttps://x\n", True),
        ("7\x1fPROD\x1fhttps://x\n", True),
        ("7\x1fstaging\x1fhttps://x\n", False),
        ("notes\x1fprod\x1fhttps://x\n", False),
        ("7\x1fprod\n", False),
    ],
    ids=range(5),
)
def test_a_record_is_of_the_profile_that_it_is_named_after(
    tmp_path: Path, text: str, is_record: bool
) -> None:
    (tmp_path / "prod").write_text(text)
    assert claim.is_record(str(tmp_path / "prod"), SEPARATOR) is is_record
