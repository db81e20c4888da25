"""`dctx help [COMMAND]`: the same as `--help`."""

from __future__ import annotations

import sys

import click

from ..errors import UsageError
from ..model.profile import nearest, typed
from ..reserved import instead


@click.command(name="help")
@click.argument("words", metavar="[COMMAND]", nargs=-1)
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show what dctx does, or how to use COMMAND.

    \b
    Examples:
      dctx help         the first screen: what people do, and every command
      dctx help exec    one command, the same as: dctx exec --help

    See also: dctx doctor, for what does not work
    """
    root = ctx.parent
    assert root is not None
    command, inner = root.command, root
    for word in words:
        group = command if isinstance(command, click.Group) else None
        found = group.get_command(inner, word) if group else None
        if found is None:
            if group is root.command:
                hint = instead(word)
            else:
                close = " or ".join(nearest(word, group.list_commands(inner) if group else []))
                hint = f"Did you mean {close}?" if close else ""
            hint = hint or f"To see all, run: {inner.command_path} --help"
            raise UsageError(f"command {typed(word)} not found. {hint}")
        command, inner = found, click.Context(found, info_name=found.name, parent=inner)
    sys.stdout.write(command.get_help(inner) + "\n")
