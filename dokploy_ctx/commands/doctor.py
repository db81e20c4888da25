"""`dctx doctor`: what is wrong here, and the one thing to do for each."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import click

from .. import __version__
from ..constants import YIELDING
from ..errors import DctxError
from ..files import paths, pending_keys, store
from ..files.index import Index
from ..model import headers, urls
from ..model.neighbours import remedy, same_panel
from ..model.profile import Profile, command, shown, word
from ..model.record import records
from ..model.resolve import LEGACY, Config
from ..official import installed, preload
from ..shells import hook_files, install, other_programs, scripts
from ..shells.rc_file import shown_path
from ..text.foreign import clean
from .shared import context


@dataclass(frozen=True)
class Finding:
    """One line of the report; `todo` is what to do about it, "" where all is well."""

    topic: str
    text: str
    todo: str = ""

    def __str__(self) -> str:
        mark = "!!" if self.todo else "ok"
        line = clean(f"{mark}  {self.topic:<9}{self.text}")
        return f"{line}. {self.todo}" if self.todo else line


@click.command(name="doctor")
@click.option("--offline", is_flag=True, help="Do not ask the panels whether they are up.")
def doctor(offline: bool) -> None:
    """Look at everything that dctx depends on. Exit 1 where something is to be done.

    The panels are asked whether they are up, without a key. See also: dctx verify, which uses the
    keys and says which of a panel's are in no profile.

    \b
    Example:
      dctx doctor
    """
    bad = False
    for finding in _findings(offline):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        bad = bad or bool(finding.todo)
    if bad:
        sys.exit(1)


def _findings(offline: bool) -> Iterator[Finding]:
    yield _dctx()
    yield from _shell()
    shim = _shim()
    yield shim
    if not shim.todo:
        for text, todo in other_programs.found(os.environ, paths.shims_dir()):
            yield Finding("shim", text, todo)
    yield _cli()
    yield from _preload()
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
        yield _from_error("config", error)
    try:
        found = context.in_force(config)
        name = found.profile.name if found.profile else found.pair.segment if found.pair else ""
        for notice in found.notices:
            text, _, todo = notice.partition(". ")
            yield Finding("here", text.rstrip("."), todo or "Unset one of them.")
        if found.level == LEGACY:
            yield Finding("here", "no profile is in force", "Run: dctx NAME, or: dctx use NAME")
        else:
            yield Finding("here", f"{shown(name) if found.profile else name} is in force")
    except DctxError as error:
        yield _from_error("here", error)
    if config is not None:
        yield from _profiles(config)
        yield from _stopped(config)
        if not offline:
            yield from _panels(config)


def _from_error(topic: str, error: DctxError) -> Finding:
    text, _, todo = str(error).rpartition(". ")
    if not text:
        text, todo = str(error).rstrip("."), "Mend that first."
    return Finding(topic, text, todo)


def _dctx() -> Finding:
    try:
        return Finding("dctx", f"{__version__}, {shown_path(scripts.program())}")
    except DctxError as error:
        return _from_error("dctx", error)


def _shell() -> Iterator[Finding]:
    shell = install.detect()
    if shell is None:
        yield Finding("shell", "neither bash nor zsh nor fish runs this", "Run: dctx install SHELL")
        return
    folder = paths.data_dir()
    path = hook_files.hook_path(shell, folder)
    written = hook_files.version_of(folder)
    if not os.path.exists(path):
        yield Finding("shell", f"{shell}, the hook is not installed", f"Run: dctx install {shell}")
        return
    if written != __version__:
        text = f"{shell}, the hook is of {written or 'no version'}"
        yield Finding("shell", text, f"Run: dctx install {shell}")
    loader = install.loader(shell, os.environ, folder)
    if loader is None:
        text = f"{shell}, no start-up file loads the hook"
        yield Finding("shell", text, f"Run: dctx install {shell}")
    else:
        yield Finding("shell", f"{shell}, the hook is loaded by {shown_path(loader)}")
    lacks = install.tab_in(shell, os.environ)
    if lacks:
        yield Finding("shell", *lacks)
    place = install.place_in_theme(shell, os.environ)
    if place:
        yield Finding("shell", place)


def _shim() -> Finding:
    shim = os.path.join(paths.shims_dir(), "dokploy")
    found = installed.programs(os.environ.get("PATH", ""))
    load = hook_files.load_line(install.detect() or "bash")
    if not found or not any(installed.is_shim(program) for program in found):
        return Finding("shim", "it is not on this terminal's PATH", f"Run: {load}")
    if not installed.is_shim(found[0]):
        text = f"{shown_path(found[0])} comes before it on PATH"
        return Finding("shim", text, f"Run: {load}")
    if os.path.realpath(found[0]) != os.path.realpath(shim):
        text = f"{shown_path(found[0])} is the shim of another dctx, or a copy"
        return Finding("shim", text, f"Run: {load}")
    return Finding("shim", f"{shown_path(found[0])} is the first dokploy on PATH")


def _cli() -> Finding:
    program = installed.find(os.environ.get("PATH", ""))
    if program is None:
        return Finding(
            "dokploy", "the official CLI is not on PATH", "Run: npm install -g @dokploy/cli"
        )
    return Finding(
        "dokploy", f"{installed.version(program) or 'no version'}, {shown_path(program)}"
    )


def _preload() -> Iterator[Finding]:
    """Yield what Node loads before the official CLI, where both shim and CLI are there."""
    shims = paths.shims_dir()
    program = installed.find(os.environ.get("PATH", ""))
    if program is None or not os.path.exists(os.path.join(shims, "dokploy")):
        return
    path = os.path.join(shims, preload.FILE)
    file = shown_path(path)
    if preload.is_off(os.environ):
        text = "off by DCTX_PRELOAD=0, so most reads of the official CLI fail with 400"
        yield Finding("preload", text)
    elif not (os.access(path, os.R_OK) and preload.option(path)):
        run = f"dctx init {install.detect() or 'bash'} >/dev/null"
        yield Finding("preload", f"{file} is missing or cannot be loaded", f"Run: {run}")
    else:
        yield _loads(installed.runtime(program, os.environ.get("PATH", "")), file)


def _loads(runtime: str, file: str) -> Finding:
    engine, _, version = runtime.partition(" ")
    major = version.partition(".")[0]
    if not major.isdigit():
        return Finding(
            "preload", "cannot tell what runs the official CLI", "Install Node 18 or newer."
        )
    if engine != "node":
        return Finding("preload", f"{runtime} does not load {file}", "Run it with Node.")
    if int(major) < preload.OLDEST_NODE:
        return Finding(
            "preload", f"{runtime} is too old", f"Install Node {preload.OLDEST_NODE} or newer."
        )
    text = f"{runtime} loads {file}"
    if preload.may_proxy(os.environ):
        text += "; a .env may set proxies (DCTX_ENV_PROXY=1)"
    return Finding("preload", text)


def _modes(folder: str) -> Iterator[Finding]:
    """Yield what is still open to others; reading mended what it could."""
    for path, mend in (
        (folder, "chmod 700"),
        (paths.config_file(folder), "chmod 600"),
        (paths.index_dir(folder), "chmod 700"),
    ):
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode)
        except OSError:
            continue
        if mode & 0o077:
            text = f"{shown_path(path)} has mode {mode:o}, and keys are in it"
            yield Finding("config", text, f"Run: {mend} {word(path)}")


def _index(folder: str) -> Finding:
    if not os.path.exists(paths.config_file(folder)):
        return Finding("index", "there is nothing to compile yet")
    where = shown_path(paths.index_dir(folder))
    try:
        Index(paths.index_dir(folder)).is_there()
    except DctxError as error:
        return _from_error("index", error)
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
        yield _from_error("profile", error)
        return
    expiry = profile.expiry
    if not (profile.token or profile.token_command or profile.keyring):
        yield Finding("profile", f"{name} has no key", again)
    elif expiry.past:
        yield Finding("profile", f"the key of {name} expired {expiry.day}", _again(profile, config))
    elif expiry.soon:
        yield Finding("profile", f"the key of {name} expires {expiry.day}", _in_time(profile))
    elif urls.is_plain_http(url):
        yield Finding("profile", f"{name} sends its key unencrypted to {url}", "Use https.")
    elif profile.name in YIELDING:
        text = f"the name {name} is also a command: dctx {name} switches to the profile"
        yield Finding("profile", text, f'For the command, run: dctx {name} ""')
    elif not compiled:
        text = f"the name {name} is one that only dctx switch -- NAME reaches"
        yield Finding("profile", text, f"Run: {command('rename', profile.name)} NEW")


def _in_time(profile: Profile) -> str:
    """Return what replaces a key that still works."""
    if profile.token_command:
        return remedy(profile, [])
    return f"Run: {command('rotate', profile.name)}"


def _again(profile: Profile, config: Config) -> str:
    """Return what replaces a key that works no more: another profile's key, or a new one."""
    return remedy(profile, same_panel(profile, config))


def _panels(config: Config) -> Iterator[Finding]:
    """Yield the health of each panel, asked without a key but with the headers that it needs."""
    urls: dict[str, dict[str, str] | None] = {}
    for profile in config.profiles.values():
        try:
            url = profile.usable_url()
            # What a program prints is not asked for: it may be a vault, with a question.
            found = None if headers.program(profile) else headers.saved(profile)
        except DctxError:
            continue  # said already
        if found or url not in urls or (found is None and not urls[url]):
            urls[url] = found
    from functools import partial

    from ..panel.parallel import gather

    yield from gather([partial(_panel, url, sent) for url, sent in urls.items()], _broke_off)


def _broke_off(error: Exception) -> Finding:
    return Finding("panel", f"asking broke off ({type(error).__name__})", "Try again.")


def _stopped(config: Config) -> Iterator[Finding]:
    """Yield the keys that stopped runs may have left, by our notes: no key is used here."""
    for note in pending_keys.left(context.folder()):
        asks = note.asks() if note.maker in config.profiles else "dctx verify --all"
        yield Finding("keys", note.since(), f"To know, run: {asks}")


def _panel(url: str, sent: dict[str, str] | None) -> Finding:
    from ..panel.http import Panel

    if sent is None:
        return Finding("panel", f"{url} is not asked: a program has its headers. See: dctx verify")
    try:
        if Panel(url, "", sent).healthy():
            return Finding("panel", f"{url} is up")
    except DctxError as error:
        return _from_error("panel", error)
    return Finding("panel", f"{url} is up, but its database is not", "Look at that server.")
