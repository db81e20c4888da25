"""The hook scripts and the shim: found in the package, given a header, written to the data folder.

The files in shell/ are plain scripts without placeholders. The only generated text is a header of
quoted constants. Pieces:

    hook.bash   alias guard, header, core.sh, prompt.sh, dctx.bash, alias guard off
    more.bash   build, alias guard, header, dotenv.sh, switch.sh, tab.bash, alias guard off
    hook.zsh    loads shared.sh under sh emulation and dctx.zsh under zsh emulation (both sticky)
    shared.sh   header, core.sh, prompt.sh: for zsh
    dctx.zsh    as it is, like all above without comments
    more.sh     build, header, dotenv.sh, switch.sh: for zsh
    tab.zsh     as it is
    hook.fish   header, dctx.fish
    direnv.sh       as it is: `use dokploy NAME` for direnv
    shims/dokploy   the shim: header, core.sh, dotenv.sh, dokploy.sh
    shims/reads.sh  what the shim sources for a protected profile
    shims/preload.cjs   what Node loads before the official CLI (preload.py)

A terminal loads more.* when something first needs it, which may be after an upgrade: the build in
its first line, of all scripts and constants, tells. The terminal then loads the new hook first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import sys
from collections.abc import Mapping

from . import __version__, datafolder, paths, preload
from .emit import quote_fish
from .errors import DctxError, Refused
from .index import FORMAT, SEPARATOR
from .isolation import needs_environment
from .profile import RESERVED, SENTINEL
from .resolve import JS_BLANKS
from .words import COMMANDS, TAKES

SHELLS = ("bash", "zsh", "fish", "sh")

# The second line of the shim; it tells a dctx shim from the real CLI, whichever wrote it.
MARKER = "# dctx shim: finds the profile, then becomes the real dokploy"

# What write_static leaves in the data folder.
STATIC = (
    "hook.bash",
    "more.bash",
    "shared.sh",
    "dctx.zsh",
    "more.sh",
    "tab.zsh",
    "hook.zsh",
    "hook.fish",
    "direnv.sh",
    "shims/dokploy",
    "shims/reads.sh",
    f"shims/{preload.FILE}",
)

# Aliases made before the hook is sourced would hijack `export` or `local` in it.
# With allexport on, all functions and variables of the hook would go to every child.
_BASH_HEAD = """\\shopt -q expand_aliases && __dctx_aliases=1 || __dctx_aliases=
\\shopt -u expand_aliases
case $- in *a*) set +a && __dctx_aliases=a$__dctx_aliases ;; esac
"""
# One compound command: it is parsed whole before aliases are on again.
_BASH_TAIL = """{
case $__dctx_aliases in *1) shopt -s expand_aliases ;; esac
case $__dctx_aliases in
a*) command unset __dctx_aliases && set -a ;;
*) command unset __dctx_aliases ;;
esac
}
"""


def program() -> str:
    """Return the absolute path of the `dctx` that runs now, as the hook shall call it.

    Not resolved: ~/.local/bin/dctx outlives an upgrade, what it links to may not.
    """
    for candidate in (sys.argv[0], os.path.join(os.path.dirname(sys.executable), "dctx")):
        path = os.path.abspath(candidate)
        if os.path.basename(path) == "dctx" and os.access(path, os.X_OK):
            return path
    raise DctxError("cannot find the program dctx itself. Run it by its path.")


def launcher() -> tuple[str, str]:
    """Return the two words PYTHON and SCRIPT, such that `PYTHON -E SCRIPT` is the `dctx` of now.

    So nothing in the environment or the working directory chooses what Python loads. PYTHON is ""
    where dctx itself is found by PYTHONPATH alone: SCRIPT then has to be run by itself.
    """
    script, python = program(), sys.executable
    if not os.path.isabs(python) or needs_environment(script, os.environ):
        python = ""
    return python, script


def script(name: str) -> str:
    """Return the text of shell/NAME. Raises DctxError (exit 1) where it is missing."""
    with open(paths.script(name), "rb") as file:
        return file.read().decode("utf-8")


# The scripts of which a terminal may have some from before an upgrade and some from after it.
_SCRIPTS = (
    "core.sh",
    "dotenv.sh",
    "prompt.sh",
    "switch.sh",
    "dctx.bash",
    "tab.bash",
    "dctx.zsh",
    "tab.zsh",
)


def constants(folder: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the header's constants: all terminals', and those that come with more.*.

    `folder` is the data folder.
    """
    values = {
        "__dctx_version": __version__,
        "__dctx_format": FORMAT,
        "__dctx_us": SEPARATOR,
        "__dctx_nl": "\n",
        "__dctx_python": launcher()[0],
        "__dctx_bin": launcher()[1],
        "__dctx_shims": os.path.join(folder, "shims"),
    }
    more = {
        "__dctx_sentinel": SENTINEL,
        "__dctx_words": " " + " ".join(sorted(RESERVED)) + " ",
        "__dctx_commands": "\n".join(f"{name}:{row[2]}" for name, row in COMMANDS.items()),
        "__dctx_takes": "\n".join(f"{name}:{words}" for name, words in TAKES.items()),
        "__dctx_spaces": "".join(c for c in JS_BLANKS if ord(c) < 128),
        "__dctx_blanks": " ".join(sorted(c for c in JS_BLANKS if ord(c) > 127)),
    }
    text = "".join([*values.values(), *more.values(), *map(script, _SCRIPTS)])
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
    return {**values, "__dctx_build": digest[:16]}, more


def _header(values: Mapping[str, str]) -> str:
    return "".join(f"{k}={shlex.quote(v)}\n" for k, v in values.items())


def _joined(*names: str) -> str:
    return "".join(map(script, names))


def _lean(text: str) -> str:
    """Return `text` without its lines of comment, which cost old bash a sixth of its start-up."""
    return re.sub(r"(?m)^[ \t]*#.*\n", "", text)


def zsh_loader(folder: str) -> str:
    """Return the hook for zsh, which loads two files under sticky emulation."""
    lines = ""
    for mode, name in (("sh", "shared.sh"), ("zsh", "dctx.zsh")):
        inner = f". {shlex.quote(os.path.join(folder, name))}"
        lines += f"\\builtin emulate {mode} -o no_aliases -c {shlex.quote(inner)}\n"
    return lines


def files(folder: str) -> dict[str, tuple[str, int]]:
    """Return every static file of the data folder: path below it → text and mode."""
    values, seldom = constants(folder)
    head, build = _header(values), f"# {values['__dctx_build']}\n"
    both = {**values, **seldom}
    fish_head = "".join(f"set -g {k} {quote_fish(v)}\n" for k, v in both.items())
    bash = _lean(_joined("core.sh", "prompt.sh", "dctx.bash"))
    more = _header(seldom) + _joined("dotenv.sh", "switch.sh")
    require = preload.option(os.path.join(folder, "shims", preload.FILE))
    shim = _header({**both, "__dctx_require": require})
    shim += _joined("core.sh", "dotenv.sh", "dokploy.sh")
    return {
        "hook.bash": (_BASH_HEAD + head + bash + _BASH_TAIL, 0o644),
        "more.bash": (build + _BASH_HEAD + more + script("tab.bash") + _BASH_TAIL, 0o644),
        "shared.sh": (head + _lean(_joined("core.sh", "prompt.sh")), 0o644),
        "dctx.zsh": (_lean(script("dctx.zsh")), 0o644),
        "more.sh": (build + more, 0o644),
        "tab.zsh": (script("tab.zsh"), 0o644),
        "hook.zsh": (zsh_loader(folder), 0o644),
        "hook.fish": (fish_head + script("dctx.fish"), 0o644),
        "direnv.sh": (script("direnv.sh"), 0o644),
        "shims/dokploy": (f"#!/bin/sh\n{MARKER}\n{shim}", 0o755),
        "shims/reads.sh": (script("reads.sh"), 0o644),
        f"shims/{preload.FILE}": (script(preload.FILE), 0o644),
    }


def write_static(folder: str) -> None:
    """Write what differs of the static files. Raises OSError, Refused (exit 6)."""
    datafolder.write(folder, files(folder))


def remove_static(folder: str) -> list[str]:
    """Remove the static files; returns the names of what is there besides, which stays."""
    return datafolder.remove(folder, STATIC)


def hook_path(shell: str, folder: str) -> str:
    """Return the static hook of `shell`."""
    return os.path.join(folder, f"hook.{shell}")


def version_of(folder: str) -> str:
    """Return the version of dctx that wrote the static files, "" where that is not to be found."""
    with contextlib.suppress(OSError), open(os.path.join(folder, "shared.sh"), "rb") as file:
        for line in file.read(4096).decode("utf-8", "replace").split("\n"):
            name, _, value = line.partition("=")
            if name == "__dctx_version":
                return value.strip("'")
    return ""


def source_line(shell: str, folder: str) -> str:
    """Return the line that loads the static hook of `shell`."""
    path = hook_path(shell, folder)
    return f"source {quote_fish(path) if shell == 'fish' else shlex.quote(path)}"


def load_line(shell: str) -> str:
    """Return the line that loads the hook into a `shell` that runs already."""
    return "dctx init fish | source" if shell == "fish" else f'eval "$(dctx init {shell})"'


def init_text(shell: str) -> str:
    """Return what `dctx init SHELL` prints, after writing the static files.

    Raises DctxError (exit 1) where the data folder cannot be written.
    """
    from .upkeep import note

    folder = paths.data_dir()
    try:
        write_static(folder)
        with contextlib.suppress(OSError, DctxError):
            note(os.environ, folder)
    except Refused:
        if not os.path.exists(hook_path("bash", folder)):
            raise
    except OSError as error:
        if not os.path.exists(hook_path("bash", folder)):
            raise DctxError(f"cannot write {folder}: {error.strerror}.") from None
    if shell == "sh":
        return f"PATH={shlex.quote(os.path.join(folder, 'shims'))}:$PATH\nexport PATH\n"
    return source_line(shell, folder) + "\n"
