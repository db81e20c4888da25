"""The texts of the hook scripts and of the shim: found in the package, given what they name.

The files in shell/ are plain scripts. What they share with the core comes from constants.py and
messages.py, and from nowhere else, in two ways:

    a header of quoted constants, such as __dctx_us, __dctx_colour_session, __dctx_m_readonly
    words that stand in a script for what constants.py says, put in when the file is made:
    $__dctx_l_NAME becomes the words of a list, the identifier __dctx_n_ROLE a variable's name

dialects.py knows what else a shell needs of its scripts.

The data folder:

    hook.bash, hook.zsh, hook.fish   what a start-up file sources: loads the first piece, or says in
                                     another shell that it is not for that one
    core.*                           the first piece, with the header; the others of PIECES are
                                     loaded when something first needs them
    direnv.sh                        with such a header: `use dokploy NAME` for direnv
    shims/dokploy                    the shim: its header, dokploy.sh
    shims/reads.sh                   what the shim sources for a protected profile

A piece that is loaded later may be there since an upgrade: the build in its first line, of all
scripts and constants, tells. The terminal then loads its first piece again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shlex
import sys
from collections.abc import Mapping

from .. import OLD_PYTHON, __version__, constants
from ..errors import DctxError
from ..files import paths
from ..isolation import needs_environment
from ..official import preload
from ..reserved import COMMANDS
from ..takes import takes
from ..text import messages
from ..text.table import USUAL
from ..text.wrapping import message
from . import dialects
from .emit import quote_fish

# The second line of the shim; it tells a dctx shim from the real CLI, whichever wrote it.
MARKER = "# dctx shim: finds the profile, then becomes the real dokploy"

# Each file that a terminal loads, and the scripts it is made of. core.* comes first, and at once.
PIECES = {
    **{
        name: script
        for shell in ("bash", "zsh")
        for name, script in {
            f"core.{shell}": ("core.sh", f"core.{shell}", "prompt.sh", f"prompt.{shell}"),
            f"session.{shell}": ("session.sh",),
            f"ask.{shell}": ("ask.sh", f"ask.{shell}"),
            f"tab.{shell}": (f"tab.{shell}", f"tab-dokploy.{shell}"),
        }.items()
    },
    "core.fish": ("prompt.fish", "core.fish"),
    "session.fish": ("session.fish", "ask.fish"),
    "tab.fish": ("tab.fish", "tab-dokploy.fish"),
}

# Aliases made before the hook is sourced would hijack `export` or `local` in it.
# With allexport on, all functions and variables of the hook would go to every child.
_BASH_HEAD = """\\builtin shopt -q expand_aliases && __dctx_aliases=1 || __dctx_aliases=
\\builtin shopt -u expand_aliases
case $- in *a*) builtin set +a && __dctx_aliases=a$__dctx_aliases ;; esac
"""
# One compound command: it is parsed whole before aliases are on again.
_BASH_TAIL = """{
case $__dctx_aliases in *1) builtin shopt -s expand_aliases ;; esac
case $__dctx_aliases in
a*) builtin unset __dctx_aliases && builtin set -a ;;
*) builtin unset __dctx_aliases ;;
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


# How PYTHON starts SCRIPT. By now PYTHON may be another one, too old for SCRIPT. Almost from the
# first line on a Ctrl-C ends Python without a traceback, unless it is ignored as with nohup. Only
# then comes what takes time: site, which knows where packages are, and the script itself; the
# working directory has no say.
BEGIN = (
    f"import sys; sys.version_info < (3, 10) and "
    f"(sys.stderr.write({OLD_PYTHON!r} % sys.executable + chr(10)), sys.exit(126)); "
    "import _signal; _signal.getsignal(2) == 1 or _signal.signal(2, 0); del sys.path[0]; "
    "import site; site.main(); sys.argv[:] = sys.argv[1:]; "
    "exec(compile(open(sys.argv[0], 'rb').read(), sys.argv[0], 'exec'))"
)


def launcher() -> tuple[str, str]:
    """Return the two words PYTHON and SCRIPT: `PYTHON -ESc BEGIN SCRIPT` is the `dctx` of now.

    So nothing in the environment or the working directory chooses what Python loads. PYTHON is ""
    where SCRIPT has to be run by itself: dctx is found by PYTHONPATH alone, or SCRIPT is not one
    of Python's.
    """
    script, python = program(), sys.executable
    if not os.path.isabs(python) or needs_environment(script, os.environ) or not _is_python(script):
        python = ""
    return python, script


def _is_python(script: str) -> bool:
    with contextlib.suppress(OSError), open(script, "rb") as file:
        head = file.read(1024).split(b"\n")[:3]
        if head[0].startswith(b"#!") and any(b"python" in line for line in head):
            return True
    return False


def _constants(folder: str) -> dict[str, str]:
    """Return every constant that a script may name; `folder` is the data folder."""
    values = {
        "version": __version__,
        "format": constants.FORMAT,
        "us": constants.SEPARATOR,
        "nl": "\n",
        "bin": launcher()[1],
        "python": launcher()[0],
        "begin": BEGIN,
        "shims": os.path.join(folder, "shims"),
        "sentinel": constants.SENTINEL,
        "saved": constants.SAVED,
        "letters": constants.LETTERS,
        "name_max": str(constants.NAME_MAX),
        "name_more": constants.NAME_MORE,
        "shown_max": str(constants.SHOWN_MAX),
        "shown_more": constants.SHOWN_MORE,
        "dotenv_max": str(constants.DOTENV_MAX),
        "retry": str(constants.RETRY_SECONDS),
        "words": f" {' '.join(sorted(constants.RESERVED))} ",
        "yielding": f" {' '.join(sorted(constants.YIELDING.union(constants.TRIED)))} ",
        "commands": "\n".join(f"{name}:{row[2]}" for name, row in COMMANDS.items()),
        "takes": "\n".join(f"{name}:{words}" for name, words in takes().items()),
        "cli_help": messages.CLI_HELP,
        "require": preload.option(os.path.join(folder, "shims", preload.FILE)),
    }
    colours = {**constants.COLOURS, **constants.COLOUR_NAMES}
    values["colours"] = "".join(f" {state}={number}" for state, number in colours.items())
    values |= {f"colour_{state}": number for state, number in colours.items()}
    values |= {f"m_{name}": text for name, text in messages.SHELL.items()}
    return {f"__dctx_{name}": value for name, value in values.items()}


def _for_terminals(values: Mapping[str, str]) -> dict[str, str]:
    """Return the constants for hooks, whose messages fit a window of the usual width.

    A shell cannot measure a text, and a hook speaks to a person. What stands at a `%s` is known
    here. The shim's messages stay whole: scripts may look for them.
    """
    fills = dict.fromkeys(("m_no_core", "m_no_answer"), values["__dctx_bin"])
    fills |= dict.fromkeys(("m_no_python", "m_old_python"), values["__dctx_python"])
    folder = os.path.dirname(values["__dctx_shims"])
    fills["m_no_file"] = os.path.join(folder, f"session.{constants.HOOKED[0]}")
    fills["m_readonly"] = max(constants.OWNED, key=len)
    found = dict(values)
    for name in messages.SHELL:
        text, fill = values[f"__dctx_m_{name}"], fills.get(f"m_{name}") or "%s"
        lines = "\n".join(message(text.replace("%s", fill), USUAL))
        found[f"__dctx_m_{name}"] = lines.replace(fill, "%s")
    return found


def _named(values: Mapping[str, str], text: str) -> dict[str, str]:
    """Return those of the constants that a script names."""
    words = set(re.findall(r"__dctx_\w+", text))
    starts = tuple(word for word in words if word.endswith("_"))  # `__dctx_colour_$state`
    return {k: v for k, v in values.items() if k in words or (starts and k.startswith(starts))}


def _loader(shell: str, folder: str) -> str:
    """Return the hook of `shell`: lines that every shell can read, whichever sources them."""
    path = shlex.quote(os.path.join(folder, f"core.{shell}"))
    load = f"'builtin' source {path}"
    if shell == "zsh":  # sticky: its functions never see the user's options
        sticky = f"builtin emulate zsh -o no_aliases -c {shlex.quote(f'builtin . {path}')}"
        load = f"'builtin' eval {shlex.quote(sticky)}"  # fish refuses a built-in it does not know
    is_it = f"""'[' -n "${shell.upper()}_VERSION" ']'"""
    other = shlex.quote(messages.SHELL["wrong_shell"] % shell)
    text = f"{is_it} || 'echo' {other} >&2\n{is_it} && {load}\n"
    if shell == "zsh":  # not sticky: it asks for an option of the user's
        percent = """__dctx_percent() { 'builtin' test "${options[prompt_percent]}" = on; }"""
        text += f"{is_it} && 'builtin' eval {shlex.quote(percent)}\n"
    return text


def _piece(name: str, header: Mapping[str, str], text: str, build: str) -> str:
    """Return a file of PIECES; `build` is the mark of one that is loaded later, or ""."""
    head = "".join(f"{k}={shlex.quote(v)}\n" for k, v in header.items())
    if name.endswith(".fish"):
        head = "".join(f"set -g {k} {quote_fish(v)}\n" for k, v in header.items())
    if name.endswith(".bash"):
        return f"{build}{_BASH_HEAD}{head}{text}{_BASH_TAIL}"
    return f"{build}{head}{text}"


def files(folder: str) -> dict[str, tuple[str, int]]:
    """Return every static file of the data folder: path below it → text and mode."""
    every = _constants(folder)
    texts = {name: dialects.joined(*scripts) for name, scripts in PIECES.items()}
    for shell in dialects.SHARING:
        of_it = {name: text for name, text in texts.items() if name.endswith(f".{shell}")}
        texts |= dialects.for_shell(shell, of_it)
    shown = _for_terminals(every)
    parts = "".join([*every.values(), *shown.values(), *texts.values()])
    build = hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    found = {f"hook.{shell}": (_loader(shell, folder), 0o644) for shell in constants.HOOKED}
    for name, text in texts.items():
        shell = name.rpartition(".")[2]
        first = f"core.{shell}"
        header = _named(shown, text)
        if name == first:
            header |= {"__dctx_version": __version__, "__dctx_build": build}
        else:
            known = _named(shown, texts[first])
            header = {k: v for k, v in header.items() if k not in known}
        mark = "" if name == first else f"# {build}\n"
        found[name] = (_piece(name, header, text, mark), 0o644)
    shim, direnv = dialects.joined("dokploy.sh"), dialects.joined("direnv.sh")
    head, direnv_head = (
        "".join(f"{k}={shlex.quote(v)}\n" for k, v in _named(every, text).items())
        for text in (shim, direnv)
    )
    return {
        **found,
        "direnv.sh": (f"{direnv_head}{direnv}", 0o644),
        "shims/dokploy": (f"#!/bin/sh\n{MARKER}\n{head}{shim}", 0o755),
        "shims/reads.sh": (paths.script_text("reads.sh"), 0o644),
        f"shims/{preload.FILE}": (paths.script_text(preload.FILE), 0o644),
    }
