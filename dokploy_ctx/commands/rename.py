"""`dctx rename OLD NEW`: rename a profile."""

from __future__ import annotations

import click

from ..errors import UsageError
from ..files import store
from ..model.neighbours import require_unchanged
from ..model.profile import check_new_name, shown, typed
from ..model.resolve import Config
from .shared import confirm, context


@click.command(name="rename")
@click.argument("old")
@click.argument("new")
def rename(old: str, new: str) -> None:
    """Rename the profile OLD to NEW. Terminals that use OLD follow to NEW.

    A protected profile requires confirmation.

    \b
    Example:
      dctx rename staging acme-staging
    """
    before = context.load()
    profile = before.get(old)
    _check(old, new, before)
    confirm.require(profile, "rename it")
    with store.edit(context.folder(), context.shell_pid()) as document:
        require_unchanged(old, profile, document.config.get(old))
        _check(old, new, document.config)
        document.data["profiles"] = {
            new if name == old else name: entry for name, entry in document.data["profiles"].items()
        }
        if document.data.get("currentProfile") == old:
            document.data["currentProfile"] = new
    context.tell(f"Renamed profile {shown(old)} to {new}")


def _check(old: str, new: str, config: Config) -> None:
    """Return if OLD may be renamed to NEW. Raises UsageError (exit 2) if not."""
    if new in config.profiles and new != old:
        raise UsageError(f"{typed(new)} exists already. Choose another name, or remove it first.")
    check_new_name(new, [name for name in config.names if name != old])
