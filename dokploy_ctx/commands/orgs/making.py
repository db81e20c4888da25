"""Make and save keys one after the other, for `dctx orgs add` and `dctx orgs sync`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ...errors import Cancelled, DctxError, PanelError
from ...model import headers
from ...model.account import Identity
from ...model.expiry import Expiry
from ...model.organizations import Step, label
from ...model.profile import Profile, shown
from ...model.resolve import Config
from ..shared import context

if TYPE_CHECKING:
    from ...panel.key_creation import Source

_Option = Callable[[Callable[..., Any]], Callable[..., Any]]
expires_option: _Option = click.option(
    "--expires",
    "lifetime",
    default="never",
    metavar="90d",
    help="When new keys expire: 1d to 365d, or never (the default).",
)
keyring_option: _Option = click.option(
    "--keyring", is_flag=True, help="Keep new keys in the system's keyring."
)


def source_of(profile: Profile, key: str, identity: Identity, config: Config) -> Source:
    """Return what makes keys: the panel with the profile's key, and whose that is."""
    from ...panel.for_profile import connect
    from ...panel.key_creation import Source

    saved = profile.name if profile.name in config.profiles else ""
    return Source(connect(profile, key), identity, saved, headers.fields(profile))


def make(
    steps: Sequence[Step], source: Source, valid_seconds: int | None, keyring: bool, config: Config
) -> None:
    """Make and save the planned keys. Keys that are saved stay if a later one fails."""
    from ...panel.errors import NotAllowed
    from ...panel.key_creation import Place, add, signals_deferred
    from ..shared.leftover_keys import finish

    place, saved, forbidden = Place(context.folder(), context.shell_pid()), 0, 0
    with signals_deferred() as signals:
        finish(source.panel, source.identity, config)
        for step in steps:
            rest = f"{saved} of {len(steps)} saved. Run it again for the rest."
            if signals:
                raise Cancelled(f"cancelled. {rest}")
            try:
                new_key = add(place, source, step, valid_seconds, keyring=keyring)
            except NotAllowed as error:
                if len(steps) == 1:
                    raise
                context.say(f"{shown(step.name)}: {error}")
                forbidden += 1
                continue
            except DctxError as error:
                if len(steps) > 1:
                    context.tell(rest)
                raise error from None
            saved += 1
            # Go on with the new key, which is not limited to ten requests a day.
            source = replace(source, panel=source.panel.with_key(new_key.key), name=step.name)
            _say_saved(step, source, new_key.expires_at)
    if forbidden:
        raise PanelError(
            f"{forbidden} of {len(steps)} keys could not be made. Ask an owner of the organization."
        )


def _say_saved(step: Step, source: Source, expires_at: str) -> None:
    where = f"({source.panel.url}, organization {label(step.organization, source.identity)})"
    what = "Saved a key for" if step.existing is not None else "Saved profile"
    expires = f" Its key expires on {Expiry.of(expires_at).day}." if expires_at else ""
    context.tell(f"{what} {shown(step.name)} {where}.{expires}")
