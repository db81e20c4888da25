"""The words of `dctx exec`, put into one order: which are its options, the names, the command.

People write `exec acme globex -- ls`, `exec acme -j 3 -- ls`, `exec acme --help`. A command has
options, names and `--` of its own, so what stands behind its first word is never touched.
"""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Callable, Collection, Sequence

import click

from ...errors import DctxError, NoSuchProfile, UsageError
from ...files import store
from ...model.profile import Profile, shown, typed, word
from ...model.profile import command as to_type
from ...model.resolve import Config
from . import context

# What ends the names. No argument of a program can be it; a foreign file may call a profile "--".
BEHIND_NAMES = "\0"
_SEVERAL = ("--all", "--match")  # the options that say which profiles, so that no name is needed


class Exec(click.Command):
    """`dctx exec`: its words arrive as OPTIONS -- NAMES BEHIND_NAMES CMD, whatever was written."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the words in order, and parse them."""
        valued = {
            name
            for param in self.get_params(ctx)
            if isinstance(param, click.Option) and not param.is_flag
            for name in param.opts
        }
        return super().parse_args(ctx, arranged(args, valued, _profiles))


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names and the command of the words that arranged() put in order."""
    at = list(words).index(BEHIND_NAMES)
    return list(words[:at]), list(words[at + 1 :])


def matching(config: Config, patterns: Sequence[str]) -> list[Profile]:
    """Return the profiles whose names match one of the globs `patterns`, in the file's order.

    Raises NoSuchProfile (exit 3) for a glob that matches none.
    """
    found: set[str] = set()
    for pattern in patterns:
        names = [name for name in config.names if fnmatch.fnmatchcase(name, pattern)]
        if not names:
            raise NoSuchProfile(f"no profile matches {typed(pattern)}. See: dctx list")
        found.update(names)
    return [profile for name, profile in config.profiles.items() if name in found]


def arranged(
    args: Sequence[str], valued: Collection[str], profiles: Callable[[], Collection[str]]
) -> list[str]:
    """Return `args` as OPTIONS -- NAMES BEHIND_NAMES CMD; NAMES are none where they were left out.

    `valued`: the options that need a value. `profiles` gives the names that are saved; it is
    called only where a word may be either a name or a program.
    Raises UsageError (exit 2) for a word that is both.
    """
    options, rest = _options(args, valued)
    if rest is None:
        return options
    is_bare = rest[:1] == ["--"]
    rest = rest[1:] if is_bare else rest
    if any(option.partition("=")[0] in _SEVERAL for option in options):
        names, rest = ([], rest) if is_bare else _needless(rest, profiles)
    elif is_bare and rest and "--" not in rest and _is_command(rest[0], profiles):
        names = []
    else:
        names, rest = rest[:1], rest[1:]
        while rest and rest[0] != "--":
            if rest[0].startswith("-") and len(rest[0]) > 1:
                more, left = _options(rest, valued)
                options += more
                if left is None:
                    return options
                rest = left
            elif "--" in rest and _is_name(rest[0], names, profiles):
                names, rest = [*names, rest[0]], rest[1:]
            else:
                break
        rest = rest[1:] if rest[:1] == ["--"] else rest
    return [*options, "--", *names, BEHIND_NAMES, *rest]


def _options(args: Sequence[str], valued: Collection[str]) -> tuple[list[str], list[str] | None]:
    """Return the options that `args` begin with, and the rest; None where a value is missing."""
    at = 0
    while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
        at += 2 if args[at] in valued else 1
    return list(args[:at]), None if at > len(args) else list(args[at:])


def _needless(
    rest: list[str], profiles: Callable[[], Collection[str]]
) -> tuple[list[str], list[str]]:
    """Return the names that were written although --all or --match says which, and the command."""
    before = rest[: rest.index("--")] if "--" in rest else []
    if before and set(before) <= set(profiles()):
        return before, rest[len(before) + 1 :]
    return [], rest


def _is_command(first: str, profiles: Callable[[], Collection[str]]) -> bool:
    """Return whether `dctx exec -- FIRST ...` leaves the name out."""
    return shutil.which(first) is not None and first not in profiles()


def _is_name(text: str, names: Sequence[str], profiles: Callable[[], Collection[str]]) -> bool:
    """Return whether a word before `--` is one more name. A wrong guess runs the wrong thing."""
    is_program = shutil.which(text) is not None
    if not is_program:
        return True
    if text not in profiles():
        return False
    runs = to_type("exec", names[0])
    raise UsageError(
        f"{shown(text)} is a profile and a program. To run the program, put -- before it: "
        f"{runs} -- {word(text)} ... For several profiles, use --match."
    )


def _profiles() -> Collection[str]:
    try:
        return store.read(context.folder()).config.profiles
    except DctxError:  # the command reads the file itself, and says what is wrong with it
        return ()
