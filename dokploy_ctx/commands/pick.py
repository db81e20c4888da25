"""`dctx _pick`: the picker of `dctx` alone. The hooks ask for it, and switch to what it prints."""

from __future__ import annotations

import os
import shlex
import sys

import click

from ..errors import Cancelled, DctxError
from .list_ import lines, name_in_force
from .shared import context

# The structure: one profile to a line, its number in front of it and never shown. A line does not
# scroll sideways, so that its name stays in sight in a narrow window.
_STRUCTURE = ("--delimiter=\t", "--with-nth=2..", "--no-multi", "--no-hscroll", "--prompt=dctx> ")
# Looks and taste may be the user's (FZF_DEFAULT_OPTS). Everything else, such as --preview, --read0,
# --filter, --tac or a key that runs a program, was meant for other lists and would break this one.
_LOOKS = ("--height=40%", "--layout=reverse")
_ALONE = frozenset(
    (
        *("-e", "--exact", "-i", "+i", "--literal", "--cycle", "--reverse", "--border"),
        *(
            "--no-border",
            "--no-mouse",
            "--no-bold",
            "--bold",
            "--black",
            "--no-color",
            "--no-unicode",
        ),
        *("--no-scrollbar", "--no-separator", "--inline-info", "--no-info", "--sync"),
    )
)
_VALUED = frozenset(
    (
        *("--color", "--layout", "--height", "--min-height", "--border", "--border-label"),
        *("--margin", "--padding", "--info", "--pointer", "--marker", "--scrollbar", "--separator"),
        *("--scheme", "--tiebreak", "--algo", "--scroll-off", "--tabstop", "--ellipsis", "--style"),
    )
)
_NO_SEPARATE = frozenset(("--border", "--scrollbar"))  # `--border WORD`: the word is another option


def kept(options: str) -> list[str]:
    """Return what of FZF_DEFAULT_OPTS may stay: looks and taste."""
    try:
        words = shlex.split(options)
    except ValueError:
        return []
    found: list[str] = []
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name == "--bind" and not equals and words:
            value = words.pop(0)
        if name == "--bind":
            # `enter` chooses here, and an action with brackets may run a program.
            if "(" not in value and "enter" not in value:
                found.append(f"--bind={value}")
        elif word in _ALONE:
            found.append(word)
        elif name in _VALUED:
            if not equals and name not in _NO_SEPARATE and words:
                word = f"{name}={words.pop(0)}"
            found.append(word)
    return found


@click.command(name="_pick", hidden=True)
@click.argument("previous", default="")
def pick(previous: str) -> None:
    """Print the name that is chosen with fzf; nothing where there is nothing to choose from."""
    import subprocess

    config = context.load()
    names = config.names
    if not names:
        return
    printed = lines(config, name_in_force(config), colour=False)
    order = sorted(range(len(names)), key=lambda number: names[number] != previous)
    text = "".join(f"{number}\t{printed[number]}\n" for number in order)
    looks = kept(os.environ.get("FZF_DEFAULT_OPTS", ""))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("FZF_")}
    try:
        done = subprocess.run(
            ["fzf", *_LOOKS, *looks, *_STRUCTURE],
            input=text.encode("utf-8", "backslashreplace"),
            stdout=subprocess.PIPE,
            env=environ,
            check=False,
        )
    except OSError as error:
        raise DctxError(f"cannot run fzf: {error.strerror}.") from None
    chosen = done.stdout.partition(b"\t")[0].strip()
    if done.returncode or not chosen.isdigit() or int(chosen) >= len(names):
        raise Cancelled("cancelled.")
    sys.stdout.write(names[int(chosen)] + "\n")
