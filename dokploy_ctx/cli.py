"""The command `dctx`: the table of commands, and errors turned into one line and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import click

from . import __version__
from .errors import DctxError, UsageError

# name → (module in commands/, function, one line of help). Modules are imported when needed: a
# terminal waits for some of these commands.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "switch": ("switch", "switch", "Point this terminal at a profile (same as: dctx NAME)."),
    "off": ("switch", "off", "Take the profile out of this terminal again."),
    "list": ("list_", "list_profiles", "List the profiles; * is the one in force here."),
    "current": ("current", "current", "Print the profile in force here."),
    "auth": ("auth", "auth", "Save a panel's URL and API key as a profile, after checking them."),
    "use": ("use", "use", "Make a profile the default of terminals that have not switched."),
    "rename": ("rename", "rename", "Rename a profile."),
    "remove": ("remove", "remove", "Remove profiles."),
    "protect": ("protect", "protect", "Ask for a profile's name before it is changed."),
    "unprotect": ("protect", "unprotect", "Take the protection off a profile again."),
    "env": ("env", "env", "Print a profile's variables for a shell or a CI system."),
    "exec": ("exec_", "exec_profile", "Run a command as a profile."),
    "init": ("init", "init", "Print the line that loads the hook into a shell."),
    "sync": ("sync", "sync", "Compile the index anew (normally nobody needs to)."),
    "profiles": ("profiles", "profiles", "list, use, current, remove: as the official CLI's."),
}
ALIASES = {"ls": "list", "rm": "remove"}
HIDDEN = {"_run": ("exec_", "run_for_shim", ""), "_fzf": ("list_", "lines_for_fzf", "")}

# What `dctx --help` shows, grouped by what people do.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("This terminal", ("switch", "off", "current", "list")),
    ("Profiles", ("auth", "use", "rename", "remove", "protect", "unprotect")),
    ("Scripts and CI", ("exec", "env")),
    ("Setting up", ("init", "sync", "profiles")),
)


class Root(click.Group):
    """The root group: lazy commands, and a bare word is a profile to switch to."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands' names in the order of the help."""
        return [name for _, names in GROUPS for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, imported now; None where there is none of that name."""
        name = ALIASES.get(cmd_name, cmd_name)
        entry = COMMANDS.get(name) or HIDDEN.get(name)
        if entry is None:
            return None
        module = importlib.import_module(f"dokploy_ctx.commands.{entry[0]}")
        command: click.Command = getattr(module, entry[1])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command of `args`; a word that is none is a profile's name."""
        command = self.get_command(ctx, args[0])
        if command is not None:
            return args[0], command, args[1:]
        if len(args) > 1 and args[0] != "-":
            raise unknown_word(args[0])
        from .commands.switch import needs_hook

        raise needs_hook(args[0])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands grouped by what people do; imports none of them."""
        for title, names in GROUPS:
            with formatter.section(title):
                formatter.write_dl([(name, COMMANDS[name][2]) for name in names])


def unknown_word(word: str) -> DctxError:
    """Return the error for a first word that is no command, with the nearest commands (exit 2)."""
    from .profile import nearest, quoted

    close = ", ".join(nearest(word, [*COMMANDS, *ALIASES]))
    hint = f"Nearest: {close}." if close else "See: dctx --help"
    return UsageError(f"no command {quoted(word)}. {hint}")


@click.group(
    cls=Root,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
    subcommand_metavar="[NAME | - | COMMAND ...]",
)
@click.version_option(__version__, "-V", "--version", message="dctx %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """dctx is kubectx for Dokploy: which panel and organization this terminal talks to.

    \b
      dctx                 pick a profile (with fzf), or list them
      dctx NAME            point this terminal at NAME; no other terminal moves
      dctx -               back to the profile before
      dctx off             as it was before the first switch
    """
    if ctx.invoked_subcommand is None:
        from .commands.list_ import list_profiles

        ctx.invoke(list_profiles)


def _fail(message: str, code: int) -> NoReturn:
    line = " ".join(message.split("\n"))
    sys.stderr.write(f"dctx: {line}\n")
    sys.exit(code)


def _usage_line(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "dctx"
    return f"{error.format_message().rstrip('.')}. See: {path} --help"


def main(args: list[str] | None = None) -> NoReturn:
    """Run `dctx` and exit. One line on stderr for every error, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    code: Any = 0
    try:
        code = cli.main(args, prog_name="dctx", standalone_mode=False)
        sys.stdout.flush()
        from .upkeep import after_command

        after_command(os.environ)
    except DctxError as error:
        _fail(str(error), error.code)
    except click.UsageError as error:
        _fail(_usage_line(error), 2)
    except click.ClickException as error:
        _fail(error.format_message(), 1)
    except (click.Abort, KeyboardInterrupt):
        _fail("cancelled.", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    sys.exit(code if isinstance(code, int) else 0)
