"""`dctx orgs sync`: make a profile with a key for every organization of a user."""

from __future__ import annotations

import click

from ...model import organizations
from ...model.neighbours import same_panel
from ...model.organizations import SyncPlan, label
from ...model.profile import command, shown
from ...text.table import View, table
from ..shared import ask, confirm, context
from ..shared.options import profile_option
from .asking import PROFILE_HELP, asked, say_unknown
from .making import expires_option, keyring_option, make, source_of


@click.command(name="sync", short_help="Make keys and profiles that are missing")
@expires_option
@keyring_option
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@profile_option(PROFILE_HELP)
@click.pass_obj
def sync(obj: str | None, lifetime: str, keyring: bool, yes: bool, flag: str | None) -> None:
    """Make a key for every organization without a profile, and for every profile without a key.

    The plan is shown before anything is made. Ctrl-C stops after the key that is being made; run
    the command again for the rest.

    \b
    Examples:
      # Show what is missing, and ask
      dctx orgs sync
      # Keys for 90 days, without a question
      dctx orgs sync --expires 90d --yes
    """
    from ...files.keys import require_keyring
    from ...model.profile_names import seconds
    from ..shared.leftover_keys import report

    valid_seconds = seconds(lifetime)
    if keyring:
        require_keyring()
    config, profile, key, identity = asked(flag if flag is not None else obj)
    profiles = same_panel(profile, config)
    plan = organizations.decide(identity, profiles, config)
    say_unknown(profiles)
    _say_out_of_reach(plan, profile.shown_url)
    if not plan.steps:
        if not plan.out_of_reach:
            context.tell("Every organization has a profile with a key.")
        report(profile, identity, config)
        return
    count = "1 key" if len(plan.steps) == 1 else f"{len(plan.steps)} keys"
    context.tell(f"{count} to make on {profile.usable_url()}:")
    rows = [
        (
            shown(step.name),
            f"{label(step.organization, identity)}, "
            + ("has no key yet" if step.existing is not None else "new profile"),
        )
        for step in plan.steps
    ]
    for line in table(rows, View()):
        context.tell(f"  {line}")
    if not (yes or confirm.asks(profile)):  # one question is enough
        ask.yes_or_no(
            f"Make {count}?",
            "nothing was made, since there is no terminal to ask on. Run it with: --yes",
            "cancelled. Nothing was made.",
        )
    confirm.require(profile, f"make {count} with its key")
    source = source_of(profile, key, identity, config)
    make(plan.steps, source, valid_seconds, keyring or bool(profile.keyring), config)


def _say_out_of_reach(plan: SyncPlan, url: str) -> None:
    """Say for which profiles without a key this user cannot make one."""
    for other in plan.out_of_reach:
        context.tell(
            f"{shown(other.name)} has no key, and the key's user is not in its organization on "
            f"{url}. Run: {command('auth', other.name)}"
        )
