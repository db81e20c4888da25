"""Check the keys of many profiles at once: whether they work, and whose they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ..errors import Cancelled, DctxError, PanelError
from ..files import keys, store
from ..model import own_key
from ..model.account import Identity
from ..model.headers import fields
from ..model.profile import Profile, command, quoted, shown, word
from ..model.resolve import Config
from ..text.foreign import clean
from .account import whoami
from .errors import KeyRefused, Lost, Unexplained, Unreachable
from .for_profile import connect
from .http import Panel
from .parallel import gather
from .refusal import explained

# The time limit for each panel: short, since a person waits for all of them.
SECONDS = 10.0


@dataclass(frozen=True)
class Check:
    """The result for one profile.

    `state` is alive, renamed, noted (alive, and the organization was not known before), changed,
    lost, refused, unreachable, unanswered or failed.
    """

    profile: Profile
    state: str
    identity: Identity | None = None
    milliseconds: int | None = None
    error: DctxError | None = None
    key: str = field(default="", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the key works and is for the saved organization."""
        return self.error is None

    @property
    def expiring(self) -> bool:
        """Whether the key has expired or expires soon, according to config.json."""
        return self.profile.expiry.past or self.profile.expiry.soon


def check_all(
    profiles: Sequence[Profile], config: Config, progress: Callable[[list[Profile]], None]
) -> list[Check]:
    """Return the result for each profile, in their order; `progress` gets those still missing.

    Ctrl-C ends the wait; profiles without an answer are "unanswered" then.

    Keys and headers are fetched one after the other, since a vault may ask on the terminal. Then
    all panels are asked at the same time. A key that several profiles share is checked once.
    """
    found: dict[str, Check] = {}
    panels: list[Panel] = []
    sharing: dict[tuple[str, str, str], list[Profile]] = {}
    for profile in profiles:
        try:
            key = keys.fetch(profile)
            panel = connect(profile, key, SECONDS)
            way = json.dumps(fields(profile), sort_keys=True)
            same = sharing.setdefault((panel.url.lower(), key, way), [])
            panels += [] if same else [panel]
            same.append(profile)
        except DctxError as error:  # noqa: PERF203
            found[profile.name] = Check(profile, "failed", error=error)
    jobs = [partial(_ask, panel) for panel in panels]
    groups = list(sharing.values())
    try:
        answers = gather(
            jobs,
            _broke_off,
            lambda waiting: progress([p for number in waiting for p in groups[number]]),
            _gave_up,
        )
    finally:
        progress([])
    for ((_, key, _), same), answer in zip(sharing.items(), answers, strict=True):
        for profile in same:
            found[profile.name] = _check(profile, key, answer)
    checks = [found[profile.name] for profile in profiles]
    known = {c.profile.name: c.identity if c.ok else None for c in checks}
    return [_explained(check, config, known) for check in checks]


@dataclass(frozen=True)
class _Answer:
    """The result of one request: whose the key is, or why that is not known."""

    identity: Identity | None = None
    milliseconds: int | None = None
    error: DctxError | None = None


def _ask(panel: Panel) -> _Answer:
    try:
        identity = whoami(panel)
        return _Answer(identity, round(panel.seconds * 1000))
    except DctxError as error:
        return _Answer(error=error)


def _broke_off(error: Exception) -> _Answer:
    return _Answer(error=PanelError(f"the check failed ({type(error).__name__}). Run it again."))


def _gave_up() -> _Answer:
    return _Answer(error=Cancelled("cancelled before the panel answered. Run it again."))


def _check(profile: Profile, key: str, answer: _Answer) -> Check:
    """Return the result for the profile, from the answer about its key."""
    identity, milliseconds = answer.identity, answer.milliseconds
    if answer.error is not None or identity is None:
        kinds = (
            *((Lost, "lost"), (KeyRefused, "refused"), (Unreachable, "unreachable")),
            (Cancelled, "unanswered"),
        )
        state = next((s for kind, s in kinds if isinstance(answer.error, kind)), "failed")
        return Check(profile, state, error=answer.error)
    try:
        require_same(profile, identity)
    except Changed as error:
        return Check(profile, "changed", identity, milliseconds, error, key)
    if not profile.organization_id:
        return Check(profile, "noted", identity, milliseconds, key=key)
    state = "alive" if identity.organization == profile.organization else "renamed"
    return Check(profile, state, identity, milliseconds, key=key)


class Changed(KeyRefused):
    """The key is for another organization than the saved one (exit 5)."""


def require_same(profile: Profile, identity: Identity) -> None:
    """Return if the key is for the saved organization, or none is saved. Raises Changed."""
    if profile.organization_id and identity.organization_id != profile.organization_id:
        now, was = quoted(clean(identity.organization)), quoted(clean(profile.organization))
        raise Changed(
            f"the key of {shown(profile.name)} is for {now} ({clean(identity.organization_id)}), "
            f"not for {was} ({clean(profile.organization_id)}) as saved. If that is right, run: "
            f"{command('auth', profile.name, f'-u {word(profile.usable_url())}')}"
        )


def _explained(check: Check, config: Config, known: dict[str, Identity | None]) -> Check:
    if not isinstance(check.error, Unexplained):
        return check
    error = explained(check.error, check.profile, config, known)
    return Check(check.profile, check.state, error=error)


def save_news(folder: str, by: str | None, checks: Sequence[Check], config: Config) -> None:
    """Save what config.json does not have yet: organizations, and ids and lifetimes of keys.

    A profile that changed since it was checked is left alone. Raises DctxError (exit 1 or 4).
    """
    news = {c.profile.name: found for c in checks if (found := _news(c, config))}
    if not news:
        return
    with store.edit(folder, by) as document:
        for check in checks:
            now = document.config.profiles.get(check.profile.name)
            if now is not None and now.raw == check.profile.raw:
                now.raw.update(news.get(now.name, {}))


def _news(check: Check, config: Config) -> dict[str, Any]:
    """Return the fields of the answer that differ from those of the profile."""
    identity, raw = check.identity, check.profile.raw
    if identity is None or not check.ok:
        return {}
    organization = {"id": identity.organization_id, "name": identity.organization}
    told = {
        "organization": {**(raw.get("organization") or {}), **organization},
        **own_key.facts(check.profile, check.key, identity, config),
    }
    return {name: value for name, value in told.items() if raw.get(name) != value}
