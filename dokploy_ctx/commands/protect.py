"""`dctx protect NAME ...` and `dctx unprotect NAME`: whether changes need confirmation."""

from __future__ import annotations

import click

from ..files import store
from ..model.profile import READ_ONLY, shown
from ..text.foreign import segment
from .shared import confirm, context


@click.command(name="protect")
@click.argument("names", nargs=-1, required=True)
@click.option("--read-only", is_flag=True, help="Refuse every change instead of asking.")
def protect(names: tuple[str, ...], read_only: bool) -> None:
    """Require confirmation before anything is changed with the profiles NAMES.

    A dokploy command that only reads runs at once. Any other needs the profile's name typed on the
    terminal, or in DCTX_YES; without either it is refused. Sessions do not get the key of a
    protected profile, and the prompt shows ((NAME)).

    With --read-only changes are impossible: dokploy refuses them, and dctx exec runs its command
    without the key, as its own --read-only does.

    \b
    Examples:
      dctx protect prod                changes need confirmation
      dctx protect prod --read-only    changes are impossible
      dctx protect eu-1 eu-2           several profiles at once

    Exit codes: 3 where a profile does not exist. A command that is refused ends with 6.

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
        # A prompt shows "?" for a name that our rule does not allow.
        prompt = f" The prompt shows {mark}." if name == profile.name else ""
        what = "read-only: changes are impossible"
        if not profile.access:
            what = "protected: changes need confirmation"
        context.tell(f"{name} is now {what}.{prompt}")


@click.command(name="unprotect")
@click.argument("name")
def unprotect(name: str) -> None:
    """Allow changes with the profile NAME again, without confirmation.

    You confirm this by typing its name. It also ends --read-only.

    \b
    Examples:
      dctx unprotect prod
      DCTX_YES=prod dctx unprotect prod    in a script, where nobody can answer

    Exit codes: 3 where the profile does not exist, 6 where you did not confirm.

    See also: dctx protect
    """
    profile = context.load().get(name)
    if not profile.protected:
        context.tell(f"{shown(name)} is not protected.")
        return
    confirm.require(profile, "unprotect it")
    with store.edit(context.folder(), context.shell_pid()) as document:
        raw = document.config.get(name).raw
        raw.pop("protected", None)
        raw.pop("access", None)
    context.tell(f"{shown(name)} is no longer protected.")
