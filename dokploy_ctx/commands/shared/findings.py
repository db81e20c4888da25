"""The findings of `dctx doctor`, printed for a person, a pipe or a program."""

from __future__ import annotations

from dataclasses import dataclass

from ...constants import COLOURS
from ...errors import DctxError
from ...text.foreign import clean
from ...text.table import View, painted
from ...text.wrapping import wrapped

_TOPIC = 9
_INDENT = 4 + _TOPIC


@dataclass(frozen=True)
class Finding:
    """The result of one check; `todo` is what to do about it, "" if all is well."""

    topic: str
    text: str
    todo: str = ""

    def lines(self, to: View) -> list[str]:
        """Return the finding as text: one line for a pipe, or lines that fit a terminal's window.

        What to do begins a line there, and a command in it is not broken: it is to be copied.
        """
        mark, text, todo = "!!" if self.todo else "ok", clean(self.text), clean(self.todo)
        head = f"{mark}  {self.topic:<{_TOPIC}}"
        if not to.columns:
            return [f"{head}{text}. {todo}" if todo else f"{head}{text}"]
        first, *more = wrapped(text, to.columns, _INDENT)
        colour = COLOURS["protected" if todo else "session"]
        found = [f"{painted(mark, colour, to)}{head[len(mark) :]}{first}", *more]
        if not todo:
            return found
        first, *more = wrapped(todo, to.columns, _INDENT)
        return [*found, " " * _INDENT + first, *more]

    def as_data(self) -> dict[str, str | bool | None]:
        """Return the finding for --json."""
        return {
            "topic": self.topic,
            "ok": not self.todo,
            "text": clean(self.text),
            "todo": clean(self.todo) or None,
        }


def from_error(topic: str, error: DctxError) -> Finding:
    """Return an error as a finding, whose last sentence is what to do."""
    text, _, todo = str(error).rpartition(". ")
    if not text:
        text, todo = str(error).rstrip("."), "Correct this first."
    return Finding(topic, text, todo)
