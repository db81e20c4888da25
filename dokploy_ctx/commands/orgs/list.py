"""`dctx orgs list`: organizations, and the profiles that are for each."""

from __future__ import annotations

import json
import sys

import click

from ...model.neighbours import same_panel
from ...model.organizations import pointing, sorted_by_name
from ...model.profile import Profile, shown
from ...text.foreign import clean, columns, cut
from .asking import asked, profile_option, say_unknown


@click.command(name="list", short_help="List organizations and their profiles")
@profile_option
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
            f"{'*' if own else ' '} {cut(o.name, 40)}",
            clean(o.id),
            cut(o.role),
            ", ".join(map(_marked, found)),
        )
        for o, found, own in rows
    ]
    sys.stdout.write("".join(line + "\n" for line in columns(cells)))
    say_unknown(profiles)


def _marked(profile: Profile) -> str:
    return shown(profile.name) + ("" if profile.has_key else " (no key)")
