"""Save a plan of `dctx auth` in config.json and the keyring, in both or in neither."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from ...errors import ConfigError
from ...files import keys, store
from ...model import auth_plan, key_fields
from ...model.auth_plan import MOVES, TO_KEYRING, Plan, Request
from ...model.neighbours import is_named, require_unchanged
from ...model.profile import Profile, check_new_name
from ..shared import context


def save(plan: Plan, before: Profile | None, request: Request | None = None) -> Plan:
    """Save `plan`; return the plan as it was carried out, which may have another default.

    Raises DctxError if the profile is not `before` any more, about which the user was asked. A key
    that was replaced in the keyring is deleted, and so is a new one if saving fails.
    """
    username = None
    if request is not None and request.key_storage in (TO_KEYRING, MOVES):
        username = keys.store(plan.name, request.key)
    left = None
    try:
        with store.edit(context.folder(), context.shell_pid()) as document:
            config = document.config
            require_unchanged(plan.name, before, config.profiles.get(plan.name))
            if before is None:
                check_new_name(plan.name, config.names)
            if request is not None:
                plan = auth_plan.decide(config, request)
            if username is not None:
                plan = replace(plan, entry={**plan.entry, key_fields.KEYRING: username})
            entry = document.entry(plan.name)
            left = entry.get(key_fields.KEYRING)
            plan.apply(document.data, entry)
    except BaseException:
        with contextlib.suppress(ConfigError):  # the first error is the one to report
            _forget_unless_named(username)
        raise
    _forget_unless_named(left)
    return plan


def _forget_unless_named(username: str | None) -> None:
    """Remove a key from the keyring unless a profile has it.

    A profile may have it although saving failed, since the index is written after config.json.
    """
    if username and not is_named(username, store.read(context.folder()).config):
        notice = keys.forget(username)
        if notice:
            context.warn(notice)
