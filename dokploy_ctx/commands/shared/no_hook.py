"""The errors for `dctx NAME` without the hook, since a program cannot change its parent shell."""

from __future__ import annotations

import os
import sys

from ...errors import DctxError
from ...model.profile import command, no_such_profile
from ...model.profile import word as typed_word
from ...reserved import instead
from . import context


def needs_hook(word: str) -> DctxError:
    """Return the error (exit 1 or 3) for a switch without the hook, with a command that helps."""
    if word not in ("-", "off"):
        config = context.load()
        if word not in config.profiles:
            meant = instead(word)
            return no_such_profile(word, config.names, instead=meant)
    from ...files import paths
    from ...shells import hook_files
    from ...shells.which_shell import user_shell

    shell, folder = user_shell(), paths.data_dir()
    if shell == "sh":
        name = "NAME" if word == "-" else word
        does = "dctx env --off --shell sh" if word == "off" else command("env", name, "--shell sh")
        return DctxError(f'dctx cannot switch this shell. {_once(word)} Or: eval "$({does})"')
    if _in_script():
        return DctxError(f"{_quoted(word)} switches terminals, not scripts. {_once(word)}")
    if os.path.exists(hook_files.hook_path(shell, folder)):
        line = f"Open a new one, or run: {hook_files.source_line(shell, folder)}"
    else:
        line = f"Run: {hook_files.load_line(shell)}; for all new ones: dctx install"
    return DctxError(f"this terminal has not loaded dctx. {line}")


def _quoted(word: str) -> str:
    needs_dashes = word.startswith("-") and word != "-"
    return f'"{command("switch", word) if needs_dashes else f"dctx {word}"}"'


def _in_script() -> bool:
    """Return whether a script runs us: there is no terminal, or we do not lead a process group.

    An interactive shell starts each command line in a process group of its own.
    """
    return not sys.stderr.isatty() or os.getpgrp() != os.getpid()


def _once(word: str) -> str:
    """Return a sentence on how to run one command with a profile."""
    if word in ("-", "off"):
        return "For one command, run: dctx exec NAME -- COMMAND, or: dokploy --profile NAME ..."
    name = typed_word(word)
    runs = f"{command('exec', word)} -- COMMAND" if not word.startswith("-") else ""
    runs = runs and f"{runs}, or: "
    return f"For one command, run: {runs}dokploy --profile={name} ..."
