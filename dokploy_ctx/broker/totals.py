"""Count what a broker did, for the line at the end of the command."""

from __future__ import annotations

_SHOWN = 3


class Totals:
    """The numbers for the line at the end."""

    def __init__(self) -> None:
        self.requests = 0
        self.refused = 0
        self.names: list[str] = []  # the first refused procedures
        self.masked = 0  # answers in which something was masked

    def refuse(self, procedures: tuple[str, ...]) -> None:
        """Count a refusal of `procedures`."""
        self.refused += 1
        for name in procedures or ("another path",):
            if name not in self.names and len(self.names) <= _SHOWN:
                self.names.append(name)

    def text(self, label: str) -> str:
        """Return the line, "" if there was no request."""
        if not self.requests:
            return ""
        text = f"dctx: {label}: {_several(self.requests, 'request')}"
        if self.refused:
            more = ["..."] if len(self.names) > _SHOWN else []
            first = [*self.names[:_SHOWN], *more]
            text += f", {self.refused} refused ({', '.join(first)})"
        if self.masked:
            text += f", secrets masked in {_several(self.masked, 'answer')}"
        return text


def _several(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
