"""A `Change` spelled for a shell, and credentials spelled for files that CI systems read.

Pure. A shell differs in how it quotes and in the lines around the assignments; one entry in
SHELLS each. What is printed here is meant for `eval` (fish: `| source`).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..constants import OWNED
from ..errors import DctxError
from ..model import resolve
from ..model.session import Change, Copy
from ..text import messages

READONLY = messages.SHELL["readonly"] % "a variable that dctx sets"

# `set -x` and `set -v` would print the key: off around the assignments, and back. One readonly
# variable must leave all as it was, so a subshell tries `unset` on every one first (in zsh a failed
# `unset` ends the script). Assignments go through `export`, whose left side is always one of our
# own names. Every variable of ours that is made here is gone again at the end.
_POSIX_HEAD = """{{ __dctx_x=$-; set +xv; }} 2>/dev/null
__dctx_rc=1
if (unset {owned}) 2>/dev/null; then
"""
_POSIX_TAIL = """else
printf '%s\\n' {readonly} >&2
fi
case $__dctx_x in *v*) set -v ;; esac
case $__dctx_x in *x*) set -x ;; esac
if [ "$__dctx_rc" = 0 ]
then unset {ours}
else
unset {ours}
false
fi
"""
# A shell shows what it evaluates before that can say a word against it: `set -x` prints the
# argument of `eval`, a DEBUG trap gets each command as it is written. So the key does not stand in
# the text; the text gets it from us once traces are off.
_POSIX_FETCH = """if __dctx_key=$({fetch}); then
__dctx_key=${{__dctx_key%.}}
"""
KEY = "__dctx_key"
_OURS = f"__dctx_x __dctx_rc {KEY}"


def quote_fish(value: str) -> str:
    """Return `value` as one word of fish: only the quote and the backslash mean anything there."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _posix_copy(before: str, name: str) -> str:
    return f'{shlex.quote(before) if before else ""}"${{{name}-}}"'


def _fish_copy(before: str, name: str) -> str:
    return f'{quote_fish(before) if before else ""}"${name}"'


class Shell(NamedTuple):
    """How one shell spells an export and an unset, and what stands before and after.

    `copy` spells a value that is a text and behind it another variable's value; `fetch` and
    `fetched` are the lines around the assignments where the key is fetched.
    """

    quote: Callable[[str], str]
    copy: Callable[[str, str], str]
    export: str
    unset: str
    head: str
    tail: str
    done: str
    fetch: str
    fetched: str


_POSIX = Shell(
    quote=shlex.quote,
    copy=_posix_copy,
    export="export {name}={value}\n",
    unset="unset {name}\n",
    head=_POSIX_HEAD.format(owned=" ".join(OWNED)),
    tail=_POSIX_TAIL.format(readonly=shlex.quote(READONLY), ours=_OURS),
    done="__dctx_rc=0\n",
    fetch=_POSIX_FETCH,
    fetched="fi\n",
)
# Each fish line ends in ";" so that `eval (dctx env …)`, which joins lines by blanks, works too.
# `set -eg` leaves a universal variable of the user's alone, as the switch only ever sets globals.
_FISH = Shell(
    quote=quote_fish,
    copy=_fish_copy,
    export="set -gx {name} {value};\n",
    unset="set -eg {name};\n",
    head="begin;\nset -l fish_trace;\n",
    tail="end;\n",
    done="true;\n",
    fetch=f"set -l {KEY} ({{fetch}} | string collect -N);\nand begin;\n",
    fetched="end;\n",
)
SHELLS = {"bash": _POSIX, "zsh": _POSIX, "sh": _POSIX, "fish": _FISH}


def for_shell(change: Change, shell: str, fetch: Sequence[str] = ()) -> str:
    """Return `change` as text for `shell` (a key of SHELLS) to evaluate.

    Never "": that is what a shell gets where the program could not run.

    `fetch`: the command that prints what the variable KEY shall hold, as for_fetch() has it; where
    it fails nothing is changed.
    """
    how = SHELLS[shell]
    values = change.export.items()
    if not change.export and not change.unset:
        return "true;\n" if shell == "fish" else "true\n"
    lines = [
        how.export.format(
            name=name,
            value=how.copy(value.before, value.of) if isinstance(value, Copy) else how.quote(value),
        )
        for name, value in values
    ]
    lines += [how.unset.format(name=name) for name in change.unset]
    lines.append(how.done)
    if fetch:
        words = " ".join(map(how.quote, fetch))
        lines = [how.fetch.format(fetch=words), *lines, how.fetched]
    return how.head + "".join(lines) + how.tail


def for_fetch(key: str, shell: str) -> str:
    """Return what the command `fetch` of for_shell() prints: a substitution keeps all of it."""
    return key if shell == "fish" else f"{key}."  # the others cut line ends off


def as_json(values: dict[str, str]) -> str:
    """Return `values` as one JSON object."""
    return json.dumps(values, indent=2, ensure_ascii=True) + "\n"


def as_lines(values: dict[str, str]) -> str:
    """Return `values` as NAME=value lines, for a `.env` or GitHub's environment file.

    Nothing is quoted: the official CLI's own `.env` reader knows no escapes (docs/dokploy-api.md).
    Raises DctxError where a value would not come back as it is.
    """
    for name, value in values.items():
        if "\r" in value or resolve.dotenv(f"{name}={value}").get(name) != value:
            raise DctxError(f"{name} cannot be written in one line. Use --shell json.")
    return "".join(f"{name}={value}\n" for name, value in values.items())
