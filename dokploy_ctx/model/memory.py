"""What a terminal remembers of its session, where it goes when it begins and when it ends.

A folder's tool, such as direnv, may hide a session: it sets DOKPLOY_PROFILE where the folder is
entered, and puts back what was there where it is left. By then that may be the profile of a session
that has ended or moved on. Pure. Source: docs/internals.md, "The session".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..constants import MEMORY, OWNED, SAVED, SEPARATOR

# Set by direnv inside a folder that it knows.
IN_DIRENV = "DIRENV_DIR"


class Memory(NamedTuple):
    """What MEMORY says: whose session this is, and what is hidden by a folder's profile."""

    name: str = ""  # of the session's profile; "" where `off` ended it inside the folder
    url: str = ""  # url and key as they were exported; "" while the session rests
    key: str = ""
    outer: str = ""  # the session's profile when the folder was entered, "" = it was in none
    chosen: str = ""  # the folder's profile, which is active again after `off`

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Memory:
        """Return what `environ` remembers; all is "" where there is nothing."""
        name, _, pair = environ.get(MEMORY, "").partition(SEPARATOR)
        outer = chosen = ""
        if pair.startswith(SEPARATOR):  # no URL is empty
            _, outer, chosen, pair = [*pair.split(SEPARATOR, 3), "", "", ""][:4]
        url, _, key = pair.partition(SEPARATOR)
        return cls(name, url, key, outer, chosen)

    @property
    def text(self) -> str:
        """Return the value of MEMORY. A session that nobody hides is name, URL and key alone."""
        # A chosen name with the separator in it is no profile's.
        hidden = ("", self.outer, self.chosen.replace(SEPARATOR, "")) if self.outer else ()
        return SEPARATOR.join((self.name, *hidden, self.url, self.key))

    def seen(self, environ: Mapping[str, str]) -> Memory:
        """Return this without what a folder hides, if it was left without a change of variables.

        That is so where the session is of the same profile again as outside. direnv tells then.
        """
        unseen = self.outer == self.name and not environ.get(IN_DIRENV)
        return self._replace(outer="", chosen="") if unseen else self

    @property
    def of_ended(self) -> str:
        """Return the value of MEMORY once this session has ended, as long as it is hidden."""
        return self._replace(name="", url="", key="").text

    def is_left(self, environ: Mapping[str, str]) -> bool:
        """Return whether the folder that chose a profile was left, by what DOKPLOY_PROFILE is.

        It is what it was outside; or it is not there any more, and a folder's was: what a first
        switch replaced, or what made the session rest.
        """
        profile = environ.get("DOKPLOY_PROFILE", "")
        if profile:
            return profile == self.outer
        return bool(self.chosen) or f"{SAVED}DOKPLOY_PROFILE" in environ

    def hidden(self, environ: Mapping[str, str]) -> Memory:
        """Return what to remember where somebody else chose the profile in `environ`."""
        chosen = environ.get("DOKPLOY_PROFILE", "")
        return self._replace(url="", key="", outer=self.outer or self.name, chosen=chosen)


def in_session(environ: Mapping[str, str]) -> bool:
    """Return whether `environ` is a session of ours, and DOKPLOY_PROFILE still what we set."""
    name = environ.get("DOKPLOY_PROFILE", "")
    return bool(name) and environ.get(MEMORY, "").startswith(name + SEPARATOR)


def is_resting(environ: Mapping[str, str]) -> bool:
    """Return whether our session waits until somebody else's profile is gone (hook_answer.py)."""
    return environ.get(MEMORY, "").endswith(SEPARATOR * 2)


def ours(environ: Mapping[str, str]) -> list[str]:
    """Return the names of OWNED that are still as our session set them; none while it rests.

    The rest was changed by somebody since; it stays.
    """
    memory = Memory.of(environ)
    if not memory.url:
        return []
    still = {
        "DOKPLOY_PROFILE": environ.get("DOKPLOY_PROFILE") == memory.name,
        "DOKPLOY_URL": environ.get("DOKPLOY_URL", "") == memory.url,
        "DOKPLOY_API_KEY": environ.get("DOKPLOY_API_KEY", "") == memory.key,
        "DOKPLOY_AUTH_TOKEN": "DOKPLOY_AUTH_TOKEN" not in environ,
    }
    return [variable for variable in OWNED if still.get(variable, True)]


class Ending(NamedTuple):
    """What `off` does: put back `names` from their copies, export `profile`, remember `memory`.

    "" is nothing. The copies stay as long as there is a memory.
    """

    names: list[str]
    profile: str = ""
    memory: str = ""


def ending(environ: Mapping[str, str]) -> Ending:
    """Return what ends our session in `environ`, of which MEMORY says something.

    Inside a folder whose tool chose a profile, that is active again. Something is remembered until
    the folder is left, when the tool puts the session's profile back (returned()).
    """
    memory, names = Memory.of(environ), ours(environ)
    profile = environ.get("DOKPLOY_PROFILE", "")
    if memory.url and profile == memory.name:
        memory = memory.seen(environ)
        if not memory.chosen:
            return Ending(names)
        names.remove("DOKPLOY_PROFILE")
        return Ending(names, memory.chosen, memory.of_ended)
    if memory.is_left(environ):
        return Ending([*names, *(["DOKPLOY_PROFILE"] if profile else [])])
    return Ending(names, memory=memory.hidden(environ).of_ended if profile else "")


def returned(environ: Mapping[str, str]) -> Ending | None:
    """Return what takes back the profile of an ended session that a folder's tool put back."""
    memory = Memory.of(environ)
    if memory.name or not memory.is_left(environ):
        return None
    return Ending(list(OWNED) if environ.get("DOKPLOY_PROFILE") else [])


class Beginning(NamedTuple):
    """What a switch does before it exports: put back `names`; if it `saves`, copy what is there.

    `before` is what it has to remember besides the new session.
    """

    saves: bool
    names: list[str]
    before: Memory


def beginning(environ: Mapping[str, str], name: str) -> Beginning:
    """Return what has to be done before a switch to the profile `name` in `environ`."""
    if not environ.get(MEMORY):
        return Beginning(True, [], Memory())
    memory, names = Memory.of(environ), ours(environ)
    if memory.url and in_session(environ):
        return Beginning(False, [], memory if memory.name == name else memory.seen(environ))
    if memory.is_left(environ):
        # A copy of the folder's profile is of no use any more.
        saves = not environ.get("DOKPLOY_PROFILE") and f"{SAVED}DOKPLOY_PROFILE" in environ
        return Beginning(saves, names if saves else [], Memory())
    rest = [name for name in OWNED[1:] if name not in names or not memory.url]
    if any(environ.get(name) != environ.get(SAVED + name) for name in rest):
        return Beginning(True, names, Memory())  # changed by hand: that is what `off` restores
    return Beginning(False, [], memory.hidden(environ))
