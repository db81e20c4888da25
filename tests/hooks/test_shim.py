"""The shim: what it decides by itself, what it asks the core, and what neither waits for."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx import OLD_PYTHON
from dokploy_ctx.constants import FIELDS, SENTINEL, SEPARATOR

from ..answers import asked
from ..cases import BOTH, DOT, DOTENV, KEY, PROFILE, TOKEN, URL
from ..conftest import Result
from ..shells import BUSYBOX, DASH, PLAIN, ROOT, Shell, changed

AS_SH = Shell("bash as sh", ["bash", "--posix"])
US = "\x1f"
STAGING = {PROFILE: "staging"}
ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")


@dataclass(frozen=True)
class Way:
    """A situation, and who decides it: the shim alone ("cli"), or the core."""

    id: str
    who: str
    env: Mapping[str, str | None] = field(default_factory=dict)
    words: tuple[str, ...] = ("application", "one")
    dotenv: str | None = None
    spoil: Callable[[Path], object] | None = None  # gets ~/.dokploy

    def __repr__(self) -> str:
        return self.id


def edit(record: str, /, **fields: str) -> Callable[[Path], object]:
    """Return what writes other fields into a record."""

    def spoil(folder: Path) -> None:
        path = folder / "index" / record
        row = path.read_text().rstrip("\n").split(SEPARATOR)
        for field_name, value in fields.items():
            row[FIELDS.index(field_name)] = value
        path.write_text(SEPARATOR.join(row) + "\n")

    return spoil


def other_file(folder: Path) -> None:
    (folder / "index" / ".config").write_text("")


def same_file(folder: Path) -> None:
    (folder / "index" / ".config").unlink(missing_ok=True)
    os.link(folder / "config.json", folder / "index" / ".config")


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.touch()


def older(folder: Path) -> None:
    os.utime(folder / "config.json", (1_600_000_000, 1_600_000_000))


def newer(folder: Path) -> None:
    os.utime(folder / "config.json", (1_750_000_000, 1_750_000_000))


def given_away(folder: Path) -> None:
    os.chown(folder, 65534, 65534)


def session(name: str, key: str) -> dict[str, str]:
    url = f"https://{name}.example.com"
    return {PROFILE: name, URL: url, KEY: key, "_DCTX_SESSION": US.join((name, url, key))}


EVIL = "x[$(touch ran)]"
OWN_URL = "https://staging.example.com"
WAYS = (
    Way("default", "cli"),
    Way("profile", "cli", STAGING),
    Way("flag", "cli", words=("application", "one", "--profile", "staging")),
    Way("session", "cli", session("staging", "key-of-staging")),
    Way("pair", "cli", BOTH),
    Way("pair beside a .env", "cli", BOTH, dotenv=DOTENV),
    Way("profile beside a .env", "cli", STAGING, dotenv=DOTENV),
    Way("default beside a .env without DOKPLOY_", "cli", dotenv="A=1\n"),
    Way("default beside a .env", "core", dotenv=DOTENV),
    Way("older name of the key", "core", {URL: "https://h", TOKEN: "k"}),
    Way("half a pair", "core", {URL: "https://h"}),
    Way("other half", "core", {KEY: "k"}),
    Way("profile beside somebody's pair", "core", {**STAGING, **BOTH}),
    Way("profile beside its own pair", "cli", {**STAGING, URL: OWN_URL, KEY: "key-of-staging"}),
    Way("profile beside its own pair, a slash", "cli",
        {**STAGING, URL: f"{OWN_URL}/", TOKEN: "key-of-staging"}),
    Way("profile beside its own key", "core", {**STAGING, URL: "https://h", KEY: "key-of-staging"}),
    Way("profile beside its own URL", "core", {**STAGING, URL: OWN_URL, KEY: "k"}),
    Way("no file", "cli", spoil=lambda folder: (folder / "config.json").unlink()),
    Way("no folder", "cli", spoil=shutil.rmtree),
    Way("a file in the folder's place", "core", spoil=a_file),
    Way("home that is not there", "core", {"HOME": "{home}/nowhere"}),
    Way("profile without a file", "core", STAGING, spoil=lambda f: (f / "config.json").unlink()),
    Way("home unset", "core", {"HOME": None}),
    Way("home empty", "core", {"HOME": ""}),
    Way("home relative", "core", {"HOME": "."}),
    Way("pair without a home", "cli", {**BOTH, "HOME": None}),
    Way("folder named", "core", {"DOKPLOY_CONFIG_DIR": "{home}/.dokploy"}),
    Way("pair, folder named", "cli", {**BOTH, "DOKPLOY_CONFIG_DIR": "relative"}),
    Way("URL without a key, profile", "cli", {**STAGING, URL: BOTH[URL]}),
    Way("key without a URL, profile", "cli", {**STAGING, KEY: BOTH[KEY]}),
    Way("token without a URL, profile", "cli", {**STAGING, TOKEN: "t"}),
    Way("nobody", "core", {PROFILE: "nobody"}),
    Way("name as a path", "core", {PROFILE: "../index/staging"}),
    Way("name of a hidden file", "core", {PROFILE: ".current"}),
    Way("record of another format", "core", STAGING, spoil=edit("staging", format="9")),
    Way("record of another name", "core", STAGING, spoil=edit("staging", name="prod")),
    Way("no record", "core", STAGING, spoil=lambda f: (f / "index" / "staging").unlink()),
    Way("index removed", "core", spoil=lambda f: (f / "index" / ".gen").unlink()),
    Way("file older than the index", "core", spoil=older),
    Way("file newer than the index", "core", spoil=newer),
    Way("file of the same age, another one", "core", spoil=other_file),
    Way("file of the same age, the same one", "cli", spoil=same_file),
    Way("expired", "core", STAGING, spoil=edit("staging", expires="1000000000")),
    Way("expires in years", "cli", STAGING, spoil=edit("staging", expires="9000000000")),
    Way("expires by a command", "core", STAGING, spoil=edit("staging", expires=EVIL)),
    Way("due by a command", "cli", STAGING, spoil=edit("staging", due=EVIL)),
    Way("key elsewhere", "core", {PROFILE: "vault"}),
    Way("key elsewhere, in the session", "cli", session("vault", "from-vault")),
    Way("key elsewhere, kept out", "core", session("vault", SENTINEL)),
    Way("key elsewhere, somebody's key", "core", {**session("vault", "x"), KEY: "y"}),
    Way("protected, a read", "cli", {PROFILE: "safe"}),
    Way("protected, a change", "core", {PROFILE: "safe"}, words=("application", "delete")),
    Way("protected session, a read", "cli", session("safe", SENTINEL)),
    Way("prompt shows the default", "cli", {"_DCTX_SHOWN": "1:prod"}),
    Way("prompt shows another", "core", {"_DCTX_SHOWN": "1:staging"}),
    Way("prompt shows nothing", "core", {"_DCTX_SHOWN": "1:"}),
    Way("prompt shows another, profile", "cli", {"_DCTX_SHOWN": "1:prod", **STAGING}),
    Way("prompt's own command", "cli", {"_DCTX_SHOWN": "77:staging"},
        spoil=lambda f: by(f, "77")),
    Way("broker", "core", {**BOTH, "_DCTX_BROKER": "prod"}),
)  # fmt: skip


def by(folder: Path, pid: str) -> None:
    """Note the shell whose command set the default."""
    path = folder / "index" / ".current"
    path.write_text(f"{path.read_text().rstrip(chr(10)).rpartition(US)[0]}{US}{pid}\n")


@pytest.fixture
def shim(home: Path, data_home: Path) -> Path:
    """A shim whose core and CLI only say who they are."""
    core, cli = home / "core", home / "bin" / "dokploy"
    cli.parent.mkdir()
    core.write_text('#!/bin/sh\necho core "$@"\n')
    cli.write_text('#!/bin/sh\necho cli "$DOKPLOY_PROFILE" "$DOKPLOY_API_KEY" "$@"\n')
    for program in (core, cli):
        program.chmod(0o755)
    text, count = re.subn(
        r"(?m)^__dctx_bin=.*\n__dctx_python=.*$",
        f"__dctx_bin={core}\n__dctx_python=",
        (data_home / "shims" / "dokploy").read_text(),
    )
    assert count == 1
    path = home / "shim"
    path.write_text(text)
    return path


@pytest.fixture
def saved(config: Any) -> Path:
    """~/.dokploy with an index that every shell takes for fresh."""
    path: Path = config(
        "prod",
        "staging",
        safe={"protected": True},
        vault={"token": None, "tokenCommand": ["echo", "from-vault"]},
    )
    return path.parent


@pytest.mark.parametrize("sh", [DASH, BUSYBOX, AS_SH], ids=repr)
@pytest.mark.parametrize("way", WAYS, ids=repr)
def test_who_settles_it(way: Way, sh: Shell, shim: Path, saved: Path, home: Path) -> None:
    if sh not in (*PLAIN, AS_SH):
        pytest.skip(f"{sh} is not on this system")
    if way.spoil:
        way.spoil(saved)
    if way.dotenv is not None:
        (home / ".env").write_text(way.dotenv)
    env = {name: value and value.replace("{home}", str(home)) for name, value in way.env.items()}
    path = {"PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [*sh.command, str(shim), *way.words],
        env=changed({**os.environ, **path}, env),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.split()[0] == way.who
    assert not (home / "ran").exists()


@ROOT_ONLY
@pytest.mark.parametrize("sh", [DASH, AS_SH], ids=repr)
def test_folder_of_somebody_else_is_the_cores_to_judge(
    sh: Shell, shim: Path, saved: Path, home: Path
) -> None:
    way = Way("given away", "core", spoil=given_away)
    test_who_settles_it(way, sh, shim, saved, home)


# What neither waits for.


def hostile(home: Path, kind: str) -> None:
    path = home / ".env"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "lines":
        path.write_text("DOKPLOY_X='y' # c\n" * 20_000 + DOTENV)
    elif kind == "names":
        path.write_text(f"{URL}=\n" * 20_000 + DOTENV)
    elif kind == "one line":
        path.write_text(f"{URL}{' ' * 1_000_000}={DOT}\n{KEY}=k-dot\n")
    elif kind == "blanks":
        blanks = "\u2003" * 300_000
        path.write_text(f"{URL}={DOT}{blanks}\n{KEY}=k-dot\n")
    else:
        path.write_bytes(b"A=\0\xff\n" * 100_000 + DOTENV.encode())


@pytest.mark.parametrize(
    "kind", ["pipe", "folder", "device", "lines", "names", "one line", "blanks", "bytes"]
)
def test_hostile_dotenv(
    kind: str, data_home: Path, saved: Path, home: Path, dctx: Callable[..., Result]
) -> None:
    hostile(home, kind)
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text('#!/bin/sh\necho "$DOKPLOY_PROFILE"\n')
    cli.chmod(0o755)
    silent = kind in ("pipe", "folder", "device")
    found = asked(dctx, "prompt", timeout=20)
    assert found["segment"] == ("prod" if silent else "env:dot.example.com:3000")
    ran = subprocess.run(
        ["dash", str(data_home / "shims" / "dokploy"), "project", "all"],
        env={**os.environ, "PATH": f"{cli.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == ("prod\n" if silent else "\n")  # its `.env` is the CLI's to read


@pytest.fixture
def held(saved: Path) -> Iterator[None]:
    """Another dctx holds the lock, and the index is of another config.json."""
    newer(saved)
    with open(saved / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("held")
def test_held_lock_is_not_waited_for(
    data_home: Path, home: Path, dctx: Callable[..., Result]
) -> None:
    """The answer is right: it comes from config.json, and says that there is no index of it."""
    begin = time.monotonic()
    found = asked(dctx, "switch", "staging")
    assert (found["rc"], found["segment"], found["gen"], found["key"]) == (
        "0", "staging", "", "key-of-staging",
    )  # fmt: skip
    cli = home / "dokploy"
    cli.write_text('#!/bin/sh\necho "$DOKPLOY_PROFILE"\n')
    cli.chmod(0o755)
    ran = subprocess.run(
        ["dash", str(data_home / "shims" / "dokploy"), "project", "all"],
        env={**os.environ, "PATH": f"{home}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=25,  # who waits as a writer does, waits 30
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "prod\n", "")
    assert time.monotonic() - begin < 28


@pytest.mark.parametrize("missing", ["bin", "python"])
def test_missing_program_is_one_line(missing: str, data_home: Path, home: Path) -> None:
    text = (data_home / "shims" / "dokploy").read_text()
    text = re.sub(rf"(?m)^__dctx_{missing}=.*$", f"__dctx_{missing}=/nowhere/x", text)
    (home / "shim").write_text(text)
    ran = subprocess.run(
        ["dash", str(home / "shim"), "profiles"], capture_output=True, text=True, timeout=60
    )
    what = "program" if missing == "bin" else "Python interpreter"
    assert (ran.returncode, ran.stdout, ran.stderr) == (
        1,
        "",
        (
            f"dctx: the {what} /nowhere/x does not exist. "
            "Install dctx again, then run: command dctx install. "
            "Or remove the line that loads dctx from your shell's start-up file\n"
        ),
    )


def test_python_that_is_too_old_is_one_line(
    shell: Shell, config: Any, data_home: Path, home: Path
) -> None:
    """As in a folder where pyenv chooses another one."""
    config("prod", "staging")
    old = home / "old-python"
    before = "import sys; sys.version_info = (3, 9, 1); "
    old.write_text(
        f'#!/bin/sh\ncode=$2\nshift 2\nexec {sys.executable} -ESc "{before}$code" "$@"\n'
    )
    old.chmod(0o755)
    own = home / "data"
    shutil.copytree(data_home, own)
    for file in (own / "shims" / "dokploy", *own.glob(f"*.{shell.dialect}")):
        text = file.read_text("utf-8").replace(str(data_home), str(own))
        text = re.sub(r"(?m)^((?:set -g )?__dctx_python[= ]).*", rf"\1{old}", text)
        file.write_text(text, "utf-8")
    hook = own / f"hook.{shell.dialect}"

    def said(python: object) -> str:
        return (
            f"dctx: the Python interpreter {python} is too old: dctx needs Python 3.10 or newer. "
            "Install dctx with a newer one, then run: command dctx install\n"
        )

    (home / ".dokploy" / "config.json").touch()  # only the core can tell what it says now
    ran = shell.run(
        shell.source(hook), "dctx list", shell.show("?"), "dctx staging",
        shell.show("?"), env={"PATH": f"{own}/shims:{os.environ['PATH']}"},
    )  # fmt: skip
    # Python says it, and the hook, whose messages fit a window.
    words, whole = " ".join(ran.err.split()), said(sys.executable).strip()
    assert words.count(whole) == 2
    if shell.dialect != "fish":  # which adds that dctx failed
        assert words == f"{whole} {whole}"
    assert [each["?"] == "0" for each in ran.shown] == [False, False]
    # At a prompt the hook says it, once.
    ran = shell.run(
        shell.source(hook), *[shell.prompt] * 3, shell.show("DCTX_SEGMENT"),
        interactive=True,
    )  # fmt: skip
    assert " ".join(ran.err.split()) == said(old).strip()
    assert ran.vars == {"DCTX_SEGMENT": "?"}
    shim = subprocess.run(
        ["dash", str(own / "shims" / "dokploy"), "profiles"], capture_output=True, text=True
    )
    assert (shim.returncode, shim.stdout, shim.stderr) == (126, "", said(sys.executable))


def test_package_of_a_python_that_is_too_old_is_one_line() -> None:
    """Its other files could not even be read."""
    code = "import sys; sys.version_info = (3, 9, 1); import dokploy_ctx.start"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (126, "")
    assert ran.stderr == OLD_PYTHON % sys.executable + "\n"


def test_core_hears_of_no_python_variable(data_home: Path, home: Path) -> None:
    (home / "dokploy_ctx").mkdir()
    (home / "dokploy_ctx" / "__init__.py").write_text("raise SystemExit('hijacked')\n")
    ran = subprocess.run(
        ["dash", str(data_home / "shims" / "dokploy"), "profiles", "list"],
        env={**os.environ, "PYTHONPATH": str(home), "PYTHONHOME": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "no profiles are saved yet" in ran.stderr


# A prompt that is drawn already.


@pytest.fixture
def drawn(
    home: Path, data_home: Path, config: Any, dctx: Callable[..., Result]
) -> Callable[..., Any]:
    """Return a function: run lines of a shell whose prompt shows prod; its command made staging
    the default. "$shim" is the command, which says "ran NAME" where it is not refused.
    """
    config("prod", "staging")
    assert dctx("sync").code == 0
    cli = home / "bin" / "dokploy"
    cli.parent.mkdir()
    cli.write_text('#!/bin/sh\necho "ran $DOKPLOY_PROFILE"\n')
    cli.chmod(0o755)

    def run(*lines: str) -> list[str]:
        text = "\n".join(
            [
                f'shim="{data_home / "shims" / "dokploy"} project all"',
                "export _DCTX_SHOWN=$$:prod",
                "dctx use staging 2>/dev/null",
                *lines,
            ]
        )
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith("_DCTX")
        }
        environ["PATH"] = f"{cli.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", f"env -u _DCTX_SHOWN true\n{text}\n:"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
        kept = done.stdout.splitlines()
        return ["refused" if "since your prompt was drawn" in row else row for row in kept]

    return run


USED = "_DCTX_SHOWN= dctx use {} 2>/dev/null"


def test_what_is_typed_under_a_stale_prompt_is_refused(drawn: Callable[..., list[str]]) -> None:
    lines = [USED.format("prod"), USED.format("staging")]  # by another terminal
    assert drawn(*lines, "$shim; $shim", "$shim") == ["refused"] * 3


def test_prompt_that_shows_the_default_is_not_stale(drawn: Callable[..., list[str]]) -> None:
    """The core says so, too, as in the second after a change."""
    back = [USED.format("prod")]  # by another terminal
    assert drawn(*back, "$shim", "touch ~/.dokploy/config.json", "$shim") == ["ran prod"] * 2


def test_command_of_the_same_line_may_change_the_default(drawn: Callable[..., list[str]]) -> None:
    assert drawn("$shim") == ["ran staging"]


def test_what_a_shell_started_is_told_once_for_each_change(drawn: Callable[..., list[str]]) -> None:
    """A loop in the background, a tmux server, an editor: the mark is frozen in them."""
    other = [USED.format("prod"), USED.format("staging")]
    again = [USED.format("prod"), "sh -c '$shim; :'", USED.format("staging")]
    child = "export shim; sh -c '$shim; :'"
    assert drawn(*other, child, child, *again, child, child) == [
        "refused", "ran staging",
        "ran prod",
        "refused", "ran staging",
    ]  # fmt: skip


def test_what_a_child_was_told_frees_nothing_that_is_typed(drawn: Callable[..., list[str]]) -> None:
    other = [USED.format("prod"), USED.format("staging")]
    child = "export shim; sh -c '$shim; :'"
    assert drawn(*other, child, "$shim", child, "$shim") == [
        "refused", "refused", "ran staging", "refused",
    ]  # fmt: skip


def test_loop_that_was_typed_is_not_refused_for_ever(
    drawn: Callable[..., list[str]], home: Path
) -> None:
    """After half a minute without a new prompt it can only be a loop."""
    other = [USED.format("prod"), USED.format("staging")]
    old = f"touch -d '2020-01-01' {home}/.dokploy/index/.told.$$"
    assert drawn(*other, "$shim", "$shim", old, "$shim") == ["refused", "refused", "ran staging"]
