"""`dctx init SHELL`: the hook, for people who manage their rc file by hand, and for CI."""

from __future__ import annotations

import sys

import click

from ..shells import hook_files, upkeep


@click.command(name="init")
@click.argument("shell", type=click.Choice(hook_files.SHELLS))
def init(shell: str) -> None:
    """Print what loads the hook into SHELL; with sh, what puts the shim on PATH in scripts and CI.

    \b
    Examples:
      eval "$(dctx init bash)"          in ~/.bashrc
      eval "$(dctx init zsh)"           in ~/.zshrc
      dctx init fish | source           in ~/.config/fish/config.fish
      eval "$(dctx init sh)"            in a CI job
    """
    sys.stdout.write(upkeep.init_text(shell))
