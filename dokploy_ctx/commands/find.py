"""`dctx find [WORD]`: list what is on a panel, with kind, path, id and status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from ..errors import ConfigError, DctxError, PanelError, UsageError
from ..files import paths
from ..model.profile import Profile, shown, typed
from ..model.resolve import Config
from ..official import tab_files
from ..official.things import KINDS, Thing
from ..text.table import table, view
from .shared import context
from .shared.options import profile_option

if TYPE_CHECKING:
    from ..panel.http import Panel

# How many panels are asked at the same time. Each request has a time limit.
_AT_ONCE = 16


class Found(NamedTuple):
    """What a profile's panel has, the kinds that its key may not list, and the error if any."""

    profile: Profile
    things: Sequence[Thing] = ()
    refused: Sequence[str] = ()
    error: DctxError | None = None


@click.command(name="find")
@click.argument("word", required=False)
@click.option("--all", "all_", is_flag=True, help="Look on the panels of all profiles.")
@profile_option("Look on the panel of this profile.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def find(word: str | None, all_: bool, flag: str | None, as_json: bool) -> None:
    """List what the panel of the active profile has: projects, environments, services, servers and
    so on, each with its id and its status.

    With WORD: only things whose path, id or kind contains it, in upper or lower case. Whatever is
    listed can be named instead of its id, as in --applicationId @NAME.

    \b
    Examples:
      dctx find                                      everything
      dctx find shop                                 what has "shop" in it
      dctx find shop --all --json | jq -r '.[].id'   on all panels, for a script
      dokploy application deploy --applicationId @production/shop-api

    Exit codes: 5 where a panel cannot be asked; what the others have is printed all the same.

    See also: dctx open
    """
    if all_ and flag is not None:
        raise UsageError("--all and --profile exclude each other. Use one of them.")
    config = context.load()
    if word is None and not (all_ or as_json or flag is not None) and "find" in config.profiles:
        from .shared.no_hook import needs_hook

        raise needs_hook("find")  # since the bare word is that profile's name
    if all_ and not config.profiles:
        raise DctxError(context.NO_PROFILES)
    profiles = list(config.profiles.values()) if all_ else [context.active_profile(config, flag)]
    found = _look(profiles)
    rows = [(f.profile, each) for f in found for each in f.things if _has(each, word or "")]
    rows.sort(key=lambda row: (profiles.index(row[0]), KINDS.index(row[1].kind), row[1].path))
    if as_json:
        text = json.dumps([_as_data(*row) for row in rows], indent=2) + "\n"
    else:
        text = "".join(line + "\n" for line in _lines(rows, with_profile=all_))
    sys.stdout.write(text)
    sys.stdout.flush()
    # Let Tab know about an updated CLI, too.
    tab_files.refresh(paths.data_dir(), os.environ.get("PATH", os.defpath))
    _say_refused(found, all_)
    failed = [f for f in found if f.error is not None]
    if failed:
        raise _failure(failed, config, all_)
    if not rows and not as_json:
        where = "on these panels" if all_ else "on the panel"
        context.say(
            f"nothing {where} has {typed(word)} in it. To see all, run: dctx find"
            if word
            else f"nothing is {where} yet."
        )


def _look(profiles: Sequence[Profile]) -> list[Found]:
    """Return what the panels of `profiles` have, in the order of the profiles."""
    from ..panel.for_profile import connect
    from ..panel.parallel import gather

    found: dict[str, Found] = {}
    jobs: dict[str, Callable[[], Found]] = {}
    for profile in profiles:
        try:  # one after the other, since a vault may ask its user for something
            jobs[profile.name] = partial(_ask, profile, connect(profile))
        except (ConfigError, PanelError) as error:  # noqa: PERF203
            found[profile.name] = Found(profile, error=error)
    answers = gather(list(jobs.values()), _broke_off, at_once=_AT_ONCE)
    found |= zip(jobs, answers, strict=True)
    return [found[profile.name]._replace(profile=profile) for profile in profiles]


def _ask(profile: Profile, panel: Panel) -> Found:
    """Return what a panel has, or why it cannot be asked."""
    from ..official import inventory

    try:
        return Found(profile, *inventory.ask(profile, KINDS, panel))
    except DctxError as error:
        return Found(profile, error=error)


def _broke_off(error: Exception) -> Found:
    """Return the answer of a panel for which dctx itself failed; _look() puts in whose it is."""
    failed = PanelError(f"asking it broke off ({type(error).__name__}). Try again.")
    return Found(Profile("", {}), error=failed)


def _say_refused(found: Sequence[Found], all_: bool) -> None:
    for each in found:
        if each.refused:
            who = f"the key of {shown(each.profile.name)}" if all_ else "this key"
            context.say(f"{who} may not list: {', '.join(each.refused)}.")


def _failure(failed: Sequence[Found], config: Config, all_: bool) -> DctxError:
    """Return the error for the last panel that could not be asked; print those for the others."""
    from ..panel.errors import Unexplained
    from ..panel.refusal import explained

    errors = []
    for profile, _, _, raised in failed:
        assert raised is not None
        error = raised
        if isinstance(raised, Unexplained):
            error = explained(raised, profile, config, {f.profile.name: None for f in failed})
        errors.append((f"{shown(profile.name)}: {error}" if all_ else str(error), error.code))
    for text, _ in errors[:-1]:
        context.say(text)
    last = DctxError(errors[-1][0])
    last.code = max(code for _, code in errors)
    return last


def _has(thing: Thing, word: str) -> bool:
    text = "\n".join((thing.kind, thing.id, "/".join(thing.path)))
    return word.casefold() in text.casefold()


def _as_data(profile: Profile, thing: Thing) -> dict[str, str | None]:
    return {
        "kind": thing.kind,
        "path": "/".join(thing.path),
        "id": thing.id,
        "status": thing.status or None,
        "profile": profile.name,
    }


def _lines(rows: Sequence[tuple[Profile, Thing]], *, with_profile: bool) -> list[str]:
    cells = []
    for profile, thing in rows:
        row = [thing.kind, "/".join(thing.path), thing.id, thing.status]
        cells.append([shown(profile.name), *row] if with_profile else row)
    headers = ("KIND", "PATH", "ID", "STATUS")
    return table(
        cells,
        view(sys.stdout),
        headers=("PROFILE", *headers) if with_profile else headers,
        name=1 + with_profile,  # the path is what was looked for, and what @ takes
        firm=(2 + with_profile,),  # half an id is useless
    )
