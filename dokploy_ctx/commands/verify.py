"""`dctx verify [NAME…]`: are the keys alive, and whose are they."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import DctxError, PanelError, UsageError
from ..model.profile import Profile, quoted, shown
from ..model.resolve import Config
from ..text.foreign import clean, cut
from .shared import context

if TYPE_CHECKING:
    from ..panel.verifying import Check


@click.command(name="verify")
@click.argument("names", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="All profiles.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list, without keys.")
def verify(names: tuple[str, ...], all_: bool, as_json: bool) -> None:
    """Ask the panels whether the keys of NAMES work, and for which organizations they are.

    Without NAMES: what is in force here. Names of organizations that changed are saved; a key of
    another organization than the one saved is an error until `dctx auth` is run again. Exit 5
    where any key fails. One request per key. Keys called as dctx calls its own that no profile has
    are listed, too.

    \b
    Examples:
      dctx verify
      dctx verify --all
      dctx verify --all --json | jq -r '.[] | select(.ok | not).name'
    """
    if names and all_:
        raise UsageError("NAMES and --all are given. Give one of them.")
    config, profiles = _chosen(names, all_)
    from ..panel.verifying import check_all, save_news

    checks = check_all(profiles, config, _progress(len(profiles)))
    if as_json:
        text = json.dumps([as_data(check) for check in checks], indent=2) + "\n"
    else:
        text = "".join(line + "\n" for line in lines(checks))
    sys.stdout.write(text)
    sys.stdout.flush()
    try:
        saved = [check for check in checks if check.profile.name in config.profiles]
        save_news(context.folder(), context.shell_pid(), saved, config)
    except DctxError as error:
        context.say(f"what the panels told is not saved: {error}")
    _say_keys_without_profile(checks)
    failed = sum(not check.ok for check in checks)
    if failed:
        raise PanelError(f"{failed} of {len(checks)} failed.")


def _chosen(names: Sequence[str], all_: bool) -> tuple[Config, list[Profile]]:
    config = context.load()
    if all_ and not config.profiles:
        raise DctxError("no profiles are saved yet. Run: dctx auth NAME -u URL")
    if all_ or names:
        chosen = config.names if all_ else list(dict.fromkeys(names))
        return config, [config.get(name) for name in chosen]
    return config, [context.here(config)]


def _say_keys_without_profile(checks: Sequence[Check]) -> None:
    """Say, once per panel and user, which keys there no profile has."""
    from ..files import store
    from .shared import leftover_keys

    config, seen = store.read(context.folder()).config, set()
    for check in checks:
        identity = check.identity
        if identity is None or not check.ok:
            continue
        url = check.profile.usable_url()
        if (url.lower(), identity.user_id) in seen:
            continue
        seen.add((url.lower(), identity.user_id))
        maker = config.profiles.get(check.profile.name, check.profile)
        leftover_keys.report(maker, identity, config)
        told = leftover_keys.of_no_profile(maker, check.key, identity, config)
        if told:
            context.say(told)


def _progress(total: int) -> Callable[[int], None]:
    """Return what shows on a terminal how many are done, and takes that away at the end."""
    if total < 2 or not sys.stderr.isatty():
        return lambda _done: None

    def show(done: int) -> None:
        text = f"dctx: asked {done} of {total}"
        sys.stderr.write(f"\r{text}" if done < total else f"\r{' ' * len(text)}\r")
        sys.stderr.flush()

    return show


def lines(checks: Sequence[Check]) -> list[str]:
    """Return a line per check: mark, name, then what it is, or why it fails."""
    width = max([10, *(len(shown(check.profile.name)) for check in checks)])
    return [
        f"{'ok' if check.ok else '!!'}  {shown(check.profile.name):<{width}} {_words(check)}"
        for check in checks
    ]


def _words(check: Check) -> str:
    if check.error is not None or check.identity is None:
        return clean(str(check.error))
    remarks = [f"{check.milliseconds} ms"]
    if check.state == "renamed":
        remarks.append(f"was {quoted(clean(check.profile.organization))}")
    if check.profile.expires_at:
        mark = "soon: " if check.expiring else ""
        remarks.append(f"expires {mark}{check.profile.expiry.day}")
    name, role = cut(check.identity.organization), cut(check.identity.role)
    return f"{check.profile.shown_url}  {name}  {role} ({', '.join(remarks)})"


def as_data(check: Check) -> dict[str, Any]:
    """Return a check for --json: everything but the key."""
    identity = check.identity
    organization = None
    if identity is not None:
        organization = {"id": identity.organization_id, "name": identity.organization}
    return {
        "name": check.profile.name,
        "url": check.profile.shown_url,
        "ok": check.ok,
        "state": check.state,
        "organization": organization,
        "role": identity.role or None if identity else None,
        "milliseconds": check.milliseconds,
        "expiresAt": check.profile.expires_at or None,
        "expiring": check.expiring,
        "error": str(check.error) if check.error else None,
    }
