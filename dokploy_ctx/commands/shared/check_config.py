"""The second half of `dctx doctor`: config.json, the index, each profile, the panels."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator

from ...constants import COLOUR_FIELD, COLOUR_NAMES, YIELDING
from ...errors import DctxError
from ...files import paths, pending_keys, store
from ...files.home import shown_path
from ...files.index import Index
from ...model import headers, urls
from ...model.neighbours import remedy, same_panel
from ...model.profile import Profile, command, shown, word
from ...model.record import records
from ...model.resolve import LEGACY, Config
from . import context
from .findings import Finding, from_error


def findings(offline: bool) -> Iterator[Finding]:
    """Yield the findings about saved profiles, the active profile, and the panels."""
    config: Config | None = None
    try:
        folder = context.folder()
        document = store.read(folder)
        config = document.config
        for notice in document.notices:
            yield Finding("config", notice.rstrip("."))
        yield from _modes(folder)
        count = len(config.profiles)
        text = f"{shown_path(paths.config_file(folder))}: {count} profile{'s'[: count != 1]}"
        yield Finding("config", text, "" if count else "Run: dctx auth NAME -u URL")
        yield _index(folder)
    except DctxError as error:
        yield from_error("config", error)
    yield from _active(config)
    if config is not None:
        yield from _profiles(config)
        yield from _stopped(config)
        if not offline:
            yield from _panels(config)


def _active(config: Config | None) -> Iterator[Finding]:
    try:
        found = context.active(config)
    except DctxError as error:
        yield from_error("active", error)
        return
    for notice in found.notices:
        text, _, todo = notice.partition(". ")
        yield Finding("active", text.rstrip("."), todo or "Unset one of them.")
    if found.level == LEGACY:
        yield Finding("active", "no profile is active", "Run: dctx NAME, or: dctx use NAME")
    elif found.profile is not None:
        yield Finding("active", f"{shown(found.profile.name)} is the active profile")
    elif found.pair is not None:
        yield Finding("active", f"{found.pair.segment} is active, without a profile")


def _modes(folder: str) -> Iterator[Finding]:
    """Yield files that others can still read, after store.read() has made private what it could."""
    for path, change in (
        (folder, "chmod 700"),
        (paths.config_file(folder), "chmod 600"),
        (paths.index_dir(folder), "chmod 700"),
    ):
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode)
        except OSError:
            continue
        if mode & 0o077:
            text = f"{shown_path(path)} has mode {mode:o}, so others may read the keys in it"
            yield Finding("config", text, f"Run: {change} {word(path)}")


def _index(folder: str) -> Finding:
    if not os.path.exists(paths.config_file(folder)):
        return Finding("index", "the index is made with the first profile")
    where = shown_path(paths.index_dir(folder))
    try:
        Index(paths.index_dir(folder)).is_there()
    except DctxError as error:
        return from_error("index", error)
    if store.is_fresh(folder):
        return Finding("index", f"{where} is up to date")
    return Finding("index", f"{where} is out of date", "Run: dctx sync")


def _profiles(config: Config) -> Iterator[Finding]:
    compiled = records(config, int(time.time()))
    for profile in config.profiles.values():
        yield from _profile(profile, profile.name in compiled, config)


def _profile(profile: Profile, compiled: bool, config: Config) -> Iterator[Finding]:
    name = shown(profile.name)
    again = f"Run: {command('auth', profile.name, f'-u {word(profile.url)}')}"
    try:
        url = profile.usable_url()
        if headers.program(profile) is None:
            headers.saved(profile)
    except DctxError as error:
        yield from_error("profile", error)
        return
    expiry = profile.expiry
    if not profile.has_key:
        yield Finding("profile", f"{name} has no key", again)
    elif expiry.past:
        yield Finding("profile", f"the key of {name} expired {expiry.day}", _again(profile, config))
    elif expiry.soon:
        yield Finding("profile", f"the key of {name} expires {expiry.day}", _in_time(profile))
    elif urls.is_plain_http(url):
        text = f"{name} sends its key unencrypted to {url}"
        yield Finding("profile", text, f"Run: {command('auth', profile.name, '-u https://...')}")
    elif profile.name in YIELDING:
        text = f"{name} is a profile and a command: dctx {name} switches to the profile"
        yield Finding("profile", text, f'For the command, run: dctx {name} ""')
    elif not compiled:
        text = f"{name} can only be reached with: {command('switch', profile.name)}"
        yield Finding("profile", text, f"Run: {command('rename', profile.name)} NEW")
    given = profile.raw.get(COLOUR_FIELD)
    if given and str(given).lower() not in COLOUR_NAMES:
        text = f"the color of {name} in config.json is not known"
        yield Finding("profile", text, f"Use one of: {', '.join(COLOUR_NAMES)}.")


def _in_time(profile: Profile) -> str:
    """Return how to replace a key that still works."""
    if profile.token_command:
        return remedy(profile, [])
    return f"Run: {command('rotate', profile.name)}"


def _again(profile: Profile, config: Config) -> str:
    """Return how to replace a key that does not work any more."""
    return remedy(profile, same_panel(profile, config))


def _panels(config: Config) -> Iterator[Finding]:
    """Yield whether each panel is up. It is asked without a key, but with saved headers."""
    urls: dict[str, dict[str, str] | None] = {}
    for profile in config.profiles.values():
        try:
            url = profile.usable_url()
            # Programs that print headers are not run, since they may ask for a passphrase.
            found = None if headers.program(profile) else headers.saved(profile)
        except DctxError:
            continue  # reported already
        if found or url not in urls or (found is None and not urls[url]):
            urls[url] = found
    from functools import partial

    from ...panel.parallel import gather

    yield from gather([partial(_panel, url, sent) for url, sent in urls.items()], _broke_off)


def _broke_off(error: Exception) -> Finding:
    text = f"a panel could not be asked ({type(error).__name__})"
    return Finding("panel", text, "Run: dctx doctor")


def _stopped(config: Config) -> Iterator[Finding]:
    """Yield the notes of keys that interrupted commands may have left on a panel."""
    for note in pending_keys.unfinished(context.folder()):
        asks = note.check_command() if note.maker in config.profiles else "dctx verify --all"
        yield Finding("keys", note.reason(), f"To know, run: {asks}")


def _panel(url: str, sent: dict[str, str] | None) -> Finding:
    from ...panel.http import Panel

    if sent is None:
        return Finding("panel", f"{url} was not asked, since a program has its headers")
    try:
        if Panel(url, "", sent).healthy():
            return Finding("panel", f"{url} is up")
    except DctxError as error:
        return from_error("panel", error)
    return Finding("panel", f"{url} is up, but its database is not", f"Check the server of {url}.")
