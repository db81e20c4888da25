"""The command `dctx`: find commands by name, and turn errors into one line and an exit code."""

from __future__ import annotations

import contextlib
import inspect
import os
import sys
from itertools import takewhile, zip_longest
from typing import Any, NoReturn

import click

from . import __version__
from .constants import BROKER, TRIED
from .errors import DctxError, UsageError
from .reserved import ALIASES, COMMANDS, GROUPS, instead
from .takes import load
from .text import streams
from .text.masking import first_words, looks_like_key, without_keys


class Root(click.Group):
    """The root group: it imports commands when needed, and takes any other word for a profile."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now, or None."""
        return load(ALIASES.get(cmd_name, cmd_name))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words, after moving options that belong to a command behind its name."""
        return super().parse_args(ctx, self._in_order(ctx, args))

    def _in_order(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return `args` in our order: people write `dctx --json list`, or -c as in kubectx."""
        first = args[0] if args else ""
        if first == "-c" and len(args) == 1:
            return ["current"]
        if first == "-d":
            runs = command_line("remove", args[1]) if len(args) == 2 else "dctx remove NAME"
            raise UsageError(f"dctx has no option -d. To remove a profile, run: {runs}")
        if first == "--profile" or first.startswith("--profile="):
            raise UsageError(
                "--profile is for dokploy: dokploy --profile NAME ... "
                "For this terminal, run: dctx NAME"
            )
        if not first.startswith("-"):
            return args
        own = {name for param in self.get_params(ctx) for name in param.opts}
        options = list(takewhile(lambda word: word[:1] == "-" and word not in own, args))
        rest = args[len(options) :]
        if not options or not rest or first in ("-", "--"):
            return args
        return args if self.get_command(ctx, rest[0]) is None else [rest[0], *options, *rest[1:]]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of `args`; take any other word for a profile's name."""
        word, rest = args[0], args[1:]
        command = self.get_command(ctx, word)
        if command is not None:
            return word, command, rest
        meant = TRIED.get(word)
        if meant is not None and not _is_profile(word):
            streams.say(f"{word} is called {meant} here. Running: dctx {meant}")
            return meant, self.get_command(ctx, meant), rest
        if rest and word != "-":
            raise unknown_word(word, rest)
        from .commands.shared.no_hook import needs_hook

        raise needs_hook(word)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the first screen: the docstring of cli(), the commands, where to read on."""
        formatter.write(inspect.cleandoc(self.help or "").replace("\n\nUsage", "\nUsage") + "\n\n")
        self.format_commands(ctx, formatter)
        formatter.write("Read on: dctx help COMMAND. More commands: switch, sync, profiles, help\n")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in groups, two to a line, without importing them."""
        for title, names in GROUPS:
            formatter.write(f"{title}:\n")
            cells = [f"  {name:<9} {COMMANDS[name][2]:<28}" for name in names]
            for left, right in zip_longest(cells[::2], cells[1::2], fillvalue=""):
                formatter.write(f"{left}{right}".rstrip() + "\n")


def _is_profile(word: str) -> bool:
    """Return whether a profile is called `word`, and False if config.json is damaged."""
    from .commands.shared import context
    from .files import store

    with contextlib.suppress(DctxError):
        return word in store.read(context.folder()).config.profiles
    return False


def unknown_word(word: str, rest: list[str]) -> DctxError:
    """Return the error (exit 2) for a first word that is not a command."""
    from .model.profile import typed

    if not _is_profile(word):
        return UsageError(
            f"command {typed(word)} not found. {instead(word) or 'To see all, run: dctx --help'}"
        )
    verb = ALIASES.get(rest[0], rest[0])
    if verb == "exec":
        runs = _as_exec(word, rest[1:])
    elif verb in COMMANDS and len(rest) == 1:  # with more words it may be a program, as env is
        runs = command_line(verb, word)
    else:
        return UsageError(
            f"{typed(word)} is a profile. To run a command with it: {_as_exec(word, rest)}"
        )
    return UsageError(f"the command comes before the profile. Run: {runs}")


def _as_exec(name: str, words: list[str]) -> str:
    """Return how to run `words` with the profile `name`, without words that may be secret."""
    words = words[words[:1] == ["--"] :]
    return f"{command_line('exec', name)} -- {first_words(words) or '...'}"


def command_line(verb: str, name: str) -> str:
    """Return `dctx VERB NAME` as it can be typed; do not repeat a key that was pasted as a name."""
    from .model.profile import command

    return f"dctx {verb} NAME" if looks_like_key(name) else command(verb, name)


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    subcommand_metavar="[NAME | - | COMMAND ...]",
)
@click.version_option(__version__, "-V", "--version", message="dctx %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Switch a terminal to another Dokploy panel or organization, as kubectx does.

    Usage: dctx [NAME | - | COMMAND ...]
      dctx auth NAME -u URL      Save a profile: a panel's URL and your API key
      dctx NAME                  Switch this terminal to it; dctx - switches back
      dokploy ...                Run the official CLI with the active profile
      dctx exec NAME -- COMMAND  Run one command with another profile

    """
    if ctx.invoked_subcommand is None:
        from .commands.list_ import list_profiles

        ctx.invoke(list_profiles)


def _failed(message: str, code: int) -> int:
    streams.say(message)
    return code


def _usage_line(error: click.UsageError, args: list[str]) -> str:
    # click's parser does not say which command's option has no value.
    path = error.ctx.command_path if error.ctx else _command_path(args)
    message = error.format_message().rstrip(".")
    if path.endswith(" auth") and "extra argument" in message:  # do not quote it: it may be a key
        message = "auth takes one name and one URL"
    end = "" if message.endswith("?") else "."
    return f"{without_keys(message)}{end} See: {path} --help"


def _command_path(args: list[str]) -> str:
    """Return the command that `args` are for, such as "dctx orgs add"."""
    path = "dctx"
    command: click.Group = cli
    for word in args:
        name = TRIED.get(word, word) if command is cli else word
        found = command.get_command(click.Context(command), name)
        if found is not None:
            path += f" {name}"
            if not isinstance(found, click.Group):
                break
            command = found
        elif not word.startswith("-"):  # of an option that stands before its command
            break
    return path


def _run(args: list[str]) -> int:
    """Run the command; returns the exit code, what is wrong said."""
    try:
        if BROKER in os.environ:
            from .broker.mark import check

            check(os.environ, args)
        code: Any = cli.main(args, prog_name="dctx", standalone_mode=False)
        sys.stdout.flush()
        from .shells.upkeep import after_command

        after_command(os.environ)
    except DctxError as error:
        return _failed(str(error), error.code)
    except click.UsageError as error:
        return _failed(_usage_line(error, args), 2)
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
    """Run `dctx` and exit. Every error is one line on stderr, without a traceback."""
    streams.prepare()
    code = _run(sys.argv[1:] if args is None else args)
    try:
        sys.stdout.flush()  # what a failed command has printed
    except OSError:
        streams.discard(sys.stdout)
    sys.exit(code)
