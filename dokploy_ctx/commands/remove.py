"""`dctx remove NAME…`: profiles, out of the file; with --revoke their keys off the panel first."""

from __future__ import annotations

import os

import click

from .. import common, confirm, keys, store
from ..neighbours import has_expired, sharing, twins
from ..profile import Profile, quoted, shown
from ..resolve import Config


@click.command(name="remove")
@click.argument("names", nargs=-1, required=True)
@click.option("--revoke", is_flag=True, help="Delete the keys on their panels first.")
def remove(names: tuple[str, ...], revoke: bool) -> None:
    """Remove the profiles NAMES. Removing the default leaves no default: nothing moves silently.

    With --revoke the key of each is deleted on its panel before; a profile whose key cannot be
    deleted stays.

    \b
    Examples:
      dctx remove staging
      dctx remove staging --revoke
    """
    before = common.load()
    chosen = [before.get(name) for name in dict.fromkeys(names)]
    for profile in chosen:
        confirm.require(profile, "remove it")
    if not revoke:
        gone = _take_out([profile.name for profile in chosen])
        now = store.read(common.folder()).config
        for profile in {p.key_id: p for p in gone if p.key_id}.values():
            _say_what_stays(profile, now)
        return
    from ..retiring import revoke as delete_key

    for profile in chosen:
        for other in sharing(profile, before):
            if other not in chosen:
                confirm.require(other, f"delete its key, which {shown(profile.name)} has, too")
    gone = []
    for profile in chosen:  # one by one: what was revoked is removed, whatever comes next
        others = sharing(profile, before)
        if not any(other in gone for other in others):
            common.say(delete_key(profile, before))
        _take_out([profile.name])
        gone.append(profile)
        for other in others:
            if other not in chosen:
                common.say(f"{shown(other.name)} had the same key, and has none that works now.")


def _take_out(names: list[str]) -> list[Profile]:
    """Remove the profiles from the file, and their keys from the keyring; returns them."""
    with store.edit(common.folder(), common.shell_pid()) as document:
        gone = [document.config.get(name) for name in names]
        for profile in gone:
            del document.data["profiles"][profile.name]
        was_default = document.data.get("currentProfile") in names
        if was_default:
            del document.data["currentProfile"]
    for profile in gone:
        common.say(f"removed {shown(profile.name)}.")
        notice = keys.forget(profile.keyring) if profile.keyring else ""
        if notice:
            common.say(notice)
        if os.environ.get("DOKPLOY_PROFILE") == profile.name:
            common.say(f"this terminal is still on {quoted(profile.name)}. Run: dctx off")
    if was_default:
        common.say("that was the default; there is none now. Run: dctx use NAME")
    return gone


def _say_what_stays(profile: Profile, now: Config) -> None:
    """Say that a key that we made still works, since nothing here knows its id any more."""
    if not has_expired(profile) and not twins(profile, now):
        common.say(
            f"its key, which dctx made, still works on {profile.url}: {quoted(profile.key_id)}. "
            "Delete it under Settings > Profile > API Keys; next time: dctx remove --revoke"
        )
