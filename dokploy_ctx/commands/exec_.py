"""`dctx exec NAME -- CMD…`, and the shim's way of asking the core for what it cannot settle."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NoReturn

import click

from .. import common, emit, keys, session
from ..errors import DctxError, UsageError
from ..profile import Profile, quoted

_RAW = {"ignore_unknown_options": True, "allow_interspersed_args": False}


def become(command: Sequence[str], environ: dict[str, str]) -> NoReturn:
    """Replace this process by `command`: its signals and its exit code are its own.

    Raises DctxError: exit 127 where there is no such command, 126 where it cannot be run.
    """
    emit.check_exportable(environ.items())
    try:
        os.execvpe(command[0], list(command), environ)
    except OSError as error:
        failed = DctxError(f"cannot run {quoted(command[0])}: {error.strerror}.")
        failed.code = 127 if isinstance(error, FileNotFoundError) else 126
        raise failed from None


def environment_for(profile: Profile) -> dict[str, str]:
    """Return the environment for a command run as `profile`, with its key."""
    url, key = profile.usable_url(), keys.fetch(profile)
    return session.child_environment(os.environ, profile, url, key)


@click.command(name="exec", context_settings=_RAW)
@click.argument("name")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def exec_profile(name: str, command: tuple[str, ...]) -> None:
    """Run COMMAND as the profile NAME; its exit code is COMMAND's own.

    \b
    Example:
      dctx exec staging -- ./deploy.sh
    """
    words = command[1:] if command[0] == "--" else command
    if not words:
        raise UsageError("no command to run. Give one after --.")
    become(words, environment_for(common.load().get(name)))


@click.command(name="_run", hidden=True, context_settings=_RAW)
@click.option("--profile")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_for_shim(profile: str | None, command: tuple[str, ...]) -> None:
    """Run the official CLI, which the shim found, as whatever profile is in force."""
    words = command[1:] if command[0] == "--" else command
    found = common.in_force(common.load(), profile)
    for notice in found.notices:
        common.say(notice)
    if found.profile is not None:
        become(words, environment_for(found.profile))
    become(words, session.without_session(os.environ))
