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
      dctx help
      dctx help exec
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
                close = ", ".join(nearest(word, group.list_commands(inner) if group else []))
                hint = f"Nearest: {close}." if close else ""
            hint = hint or f"See: {inner.command_path} --help"
            raise UsageError(f"no command {typed(word)}. {hint}")
        command, inner = found, click.Context(found, info_name=found.name, parent=inner)
    sys.stdout.write(command.get_help(inner) + "\n")
