"""One row per shell: how it quotes, how the hook gets into it, and which files it reads.

How it exports is in emit.py, whose rows the shells of CI share. A new shell with a hook is a row
here, one there, and its scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from . import rc_choice
from .emit import SHELLS


class Row(NamedTuple):
    """How a shell with a hook is told to load it. `{file}` is the hook, quoted for that shell."""

    source: str  # in a terminal that runs, by the file
    init: str  # the same, by the program
    line: str  # in a start-up file: silent where the file does not exist
    rc_files: Callable[[Mapping[str, str], str], list[str]]  # environ, sys.platform
    manual_files: Callable[[Mapping[str, str]], list[str]]  # where people write `init` themselves


ROWS = {
    "bash": Row(
        source="source {file}",
        init='eval "$(dctx init bash)"',
        # Any sh may read .profile, and .bashrc through it: it cannot take the hook for bash.
        line='if [ -n "${{BASH_VERSION-}}" ] && [ -r {file} ]; then . {file}; fi',
        rc_files=rc_choice.bash_files,
        manual_files=rc_choice.bash_manual,
    ),
    "zsh": Row(
        source="source {file}",
        init='eval "$(dctx init zsh)"',
        line="if [ -r {file} ]; then . {file}; fi",
        rc_files=rc_choice.zsh_files,
        manual_files=rc_choice.zsh_manual,
    ),
    "fish": Row(
        source="source {file}",
        init="dctx init fish | source",
        line="if test -r {file}; source {file}; end",
        rc_files=rc_choice.fish_files,
        manual_files=rc_choice.fish_manual,
    ),
}


def source_line(shell: str, file: str) -> str:
    """Return the line that loads the hook `file` into a terminal of `shell`."""
    return ROWS[shell].source.format(file=SHELLS[shell].quote(file))


def rc_line(shell: str, file: str) -> str:
    """Return the line for a start-up file of `shell` that loads the hook `file`."""
    return ROWS[shell].line.format(file=SHELLS[shell].quote(file))
