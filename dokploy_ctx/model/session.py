"""What a switch changes in a terminal's environment, and how `off` takes it back.

Pure: environment in, `Change` out; emit.py spells it for a shell. The hooks do the same with
shell built-ins, and a test compares them variable by variable.
Source: docs/internals.md, "The session".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..constants import BROKER, MEMORY, OWNED, OWNED_BY_ROLE, SAVED, SEGMENT, SENTINEL, SEPARATOR
from ..errors import ConfigError
from ..text.foreign import exported_id, exported_name
from .profile import Profile, command, quoted
from .tool_variables import names_server_or_key

# More of a name, URL or key than this is nobody's; every program of a terminal would carry it, and
# from 128 KiB on none could be started at all.
LONGEST = 4096
# Holds a profile's name: the answer to the question before a protected profile is changed.
YES = "DCTX_YES"


def check_exportable(values: Iterable[tuple[str, str]], errors: str = "strict") -> None:
    """Return if an environment can hold every value as it is.

    Raises ConfigError (exit 4) naming the variable, never the value: NUL and lone surrogates
    cannot be there. Half of these surrogates are Python's own spelling of bytes that are no UTF-8;
    what comes from config.json never means that. `errors="surrogateescape"` is for an environment
    that holds the user's own variables, which may have such bytes.
    """
    for name, value in values:
        try:
            fit = b"\0" not in value.encode("utf-8", errors)
        except UnicodeEncodeError:
            fit = False
        if not fit:
            raise ConfigError(
                f"the value for {name} cannot be an environment variable. Run: dctx auth"
            )


class Copy(NamedTuple):
    """A value that the shell takes from a variable of its own, behind the text `before`.

    So the user's other keys stand in no text that a shell evaluates: a trace would show that.
    """

    of: str
    before: str = ""


class Change:
    """Variables to export (name → value) and to unset; order is that of insertion."""

    def __init__(self) -> None:
        self.export: dict[str, str | Copy] = {}
        self.unset: list[str] = []


def session_key(profile: Profile, key: str, environ: Mapping[str, str]) -> str:
    """Return what a session may hold as the key: `key`, or the sentinel that keeps it out.

    A profile without a key has nothing to keep out: protected or not, the core says so.
    """
    keeps_out = profile.protected or environ.get("DCTX_EXPORT_KEY") == "0"
    return SENTINEL if keeps_out and profile.has_key else key


def held_key(environ: Mapping[str, str], profile: Profile, url: str) -> str:
    """Return the key of `profile` that our session in `environ` holds since its switch, "" if none.

    That is for a profile whose key is kept elsewhere: the vault is asked once for a session.
    """
    key = environ.get("DOKPLOY_API_KEY", "")
    if not key or key == SENTINEL or profile.protected or profile.plain_key is not None:
        return ""
    if not profile.has_key:  # it was removed since the switch
        return ""
    return key if environ.get(MEMORY) == SEPARATOR.join((profile.name, url, key)) else ""


def target_of(profile: Profile, url: str, key: str) -> dict[str, str]:
    """Return what the variables of OWNED are for the profile; one that is missing is unset.

    Raises ConfigError (exit 4) where a value is longer than any program could take, or where no
    environment can hold it.
    """
    values = {"DOKPLOY_PROFILE": profile.name, "DOKPLOY_URL": url, "DOKPLOY_API_KEY": key}
    for name, value in values.items():
        if len(value) > LONGEST:
            raise ConfigError(
                f"the value for {name} of profile {quoted(profile.name)} has {len(value)} "
                f"characters. The most is {LONGEST}."
            )
    check_exportable(values.items())
    about = {
        OWNED_BY_ROLE["org"]: exported_name(profile.organization),
        OWNED_BY_ROLE["org_id"]: exported_id(profile.organization_id),
    }
    return values | {name: value for name, value in about.items() if value}


def memory_of(name: str, url: str, key: str) -> str:
    """Return the text of MEMORY for a session of the profile.

    Raises ConfigError (exit 4) for a name with the separator in it: `off` would take a part of the
    name for the whole, and leave the session's variables behind.
    """
    if SEPARATOR in name:
        raise ConfigError(
            f"no terminal can switch to a profile whose name has a control character in it. "
            f"Run: {command('rename', name, 'NEW-NAME')}"
        )
    return SEPARATOR.join((name, url, key))


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


def without_session(environ: Mapping[str, str]) -> dict[str, str | None]:
    """Return which variables have the values that those of OWNED shall have without our session.

    None is for one that shall be unset.

    What somebody changed since our switch stays as it is; the rest returns to what was there
    before the first one.
    """
    names = ours(environ) if environ.get(MEMORY) and not is_resting(environ) else []
    source = {name: SAVED + name if name in names else name for name in OWNED}
    return {name: of if of in environ else None for name, of in source.items()}


def switch(environ: Mapping[str, str], profile: Profile, url: str, key: str | Copy) -> Change:
    """Return the change that points a terminal with `environ` at `profile`.

    `key` is what the session shall hold (session_key()), or the variable of the shell's that has
    it. A first switch saves what was there; a later one keeps the first one's copies.
    """
    text = key if isinstance(key, str) else ""
    target: dict[str, str | Copy] = {**target_of(profile, url, text)}
    start = memory_of(profile.name, url, "")
    memory: str | Copy = f"{start}{text}"
    if isinstance(key, Copy):
        target["DOKPLOY_API_KEY"], memory = key, key._replace(before=start)
    change = Change()
    if not in_session(environ):
        before = without_session(environ)
        for name in OWNED:
            if before[name] is not None:
                change.export[SAVED + name] = Copy(before[name] or "")
            elif SAVED + name in environ:
                change.unset.append(SAVED + name)
    for name in OWNED:
        if target.get(name):
            change.export[name] = target[name]
        else:
            change.unset.append(name)
    change.export[MEMORY] = memory
    return change


def off(environ: Mapping[str, str]) -> Change:
    """Return the change that takes our session out of `environ`; empty where there is none."""
    change = Change()
    if not environ.get(MEMORY):
        return change
    for name, of in without_session(environ).items():
        if of is None:
            change.unset.append(name)
        elif environ.get(name) != environ[of]:
            change.export[name] = Copy(of)
    change.unset += [SAVED + name for name in OWNED if SAVED + name in environ]
    change.unset.append(MEMORY)
    return change


def is_private(name: str) -> bool:
    """Return whether a session keeps the variable for itself, so that no program needs it."""
    return name != BROKER and name.startswith(("_DCTX_", SEGMENT))


def vault_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that hands out a key.

    Without the answer to our question, and without what a session keeps for itself, which may hold
    the key of another profile.
    """
    return {name: environ[name] for name in environ if name != YES and not is_private(name)}


def child_environment(
    environ: Mapping[str, str], profile: Profile, url: str, key: str
) -> dict[str, str]:
    """Return the environment of a command run as `profile`: the user's, with its credentials.

    Whatever else names a server or a key to a known tool, and all that a session keeps for itself,
    stays out; the user's own settings, DOKPLOY_ or not, stay.
    """
    child = {
        name: value
        for name, value in environ.items()
        if not (names_server_or_key(name) or is_private(name))
    }
    return child | target_of(profile, url, key)
