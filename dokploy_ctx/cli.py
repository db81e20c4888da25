"""The command `dctx`: commands by name, and errors turned into one line and an exit code."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from itertools import zip_longest
from typing import Any, NoReturn

import click

from . import __version__
from .broker.mark import check
from .constants import BROKER
from .errors import DctxError, UsageError
from .reserved import ALIASES, COMMANDS, GROUPS, instead
from .takes import load
from .text import streams
from .text.foreign import one_line
from .text.masking import first_words, without_keys


class Root(click.Group):
    """The root group: lazy commands, and a bare word is a profile to switch to."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None where there is none of that name."""
        return load(ALIASES.get(cmd_name, cmd_name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of `args`; a word that is none is a profile's name."""
        command = self.get_command(ctx, args[0])
        if command is not None:
            return args[0], command, args[1:]
        if len(args) > 1 and args[0] != "-":
            raise unknown_word(args[0], args[1:])
        from .commands.switch import needs_hook

        raise needs_hook(args[0])

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the program's help: what the docstring says, the commands, where there is more."""
        formatter.write(f"Usage: {ctx.command_path} {self.subcommand_metavar}\n")
        formatter.write(inspect.cleandoc(self.help or "").replace("\n\n", "\n") + "\n\n")
        self.format_commands(ctx, formatter)
        formatter.write(
            "Also: find [WORD] (what a panel has), help COMMAND, switch NAME, sync, profiles\n"
        )

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands grouped by what people do, two to a line; imports none of them."""
        for title, names in GROUPS:
            formatter.write(f"{title}:\n")
            cells = [f"  {name:<9} {COMMANDS[name][2]:<28}" for name in names]
            for left, right in zip_longest(cells[::2], cells[1::2], fillvalue=""):
                formatter.write(f"{left}{right}".rstrip() + "\n")


def unknown_word(word: str, rest: list[str]) -> DctxError:
    """Return the error for a first word that is no command: what was meant (exit 2)."""
    from .commands.shared import context
    from .files import store
    from .model.profile import typed

    with contextlib.suppress(DctxError):  # a damaged file is not what this is about
        if word in store.read(context.folder()).config.profiles:
            return UsageError(
                f"{typed(word)} is a profile. To run a command there: {_as_exec(word, rest)}"
            )
    return UsageError(f"no command {typed(word)}. {instead(word) or 'See: dctx --help'}")


def _as_exec(name: str, words: list[str]) -> str:
    """Return how to run `words` as the profile `name`: the first of them, no secret among these."""
    from .model.profile import command

    words = words[words[:1] == ["--"] :]
    return f"{command('exec', name)} -- {first_words(words) or '...'}"


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    subcommand_metavar="[NAME | - | COMMAND ...]",
)
@click.version_option(__version__, "-V", "--version", message="dctx %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """kubectx for Dokploy: the panel and organization that this terminal talks to.

    Start: dctx install, then dctx auth NAME -u URL, then dctx NAME
      dctx NAME   point this terminal at NAME; no other terminal moves
      dctx -      back to where this terminal was before
      dctx        pick a profile with fzf, or list them
    Prompt: (NAME) here  ~(NAME) default  ((NAME)) protected  (?) or !: dctx doctor
    """
    if ctx.invoked_subcommand is None:
        from .commands.list_ import list_profiles

        ctx.invoke(list_profiles)


def _failed(message: str, code: int) -> int:
    sys.stderr.write(f"dctx: {one_line(message)}\n")
    return code


def _usage_line(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "dctx"
    message = error.format_message().rstrip(".")
    if path.endswith(" auth") and "extra argument" in message:  # which may be a key
        message = "auth takes one name"
    return f"{without_keys(message)}. See: {path} --help"


def _run(args: list[str] | None) -> int:
    """Run the command; returns the exit code, what is wrong said."""
    try:
        if BROKER in os.environ:
            check(os.environ, sys.argv[1:] if args is None else args)
        code: Any = cli.main(args, prog_name="dctx", standalone_mode=False)
        sys.stdout.flush()
        from .shells.upkeep import after_command

        after_command(os.environ)
    except DctxError as error:
        return _failed(str(error), error.code)
    except click.UsageError as error:
        return _failed(_usage_line(error), 2)
    except click.ClickException as error:
        return _failed(error.format_message(), 1)
    except (click.Abort, KeyboardInterrupt):
        return _failed("cancelled.", 130)
    except BrokenPipeError:
        return 141
    except OSError as error:
        named = without_keys(str(error.filename))
        what = "cannot read or write" if error.filename is None else f"cannot use {named}"
        return _failed(f"{what}: {error.strerror}.", 1)
    except SystemExit as end:
        code = end.code
    return code if isinstance(code, int) else 0


def main(args: list[str] | None = None) -> NoReturn:
    """Run `dctx` and exit. One line on stderr for every error, no traceback."""
    streams.prepare()
    code = _run(args)
    try:
        sys.stdout.flush()  # of a command that failed
    except OSError:
        streams.discard(sys.stdout)
    sys.exit(code)
