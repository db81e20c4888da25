"""`dctx protect NAME…` and `dctx unprotect NAME`: whether changes need the typed name."""

from __future__ import annotations

import click

from ..files import store
from ..model.profile import READ_ONLY, shown
from ..text.foreign import segment
from .shared import confirm, context


@click.command(name="protect")
@click.argument("names", nargs=-1, required=True)
@click.option("--read-only", is_flag=True, help="Refuse every change, without asking.")
def protect(names: tuple[str, ...], read_only: bool) -> None:
    """Ask for the profile's name before anything on NAMES is changed; reading stays as it is. The
    prompt shows ((NAME)).

    No terminal holds the key of a protected profile: dokploy commands that only read get it at
    once, all others after the name was typed. Without a terminal they are refused (exit 6) unless
    DCTX_YES is that profile's name.

    With --read-only dokploy commands that change something are refused (exit 6), and dctx exec runs
    its command without the key, as its own --read-only does. dctx unprotect lifts that.

    \b
    Examples:
      dctx protect prod
      dctx protect prod --read-only
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
        what = "read-only: changes are impossible"
        if not profile.access:
            what = "protected: changes need confirmation"
        context.tell(f"{name} is now {what}.{prompt}")


@click.command(name="unprotect")
@click.argument("name")
def unprotect(name: str) -> None:
    """Take the protection off NAME again; asks for its name.

    \b
    Example:
      dctx unprotect prod
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
