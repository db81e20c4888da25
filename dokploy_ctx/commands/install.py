"""`dctx install [SHELL]` and `dctx uninstall`."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from ..errors import DctxError
from ..files import paths, store
from ..files.home import shown_path
from ..official import remembered, tab_files
from ..shells import hook_files, rows, upkeep, which_shell
from ..shells import install as policy
from .shared import ask, context


@click.command(name="install")
@click.argument("shell", type=click.Choice(rows.HOOKED), required=False)
def install(shell: str | None) -> None:
    """Load dctx in every new terminal of SHELL, by default of the shell that runs this.

    One line is added to the start-up file of the shell; the message says which file. Printed is the
    line that loads dctx into this terminal, too. dctx uninstall undoes all of it.

    \b
    Examples:
      dctx install                    for the shell that runs this
      eval "$(dctx install bash)"     and load it in this terminal, too
      dctx install fish | source      the same in fish

    See also: dctx doctor, dctx init
    """
    shell = shell or which_shell.detect()
    if shell is None:
        choices = ", ".join(rows.HOOKED)
        otherwise = f"which shell? Run: dctx install SHELL, where SHELL is one of {choices}."
        shell = ask.text("Which shell", otherwise, choices=rows.HOOKED)
    folder = paths.data_dir()
    own = policy.by_hand(shell, os.environ, folder)
    edits = [] if own else policy.plan(shell, os.environ, folder)
    policy.apply(edits, folder)
    tab_files.refresh(folder, os.environ.get("PATH", os.defpath))
    with contextlib.suppress(OSError, DctxError):
        upkeep.note(os.environ, folder)
    if own:
        context.tell(f"You load dctx by a line of your own, so none was added. {own}")
    for edit in edits:
        if edit.before == edit.after:
            context.tell(f"{shown_path(edit.path)} has the line already")
        else:
            what = "Changed" if edit.replaces else "Added"
            file = shown_path(hook_files.hook_path(shell, folder))
            where = f"line {edit.number} of {shown_path(edit.path)}"
            context.tell(f"{what} {where}, which loads {file}")
    context.tell("New terminals have dctx. To load it in this one, run:")
    sys.stdout.write(hook_files.source_line(shell, folder) + "\n")
    sys.stdout.flush()
    row = rows.row(shell)
    lacks = row.tab_needs(os.environ)
    if lacks:
        context.say(". ".join(lacks))
    place = row.place_in_theme(os.environ)
    if place:
        context.tell(place)


@click.command(name="uninstall")
def uninstall() -> None:
    """Undo dctx install: remove its line, the shell integration and the dokploy wrapper.

    The start-up files are byte for byte as before, and open terminals follow at their next prompt.
    config.json, with your keys, stays, and so does the program: the last message says how to remove
    that.

    \b
    Example:
      dctx uninstall    keeps your profiles

    See also: dctx install
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
                f"cannot write {shown_path(edit.path)}: {error.strerror}. "
                "Make it writable, then run: dctx uninstall"
            ) from None
        context.tell(f"Removed line {edit.number} of {shown_path(edit.path)}, which loaded dctx")
    for folder in sorted(folders):
        if os.path.isdir(folder):
            rest = hook_files.remove_static(folder)
            kept = f"; these files in it are not of dctx: {', '.join(rest)}" if rest else ""
            context.tell(f"{'Emptied' if rest else 'Removed'} {shown_path(folder)}{kept}")
    config = _forget_index()
    for found in policy.leftovers(os.environ, paths.data_dir()):
        context.tell(f"You load dctx by a line of your own. Remove it yourself: {found}")
    remembered.forget()
    context.tell("Open terminals follow at their next prompt")
    if os.path.exists(config):
        context.tell(f"Your profiles, with their keys, stay in {shown_path(config)}")
    context.tell(f"The program stays. To remove it, run: {_how_to_remove_program()}")


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
