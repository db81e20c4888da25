"""The scripts of shell/ as each shell is to read them: what scripts.py makes files of.

bash and zsh share scripts. For them `builtin` is written before each built-in, and a record is an
array; in zsh small functions are written out where they are called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from .. import constants
from ..files import paths


def _names() -> dict[str, str]:
    """Return the variables that scripts name by a role: role → name."""
    return {
        **constants.OWNED_BY_ROLE,
        **{f"saved_{r}": constants.SAVED + n for r, n in constants.OWNED_BY_ROLE.items()},
        "session": constants.MEMORY,
        "shown": constants.SHOWN,
        "segment": constants.SEGMENT,
        "state": constants.SEGMENT_STATE,
        "broker": constants.BROKER,
        "headers": constants.HEADERS,
        "typed": constants.TYPED,
    }


def _lists() -> dict[str, Sequence[str]]:
    """Return the lists that scripts name: name → words."""
    names = _names()
    decides = {
        "watched": constants.WATCHED,
        "watched_first": constants.WATCHED[:4],
        "watched_last": constants.WATCHED[4:],
        "compared": constants.COMPARED,
        "too": constants.COMPARED_TOO,
        "last": constants.COMPARED_LAST,
    }
    return {
        "owned": constants.OWNED,
        "changed": [*constants.OWNED, constants.MEMORY],
        "saved": [constants.SAVED + name for name in constants.OWNED],
        "scrubbed": constants.SCRUBBED,
        "fields": [f"__dctx_r_{field}" for field in constants.FIELDS],
        "current": [f"__dctx_r_{field}" for field in constants.CURRENT_FIELDS],
        "answer": [f"__dctx_a_{field}" for field in constants.ANSWER_FIELDS],
        **{k: [names.get(each, each) for each in words] for k, words in decides.items()},
    }


def joined(*scripts: str) -> str:
    """Return the scripts, one after the other, without whole lines of comment (start-up time)."""
    text = re.sub(r"(?m)^[ \t]*#.*\n", "", "".join(map(paths.script_text, scripts)))
    lists, names = _lists(), _names()
    text = re.sub(r"\$__dctx_l_(\w+)", lambda match: " ".join(lists[match[1]]), text)
    return re.sub(r"__dctx_n_([a-z_]+)", lambda match: names[match[1]], text)


def _each(text: str, forms: Mapping[str, Callable[[Sequence[str]], str]]) -> str:
    """Return the text with what this shell has for all variables of a list at once.

    For `$__dctx_v_LIST` their values; for `$__dctx_k_LIST` what kind each is that is set, and for
    `$__dctx_d_LIST` that is declared; for `$__dctx_x_LIST` an x for each that is set.
    """
    lists = _lists()
    return re.sub(r"\$__dctx_([vkdx])_([a-z_]+)", lambda m: forms[m[1]](lists[m[2]]), text)


def _joined_by(by: str, form: str) -> Callable[[Sequence[str]], str]:
    """Return what writes `form` for each of some variables, whose name is NAME in it."""
    return lambda names: by.join(form.replace("NAME", name) for name in names)


_POSIX = {"v": _joined_by("$__dctx_us", "${NAME-}"), "x": _joined_by("", "${NAME+x}")}
_ZSH = {**_POSIX, "k": _joined_by("", "${(t)NAME},"), "d": _joined_by("", "${(t)NAME}")}
_BASH = {**_POSIX, "k": _joined_by("", "${NAME+${NAME@a}},"), "d": _joined_by("", "${NAME@a}")}
_FISH = {"v": _joined_by("$us", "$NAME"), "k": lambda names: " ".join(_weighed(names))}


def _weighed(names: Sequence[str]) -> Iterator[str]:
    """Yield the first name once, the next twice, then four and eight times: a sum tells which."""
    for at, name in enumerate(names):
        yield from [name] * 2**at


_BEFORE_COMMAND = r"(?m)(^[ \t]*|(?:[;&|({!)]|\b(?:then|else|elif|do|if|while))[ \t]+)"

# Functions that are written out where they are called: a call costs zsh 9 µs, as much as four files
# looked at. They have no arguments, and end at their end.
_IN_PLACE = ("look", "free", "fresh", "read", "paint", "hung")


def _guarded(text: str, builtins: str) -> str:
    """Return the text with `builtin` before each command that is one of `builtins`, a pattern."""
    return re.sub(rf"{_BEFORE_COMMAND}(?=(?:{builtins})(?:[ \t;]|$))", r"\1builtin ", text)


def _fields(text: str, first: int) -> str:
    """Return the text with each field of a record as an element, counted from `first`."""
    return re.sub(
        r"\$__dctx_r_(\w+)",
        lambda m: f"${{__dctx_r[{constants.CURRENT_FIELDS.index(m[1]) + first}]}}",
        text,
    )


def of_bash(texts: Mapping[str, str], builtins: str) -> dict[str, str]:
    """Return the pieces of bash as it is to read them."""
    whole = {piece: _each(text, _BASH) for piece, text in texts.items()}
    return {piece: _fields(_guarded(text, builtins), 0) for piece, text in whole.items()}


def of_fish(texts: Mapping[str, str]) -> dict[str, str]:
    """Return the pieces of fish as it is to read them."""
    return {piece: _each(text, _FISH) for piece, text in texts.items()}


def of_zsh(texts: Mapping[str, str], builtins: str) -> dict[str, str]:
    """Return the pieces of zsh as it is to read them."""
    texts = {piece: _each(text, _ZSH) for piece, text in texts.items()}
    bodies = {
        name: body[1]
        for name in _IN_PLACE
        if (body := re.search(rf"(?ms)^__dctx_{name}\(\) \{{\n(.*?)^\}}\n", texts["core.zsh"]))
    }
    call = re.compile(rf"__dctx_({'|'.join(bodies)})\b(?!\()")
    whole = {p: call.sub(lambda m: f"{{\n{bodies[m[1]]}}}", text) for p, text in texts.items()}
    return {piece: _fields(_reading(_guarded(text, builtins)), 1) for piece, text in whole.items()}


def _reading(text: str) -> str:
    """Return what zsh has in the place of bash's own: its `read` makes a system call per byte."""
    split = f"\\x{ord(constants.SEPARATOR):02x}"
    text = re.sub(
        r'IFS=\$__dctx_us builtin read -r -a __dctx_r <("[^"]+")',
        lambda m: f'__dctx_r=("${{(@ps:{split}:)$(<{m[1]})}}")',
        text,
    )
    return text.replace("$BASH_SUBSHELL", "$ZSH_SUBSHELL")
