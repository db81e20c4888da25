"""`dctx _run`: run the official CLI for the shim, when the shim cannot decide by itself."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

import click

from ..broker.mark import of
from ..constants import ANSWERED
from ..errors import DctxError
from ..files import keys, paths, store
from ..files.index import Index
from ..files.lock import PROMPT_SECONDS
from ..model import headers, session
from ..model.profile import Profile
from ..model.resolve import DEFAULT, LEGACY, PAIR, VARIABLE, Resolved, find_pair
from ..official import preload
from ..shells import drawn_prompt
from ..text import messages
from ..text.masking import first_words
from .exec_ import become, environment_for, named_in
from .shared import confirm, context
from .shared.broker_options import saved_as_read_only
from .shared.options import profile_option

_RAW = {"allow_interspersed_args": False}


@click.command(name="_run", hidden=True, context_settings=_RAW)
@profile_option("Run it as NAME.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run_for_shim(flag: str | None, command: tuple[str, ...]) -> None:
    """Run the official CLI, which the shim found, with the active profile."""
    mark = of(os.environ)
    if mark is not None:
        if flag not in (None, mark.profile):
            raise mark.refusal()
        named = named_in(command, Resolved(PAIR, pair=find_pair(os.environ, None)[0]))
        become(named.args if named else command, preload.environment(os.environ))
    answered = os.environ.pop(ANSWERED, "")  # a vault's program must not get it
    with contextlib.suppress(DctxError):  # reading config.json below reports the error
        if not store.is_fresh(context.folder()):
            store.sync(context.folder(), seconds=PROMPT_SECONDS)
    found = context.active(flag=flag)
    for notice in found.notices:
        context.say(notice)
    if found.level == LEGACY:
        _check_legacy(command[0])
    elif found.level == DEFAULT and found.profile is not None:
        index = Index(paths.index_dir(context.folder()))
        drawn_prompt.check(os.environ, index.folder, found.profile.name, index.by, os.getppid())
    named = named_in(command, found)
    command = tuple(named.args) if named else command
    if found.profile is None:
        child = _without_private(os.environ)
        become(command, preload.environment(child) if found.pair else child)
    keys.require(found.profile)
    if found.profile.protected and not (answered and answered == found.profile.name):
        from ..official.reads import only_reads

        if not only_reads(command[1:]):
            if found.profile.access:
                raise saved_as_read_only(found.profile)
            words = first_words(["dokploy", *command[1:]])
            confirm.require(found.profile, f"run: {words}{named.remark if named else ''}")
    context.say_expired(found.profile)
    key = named.key if named else None
    if key is None and found.level == VARIABLE:
        # The vault was asked at the switch, and the session has the key.
        key = session.held_key(os.environ, found.profile, found.profile.usable_url()) or None
    environ = environment_for(found.profile, _headers(found.profile), key)
    become(command, preload.environment(environ))


def _headers(profile: Profile) -> dict[str, str]:
    """Return the variable that passes the profile's headers to the official CLI, {} for none.

    Only the preload reads it, so with DCTX_PRELOAD=0 it is not set.
    """
    if preload.is_off(os.environ) or not headers.fields(profile):
        return {}
    from ..panel.for_profile import headers_for

    text = headers.as_json(headers_for(profile))
    return {headers.VARIABLE: text} if text else {}


def _check_legacy(program: str) -> None:
    """Say that no profile is active, if the CLI has not saved anything by itself either.

    The CLI itself would tell people with profiles to log in first.
    """
    from ..official.installed import package_folder

    package = package_folder(program)
    saved = package is None or os.path.exists(os.path.join(package, "config.json"))
    if not saved and context.load().profiles:
        context.say(messages.NO_PROFILE)


def _without_private(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the user's environment without the private variables of a session."""
    return {name: value for name, value in environ.items() if not session.is_private(name)}
