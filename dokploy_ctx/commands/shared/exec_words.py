"""Sort the words of `dctx exec` into options, names and the command.

People write `exec acme globex -- ls`, `exec acme -j 3 -- ls`, `exec acme --help`. The command may
have options and a `--` of its own, so everything after its first word is left alone.
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

# Marks the end of the names. No argument can be a NUL, but a profile may be called "--".
BEHIND_NAMES = "\0"
_SEVERAL = ("--all", "--match")  # options that choose profiles, so that no name is needed


class Exec(click.Command):
    """`dctx exec`, which gets its words as OPTIONS -- NAMES BEHIND_NAMES CMD."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words after putting them in order."""
        valued = {
            name
            for param in self.get_params(ctx)
            if isinstance(param, click.Option) and not param.is_flag
            for name in param.opts
        }
        return super().parse_args(ctx, arranged(args, valued, _profiles))


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the names and the command from words that arranged() put in order."""
    at = list(words).index(BEHIND_NAMES)
    return list(words[:at]), list(words[at + 1 :])


def matching(config: Config, patterns: Sequence[str]) -> list[Profile]:
    """Return the profiles whose names match one of the globs `patterns`, in the file's order.

    Raises NoSuchProfile (exit 3) for a glob that matches no name.
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
    """Return `args` as OPTIONS -- NAMES BEHIND_NAMES CMD; NAMES may be empty.

    `valued` are the options that need a value. `profiles` returns the saved names; it is called
    only if a word may be a name or a program. Raises UsageError (exit 2) for a word that is both.
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
    """Return the options at the beginning of `args`, and the rest, None if a value is missing."""
    at = 0
    while at < len(args) and args[at].startswith("-") and args[at] not in ("-", "--"):
        at += 2 if args[at] in valued else 1
    return list(args[:at]), None if at > len(args) else list(args[at:])


def _needless(
    rest: list[str], profiles: Callable[[], Collection[str]]
) -> tuple[list[str], list[str]]:
    """Return names that were given besides --all or --match, and the command."""
    before = rest[: rest.index("--")] if "--" in rest else []
    if before and set(before) <= set(profiles()):
        return before, rest[len(before) + 1 :]
    return [], rest


def _is_command(first: str, profiles: Callable[[], Collection[str]]) -> bool:
    """Return whether FIRST in `dctx exec -- FIRST ...` is a command, so there is no name."""
    return shutil.which(first) is not None and first not in profiles()


def _is_name(text: str, names: Sequence[str], profiles: Callable[[], Collection[str]]) -> bool:
    """Return whether a word before `--` is a name. Raises UsageError rather than guess."""
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
    except DctxError:  # the command reads the file later, and reports the error
        return ()
