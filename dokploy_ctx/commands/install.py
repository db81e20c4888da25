"""`dctx install [SHELL]` and `dctx uninstall`."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from ..constants import HOOKED
from ..errors import DctxError
from ..files import paths, store
from ..official import tab_files
from ..shells import hook_files, rc_choice, upkeep
from ..shells import install as policy
from ..shells.rc_file import shown_path
from .shared import ask, context


@click.command(name="install")
@click.argument("shell", type=click.Choice(HOOKED), required=False)
def install(shell: str | None) -> None:
    """Load dctx in every new terminal of SHELL (default: the shell that runs this).

    Writes the hook to a file and adds one line to the shell's start-up file, and says where; dctx
    uninstall takes both out again. Prints the line that loads the hook into this terminal.

    \b
    Examples:
      dctx install
      eval "$(dctx install bash)"       and have it in this terminal, too
      dctx install fish | source
    """
    shell = shell or rc_choice.detect()
    if shell is None:
        choices = ", ".join(HOOKED)
        otherwise = f"which shell? Run: dctx install SHELL, where SHELL is one of {choices}."
        shell = ask.text("Which shell", otherwise, choices=HOOKED)
    folder = paths.data_dir()
    own = policy.by_hand(shell, os.environ, folder)
    edits = [] if own else policy.plan(shell, os.environ, folder)
    policy.apply(edits, folder)
    tab_files.refresh(folder, os.environ.get("PATH", os.defpath))
    with contextlib.suppress(OSError, DctxError):
        upkeep.note(os.environ, folder)
    if own:
        context.say(f"you load the hook by hand, so no line was added. {own}")
    for edit in edits:
        if edit.before == edit.after:
            context.say(f"{shown_path(edit.path)} has the line already.")
        else:
            what = "changed" if edit.replaces else "added"
            file = shown_path(hook_files.hook_path(shell, folder))
            where = f"line {edit.number} of {shown_path(edit.path)}"
            context.say(f"{what} {where}: it loads {file}, where that is there.")
    context.say("new terminals have dctx. To have it in this one, run:")
    sys.stdout.write(hook_files.source_line(shell, folder) + "\n")
    sys.stdout.flush()
    lacks = rc_choice.tab_in(shell, os.environ)
    if lacks:
        context.say(". ".join(lacks))
    place = rc_choice.place_in_theme(shell, os.environ)
    if place:
        context.say(f"{place}.")


@click.command(name="uninstall")
def uninstall() -> None:
    """Take out what dctx install put in: its line, the hook, the shim, the compiled index.

    The start-up files are byte for byte as before. config.json, with your keys, stays, and so does
    the program: last is said how to remove that.

    \b
    Example:
      dctx uninstall
    """
    edits = policy.removals(os.environ)
    folders = {paths.data_dir()}
    record = upkeep.recorded(os.environ)
    if record and os.path.isabs(record[2]):
        folders.add(record[2])
    for edit in edits:
        try:
            edit.apply()
        except OSError as error:
            raise DctxError(
                f"{shown_path(edit.path)}: {error.strerror}. Mend it, run it again."
            ) from None
        context.say(f"took line {edit.number} out of {shown_path(edit.path)}, which loaded dctx.")
    for folder in sorted(folders):
        if os.path.isdir(folder):
            rest = hook_files.remove_static(folder)
            kept = f"; it has files that are not dctx's: {', '.join(rest)}" if rest else ""
            context.say(f"{'emptied' if rest else 'removed'} {shown_path(folder)}{kept}.")
    config = _forget_index()
    for found in policy.leftovers(os.environ, paths.data_dir()):
        context.say(f"you load the hook by hand; take that out yourself. {found}")
    context.say("open terminals keep the hook until they end.")
    if os.path.exists(config):
        context.say(f"your profiles, with their keys, stay: {shown_path(config)}")
    context.say(f"the program stays. To remove it: {_how_to_remove_program()}")


def _how_to_remove_program() -> str:
    """Return the command of what installed us, where that is certain; else all that it may be."""
    for mark, tool in (("pipx_metadata.json", "pipx"), ("uv-receipt.toml", "uv tool")):
        if os.path.exists(os.path.join(sys.prefix, mark)):
            return f"{tool} uninstall dokploy-ctx"
    return "pipx uninstall dokploy-ctx (or uv tool, or pip, as it was installed)"


def _forget_index() -> str:
    """Take away what was compiled; return the path of config.json."""
    folder = context.folder()
    upkeep.forget(os.environ)
    store.forget_index(folder)
    return paths.config_file(folder)
