"""`dctx list`: the profiles, in the file's order."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from ..errors import DctxError
from ..model.profile import Profile, shown
from ..model.resolve import Config
from ..text.foreign import cut
from .shared import context


def name_in_force(config: Config) -> str:
    """Return the name of the profile in force here, "" where none is or that is refused."""
    try:
        profile = context.in_force(config).profile
    except DctxError:
        return ""
    return profile.name if profile else ""


def notes(profile: Profile, config: Config, here: str) -> list[str]:
    """Return the remarks at the end of a profile's line."""
    found = []
    if profile.name == config.current and profile.name != here:
        found.append("default")
    if profile.protected:
        found.append(profile.access or "protected")
    if profile.expires_at:
        found.append(expiry(profile))
    if not profile.has_key:
        found.append("no key")
    return found


def expiry(profile: Profile) -> str:
    """Return "expires 2027-01-01", or "expired 2026-01-01"."""
    found = profile.expiry
    return f"{'expired' if found.past else 'expires'} {found.day}"


def as_data(profile: Profile, config: Config, here: str) -> dict[str, Any]:
    """Return a profile for --json: everything but the key."""
    organization = None
    if profile.organization_id or profile.organization:
        organization = {"id": profile.organization_id, "name": profile.organization}
    return {
        "name": profile.name,
        "url": profile.shown_url,
        "organization": organization,
        "protected": profile.protected,
        "access": profile.access or None,
        "hasKey": profile.has_key,
        "expiresAt": profile.expires_at or None,
        "default": profile.name == config.current,
        "current": profile.name == here,
    }


def lines(config: Config, here: str, *, colour: bool) -> list[str]:
    """Return a line per profile, as in Dokploy/cli issue #44: mark, name, URL, then ours."""
    rows = []
    for profile in config.profiles.values():
        extra = [cut(profile.organization)] if profile.organization else []
        remarks = notes(profile, config, here)
        extra += [f"({', '.join(remarks)})"] if remarks else []
        rows.append((profile.name, shown(profile.name), profile.shown_url, "  ".join(extra)))
    name_width = max([10, *(len(label) for _, label, _, _ in rows)])
    url_width = max((len(url) for _, _, url, extra in rows if extra), default=0)
    shown_lines = []
    for name, label, url, end in rows:
        line = f"{'*' if name == here else ' '} {label:<{name_width}} {url:<{url_width}}  {end}"
        line = line.rstrip()
        shown_lines.append(click.style(line, fg="green") if colour and name == here else line)
    return shown_lines


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, without keys.")
@click.option("-q", "--quiet", is_flag=True, help="Names only.")
def list_profiles(as_json: bool = False, quiet: bool = False) -> None:
    """List the profiles. * is the one in force here; the default is marked where it differs.

    (no key) is a profile of a team's file to which dctx auth has to give one.

    \b
    Examples:
      dctx list
      dctx list --json | jq -r '.[].url'
    """
    config = context.load()
    if quiet:
        text = "".join(shown(name) + "\n" for name in config.names)
    elif as_json:
        here = name_in_force(config)
        rows = [as_data(p, config, here) for p in config.profiles.values()]
        text = json.dumps(rows, indent=2) + "\n"
    else:
        if not config.profiles:
            context.say("no profiles are saved yet. Run: dctx auth NAME -u URL")
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text = "".join(line + "\n" for line in lines(config, name_in_force(config), colour=colour))
    sys.stdout.write(text)
