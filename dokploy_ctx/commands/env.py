"""`dctx env [NAME]`: a profile's variables, for a shell to evaluate or a CI system to read."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from .. import common, emit, session
from ..constants import SENTINEL
from ..errors import DctxError, UsageError
from ..profile import Profile, no_such_profile, quoted

FILES = ("json", "dotenv", "github")


@click.command(name="env")
@click.argument("name", required=False)
@click.option("--shell", type=click.Choice([*emit.SHELLS, *FILES]), help="For whom to print.")
@click.option("--off", "off_", is_flag=True, help="What takes the profile out again.")
def env(name: str | None, shell: str | None, off_: bool) -> None:
    """Print the variables of the profile NAME (default: the one in force here) for a shell.

    For a shell this is what a session gets: of a protected profile, or with DCTX_EXPORT_KEY=0, not
    the key but a word in its place. json, dotenv and github hand the key out; a protected profile
    asks for its name first.

    \b
    Examples:
      eval "$(dctx env staging --shell sh)"
      dctx env staging --shell fish | source
      eval "$(dctx env --off --shell sh)"
      dctx env staging --shell dotenv > .env
    """
    shell = shell or _shell()
    if off_:
        if name or shell in FILES:
            raise UsageError("--off takes no NAME, and is for a shell.")
        sys.stdout.write(emit.for_shell(session.off(os.environ), shell))
        return
    profile = _profile(name)
    if shell in FILES:
        from .. import confirm

        confirm.require(profile, "print its key")
        key = _key(profile)
        text = _for_file(profile, key, shell)
    else:
        held_back = session.session_key(profile, "", os.environ) == SENTINEL
        key = SENTINEL if held_back else _key(profile)
        text = emit.for_shell(session.switch(os.environ, profile, profile.usable_url(), key), shell)
    if key != SENTINEL and sys.stdout.isatty():
        common.say("the key is masked on a terminal. Pipe this, or evaluate it.")
        text = emit.masked(text, key)
    sys.stdout.write(text)


def _shell() -> str:
    """Return the shell that runs us; where Linux names it as our parent, without many imports."""
    with contextlib.suppress(OSError), open(f"/proc/{os.getppid()}/comm", "rb") as file:
        name = file.read().strip().decode("ascii", "replace")
        if name in emit.SHELLS:
            return name
    from ..install import user_shell

    return user_shell()


def _key(profile: Profile) -> str:
    from .. import keys

    return keys.fetch(profile)


def _profile(name: str | None) -> Profile:
    config = common.load()
    if name is not None:
        if name not in config.profiles:  # the hooks ask for whatever word stood after dctx
            from ..words import instead

            meant = instead(name, "Nearest command")
            raise no_such_profile(name, config.names, instead=meant)
        return config.get(name)
    found = common.in_force(config)
    for notice in found.notices:
        common.say(notice)
    if found.profile is None:
        raise DctxError("no profile is in force here. Give a NAME.")
    return found.profile


def _for_file(profile: Profile, key: str, kind: str) -> str:
    values = {
        "DOKPLOY_PROFILE": profile.name,
        "DOKPLOY_URL": profile.usable_url(),
        "DOKPLOY_API_KEY": key,
    }
    emit.check_exportable(values.items())
    if kind == "json":
        return emit.as_json(values)
    del values["DOKPLOY_PROFILE"]  # there is no config.json where these files are read
    if kind == "dotenv":
        return emit.as_lines(values)
    target = os.environ.get("GITHUB_ENV")
    if not target:
        raise DctxError(f"GITHUB_ENV is not set, so {quoted('github')} has no file to write to.")
    text = emit.as_lines(values)
    try:
        with open(target, "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
    except OSError as error:
        what = f"cannot write {quoted(target)}, which GITHUB_ENV names: {error.strerror}."
        raise DctxError(what) from None
    # GitHub's runner takes this line off the log and masks the key from then on.
    return f"::add-mask::{key}\n"
