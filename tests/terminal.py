"""A real interactive shell in a real terminal, as a user has it.

    term = terminal(shell)             # the fixture; the hook is loaded and a prompt is shown
    assert term.prompt == "(staging:Acme) READY> "
    assert term.line("echo $DOKPLOY_URL") == "https://staging.example.com"
    assert term.colour("(staging:Acme)") == "green"
    term.type("dctx pr" + TAB)
    term.wait(lambda: term.typed == "dctx prod ")
    assert term.line("") == ""                     # Enter
    assert term.exit("exit 3") == 3

No test sleeps. The shell's start-up file makes it send a mark, which no terminal shows, whenever it
begins to read a line. `line` returns when the mark after its command has arrived and the cursor is
behind the prompt. The marks are sent from places that hooks do not change: PS1 (bash),
zle-line-init (zsh), the events fish_prompt and fish_cancel (fish).

For a prompt of another program (starship), tell how it ends: `ready="mine: "`. bash then sends its
marks from PROMPT_COMMAND. To wait for a text: `wait(lambda: "text" in term.screen)`.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte
from pyte.screens import Char
from wcwidth import wcswidth

from .shells import READY, Shell, changed

ENTER, TAB, ESCAPE, UP, DOWN = "\r", "\t", "\x1b", "\x1b[A", "\x1b[B"
CTRL_C, CTRL_D, CTRL_U, CTRL_Z = "\x03", "\x04", "\x15", "\x1a"
MARK = b"\x1b]7777;mark\x07"
# Queries and settings for other terminals that newer shells send, and that pyte misreads.
FOREIGN = re.compile(rb"\x1b\[[<=>][0-9;:]*[A-Za-z]|\x1bP.*?\x1b\\\\", re.DOTALL)
UNFINISHED = re.compile(rb"\x1b(\[([<=>][0-9;:]*)?|P[^\x1b]*\x1b?)?$")
PATIENCE = 30  # seconds until a wait fails; only a failing test waits so long

# This program takes the terminal and becomes the shell. (pty.fork() in a process with threads, such
# as a test with a panel, warns from Python 3.12 on and may deadlock.) It removes an LC_CTYPE that
# Python may have set, which the shell must not see.
BECOME = """
import fcntl, os, sys, termios
path, keep_ctype, *command = sys.argv[1:]
terminal = os.open(path, os.O_RDWR)
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
for number in range(3):
    os.dup2(terminal, number)
if terminal > 2:
    os.close(terminal)
if not keep_ctype:
    os.environ.pop("LC_CTYPE", None)
os.execvp(command[0], command)
"""


class Terminal:
    """A shell in a terminal; `start` it first (the fixture `terminal` does, and closes it).

    `rc` are lines of its start-up file before the hook, `after` those behind it; `hook=False`
    leaves the hook out. The file is the real one (~/.bashrc, ~/.zshrc, config.fish), so a shell
    started in the shell has it too. `env` changes the environment, None removes a variable.
    `command` runs something else, which is not made to send marks: then `type` and `wait`.
    """

    def __init__(
        self,
        shell: Shell,
        *,
        rc: Sequence[str] = (),
        after: Sequence[str] = (),
        hook: bool = True,
        ready: str = READY,
        command: Sequence[str | Path] | None = None,
        env: Mapping[str, str | None] | None = None,
        cwd: Path | None = None,
        rows: int = 60,
        columns: int = 120,
    ) -> None:
        self.shell, self.ready, self.cwd = shell, ready, cwd
        self.environ = changed(os.environ, env or {})
        self.command = command
        self.startup = [*rc, *([shell.hook] if hook else []), *after]
        self.marks = 0
        self.raw = b""  # all that the shell ever sent
        self._unfed = b""
        self.ended = False
        self._screen = _Screen(columns, rows, self._answer)
        self._stream = pyte.ByteStream(self._screen)

    def start(self) -> Terminal:
        """Start the shell and wait for its first prompt."""
        command = self.command or self.shell.terminal(
            Path(self.environ["HOME"]), self.startup, self.ready != READY
        )
        self._master, slave = os.openpty()
        size = struct.pack("HHHH", self._screen.lines, self._screen.columns, 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)
        keep_ctype = "1" if "LC_CTYPE" in self.environ else ""
        become = [sys.executable, "-ISc", BECOME, os.ttyname(slave), keep_ctype]
        self._process = subprocess.Popen(
            [*become, *command],
            env=self.environ,
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            # Close our handle, so that the terminal closes with the shell.
            marks = 0 if self.command else 1
            self.wait(lambda: self.marks >= marks and self.at_prompt, "the first prompt")
        finally:
            os.close(slave)
        return self

    @property
    def pid(self) -> int:
        """Return the shell's process id."""
        return self._process.pid

    # What is seen.

    @property
    def screen(self) -> str:
        """Return the screen's text, without blanks at line ends and empty lines at the end."""
        self._pump(0)
        return "\n".join(self._rows(0, self._screen.lines)).rstrip("\n")

    @property
    def said(self) -> str:
        """Return the screen's words with one blank between them: messages without line ends."""
        return " ".join(self.screen.split())

    @property
    def cells(self) -> list[list[Char]]:
        """Return the cells of each row of the screen."""
        self._pump(0)
        return [self._cells(row) for row in range(self._screen.lines)]

    @property
    def prompt(self) -> str:
        """Return the line of the cursor up to the end of the prompt, `(staging) READY> `."""
        left = self._left()
        return left[: left.rfind(self.ready) + len(self.ready)] if self.ready in left else left

    @property
    def typed(self) -> str:
        """Return the text between prompt and cursor."""
        self._pump(0)
        return self._left().rpartition(self.ready)[2]

    @property
    def at_prompt(self) -> bool:
        """Whether the cursor is right behind a prompt."""
        return self._left().endswith(self.ready)

    def colour(self, text: str) -> str:
        """Return how the lowest occurrence of `text` looks: "green", "bold red", "dim", "plain"."""
        self._pump(0)
        for row in reversed(range(self._screen.lines)):
            cells = self._cells(row)
            column = "".join(cell.data for cell in cells).rfind(text)
            if column >= 0:
                looks = {_look(cell) for cell in cells[column : column + len(text)]}
                assert len(looks) == 1, f"{text!r} has several looks: {sorted(looks)}"
                return looks.pop()
        raise AssertionError(f"{text!r} is not on the screen:\n{self.screen}")

    # What is done.

    def type(self, keys: str) -> None:
        """Send keys and wait for nothing; TAB, UP, CTRL_C and others are in this module."""
        data = keys.encode("utf-8", "surrogateescape")
        while data:
            data = data[os.write(self._master, data) :]

    def line(self, text: str) -> str:
        """Type one line and Enter, wait for the next prompt, return what was printed between."""
        assert "\n" not in text, "one line at a time"
        assert self.typed == "", f"something is typed already: {self.typed!r}"
        self._screen.make_room()
        first = self._screen.cursor.y + 1
        first += (self._screen.cursor.x + max(wcswidth(text), 0)) // self._screen.columns
        scrolled, marks = self._screen.scrolled, self.marks
        self.type(text + ENTER)
        self.wait(lambda: self.marks > marks and self.at_prompt, f"the prompt after {text!r}")
        first = max(first - (self._screen.scrolled - scrolled), 0)
        return "\n".join(self._rows(first, self._screen.cursor.y))

    def key(self, keys: str) -> None:
        """Send keys that lead to a new prompt (in a picker: Enter, Escape) and wait for it."""
        if keys == CTRL_C:
            self.interrupt()
            return
        marks = self.marks
        self.type(keys)
        self.wait(lambda: self.marks > marks and self.at_prompt, f"the prompt after {keys!r}")

    def clear(self) -> None:
        """Clear the typed text with Ctrl-U; nothing runs, and no prompt is drawn."""
        self.type(CTRL_U)
        self.wait(lambda: self.typed == "", "an empty line")

    def interrupt(self) -> None:
        """Press Ctrl-C and wait for the new prompt.

        Every shell may miss a Ctrl-C in the instant before it waits for the next key. So this
        presses it again every two seconds, as a user would.
        """
        marks, pressed = self.marks, 0.0

        def done() -> bool:
            nonlocal pressed
            if self.marks > marks and self.at_prompt:
                return True
            if time.monotonic() - pressed > 2:
                pressed = time.monotonic()
                self.type(CTRL_C)
            return False

        self.wait(done, "the prompt after Ctrl-C")

    def wait(self, until: Callable[[], bool], what: str = "what the test waits for") -> None:
        """Read what the shell sends until the condition holds, or fail and show the screen."""
        end = time.monotonic() + PATIENCE
        while not until():
            if self.ended or time.monotonic() > end:
                why = "the shell ended" if self.ended else f"not within {PATIENCE} s"
                screen = "\n".join(self._rows(0, self._screen.lines)).rstrip("\n")
                raise AssertionError(f"{self.shell}: {what}: {why}. The screen:\n{screen}")
            self._pump(min(0.5, max(end - time.monotonic(), 0)))

    def exit(self, text: str = "exit") -> int:
        """Type a line that ends the shell; return its exit code."""
        self.type(text + ENTER)
        self.wait(lambda: self.ended, "the end of the shell")
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """End the shell as a closed window does (SIGHUP), if it has not ended already."""
        if not hasattr(self, "_process"):
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    # How.

    def _pump(self, seconds: float) -> bool:
        """Feed what the shell sends within that time to the screen; return `ended`."""
        while not self.ended and self._master >= 0:
            if not select.select([self._master], [], [], seconds)[0]:
                break
            seconds = 0
            try:
                chunk = os.read(self._master, 65536)
            except OSError:  # on Linux, EIO means that nobody has the terminal open any more
                chunk = b""
            self.ended = not chunk
            # A mark may arrive in two pieces.
            self.marks += (self.raw[1 - len(MARK) :] + chunk).count(MARK)
            self.raw += chunk
            chunk = FOREIGN.sub(b"", self._unfed + chunk)
            tail = UNFINISHED.search(chunk)
            self._unfed = tail[0] if tail else b""
            self._stream.feed(chunk[: len(chunk) - len(self._unfed)])
        return self.ended

    def _answer(self, text: str) -> None:
        """Answer the shell's queries: where the cursor is, and what the terminal can do."""
        self.type(text)

    def _cells(self, row: int) -> list[Char]:
        line = self._screen.buffer[row]
        return [line[column] for column in range(self._screen.columns)]

    def _rows(self, first: int, end: int) -> list[str]:
        return ["".join(c.data for c in self._cells(row)).rstrip() for row in range(first, end)]

    def _left(self) -> str:
        cursor = self._screen.cursor
        return "".join(cell.data for cell in self._cells(cursor.y)[: cursor.x])


class _Screen(pyte.Screen):
    """pyte's screen, which also knows "dim", counts lost lines, and answers queries."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, lines)
        self.scrolled = 0
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        """Answer the program's queries to its terminal."""
        self._answer(data)

    def select_graphic_rendition(self, *codes: int) -> None:
        # pyte has no "dim" (SGR 2, off by 22): it stands in "blink" here, which no prompt of ours
        # has. A 2 within "38;5;2" is a colour's number.
        if 38 not in codes and 48 not in codes:
            codes = tuple(5 if code == 2 else code for code in codes)
            codes += (25,) * (22 in codes)
        super().select_graphic_rendition(*codes)

    def index(self) -> None:
        if self.cursor.y == self.lines - 1:
            self.scrolled += 1
        super().index()

    def make_room(self) -> None:
        """Scroll so that the cursor stands in the upper half; shells move relative to it."""
        surplus = self.cursor.y - self.lines // 2
        if surplus > 0:
            kept = {row - surplus: line for row, line in self.buffer.items() if row >= surplus}
            self.buffer.clear()
            self.buffer.update(kept)
            self.cursor.y -= surplus


def _look(cell: Char) -> str:
    colour = {"brown": "yellow", "default": ""}.get(cell.fg, cell.fg)
    words = ["bold"] * cell.bold + ["dim"] * cell.blink + ["reverse"] * cell.reverse
    return " ".join([*words, *([colour] if colour else [])]) or "plain"
