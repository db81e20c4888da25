"""`dctx auth [NAME] -u URL`: save a profile, after asking the panel who the key is."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from ..errors import Cancelled, ConfigError, UsageError
from ..files import keys, store
from ..model import key_fields, own_key, urls
from ..model.account import Identity
from ..model.headers import FIELDS, fields
from ..model.neighbours import is_named, require_unchanged, same_panel
from ..model.profile import Profile, check_new_name, clean_key, command, quoted, shown
from ..model.resolve import Config
from ..text.foreign import clean
from ..text.messages import KEYS_PAGE
from .auth_headers import (
    headers_command_option,
    headers_option,
    say_headers,
    wanted_headers,
    words_of,
)
from .shared import confirm, context

# What belongs to the key that is replaced (auth keeps all else).
_OF_THE_KEY = (*key_fields.ALL, "organization")
# A key has 64 letters, and a prefix of 32 at most (docs/dokploy-api.md, "Keys").
_MOST = 512


@click.command(name="auth")
@click.argument("name", required=False)
@click.option("-p", "--profile", "flag", metavar="NAME", help="The same as the argument NAME.")
@click.option(
    "-u", "--url", help="The panel's address, as in the browser. Without: NAME's, or asked."
)
@click.option("-t", "--token", help="The API key; - reads it from stdin. Without: asked, hidden.")
@click.option("--token-command", metavar="CMD", help="A program that prints the key, when needed.")
@click.option("--keyring", is_flag=True, help="Keep the key in the system's keyring.")
@headers_option
@headers_command_option
@click.option("--protect", is_flag=True, help="Ask for NAME before anything on it is changed.")
@click.option("--no-check", is_flag=True, help="Save without asking the panel.")
def auth(
    name: str | None,
    flag: str | None,
    url: str | None,
    token: str | None,
    token_command: str | None,
    keyring: bool,
    header: tuple[str, ...],
    headers_command: str | None,
    protect: bool,
    no_check: bool,
) -> None:
    """Save URL and API key as the profile NAME (without a name: "default").

    The panel is asked first which organization the key belongs to; a key that does not work is
    not saved. With --header or --headers-command alone, NAME keeps its key.

    \b
    Examples:
      dctx auth staging -u https://staging.example.com
      pass show dokploy/prod | dctx auth prod -u https://panel.example.com -t -
      dctx auth prod -u https://prod.example.com --token-command 'pass show prod'
      dctx auth prod --keyring        moves the key that prod has
      dctx auth prod --header CF-Access-Client-Id --header CF-Access-Client-Secret
    """
    if name is not None and flag is not None and name != flag:
        raise UsageError("two names are given. Give one.")
    if token_command is not None and (keyring or token is not None):
        raise UsageError("--token-command goes without --token and --keyring.")
    stays = token is None and token_command is None and (header or headers_command is not None)
    chosen = flag if name is None else name
    target = "default" if chosen is None else chosen
    config = context.load()
    before = config.profiles.get(target)
    if before is None:
        check_new_name(target, config.names)
    else:
        confirm.require(before, "change its headers" if stays else "replace its key")
    address = _address(url, before)
    entry: dict[str, Any] = {"url": address}
    wanted = wanted_headers(header, headers_command, before, address)
    moves = kept = None  # whose key it is: to be moved into the keyring, or left where it is
    if token_command is not None:
        entry["tokenCommand"] = words_of(token_command, "--token-command")
        key = "" if no_check else keys.fetch(Profile(target, entry))
    elif ((keyring and token is None) or stays) and before and _has_its_key(before, address):
        moves, kept = before, None if keyring else before
        key = "" if kept and no_check else keys.fetch(before)
    else:
        key = _key(token, address if url is None and before is not None else "")
    entry |= wanted.read()
    told = None
    if not no_check:
        told = _identity(Profile(target, entry), key, config)
        entry["organization"] = {"id": told.organization_id, "name": told.organization}
        entry.update(own_key.facts(Profile(target, entry), key, told, config))
    other = _other(before, entry)
    asked = other is not None and not other.protected and sys.stdin.isatty()
    if other is not None and asked:
        _ask_to_replace(other, entry)
    if protect:
        entry["protected"] = True
    if keyring:
        entry["keyring"] = keys.store(target, key)
    elif token_command is None and kept is None:
        entry["token"] = key
    same = moves or (before and _is_its_key(before, key) and _is_at(before, address))
    replaced = () if kept else key_fields.PLACES if same else _OF_THE_KEY
    default = _save(target, before, entry, (*replaced, *FIELDS), chosen is None)
    renewed = before is not None and before.has_key and not (same or other)
    verb = "replaced the key of" if renewed else "saved"
    alike = told is not None and told.has_namesake
    was = f" Before it was {_where(other.raw)}." if other is not None and not asked else ""
    context.say(f"{verb} {shown(target)}: {_where(entry, alike)}.{was}{default}")
    say_headers(Profile(target, entry), wanted)
    _say_twins(target, entry, key, config)
    if told is not None:
        from .shared.leftover_keys import report

        now = store.read(context.folder()).config
        report(now.profiles.get(target, Profile(target, entry)), told, now)


def _other(before: Profile | None, entry: dict[str, Any]) -> Profile | None:
    """Return `before` where `entry` is for another panel, or, as far as known, organization."""
    if before is None or not before.url:
        return None
    if not _is_at(before, entry["url"]):
        return before
    ours, theirs = before.organization_id, Profile("", entry).organization_id
    return before if ours and theirs and ours != theirs else None


def _has_its_key(profile: Profile, address: str) -> bool:
    return profile.has_key and _is_at(profile, address)


def _is_its_key(profile: Profile, key: str) -> bool:
    """Return whether `key` is known to be the profile's; one that is kept elsewhere may be any."""
    return bool(key) and profile.token == key


def _is_at(profile: Profile, address: str) -> bool:
    """Return whether that is the profile's panel, in the sense of neighbours.same_panel."""
    return profile.url.lower() == address.lower()


def _ask_to_replace(other: Profile, entry: dict[str, Any]) -> None:
    """Return if the user says yes; raises Cancelled (exit 130) for anything else."""
    new = Profile(other.name, entry)
    alike = new.organization == other.organization and new.organization_id != other.organization_id
    if new.organization_id:  # the user has named the panel, but not this
        context.say(f"the key is for {_label(new, alike)}.")
    question = f"dctx: {shown(other.name)} is {_where(other.raw, alike)}. Replace it?"
    try:
        sure = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        sure = False
    if not sure:
        raise Cancelled("cancelled. Nothing was saved.")


def _where(entry: dict[str, Any], alike: bool = False) -> str:
    profile = Profile("", entry)
    url, organization = profile.shown_url, _label(profile, alike)
    return f"{url}, {organization}" if organization else url


def _label(profile: Profile, alike: bool) -> str:
    """Return the name of the profile's organization; its id, too, where another has the name."""
    name = quoted(clean(profile.organization)) if profile.organization or alike else ""
    return f"{name} ({clean(profile.organization_id)})" if alike else name


def _save(
    target: str,
    before: Profile | None,
    entry: dict[str, Any],
    replaced: Sequence[str],
    default: bool,
) -> str:
    """Save `entry` in place of the fields `replaced`; returns what to say of the default, if any.

    Raises DctxError where the profile is not `before` any more, which the user was asked about.

    A key that it replaces in the keyring goes, and so does a new one where nothing can be saved.
    """
    try:
        with store.edit(context.folder(), context.shell_pid()) as document:
            config = document.config
            require_unchanged(target, before, config.profiles.get(target))
            if before is None:
                check_new_name(target, config.names)
            saved = document.entry(target)
            left = saved.get("keyring")
            for field in replaced:
                if field not in entry:
                    saved.pop(field, None)
            saved.update(entry)
            if default or not config.profiles:
                document.data["currentProfile"] = target
    except BaseException:
        with contextlib.suppress(ConfigError):  # what went wrong before is what is told
            _forget_unless_named(entry.get("keyring"))
        raise
    _forget_unless_named(left)
    if config.current == target or document.config.current != target:
        return ""
    if config.current not in config.profiles:
        return " It is the default now."
    former = config.current
    return f" It is the default now; before it was {shown(former)}: {command('use', former)}"


def _forget_unless_named(username: str | None) -> None:
    """Take a key out of the keyring if no profile says that it is its own.

    One may although saving failed: the index is written last.
    """
    if username and not is_named(username, store.read(context.folder()).config):
        notice = keys.forget(username)
        if notice:
            context.say(notice)


def _address(url: str | None, before: Profile | None) -> str:
    """Return the panel's URL: `url`, that of the profile as it is saved, or what is typed."""
    if url is not None:
        address = urls.normalize(url)
    elif before is not None and before.url:
        address = before.usable_url()
    else:
        address = _ask_url()
    if urls.is_plain_http_abroad(address):
        context.say(f"{address} is http: the key travels unencrypted.")
    return address


def _ask_url() -> str:
    if not sys.stdin.isatty():
        raise UsageError("no URL is given. Give -u https://HOST.")
    try:
        return urls.normalize(click.prompt("URL of the panel", err=True))
    except UsageError as error:
        context.say(str(error))
    return _ask_url()


def _key(token: str | None, panel: str) -> str:
    """Return the key: `token`, a line of stdin, or what is typed, after the URL `panel` if any."""
    if token is None:
        if not sys.stdin.isatty():
            raise UsageError("no API key is given. Give -t - and the key on stdin.")
        if panel:
            context.say(f"panel: {panel} (another: -u URL)")
        text = click.prompt(f"API key (panel: {KEYS_PAGE}; not shown)", hide_input=True, err=True)
    elif token == "-":
        text = sys.stdin.readline()
    else:
        context.say("-t KEY stays in history and shows in ps. Better: -t - and the key on stdin.")
        text = token
    key, notice = clean_key(text)
    if notice:
        context.say(notice)
    if not key or len(key) > _MOST or not key.isprintable() or not key.isascii() or " " in key:
        raise UsageError("that is not an API key. Copy it again from the panel.")
    return key


def _identity(profile: Profile, key: str, config: Config) -> Identity:
    """Return what the panel says of the key, a refusal in words.

    A key that is saved already worked once: more can be told of it.
    """
    from ..panel.refusal import identify

    for known in same_panel(profile, config):
        if known.token == key:
            entry = {name: value for name, value in known.raw.items() if name not in FIELDS}
            profile = Profile(known.name, {**entry, **fields(profile)})
            break
    return identify(profile, key, config)


def _say_twins(target: str, entry: dict[str, Any], key: str, config: Config) -> None:
    """Say which other profiles hold the same key, or one for the same organization."""
    organization = entry.get("organization", {}).get("id")
    for other in same_panel(Profile(target, entry), config):
        if other.name == target:
            continue
        if key and other.token == key:
            context.say(f"{shown(other.name)} has the same key.")
        elif organization and other.organization_id == organization:
            context.say(f"{shown(other.name)} is for the same organization.")
