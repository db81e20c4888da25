"""`dctx env [NAME]`: a profile's variables, for a shell to evaluate or a CI system to read."""

from __future__ import annotations

import contextlib
import os
import sys

import click

from ..constants import SENTINEL
from ..errors import DctxError, Refused, UsageError
from ..model import session
from ..model.profile import Profile, no_such_profile, quoted, shown
from ..shells import rows
from ..text.foreign import clean
from ..text.masking import HIDDEN
from .shared import context

FILES = ("json", "dotenv", "github")
VALUES = ("url", "key", "org", "org-id")


@click.command(name="env")
@click.argument("name", required=False)
@click.option("--shell", type=click.Choice([*rows.SHELLS, *FILES]), help="What the output is for.")
@click.option("--off", "off_", is_flag=True, help="Print what ends the session, as dctx off would.")
@click.option("--get", "value", type=click.Choice(VALUES), help="Print only this value.")
@click.option("--key-for", "url", hidden=True, help="The key alone, for the text that was printed.")
def env(
    name: str | None,
    shell: str | None,
    off_: bool,
    value: str | None,
    url: str | None,
) -> None:
    """Print the variables of the profile NAME for a shell, a file or a CI system.

    Without NAME they are those of the active profile, and without --shell they are for the shell
    that you use.

    A shell gets what a session gets. The printed text does not contain the key: the shell asks
    dctx for it while it evaluates the text, so that no trace (set -x) and no file shows it. For a
    protected profile, or with DCTX_EXPORT_KEY=0, the shell gets a placeholder instead of the key.

    json, dotenv and github contain the key; for a protected profile you confirm first. github
    writes the variables to the file that GITHUB_ENV names.

    \b
    Examples:
      eval "$(dctx env staging --shell sh)"          variables for this shell
      dctx env staging --shell fish | source         the same in fish
      dctx env staging --shell dotenv > .env         a file, with the key
      dctx env staging --get key | tool --key-stdin  one value for a tool

    Exit codes: 3 where the profile does not exist, 4 where it has no key, 6 where you did not
    confirm.

    See also: dctx exec (run a command with a profile), dctx off
    """
    if value is not None:
        if shell or off_:
            raise UsageError("--get, --shell and --off exclude each other. Use one of them.")
        sys.stdout.write(_value(_profile(name), value) + "\n")
        return
    shell = shell or _shell()
    if off_:
        if name or shell in FILES:
            raise UsageError(
                "--off cannot be used with NAME, json, dotenv or github. Run: dctx env --off"
            )
        sys.stdout.write(rows.spelling(shell).text(session.off(os.environ)))
        return
    profile = _profile(name)
    if url is not None:
        sys.stdout.write(_for_text(profile, shell, url))
    elif shell in FILES:
        key = _key_to_print(profile)
        hidden = sys.stdout.isatty()
        if hidden:
            context.say("the key is masked on a terminal. To get it, pipe the output to a program.")
        sys.stdout.write(_for_file(profile, key, shell, HIDDEN if hidden else key))
    else:
        sys.stdout.write(_for_shell(profile, shell))


def _key_to_print(profile: Profile) -> str:
    """Return the key of a profile that may print it.

    Raises ConfigError (exit 4) where it has none, Refused (exit 6) where the profile is read-only
    or its name is not typed.
    """
    from ..files import keys
    from .shared import confirm

    keys.require(profile)
    if profile.access:
        from .shared.broker_options import saved_as_read_only

        raise saved_as_read_only(profile)
    confirm.require(profile, "print its key")
    return _key(profile)


def _value(profile: Profile, what: str) -> str:
    """Return one value of the profile; the key only where stdout is no terminal."""
    if what == "url":
        return profile.usable_url()
    if what == "key":
        if sys.stdout.isatty():
            raise Refused("the key is not printed on a terminal. Pipe the output to a program.")
        return _key_to_print(profile)
    found = profile.organization if what == "org" else profile.organization_id
    if not found:
        raise DctxError(f"the organization of {shown(profile.name)} is not known. Run: dctx verify")
    return clean(found)


def _for_shell(profile: Profile, shell: str) -> str:
    """Return the text that points a shell at the profile, for it to evaluate.

    Without the key: the text fetches it.
    """
    how, url = rows.spelling(shell), profile.usable_url()
    if session.session_key(profile, "", os.environ) == SENTINEL:
        return how.text(session.switch(os.environ, profile, url, SENTINEL))
    if not (profile.token_command or profile.keyring):  # a vault is asked once, by the text
        _check(profile, url, _key(profile))
    from ..shells.launch import program

    fetch = (program(), "env", "--shell", how.kind, f"--key-for={url}", "--", profile.name)
    change = session.switch(os.environ, profile, url, session.Copy(rows.KEY))
    return how.text(change, fetch)


def _for_text(profile: Profile, shell: str, url: str) -> str:
    """Return the key for a text that was printed before, with the URL `url` in it.

    Raises Refused (exit 6) where the profile has another one now, and on a terminal.
    """
    if sys.stdout.isatty():
        raise Refused("the key is not printed on a terminal. Evaluate what dctx env prints.")
    if profile.usable_url() != url:
        raise Refused(f"{shown(profile.name)} has another URL now. Run dctx env again.")
    held_back = session.session_key(profile, "", os.environ) == SENTINEL
    key = SENTINEL if held_back else _key(profile)
    _check(profile, url, key)
    return rows.spelling(shell).fetched(key)


def _check(profile: Profile, url: str, key: str) -> None:
    """Return if a terminal's environment can hold these. Raises ConfigError (exit 4)."""
    session.switch({}, profile, url, key)


def _shell() -> str:
    """Return the shell that runs us; where Linux names it as our parent, without many imports."""
    with contextlib.suppress(OSError), open(f"/proc/{os.getppid()}/comm", "rb") as file:
        name = file.read().strip().decode("ascii", "replace")
        if name in rows.SHELLS:
            return name
    from ..shells.which_shell import user_shell

    return user_shell()


def _key(profile: Profile) -> str:
    from ..files import keys

    return keys.fetch(profile)


def _profile(name: str | None) -> Profile:
    config = context.load()
    if name is not None:
        if name not in config.profiles:  # the hooks ask for whatever word stood after dctx
            from ..reserved import instead

            meant = instead(name)
            raise no_such_profile(name, config.names, instead=meant)
        return config.get(name)
    found = context.active(config)
    for notice in found.notices:
        context.say(notice)
    if found.profile is None:
        raise DctxError("no profile is active. Run: dctx env NAME")
    return found.profile


def _for_file(profile: Profile, key: str, kind: str, printed: str) -> str:
    """Return what is to be printed, with `printed` in the key's place; writes GitHub's file."""
    from ..shells import emit

    values = {
        "DOKPLOY_PROFILE": profile.name,
        "DOKPLOY_URL": profile.usable_url(),
        "DOKPLOY_API_KEY": key,
    }
    session.check_exportable(values.items())
    if kind == "json":
        return emit.as_json({**values, "DOKPLOY_API_KEY": printed})
    del values["DOKPLOY_PROFILE"]  # there is no config.json where these files are read
    text = emit.as_lines(values)
    if kind == "dotenv":
        return emit.as_lines({**values, "DOKPLOY_API_KEY": printed})
    target = os.environ.get("GITHUB_ENV")
    if not target:
        raise DctxError("GITHUB_ENV is not set, so --shell github has no file. Use --shell dotenv.")
    try:
        _append(target, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        what = f"cannot write {quoted(target)}, which GITHUB_ENV names: {error.strerror}."
        raise DctxError(what) from None
    # GitHub's runner takes this line off the log and masks the key from then on. It reads "%25" as
    # a percent sign, so a key with one would be masked as another text, and stay readable.
    return f"::add-mask::{printed.replace('%', '%25')}\n"


def _append(path: str, data: bytes) -> None:
    """Add `data` to the file, all of it or nothing; a new one is private, for a key is in it."""
    from ..files import ownership

    if not os.path.exists(path):
        os.close(ownership.create(path, 0o600, ownership.owner_for(path)))
    with open(path, "ab", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        try:
            while data:
                data = data[file.write(data) :]
        except OSError:
            with contextlib.suppress(OSError):
                file.truncate(size)
            raise
