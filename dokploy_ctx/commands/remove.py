"""`dctx remove NAME ...`: remove profiles, and with --revoke their keys on the panel."""

from __future__ import annotations

import os

import click

from ..errors import Cancelled, ConfigError, UsageError
from ..files import keys, pending_keys, store
from ..model import own_key
from ..model.neighbours import KeyHolders, require_unchanged
from ..model.profile import Profile, command, shown
from ..model.resolve import Config
from ..text.messages import KEYS_PAGE
from .shared import ask, confirm, context, picker
from .shared.options import profile_option


@click.command(name="remove", short_help="Remove profiles.")
@click.argument("names", nargs=-1)
@click.option("--revoke", is_flag=True, help="Delete the API keys on their panels first.")
@click.option("--unused", is_flag=True, help="Delete API keys that no profile here has.")
@profile_option("With --unused: the panel and the user of NAME.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
def remove(names: tuple[str, ...], revoke: bool, unused: bool, flag: str | None, yes: bool) -> None:
    """Remove the profiles NAMES. Without NAMES one is chosen with fzf, on a terminal.

    An API key stays valid on its panel unless --revoke deletes it there; a profile whose key
    cannot be deleted stays. On a terminal you are asked first.

    With --unused no profile is removed: API keys that dctx made and no profile here has are listed
    and deleted on the panel. NAMES are then the names of these keys.

    \b
    Examples:
      dctx remove staging            the profile; its key stays valid
      dctx remove staging --revoke   the profile, and its key on the panel
      dctx remove --unused           keys on the panel that no profile has
      dctx remove --unused "dctx staging 1f2e3d"

    See also: dctx rotate (replace a key), dctx verify
    """
    if unused and revoke:
        raise UsageError("--revoke and --unused exclude each other. Use one of them.")
    if flag is not None and not unused:
        raise UsageError("--profile is used with --unused alone. Run: dctx remove --unused")
    if unused:
        from .shared.unused_keys import delete_unused

        delete_unused(names, flag, yes)
        return
    before = context.load()
    if not names:
        names = (picker.pick_name(before, "remove"),)
    chosen = [before.get(name) for name in dict.fromkeys(names)]
    _consent(before, chosen, revoke=revoke, yes=yes)
    if revoke:
        _revoke(before, chosen)
    else:
        _remove(chosen)


def _consent(before: Config, chosen: list[Profile], *, revoke: bool, yes: bool) -> None:
    """Return if the profiles may be removed, after saying which keys stay valid.

    If one is protected, its confirmation counts for all. Without a terminal nothing is asked.
    Raises Refused (exit 6), Cancelled (exit 130).
    """
    if not revoke:
        holders = KeyHolders(before)
        for profile in chosen:
            holders.drop(profile)
            note = _stays_valid(profile, holders)
            if note:
                context.tell(note)
    for profile in chosen:
        confirm.require(profile, "remove it")
    if yes or any(profile.protected for profile in chosen) or not ask.is_possible():
        return
    names = ", ".join(shown(profile.name) for profile in chosen)
    if len(chosen) == 1:
        question = f"Remove profile {names} ({chosen[0].shown_url})"
    else:
        question = f"Remove {len(chosen)} profiles ({names})"
    question += " and delete its key" if revoke and len(chosen) == 1 else ""
    question += " and delete their keys" if revoke and len(chosen) > 1 else ""
    ask.yes_or_no(f"{question}?", "", "cancelled. Nothing was removed.")


def _stays_valid(profile: Profile, others: KeyHolders) -> str:
    """Return a sentence about the API key, which stays valid although no profile has it any more.

    Return "" if one of the `others` that remain has the key, if it has expired, or if the profile
    has no key of its own.
    """
    if not (profile.token or profile.keyring or profile.key_id) or profile.expiry.past:
        return ""
    try:
        url = profile.usable_url()
        if others.have(profile):
            return ""
    except ConfigError:  # no panel can have a key for an invalid URL
        return ""
    known = own_key.described_profile(profile)
    key = f"The API key {known} of" if known else "The API key of"
    text = f"{key} {shown(profile.name)} stays valid on {url}."
    if profile.key_id:
        return f"{text} To delete it as well: {command('remove', profile.name, '--revoke')}"
    return f"{text} To delete it as well, use {KEYS_PAGE} there."


def _revoke(before: Config, chosen: list[Profile]) -> None:
    """Delete the key of each profile and remove it, one after the other."""
    from ..panel.key_creation import signals_deferred
    from ..panel.key_deletion import revoke as delete_key

    holders = KeyHolders(before)
    shared = {profile.name: holders.sharing(profile) for profile in chosen}
    for profile in chosen:
        for other in shared[profile.name]:
            if other.name not in shared:
                confirm.require(other, f"delete its key, which {shown(profile.name)} has as well")
    gone: set[str] = set()
    with signals_deferred("finishing the key that is being deleted") as signals:
        for profile in chosen:
            if signals:
                raise Cancelled(f"cancelled. {len(gone)} of {len(chosen)} profiles were removed.")
            now = store.read(context.folder()).config
            others = KeyHolders(now).sharing(profile)
            for one in [now.get(profile.name), *(other for other in others if other.protected)]:
                require_unchanged(one.name, before.profiles.get(one.name), one)
            if not any(other.name in gone for other in shared[profile.name]):
                context.tell(delete_key(profile, now))
            _remove([profile])
            gone.add(profile.name)
            for other in others:
                if other.name not in shared:
                    context.warn(
                        f"{shown(other.name)} had the same key, which does not work any more. Run: "
                        f"{command('auth', other.name)}"
                    )
    _say_stopped(chosen)


def _say_stopped(chosen: list[Profile]) -> None:
    """Warn about keys that stopped runs may have left on the panels of `chosen`."""
    for url in dict.fromkeys(profile.usable_url() for profile in chosen):
        for note in pending_keys.unfinished(context.folder(), url):
            context.warn(f"{note.reason()}. To check, run: {note.check_command()}")


def _remove(chosen: list[Profile]) -> None:
    """Remove the profiles from config.json, and their keys from the keyring; say so for each.

    Raises DctxError if a profile changed after the user was asked about it.
    """
    names = [profile.name for profile in chosen]
    with store.edit(context.folder(), context.shell_pid()) as document:
        left = document.config
        gone = [left.get(name) for name in names]
        for asked, profile in zip(chosen, gone, strict=True):
            require_unchanged(profile.name, asked, profile)
            del document.data["profiles"][profile.name]
        was_default = document.data.get("currentProfile")
        if was_default in names:
            del document.data["currentProfile"]
    holders = KeyHolders(left)
    for profile in gone:
        holders.drop(profile)
        context.tell(f"Removed profile {shown(profile.name)}")
        if profile.keyring and not holders.in_keyring(profile.keyring):
            notice = keys.forget(profile.keyring)
            if notice:
                context.warn(notice)
    _say_what_is_active(names, was_default if was_default in names else None)


def _say_what_is_active(names: list[str], default: str | None) -> None:
    """Say what is active now, if this terminal or the default used a removed profile."""
    now = store.read(context.folder()).config
    session = os.environ.get("DOKPLOY_PROFILE")
    if default is not None:
        todo = "dctx use NAME" if now.profiles else "dctx auth NAME -u URL"
        context.tell(f"{shown(default)} was the default. Now no profile is. Run: {todo}")
    if session in names:
        back = f" (default: {shown(now.current)})" if now.current in now.profiles else ""
        context.warn(
            f"this terminal uses {shown(session)}, which was removed, so dokploy refuses to run "
            f"here. Run: dctx off{back}, or: dctx NAME"
        )
