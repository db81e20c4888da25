"""The hook scripts and the shim: found in the package, given a header, written to the data folder.

The files in shell/ are plain scripts. What they share with the core comes from constants.py and
messages.py, and from nowhere else, in two ways:

    a header of quoted constants, such as __dctx_us, __dctx_colour_session, __dctx_m_readonly
    words that stand in a script for what constants.py says, put in when the file is made:
    $__dctx_l_NAME becomes the words of a list, the identifier __dctx_n_ROLE a variable's name

Pieces:

    hook.bash   alias guard, header, START's scripts, alias guard off
    more.bash   build, alias guard, further header, LATER's scripts, alias guard off
    hook.zsh    loads start.zsh under zsh emulation (sticky)
    start.zsh   header, START's scripts
    more.zsh    build, further header, LATER's scripts
    hook.fish   header, START's scripts
    more.fish   build, further header, LATER's scripts
    direnv.sh       as it is: `use dokploy NAME` for direnv
    shims/dokploy   the shim: its header, dokploy.sh
    shims/reads.sh  what the shim sources for a protected profile

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

from . import __version__, constants, messages, paths
from .emit import quote_fish
from .errors import DctxError
from .words import COMMANDS, TAKES

SHELLS = ("bash", "zsh", "fish", "sh")

# The second line of the shim; it tells a dctx shim from the real CLI, whichever wrote it.
MARKER = "# dctx shim: finds the profile, then becomes the real dokploy"

# What a terminal loads when it starts, and what it loads when something first needs it; each in
# this order.
START = {
    "bash": ("core.bash", "prompt.bash", "session.bash"),
    "zsh": ("core.zsh", "prompt.zsh", "session.zsh"),
    "fish": ("core.fish", "prompt.fish", "session.fish"),
}
LATER = {
    "bash": ("ask.bash", "tab.bash"),
    "zsh": ("ask.zsh", "tab.zsh"),
    "fish": ("ask.fish", "tab.fish"),
}

# What write_static leaves in the data folder, and the list of folders that it had to make for that.
STATIC = (
    "hook.bash",
    "more.bash",
    "hook.zsh",
    "start.zsh",
    "more.zsh",
    "hook.fish",
    "more.fish",
    "direnv.sh",
    "shims/dokploy",
    "shims/reads.sh",
)
MADE = ".made"
_LEFT = re.compile(r"(?:hook|start|more|direnv|dokploy|reads)(?:\.\w+)?\.\d+\.tmp")

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


def script(name: str) -> str:
    """Return the text of shell/NAME, in the wheel beside us or in a checkout above us."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (os.path.join(here, "shell"), os.path.join(os.path.dirname(here), "shell")):
        with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, name), "rb") as file:
            return file.read().decode("utf-8")
    raise DctxError(f"shell/{name} is missing from this installation. Install dctx again.")


def exists(name: str) -> bool:
    """Return whether shell/NAME is written already."""
    with contextlib.suppress(DctxError):
        return bool(script(name))
    return False


def interpreter(program: str) -> str:
    """Return the Python that runs `program`, "" where that is no script of Python's.

    The scripts start it by name, with -E: no variable of the user's then changes what it does.
    """
    with contextlib.suppress(OSError), open(program, "rb") as file:
        head = file.read(1024).split(b"\n")[:3]
        if head[0].startswith(b"#!") and any(b"python" in line for line in head):
            return sys.executable
    return ""


def _start(folder: str) -> dict[str, str]:
    """Return the constants that every terminal needs at once; `folder` is the data folder."""
    values = {
        "version": __version__,
        "format": constants.FORMAT,
        "us": constants.SEPARATOR,
        "nl": "\n",
        "bin": program(),
        "python": interpreter(program()),
        "shims": os.path.join(folder, "shims"),
        "sentinel": constants.SENTINEL,
        "letters": constants.LETTERS,
        "shown_max": str(constants.SHOWN_MAX),
        "shown_more": constants.SHOWN_MORE,
        "dotenv_max": str(constants.DOTENV_MAX),
        "retry": str(constants.RETRY_SECONDS),
    }
    values |= {f"colour_{state}": number for state, number in constants.COLOURS.items()}
    return {f"__dctx_{name}": value for name, value in values.items()}


def _later() -> dict[str, str]:
    """Return the constants that come with more.*."""
    values = {
        "words": f" {' '.join(sorted(constants.RESERVED))} ",
        "commands": "\n".join(f"{name}:{row[2]}" for name, row in COMMANDS.items()),
        "takes": "\n".join(f"{name}:{words}" for name, words in TAKES.items()),
        "name_max": str(constants.NAME_MAX),
        "name_more": constants.NAME_MORE,
    }
    values |= {f"m_{name}": text for name, text in messages.SHELL.items()}
    return {f"__dctx_{name}": value for name, value in values.items()}


def _shim(folder: str) -> dict[str, str]:
    """Return the constants of the shim, all that dokploy.sh names."""
    every = {**_start(folder), **_later(), "__dctx_cli_help": messages.CLI_HELP}
    text = script("dokploy.sh")
    return {name: value for name, value in every.items() if re.search(rf"\${name}\b", text)}


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
    }
    return {
        **{f"$__dctx_l_{name}": " ".join(words) for name, words in lists.items()},
        **{f"__dctx_n_{role}": name for role, name in names.items()},
    }


def _joined(*names: str) -> str:
    """Return the scripts, one after the other, without whole lines of comment (start-up time)."""
    words = _words()
    names = tuple(name for name in names if exists(name))
    text = re.sub(r"(?m)^[ \t]*#.*\n", "", "".join(map(script, names)))
    return re.sub(r"\$__dctx_l_\w+|__dctx_n_[a-z_]+", lambda match: words[match[0]], text)


def _header(values: Mapping[str, str]) -> str:
    return "".join(f"{k}={shlex.quote(v)}\n" for k, v in values.items())


def _fish_header(values: Mapping[str, str]) -> str:
    return "".join(f"set -g {k} {quote_fish(v)}\n" for k, v in values.items())


def zsh_loader(folder: str) -> str:
    """Return the hook for zsh, which loads the rest under sticky emulation."""
    inner = f". {shlex.quote(os.path.join(folder, 'start.zsh'))}"
    return f"\\builtin emulate zsh -o no_aliases -c {shlex.quote(inner)}\n"


def files(folder: str) -> dict[str, tuple[str, int]]:
    """Return every static file of the data folder: path below it → text and mode."""
    start, later = _start(folder), _later()
    scripts = {which: _joined(*names) for which, names in START.items()}
    seldom = {which: _joined(*names) for which, names in LATER.items()}
    parts = [*start.values(), *later.values(), *scripts.values(), *seldom.values()]
    digest = hashlib.sha256("".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    start["__dctx_build"] = digest
    head, build = _header(start), f"# {digest}\n"
    shim = f"#!/bin/sh\n{MARKER}\n{_header(_shim(folder))}{_joined('dokploy.sh')}"
    return {
        "hook.bash": (_BASH_HEAD + head + scripts["bash"] + _BASH_TAIL, 0o644),
        "more.bash": (
            build + _BASH_HEAD + _header(later) + seldom["bash"] + _BASH_TAIL,
            0o644,
        ),
        "hook.zsh": (zsh_loader(folder), 0o644),
        "start.zsh": (head + scripts["zsh"], 0o644),
        "more.zsh": (build + _header(later) + seldom["zsh"], 0o644),
        "hook.fish": (_fish_header(start) + scripts["fish"], 0o644),
        "more.fish": (build + _fish_header(later) + seldom["fish"], 0o644),
        "direnv.sh": (script("direnv.sh"), 0o644),
        "shims/dokploy": (shim, 0o755),
        "shims/reads.sh": (script("reads.sh"), 0o644),
    }


def write_static(folder: str) -> None:
    """Write what differs of the static files, each by a rename. Raises OSError."""
    made = _make_folder(folder)
    os.makedirs(os.path.join(folder, "shims"), 0o755, exist_ok=True)
    if made:
        with open(os.path.join(folder, MADE), "wb") as file:
            file.write(b"".join(os.fsencode(path) + b"\0" for path in made))
    for name, (text, mode) in files(folder).items():
        path = os.path.join(folder, name)
        data = text.encode("utf-8", "surrogateescape")
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            if file.read() == data and os.stat(path).st_mode & 0o777 == mode:
                continue
        temporary = f"{path}.{os.getpid()}.tmp"
        with open(temporary, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.rename(temporary, path)


def _make_folder(folder: str) -> list[str]:
    """Make `folder`; return the folders that had to be made for it, the outermost first."""
    made: list[str] = []
    path = folder
    while not os.path.lexists(path):
        made.insert(0, path)
        path = os.path.dirname(path)
    os.makedirs(folder, 0o755, exist_ok=True)
    return made


def remove_static(folder: str) -> list[str]:
    """Remove the static files and every folder that was made for them.

    Returns the names of what is there besides, which stays. Suppresses OSError.
    """
    made: list[bytes] = []
    with contextlib.suppress(OSError), open(os.path.join(folder, MADE), "rb") as file:
        made = file.read().split(b"\0")
    for name in (*STATIC, MADE):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))
    for part in (os.path.join(folder, "shims"), folder):
        with contextlib.suppress(OSError):
            for name in os.listdir(part):
                if _LEFT.fullmatch(name):  # of a writer that was killed
                    os.unlink(os.path.join(part, name))
        with contextlib.suppress(OSError):
            os.rmdir(part)
    with contextlib.suppress(OSError):
        return sorted(os.listdir(folder))
    for above in reversed(made):
        if above:
            with contextlib.suppress(OSError):
                os.rmdir(above)
    return []


def hook_path(shell: str, folder: str) -> str:
    """Return the static hook of `shell`."""
    return os.path.join(folder, f"hook.{shell}")


def version_of(folder: str) -> str:
    """Return the version of dctx that wrote the static files, "" where that is not to be found."""
    with contextlib.suppress(OSError), open(os.path.join(folder, "hook.bash"), "rb") as file:
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
    except OSError as error:
        if not os.path.exists(hook_path("bash", folder)):
            raise DctxError(f"cannot write {folder}: {error.strerror}.") from None
    if shell == "sh":
        return f"PATH={shlex.quote(os.path.join(folder, 'shims'))}:$PATH\nexport PATH\n"
    return source_line(shell, folder) + "\n"
