"""What a switch changes in a terminal's environment, and how `off` takes it back.

Pure: environment in, `Change` out; emit.py spells it for a shell. The hooks do the same with
shell built-ins, and a test compares them variable by variable.
Source: design.md, "Session".
"""

from __future__ import annotations

from collections.abc import Mapping

from .constants import MEMORY, OWNED, OWNED_BY_ROLE, SAVED, SCRUBBED, SENTINEL, SEPARATOR
from .profile import Profile
from .text import clean

_ORG, _ORG_ID = OWNED_BY_ROLE["org"], OWNED_BY_ROLE["org_id"]


class Change:
    """Variables to export (name → value) and to unset; order is that of insertion."""

    def __init__(self) -> None:
        self.export: dict[str, str] = {}
        self.unset: list[str] = []


def session_key(profile: Profile, key: str, environ: Mapping[str, str]) -> str:
    """Return what a session may hold as the key: `key`, or the sentinel that keeps it out."""
    return SENTINEL if profile.protected or environ.get("DCTX_EXPORT_KEY") == "0" else key


def in_session(environ: Mapping[str, str]) -> bool:
    """Return whether `environ` is a session of ours, and DOKPLOY_PROFILE still what we set."""
    memory = environ.get(MEMORY, "")
    return bool(memory) and memory.startswith(environ.get("DOKPLOY_PROFILE", "") + SEPARATOR)


def is_resting(environ: Mapping[str, str]) -> bool:
    """Return whether our session waits until somebody else's profile is gone (answer.py)."""
    return environ.get(MEMORY, "").endswith(SEPARATOR * 2)


def ours(environ: Mapping[str, str]) -> list[str]:
    """Return the names of OWNED that are still as our session set them.

    The rest was changed by somebody since; it stays.
    """
    name, _, pair = environ.get(MEMORY, "").partition(SEPARATOR)
    url, _, key = pair.partition(SEPARATOR)
    still = {
        "DOKPLOY_PROFILE": environ.get("DOKPLOY_PROFILE") == name,
        "DOKPLOY_URL": environ.get("DOKPLOY_URL", "") == url,
        "DOKPLOY_API_KEY": environ.get("DOKPLOY_API_KEY", "") == key,
        "DOKPLOY_AUTH_TOKEN": "DOKPLOY_AUTH_TOKEN" not in environ,
    }
    return [variable for variable in OWNED if still.get(variable, True)]


def withdraw(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return what the variables of OWNED shall be without our session (None = unset).

    What somebody changed since our switch stays as it is; the rest returns to what was there
    before the first one.
    """
    names = ours(environ) if environ.get(MEMORY) and not is_resting(environ) else []
    return {
        name: environ.get(SAVED + name) if name in names else environ.get(name) for name in OWNED
    }


def switch(environ: Mapping[str, str], profile: Profile, url: str, key: str) -> Change:
    """Return the change that points a terminal with `environ` at `profile`.

    `key` is what the session shall hold (session_key()). A first switch saves what was there; a
    later one keeps the first one's copies.
    """
    target = {
        "DOKPLOY_PROFILE": profile.name,
        "DOKPLOY_URL": url,
        "DOKPLOY_API_KEY": key,
        _ORG: clean(profile.organization),
        _ORG_ID: clean(profile.organization_id),
    }
    change = Change()
    if not in_session(environ):
        before = withdraw(environ)
        for name in OWNED:
            value = before[name]
            if value is not None:
                change.export[SAVED + name] = value
            elif SAVED + name in environ:
                change.unset.append(SAVED + name)
    for name in OWNED:
        if target.get(name):
            change.export[name] = target[name]
        else:
            change.unset.append(name)
    change.export[MEMORY] = SEPARATOR.join((profile.name, url, key))
    return change


def off(environ: Mapping[str, str]) -> Change:
    """Return the change that takes our session out of `environ`; empty where there is none."""
    change = Change()
    if not environ.get(MEMORY):
        return change
    for name, value in withdraw(environ).items():
        if value is None:
            change.unset.append(name)
        elif environ.get(name) != value:
            change.export[name] = value
    change.unset += [SAVED + name for name in OWNED if SAVED + name in environ]
    change.unset.append(MEMORY)
    return change


def child_environment(
    environ: Mapping[str, str], profile: Profile, url: str, key: str
) -> dict[str, str]:
    """Return the environment of a command run as `profile`: its credentials, nothing else of ours.

    Every other DOKPLOY_ variable but the configuration's folder, and all that a session keeps for
    itself, stays out.
    """
    child = {
        name: value
        for name, value in environ.items()
        if not name.startswith("DOKPLOY_") and name not in (*OWNED, *SCRUBBED)
    }
    if "DOKPLOY_CONFIG_DIR" in environ:
        child["DOKPLOY_CONFIG_DIR"] = environ["DOKPLOY_CONFIG_DIR"]
    child |= {"DOKPLOY_PROFILE": profile.name, "DOKPLOY_URL": url, "DOKPLOY_API_KEY": key}
    if profile.organization:
        child[_ORG] = clean(profile.organization)
    if profile.organization_id:
        child[_ORG_ID] = clean(profile.organization_id)
    return child
