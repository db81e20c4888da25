"""`dctx NAME`, `-`, `off`: without the hook these fail, since no program can change its parent."""

from __future__ import annotations

import click

from .shared.no_hook import needs_hook


@click.command(name="switch")
@click.argument("name")
def switch(name: str) -> None:
    """Switch this terminal to the profile NAME; no other terminal changes.

    The same as dctx NAME, and the way to a profile that is called like a command. dctx - switches
    to the previous profile, dctx off ends the session. In the prompt (NAME) is the active profile,
    ~(NAME) the default, ((NAME)) a protected one; ? and ! mean: run dctx doctor.

    \b
    Examples:
      dctx switch staging    the same as: dctx staging
      dctx switch -- list    a profile that is called like a command

    Exit codes: 3 where the profile does not exist.

    See also: dctx use (the default), dctx exec (one command)
    """
    raise needs_hook(name)


@click.command(name="off")
def off() -> None:
    """End this terminal's session, so that the default is active again.

    Every variable that the first switch changed is as it was before.

    \b
    Example:
      dctx off    back on the default

    See also: dctx NAME, dctx -
    """
    raise needs_hook("off")
