"""`dctx remove NAME…`: profiles, out of the file."""

from __future__ import annotations

import os

import click

from .. import common, confirm, keys, store
from ..profile import quoted, shown


@click.command(name="remove")
@click.argument("names", nargs=-1, required=True)
def remove(names: tuple[str, ...]) -> None:
    """Remove the profiles NAMES. Removing the default leaves no default: nothing moves silently.

    \b
    Example:
      dctx remove staging
    """
    before = common.load()
    for name in dict.fromkeys(names):
        confirm.require(before.get(name), "remove it")
    with store.edit(common.folder(), common.shell_pid()) as document:
        config = document.config
        gone = [config.get(name) for name in dict.fromkeys(names)]
        for profile in gone:
            del document.data["profiles"][profile.name]
        was_default = document.data.get("currentProfile") in names
        if was_default:
            del document.data["currentProfile"]
    for profile in gone:
        common.say(f"removed {shown(profile.name)}.")
        notice = keys.forget(profile.keyring) if profile.keyring else ""
        if notice:
            common.say(notice)
        if os.environ.get("DOKPLOY_PROFILE") == profile.name:
            common.say(f"this terminal is still on {quoted(profile.name)}. Run: dctx off")
    if was_default:
        common.say("that was the default; there is none now. Run: dctx use NAME")
