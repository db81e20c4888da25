"""The settings of a broker, sent as JSON through a pipe, since they include the key."""

from __future__ import annotations

import json
from typing import NamedTuple

from .filter import Rules


class Settings(NamedTuple):
    """The panel, the real key and the broker's own, the rules, and the command."""

    url: str  # the panel's, without a slash at the end
    shown_url: str  # the same, safe for a message
    key: str  # the real key, which is sent to the panel alone
    own_key: str  # the key that the command has instead
    headers: dict[str, str]  # the profile's own, sent to the panel alone
    proxy: str  # the user's HTTP proxy for this panel, "" for none
    label: str  # "prod read-only", for the line at the end
    rules: Rules
    pid: int  # the command's; the broker ends with it
    group: int  # the command's process group
    parent: int  # the process that waits for the command, usually a shell
    terminal: str  # path of the terminal for the line at the end, "" for none

    def dumps(self) -> bytes:
        """Return the settings as JSON."""
        rules = {**self.rules._asdict(), "reads": sorted(self.rules.reads)}
        return json.dumps({**self._asdict(), "rules": rules}).encode()


def loads(data: bytes) -> Settings:
    """Return the settings from the JSON that dumps() made."""
    values = json.loads(data)
    rules = values.pop("rules")
    rules["reads"] = frozenset(rules["reads"])
    rules["allow"] = tuple(rules["allow"])
    return Settings(**values, rules=Rules(**rules))
