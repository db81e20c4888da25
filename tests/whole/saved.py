"""A model of config.json: what it says, and what each command of dctx's makes of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from dokploy_ctx.constants import RESERVED, SENTINEL
from dokploy_ctx.model.profile import NAME

# The fields that `dctx auth` replaces, besides the URL.
OF_THE_KEY = ("token", "tokenCommand", "keyring", "organization", "keyId", "expiresAt")


class Saved:
    """config.json; `data` is None if there is no file, and `damaged` if it is not JSON."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data: dict[str, Any] | None = data
        self.damaged = False

    @property
    def profiles(self) -> dict[str, dict[str, Any]]:
        """Return the entries by name."""
        found: dict[str, dict[str, Any]] = (self.data or {}).get("profiles") or {}
        return found

    def key_of(self, name: str) -> str:
        """Return the key that the official CLI must get for a profile, "" for none."""
        entry = self.profiles[name]
        if entry.get("tokenCommand"):
            return Path(entry["tokenCommand"][1]).read_text().split("\n")[0]
        return str(entry.get("token") or "")

    def session_key(self, name: str) -> str:
        """Return what a switch exports as the key."""
        return SENTINEL if self.profiles[name].get("protected") else self.key_of(name)

    def after(self, argv: list[str]) -> tuple[int, dict[str, Any] | None]:
        """Return the exit code of `dctx ARGV`, and config.json behind it."""
        if self.damaged:
            return 4, self.data
        data = copy.deepcopy(self.data) if self.data is not None else {}
        verb, *words = argv
        code = getattr(self, f"_{verb}")(data, *words)
        return (code, self.data) if code or data == (self.data or {}) else (0, data)

    def _clashes(self, name: str, beside: str = "") -> bool:
        taken = (other.lower() for other in self.profiles if other not in (name, beside))
        return not NAME.match(name) or name.lower() in RESERVED or name.lower() in taken

    def _use(self, data: dict[str, Any], name: str) -> int:
        if name not in self.profiles:
            return 3
        data["currentProfile"] = name
        return 0

    def _rename(self, data: dict[str, Any], old: str, new: str) -> int:
        if old not in self.profiles:
            return 3
        if new in self.profiles or self._clashes(new, old):
            return 2
        data["profiles"] = {new if n == old else n: e for n, e in data["profiles"].items()}
        if data.get("currentProfile") == old:
            data["currentProfile"] = new
        return 0

    def _remove(self, data: dict[str, Any], name: str) -> int:
        if name not in self.profiles:
            return 3
        del data["profiles"][name]
        if data.get("currentProfile") == name:
            del data["currentProfile"]
        return 0

    def _protect(self, data: dict[str, Any], name: str) -> int:
        if name not in self.profiles:
            return 3
        data["profiles"][name]["protected"] = True
        return 0

    def _unprotect(self, data: dict[str, Any], name: str) -> int:
        if name not in self.profiles:
            return 3
        data["profiles"][name].pop("protected", None)
        return 0

    def _auth(self, data: dict[str, Any], name: str, url: str, key: str) -> int:
        if name not in self.profiles and self._clashes(name):
            return 2
        if not self.profiles:
            data["currentProfile"] = name
        entry = data.setdefault("profiles", {}).setdefault(name, {})
        for field in OF_THE_KEY:
            entry.pop(field, None)
        entry |= {"url": url, "token": key}
        return 0

    def _import(self, data: dict[str, Any], name: str, url: str, key: str) -> int:
        """The file has a new profile with its key; or, of one that exists, that it is protected."""
        if name in self.profiles:
            data["profiles"][name]["protected"] = True
            return 0
        if self._clashes(name):
            return 2
        data.setdefault("profiles", {})[name] = {"url": url, "token": key}
        if not self.profiles:
            data["currentProfile"] = name
        return 0

    def _sync(self, _: dict[str, Any]) -> int:
        return 0

    def file(self) -> bytes | None:
        """Return config.json's bytes as a foreign program writes them."""
        if self.data is None:
            return None
        text = json.dumps(self.data, indent=3)
        return (text[:-2] if self.damaged else text).encode()
