"""`dctx protect NAME…` and `dctx unprotect NAME`: whether changes need the typed name."""

from __future__ import annotations

import click

from ..files import store
from ..model.profile import READ_ONLY, shown
from ..text.foreign import segment
from .shared import confirm, context


@click.command(name="protect")
@click.argument("names", nargs=-1, required=True)
@click.option("--read-only", is_flag=True, help="Refuse every change.")
def protect(names: tuple[str, ...], read_only: bool) -> None:
    """Require confirmation before anything on NAMES is changed.

    You type the profile's name to confirm. Commands that only read run at once. The prompt shows
    ((NAME)).

    No terminal has the key of a protected profile. Without a terminal to ask on, changes are
    refused unless DCTX_YES is that profile's name. With --read-only changes are refused, whoever
    asks, and dctx exec runs its command without the key.

    \b
    Examples:
      dctx protect prod                ask before changes
      dctx protect prod --read-only    refuse changes

    Exit codes: 6 where a change is refused.

    See also: dctx unprotect, dctx exec --read-only
    """
    with store.edit(context.folder(), context.shell_pid()) as document:
        profiles = [document.config.get(name) for name in dict.fromkeys(names)]
        for profile in profiles:
            profile.raw["protected"] = True
            if read_only:
                profile.raw["access"] = READ_ONLY
    for profile in profiles:
        name = shown(profile.name)
        mark = f"(({segment(name, profile.organization)}))"
        # A name that we would not make is "?" in a prompt.
        prompt = f" The prompt shows {mark}." if name == profile.name else ""
        what = "read-only" if profile.access else "protected: changes require its name"
        context.tell(f"{name} is now {what}.{prompt}")


@click.command(name="unprotect")
@click.argument("name")
def unprotect(name: str) -> None:
    """Remove the protection of NAME, after confirmation.

    \b
    Example:
      dctx unprotect prod    asks for the name, prod

    See also: dctx protect
    """
    profile = context.load().get(name)
    if not profile.protected:
        context.tell(f"{shown(name)} is not protected")
        return
    confirm.require(profile, "unprotect it")
    with store.edit(context.folder(), context.shell_pid()) as document:
        raw = document.config.get(name).raw
        raw.pop("protected", None)
        raw.pop("access", None)
    context.tell(f"{shown(name)} is no longer protected")
