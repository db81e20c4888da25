"""`dctx protect NAME…` and `dctx unprotect NAME`: whether changes need the typed name."""

from __future__ import annotations

import click

from .. import common, confirm, store
from ..profile import shown
from ..text import segment


@click.command(name="protect")
@click.argument("names", nargs=-1, required=True)
def protect(names: tuple[str, ...]) -> None:
    """Ask for the profile's name before anything on NAMES is changed; reading stays as it is. The
    prompt shows ((NAME)).

    No terminal holds the key of a protected profile: dokploy commands that only read get it at
    once, all others after the name was typed. Without a terminal they are refused (exit 6) unless
    DCTX_YES is that profile's name.

    \b
    Example:
      dctx protect prod
    """
    with store.edit(common.folder(), common.shell_pid()) as document:
        profiles = [document.config.get(name) for name in dict.fromkeys(names)]
        for profile in profiles:
            profile.raw["protected"] = True
    for profile in profiles:
        name = shown(profile.name)
        mark = f"(({segment(name, profile.organization)}))"
        # A name that we would not make is "?" in a prompt.
        prompt = f" The prompt shows {mark}." if name == profile.name else ""
        common.say(f"{name} is protected: changes ask for its name.{prompt}")


@click.command(name="unprotect")
@click.argument("name")
def unprotect(name: str) -> None:
    """Take the protection off NAME again; asks for its name.

    \b
    Example:
      dctx unprotect prod
    """
    profile = common.load().get(name)
    if not profile.protected:
        common.say(f"{shown(name)} is not protected.")
        return
    confirm.require(profile, "unprotect it")
    with store.edit(common.folder(), common.shell_pid()) as document:
        document.config.get(name).raw.pop("protected", None)
    common.say(f"{shown(name)} is not protected any more.")
