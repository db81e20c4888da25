"""`dctx use NAME`: set the default for terminals that have not switched."""

from __future__ import annotations

import os

import click

from ..errors import DctxError
from ..files import store
from ..model.profile import command, shown, typed, word
from ..model.resolve import Config
from .shared import context


@click.command(name="use")
@click.argument("name", required=False)
def use(name: str | None) -> None:
    """Make NAME the default of every terminal that has not switched.

    Without NAME, on a terminal, you choose it with fzf. A terminal that has switched stays on its
    profile, and where DOKPLOY_URL and its key are set these still win.

    \b
    Examples:
      dctx use staging    staging is the default from now on
      dctx use            choose it from a list

    Exit codes: 3 where the profile does not exist, 130 where none was chosen.

    See also: dctx NAME (this terminal only), dctx current
    """
    if name is None:
        from .shared import picker

        name = picker.pick_name(context.load(), "use")
    with store.edit(context.folder(), context.shell_pid()) as document:
        profile = document.config.get(name)
        document.data["currentProfile"] = name
        config = document.config
    context.tell(f"The default is now {shown(name)} ({profile.shown_url})")
    if not profile.has_key:
        url = profile.shown_url or "URL"
        context.say(
            f"{shown(name)} has no key yet. Run: {command('auth', name, f'-u {word(url)}')}"
        )
    stays = os.environ.get("DOKPLOY_PROFILE")
    if stays and stays != name:
        # The variable may contain anything, even a pasted key, which must not be shown.
        name = shown(stays) if stays in config.profiles else typed(stays)
        context.tell(f"This terminal stays on {name}. To leave it, run: dctx off")
    elif not stays:
        _say_what_wins(config, name)


def _say_what_wins(config: Config, name: str) -> None:
    """Say so if URL and key, exported or in `.env`, still come before the default."""
    try:
        pair = context.active(config).pair
    except DctxError as error:  # a refused pair comes before the default, too
        context.say(str(error))
        return
    if pair is not None:
        where = "set in .env here" if pair.url_from_file else "set in this terminal"
        context.say(
            f"DOKPLOY_URL and its key are {where}, and win over the default. "
            f"To switch this terminal, run: {command('switch', name)}"
        )
