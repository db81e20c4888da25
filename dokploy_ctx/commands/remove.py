"""`dctx remove NAME…`: profiles, out of the file; with --revoke their keys off the panel first."""

from __future__ import annotations

import os

import click

from .. import common, confirm, keys, store
from ..errors import ConfigError
from ..neighbours import Holders, has_expired, require_unchanged
from ..profile import Profile, quoted, shown
from ..words import WHERE


@click.command(name="remove")
@click.argument("names", nargs=-1, required=True)
@click.option("--revoke", is_flag=True, help="Delete the keys on their panels first.")
def remove(names: tuple[str, ...], revoke: bool) -> None:
    """Remove the profiles NAMES. Removing the default leaves no default: nothing moves silently.

    With --revoke the key of each is deleted on its panel before; a profile whose key cannot be
    deleted stays. Without it the keys still work there.

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
        _take_out(chosen, revoked=False)
        return
    from ..retiring import revoke as delete_key

    holders = Holders(before)
    shared = {profile.name: holders.sharing(profile) for profile in chosen}
    for profile in chosen:
        for other in shared[profile.name]:
            if other.name not in shared:
                confirm.require(other, f"delete its key, which {shown(profile.name)} has, too")
    gone = set()
    for profile in chosen:  # one by one: what was revoked is removed, whatever comes next
        now = store.read(common.folder()).config
        others = Holders(now).sharing(profile)
        for one in [now.get(profile.name), *(other for other in others if other.protected)]:
            require_unchanged(one.name, before.profiles.get(one.name), one)
        if not any(other.name in gone for other in shared[profile.name]):
            common.say(delete_key(profile, now))
        _take_out([profile], revoked=True)
        gone.add(profile.name)
        for other in others:
            if other.name not in shared:
                common.say(f"{shown(other.name)} had the same key, and has none that works now.")


def _take_out(chosen: list[Profile], *, revoked: bool) -> None:
    """Remove the profiles from the file, and their keys from the keyring; says so, one by one.

    Raises DctxError where one is not what it was when the user was asked about it.
    """
    names = [profile.name for profile in chosen]
    with store.edit(common.folder(), common.shell_pid()) as document:
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
        common.say(f"removed {shown(profile.name)}.{stays}")
        if profile.keyring and not holders.in_keyring(profile.keyring):
            notice = keys.forget(profile.keyring)
            if notice:
                common.say(notice)
        if os.environ.get("DOKPLOY_PROFILE") == profile.name:
            common.say(f"this terminal is still on {quoted(profile.name)}. Run: dctx off")
    if was_default:
        common.say("that was the default; there is none now. Run: dctx use NAME")


def _what_stays(profile: Profile, others: Holders) -> str:
    """Return what to say of a key that still works, though nothing here has it any more.

    "" where `others`, the profiles that are left, have it, too, where it has expired, and for a key
    that never was here.
    """
    if not (profile.token or profile.keyring or profile.key_id) or has_expired(profile):
        return ""
    try:
        url = profile.usable_url()
        if others.have(profile):
            return ""
    except ConfigError:  # a foreign entry, which no panel can have a key for
        return ""
    key, next_time = "Its key", ""
    if profile.key_id:
        key, next_time = f"Its key {quoted(profile.key_id)}", "; next time: dctx remove --revoke"
    return f" {key} still works on {url}. Delete it there under {WHERE}{next_time}"
