"""`dctx open [NAME]`: open a profile's panel in the browser."""

from __future__ import annotations

import os
import sys

import click

from ..errors import DctxError
from .shared import context


@click.command(name="open")
@click.argument("name", required=False)
def open_panel(name: str | None) -> None:
    """Open the panel of NAME, or of the active profile, in the browser.

    $BROWSER is used where it is set. Without a browser, without a desktop, or in a script, the URL
    is printed instead.

    \b
    Examples:
      dctx open          the panel of the active profile
      dctx open prod     the panel of prod
      dctx open | cat    print its URL

    See also: dctx list, dctx current --json
    """
    config = context.load()
    if name is None and "open" in config.profiles:
        from .shared.no_hook import needs_hook

        raise needs_hook("open")  # since the bare word is that profile's name
    url = context.active_profile(config, name or None).usable_url()
    if sys.stdout.isatty() and _show(url):
        context.tell(f"Opened {url}")
    else:
        sys.stdout.write(url + "\n")


def _show(url: str) -> bool:
    """Return whether a browser took `url`."""
    # Without a desktop, the standard library would start a text browser in this terminal.
    if not (
        os.environ.get("BROWSER")
        or sys.platform == "darwin"
        or os.environ.get("DISPLAY")
        or os.environ.get("WAYLAND_DISPLAY")
    ):
        return False
    import webbrowser

    try:
        return webbrowser.open(url)
    except (webbrowser.Error, OSError) as error:
        raise DctxError(f"cannot start a browser: {error}. Open this URL: {url}") from None
