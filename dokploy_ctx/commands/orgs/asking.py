"""Find out for `dctx orgs` whose key is used, and which organizations its user is in."""

from __future__ import annotations

from collections.abc import Sequence

from ...files import keys
from ...model.account import Identity
from ...model.profile import Profile, command, shown
from ...model.resolve import Config
from ..shared import context
from ..shared.waiting import waiting

PROFILE_HELP = "Use the key of NAME. Default: the active profile."


def asked(flag: str | None) -> tuple[Config, Profile, str, Identity]:
    """Return the configuration, the profile whose key is used, that key, and whose it is.

    Raises Changed (exit 5) if the key is for another organization than the saved one.
    """
    from ...panel.http import REQUEST_SECONDS
    from ...panel.refusal import identify
    from ...panel.verifying import require_same

    config = context.load()
    profile = context.active_profile(config, flag)
    key = keys.fetch(profile)
    with waiting(profile.shown_url, REQUEST_SECONDS):
        identity = identify(profile, key, config)
    require_same(profile, identity)
    if not profile.organization_id:  # use it from now on, but let `dctx verify` save it
        profile.raw["organization"] = {"id": identity.organization_id}
    return config, profile, key, identity


def say_unknown(profiles: Sequence[Profile]) -> None:
    """Say which of `profiles`, all of one panel, have no known organization."""
    for profile in profiles:
        if profile.organization_id:
            continue
        if profile.has_key:
            todo = command("verify", profile.name)
            context.tell(f"The organization of {shown(profile.name)} is not known. Run: {todo}")
        else:
            todo = command("auth", profile.name)
            context.tell(
                f"Profile {shown(profile.name)} has neither a key nor an organization. Run: {todo}"
            )
