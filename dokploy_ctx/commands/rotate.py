"""`dctx rotate NAME…`: a new key in the place of the old one, which is deleted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from .. import common, confirm, keys, store
from ..errors import Cancelled, DctxError, UsageError
from ..neighbours import changed, is_named
from ..profile import Profile, quoted, shown
from ..resolve import Config
from ..text import clean

if TYPE_CHECKING:
    from ..account import Identity, Organization
    from ..minting import Place, Source


@click.command(name="rotate")
@click.argument("names", nargs=-1)
@click.option("--expiring", metavar="14d", help="All profiles whose keys expire within that time.")
@click.option("--expires", "term", metavar="90d", help="Not the old one's term; or never.")
@click.option("--profile", "flag", metavar="NAME", help="Made with the key of NAME, not its own.")
def rotate(
    names: tuple[str, ...], expiring: str | None, term: str | None, flag: str | None
) -> None:
    """Make new keys for NAMES, with the organization, name and term of the old ones, which are
    deleted on the panel afterwards.

    Until the new key works and is saved the old one stays; terminals get the new one at their next
    prompt. An expired key cannot make another one: --profile names a profile of the same user.

    \b
    Examples:
      dctx rotate staging
      dctx rotate --expiring 14d
      dctx rotate staging --profile prod
    """
    from ..minting import Place, whole
    from ..naming import days, seconds

    if bool(names) == (expiring is not None):
        raise UsageError("give NAMES, or --expiring 14d.")
    seconds(term or "never")
    config = common.load()
    if expiring is None:
        profiles = [config.get(name) for name in dict.fromkeys(names)]
    else:
        profiles = _due(config, days(expiring))
        if not profiles:
            common.say(f"no key expires within {days(expiring)} days.")
    for profile in profiles:
        confirm.require(profile, "replace its key")
    if flag is not None and profiles and flag not in [profile.name for profile in profiles]:
        confirm.require(config.get(flag), "make a key with its key")
    place, failed = Place(common.folder(), common.shell_pid()), None
    with whole() as came:
        for number, profile in enumerate(profiles):
            if came:
                raise Cancelled(f"cancelled. {number} of {len(profiles)} were looked at.")
            try:
                _rotate(place, config, profile, term, flag)
            except DctxError as error:
                failed = error
                if len(profiles) > 1:
                    common.say(f"{shown(profile.name)}: {error}")
    if failed is not None and len(profiles) > 1:
        raise DctxError("not all keys were replaced.")
    if failed is not None:
        raise failed


def _due(config: Config, within: int) -> list[Profile]:
    from ..text import epoch

    end = time.time() + within * 86400
    dated = [(p, epoch(p.expires_at)) for p in config.profiles.values() if p.expires_at]
    return [profile for profile, when in dated if when is not None and when <= end]


def _rotate(
    place: Place, config: Config, profile: Profile, term: str | None, flag: str | None
) -> None:
    from ..minting import rotate as replace
    from ..naming import fit, key_name
    from ..retiring import retire

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
    source, organization = _source(now, profile, maker)
    old = source.identity.key(profile.key_id) if profile.key_id else None
    called = fit(str(old["name"])) if old and old.get("name") else key_name(profile.name)
    lasting = _term(profile, old, term)
    minted, failed = replace(place, source, profile, organization, called, lasting)
    expires = f", which expires {clean(minted.expires_at)[:10]}" if minted.expires_at else ""
    # A key that is not among those of the maker's user may have been somebody else's.
    whose = "" if old or flag in (None, profile.name) else f", made as the user of {shown(flag)}"
    common.say(f"{shown(profile.name)} has a new key{whose}{expires}.")
    now = store.read(place.folder).config  # those that had the same key may have new ones, too
    if profile.keyring and not is_named(profile.keyring, now):
        left = keys.forget(profile.keyring)
        if left:
            common.say(left)
    common.say(retire(minted, profile, now) or "the old key is deleted.")
    if failed is not None:
        raise failed


def _source(config: Config, profile: Profile, maker: Profile) -> tuple[Source, Organization]:
    """Return who makes the new key, with the key of `maker`, and for which organization."""
    from ..account import Organization, require_member
    from ..minting import Source
    from ..refusal import identify
    from ..sending import connect
    from ..verifying import require_same

    if maker.usable_url().lower() != profile.usable_url().lower():
        raise UsageError(f"{shown(maker.name)} is not of the panel {profile.usable_url()}.")
    key = keys.fetch(maker)
    identity = require_member(identify(maker, key, config, organizations=maker is not profile))
    if maker is profile:
        require_same(profile, identity)
        organization = Organization(identity.organization_id, identity.organization)
    else:
        organization = _known(profile, identity)
    return Source(connect(maker, key), identity), organization


def _known(profile: Profile, identity: Identity) -> Organization:
    for organization in identity.organizations:
        if organization.id == profile.organization_id:
            return organization
    if not profile.organization_id:
        raise DctxError(f"the organization of {shown(profile.name)} is not known.")
    raise DctxError(
        f"that key's user is not in the organization of {shown(profile.name)}, "
        f"{quoted(clean(profile.organization))}."
    )


def _term(profile: Profile, old: dict[str, object] | None, given: str | None) -> int | None:
    from ..naming import seconds, term_of

    if given is not None:
        return seconds(given)
    try:
        if old is not None:
            return term_of(old)
    except ValueError:
        pass
    if profile.expires_at:
        raise UsageError(
            f"for how long the key of {shown(profile.name)} was made is not known any more. "
            "Give --expires 90d, or never."
        )
    return None
