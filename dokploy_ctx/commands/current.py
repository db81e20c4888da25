"""`dctx current`: the active profile."""

from __future__ import annotations

import json
import os
import sys

import click

from ..constants import BROKER
from ..errors import DctxError
from ..model import urls
from ..model.profile import shown
from ..model.resolve import LEGACY, PAIR
from .shared import context


@click.command(name="current")
@click.option(
    "--json", "as_json", is_flag=True, help="Print URL, organization, access and level, too."
)
def current(as_json: bool) -> None:
    """Print the name of the active profile.

    env:HOST stands for URL and key from the environment or a .env. The level in --json says why a
    profile is active: 2 this terminal was switched to it, 3 URL and key are set, 4 the default is
    active, 5 no profile is.

    \b
    Examples:
      dctx current                          the name, for a script
      dctx current --json | jq -r '.url'    the URL of its panel

    Exit codes: 1 where no profile is active.

    See also: dctx list, dctx doctor
    """
    if BROKER in os.environ:
        sys.stdout.write(_through_broker(as_json) + "\n")
        return
    found = context.active()
    for notice in found.notices:
        context.say(notice)
    profile, pair = found.profile, found.pair
    if as_json:
        from .shared import listing

        data = {
            "profile": profile.name if profile else None,
            "url": profile.shown_url if profile else urls.shown(pair.url) if pair else None,
            "organization": listing.organization(profile),
            "protected": bool(profile and profile.protected),
            "access": (profile.access if profile else "") or None,
            "level": found.level,
        }
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        if found.level == LEGACY:
            sys.exit(1)
        return
    if found.level == LEGACY:
        raise DctxError(context.NOT_ACTIVE)
    text = shown(profile.name) if profile else pair.segment if pair else ""
    sys.stdout.write(text + "\n")


def _through_broker(as_json: bool) -> str:
    """Return what is printed in a command that runs through a broker."""
    from ..broker.mark import of
    from .shared import listing

    mark = of(os.environ)
    assert mark is not None
    if not as_json:
        return shown(mark.profile)
    profile = context.load().profiles.get(mark.profile)
    data = {
        "profile": mark.profile,
        "url": os.environ.get("DOKPLOY_URL"),
        "organization": listing.organization(profile),
        "protected": bool(profile and profile.protected),
        "access": mark.access,
        "level": PAIR,
    }
    return json.dumps(data, indent=2)
