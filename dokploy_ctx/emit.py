"""A `Change` spelled for a shell, and credentials spelled for files that CI systems read.

Pure. A shell differs in how it quotes and in the lines around the assignments; one entry in
SHELLS each. What is printed here is meant for `eval` (fish: `| source`).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from typing import NamedTuple

from .constants import OWNED
from .errors import ConfigError, DctxError
from .session import Change

READONLY = "dctx: a variable of this session is readonly here. Nothing was changed."

# `set -x` would print the key: off around the assignments, and back. One readonly variable must
# leave all as it was, so a subshell tries `unset` on every one first (in zsh a failed `unset` ends
# the script). Assignments go through `export`, whose left side is always one of our own names.
_POSIX_HEAD = "{{ __dctx_x=$-; set +x; }} 2>/dev/null\nif (unset {owned}) 2>/dev/null; then\n"
_POSIX_TAIL = """__dctx_rc=0
else
printf '%s\\n' {readonly} >&2
__dctx_rc=1
fi
case $__dctx_x in *x*) set -x ;; esac
if [ "$__dctx_rc" = 0 ]; then unset __dctx_x __dctx_rc; else unset __dctx_x __dctx_rc; false; fi
"""


def quote_fish(value: str) -> str:
    """Return `value` as one word of fish: only the quote and the backslash mean anything there."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Shell(NamedTuple):
    """How one shell spells an export and an unset, and what stands before and after."""

    quote: Callable[[str], str]
    export: str
    unset: str
    head: str = ""
    tail: str = ""


_POSIX = Shell(
    shlex.quote,
    "export {name}={value}\n",
    "unset {name}\n",
    _POSIX_HEAD.format(owned=" ".join(OWNED)),
    _POSIX_TAIL.format(readonly=shlex.quote(READONLY)),
)
# Each fish line ends in ";" so that `eval (dctx env …)`, which joins lines by blanks, works too.
# `set -eg` leaves a universal variable of the user's alone, as the switch only ever sets globals.
_FISH = Shell(
    quote_fish,
    "set -gx {name} {value};\n",
    "set -eg {name};\n",
    "begin;\nset -l fish_trace;\n",
    "true;\nend;\n",
)
SHELLS = {"bash": _POSIX, "zsh": _POSIX, "sh": _POSIX, "fish": _FISH}


def check_exportable(values: Iterable[tuple[str, str]]) -> None:
    """Return if every value can stand in an environment.

    Raises ConfigError (exit 4) naming the variable, never the value: NUL and lone surrogates
    cannot.
    """
    for name, value in values:
        try:
            fit = b"\0" not in value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            fit = False
        if not fit:
            raise ConfigError(f"the value for {name} cannot stand in an environment. Save it anew.")


def for_shell(change: Change, shell: str) -> str:
    """Return `change` as text for `shell` (a key of SHELLS) to evaluate; "" for no change."""
    how = SHELLS[shell]
    check_exportable(change.export.items())
    if not change.export and not change.unset:
        return ""
    lines = [
        how.export.format(name=name, value=how.quote(value))
        for name, value in change.export.items()
    ]
    lines += [how.unset.format(name=name) for name in change.unset]
    return how.head + "".join(lines) + how.tail


def as_json(values: dict[str, str]) -> str:
    """Return `values` as one JSON object."""
    return json.dumps(values, indent=2, ensure_ascii=True) + "\n"


def as_lines(values: dict[str, str]) -> str:
    """Return `values` as NAME=value lines, for a `.env` or GitHub's environment file.

    Nothing is quoted: the official CLI's own `.env` reader knows no escapes (contract: ".env").
    Raises DctxError where a value would not come back as it is.
    """
    for name, value in values.items():
        if "\n" in value or "\r" in value or value.strip() != value or value[:1] in ("'", '"'):
            raise DctxError(f"{name} cannot stand in a line as it is. Use --shell json.")
    return "".join(f"{name}={value}\n" for name, value in values.items())


def masked(text: str, key: str) -> str:
    """Return `text` without `key`, for a terminal; `key` may also stand quoted in it."""
    for form in (key, shlex.quote(key), quote_fish(key)):
        text = text.replace(form, "..." if form == key else "'...'")
    return text
