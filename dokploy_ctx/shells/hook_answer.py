"""What `dctx _hook` answers: all policy that a terminal needs, decided in one place.

Pure: a question with what a child of the terminal sees goes in, an Answer comes out. A hook asks
where its quick road ends, remembers the answer, and only carries it out. `session` tells how:

    ""    leave the session's variables alone
    set   where `save` is 1: put back the names in `restore`, forget all copies, copy what is there
          now. Then export profile, url, key, org, org_id and the memory; unset what is empty of
          them, and DOKPLOY_AUTH_TOKEN
    end   put back the names in `restore`; export `profile` if there is one; forget copies and
          memory
    rest  somebody else, such as direnv, chose a profile. As `end`, but keep the copies and export
          `memory`. Once that somebody puts back what was there, the next answer is `set`; or
          `end`, after `off`

To put back means: from its copy, exported if and only if the copy is; without a copy unset. A name
that is not in `restore` was changed by somebody since, and stays.
Source of the rules: docs/internals.md; every case is a row of tests/hooks/test_hook_answer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..constants import ANSWER_FIELDS, MEMORY, OWNED, OWNED_BY_ROLE, SAVED, SENTINEL
from ..errors import ConfigError, DctxError
from ..model.memory import (
    Beginning,
    Ending,
    Memory,
    beginning,
    ending,
    in_session,
    is_resting,
    ours,
    returned,
)
from ..model.profile import Profile, no_such_profile
from ..model.resolve import PAIR, Config, session_has_pair
from ..model.segment import Look, as_line, look
from ..model.session import memory_of, session_key, target_of
from ..text import messages
from ..text.foreign import clean
from . import rows


class Question(NamedTuple):
    """What a hook asks, and what a child of its shell sees."""

    action: str  # prompt | switch | off | back | rename
    environ: Mapping[str, str]
    load: Callable[[], Config]  # raises ConfigError
    now: int
    name: str = ""  # of the profile, for `switch`; the new one for `rename`
    old: str = ""  # the old name, for `rename`
    prev: str = ""
    gone: bool = False  # the shim is not there, so no `dokploy` sees a profile
    dotenv: str | None = None
    fetch: Callable[[Profile], str] = lambda profile: profile.token  # raises DctxError
    shell: str = "sh"
    brokered: str = ""  # what a command of the broker's shows; and why it may not do the rest
    refusal: DctxError | None = None


def answer(question: Question) -> dict[str, str]:
    """Return the values of ANSWER_FIELDS but for dir, gen and done, which the caller knows."""
    does = {
        "prompt": _prompt,
        "switch": lambda q: _switch(q, q.name),
        "off": _off,
        "back": _back,
        "rename": _rename,
    }
    found = {**dict.fromkeys(ANSWER_FIELDS, ""), "rc": "0", "prev": question.prev}
    try:
        if question.refusal and question.action != "prompt":
            raise question.refusal
        found |= does[question.action](question)
    except DctxError as error:
        # Nothing changes. What the prompt shows may still be new.
        found |= _shown(_look(question, question.environ))
        found |= {"rc": str(error.code), "say": as_line(error)}
    return found


def _shown(seen: Look) -> dict[str, str]:
    return {
        "level": str(seen.level),
        "name": seen.name,
        "segment": seen.segment,
        "state": seen.state,
        "shown": seen.shown,
        "until": seen.until,
        "say": seen.say,
    }


def _look(q: Question, environ: Mapping[str, str]) -> Look:
    if q.brokered:
        return Look(PAIR, "", q.brokered, "session", f"({q.brokered}) ")
    return look(environ, q.dotenv, q.load, q.now, gone=q.gone)


# ---- The prompt ----


def _prompt(q: Question) -> dict[str, str]:
    change, environ = _tended(q)
    return change | _shown(_look(q, environ))


# ---- The session ----


def _tended(q: Question) -> tuple[dict[str, str], dict[str, str]]:
    """Return what keeps the session true, and the environment after it.

    It rests where somebody else chose a profile, and is renewed where its record changed or it is
    this terminal's again. What brings back a session that `off` ended is undone.
    """
    environ = dict(q.environ)
    if not environ.get(MEMORY):
        return {}, environ
    memory = Memory.of(environ)
    if not memory.name:
        ends = returned(environ)
        return _ended(environ, ends) if ends else ({}, environ)
    if in_session(environ) or memory.is_left(environ):
        change = _renewed(q, memory)
        if change:
            after = _applied(environ, change)
            same = all(environ.get(name) == after.get(name) for name in (*OWNED, MEMORY))
            return ({} if same else change), after
    if in_session(environ) or is_resting(environ):
        return {}, environ
    names, text = ours(environ), memory.hidden(environ).text
    after = {**_restored(environ, names), MEMORY: text}
    return {"session": "rest", "restore": " ".join(names), "memory": text}, after


def _renewed(q: Question, memory: Memory) -> dict[str, str]:
    """Return the change that makes the session this terminal's, {} where it cannot be."""
    environ = q.environ
    if is_resting(environ):
        # Ours again, if all is still as it was put back.
        if any(
            environ.get(n) != environ.get(SAVED + n) for n in ("DOKPLOY_URL", "DOKPLOY_API_KEY")
        ):
            return {}
    elif not session_has_pair(environ):
        return {}
    begins = beginning(environ, memory.name)
    try:
        profile = q.load().get(memory.name)
        url = profile.usable_url()
    except DctxError:
        return {}
    key = session_key(profile, profile.plain_key or "", environ)
    if not key:
        # The vault is not asked at a prompt: the key stays while the panel is the same. A profile
        # that has no key any more takes its old one out of the session.
        stays = profile.has_key and environ.get("DOKPLOY_URL") == url
        key = environ.get("DOKPLOY_API_KEY", "") if stays else SENTINEL
    try:
        return _set(profile, url, key, begins)
    except ConfigError:  # no environment takes it
        return {}


def _ended(environ: Mapping[str, str], ends: Ending) -> tuple[dict[str, str], dict[str, str]]:
    """Return the change that ends the session so, and the environment after it."""
    after = _restored(environ, ends.names)
    if ends.profile:
        after["DOKPLOY_PROFILE"] = ends.profile
    change = {"restore": " ".join(ends.names), "profile": ends.profile}
    if not ends.memory:
        return {"session": "end", **change}, _without_session(after)
    return {"session": "rest", **change, "memory": ends.memory}, {**after, MEMORY: ends.memory}


def _owner(environ: Mapping[str, str]) -> str:
    """Return the profile that our session in `environ` is of, "" where there is none."""
    return Memory.of(environ).name


def _set(profile: Profile, url: str, key: str, begins: Beginning) -> dict[str, str]:
    """Return a change of kind `set`. Raises ConfigError (exit 4) for what no session can hold."""
    values = target_of(profile, url, key)
    fields = {role: values.get(name, "") for role, name in OWNED_BY_ROLE.items() if role != "token"}
    return {
        "session": "set",
        "save": "1" if begins.saves else "",
        "restore": " ".join(begins.names),
        **fields,
        "memory": memory_of(profile.name, url, key, begins.before),
    }


def _applied(environ: Mapping[str, str], change: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` after a change of kind `set`."""
    values = [change[role] for role in ("profile", "url", "key")]
    values += ["", change["org"], change["org_id"]]
    after = {name: value for name, value in environ.items() if name not in OWNED}
    after |= {name: value for name, value in zip(OWNED, values, strict=True) if value}
    return {**after, MEMORY: change["memory"]}


def _restored(environ: Mapping[str, str], names: list[str]) -> dict[str, str]:
    """Return `environ` with `names` put back from their copies, which stay."""
    after = {name: value for name, value in environ.items() if name not in names}
    return after | {n: environ[SAVED + n] for n in names if SAVED + n in environ}


def _without_session(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if name != MEMORY and not name.startswith(SAVED)
    }


# ---- Commands ----


def _switch(q: Question, name: str) -> dict[str, str]:
    config = q.load()
    if name not in config.profiles:
        from ..reserved import instead

        raise no_such_profile(name, config.names, instead=instead(name))
    profile = config.profiles[name]
    url = profile.usable_url()
    held_back = session_key(profile, "", q.environ) == SENTINEL
    key = SENTINEL if held_back else q.fetch(profile)
    change = _set(profile, url, key, beginning(q.environ, name))
    prev = q.prev
    if in_session(q.environ) and q.environ["DOKPLOY_PROFILE"] != name:
        prev = q.environ["DOKPLOY_PROFILE"]
    seen = _look(q, _applied(q.environ, change))
    say = messages.switched(seen.segment, clean(url))
    return change | _shown(seen) | {"prev": prev, "say": say}


def _off(q: Question) -> dict[str, str]:
    ends = ending(q.environ) if _owner(q.environ) else returned(q.environ)
    if not ends:
        say = messages.NOT_SWITCHED
        if q.environ.get("DOKPLOY_PROFILE"):
            say = _not_ours(q)
        return {**_shown(_look(q, q.environ)), "say": say}
    change, after = _ended(q.environ, ends)
    seen = _look(q, after)
    return {
        **change,
        **_shown(seen),
        "prev": _owner(q.environ) or q.prev,
        "say": messages.back_on(seen.level, seen.segment),
    }


def _not_ours(q: Question) -> str:
    whole = bool(q.environ.get("DOKPLOY_URL") and q.environ.get("DOKPLOY_API_KEY"))
    names = [n for n in OWNED if n in q.environ] if whole else ["DOKPLOY_PROFILE"]
    return messages.not_ours(rows.spelling(q.shell).typed_unset(names), whole)


def _back(q: Question) -> dict[str, str]:
    """Answer `dctx -`: to the previous profile, and again back; before a first switch to none."""
    if in_session(q.environ):
        if q.prev in ("", q.environ["DOKPLOY_PROFILE"]):
            return _off(q)
        return _switch(q, q.prev)
    target = _owner(q.environ) or q.prev
    if not target:
        raise DctxError(messages.NO_PREVIOUS)
    return _switch(q, target)


def _rename(q: Question) -> dict[str, str]:
    """Take this terminal along where its profile, or the previous one, has a new name."""
    prev = q.name if q.prev == q.old else q.prev
    if in_session(q.environ) and q.environ["DOKPLOY_PROFILE"] == q.old:
        return _switch(q, q.name) | {"prev": prev}
    return _prompt(q) | {"prev": prev}
