"""`dctx rotate NAME ...`: replace a key by a new one, and delete the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import Cancelled, ConfigError, DctxError, UsageError
from ..files import keys, store
from ..model import rotation
from ..model.expiry import Expiry
from ..model.neighbours import changed, is_named, remedy, same_panel
from ..model.profile import Profile, command_for, shown
from ..model.resolve import Config
from .shared import confirm, context, picker
from .shared.options import profile_option
from .shared.waiting import waiting

if TYPE_CHECKING:
    from ..files.pending_keys import Note
    from ..model.account import Identity, NewKey
    from ..panel.key_creation import Place, Source


@click.command(name="rotate")
@click.argument("names", nargs=-1)
@click.option("--expiring", metavar="14d", help="Rotate every key that expires within that time.")
@click.option(
    "--expires",
    "lifetime",
    metavar="90d",
    help="When the new key expires: 1d to 365d, or never. Default: as long as the old one.",
)
@profile_option("Make the new key with the key of NAME, whose user it then belongs to.")
def rotate(
    names: tuple[str, ...], expiring: str | None, lifetime: str | None, flag: str | None
) -> None:
    """Replace the API keys of NAMES with new ones. Without NAMES one is chosen, on a terminal.

    The new key has the organization, name, lifetime and limits of the old one; what cannot be kept
    is said. Until the new key works and is saved the old one stays; then it is deleted on the
    panel. Terminals use the new key at their next prompt. An expired key cannot make another one:
    use --profile with a profile of the same user.

    \b
    Examples:
      dctx rotate staging
      dctx rotate --expiring 14d            all that expire soon, as in a cron job
      dctx rotate staging --profile prod    staging's key has expired

    See also: dctx verify, dctx orgs sync
    """
    from ..model.profile_names import days, seconds
    from ..panel.key_creation import Place, signals_deferred

    if names and expiring is not None:
        raise UsageError("NAMES cannot be used with --expiring. Use one of them.")
    seconds(lifetime or "never")
    config = context.load()
    profiles = _chosen(config, names, None if expiring is None else days(expiring))
    for profile in profiles:
        if profile.has_key:
            confirm.require(profile, "replace its key")
    if flag is not None and profiles and flag not in [profile.name for profile in profiles]:
        confirm.require(config.get(flag), "make a key with its key")
    place = Place(context.folder(), context.shell_pid())
    failed: dict[str, DctxError] = {}
    with signals_deferred() as signals:
        for number, profile in enumerate(profiles):
            if signals:
                raise Cancelled(f"cancelled. {number} of {len(profiles)} profiles were looked at.")
            try:
                _rotate(place, config, profile, lifetime, flag)
            except DctxError as error:
                failed[profile.name] = error
                if len(profiles) > 1:
                    context.say(f"{shown(profile.name)}: {error}")
    if not failed:
        return
    if len(profiles) == 1:
        raise failed.popitem()[1]
    raise DctxError(
        f"{len(failed)} of {len(profiles)} failed: {', '.join(map(shown, failed))}. "
        f"What to do is said of each. Then run: {command_for('rotate', [*failed], 'NAME')}"
    )


def _chosen(config: Config, names: tuple[str, ...], within: int | None) -> list[Profile]:
    """Return the profiles called `names`, or those whose keys expire `within` these days."""
    if within is None:
        wanted = names or (picker.pick_name(config, "rotate"),)
        return [config.get(name) for name in dict.fromkeys(wanted)]
    profiles = [profile for profile in config.profiles.values() if profile.expiry.within(within)]
    if not profiles:
        context.tell(f"No key expires within {within} days.")
    return profiles


def _rotate(
    place: Place, config: Config, profile: Profile, lifetime: str | None, flag: str | None
) -> None:
    from ..files.pending_keys import noted
    from ..panel.key_creation import KeyRequest, note_of
    from ..panel.key_creation import rotate as replace
    from .shared.leftover_keys import finish

    now = store.read(place.folder).config
    maker = _maker(config, now, profile, flag)
    key = keys.fetch(maker)
    source, identity = _source(now, profile, maker, key)
    plan = rotation.decide(profile, maker, key, identity, now, lifetime)
    finish(source.panel, source.identity, now)
    wanted = KeyRequest(plan.name, plan.seconds, plan.limits)
    note = note_of(source, profile.name, plan.name, plan.replaces)
    with noted(place.folder, note) as note:
        new_key, failed = replace(place, source, profile, plan.organization, wanted, note)
        said = _said(plan, new_key)
        try:  # read again: profiles with the same key may have new ones
            now = store.read(place.folder).config
        except ConfigError as error:
            context.tell(said)
            raise ConfigError(
                f"the old key of {shown(profile.name)} stays valid, since {error}"
            ) from None
        if profile.keyring and not is_named(profile.keyring, now):
            left = keys.forget(profile.keyring)
            if left:
                context.warn(left)
        try:
            if profile.has_key:
                said += f" {_delete_old(plan, new_key, now, note)}"
            else:
                note.forget()
        finally:
            context.tell(said)
            for notice in plan.notices:
                context.warn(notice)
    if failed is not None:
        raise failed


def _maker(config: Config, now: Config, profile: Profile, flag: str | None) -> Profile:
    """Return the profile whose key makes the new one. Raises DctxError if no key can."""
    name = shown(profile.name)
    if profile.token_command:
        raise DctxError(
            f"the key of {name} is printed by a program, so dctx cannot store a new one. Create a "
            "key on the panel, and store it where that program reads it."
        )
    if flag not in (None, profile.name):
        maker = now.get(flag)  # read now, since it may just have got a new key itself
        if maker.protected and not config.get(flag).protected:
            raise changed(flag)
        return maker
    if not profile.has_key:
        others = [other for other in same_panel(profile, now) if other.has_key]
        raise DctxError(f"{name} has no key yet. {remedy(profile, others)}")
    return profile


def _source(config: Config, profile: Profile, maker: Profile, key: str) -> tuple[Source, Identity]:
    """Return what makes the new key, and whose that is. Raises DctxError (exit 2 or 5)."""
    from ..panel.for_profile import connect
    from ..panel.http import REQUEST_SECONDS
    from ..panel.key_creation import Source
    from ..panel.refusal import identify
    from ..panel.verifying import require_same

    if maker.usable_url().lower() != profile.usable_url().lower():
        raise UsageError(
            f"{shown(maker.name)} is not on the panel of {shown(profile.name)}, "
            f"{profile.usable_url()}. Use a profile of that panel."
        )
    with waiting(maker.shown_url, REQUEST_SECONDS):
        identity = identify(maker, key, config)
    if maker is profile:
        require_same(profile, identity)
    return Source(connect(maker, key), identity, maker.name), identity


def _said(plan: rotation.Plan, new_key: NewKey) -> str:
    """Return the message about the new key."""
    name = shown(plan.profile.name)
    text = f"Key rotated for {name}" if plan.profile.has_key else f"Saved a key for {name}"
    # If the old key is not among those of the maker's user, it may be another user's.
    if plan.as_another:
        text += f", made as the user of {shown(plan.as_another)}"
    if new_key.expires_at:
        text += f"; it expires on {Expiry.of(new_key.expires_at).day}"
    return f"{text}."


def _delete_old(plan: rotation.Plan, new_key: NewKey, now: Config, note: Note) -> str:
    """Delete the old key; return a sentence about that."""
    from ..panel.key_deletion import delete_replaced

    stays = delete_replaced(new_key, plan.profile, plan.rows, now, note)
    if stays:
        return stays
    return "The old key was deleted."
