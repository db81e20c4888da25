"""`dctx import [FILE]`: import profiles from a file, or what the official CLI saved."""

from __future__ import annotations

import os
import stat
import sys
from typing import Any

import click

from ..errors import DctxError, UsageError
from ..files import store
from ..files.document import parse
from ..model import own_key, share, urls
from ..model.profile import Profile, shown
from ..official import installed
from ..text.masking import without_keys
from .shared import ask, confirm, context
from .shared.waiting import waiting


@click.command(name="import")
@click.argument("file", required=False)
@click.option("--as", "name", metavar="NAME", help="Without FILE: the profile's name [default].")
@click.option("--check", is_flag=True, help="Without FILE: ask the panel whose key it has.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
def import_profiles(file: str | None, name: str | None, check: bool, yes: bool) -> None:
    """Import the profiles of FILE (-: stdin). Without FILE: what the official CLI saved.

    The changes are shown first. A key that you have is never replaced, nor the URL that the key is
    for; protection can be added, not removed; a file cannot name commands to run. A protected
    profile requires confirmation.

    \b
    Examples:
      dctx import team.json
      curl -fsS https://example.com/team.json | dctx import - --yes
      dctx import --as prod      what dokploy auth saved, as prod

    See also: dctx export, dctx orgs sync (keys for imported profiles)
    """
    if file is None and name is None and not check and _is_file(sys.stdin.fileno()):
        file = "-"
    if file is None:
        theirs, current = {name or "default": _legacy(check)}, name or "default"
    elif name is not None or check:
        raise UsageError("--as and --check cannot be used with FILE. Leave them out.")
    else:
        theirs, current = _file(file)
    before = context.load()
    plan = share.decide(before, theirs, current)
    for merge in plan.merges:
        context.tell(f"{shown(merge.name)}: {merge.words}")
    if not plan.changes:
        context.tell("Nothing to change.")
        return
    for merge in plan.changes:
        if urls.is_plain_http(str((merge.entry or {}).get("url"))):
            context.warn(f"{shown(merge.name)} uses http, so its API key is sent unencrypted")
    if not yes:
        _ask(len(plan.changes), from_stdin=file == "-")
    for merge in plan.changes:
        if merge.name in before.profiles:
            confirm.require(before.profiles[merge.name], "change it")
    _save(plan, theirs, current)
    default = f" {shown(plan.default)} is now the default." if plan.default else ""
    context.tell(f"Saved {_count(len(plan.changes))}.{default}")
    now = store.read(context.folder()).config
    for said in share.next_steps(now, [m.name for m in plan.changes if m.name in now.profiles]):
        context.tell(said)


def _is_file(handle: int) -> bool:
    """Return whether `handle` is a file that is not empty, as in `dctx import < FILE`."""
    try:
        about = os.fstat(handle)
    except OSError:
        return False
    return stat.S_ISREG(about.st_mode) and about.st_size > 0


def _count(number: int) -> str:
    return "1 profile" if number == 1 else f"{number} profiles"


def _save(plan: share.Plan, theirs: dict[str, Any], current: str) -> None:
    """Save the plan that was shown. Raises DctxError (exit 1) if config.json changed since."""
    with store.edit(context.folder(), context.shell_pid()) as document:
        if share.decide(document.config, theirs, current) != plan:
            raise DctxError("config.json changed just now. Nothing was changed. Run it again.")
        for merge in plan.changes:
            entry = document.entry(merge.name)
            entry.clear()
            entry.update(merge.entry or {})
        if plan.default:
            document.data["currentProfile"] = plan.default


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
        raise DctxError(f"cannot read {what}: {error.strerror}. Check the path.") from None
    data = parse(raw, what, "Use a file that dctx export wrote.")
    return data.get("profiles") or {}, data.get("currentProfile") or ""


def _legacy(check: bool) -> dict[str, Any]:
    """Return an entry made of what the official CLI saved."""
    url, key, path = installed.legacy(os.environ.get("PATH", ""))
    context.tell(f"The official CLI saved: {path}")
    entry: dict[str, Any] = {"url": url, "token": key}
    if check:
        from ..panel.http import REQUEST_SECONDS
        from ..panel.refusal import identify

        config = context.load()
        with waiting(url, REQUEST_SECONDS):
            identity = identify(Profile("", entry), key, config)
        entry["organization"] = {"id": identity.organization_id, "name": identity.organization}
        entry.update(own_key.facts(Profile("", entry), key, identity, config))
    return entry


def _ask(number: int, *, from_stdin: bool) -> None:
    if from_stdin:
        raise UsageError(
            "nothing was changed, since stdin is the file. Run it with: --yes, or: dctx import FILE"
        )
    ask.yes_or_no(
        f"Import {_count(number)}?",
        "nothing was changed, since there is no terminal to ask on. Run it with: --yes",
        "cancelled. Nothing was changed.",
    )
