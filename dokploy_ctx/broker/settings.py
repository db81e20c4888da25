"""What a broker is told when it starts: one JSON object through a pipe, for it holds the key."""

from __future__ import annotations

import json
from typing import NamedTuple

from .filter import Rules


class Settings(NamedTuple):
    """The panel, the real key and the broker's own, the rules, and the command it serves."""

    url: str  # of the panel, no slash at the end
    shown_url: str  # the same, fit for a message
    key: str  # the real one: to the panel, and nowhere else
    own_key: str  # what the command has in its place
    headers: dict[str, str]  # the profile's own, to the panel alone
    proxy: str  # the user's HTTP proxy for this panel, "" for none
    label: str  # "prod read-only", for the line at the end
    rules: Rules
    pid: int  # of the command; the broker ends with it
    group: int  # the command's process group
    parent: int  # the process that waits for the command, a shell as a rule
    terminal: str  # path of the terminal for the line at the end, "" for none

    def dumps(self) -> bytes:
        """Return the settings as they go through the pipe."""
        rules = {**self.rules._asdict(), "reads": sorted(self.rules.reads)}
        return json.dumps({**self._asdict(), "rules": rules}).encode()


def loads(data: bytes) -> Settings:
    """Return the settings that dumps() made."""
    values = json.loads(data)
    rules = values.pop("rules")
    rules["reads"] = frozenset(rules["reads"])
    rules["allow"] = tuple(rules["allow"])
    return Settings(**values, rules=Rules(**rules))
