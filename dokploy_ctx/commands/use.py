"""`dctx use NAME`: the default for terminals that have not switched."""

from __future__ import annotations

import os

import click

from ..files import store
from ..model.profile import command, shown, typed, word
from .shared import context, picker


@click.command(name="use")
@click.argument("name", required=False)
def use(name: str | None) -> None:
    """Make NAME the default: the profile of every terminal that has not switched.

    Without NAME it is chosen with fzf, on a terminal. This terminal, where it has switched, stays
    on its profile; so does one in which DOKPLOY_URL and its key are set.

    \b
    Examples:
      dctx use staging    staging is the default from now on
      dctx use            choose it from a list

    Exit codes: 3 where there is no such profile, 130 where none was chosen.

    See also: dctx NAME (this terminal only), dctx current
    """
    name = name if name is not None else picker.pick_name(context.load(), "use")
    with store.edit(context.folder(), context.shell_pid()) as document:
        profile = document.config.get(name)
        document.data["currentProfile"] = name
    context.say(f"{shown(name)} is the default now ({profile.shown_url}).")
    if not profile.has_key:
        url = profile.shown_url or "URL"
        context.say(
            f"{shown(name)} has no key yet. Run: {command('auth', name, f'-u {word(url)}')}"
        )
    stays = os.environ.get("DOKPLOY_PROFILE")
    if stays and stays != name:
        context.say(f"this terminal stays on {typed(stays)}.")
