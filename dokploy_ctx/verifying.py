"""Are the keys alive, and whose are they: many profiles at once."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import store
from .account import Identity, require_member, whoami
from .constants import WARN_SECONDS
from .errors import DctxError, PanelError
from .panel import KeyRefused, Lost, Panel, Unexplained, Unreachable
from .profile import Profile, command, quoted, shown, word
from .refusal import explained
from .resolve import Config
from .sending import connect
from .text import clean, epoch

AT_ONCE = 8


@dataclass(frozen=True)
class Check:
    """What was found of one profile. `state`: alive, renamed, noted (alive, and the organization
    was not known before), changed, lost, refused, unreachable or failed.
    """

    profile: Profile
    state: str
    identity: Identity | None = None
    milliseconds: int | None = None
    error: DctxError | None = None

    @property
    def ok(self) -> bool:
        """Whether commands with this profile do what they should."""
        return self.error is None

    @property
    def expiring(self) -> bool:
        """Whether the key expires within 7 days, by our own record."""
        when = epoch(self.profile.expires_at) if self.profile.expires_at else None
        return when is not None and when - WARN_SECONDS <= time.time()


def check_all(
    profiles: Sequence[Profile], config: Config, progress: Callable[[int], None]
) -> list[Check]:
    """Return what is found of each profile, in their order; `progress` is told how many are done.

    Keys and headers are fetched one after the other (a vault may ask on the terminal), panels asked
    at once.
    """
    work: queue.SimpleQueue[tuple[int, Profile, Panel]] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, Check]] = queue.SimpleQueue()
    found: dict[int, Check] = {}
    for number, profile in enumerate(profiles):
        try:
            work.put((number, profile, connect(profile)))
        except DctxError as error:  # noqa: PERF203
            found[number] = Check(profile, "failed", error=error)

    def run() -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                number, profile, panel = work.get_nowait()
                try:
                    check = _check(profile, panel)
                except Exception as error:  # noqa: BLE001 - else its answer is awaited for ever
                    failed = PanelError(f"the check broke off ({type(error).__name__}). Try again.")
                    check = Check(profile, "failed", error=failed)
                done.put((number, check))

    left = len(profiles) - len(found)
    for _ in range(min(AT_ONCE, left)):  # Ctrl-C must not wait for them
        threading.Thread(target=run, daemon=True).start()
    progress(len(found))
    while len(found) < len(profiles):
        number, check = done.get()
        found[number] = check
        progress(len(found))
    checks = [found[number] for number in range(len(profiles))]
    known = {c.profile.name: c.identity if c.ok else None for c in checks}
    return [_explained(check, config, known) for check in checks]


def _check(profile: Profile, panel: Panel) -> Check:
    """Return what one request tells."""
    identity = milliseconds = None
    try:
        identity = whoami(panel)
        milliseconds = round(panel.seconds * 1000)
        require_member(identity)
        require_same(profile, identity)
    except Changed as error:
        return Check(profile, "changed", identity, milliseconds, error)
    except Lost as error:
        return Check(profile, "lost", identity, milliseconds, error)
    except KeyRefused as error:
        return Check(profile, "refused", error=error)
    except Unreachable as error:
        return Check(profile, "unreachable", error=error)
    except DctxError as error:
        return Check(profile, "failed", error=error)
    if not profile.organization_id:
        return Check(profile, "noted", identity, milliseconds)
    state = "alive" if identity.organization == profile.organization else "renamed"
    return Check(profile, state, identity, milliseconds)


class Changed(KeyRefused):
    """The key is of another organization than the one that was saved (exit 5)."""


def require_same(profile: Profile, identity: Identity) -> None:
    """Return if the key is of the organization that was saved, or none was; raises Changed."""
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


def save_names(folder: str, by: str | None, checks: Sequence[Check]) -> None:
    """Save the organizations' names that changed, and organizations that were not known.

    Not where the profile is not what was checked any more. Raises DctxError (exit 1 or 4).
    """
    news = [c for c in checks if c.state in ("renamed", "noted") and c.identity]
    if not news:
        return
    with store.edit(folder, by) as document:
        for check in news:
            now = document.config.profiles.get(check.profile.name)
            if now is None or now.raw != check.profile.raw or check.identity is None:
                continue
            organization: dict[str, Any] = now.raw.get("organization") or {}
            organization["id"] = check.identity.organization_id
            organization["name"] = check.identity.organization
            now.raw["organization"] = organization
