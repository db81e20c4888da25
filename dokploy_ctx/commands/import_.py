"""`dctx import [FILE]`: profiles of a file, or what the official CLI has saved."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from ..errors import Cancelled, DctxError, UsageError
from ..files import store
from ..files.document import parse
from ..model import key_fields, own_key, share, urls
from ..model.profile import Profile, command, shown, word
from ..model.resolve import Config
from ..official import installed
from ..text.masking import without_keys
from .shared import confirm, context


@click.command(name="import")
@click.argument("file", required=False)
@click.option("--as", "name", metavar="NAME", help="Without FILE: the profile's name [default].")
@click.option("--check", is_flag=True, help="Without FILE: ask the panel whose key it is.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def import_profiles(file: str | None, name: str | None, check: bool, yes: bool) -> None:
    """Merge the profiles of FILE (- is stdin) into yours; without FILE, what dokploy auth saved.

    Shows first what would change, and asks. A key of yours is never replaced, nor the URL that it
    is for; protection can be added, not taken off; and a file cannot name commands. A protected
    profile changes only after its name.

    \b
    Examples:
      dctx import team.json
      curl -fsS https://example.com/team.json | dctx import - --yes
      dctx import --as prod
    """
    if file is None:
        theirs, current = {name or "default": _legacy(check)}, name or "default"
    elif name is not None or check:
        raise UsageError("--as and --check go without FILE.")
    else:
        theirs, current = _file(file)
    before = context.load()
    merges = share.plan(before, theirs)
    for merge in merges:
        context.say(f"{shown(merge.name)}: {merge.words}.")
    changes = [merge for merge in merges if merge.entry is not None]
    if not changes:
        context.say("nothing to change.")
        return
    for merge in changes:
        if urls.is_plain_http_abroad(str((merge.entry or {}).get("url"))):
            context.say(f"{shown(merge.name)} is http: its key travels unencrypted.")
    if not yes:
        _ask(len(changes), from_stdin=file == "-")
    for merge in changes:
        if merge.name in before.profiles:
            confirm.require(before.profiles[merge.name], "change it")
    default = _save(merges, theirs, current)
    context.say(f"{_count(len(changes))} saved{default}.")
    for merge in changes:
        if not key_fields.has_key(merge.entry or {}):
            context.say(f"{shown(merge.name)} has no key yet. {_next_step(merge)}")


def _next_step(merge: share.Merge) -> str:
    return f"Run: {command('auth', merge.name, '-u ' + word((merge.entry or {})['url']))}"


def _count(number: int) -> str:
    return "1 profile" if number == 1 else f"{number} profiles"


def _save(merges: list[share.Merge], theirs: dict[str, Any], current: str) -> str:
    """Save what was shown; return what to say of the default."""
    with store.edit(context.folder(), context.shell_pid()) as document:
        config = document.config
        if share.plan(config, theirs) != merges:
            raise DctxError("config.json changed just now. Nothing was merged; run it again.")
        for merge in merges:
            if merge.entry is not None:
                entry = document.entry(merge.name)
                entry.clear()
                entry.update(merge.entry)
        chosen = _default(config, merges, current)
        if chosen:
            document.data["currentProfile"] = chosen
    return f"; {chosen} is the default" if chosen else ""


def _default(before: Config, merges: list[share.Merge], current: str) -> str:
    """Return the new default: the first profiles ever saved bring one, if it has a key."""
    if before.profiles:
        return ""
    usable = [merge.name for merge in merges if merge.entry and merge.entry.get("token")]
    return current if current in usable else "".join(usable[:1])


def _file(file: str) -> tuple[dict[str, Any], str]:
    """Return the entries of FILE and its default's name. Raises ConfigError (exit 4)."""
    what = "the file on stdin" if file == "-" else without_keys(file)
    try:
        if file == "-":
            raw = sys.stdin.buffer.read()
        else:
            with open(file, "rb") as handle:
                raw = handle.read()
    except OSError as error:
        raise DctxError(f"cannot read {what}: {error.strerror}.") from None
    data = parse(raw, what)
    return data.get("profiles") or {}, data.get("currentProfile") or ""


def _legacy(check: bool) -> dict[str, Any]:
    """Return the entry made of what the official CLI has saved."""
    url, key, path = installed.legacy(os.environ.get("PATH", ""))
    context.say(f"the official CLI saved: {path}")
    entry: dict[str, Any] = {"url": url, "token": key}
    if check:
        from ..panel.refusal import identify

        config = context.load()
        identity = identify(Profile("", entry), key, config)
        entry["organization"] = {"id": identity.organization_id, "name": identity.organization}
        entry.update(own_key.facts(Profile("", entry), key, identity, config))
    return entry


def _ask(number: int, *, from_stdin: bool) -> None:
    if from_stdin or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nothing was changed. Give --yes to merge without a question.")
    if not click.confirm(f"Merge {_count(number)}?", err=True):
        raise Cancelled("nothing was changed.")
