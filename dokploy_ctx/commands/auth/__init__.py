"""`dctx auth [NAME] -u URL`: save a profile, after asking the panel whose the key is."""

from __future__ import annotations

from typing import Any

import click

from ...constants import COLOUR_NAMES
from ...errors import UsageError
from ...files import keys
from ...model import auth_plan
from ...model.auth_plan import BY_PROGRAM, MOVES, STAYS, TO_FILE, TO_KEYRING, Plan, Request
from ...model.neighbours import same_panel
from ...model.profile import Profile, check_new_name, command, shown, typed
from ...model.resolve import Config
from ..shared import ask, confirm, context
from ..shared.options import profile_option
from . import asking, words
from .checking import require_panel, who_is
from .headers import HeaderChanges, headers_command_option, headers_option, wanted_headers, words_of
from .saving import save


@click.command(name="auth")
@click.argument("name", required=False)
@click.argument("second", metavar="[URL]", required=False)
@profile_option("The same as the argument NAME.", "-p")
@click.option(
    "-u",
    "--url",
    help="The panel's URL, as in the browser. Default: NAME's URL, or a question.",
)
@click.option(
    "-t", "--token", help="The API key; - reads stdin. Default: a question that hides the answer."
)
@click.option("--token-command", metavar="CMD", help="Run CMD for the key whenever one is needed.")
@click.option("--keyring", is_flag=True, help="Keep the key in the system's keyring.")
@headers_option
@headers_command_option
@click.option(
    "--color",
    "colour",
    type=click.Choice([*COLOUR_NAMES, "none"]),
    metavar="COLOR",
    help=f"The color of NAME in the prompt: {', '.join(COLOUR_NAMES)}; or none.",
)
@click.option("--protect", is_flag=True, help="Require confirmation before changes with NAME.")
@click.option("--no-check", is_flag=True, help="Save without asking the panel.")
def auth(
    name: str | None,
    second: str | None,
    flag: str | None,
    url: str | None,
    token: str | None,
    token_command: str | None,
    keyring: bool,
    header: tuple[str, ...],
    headers_command: str | None,
    colour: str | None,
    protect: bool,
    no_check: bool,
) -> None:
    """Save a panel's URL and API key as the profile NAME (default: "default").

    The panel is asked which organization the key belongs to; a key that does not work is not
    saved. With --header, --headers-command or --color alone, NAME keeps its key.

    \b
    Examples:
      # Save a profile; the key is asked, hidden
      dctx auth staging -u https://staging.example.com
      # Read the key from a password manager
      pass show dokploy/prod | dctx auth prod -u https://panel.example.com -t -
      # Store no key: run a program whenever one is needed
      dctx auth prod --token-command 'pass show prod'
      # Move the key of prod into the keyring
      dctx auth prod --keyring
      # Send headers that an access proxy needs
      dctx auth prod --header CF-Access-Client-Id --header CF-Access-Client-Secret
    """
    if token_command is not None and (keyring or token is not None):
        raise UsageError(
            "--token-command, --token and --keyring exclude each other. Use one of them."
        )
    config = context.load()
    name, url = asking.in_order(name, second, flag, url)
    chosen, url, is_host = asking.name_and_url(
        _one_name(name, flag), url, asks_name=token is None and token_command is None
    )
    target = "default" if chosen is None else chosen
    before = config.profiles.get(target)
    new_key = token is not None or token_command is not None or keyring
    has_headers = bool(header) or headers_command is not None
    fields: dict[str, Any] = {**auth_plan.colour_field(colour)}
    if protect:
        fields["protected"] = True
    if before is None:
        check_new_name(target, config.names)
    elif colour is not None and not (new_key or has_headers or protect or url):
        save(auth_plan.settings_alone(before, fields), before)
        context.tell(words.coloured(target, fields))
        return
    stays = has_headers and not (token is not None or token_command is not None)
    address = asking.address(url, before, target if is_host else "")
    if keyring:
        keys.require_keyring()
    confirmed = False
    if before is not None and _needs_consent(before, address, stays):
        confirm.require(before, "change its headers" if stays else "replace its key")
        confirmed = before.protected
    wanted = wanted_headers(header, headers_command, before, address)
    if token_command is not None:
        fields["tokenCommand"] = words_of(token_command, "--token-command")
        goes = BY_PROGRAM
    else:
        goes = _goes(before, address, token, stays=stays, keyring=keyring)
    request = Request(target, chosen is not None, address, goes, fields=fields)
    if goes in (TO_FILE, TO_KEYRING) and token is None:
        request = _typed(request, before, wanted, config, no_check=no_check, from_url=url)
    else:
        request = _given(request, before, wanted, config, token, no_check=no_check)
    plan = auth_plan.decide(config, request)
    was_asked = not confirmed and _ask_to_replace(plan, config)
    plan = save(plan, before, request)
    _say(plan, request, wanted, was_asked)
    _report_leftovers(request)


def _one_name(name: str | None, flag: str | None) -> str | None:
    if name is not None and flag is not None and name != flag:
        raise UsageError(f"two names were given: {typed(name)} and {typed(flag)}. Use one.")
    return flag if name is None else name


def _goes(
    before: Profile | None, address: str, token: str | None, *, stays: bool, keyring: bool
) -> str:
    """Return where a key that no program prints will be (a constant of auth_plan)."""
    has_key = before is not None and before.has_key and before.url.lower() == address.lower()
    if has_key and token is None and keyring:
        return MOVES
    if has_key and stays and not keyring:
        return STAYS
    return TO_KEYRING if keyring else TO_FILE


def _needs_consent(before: Profile, address: str, stays: bool) -> bool:
    """Return whether a protected profile's change needs confirmation: its first key does not."""
    return stays or before.has_key or before.url.lower() != address.lower()


def _given(
    request: Request,
    before: Profile | None,
    wanted: HeaderChanges,
    config: Config,
    token: str | None,
    *,
    no_check: bool,
) -> Request:
    """Return the request with a key from an option, stdin or a program, or with the old key.

    The panel is asked whose the key is, unless `no_check`.
    """
    key = ""
    if request.key_storage == BY_PROGRAM:
        key = "" if no_check else keys.fetch(Profile(request.name, dict(request.fields)))
    elif before is not None and request.key_storage in (STAYS, MOVES):
        key = "" if no_check and request.key_storage == STAYS else keys.fetch(before)
    else:
        key = asking.given_key(token, request.url)
    request = _with(request, key=key, headers=wanted.read())
    return request if no_check else _with(request, identity=who_is(request, config))


def _typed(
    request: Request,
    before: Profile | None,
    wanted: HeaderChanges,
    config: Config,
    *,
    no_check: bool,
    from_url: str | None,
) -> Request:
    """Return the request with a key that a person types; ask again if the panel refuses it.

    The panel is contacted first, so that nobody looks for a key after mistyping the URL.
    """
    from ...panel.errors import KeyRefused

    ask.require(asking.NO_KEY)
    if not no_check and not wanted.given:
        require_panel(Profile(request.name, {"url": request.url, **wanted.start}))
    if from_url is None and before is not None:
        context.tell(f"Panel: {request.url} (another one: -u URL)")
    left = asking.TIMES
    headers: dict[str, Any] | None = None
    while True:
        left -= 1
        key = asking.typed_key(request.url, again=left < asking.TIMES - 1)
        headers = wanted.read() if headers is None else headers
        request = _with(request, key=key, headers=headers)
        if no_check:
            return request
        try:
            return _with(request, identity=who_is(request, config))
        except KeyRefused as error:
            if not left:
                raise
            context.say(f"{error}")


def _with(request: Request, **changes: Any) -> Request:
    from dataclasses import replace

    return replace(request, **changes)


def _ask_to_replace(plan: Plan, config: Config) -> bool:
    """Ask before another panel's or organization's profile is replaced; return whether we asked.

    Without a terminal, _say() tells afterwards what was replaced. Raises Cancelled (exit 130) if
    the answer is no.
    """
    other = plan.replaced
    if other is None or not ask.is_possible():
        return False
    is_new = Profile(plan.name, dict(plan.entry))
    alike = words.has_same_label(other, is_new)
    if is_new.organization_id:  # the user has chosen the panel but not the organization
        context.tell(f"The key is for {words.organization(is_new, alike)}.")
        for waiting in same_panel(is_new, config):
            if waiting.organization_id == is_new.organization_id and not waiting.has_key:
                context.tell(
                    f"Profile {shown(waiting.name)} is for that organization and has no key. "
                    f"To save the key there, answer no and run: {command('auth', waiting.name)}"
                )
    ask.yes_or_no(
        f"Replace profile {shown(other.name)} ({words.place(other, alike)})?",
        "",
        "cancelled. Nothing was saved.",
    )
    return True


def _say(plan: Plan, request: Request, wanted: HeaderChanges, was_asked: bool) -> None:
    now = Profile(plan.name, dict(plan.entry))
    alike = request.identity is not None and request.identity.has_namesake
    what = f"{shown(plan.name)} ({words.place(now, alike)})"
    text = f"Replaced the API key of {what}." if plan.renews_key else f"Saved profile {what}."
    if plan.replaced is not None and not was_asked:
        text += f" Before, it was {words.place(plan.replaced)}."
    if plan.becomes_default:
        text += " It is now the default."
    if plan.former:
        text += f" Before, the default was {shown(plan.former)}: {command('use', plan.former)}"
    context.tell(text)
    words.say_headers(now, wanted)
    _say_same_key(request)


def _say_same_key(request: Request) -> None:
    """Say which other profiles have the same key, or a key for the same organization."""
    from ...files import store

    config = store.read(context.folder()).config
    me = Profile(request.name, {"url": request.url})
    organization = request.identity.organization_id if request.identity is not None else ""
    for other in same_panel(me, config):
        if other.name == request.name:
            continue
        if request.key and other.token == request.key:
            context.tell(f"Profile {shown(other.name)} has the same key.")
        elif organization and other.organization_id == organization:
            context.tell(f"Profile {shown(other.name)} is for the same organization.")


def _report_leftovers(request: Request) -> None:
    """Warn about keys that stopped runs left on the panel, if the panel was asked."""
    if request.identity is None:
        return
    from ...files import store
    from ..shared.leftover_keys import report

    now = store.read(context.folder()).config
    maker = now.profiles.get(request.name, Profile(request.name, {"url": request.url}))
    report(maker, request.identity, now)
