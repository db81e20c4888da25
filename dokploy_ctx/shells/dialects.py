"""The scripts of shell/ as each shell is to read them: what scripts.py makes files of.

bash and zsh share scripts. For them `builtin` is written before each built-in, and a record is an
array; in zsh small functions are written out where they are called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .. import constants
from ..files import paths


def _words() -> dict[str, str]:
    """Return what stands in a script for a list of constants.py, or a name: word → text."""
    saved = [constants.SAVED + name for name in constants.OWNED]
    lists = {
        "owned": constants.OWNED,
        "saved": saved,
        "scrubbed": constants.SCRUBBED,
        "fields": [f"__dctx_r_{field}" for field in constants.FIELDS],
        "current": [f"__dctx_r_{field}" for field in constants.CURRENT_FIELDS],
        "answer": [f"__dctx_a_{field}" for field in constants.ANSWER_FIELDS],
    }
    names = {
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
    return {
        **{f"$__dctx_l_{name}": " ".join(words) for name, words in lists.items()},
        **{f"__dctx_n_{role}": name for role, name in names.items()},
    }


def joined(*names: str) -> str:
    """Return the scripts, one after the other, without whole lines of comment (start-up time)."""
    words = _words()
    text = re.sub(r"(?m)^[ \t]*#.*\n", "", "".join(map(paths.script_text, names)))
    return re.sub(r"\$__dctx_l_\w+|__dctx_n_[a-z_]+", lambda match: words[match[0]], text)


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
    return {piece: _fields(_guarded(text, builtins), 0) for piece, text in texts.items()}


def of_zsh(texts: Mapping[str, str], builtins: str) -> dict[str, str]:
    """Return the pieces of zsh as it is to read them."""
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
