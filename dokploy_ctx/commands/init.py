"""`dctx init SHELL`: the hook, for people who manage their rc file by hand, and for CI."""

from __future__ import annotations

import sys

import click

from ..shells import rows, upkeep


@click.command(name="init")
@click.argument("shell", type=click.Choice(rows.SHELLS))
def init(shell: str) -> None:
    """Print the line that loads dctx into SHELL, for a start-up file that you write yourself.

    With sh the line puts the dokploy wrapper on PATH, in scripts and in CI: then dokploy --profile
    NAME works there. dctx install does all of this by itself.

    \b
    Examples:
      eval "$(dctx init bash)"    in ~/.bashrc
      eval "$(dctx init zsh)"     in ~/.zshrc
      dctx init fish | source     in ~/.config/fish/config.fish
      eval "$(dctx init sh)"      in a script or a CI job

    See also: dctx install, dctx env
    """
    sys.stdout.write(upkeep.init_text(shell))
