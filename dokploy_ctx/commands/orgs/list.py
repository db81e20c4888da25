"""`dctx orgs list`: list organizations, and the profiles for each."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import click

from ...constants import COLOURS
from ...model.neighbours import same_panel
from ...model.organizations import pointing, sorted_by_name
from ...model.profile import Profile, shown
from ...text.foreign import clean, cut
from ...text.table import Cell, table, view
from ..shared.options import profile_option
from .asking import PROFILE_HELP, asked, say_unknown

_HEADERS = ("", "ORGANIZATION", "ID", "ROLE", "PROFILES")


@click.command(name="list", short_help="List organizations and their profiles")
@profile_option(PROFILE_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_obj
def list_(obj: str | None, flag: str | None, as_json: bool) -> None:
    """List your organizations: name, id, role, profiles.

    * is the organization of the API key that was used.

    \b
    Example:
      # The names, one to a line
      dctx orgs list --json | jq -r '.[].name'
    """
    show(flag if flag is not None else obj, as_json)


def show(flag: str | None, as_json: bool) -> None:
    """Print the organizations of the user whose key is used."""
    from ..shared.leftover_keys import report

    config, profile, _, identity = asked(flag)
    report(profile, identity, config)
    profiles = same_panel(profile, config)
    rows = [
        (o, pointing(o, profiles), o.id == identity.organization_id)
        for o in sorted_by_name(identity)
    ]
    if as_json:
        data = [
            {
                "id": o.id,
                "name": o.name,
                "role": o.role,
                "profiles": [p.name for p in found],
                "withoutKey": [p.name for p in found if not p.has_key],
                "current": own,
            }
            for o, found, own in rows
        ]
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        return
    cells = [
        (
            "*" if own else " ",
            cut(o.name, 40),
            clean(o.id),
            cut(o.role),
            Cell(", ".join(map(_marked, found)), _colour(found)),
        )
        for o, found, own in rows
    ]
    lines = table(cells, view(sys.stdout), headers=_HEADERS, gaps=(1,), name=1)
    sys.stdout.write("".join(line + "\n" for line in lines))
    say_unknown(profiles)


def _colour(profiles: Sequence[Profile]) -> str:
    """Return the colour of a cell: that of a warning if a profile cannot be used."""
    unusable = [p for p in profiles if not p.has_key or p.expiry.past]
    return COLOURS["unknown"] if unusable else ""


def _marked(profile: Profile) -> str:
    return shown(profile.name) + ("" if profile.has_key else " (no key)")
