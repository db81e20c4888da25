"""`dctx rotate NAME…`: a new key in the place of the old one, which is deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import Cancelled, ConfigError, DctxError, UsageError
from ..files import keys, store
from ..model import key_fields, own_key
from ..model.account import Identity, Organization
from ..model.expiry import Expiry
from ..model.neighbours import changed, is_named
from ..model.own_key import Row
from ..model.profile import Profile, command, quoted, shown
from ..model.resolve import Config
from ..text.foreign import clean
from .shared import confirm, context

if TYPE_CHECKING:
    from ..panel.key_creation import Place, Source


@click.command(name="rotate")
@click.argument("names", nargs=-1)
@click.option("--expiring", metavar="14d", help="All profiles whose keys expire within that time.")
@click.option("--expires", "term", metavar="90d", help="Not the old one's term; or never.")
@click.option("--profile", "flag", metavar="NAME", help="Made with the key of NAME, not its own.")
def rotate(
    names: tuple[str, ...], expiring: str | None, term: str | None, flag: str | None
) -> None:
    """Make new keys for NAMES, with the organization, name, term and limits of the old ones, which
    are deleted on the panel afterwards; says what it could not keep.

    Until the new key works and is saved the old one stays; terminals get the new one at their next
    prompt. An expired key cannot make another one: --profile names a profile of the same user.

    \b
    Examples:
      dctx rotate staging
      dctx rotate --expiring 14d
      dctx rotate staging --profile prod
    """
    from ..model.profile_names import days, seconds
    from ..panel.key_creation import Place, whole

    if bool(names) == (expiring is not None):
        raise UsageError("give NAMES, or --expiring 14d.")
    seconds(term or "never")
    config = context.load()
    if expiring is None:
        profiles = [config.get(name) for name in dict.fromkeys(names)]
    else:
        profiles = _due(config, days(expiring))
        if not profiles:
            context.say(f"no key expires within {days(expiring)} days.")
    for profile in profiles:
        confirm.require(profile, "replace its key")
    if flag is not None and profiles and flag not in [profile.name for profile in profiles]:
        confirm.require(config.get(flag), "make a key with its key")
    place, failed = Place(context.folder(), context.shell_pid()), None
    with whole() as came:
        for number, profile in enumerate(profiles):
            if came:
                raise Cancelled(f"cancelled. {number} of {len(profiles)} were looked at.")
            try:
                _rotate(place, config, profile, term, flag)
            except DctxError as error:
                failed = error
                if len(profiles) > 1:
                    context.say(f"{shown(profile.name)}: {error}")
    if failed is not None and len(profiles) > 1:
        raise DctxError("not all keys were replaced.")
    if failed is not None:
        raise failed


def _due(config: Config, within: int) -> list[Profile]:
    return [profile for profile in config.profiles.values() if profile.expiry.within(within)]


def _rotate(
    place: Place, config: Config, profile: Profile, term: str | None, flag: str | None
) -> None:
    from ..files.pending_keys import noted
    from ..model.profile_names import fit, key_name
    from ..panel.key_creation import Wanted, note_of
    from ..panel.key_creation import rotate as replace
    from ..panel.key_deletion import retire
    from .shared.leftover_keys import finish

    if profile.token_command:
        raise DctxError(
            f"the key of {shown(profile.name)} comes from a program, where dctx cannot put a new "
            "one. Make one on the panel, and put it there."
        )
    maker, now = profile, store.read(place.folder).config
    if flag not in (None, profile.name):
        maker = now.get(flag)  # it may have got a new key itself just now
        if maker.protected and not config.get(flag).protected:
            raise changed(flag)
    source, organization, rows = _source(now, profile, maker)
    finish(source.panel, source.identity, now)
    old = rows[0] if len(rows) == 1 else None
    called = fit(str(old["name"])) if old and old.get("name") else _name(profile, key_name)
    lasting, lost = _term(profile, rows, term)
    limits, more = _limits(old)
    wanted = Wanted(called, lasting, limits)
    replaces = tuple(str(row.get("id")) for row in rows) or (profile.key_id,)
    with noted(place.folder, note_of(source, profile.name, called, replaces)) as note:
        minted, failed = replace(place, source, profile, organization, wanted, note)
        expires = f", which expires {Expiry.of(minted.expires_at).day}" if minted.expires_at else ""
        # A key that is not among those of the maker's user may have been somebody else's.
        whose = (
            "" if rows or flag in (None, profile.name) else f", made as the user of {shown(flag)}"
        )
        context.say(f"{shown(profile.name)} has a new key{whose}{expires}.")
        for notice in filter(None, (lost, more)):
            context.say(notice)
        try:  # those that had the same key may have new ones, too
            now = store.read(place.folder).config
        except ConfigError as error:
            raise ConfigError(
                f"the old key of {shown(profile.name)} still works: {error}"
            ) from None
        if profile.keyring and not is_named(profile.keyring, now):
            left = keys.forget(profile.keyring)
            if left:
                context.say(left)
        context.say(retire(minted, profile, rows, now, note) or "the old key is deleted.")
    if failed is not None:
        raise failed


def _name(profile: Profile, key_name: Callable[[str], str]) -> str:
    """Return the name of a key that the panel does not list any more: ours of it, or a new one."""
    return str(profile.raw.get(key_fields.NAME) or "") or key_name(profile.name)


def _source(
    config: Config, profile: Profile, maker: Profile
) -> tuple[Source, Organization, list[Row]]:
    """Return who makes the new key, with the key of `maker`, and for which organization.

    And the listed keys that the old one can be: one, where that is certain.
    """
    from ..panel.for_profile import connect
    from ..panel.key_creation import Source
    from ..panel.refusal import identify
    from ..panel.verifying import require_same

    if maker.usable_url().lower() != profile.usable_url().lower():
        raise UsageError(f"{shown(maker.name)} is not of the panel {profile.usable_url()}.")
    key = keys.fetch(maker)
    identity = identify(maker, key, config)
    if maker is profile:
        require_same(profile, identity)
        organization = Organization(identity.organization_id, identity.organization)
    else:
        organization = _known(profile, identity)
    row = identity.key(profile.key_id) if profile.key_id else None
    rows = [row] if row else []
    if not profile.key_id and maker is profile:
        theirs = own_key.of_others(key, config)
        rows = own_key.rows_of(key, identity)
        rows = rows if len(rows) == 1 else [r for r in rows if r.get("id") not in theirs]
    return Source(connect(maker, key), identity, maker.name), organization, rows


def _known(profile: Profile, identity: Identity) -> Organization:
    for organization in identity.organizations:
        if organization.id == profile.organization_id:
            return organization
    if not profile.organization_id:
        raise DctxError(f"the organization of {shown(profile.name)} is not known. Run: dctx verify")
    raise DctxError(
        f"that key's user is not in the organization of {shown(profile.name)}, "
        f"{quoted(clean(profile.organization))}."
    )


def _term(profile: Profile, rows: Sequence[Row], given: str | None) -> tuple[int | None, str]:
    """Return for how many seconds the new key is made, and what to say where that is a guess.

    `rows`: the listed keys that the old one can be. Raises UsageError (exit 2) where it expires,
    and nobody knows any more for how long it was made.
    """
    from ..model.profile_names import seconds, term_of

    if given is not None:
        return seconds(given), ""
    kept = {"expiresAt": profile.expires_at, "createdAt": own_key.made_on(profile)}
    terms: set[int | None] = set()
    for row in rows or [kept]:
        try:
            terms.add(term_of(row))
        except ValueError:  # noqa: PERF203
            terms.add(0)
    is_known = bool(rows or profile.key_id or profile.expires_at)
    if is_known and len(terms) == 1 and (term := terms.pop()) != 0:
        return term, ""
    name = shown(profile.name)
    if profile.expires_at:
        raise UsageError(
            f"for how long the key of {name} was made is not known any more. "
            "Give --expires 90d, or never."
        )
    again = command("rotate", profile.name, "--expires 90d")
    which = f": it is one of {own_key.listed(rows)}" if rows else ""
    return None, (
        f"whether the old key of {name} expires is not known{which}. "
        f"The new one never does. If it should, run: {again}"
    )


def _limits(old: Row | None) -> tuple[dict[str, Any] | None, str]:
    """Return the limits of the old key, and what to say where they are not told.

    Keys that dctx made have none, and are called as ours are.
    """
    if old is None or str(old.get("name") or "").startswith("dctx "):
        return None, ""
    found = own_key.limits(old)
    prefix = {"prefix": str(old["prefix"])} if old.get("prefix") else {}
    if found is None:
        return prefix, (
            "the panel does not tell the limits of keys: the new one has none, be it that the old "
            "one had."
        )
    return {**prefix, **found}, ""
