"""What `dctx _hook` answers, as a hook reads it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from dokploy_ctx.constants import ANSWER_FIELDS, MEMORY, OWNED, OWNED_BY_ROLE, SAVED


def asked(dctx: Callable[..., Any], *words: str, **how: Any) -> dict[str, str]:
    """Return the answer to a question, by the name of its field."""
    ran = dctx("_hook", "--shell", "bash", *words, **how)
    assert (ran.code, ran.err) == (0, "")
    pairs = [word.partition("=") for word in shlex.split(ran.out)]
    assert [name for name, _, _ in pairs] == [f"__dctx_a_{field}" for field in ANSWER_FIELDS]
    assert pairs[-1][2] == "1"  # it is whole
    return {name.removeprefix("__dctx_a_"): value for name, _, value in pairs}


def carried_out(answer: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment after a hook did what `answer` says (hook_answer.py has the rules)."""
    after = dict(environ)

    def forget() -> None:
        for name in (MEMORY, *(SAVED + name for name in OWNED)):
            after.pop(name, None)

    def put(name: str, value: str | None) -> None:
        after.pop(name, None)
        if value is not None:
            after[name] = value

    for name in answer["restore"].split():
        put(name, after.get(SAVED + name))
    if answer["session"] == "set":
        if answer["save"]:
            forget()
            after |= {SAVED + name: after[name] for name in OWNED if name in after}
        for role, name in OWNED_BY_ROLE.items():
            put(name, answer.get(role) or None)
    elif answer["session"] in ("end", "rest") and answer["profile"]:
        after[OWNED_BY_ROLE["profile"]] = answer["profile"]
    if answer["session"] == "end":
        forget()
    if answer["session"] in ("set", "rest"):
        after[MEMORY] = answer["memory"]
    return after
