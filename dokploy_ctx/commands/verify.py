"""`dctx verify [NAME ...]`: check whether API keys work, and for which organizations they are."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..constants import COLOUR_NAMES
from ..errors import Cancelled, DctxError, PanelError, UsageError
from ..model.profile import Profile, command_for, quoted, shown
from ..model.resolve import Config
from ..text.foreign import clean, cut
from ..text.table import Cell, View, padded, painted, table, view
from ..text.terminal import width
from ..text.wrapping import wrapped
from .shared import context

if TYPE_CHECKING:
    from ..panel.verifying import Check

_HEADERS = ("", "NAME", "URL", "ORGANIZATION", "ROLE", "NOTES")
_NAME_COLUMNS = 10
_BESIDE_NAME = 5  # the mark, and the blanks around it and behind the name


@click.command(name="verify")
@click.argument("names", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="Check all profiles.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, without keys.")
def verify(names: tuple[str, ...], all_: bool, as_json: bool) -> None:
    """Check that the API keys of NAMES work, and for which organizations they are.

    Default: the active profile. Each key costs one request of at most 10 seconds; Ctrl-C shows
    what was answered until then. New names of organizations are saved. A key of another
    organization than the one saved fails until dctx auth saves it. Keys that dctx made and no
    profile has are listed as well.

    \b
    Examples:
      dctx verify                   the active profile
      dctx verify --all             every profile
      dctx verify --all --json | jq -r '.[] | select(.ok | not).name'

    Exit codes: 5 where a key fails or a panel does not answer, 130 after Ctrl-C.

    See also: dctx doctor, dctx rotate, dctx remove --unused
    """
    if names and all_:
        raise UsageError("NAMES cannot be used with --all. Use one of them.")
    config, profiles = _chosen(names, all_)
    from ..panel.verifying import check_all, save_news

    checks = check_all(profiles, config, _progress(len(profiles)))
    if as_json:
        text = json.dumps([as_data(check) for check in checks], indent=2) + "\n"
    else:
        text = "".join(line + "\n" for line in lines(checks, view(sys.stdout)))
    sys.stdout.write(text)
    sys.stdout.flush()
    try:
        saved = [check for check in checks if check.profile.name in config.profiles]
        save_news(context.folder(), context.shell_pid(), saved, config)
    except DctxError as error:
        context.warn(f"what the panels answered was not saved: {error}")
    _say_keys_without_profile(checks)
    unanswered = sum(check.state == "unanswered" for check in checks)
    if unanswered:
        raise Cancelled(f"cancelled. {unanswered} of {len(checks)} did not answer.")
    failed = [check.profile.name for check in checks if not check.ok]
    if failed:
        again = "dctx verify"  # URL and key of the environment have no name to verify
        if all(name in config.profiles for name in failed):
            again = command_for("verify", failed, "--all")
        raise PanelError(
            f"{len(failed)} of {len(checks)} failed: {', '.join(map(shown, failed))}. "
            f"What to do is said of each. Then run: {again}"
        )


def _chosen(names: Sequence[str], all_: bool) -> tuple[Config, list[Profile]]:
    config = context.load()
    if all_ and not config.profiles:
        raise DctxError(context.NO_PROFILES)
    if all_ or names:
        chosen = config.names if all_ else list(dict.fromkeys(names))
        return config, [config.get(name) for name in chosen]
    return config, [context.active_profile(config)]


def _say_keys_without_profile(checks: Sequence[Check]) -> None:
    """Warn about keys that no profile has, once for each panel and user."""
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
        told = leftover_keys.keys_without_profile(maker, check.key, identity, config)
        if told:
            context.warn(told)


def _progress(total: int) -> Callable[[list[Profile]], None]:
    """Return a function that shows on a terminal which profiles have not answered yet."""
    if total < 2 or not sys.stderr.isatty():
        return lambda _waiting: None
    columns = view(sys.stderr).columns - 1

    def show(waiting: list[Profile]) -> None:
        text = ""
        if waiting:
            names = ", ".join(shown(profile.name) for profile in waiting)
            text = cut(f"Waiting for {len(waiting)} of {total}: {names}", columns)
        sys.stderr.write(f"\r{' ' * columns}\r{text}")
        sys.stderr.flush()

    return show


def lines(checks: Sequence[Check], to: View) -> list[str]:
    """Return a line for each check: mark, name, and what the key is for or why it fails.

    A reason is never cut, since it says what to do. On a terminal it goes on in the next lines.
    """
    least = max([_NAME_COLUMNS, *(width(shown(check.profile.name)) for check in checks)])
    good = [_row(check) for check in checks if check.error is None]
    found = table(good, to, headers=_HEADERS, least=(2, least), gaps=(2, 1, 2, 2, 1), name=1)
    has_header = bool(to.columns and good)
    printed = [found.pop(0)] if has_header else []
    for check in checks:
        printed += [found.pop(0)] if check.error is None else _failed(check, least, to)
    return printed


def _row(check: Check) -> tuple[str | Cell, ...]:
    identity = check.identity
    assert identity is not None
    notes = [f"{check.milliseconds} ms"]
    if check.state == "renamed":
        notes.append(f"was {quoted(clean(check.profile.organization))}")
    if check.profile.expires_at:
        mark = "soon: " if check.expiring else ""
        notes.append(f"expires {mark}{check.profile.expiry.day}")
    return (
        Cell("ok", COLOUR_NAMES["green"]),
        shown(check.profile.name),
        check.profile.shown_url,
        cut(identity.organization),
        cut(identity.role),
        f"({', '.join(notes)})",
    )


def _failed(check: Check, least: int, to: View) -> list[str]:
    start = f"{painted('!!', COLOUR_NAMES['red'], to)}  {padded(shown(check.profile.name), least)} "
    text, indent = clean(str(check.error)), least + _BESIDE_NAME
    if not to.columns:
        return [start + text]
    if indent > to.columns // 2:  # a long name leaves no room beside it
        first, *more = wrapped(text, to.columns, 4)
        return [start.rstrip(), "    " + first, *more]
    first, *more = wrapped(text, to.columns, indent)
    return [start + first, *more]


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
