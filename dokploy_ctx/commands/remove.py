"""`dctx remove NAME…`: profiles, out of the file; with --revoke their keys off the panel first."""

from __future__ import annotations

import os
from functools import partial

import click

from ..errors import Cancelled, ConfigError, UsageError
from ..files import keys, pending_keys, store
from ..model import own_key
from ..model.neighbours import Holders, require_unchanged
from ..model.profile import Profile, quoted, shown
from ..model.resolve import Config
from ..text.messages import KEYS_PAGE
from .shared import confirm, context


@click.command(name="remove")
@click.argument("names", nargs=-1)
@click.option("--revoke", is_flag=True, help="Delete the keys on their panels first.")
@click.option("--unused", is_flag=True, help="Delete keys there that no profile here has.")
@click.option(
    "--profile", "flag", metavar="NAME", help="With --unused: the panel and user of NAME."
)
@click.option("-y", "--yes", is_flag=True, help="With --unused: do not ask.")
def remove(names: tuple[str, ...], revoke: bool, unused: bool, flag: str | None, yes: bool) -> None:
    """Remove the profiles NAMES. Removing the default leaves no default: nothing moves silently.

    With --revoke the key of each is deleted on its panel before; a profile whose key cannot be
    deleted stays. Without it the keys still work there.

    With --unused no profile goes: keys that dctx made and no profile here has are listed and, after
    a question, deleted on the panel. NAMES are then names of keys: these alone.

    \b
    Examples:
      dctx remove staging
      dctx remove staging --revoke
      dctx remove --unused
      dctx remove --unused "dctx staging 1f2e3d"
    """
    _check_options(names, flag is not None or yes, revoke, unused)
    if unused:
        from .shared.unused_keys import delete_unused

        delete_unused(names, flag, yes, partial(click.confirm, err=True))
        return
    before = context.load()
    chosen = [before.get(name) for name in dict.fromkeys(names)]
    for profile in chosen:
        confirm.require(profile, "remove it")
    if not revoke:
        _take_out(chosen, revoked=False)
        return
    _revoke(before, chosen)


def _check_options(names: tuple[str, ...], others: bool, revoke: bool, unused: bool) -> None:
    """Raise UsageError (exit 2) for options that do not go together."""
    if unused and revoke:
        raise UsageError("--revoke and --unused are given. Give one of them.")
    if others and not unused:
        raise UsageError("--profile and --yes go with --unused.")
    if not names and not unused:
        raise UsageError("give NAMES, or --unused.")


def _revoke(before: Config, chosen: list[Profile]) -> None:
    """Delete the keys of the profiles, and remove these: one by one, whatever comes next."""
    from ..panel.key_creation import whole
    from ..panel.key_deletion import revoke as delete_key

    holders = Holders(before)
    shared = {profile.name: holders.sharing(profile) for profile in chosen}
    for profile in chosen:
        for other in shared[profile.name]:
            if other.name not in shared:
                confirm.require(other, f"delete its key, which {shown(profile.name)} has, too")
    gone: set[str] = set()
    with whole("finishing the key that is being deleted.") as came:
        for profile in chosen:
            if came:
                raise Cancelled(f"cancelled. {len(gone)} of {len(chosen)} were removed.")
            now = store.read(context.folder()).config
            others = Holders(now).sharing(profile)
            for one in [now.get(profile.name), *(other for other in others if other.protected)]:
                require_unchanged(one.name, before.profiles.get(one.name), one)
            if not any(other.name in gone for other in shared[profile.name]):
                context.say(delete_key(profile, now))
            _take_out([profile], revoked=True)
            gone.add(profile.name)
            for other in others:
                if other.name not in shared:
                    context.say(
                        f"{shown(other.name)} had the same key, and has none that works now."
                    )
    _say_stopped(chosen)


def _say_stopped(chosen: list[Profile]) -> None:
    """Say what stopped runs may have left on the panels of `chosen`."""
    for url in dict.fromkeys(profile.usable_url() for profile in chosen):
        for note in pending_keys.left(context.folder(), url):
            context.say(f"{note.since()}. To know, run: {note.asks()}")


def _take_out(chosen: list[Profile], *, revoked: bool) -> None:
    """Remove the profiles from the file, and their keys from the keyring; says so, one by one.

    Raises DctxError where one is not what it was when the user was asked about it.
    """
    names = [profile.name for profile in chosen]
    with store.edit(context.folder(), context.shell_pid()) as document:
        left = document.config
        gone = [left.get(name) for name in names]
        for asked, profile in zip(chosen, gone, strict=True):
            require_unchanged(profile.name, asked, profile)
            del document.data["profiles"][profile.name]
        was_default = document.data.get("currentProfile") in names
        if was_default:
            del document.data["currentProfile"]
    holders = Holders(left)
    for profile in gone:
        holders.drop(profile)
        stays = "" if revoked else _what_stays(profile, holders)
        context.say(f"removed {shown(profile.name)}.{stays}")
        if profile.keyring and not holders.in_keyring(profile.keyring):
            notice = keys.forget(profile.keyring)
            if notice:
                context.say(notice)
        if os.environ.get("DOKPLOY_PROFILE") == profile.name:
            context.say(f"this terminal is still on {quoted(profile.name)}. Run: dctx off")
    if was_default:
        context.say("that was the default; there is none now. Run: dctx use NAME")


def _what_stays(profile: Profile, others: Holders) -> str:
    """Return what to say of a key that still works, though nothing here has it any more.

    "" where `others`, the profiles that are left, have it, too, where it has expired, and for a key
    that never was here.
    """
    if not (profile.token or profile.keyring or profile.key_id) or profile.expiry.past:
        return ""
    try:
        url = profile.usable_url()
        if others.have(profile):
            return ""
    except ConfigError:  # a foreign entry, which no panel can have a key for
        return ""
    known = own_key.described_profile(profile)
    key = f"Its key {known}" if known else "Its key"
    next_time = "; next time: dctx remove --revoke" if profile.key_id else ""
    return f" {key} still works on {url}. Delete it there under {KEYS_PAGE}{next_time}"
