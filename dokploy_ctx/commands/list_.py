"""`dctx list`: list the profiles, in the file's order."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from ..errors import UsageError
from ..model.profile import Profile, shown, typed
from ..model.resolve import Config
from ..text.table import view
from .shared import context, listing


def as_data(profile: Profile, config: Config, active: str) -> dict[str, Any]:
    """Return a profile for --json: everything but the key."""
    return {
        "name": profile.name,
        "url": profile.shown_url,
        "organization": listing.organization(profile),
        "protected": profile.protected,
        "access": profile.access or None,
        "hasKey": profile.has_key,
        "expiresAt": profile.expires_at or None,
        "default": profile.name == config.current,
        "current": profile.name == active,
    }


@click.command(name="list")
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, without keys.")
@click.option("-q", "--quiet", is_flag=True, help="Print the names alone.")
def list_profiles(word: str | None = None, as_json: bool = False, quiet: bool = False) -> None:
    """List the saved profiles. * is the active one, which the next dokploy here uses.

    With WORD: only profiles whose name, URL or organization contains it, in upper or lower case.
    The notes say which profile is the default (where another one is active), which are protected,
    when a key expires, and which profile has no key yet: dctx auth NAME saves one. On a terminal
    the columns have headers and fit the window; in a pipe every line is whole.

    \b
    Examples:
      dctx list                           all profiles
      dctx list acme                      those with "acme" in them
      dctx list --json | jq -r '.[].url'  their URLs, for a script

    See also: dctx current, dctx orgs, dctx verify
    """
    if as_json and quiet:
        raise UsageError("--json and --quiet exclude each other. Use one of them.")
    config = context.load()
    found = [p for p in config.profiles.values() if listing.matches(p, word or "")]
    if quiet:
        text = "".join(shown(profile.name) + "\n" for profile in found)
    elif as_json:
        active, _ = listing.active_name(config)
        text = json.dumps([as_data(p, config, active) for p in found], indent=2) + "\n"
    else:
        text = "".join(line + "\n" for line in listing.lines(found, config, view(sys.stdout)))
    sys.stdout.write(text)
    if found or as_json:
        return
    if not config.profiles:
        context.say(context.NO_PROFILES)
    else:
        context.say(f"no profile contains {typed(word or '')}. To see all, run: dctx list")
