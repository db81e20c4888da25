"""`dctx profiles list|use|current|remove`: the same commands in the words of Dokploy/cli #44."""

from __future__ import annotations

import click

from .current import current
from .list_ import list_profiles
from .remove import remove
from .use import use


@click.group(name="profiles", invoke_without_command=True)
@click.pass_context
def profiles(ctx: click.Context) -> None:
    """Manage profiles as dokploy profiles: list, use NAME, current, remove NAME.

    These are the same as dctx list, dctx use, dctx current and dctx remove.

    \b
    Examples:
      dokploy profiles list           all profiles
      dokploy profiles use staging    make staging the default

    See also: dctx list, dctx use
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_profiles)


for _command in (list_profiles, use, current, remove):
    profiles.add_command(_command)
