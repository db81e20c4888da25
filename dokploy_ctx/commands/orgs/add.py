"""`dctx orgs add ORG`: make a key for one organization, and save it as a profile."""

from __future__ import annotations

import click

from ...errors import UsageError
from ...model.account import Organization
from ...model.neighbours import same_panel
from ...model.organizations import Step, find, pointing
from ...model.profile import Profile, check_new_name, command, quoted, shown
from ...model.resolve import Config
from ..shared import ask, confirm, context
from ..shared.options import profile_option
from .asking import PROFILE_HELP, asked
from .making import expires_option, keyring_option, make, source_of


@click.command(name="add", short_help="Make a key for one organization")
@click.argument("organization", metavar="[ORG]", required=False)
@click.option("--org", metavar="ORG", help="The same as the argument; an id may begin with -.")
@click.option("--as", "name", metavar="NAME", help="The profile's name. Default: ORG's, as a name.")
@expires_option
@keyring_option
@profile_option(PROFILE_HELP)
@click.pass_obj
def add(
    obj: str | None,
    organization: str | None,
    org: str | None,
    name: str | None,
    lifetime: str,
    keyring: bool,
    flag: str | None,
) -> None:
    """Make a key for the organization ORG (its name or id) and save it as a profile.

    A profile of that organization that has no key gets the new one.

    \b
    Examples:
      # A profile whose name is suggested by the organization's
      dctx orgs add Globex
      # A name of your own, and a key that expires
      dctx orgs add Globex --as client --expires 90d
      # An id that begins with a dash
      dctx orgs add --org=-PsWSzzTGFZDrqN3qKMtA
    """
    from ...files.keys import require_keyring
    from ...model.profile_names import seconds

    if (organization is None) == (org is None):
        raise UsageError("one organization is required. Run: dctx orgs add ORG, or: --org=ID")
    valid_seconds = seconds(lifetime)
    if keyring:
        require_keyring()
    if name is not None:  # before the first request, since the key may be limited to ten a day
        _check_name(name, context.load())
    config, profile, key, identity = asked(flag if flag is not None else obj)
    found = find(organization or org or "", identity)
    step = _step(found, name, same_panel(profile, config), config)
    confirm.require(profile, "make a key with its key")
    source = source_of(profile, key, identity, config)
    make([step], source, valid_seconds, keyring or bool(profile.keyring), config)


def _step(
    organization: Organization, given: str | None, profiles: list[Profile], config: Config
) -> Step:
    """Return what to make: a key for an existing profile without one, or a new profile."""
    waiting = [p for p in pointing(organization, profiles) if not p.has_key]
    if given is None and waiting:
        return Step(organization, waiting[0].name, waiting[0])
    if given in config.profiles:
        for profile in waiting:
            if profile.name == given:
                return Step(organization, given, profile)
        raise UsageError(
            f"{shown(given)} is saved already, but not for that organization of this panel. "
            "Choose another name with --as"
        )
    return Step(organization, _name(organization, given, config))


def _name(organization: Organization, given: str | None, config: Config) -> str:
    from ...model.profile_names import slug, suggest

    if given is None:
        wanted, name = slug(organization.name), suggest(organization.name, config.names)
        if name == wanted:
            return name
        taken = config.profiles.get(wanted)
        if taken is not None and taken.organization_id == organization.id:
            why = f"{wanted} is a profile of that organization already. For another key, run it"
        else:
            why = f"the name {quoted(wanted)} is taken. Run it"
        given = ask.text(
            f"{wanted} is taken. Name of the profile", f"{why} with: --as {name}", default=name
        )
    _check_name(given, config)
    return given


def _check_name(given: str, config: Config) -> None:
    """Return if a profile may be called `given`. Raises UsageError (exit 2) if not.

    An existing profile without a key is checked later, when its organization is known.
    """
    there = config.profiles.get(given)
    if there is None:
        check_new_name(given, config.names)
    elif there.has_key:
        raise UsageError(
            f"{shown(given)} exists. Choose another name, or replace its key: "
            f"{command('rotate', given)}"
        )
