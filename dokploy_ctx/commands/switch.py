"""`dctx NAME`, `-`, `off`: what only the hook can do, since no program can change its parent."""

from __future__ import annotations

import os

import click

from ..errors import DctxError
from ..model.profile import command, no_such_profile
from ..reserved import instead
from .shared import context


def needs_hook(word: str) -> DctxError:
    """Return the error for a switch without the hook: the one line that mends it (exit 1, or 3)."""
    if word not in ("-", "off"):
        config = context.load()
        if word not in config.profiles:
            meant = instead(word, "Nearest command")
            return no_such_profile(word, config.names, instead=meant)
    from ..files import paths
    from ..shells import hook_files
    from ..shells.rc_choice import user_shell

    shell, folder = user_shell(), paths.data_dir()
    if shell == "sh":
        name = "NAME" if word == "-" else word
        does = "dctx env --off --shell sh" if word == "off" else command("env", name, "--shell sh")
        return DctxError(f'dctx has no hook for this shell. Run: eval "$({does})"')
    if os.path.exists(hook_files.hook_path(shell, folder)):
        line = f"Open a new one, or run: {hook_files.source_line(shell, folder)}"
    else:
        line = f"Run: {hook_files.load_line(shell)}; for all new ones: dctx install"
    return DctxError(f"this terminal has not loaded dctx. {line}")


@click.command(name="switch")
@click.argument("name")
def switch(name: str) -> None:
    """Point this terminal at the profile NAME. The same as dctx NAME, and the way to a profile that
    is named like a command of dctx.

    \b
    Examples:
      dctx switch staging
      dctx switch -- list        a profile named like a command
    """
    raise needs_hook(name)


@click.command(name="off")
def off() -> None:
    """Take the profile out of this terminal: every variable is as before the first switch.

    \b
    Example:
      dctx off
    """
    raise needs_hook("off")
