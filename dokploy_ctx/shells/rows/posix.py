"""What bash, zsh and sh have in common: text for one of them is good for all."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence

from ...constants import OWNED
from ...text.foreign import shell_word
from .row import KEY, READONLY, Spelling

_OURS = f"__dctx_x __dctx_rc {KEY}"
# `set -x` and `set -v` would print the key: off around the assignments, and back. One readonly
# variable must leave all as it was, so a subshell tries `unset` on every one first (in zsh a failed
# `unset` ends the script). Assignments go through `export`, whose left side is always one of our
# own names. Every variable of ours that is made here is gone again at the end.
_HEAD = f"""{{ __dctx_x=$-; set +xv; }} 2>/dev/null
__dctx_rc=1
if (unset {" ".join(OWNED)}) 2>/dev/null; then
"""
_TAIL = f"""else
printf '%s\\n' {shlex.quote(READONLY)} >&2
fi
case $__dctx_x in *v*) set -v ;; esac
case $__dctx_x in *x*) set -x ;; esac
if [ "$__dctx_rc" = 0 ]
then unset {_OURS}
else
unset {_OURS}
false
fi
"""


class Posix(Spelling):
    """A shell of the Bourne family."""

    kind = "sh"

    def quote(self, value: str) -> str:
        return shell_word(value)

    def copy(self, before: str, name: str) -> str:
        return f'{self.quote(before) if before else ""}"${{{name}-}}"'

    def assign(self, name: str, value: str) -> str:
        return f"{name}={self.quote(value)}\n"

    def export(self, name: str, word: str) -> str:
        return f"export {name}={word}\n"

    def unset(self, name: str) -> str:
        return f"unset {name}\n"

    def typed_unset(self, names: Iterable[str]) -> str:
        return f"unset {' '.join(names)}"

    def evaluated(self, changes: str, fetch: Sequence[str]) -> str:
        changes += "__dctx_rc=0\n"
        # A shell shows what it evaluates before that can say a word against it: `set -x` prints the
        # argument of `eval`, a DEBUG trap gets each command as it is written. So the key does not
        # stand in the text; the text gets it from us once traces are off.
        if fetch:
            command = " ".join(map(self.quote, fetch))
            changes = f"if {KEY}=$({command}); then\n{KEY}=${{{KEY}%.}}\n{changes}fi\n"
        return _HEAD + changes + _TAIL

    def fetched(self, key: str) -> str:
        return f"{key}."  # a substitution cuts line ends off
