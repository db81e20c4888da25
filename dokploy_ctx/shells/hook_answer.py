"""What `dctx _hook` answers: all policy that a terminal needs, decided in one place.

Pure: a question with what a child of the terminal sees goes in, an Answer comes out. A hook asks
where its quick road ends, remembers the answer, and only carries it out. `session` tells how:

    ""    leave the session's variables alone
    set   where `save` is 1: put back the names in `restore`, forget all copies, copy what is there
          now. Then export profile, url, key, org, org_id and the memory; unset what is empty of
          them, and DOKPLOY_AUTH_TOKEN
    end   put back the names in `restore`; forget copies and memory
    rest  somebody else, such as direnv, chose a profile: put back the names in `restore`, keep the
          copies, export `memory`. Once DOKPLOY_PROFILE is what it was, the next answer is `set`

To put back means: from its copy, exported if and only if the copy is; without a copy unset. A name
that is not in `restore` was changed by somebody since, and stays.
Source of the rules: docs/internals.md; every case is a row of tests/hooks/test_hook_answer.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..constants import ANSWER_FIELDS, MEMORY, OWNED, OWNED_BY_ROLE, SAVED, SENTINEL, SEPARATOR
from ..errors import ConfigError, DctxError
from ..model.profile import Profile, no_such_profile
from ..model.resolve import PAIR, Config, session_has_pair
from ..model.segment import Look, as_line, look
from ..model.session import in_session, is_resting, memory_of, ours, session_key, target_of
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
    this terminal's again.
    """
    environ = dict(q.environ)
    memory = environ.get(MEMORY, "")
    if not memory:
        return {}, environ
    if not in_session(environ):
        if is_resting(environ):
            return {}, environ
        names = ours(environ)
        after = {**_restored(environ, names), MEMORY: f"{_owner(environ)}{SEPARATOR * 2}"}
        return {"session": "rest", "restore": " ".join(names), "memory": after[MEMORY]}, after
    resumed = is_resting(environ)
    if resumed:
        # Ours again, if all is still as it was put back.
        if any(
            environ.get(n) != environ.get(SAVED + n) for n in ("DOKPLOY_URL", "DOKPLOY_API_KEY")
        ):
            return {}, environ
    elif not session_has_pair(environ):
        return {}, environ
    try:
        profile = q.load().get(environ["DOKPLOY_PROFILE"])
        url = profile.usable_url()
    except DctxError:
        return {}, environ
    key = session_key(profile, profile.plain_key or "", environ)
    if not key:
        # The vault is not asked at a prompt: the key stays while the panel is the same. A profile
        # that has no key any more takes its old one out of the session.
        stays = profile.has_key and environ.get("DOKPLOY_URL") == url
        key = environ.get("DOKPLOY_API_KEY", "") if stays else SENTINEL
    try:
        change = _set(profile, url, key)
    except ConfigError:  # no environment takes it
        return {}, environ
    after = _applied(environ, change)
    same = all(environ.get(name) == after.get(name) for name in (*OWNED, MEMORY))
    return ({} if same else change), after


def _owner(environ: Mapping[str, str]) -> str:
    """Return the profile that our session in `environ` is of, "" where there is none."""
    return environ.get(MEMORY, "").partition(SEPARATOR)[0]


def _set(profile: Profile, url: str, key: str) -> dict[str, str]:
    """Return a change of kind `set`. Raises ConfigError (exit 4) for what no session can hold."""
    values = target_of(profile, url, key)
    fields = {role: values.get(name, "") for role, name in OWNED_BY_ROLE.items() if role != "token"}
    return {"session": "set", **fields, "memory": memory_of(profile.name, url, key)}


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
    change = _set(profile, url, SENTINEL if held_back else q.fetch(profile))
    prev = q.prev
    if in_session(q.environ):
        if q.environ["DOKPLOY_PROFILE"] != name:
            prev = q.environ["DOKPLOY_PROFILE"]
    else:
        change["save"] = "1"
        if q.environ.get(MEMORY) and not is_resting(q.environ):
            change["restore"] = " ".join(ours(q.environ))
    seen = _look(q, _applied(q.environ, change))
    say = messages.switched(seen.segment, clean(url))
    return change | _shown(seen) | {"prev": prev, "say": say}


def _off(q: Question) -> dict[str, str]:
    environ = q.environ
    if not environ.get(MEMORY):
        change: dict[str, str] = {}
        after, say = dict(environ), messages.NOT_SWITCHED
        if environ.get("DOKPLOY_PROFILE"):
            say = _not_ours(q)
        return change | _shown(_look(q, after)) | {"say": say}
    names = [] if is_resting(environ) else ours(environ)
    after = _without_session(_restored(environ, names))
    seen = _look(q, after)
    return {
        "session": "end",
        "restore": " ".join(names),
        **_shown(seen),
        "prev": _owner(environ) or q.prev,
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
