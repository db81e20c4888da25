"""Create keys and save them, so that no key that was made is ever lost.

A note is written before a key is made (files/pending_keys.py). A new key is checked before it is
saved. A key that cannot be saved is deleted on the panel. If that fails too, the error tells the
key's name there, and the note is kept.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import DctxError, PanelError, Saved
from ..files import keys, store
from ..files.pending_keys import Note, noted
from ..model import key_fields, own_key
from ..model.account import Identity, NewKey, Organization
from ..model.headers import fields
from ..model.neighbours import changed, require_unchanged
from ..model.organizations import Step
from ..model.profile import Profile, check_new_name, quoted
from ..model.profile_names import key_name
from ..text.foreign import clean
from .account import BARE, create_key, delete, still_valid, whoami
from .errors import Unexplained, Unreachable
from .http import Panel


@dataclass(frozen=True)
class Place:
    """Where to save: the config folder, and the pid of the shell that runs the command, or None."""

    folder: str
    by: str | None = None


@dataclass(frozen=True)
class Source:
    """What makes new keys: the panel with a key, whose it is, and the profile's name, or "".

    `headers` are the header fields of the profile (headers.fields), which a new profile of the same
    panel needs, too.
    """

    panel: Panel
    identity: Identity
    name: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class KeyRequest:
    """A new key to make: its name, its lifetime in seconds (None: no expiry), and its limits."""

    name: str
    seconds: int | None = None
    limits: Mapping[str, Any] | None = None


def note_of(source: Source, profile: str, name: str, replaces: tuple[str, ...] = ()) -> Note:
    """Return the note for a key called `name` that is to be made for `profile`."""
    same = (row.get("id") for row in source.identity.keys if row.get("name") == name)
    return Note(
        url=source.panel.url,
        profile=profile,
        name=name,
        user_id=source.identity.user_id,
        known=tuple(map(str, same)),
        replaces=replaces,
        maker=source.name,
    )


@contextlib.contextmanager
def signals_deferred(doing: str = "finishing the key that is being made") -> Iterator[list[int]]:
    """Collect Ctrl-C, SIGTERM and SIGHUP during the block, so that each key is completed.

    Yield the list of the signals so far; the caller checks it before the next key. A second Ctrl-C
    interrupts at once; the note of the key stays then.
    """
    signals: list[int] = []

    def note(number: int, _frame: Any) -> None:
        again = number == signal.SIGINT and signal.SIGINT in signals
        if not signals:
            with contextlib.suppress(OSError):
                os.write(2, f"dctx: {doing}\n".encode())
        signals.append(number)
        if again:
            raise KeyboardInterrupt

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    before = {n: signal.getsignal(n) for n in numbers}
    held = {n: old for n, old in before.items() if old not in (signal.SIG_IGN, None)}
    try:
        for number in held:
            signal.signal(number, note)
        yield signals
    finally:
        for number, old in held.items():
            signal.signal(number, old)


def make(source: Source, organization_id: str, wanted: KeyRequest, note: Note) -> NewKey:
    """Return a new key for the organization, after the panel confirmed that the key is for it.

    Raises DctxError (exit 1 or 5). Then there is no new key, or the error names it and the note
    stays.
    """
    name = wanted.name
    try:
        new_key = create_key(source.panel, name, organization_id, wanted.seconds, wanted.limits)
    except Unreachable as error:
        raise _lost(source, name, note, error) from None
    except Unexplained:
        note.forget()
        raise Unexplained(
            f"{source.panel.url} accepted the API key a moment ago and refuses it "
            "now, since the key "
            f"is rate limited ({BARE}). Use another key with --profile NAME, or try again tomorrow."
        ) from None
    except DctxError:
        note.forget()
        raise
    try:
        identity = whoami(source.panel.with_key(new_key.key))
        if identity.organization_id != organization_id:
            other = quoted(clean(identity.organization))
            raise PanelError(f"{source.panel.url} made a key for {other} instead. Update dctx.")
    except DctxError as error:
        raise delete_unsaved(source, new_key, note, error) from None
    return new_key


def _lost(source: Source, name: str, note: Note, error: DctxError) -> DctxError:
    """Look for a key that the panel may have made without telling us; return the error."""
    url = source.panel.url
    try:
        now = whoami(source.panel)
    except DctxError:
        return still_valid(url, f"a key called {quoted(name)}", error, sure=False)
    known = {row.get("id") for row in source.identity.keys}
    rows = [r for r in now.keys if r.get("name") == name and r.get("id") not in known]
    if not rows:
        return error
    sure = True
    if len(rows) == 1:  # if there are more, another dctx just made one of that name
        try:
            delete(source.panel, str(rows[0].get("id")))
        except DctxError as why:
            sure = not isinstance(why, Unreachable)
        else:
            note.forget()
            return _with(error, "The key that was made nevertheless was deleted again.")
    return still_valid(url, f"the key {own_key.listed(rows)}", error, sure=sure)


def _with(error: DctxError, words: str) -> DctxError:
    found: DctxError = type(error)(f"{error} {words}")
    found.code = error.code
    return found


def delete_unsaved(source: Source, new_key: NewKey, note: Note, error: DctxError) -> DctxError:
    """Delete a new key that cannot be used because of `error`; return the error to raise."""
    sure = True
    # Use the new key itself first, since the other may be limited to ten requests a day.
    for panel in (source.panel.with_key(new_key.key), source.panel):
        try:
            delete(panel, new_key.id)
        except DctxError as why:  # noqa: PERF203
            sure = sure and not isinstance(why, Unreachable)
        else:
            note.forget()
            return _with(error, "The new key was deleted again.")
    key = own_key.described(new_key.name, new_key.created_at, new_key.prefix)
    return still_valid(source.panel.url, f"the new key {key}", error, sure=sure)


def add(
    place: Place, source: Source, step: Step, seconds: int | None, *, keyring: bool = False
) -> NewKey:
    """Make a key for the step's organization, and save it in a new profile or an existing one.

    Raises DctxError (exit 1 to 5). Then nothing was made or saved, or the error says what was.
    """
    organization, name = step.organization, step.name
    wanted = KeyRequest(key_name(name), seconds)
    with noted(place.folder, note_of(source, name, wanted.name)) as note:
        new_key = make(source, organization.id, wanted, note)
        entry: dict[str, Any] = {
            "organization": {"id": organization.id, "name": organization.name},
            **own_key.fields_of(new_key),
        }
        if step.existing is None:
            entry = {"url": source.panel.url, **entry, **source.headers}
        elif not fields(step.existing):
            entry |= source.headers
        username = None
        try:
            if keyring:
                entry["keyring"] = username = keys.store(name, new_key.key)
            else:
                entry["token"] = new_key.key
            with store.edit(place.folder, place.by) as document:
                config = document.config
                require_unchanged(name, step.existing, config.profiles.get(name))
                if step.existing is None:
                    check_new_name(name, config.names)
                document.entry(name).update(entry)
                if not config.profiles:
                    document.data["currentProfile"] = name
        except BaseException as error:
            if not _is_saved(place, name, new_key, error):
                raise _unsaved(source, new_key, note, username, error) from None
            note.forget()
            raise
        note.forget()
    return new_key


def _is_saved(place: Place, name: str, new_key: NewKey, error: BaseException) -> bool:
    """Return whether the profile has the key although saving failed with `error`.

    It may have it, since the index is written after config.json. If `error` tells that, do not read
    config.json again, since the disk may have failed.
    """
    if isinstance(error, Saved):
        return True
    with contextlib.suppress(DctxError):
        profile = store.read(place.folder).config.profiles.get(name)
        return profile is not None and profile.key_id == new_key.id
    return False


def _unsaved(
    source: Source, new_key: NewKey, note: Note, username: str | None, error: BaseException
) -> BaseException:
    """Delete the new key, also in the keyring, because of `error`; return the error to raise."""
    if username:
        keys.forget(username)
    if isinstance(error, DctxError):
        return delete_unsaved(source, new_key, note, error)
    if not isinstance(error, KeyboardInterrupt):  # after a second Ctrl-C, do not wait
        delete_unsaved(source, new_key, note, DctxError("not saved. Run it again."))
    return error


def _is_changed(profile: Profile, now: Profile) -> bool:
    """Return whether the profile `now` has another URL or key, or became protected."""
    moved = any(now.raw.get(key) != profile.raw.get(key) for key in ("url", *key_fields.PLACES))
    return moved or (now.protected and not profile.protected)


def rotate(
    place: Place,
    source: Source,
    profile: Profile,
    organization: Organization,
    wanted: KeyRequest,
    note: Note,
) -> tuple[NewKey, DctxError | None]:
    """Make the key `wanted` for the profile's organization, in place of the one that it has.

    Returns the new key, and the error of a step after it was saved, or None. The old key still
    works then: key_deletion.delete_replaced() deletes it. Raises DctxError (exit 1 to 5) if nothing
    was saved. The profile is unchanged then, and either there is no new key or the error names it.
    """
    new_key = make(source, organization.id, wanted, note)
    username = None
    try:
        if profile.keyring:
            username = keys.store(profile.name, new_key.key)
        with store.edit(place.folder, place.by) as document:
            now = document.config.profiles.get(profile.name)
            if now is None or _is_changed(profile, now):
                raise changed(profile.name)
            for known in key_fields.FACTS:
                now.raw.pop(known, None)
            now.raw.update(own_key.fields_of(new_key))
            now.raw["organization"] = {
                **(now.raw.get("organization") or {}),
                "id": organization.id,
                "name": organization.name,
            }
            if username:
                now.raw["keyring"] = username
            else:
                now.raw["token"] = new_key.key
    except BaseException as error:
        if not _is_saved(place, profile.name, new_key, error):
            raise _unsaved(source, new_key, note, username, error) from None
        if not isinstance(error, DctxError):
            raise
        return new_key, error
    return new_key, None
