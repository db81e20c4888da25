"""`dctx orgs`: the organizations of a key's user, and a profile with a key of its own for each."""

from __future__ import annotations

import json
import sys

import click

from ..errors import UsageError
from ..model.neighbours import same_panel
from ..model.profile import shown
from ..text.foreign import clean, cut
from .orgs_add import add, asked, say_unknown, sync

_PROFILE = click.option(
    "--profile", "flag", metavar="NAME", help="With the key of NAME, not of the one in force here."
)


@click.group(name="orgs", invoke_without_command=True)
@_PROFILE
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
@click.pass_context
def orgs(ctx: click.Context, flag: str | None, as_json: bool) -> None:
    """List the organizations of the key's user, and the profiles that point to each.

    * is the organization of the key that was used. One key can make keys for every organization
    that its user is in: add makes one, sync one for each organization that has no profile.

    \b
    Examples:
      dctx orgs
      dctx orgs add Globex --expires 90d
      dctx orgs sync
    """
    ctx.obj = flag
    if ctx.invoked_subcommand is None:
        _show(flag, as_json)
    elif as_json:
        raise UsageError(f"--json goes with dctx orgs list, not {ctx.invoked_subcommand}.")


@orgs.command(name="list", short_help="List them; what dctx orgs does.")
@_PROFILE
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
@click.pass_obj
def list_(obj: str | None, flag: str | None, as_json: bool) -> None:
    """List them: name, id, role, profiles. * is the organization of the key that was used.

    \b
    Example:
      dctx orgs list --json | jq -r '.[].name'
    """
    _show(flag if flag is not None else obj, as_json)


def _show(flag: str | None, as_json: bool) -> None:
    from ..model.organizations import pointing, sorted_by_name
    from .shared.leftover_keys import report

    config, profile, _, identity = asked(flag)
    report(profile, identity, config)
    profiles = same_panel(profile, config)
    rows = [
        (o, [p.name for p in pointing(o, profiles)], o.id == identity.organization_id)
        for o in sorted_by_name(identity)
    ]
    if as_json:
        data = [
            {"id": o.id, "name": o.name, "role": o.role, "profiles": names, "current": here}
            for o, names, here in rows
        ]
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        return
    cells = [
        (
            "*" if here else " ",
            cut(o.name, 40),
            clean(o.id),
            cut(o.role),
            ", ".join(map(shown, names)),
        )
        for o, names, here in rows
    ]
    widths = [max((len(row[column]) for row in cells), default=0) for column in range(1, 4)]
    for mark, *columns, names in cells:
        padded = (text.ljust(width) for text, width in zip(columns, widths, strict=True))
        sys.stdout.write(f"{mark} {'  '.join(padded)}  {names}".rstrip() + "\n")
    say_unknown(profiles)


orgs.add_command(add)
orgs.add_command(sync)
