"""`dctx orgs add` and `dctx orgs sync`: profiles with keys of their own for organizations."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ..errors import Cancelled, DctxError, PanelError, UsageError
from ..files import keys
from ..model import headers
from ..model.account import Identity, Organization
from ..model.expiry import Expiry
from ..model.neighbours import same_panel
from ..model.profile import Profile, check_new_name, command, quoted, shown
from ..model.resolve import Config
from .shared import confirm, context

if TYPE_CHECKING:
    from ..model.organizations import Planned
    from ..panel.key_creation import Source

_PROFILE = click.option(
    "--profile", "flag", metavar="NAME", help="With the key of NAME, not of the one in force here."
)
_EXPIRES = click.option(
    "--expires", "term", default="never", metavar="90d", help="1d to 365d; without: never."
)
_KEYRING = click.option("--keyring", is_flag=True, help="Keep new keys in the system's keyring.")


def asked(flag: str | None) -> tuple[Config, Profile, str, Identity]:
    """Return the configuration, whose key is used, that key, and who it is.

    Raises Changed (exit 5) where the key is of another organization than the one saved.
    """
    from ..panel.refusal import identify
    from ..panel.verifying import require_same

    config = context.load()
    profile = context.here(config, flag)
    key = keys.fetch(profile)
    identity = identify(profile, key, config)
    require_same(profile, identity)
    if not profile.organization_id:  # it is known now; to save it is what verify does
        profile.raw["organization"] = {"id": identity.organization_id}
    return config, profile, key, identity


def say_unknown(profiles: list[Profile]) -> None:
    """Say of which of `profiles` (of one panel) nobody knows the organization."""
    for profile in profiles:
        if not profile.organization_id:
            name = shown(profile.name)
            context.say(
                f"the organization of {name} is not known. Run: {command('verify', profile.name)}"
            )


@click.command(name="add", short_help="Make a key for ORG, and a profile of it.")
@click.argument("organization", metavar="[ORG]", required=False)
@click.option("--org", metavar="ORG", help="The same as the argument; ids may begin with a -.")
@click.option("--as", "name", metavar="NAME", help="The profile's name; without: suggested.")
@_EXPIRES
@_KEYRING
@_PROFILE
@click.pass_obj
def add(
    obj: str | None,
    organization: str | None,
    org: str | None,
    name: str | None,
    term: str,
    keyring: bool,
    flag: str | None,
) -> None:
    """Make a key for the organization ORG (its name or id) and save it as a profile.

    \b
    Examples:
      dctx orgs add Globex
      dctx orgs add Globex --as client --expires 90d
      dctx orgs add --org=-PsWSzzTGFZDrqN3qKMtA
    """
    from ..model.organizations import Planned, find
    from ..model.profile_names import seconds

    if (organization is None) == (org is None):
        raise UsageError("give one organization: dctx orgs add ORG, or --org=ID")
    lasting = seconds(term)
    if name is not None:  # first: the key may be good for ten requests a day
        _check_name(name, context.load())
    config, profile, key, identity = asked(flag if flag is not None else obj)
    found = find(organization or org or "", identity)
    step = Planned(found, _name(found, name, config))
    confirm.require(profile, "make a key with its key")
    source = _source(profile, key, identity, config)
    _make([step], source, lasting, keyring or bool(profile.keyring), config)


def _name(organization: Organization, given: str | None, config: Config) -> str:
    from ..model.profile_names import slug, suggest

    if given is None:
        wanted, name = slug(organization.name), suggest(organization.name, config.names)
        if name == wanted:
            return name
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            taken = config.profiles.get(wanted)
            if taken is not None and taken.organization_id == organization.id:
                why = f"{wanted} is for that organization already. For another key of it"
            else:
                why = f"the name {quoted(wanted)} is taken. Give one, such as"
            raise UsageError(f"{why}: --as {name}")
        given = str(click.prompt(f"{wanted} is taken. Name of the profile", name, err=True))
    _check_name(given, config)
    return given


def _check_name(given: str, config: Config) -> None:
    if given in config.profiles:
        raise UsageError(
            f"{shown(given)} exists. Choose another name, or replace its key: "
            f"{command('rotate', given)}"
        )
    check_new_name(given, config.names)


def _source(profile: Profile, key: str, identity: Identity, config: Config) -> Source:
    from ..panel.for_profile import connect
    from ..panel.key_creation import Source

    saved = profile.name if profile.name in config.profiles else ""
    return Source(connect(profile, key), identity, saved, headers.fields(profile))


def _make(
    steps: list[Planned], source: Source, lasting: int | None, keyring: bool, config: Config
) -> None:
    """Make and save what is planned; what is saved stays, whatever happens to the rest."""
    from ..panel.errors import NotAllowed
    from ..panel.key_creation import Place, add, whole
    from .shared.leftover_keys import finish

    place, saved, forbidden = Place(context.folder(), context.shell_pid()), 0, 0
    with whole() as came:
        finish(source.panel, source.identity, config)
        for step in steps:
            rest = f" {saved} of {len(steps)} saved; run it again for the rest."
            if came:
                raise Cancelled(f"cancelled.{rest}")
            try:
                minted = add(place, source, step.organization, step.name, lasting, keyring=keyring)
            except NotAllowed as error:
                if len(steps) == 1:
                    raise
                context.say(f"{shown(step.name)}: {error}")
                forbidden += 1
                continue
            except DctxError as error:
                if len(steps) > 1:
                    context.say(rest.strip())
                raise error from None
            saved += 1
            # Any key of the user will do, and this one has no limit of ten requests a day.
            source = replace(source, panel=source.panel.with_key(minted.key), name=step.name)
            _saved(step, source, minted.expires_at)
    if forbidden:
        raise PanelError(f"{forbidden} of {len(steps)} could not be made.")


def _saved(step: Planned, source: Source, expires_at: str) -> None:
    from ..model.organizations import label

    expires = f", expires {Expiry.of(expires_at).day}" if expires_at else ""
    organization = label(step.organization, source.identity)
    context.say(f"saved {shown(step.name)}: {source.panel.url}, {organization}{expires}.")


@click.command(name="sync", short_help="Do so for each that has no profile.")
@_EXPIRES
@_KEYRING
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@_PROFILE
@click.pass_obj
def sync(obj: str | None, term: str, keyring: bool, yes: bool, flag: str | None) -> None:
    """Save a profile, with a key of its own, for each organization that has none.

    Shows first what would be made, and asks. Can be stopped, and run again for the rest.

    \b
    Examples:
      dctx orgs sync
      dctx orgs sync --expires 90d --yes
    """
    from ..model.organizations import label, plan
    from ..model.profile_names import seconds
    from .shared.leftover_keys import report

    lasting = seconds(term)
    config, profile, key, identity = asked(flag if flag is not None else obj)
    profiles = same_panel(profile, config)
    steps = plan(identity, profiles, config)
    say_unknown(profiles)
    if not steps:
        context.say("each organization has a profile already.")
        report(profile, identity, config)
        return
    count = "1 key" if len(steps) == 1 else f"{len(steps)} keys"
    context.say(f"{count} to be made on {profile.usable_url()}:")
    width = max(len(step.name) for step in steps)
    for step in steps:
        context.say(f"  {step.name:<{width}}  {label(step.organization, identity)}")
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("nothing was made. Give --yes to make them without a question.")
        if not click.confirm(f"Make {count}?", err=True):
            raise Cancelled("cancelled. Nothing was made.")
    confirm.require(profile, f"make {count} with its key")
    source = _source(profile, key, identity, config)
    _make(steps, source, lasting, keyring or bool(profile.keyring), config)
