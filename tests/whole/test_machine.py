"""Any sequence of commands, foreign edits, restores and kills, in four living terminals.

After each step: config.json is valid and says what the model says, unknown keys included; an index
that counts is what a fresh compile makes; the prompt, `dctx current` and what the official CLI gets
are one and the same, in every terminal; `off` put back what was there; no key was printed.

`make test` runs 200 steps, `make matrix` DCTX_STEPS of them. A failure names its steps. Another
seed: pytest --hypothesis-seed=N.
"""

from __future__ import annotations

import copy
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from ..commands import in_process
from ..killed import killed_at
from ..shells import HOOKED
from .desk import FOLDERS, KEY, PROFILE, URL
from .machine import SECRET, START, World, redirected_stdin
from .saved import Saved
from .seat import Seat, official_cli

STEPS = int(os.environ.get("DCTX_STEPS", "200"))
IN_A_ROW = 40
# Some that a person has, two that only a foreign file can have (a blank; equal but for case), and
# one that nobody has at first.
ALL = ["prod", "staging", "client-a", "new.1", "my prof", "Prod"]
NAMES = st.sampled_from(ALL)
SHELLS = st.integers(0, len(HOOKED) - 1)
ORGANIZATIONS = st.sampled_from(
    [None, {"id": "-o1", "name": "Acme"}, {"id": "o2", "name": "$(touch ~/pwned)%F{red}!"},
     {"id": "o3", "name": "Gl\u00f6bex \u202egnirts"}]
)  # fmt: skip
COMMANDS = st.one_of(
    st.tuples(st.sampled_from(["use", "remove", "protect", "unprotect", "auth", "import"]), NAMES),
    st.permutations(ALL).map(lambda names: ("rename", *names[:2])),
    st.tuples(st.just("sync")),
)


class Machine(World):
    """What may happen."""

    @rule(at=SHELLS, name=NAMES)
    def switch(self, at: int, name: str) -> None:
        seat = self.seats[at]
        with self.step("switch", seat, name):
            code = seat.desk.switch(name)
            dashes = "-- " if " " in name else ""
            self.type(seat, f"dctx {dashes}{seat.shell.quote(name)}", code)

    @rule(at=SHELLS, word=st.sampled_from(["off", "-"]))
    def leave(self, at: int, word: str) -> None:
        seat = self.seats[at]
        with self.step("dctx", seat, word):
            code = seat.desk.off() if word == "off" else seat.desk.back()
            self.type(seat, f"dctx {word}", code)

    @rule(at=SHELLS, name=st.one_of(st.none(), st.just(""), st.just("nobody"), NAMES))
    def choose_by_hand(self, at: int, name: str | None) -> None:
        seat = self.seats[at]
        with self.step("by hand", seat, name):
            self.by_hand(seat, {PROFILE: name})

    @rule(at=SHELLS, url=st.booleans(), key=st.booleans(), keep=st.booleans())
    def pair_by_hand(self, at: int, url: bool, key: bool, keep: bool) -> None:
        """Set or unset URL and key; `keep` leaves the one alone that would be unset."""
        seat = self.seats[at]
        with self.step("pair", seat, url, key, keep):
            values: dict[str, str | None] = {
                URL: "https://hand.example.com" if url else None,
                KEY: "QQZ-hand" if key else None,
            }
            if keep:
                values = {name: value for name, value in values.items() if value}
            self.by_hand(seat, values)

    def by_hand(self, seat: Seat, values: dict[str, str | None]) -> None:
        for name, value in values.items():
            seat.desk.vars.pop(name, None)
            if value is not None:
                seat.desk.vars[name] = value
        file = self.home / "by-hand"  # no key is typed
        file.write_text("".join(f"{seat.variable(*pair)}\n" for pair in values.items()))
        self.type(seat, f"source {file}; true", 0)

    @rule(at=SHELLS, folder=st.sampled_from(sorted(FOLDERS)))
    def walk(self, at: int, folder: str) -> None:
        seat = self.seats[at]
        with self.step("cd", seat, folder):
            seat.desk.folder = folder
            self.type(seat, f"cd {self.home / folder}", 0)

    @rule(at=st.one_of(st.none(), SHELLS), words=COMMANDS)
    def command(self, at: int | None, words: tuple[str, ...]) -> None:
        """A command of dctx's own in a terminal, or somewhere else (None)."""
        seat = None if at is None else self.seats[at]
        with self.step("command", seat, *words):
            model, argv, stdin, answer = self.command_line(words)
            code, data = self.saved.after(model)
            if seat is None:
                os.environ["DCTX_YES"] = answer
                with open(stdin) as keys, redirected_stdin(keys):
                    ran = in_process.run(*argv)
                os.environ.pop("DCTX_YES")
                assert ran.code == code, ran
                assert SECRET not in (ran.out + ran.err).encode()
            else:
                line = " ".join(seat.shell.quote(word) for word in argv)
                status = seat.shell.status
                self.saved.data = data
                if words[0] == "rename" and code == 0:
                    seat.desk.renamed(words[1], words[2])
                self.type(seat, f"DCTX_YES={seat.shell.quote(answer)} dctx {line} <{stdin}; "
                                f"echo code:{status}", None, f"code:{code}")  # fmt: skip
            self.saved.data = data

    @rule(words=COMMANDS, number=st.integers(1, 40))
    def killed(self, words: tuple[str, ...], number: int) -> None:
        """A writer is killed before its n-th step: the old file is there, or the new one."""
        with self.step("killed", None, number, *words):
            model, argv, stdin, answer = self.command_line(words)
            code, data = self.saved.after(model)
            os.environ["DCTX_YES"] = answer
            with open(stdin) as keys, redirected_stdin(keys):
                ended = killed_at(number, argv, self.home / "said")
            os.environ.pop("DCTX_YES")
            assert SECRET not in (self.home / "said").read_bytes()
            assert ended in (None, code)
            if not self.saved.damaged and (ended == 0 or self.on_disk() == data):
                self.saved.data = data

    @rule(
        name=NAMES,
        what=st.sampled_from(
            ["key", "url", "organization", "add", "delete", "unknown", "current", "damage", "gone",
             "nothing"]
        ),
        organization=ORGANIZATIONS, atomic=st.booleans(), aged=st.booleans(),
    )  # fmt: skip
    def edit(self, name: str, what: str, organization: Any, atomic: bool, aged: bool) -> None:
        """Another program writes config.json, at one instant or in place; or it is removed."""
        with self.step("edit", None, name, what, organization, atomic, aged):
            saved = self.saved
            saved.damaged = what == "damage"
            if what == "gone":
                saved.data = None
                shutil.rmtree(self.path.parent, ignore_errors=True)
                return
            if saved.data is None:
                saved.data = copy.deepcopy(START)
            entry = saved.profiles.get(name)
            if what == "add":
                entry = saved.data.setdefault("profiles", {}).setdefault(name, {"mine": what})
                entry |= {"url": f"https://{self.count}.example.com", "token": self.key()}
            elif what == "unknown":
                saved.data[f"theirs-{self.count}"] = {"a": [what]}
            elif what == "current":
                saved.data["currentProfile"] = name
            elif entry is not None:
                self.edit_entry(entry, name, what, organization)
            self.write(atomic=atomic, aged=aged)

    def edit_entry(self, entry: dict[str, Any], name: str, what: str, organization: Any) -> None:
        if what == "key":
            entry.pop("tokenCommand", None)
            entry["token"] = self.key()
        elif what == "url":
            entry["url"] = f"https://moved-{self.count}.example.com"
            self.count += 1
        elif what == "organization":
            entry["organization"] = organization
        elif what == "delete":
            del self.saved.profiles[name]

    @rule()
    @precondition(lambda self: self.saved.data is not None)
    def back_up(self) -> None:
        with self.step("back up", None):
            file = self.home / f"backup-{len(self.backups)}"
            shutil.copy2(self.path, file)
            kept = Saved(copy.deepcopy(self.saved.data or {}))
            kept.damaged = self.saved.damaged
            self.backups.append((file, kept))

    @rule(which=st.integers(0, 99), in_place=st.booleans())
    @precondition(lambda self: self.backups)
    def restore(self, which: int, in_place: bool) -> None:
        """An old config.json is put back with its old time, as `cp -p` does or as `mv`."""
        file, kept = self.backups[which % len(self.backups)]
        with self.step("restore", None, file.name, in_place):
            self.path.parent.mkdir(0o700, exist_ok=True)
            # The same file of the same second: what bash 3.2 and busybox cannot notice.
            second = file.stat().st_mtime_ns // 10**9
            if in_place and self.path.exists() and (
                self.path.stat().st_mtime_ns // 10**9 != second
            ):  # fmt: skip
                shutil.copy2(file, self.path)
            else:
                shutil.copy2(file, self.path.with_name("copy"))
                self.path.with_name("copy").replace(self.path)
            self.saved.data, self.saved.damaged = copy.deepcopy(kept.data), kept.damaged


@pytest.mark.timeout(120 + 5 * STEPS)
def test_whatever_happens_prompt_and_panel_agree(
    home: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("PATH", official_cli(tmp_path / "cli")["PATH"])

    class ThisMachine(Machine):
        folder = tmp_path
        number = steps = 0

    ThisMachine.data_home = data_home
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        ThisMachine,
        settings=settings(
            max_examples=max(1, STEPS // IN_A_ROW),
            stateful_step_count=IN_A_ROW,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # to make a failure smaller would take as long again
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{ThisMachine.steps} steps")
    assert not list(tmp_path.rglob("pwned"))
