"""The texts of the hook scripts and of the shim: found in the package, given what they name.

The files in shell/ are plain scripts. What they share with the core comes from constants.py and
messages.py, and from nowhere else, in two ways:

    a header of quoted constants, such as __dctx_us, __dctx_colour_session, __dctx_m_readonly
    words that stand in a script for what constants.py says, put in when the file is made:
    $__dctx_l_NAME becomes the words of a list, the identifier __dctx_n_ROLE a variable's name;
    dialects.py writes what a shell has for all variables of a list at once, such as their values

The row of a shell (rows/) knows what else it needs of its scripts, with dialects.py.

The data folder:

    hook.*            what a start-up file sources: loads the first piece, or says in another shell
                      that it is not for that one
    core.*            the first piece, with the header; the other pieces of the row are loaded when
                      something first needs them
    direnv.sh         with such a header: `use dokploy NAME` for direnv
    shims/dokploy     the shim: its header, dokploy.sh
    shims/reads.sh    what the shim sources for a protected profile

A piece that is loaded later may be there since an upgrade: the build in its first line, of all
scripts and constants, tells. The terminal then loads its first piece again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from collections.abc import Mapping

from .. import __version__, constants
from ..files import paths
from ..official import preload
from ..reserved import COMMANDS
from ..takes import takes
from ..text import messages
from ..text.terminal import USUAL
from ..text.wrapping import message
from . import dialects, rows
from .launch import BEGIN, launcher

# The second line of the shim; it tells a dctx shim from the real CLI, whichever wrote it.
MARKER = "# dctx shim: finds the profile, then becomes the real dokploy"


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
        "files": folder,
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
    fills["m_no_file"] = os.path.join(folder, f"session.{rows.HOOKED[0]}")
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


def files(folder: str) -> dict[str, tuple[str, int]]:
    """Return every static file of the data folder: path below it → text and mode."""
    every = _constants(folder)
    shells = rows.every()
    pieces = {
        shell.name: shell.adapted(
            {
                f"{piece}.{shell.name}": dialects.joined(*scripts)
                for piece, scripts in (*shell.pieces, ("leave", shell.leaving))
            }
        )
        for shell in shells
    }
    shown = _for_terminals(every)
    parts = [text for texts in pieces.values() for text in texts.values()]
    whole = "".join([*every.values(), *shown.values(), *parts])
    build = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    found = {}
    for shell in shells:
        first = f"core.{shell.name}"
        found[f"hook.{shell.name}"] = (shell.loader(os.path.join(folder, first)), 0o644)
        texts = dict(pieces[shell.name])
        leaving = texts.pop(f"leave.{shell.name}")
        known = _named(shown, texts[first] + leaving) | {"__dctx_leaving": leaving}
        for name, text in texts.items():
            if name == first:
                header = known | {"__dctx_version": __version__, "__dctx_build": build}
            else:
                header = {k: v for k, v in _named(shown, text).items() if k not in known}
            # The mark of a piece that is loaded later.
            mark = "" if name == first else f"# {build}\n"
            found[name] = (mark + shell.piece(header, text), 0o644)
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
