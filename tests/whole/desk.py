"""A model of a terminal: its variables, its session, its prompt, and what its `dokploy` gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dokploy_ctx.constants import OWNED, SENTINEL
from dokploy_ctx.model.profile import NAME
from dokploy_ctx.model.resolve import FIT
from dokploy_ctx.text.foreign import segment

from .saved import Saved

PROFILE, URL, KEY, TOKEN = OWNED[:4]
# What the `.env` of a folder says.
FOLDERS: dict[str, dict[str, str]] = {
    "plain": {},
    "dotted": {URL: "https://dot.example.com", KEY: "QQZ-dot"},
    "half": {URL: "https://half.example.com"},
}


class Seen(NamedTuple):
    """What a prompt shows, and what the next `dokploy` gets, or the `code` of its refusal."""

    segment: str
    state: str
    name: str = ""
    pair: tuple[str, str] | None = None
    code: int = 0
    default: bool = False

    @property
    def drawn(self) -> str:
        """Return the segment with its brackets."""
        if not self.segment:
            return ""
        text = f"(({self.segment}))" if self.state == "protected" else f"({self.segment})"
        return f"{'~' if self.default and self.segment != '?' else ''}{text} "


class Desk:
    """What a terminal has: `vars` of OWNED that are exported, and its session."""

    def __init__(self, saved: Saved) -> None:
        self.saved = saved
        self.vars: dict[str, str] = {}
        self.before: dict[str, str] = {}
        self.memory: tuple[str, str, str] | None = None  # name, URL and key that a switch exported
        self.resting = False
        # Somebody, such as direnv, chose a profile while `outer` was ours, and will put that back.
        self.outer = self.chosen = ""
        self.prev = ""
        self.folder = "plain"

    @property
    def in_session(self) -> bool:
        """Return whether DOKPLOY_PROFILE is what our switch made it."""
        return self.memory is not None and self.vars.get(PROFILE) == self.memory[0]

    @property
    def has_pair(self) -> bool:
        """Return whether URL and key are what our switch made them."""
        pair = (self.vars.get(URL, ""), self.vars.get(KEY, ""))
        return self.memory is not None and not self.resting and self.memory[1:] == pair

    def _put_back(self) -> None:
        """Restore variables that are still as the session set them; others stay."""
        assert self.memory is not None
        name, url, key = self.memory
        still = {
            PROFILE: self.vars.get(PROFILE) == name,
            URL: self.vars.get(URL, "") == url,
            KEY: self.vars.get(KEY, "") == key,
            TOKEN: TOKEN not in self.vars,
        }
        for variable in OWNED:
            if still.get(variable, True):
                self.vars.pop(variable, None)
                if variable in self.before:
                    self.vars[variable] = self.before[variable]

    def _set(self, name: str, key: str) -> None:
        entry = self.saved.profiles[name]
        organization = entry.get("organization") or {}
        values = {PROFILE: name, URL: entry["url"], KEY: key}
        values |= {"DCTX_ORG": organization.get("name"), "DCTX_ORG_ID": organization.get("id")}
        self.vars = {variable: value for variable, value in values.items() if value}
        self.memory, self.resting = (name, entry["url"], key), False

    def _is_left(self) -> bool:
        """Return whether whoever chose a profile has put back what was there before."""
        name = self.vars.get(PROFILE, "")
        if name:
            return name == self.outer
        return bool(self.chosen) or PROFILE in self.before

    def _hide(self) -> None:
        """Remember who chose a profile, and what comes back."""
        if self.memory is not None:
            self.outer = self.outer or self.memory[0]
        self.chosen = self.vars.get(PROFILE, "")

    def _end(self) -> None:
        self.memory, self.resting, self.before = None, False, {}
        self.outer = self.chosen = ""

    def _end_again(self) -> None:
        """Take back the profile of an ended session."""
        if self._is_left():
            if self.vars.get(PROFILE):
                self.vars = dict(self.before)
            self._end()

    def _begin(self, name: str) -> None:
        """Do what comes before the variables of a session are set."""
        active = self.memory is not None and not self.resting
        if self.memory is None and not self.outer:
            self.before = dict(self.vars)
        elif active and self.in_session:
            assert self.memory is not None
            if name != self.memory[0] == self.outer:
                self.outer = self.chosen = ""
        elif self._is_left():
            if not self.vars.get(PROFILE) and PROFILE in self.before:
                if active:
                    self._put_back()
                self.before = dict(self.vars)
            self.outer = self.chosen = ""
        else:
            here = dict(self.vars)
            if active:
                self._put_back()
            if all(self.vars.get(n) == self.before.get(n) for n in OWNED[1:]):
                self.vars = here
                self._hide()
            else:
                self.before = dict(self.vars)
                self.outer = self.chosen = ""

    def prompt(self) -> None:
        """Keep the session true, as each prompt does."""
        if self.memory is None:
            if self.outer:
                self._end_again()
            return
        if (self.in_session or self._is_left()) and self._renewed():
            return
        if not self.in_session and not self.resting:
            self._put_back()
            self._hide()
            self.resting = True

    def _renewed(self) -> bool:
        """Make the session this terminal's again, with what is saved now, if that can be."""
        assert self.memory is not None
        if self.resting:
            if any(self.vars.get(n) != self.before.get(n) for n in (URL, KEY)):
                return False
        elif not self.has_pair:
            return False
        name = self.memory[0]
        if self.saved.damaged or name not in self.saved.profiles:
            return False
        entry = self.saved.profiles[name]
        key = self.saved.session_key(name)
        if entry.get("tokenCommand") and key != SENTINEL:
            # The vault is not asked at a prompt.
            key = self.vars.get(KEY, "") if self.vars.get(URL) == entry["url"] else SENTINEL
        self._begin(name)
        self._set(name, key or SENTINEL)
        return True

    def switch(self, name: str) -> int:
        """Do `dctx NAME`; return its exit code."""
        if self.saved.damaged:
            return 4
        if name not in self.saved.profiles:
            return 3
        key = self.saved.session_key(name)
        if not key:
            return 4
        if self.in_session and self.vars[PROFILE] != name:
            self.prev = self.vars[PROFILE]
        self._begin(name)
        self._set(name, key)
        return 0

    def off(self) -> int:
        """Do `dctx off`."""
        if self.memory is None:
            if self.outer:
                self._end_again()
            return 0
        self.prev, active = self.memory[0], not self.resting
        chosen = self.vars.get(PROFILE, "")
        inside = bool(chosen) and not self._is_left()
        if active and self.in_session:
            inside = bool(self.chosen) and self.outer != self.memory[0]
            chosen = self.chosen
        elif self._is_left() and chosen:
            self.vars.pop(PROFILE)
            if PROFILE in self.before:
                self.vars[PROFILE] = self.before[PROFILE]
        if active:
            self._put_back()
        if inside:
            self.vars[PROFILE] = chosen
            self._hide()
            self.memory, self.resting = None, False
        else:
            self._end()
        return 0

    def back(self) -> int:
        """Do `dctx -`."""
        if self.in_session:
            return self.off() if self.prev in ("", self.vars[PROFILE]) else self.switch(self.prev)
        target = self.memory[0] if self.memory else self.prev
        return self.switch(target) if target else 1

    def renamed(self, old: str, new: str) -> None:
        """Follow a rename that this terminal's own command made."""
        prev = new if self.prev == old else self.prev
        if self.in_session and self.vars[PROFILE] == old:
            self.switch(new)
        else:
            self.prompt()
        self.prev = prev

    def seen(self) -> Seen:
        """Return what the prompt shows and the next `dokploy` uses."""
        name = self.vars.get(PROFILE, "")
        if name:
            if self.saved.damaged:
                return Seen("?", "unknown", code=4)
            if name not in self.saved.profiles:
                return Seen(f"{name}!" if self.in_session and NAME.match(name) else "?", "unknown",
                            code=3)  # fmt: skip
            changed = self.in_session and not self.resting and not self.has_pair
            return self._profile(name, "session", changed=changed)
        return self._pair() or self._default()

    def _pair(self) -> Seen | None:
        file = FOLDERS[self.folder]
        url = self.vars.get(URL) or file.get(URL, "")
        key = self.vars.get(KEY) or file.get(KEY, "")
        if not (url and key):
            return None
        if not self.vars.get(URL) and self.vars.get(KEY):
            return Seen("?", "unknown", code=6)
        return Seen(f"env:{url.removeprefix('https://')}", "env", pair=(url, key))

    def _default(self) -> Seen:
        if self.saved.damaged:
            return Seen("?", "unknown", code=4)
        current = (self.saved.data or {}).get("currentProfile") or ""
        if not current or not self.saved.profiles:
            return Seen("", "")
        if current not in self.saved.profiles:
            return Seen("?", "unknown", code=3)
        return self._profile(current, "default")

    def _profile(self, name: str, state: str, *, changed: bool = False) -> Seen:
        entry = self.saved.profiles[name]
        key = self.saved.key_of(name)
        code = 0 if key else 4
        if not FIT.match(name):
            return Seen("?", "unknown", name, (entry["url"], key), code)
        mark = "!" if changed or not key else ""
        text = segment(name, (entry.get("organization") or {}).get("name") or "") + mark
        return Seen(text, "protected" if entry.get("protected") else state, name,
                    (entry["url"], key), code, state == "default")  # fmt: skip


def passed(environ: Mapping[str, str]) -> tuple[str, tuple[str, str] | None]:
    """Return the profile's name and the pair that an environment has."""
    pair = (environ.get(URL, ""), environ.get(KEY, ""))
    return environ.get(PROFILE, ""), pair if any(pair) else None
