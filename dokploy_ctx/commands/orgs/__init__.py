"""`dctx orgs`: the organizations of a key's user, and a profile with a key of its own for each."""

from __future__ import annotations

import click

from ...errors import UsageError
from ..shared.options import profile_option
from .add import add
from .asking import PROFILE_HELP
from .list import list_, show
from .sync import sync


@click.group(name="orgs", invoke_without_command=True)
@profile_option(PROFILE_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_context
def orgs(ctx: click.Context, flag: str | None, as_json: bool) -> None:
    """List your organizations on a panel, and the profiles for each.

    * is the organization of the API key that was used. An API key of Dokploy is for one
    organization, and can make keys for every organization of its user.

    \b
    Examples:
      # List the organizations on the panel of the active profile
      dctx orgs
      # Make a key for one organization and save it as a profile
      dctx orgs add Globex --expires 90d
      # Do so for every organization without a profile or key
      dctx orgs sync
    """
    ctx.obj = flag
    if ctx.invoked_subcommand is None:
        show(flag, as_json)
    elif as_json:
        raise UsageError(
            f"--json cannot be used with {ctx.invoked_subcommand}. Run: dctx orgs --json"
        )


orgs.add_command(list_)
orgs.add_command(add)
orgs.add_command(sync)
