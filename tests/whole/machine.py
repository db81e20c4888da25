"""What a step of test_machine.py is, and what must hold after it."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from dokploy_ctx.constants import OWNED
from dokploy_ctx.files.document import Version, parse
from dokploy_ctx.files.index import Index
from dokploy_ctx.files.store import is_fresh, read

from ..cases import WINS
from ..commands import in_process
from ..shells import HOOKED
from .desk import FOLDERS, KEY, URL, passed
from .saved import Saved
from .seat import COLOURS, Ran, Seat, folder_for

# Each key has this in it, and nothing else does.
SECRET = b"QQZ"
# Sentences beside the one that refuses a command.
UNUSED = ("so it is not used", WINS)
START: dict[str, Any] = {
    "theirs": {"list": [1, {"x": None}], "t": "\ud800"},
    "currentProfile": "prod",
    "profiles": {
        "prod": {"url": "https://prod.example.com", "token": "QQZ-prod", "tags": ["eu"],
                 "organization": {"id": "-o1", "name": "Acme", "logo": "x"}},
        "staging": {"url": "https://staging.example.com", "token": "QQZ-staging"},
        "client-a": {"url": "https://client.example.com", "note": "kept"},
        "my prof": {"url": "https://my.example.com", "token": "QQZ-my"},
    },
}  # fmt: skip


class World(RuleBasedStateMachine):
    """The four terminals, config.json, and the models of both."""

    folder: Path  # for all HOMEs of this test
    data_home: Path
    number = 0
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).number += 1
        self.home = self.folder / f"home-{self.number}"
        folder_for(self.home, FOLDERS)
        os.environ["HOME"] = str(self.home)
        os.chdir(self.home)
        self.path = self.home / ".dokploy" / "config.json"
        self.saved = Saved(copy.deepcopy(START))
        (self.home / "vault").write_text("QQZ-vault\nnotes\n")
        self.saved.profiles["client-a"]["tokenCommand"] = ["cat", str(self.home / "vault")]
        self.backups: list[tuple[Path, Saved]] = []
        self.count, self.log = 0, [f"home {self.home}"]
        self.write(atomic=True, aged=True)
        self.seats = [
            Seat(shell, self.home, f"source {self.data_home}/hook.{shell.dialect}", self.saved)
            for shell in HOOKED
        ]

    def teardown(self) -> None:
        for seat in self.seats:
            seat.term.close()

    def key(self) -> str:
        """Return a key that nobody had before."""
        self.count += 1
        return f"QQZ-{self.count}"

    def write(self, *, atomic: bool, aged: bool) -> None:
        """Write config.json as another program does, with today's time or that of an old copy."""
        data = self.saved.file()
        self.path.parent.mkdir(0o700, exist_ok=True)
        if data is None:
            self.path.unlink(missing_ok=True)
            return
        target = self.path.with_name("theirs") if atomic else self.path
        with open(target, "wb") as file:
            file.write(data)
        target.chmod(0o600)
        if aged:
            self.count += 1
            os.utime(target, (1_600_000_000 + self.count, 1_600_000_000 + self.count))
        target.replace(self.path)

    # ---- What a step is ----

    def command_line(self, words: tuple[str, ...]) -> tuple[list[str], list[str], str, str]:
        """Return the command for the model and for dctx, its stdin, and DCTX_YES."""
        verb, *names = words
        if verb not in ("auth", "import"):
            return (
                [*words],
                [verb, *(["--"] if names else []), *names],
                os.devnull,
                "".join(names[:1]),
            )
        name, key = names[0], self.key()
        url = f"https://{self.count}.example.com"
        stdin = self.home / "stdin"
        if verb == "auth":
            stdin.write_text(f"{key}\n")
            argv = ["auth", "-u", url, "-t", "-", "--no-check", "--", name]
        else:
            entry: dict[str, Any] = {"url": url, "token": key}
            if name in self.saved.profiles:
                entry = {"url": self.saved.profiles[name]["url"], "protected": True}
            stdin.write_text(json.dumps({"profiles": {name: entry}}))
            argv = ["import", "-", "--yes"]
        return [verb, name, url, key], argv, str(stdin), name

    def type(self, seat: Seat, line: str, code: int | None, shows: str = "") -> None:
        """Type a line and hold its exit code against `code`."""
        if code is not None:
            status = seat.shell.status
            line, shows = f"{line}; echo code:{status}", f"code:{code}"
        said = seat.line(line)
        assert shows in said.splitlines(), said  # the prompt may say more

    @contextlib.contextmanager
    def step(self, what: str, seat: Seat | None, *details: object) -> Iterator[None]:
        """Do one step, then look at everything."""
        cls = type(self)
        cls.steps += 1
        where = seat.shell.name if seat else "-"
        self.log.append(f"{time.time():.3f} {what} {where} {' '.join(map(repr, details))}")
        (self.home / "steps").write_text("\n".join(self.log))  # for a run that is stopped
        others = [other for other in self.seats if other is not seat]
        try:
            under = {other: other.drawn for other in others}
            yield
            self.file_is_right()
            # One of the others types under the prompt that was drawn before, one presses Enter.
            late, calm = (others[(cls.steps + more) % len(others)] for more in (0, 1))
            self.drawn_prompt_did_not_lie(late, under[late])
            calm.line("")
            for each in filter(None, (seat, late, calm)):
                each.desk.prompt()
                self.terminal_is_right(each)
            self.index_is_right()
        except BaseException:
            # hypothesis would say it too, but only where a second run fails alike.
            print("\n".join([*self.log[-60:], str(self.path)]), flush=True)
            raise

    # ---- What must be ----

    def on_disk(self) -> dict[str, Any] | None:
        if not self.path.exists():
            return None
        return parse(self.path.read_bytes(), "config.json")

    def file_is_right(self) -> None:
        if self.saved.damaged:
            assert self.path.read_bytes() == self.saved.file()
        else:
            assert (self.on_disk() or {}) == (self.saved.data or {})
        if self.path.exists():
            assert self.path.stat().st_mode & 0o777 == 0o600

    def drawn_prompt_did_not_lie(self, seat: Seat, shown: str) -> None:
        """What is typed under a prompt goes where it says, or is refused."""
        ran = seat.dokploy()
        name, _ = passed(ran.cli)
        if ran.code:
            assert not ran.cli, ran
        elif name and shown != "(?) ":
            assert shown.strip("~() ").partition(":")[0].rstrip("!") == name, (shown, ran)

    def terminal_is_right(self, seat: Seat) -> None:
        want = seat.desk.seen()
        assert seat.drawn == want.drawn, (seat.shell, seat.drawn, want)
        if want.drawn:
            assert seat.term.colour(want.drawn.strip()) == COLOURS[want.state], (seat.shell, want)
        ran = seat.dokploy()
        assert seat.drawn == want.drawn, (seat.shell, seat.drawn, want, "at the second prompt")
        assert ran.environ.get("DCTX_SEGMENT", "") == want.segment, (seat.shell, want)
        assert ran.environ.get("DCTX_SEGMENT_STATE", "") == want.state, (seat.shell, want)
        own = {name: value for name, value in ran.environ.items() if name in OWNED}
        assert own == seat.desk.vars, seat.shell
        if seat.desk.memory is None and not seat.desk.outer:
            assert not [name for name in ran.environ if name.startswith(("_DCTX_S_", "_DCTX_SESS"))]
        self.current_is_right(seat, ran)
        self.cli_is_right(seat, ran)
        assert SECRET not in seat.output(), seat.shell
        assert SECRET not in ran.err.encode(), seat.shell

    def current_is_right(self, seat: Seat, ran: Ran) -> None:
        """`dctx current`, with what this terminal exports."""
        want = seat.desk.seen()
        with environment(ran.environ, self.home / seat.desk.folder):
            found = in_process.run("current")
        if want.name:
            quoted = want.name if " " not in want.name else f'"{want.name}"'
            assert (found.code, found.out) == (0, f"{quoted}\n"), found
        elif want.state == "env":
            assert found.out == f"{want.segment}\n", found
        else:
            assert (found.code, found.out) == (want.code or 1, ""), found

    def cli_is_right(self, seat: Seat, ran: Ran) -> None:
        """What the official CLI got."""
        want = seat.desk.seen()
        assert ran.code == want.code, (seat.shell, want, ran.code, ran.err)
        if want.code:
            assert not ran.cli
            # One line says why; another may say what of the environment is not used.
            why = [row for row in ran.err.splitlines() if not any(map(row.count, UNUSED))]
            assert len(why) == 1 and why[0].startswith("dctx: "), ran.err
            return
        name, pair = passed(ran.cli)
        assert name == want.name, (seat.shell, want)
        if want.state == "env" or not want.name:
            file = FOLDERS[seat.desk.folder]
            found = tuple(ran.cli.get(n) or file.get(n, "") for n in (URL, KEY))
            assert want.pair is None or found == want.pair, seat.shell
        else:
            assert pair == want.pair, (seat.shell, want)
        private = ("_DCTX_", "DCTX_SEGMENT")
        assert not [name for name in ran.cli if name.startswith(private)], seat.shell

    def index_is_right(self) -> None:
        """An index that counts is what a compile from nothing makes of this config.json."""
        folder = self.path.parent
        if not self.path.exists() or not is_fresh(str(folder)):
            return
        scratch = self.home / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(0o700)
        config = None if self.saved.damaged else read(str(folder)).config
        version = Version.of(self.path.stat())
        Index(str(scratch / "index")).compile(config, (str(self.path), version), None, full=True)
        assert contents(folder / "index") == contents(scratch / "index")


def contents(folder: Path) -> dict[str, str]:
    """Return the files of an index but for those that differ from compile to compile."""
    # A writer that was killed leaves at most one .tmp, which the next takes away.
    ignored = (".stamp.", ".coarse.", ".told.", ".gen", ".config", ".hook", ".tmp")
    found = {
        file.name: file.read_text("utf-8", "surrogateescape")
        for file in folder.iterdir()
        if not file.name.startswith(ignored)
    }
    # The last field is the process that set the default; the order of records is the file's.
    found[".current"] = found[".current"].rpartition("\x1f")[0]
    found[".manifest"] = "\n".join(sorted(found.get(".manifest", "").split("\n")))
    return found


@contextlib.contextmanager
def redirected_stdin(file: Any) -> Iterator[None]:
    """Let this process read `file` as stdin."""
    before, sys.stdin = sys.stdin, file
    try:
        yield
    finally:
        sys.stdin = before


@contextlib.contextmanager
def environment(environ: dict[str, str], folder: Path) -> Iterator[None]:
    """Make this process see what a child of a terminal sees."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(before["HOME"])
