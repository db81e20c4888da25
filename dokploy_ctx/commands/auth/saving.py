"""A plan of `dctx auth` saved: config.json and the keyring, both or neither."""

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
    """Save `plan`; returns it as it was carried out, the default as it is now.

    Raises DctxError where the profile is not `before` any more, which the user was asked about. A
    key that is replaced in the keyring goes, and so does a new one where nothing can be saved.
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
        with contextlib.suppress(ConfigError):  # what went wrong before is what is told
            _forget_unless_named(username)
        raise
    _forget_unless_named(left)
    return plan


def _forget_unless_named(username: str | None) -> None:
    """Remove a key from the keyring if no profile says that it is its own.

    One may although saving failed: the index is written last.
    """
    if username and not is_named(username, store.read(context.folder()).config):
        notice = keys.forget(username)
        if notice:
            context.warn(notice)
