"""`dctx rename OLD NEW`."""

from __future__ import annotations

import click

from .. import common, store
from ..errors import UsageError
from ..profile import check_new_name, quoted, shown


@click.command(name="rename")
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Rename the profile OLD to NEW; a terminal that is on OLD follows.

    \b
    Example:
      dctx rename staging acme-staging
    """
    with store.edit(common.folder(), common.shell_pid()) as document:
        document.config.get(old)
        if new in document.config.profiles and new != old:
            raise UsageError(f"{quoted(new)} exists. Remove it first, or choose another name.")
        check_new_name(new, [n for n in document.config.names if n != old])
        document.data["profiles"] = {
            new if name == old else name: entry for name, entry in document.data["profiles"].items()
        }
        if document.data.get("currentProfile") == old:
            document.data["currentProfile"] = new
    common.say(f"{shown(old)} is called {new} now.")
