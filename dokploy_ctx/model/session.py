"""What a switch changes in a terminal's environment, and how `off` restores it.

Pure: takes an environment and returns a `Change`, which shells/emit.py writes in the words of a
shell. The hooks do the same with shell built-ins; a test compares both variable by variable.
docs/internals.md, "The session", describes the variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..constants import BROKER, MEMORY, OWNED, OWNED_BY_ROLE, SAVED, SEGMENT, SENTINEL, SEPARATOR
from ..errors import ConfigError
from ..text.foreign import exported_id, exported_name
from .memory import Memory, beginning, ending
from .profile import Profile, command, quoted
from .tool_variables import names_server_or_key

# The longest name, URL or key; real ones are far shorter. Every program of a terminal gets them,
# and from 128 KiB on the kernel would start no program at all.
LONGEST = 4096
# The variable with a profile's name that confirms changes with that protected profile.
YES = "DCTX_YES"


def check_exportable(values: Iterable[tuple[str, str]], errors: str = "strict") -> None:
    """Return if every value can be an environment variable.

    Raises ConfigError (exit 4) for a value with NUL or a lone surrogate; it names the variable and
    not the value. Python spells bytes that are not UTF-8 as such surrogates. Values of config.json
    never mean bytes, but the user's own variables may: `errors="surrogateescape"` is for these.
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
    """A value that the shell copies from its own variable `of`, after the text `before`.

    So no key of the user's is in a text that a shell evaluates, where a trace (set -x) shows it.
    """

    of: str
    before: str = ""


class Change:
    """Variables to export (name → value) and to unset, in the order in which they were added."""

    def __init__(self) -> None:
        self.export: dict[str, str | Copy] = {}
        self.unset: list[str] = []


def session_key(profile: Profile, key: str, environ: Mapping[str, str]) -> str:
    """Return what a session exports as the key: `key` itself, or the sentinel in its place.

    Without a key there is nothing to hide, so that dokploy fails with the core's own message.
    """
    keeps_out = profile.protected or environ.get("DCTX_EXPORT_KEY") == "0"
    return SENTINEL if keeps_out and profile.has_key else key


def held_key(environ: Mapping[str, str], profile: Profile, url: str) -> str:
    """Return the key of `profile` that our session in `environ` got at its switch, or "".

    This is for a profile whose key is kept elsewhere, so that a vault is asked once per session.
    """
    key = environ.get("DOKPLOY_API_KEY", "")
    if not key or key == SENTINEL or profile.protected or profile.plain_key is not None:
        return ""
    if not profile.has_key:  # it was removed since the switch
        return ""
    return key if Memory.of(environ)[:3] == (profile.name, url, key) else ""


def target_of(profile: Profile, url: str, key: str) -> dict[str, str]:
    """Return the values of the variables in OWNED for the profile; the others are to be unset.

    Raises ConfigError (exit 4) if a value is too long or cannot be an environment variable.
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


def memory_of(name: str, url: str, key: str, before: Memory) -> str:
    """Return the text of MEMORY for a session of the profile.

    Raises ConfigError (exit 4) for a name that contains the separator: `off` would take a part of
    the name for the whole, and leave the session's variables behind.
    """
    if SEPARATOR in name:
        raise ConfigError(
            f"no terminal can switch to a profile whose name has a control character in it. "
            f"Run: {command('rename', name, 'NEW-NAME')}"
        )
    return before._replace(name=name, url=url, key=key).text


def switch(environ: Mapping[str, str], profile: Profile, url: str, key: str | Copy) -> Change:
    """Return the change that switches a terminal with `environ` to `profile`.

    `key` is what the session exports (session_key()), or the shell's variable that has it. The
    first switch saves copies of the old values; a later switch keeps these copies.
    """
    text = key if isinstance(key, str) else ""
    target: dict[str, str | Copy] = {**target_of(profile, url, text)}
    begins = beginning(environ, profile.name)
    start = memory_of(profile.name, url, "", begins.before)
    memory: str | Copy = f"{start}{text}"
    if isinstance(key, Copy):
        target["DOKPLOY_API_KEY"], memory = key, key._replace(before=start)
    change = Change()
    if begins.saves:
        before = _put_back(environ, begins.names)
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


def _put_back(environ: Mapping[str, str], names: list[str]) -> dict[str, str | None]:
    """Return which variable has the value that each of OWNED shall have; None: it shall be unset.

    Those in `names` return to what was there before the first switch, the rest stays.
    """
    source = {name: SAVED + name if name in names else name for name in OWNED}
    return {name: of if of in environ else None for name, of in source.items()}


def off(environ: Mapping[str, str]) -> Change:
    """Return the change that ends our session in `environ`; empty if there is no session."""
    change = Change()
    if not environ.get(MEMORY):
        return change
    ends = ending(environ)
    for name, of in _put_back(environ, ends.names).items():
        if of is None:
            change.unset.append(name)
        elif environ.get(name) != environ[of]:
            change.export[name] = Copy(of)
    if ends.profile:
        change.export["DOKPLOY_PROFILE"] = ends.profile
    if ends.memory:
        change.export[MEMORY] = ends.memory
        return change
    change.unset += [SAVED + name for name in OWNED if SAVED + name in environ]
    change.unset.append(MEMORY)
    return change


def is_private(name: str) -> bool:
    """Return whether the variable is for the hooks alone, so that programs do not get it."""
    return name != BROKER and name.startswith(("_DCTX_", SEGMENT))


def vault_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program that prints a key.

    It gets neither the confirmation for a protected profile nor the private variables of a session,
    which may contain the key of another profile.
    """
    return {name: environ[name] for name in environ if name != YES and not is_private(name)}


def child_environment(
    environ: Mapping[str, str], profile: Profile, url: str, key: str
) -> dict[str, str]:
    """Return the environment for a command with `profile`: the user's, and URL, key and names.

    Other variables that name a server or a key to a known tool are removed, and so are the private
    variables of a session. The user's own settings stay, whether or not they begin with DOKPLOY_.
    """
    child = {
        name: value
        for name, value in environ.items()
        if not (names_server_or_key(name) or is_private(name))
    }
    return child | target_of(profile, url, key)
