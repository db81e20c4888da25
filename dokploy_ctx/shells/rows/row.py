"""What a row of a shell holds: the abstract methods are what a new shell has to say.

A shell with a hook is a Row. `sh` is a Spelling alone: text is made for it, but no hook.
"""

from __future__ import annotations

import os
import re
import shlex
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

from ...model.session import Change, Copy
from ...text import messages

# The variable that holds the key while a text of `dctx env` is evaluated.
KEY = "__dctx_key"
READONLY = messages.SHELL["readonly"] % "one of the variables that dctx sets"

MARK = "# added by: dctx install"


def finder(lines: Iterable[str]) -> re.Pattern[bytes]:
    """Return what finds our line in a start-up file; its group holds the notes behind MARK.

    `lines`: patterns of what stands before MARK.
    """
    line = f"^(?:{'|'.join(lines)})  {re.escape(MARK)}"
    return re.compile(line.encode() + rb"(?: \(([^()\n]*)\))?\r?(?:\n|\Z)", re.MULTILINE)


def read(path: str) -> bytes | None:
    """Return the bytes of the file `path`, None where there is none to read: a pipe would block."""
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def folder_of(environ: Mapping[str, str], variable: str, otherwise: str) -> str:
    """Return the folder that a variable names, where it is an absolute path."""
    value = environ.get(variable, "")
    return value if os.path.isabs(value) else otherwise


class Spelling(ABC):
    """How a shell quotes, sets, unsets and evaluates. Each line ends in a newline."""

    name: str  # its program's, and what it is called on the command line and in file names
    kind: str  # of all SHELLS that understand the same text, the one that it is asked for as
    nothing = "true\n"  # a line that does nothing

    @abstractmethod
    def quote(self, value: str) -> str:
        """Return `value` as one word."""

    @abstractmethod
    def copy(self, before: str, name: str) -> str:
        """Return as one word the text `before` and behind it the value of the variable `name`."""

    @abstractmethod
    def assign(self, name: str, value: str) -> str:
        """Return the line that sets a variable of the hook's own."""

    @abstractmethod
    def export(self, name: str, word: str) -> str:
        """Return the line that exports `word`, quoted already, as `name`."""

    @abstractmethod
    def unset(self, name: str) -> str:
        """Return the line that unsets a variable."""

    @abstractmethod
    def typed_unset(self, names: Iterable[str]) -> str:
        """Return how a person unsets variables."""

    def text(self, change: Change, fetch: Sequence[str] = ()) -> str:
        """Return `change` as text to evaluate. Never "": a program prints that that cannot run.

        `fetch`: the command that prints what the variable KEY shall hold, as fetched() has it;
        where it fails nothing is changed.
        """
        if not change.export and not change.unset:
            return self.nothing
        lines = [
            self.export(
                name,
                self.copy(value.before, value.of) if isinstance(value, Copy) else self.quote(value),
            )
            for name, value in change.export.items()
        ]
        lines += map(self.unset, change.unset)
        return self.evaluated("".join(lines), fetch)

    @abstractmethod
    def evaluated(self, changes: str, fetch: Sequence[str]) -> str:
        """Return a text to evaluate: the lines `changes`, which no trace shows.

        `fetch`: the words of the command whose output KEY holds meanwhile, or none. Where it fails
        nothing is changed.
        """

    @abstractmethod
    def fetched(self, key: str) -> str:
        """Return what that command prints, so that KEY is `key` to the last character."""


class Row(Spelling):
    """A shell with a hook."""

    # Each file that a terminal loads, without ".NAME", and the scripts it is made of. "core" comes
    # first, and is loaded at once; the others are loaded when something first needs them.
    pieces: Sequence[tuple[str, Sequence[str]]]
    # The scripts that a terminal keeps in memory: what it does once these files are gone.
    leaving: Sequence[str]
    source = "source {file}"  # loads the hook into a terminal that runs; {file} is a quoted path
    init: str  # does the same by the program
    line: str  # does it in a start-up file: silent where the file does not exist
    # A program that runs commands in this shell, as tools do, and is not this terminal.
    runs: Sequence[str] = ()

    # Scripts.

    def loader(self, core: str) -> str:
        """Return the hook file, which loads the file `core`.

        Every shell can read it, and says that it is not for that one. Where a shell's language
        shares nothing with the others', its row returns what only that shell can read.
        """
        is_it = f"""'[' -n "${self.name.upper()}_VERSION" ']'"""
        other = shlex.quote(messages.SHELL["wrong_shell"] % self.name)
        rest = "".join(f"{is_it} && {line}\n" for line in self.loads(core))
        return f"{is_it} || 'echo' {other} >&2\n{rest}"

    def loads(self, core: str) -> Sequence[str]:
        """Return the commands that load the file `core`."""
        return [f"'builtin' source {shlex.quote(core)}"]

    def adapted(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        """Return the texts of its pieces as this shell is to read them: piece → text."""
        return texts

    def piece(self, header: Mapping[str, str], text: str) -> str:
        """Return the text of a piece with its constants."""
        return "".join(self.assign(*pair) for pair in header.items()) + text

    # Start-up files.

    @property
    def line_pattern(self) -> str:
        """What finds our line without MARK, of any version: all begin and end as `line` does."""
        before, _, after = self.line.format(file="\0").partition("\0")
        begin = re.match(r"\S* ?", before)
        assert begin
        return f"{re.escape(begin[0])}[^\\n]*{re.escape(after.rpartition(chr(0))[2])}"

    @property
    def ours(self) -> re.Pattern[bytes]:
        """What finds our line in a start-up file of this shell."""
        return finder([self.line_pattern])

    def code(self, path: str) -> bytes:
        """Return the lines of a start-up file that are neither comments nor ours."""
        data = self.ours.sub(b"", read(path) or b"")
        return b"\n".join(line for line in data.split(b"\n") if not line.lstrip().startswith(b"#"))

    @abstractmethod
    def rc_files(self, environ: Mapping[str, str], platform: str) -> list[str]:
        """Return the files that get our line. `platform` is sys.platform."""

    def every_rc_file(self, environ: Mapping[str, str], platform: str) -> list[str]:
        """Return the files that may have got it, now or when the environment was another one."""
        return self.rc_files(environ, platform)

    @abstractmethod
    def manual_files(self, environ: Mapping[str, str]) -> list[str]:
        """Return the files in which somebody may load the hook by a line of their own."""

    def tab_needs(self, _environ: Mapping[str, str]) -> tuple[str, str] | None:
        """Return what Tab still needs and what to do about it by hand, or None."""
        return None

    def place_in_theme(self, _environ: Mapping[str, str]) -> str:
        """Return how to move the segment in the prompt theme that is loaded, or ""."""
        return ""

    def path_file(self, _environ: Mapping[str, str]) -> str:
        """Return the file at whose end PATH is set for what `runs` starts, or ""."""
        return ""
