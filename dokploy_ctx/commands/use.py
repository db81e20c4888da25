"""`dctx use NAME`: the default for terminals that have not switched."""

from __future__ import annotations

import os

import click

from ..files import store
from ..model.profile import command, shown, typed, word
from .shared import context


@click.command(name="use")
@click.argument("name")
def use(name: str) -> None:
    """Make NAME the default of every terminal that has not switched.

    \b
    Example:
      dctx use staging
    """
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
