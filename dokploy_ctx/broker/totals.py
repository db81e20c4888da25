"""What a broker counts, for the line at its end."""

from __future__ import annotations


class Totals:
    """What the line at the end says."""

    def __init__(self) -> None:
        self.requests = 0
        self.refused = 0
        self.names: dict[str, int] = {}  # refused procedures
        self.masked = 0  # answers in which something was masked

    def refuse(self, procedures: tuple[str, ...]) -> None:
        """Count a refusal of `procedures`."""
        self.refused += 1
        for name in procedures or ("another path",):
            self.names[name] = self.names.get(name, 0) + 1

    def text(self, label: str) -> str:
        """Return the line, "" where nothing was asked."""
        if not self.requests:
            return ""
        text = f"dctx: {label}: {_several(self.requests, 'request')}"
        if self.refused:
            first = list(self.names)[:3] + (["..."] if len(self.names) > 3 else [])
            text += f", {self.refused} refused ({', '.join(first)})"
        if self.masked:
            text += f", secrets masked in {_several(self.masked, 'answer')}"
        return text


def _several(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
