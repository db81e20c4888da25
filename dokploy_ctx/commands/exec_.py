"""`dctx exec NAMES -- CMD`: run any command with one profile or several."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

import click

from ..constants import ANSWERED
from ..errors import DctxError, UsageError
from ..files import keys
from ..model import session
from ..model.profile import Profile, no_such_profile, quoted
from ..model.resolve import FLAG, Resolved
from ..model.templates import Templates
from ..official import preload
from ..text.masking import first_words
from .shared import confirm, context
from .shared.broker_options import Options, environment, own_command, require_consent, shell
from .shared.exec_words import BEHIND_NAMES, Exec, matching, split

if TYPE_CHECKING:
    from .shared.at_names import Named
    from .shared.fanout import Job

_RAW = {"allow_interspersed_args": False}
_REST = "NAME -- CMD"


def become(command: Sequence[str], environ: dict[str, str]) -> NoReturn:
    """Replace this process by `command`, which gets our signals and sets the exit code.

    Raises DctxError (exit 127 if the command does not exist, 126 if it cannot be run).
    """
    session.check_exportable(environ.items(), "surrogateescape")
    try:
        os.execvpe(command[0], list(command), environ)
    except OSError as error:
        failed = DctxError(f"cannot run {quoted(first_words(command, 1))}: {error.strerror}.")
        failed.code = 127 if isinstance(error, FileNotFoundError) else 126
        raise failed from None


def environment_for(
    profile: Profile, more: Mapping[str, str] | None = None, key: str | None = None
) -> dict[str, str]:
    """Return the environment for a command with `profile`, its key, and the variables `more`.

    `key` is given if it was fetched already, since a vault may ask its user each time.
    """
    url, key = profile.usable_url(), keys.fetch(profile) if key is None else key
    return {**session.child_environment(os.environ, profile, url, key), **(more or {})}


def named_in(command: Sequence[str], found: Resolved) -> Named | None:
    """Return `command` with an id for each `@name` in it, None if it contains no @."""
    if not any("@" in arg for arg in command[1:]):
        return None
    from .shared.at_names import replaced

    named = replaced(command[1:], found)
    return named._replace(args=[command[0], *named.args])


def prepared(command: Sequence[str], environ: dict[str, str]) -> dict[str, str]:
    """Return `environ` for `command`, with the preload if it is the official CLI itself.

    The shim adds the preload by itself, but scripts and CI jobs may not have the shim on PATH.
    """
    return preload.environment(environ) if _is_bare_cli(command) else environ


def _is_bare_cli(command: Sequence[str]) -> bool:
    from ..official.installed import is_shim

    name = os.path.basename(command[0])
    return name == "dokploy" and not is_shim(shutil.which(command[0]) or "")


def consent(profile: Profile, command: Sequence[str], remark: str = "") -> dict[str, str]:
    """Ask for confirmation if `profile` is protected; return variables that tell it to `command`.

    `remark` is added to the question. Our shim asks by itself, but not about commands that only
    read. So if `command` is our shim, nothing is asked here about reads, and for other commands the
    answer is passed on, so that the shim does not ask again.
    """
    keys.require(profile)
    if not profile.protected:
        return {}
    from ..official.installed import is_own_shim
    from ..official.reads import only_reads

    program = shutil.which(command[0]) or ""
    is_ours = os.path.basename(program) == "dokploy" and is_own_shim(program)
    if is_ours and (_is_for_all(command[1:]) or only_reads(command[1:])):
        return {}
    confirm.require(profile, f"run: {first_words(command)}{remark}")
    return {ANSWERED: profile.name} if is_ours else {}


def _is_for_all(args: Sequence[str]) -> bool:
    """Return whether our shim asks nothing about `args`: help, and what it passes to dctx."""
    first = args[0] if args else ""
    alone = len(args) <= 1 and first in ("", "-h", "--help", "-V", "--version")
    return alone or first in ("auth", "profiles")


@click.command(name="exec", cls=Exec, context_settings=_RAW)
@click.option(
    "--match",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Run for each profile whose name matches. Can be repeated.",
)
@click.option("--all", "all_", is_flag=True, help="Run for every profile.")
@click.option(
    "-j", "jobs", type=click.IntRange(1), metavar="N", help="Run up to N at the same time."
)
@click.option("--read-only", is_flag=True, help="Allow CMD to read, and refuse every change.")
@click.option(
    "--allow", multiple=True, metavar="GLOB", help="Allow these procedures besides reads."
)
@click.option("--for", "time", metavar="TIME", help="Refuse everything after TIME (30m, 8h).")
@click.option("--log", metavar="FILE", help="Append a line of JSON per request to FILE.")
@click.option("--show-secrets", is_flag=True, help="Do not mask secrets in answers.")
@click.option(
    "-e",
    "templates",
    multiple=True,
    metavar="NAME=TEXT",
    help="Set the variable NAME for CMD.",
)
@click.argument("words", metavar="[NAME ...] -- CMD ...", nargs=-1, type=click.UNPROCESSED)
def exec_profile(
    patterns: tuple[str, ...],
    all_: bool,
    jobs: int | None,
    read_only: bool,
    allow: tuple[str, ...],
    time: str | None,
    log: str | None,
    show_secrets: bool,
    templates: tuple[str, ...],
    words: tuple[str, ...],
) -> None:
    """Run CMD with the profile NAME. Without NAME, on a terminal, you choose one with fzf.

    With several names, --match or --all, CMD runs once per profile, and each line of output begins
    with the profile's name. For a protected profile you confirm first, except for a `dokploy`
    command that only reads.

    With --read-only, --allow, --for, --log or --show-secrets CMD never gets the key: it gets the
    address of a local proxy, which forwards only what is allowed and masks secrets in the answers.
    --allow takes names of the server's procedures, such as application.deploy or 'compose.*'.
    Without CMD your shell is started.

    In the TEXT of -e, {url}, {key}, {org}, {org_id} and {profile} stand for the profile's values.

    \b
    Examples:
      dctx exec staging -- ./deploy.sh             one command with staging
      dctx exec acme globex -- dokploy project all
      dctx exec --read-only prod -- ./agent        reads only, without the key
      dctx exec prod -e API={url} -- pulumi up     for a tool with other variables

    Exit codes: CMD's own (of several the largest); 126 or 127 where CMD cannot be run, 3 where a
    profile does not exist, 4 where it has no key, 6 where you did not confirm.

    See also: dctx env (print the variables), dctx protect
    """
    options = Options(read_only, allow, time, log, show_secrets)
    fill = Templates(templates)
    names, command = split(words)
    if all_ or patterns:
        if all_ and patterns:
            raise UsageError("--all cannot be used with --match. Use one of them.")
        if names:
            raise UsageError("NAME cannot be used with --all or --match. Use one of them.")
        _require_command(command)
        profiles = matching(context.load(), patterns or ("*",))
        _for_each(profiles, jobs or 1, command, options, fill)
    config = context.load()
    if not names:
        if not options.given and words == (BEHIND_NAMES,):
            raise UsageError(f"a profile and a command are required. Run: dctx exec {_REST}")
        from .shared import picker

        names = [picker.pick_name(config, "exec", " -- CMD")]
    for name in names:
        if name not in config.profiles and shutil.which(name):  # `dctx exec ls`
            run = f"To run it as a program: dctx exec NAME -- {first_words([name])}"
            raise no_such_profile(name, config.names, instead=run)
    profiles = [config.get(name) for name in dict.fromkeys(names)]
    if len(profiles) > 1:
        _require_command(command)
        _for_each(profiles, jobs or 1, command, options, fill)
    _for_one(profiles[0], command, options, fill)


def _require_command(command: Sequence[str]) -> None:
    """Return if there is a command. Raises UsageError (exit 2)."""
    if not command:
        raise UsageError(f"a command is required after --. Run: dctx exec {_REST}")


def _for_one(profile: Profile, command: list[str], options: Options, fill: Templates) -> NoReturn:
    if not options.given and not profile.access:
        _require_command(command)
    command = command or shell()
    named = named_in(command, Resolved(FLAG, profile)) if _is_bare_cli(command) else None
    command = named.args if named else command
    if options.given or profile.access:
        environ = prepared(command, environment(profile, options))
        become(command, {**environ, **fill.values(profile, environ)})
    told = consent(profile, command, named.remark if named else "")
    context.say_expired(profile)
    environ = prepared(command, environment_for(profile, told, named.key if named else None))
    become(command, {**environ, **fill.values(profile, environ)})


def _for_each(
    profiles: Sequence[Profile],
    jobs: int,
    words: Sequence[str],
    options: Options,
    fill: Templates,
) -> NoReturn:
    from .shared.fanout import Job, run

    # Ask for all confirmations first, so that nothing has run if one is refused.
    work: list[Job] = []
    for profile in profiles:
        is_brokered = options.given or bool(profile.access)
        named = None
        try:
            keys.require(profile)
            if not is_brokered and _is_bare_cli(words):
                named = named_in(words, Resolved(FLAG, profile))
        except DctxError as error:
            work.append(Job(profile.name, error=error))
            continue
        if is_brokered:  # not in the try above: a refusal ends the whole command
            work.append(_by_itself(profile, words, options, fill))
            continue
        told = consent(profile, words, named.remark if named else "")
        context.say_expired(profile)
        key, command = (named.key, named.args) if named else (None, ())
        environ, failed = _environment_or_error(profile, words, told, fill, key)
        work.append(Job(profile.name, environ, failed, command))
    raise SystemExit(run(words, work, jobs))


def _by_itself(profile: Profile, words: Sequence[str], options: Options, fill: Templates) -> Job:
    """Return the job of a profile that needs a broker: another `dctx exec`, for it alone."""
    from .shared.fanout import Job

    environ = dict(os.environ)
    if require_consent(profile, options):
        environ["DCTX_YES"] = profile.name
    given = [f"-e{text}" for text in fill.texts]
    again = [*own_command(), "exec", *options.words(), *given]
    command = [*again, "--", profile.name, "--", *words]
    return Job(profile.name, environ, command=command)


def _environment_or_error(
    profile: Profile,
    command: Sequence[str],
    more: Mapping[str, str],
    fill: Templates,
    key: str | None,
) -> tuple[dict[str, str] | None, DctxError | None]:
    try:
        environ = prepared(command, environment_for(profile, more, key))
        environ |= fill.values(profile, environ)
        session.check_exportable(environ.items(), "surrogateescape")
    except DctxError as error:
        return None, error
    return environ, None
