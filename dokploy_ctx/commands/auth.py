"""`dctx auth [NAME] -u URL`: save a profile, after asking the panel who the key is."""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import common, store
from ..errors import UsageError
from ..profile import check_new_name, is_plain_http_abroad, normalize_url, quoted, shown

# What belongs to the key that is replaced (design.md, "Config": auth keeps all else).
_OF_THE_KEY = ("token", "tokenCommand", "keyring", "organization", "keyId", "expiresAt")


@click.command(name="auth")
@click.argument("name", required=False)
@click.option("-p", "--profile", "flag", metavar="NAME", help="The same as the argument NAME.")
@click.option("-u", "--url", help="The panel's address, as in the browser.")
@click.option("-t", "--token", help="The API key; - reads it from stdin. Without: asked, hidden.")
@click.option("--no-check", is_flag=True, help="Save without asking the panel.")
def auth(
    name: str | None, flag: str | None, url: str | None, token: str | None, no_check: bool
) -> None:
    """Save URL and API key as the profile NAME (without a name: "default").

    The panel is asked first which organization the key belongs to; a key that does not work is
    not saved.

    \b
    Examples:
      dctx auth staging -u https://staging.example.com
      pass show dokploy/prod | dctx auth prod -u https://panel.example.com -t -
    """
    if name is not None and flag is not None and name != flag:
        raise UsageError("two names are given. Give one.")
    chosen = flag if name is None else name
    target = "default" if chosen is None else chosen
    folder = common.folder()
    config = common.load()
    if target not in config.profiles:
        check_new_name(target, config.names)
    address = normalize_url(url if url is not None else _ask_url())
    if is_plain_http_abroad(address):
        common.say(f"{address} is http: the key travels unencrypted.")
    key = _key(token)
    entry: dict[str, Any] = {"url": address, "token": key}
    if not no_check:
        entry["organization"] = _organization(address, key)
    with store.edit(folder, common.shell_pid()) as document:
        first = not document.config.profiles
        if target not in document.config.profiles:
            check_new_name(target, document.config.names)
        saved = document.entry(target)
        for field in _OF_THE_KEY:
            if field not in entry:
                saved.pop(field, None)
        saved.update(entry)
        becomes_default = first or chosen is None
        if becomes_default:
            document.data["currentProfile"] = target
    organization = entry.get("organization", {}).get("name")
    where = f"{address}, {quoted(organization)}" if organization else address
    default = ", the default" if becomes_default else ""
    common.say(f"saved {shown(target)}{default}: {where}.")


def _ask_url() -> str:
    if not sys.stdin.isatty():
        raise UsageError("no URL is given. Give -u https://HOST.")
    answer: str = click.prompt("URL of the panel", err=True)
    return answer


def _key(token: str | None) -> str:
    from ..panel import clean_key

    if token is None:
        if not sys.stdin.isatty():
            raise UsageError("no API key is given. Give -t - and the key on stdin.")
        text = click.prompt("API key", hide_input=True, err=True)
    elif token == "-":
        text = sys.stdin.readline()
    else:
        common.say("-t KEY stays in history and shows in ps. Better: -t - and the key on stdin.")
        text = token
    key, notice = clean_key(text)
    if notice:
        common.say(notice)
    if not key or not key.isprintable() or not key.isascii() or " " in key:
        raise UsageError("that is not an API key. Copy it again from the panel.")
    return key


def _organization(url: str, key: str) -> dict[str, str]:
    from ..panel import Panel, require_member

    identity = require_member(Panel(url, key).whoami())
    return {"id": identity.organization_id, "name": identity.organization}
