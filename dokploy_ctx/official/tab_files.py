"""The files that Tab reads about the official CLI: a small one for each group of its commands.

They are made from the installed package, or from the table that is shipped with dctx if no package
is installed or its form is not known. Shells read them with builtins, so Tab starts no process.
"""

from __future__ import annotations

import contextlib
import os

from .. import __version__
from ..errors import DctxError
from ..files import data_folder, ownership
from ..files.paths import script_text
from ..reserved import COMMANDS
from ..takes import load
from . import installed, table
from .table import Command
from .wanted import kinds_named_by, may_be_id

FOLDER = "cli"
GROUPS = f"{FOLDER}/.groups"
# Tells which package the files were made from, so that they are made once.
_MADE_OF = f"{FOLDER}/.of"
_US = "\x1f"
# Stands for the value of an option that takes an id, which the panel can list.
ID = "@"


def texts(commands: list[Command]) -> dict[str, str]:
    """Return the files: path below the data folder → text.

    GROUPS has a line for each group: its name and how many commands it has. A group's own file has
    a line for each command: its name, its required options, and all options, required ones first.
    An option is its name, "!" if it is required, "=" if it takes a value, and the possible values:
    words separated by commas, or ID. The fields of a line are separated by 0x1f.
    """
    groups: dict[str, list[str]] = {}
    for command in commands:
        required = [option for option in command.options if option.required]
        others = [option for option in command.options if not option.required]
        words = []
        for option in (*required, *others):
            few = option.words or kinds_named_by(command.group, option.name)
            is_id = may_be_id(command.group, command.name, option.name)
            value = ID if is_id else ",".join(few)
            mark = "!" if option.required else ""
            words.append(f"{option.name}{mark}" + (f"={value}" if option.takes_value else ""))
        needs = " ".join(option.name for option in required)
        line = _US.join((command.name, needs, " ".join(words)))
        groups.setdefault(command.group, []).append(line + "\n")
    found = {f"{FOLDER}/{name}": "".join(lines) for name, lines in groups.items()}
    # The commands that the shim passes to dctx.
    for word in getattr(load("profiles"), "commands", ()):
        found[f"{FOLDER}/profiles"] = found.get(f"{FOLDER}/profiles", "") + f"{word}{_US}{_US}\n"
    own = "".join(f"{name}{_US}{COMMANDS[name][2]}\n" for name in ("auth", "profiles"))
    found[GROUPS] = own + "".join(
        f"{name}{_US}{len(lines)} command{'s'[: len(lines) != 1]}\n"
        for name, lines in groups.items()
    )
    return found


def shipped() -> dict[str, tuple[str, int]]:
    """Return the files of the shipped table: path below the data folder → text and mode."""
    return _files(table.from_text(script_text("commands.txt")), f"dctx {__version__} shipped")


def missing(folder: str) -> dict[str, tuple[str, int]]:
    """Return shipped(), or {} if this version of dctx has already made files in `folder`."""
    return {} if _made_of(folder).startswith(f"dctx {__version__} ") else shipped()


def refresh(folder: str, path: str) -> None:
    """Make the files in the data folder `folder` again if the CLI on `path` is another one.

    Never fails; the old files are kept then. Without a data folder there is nothing to do.
    """
    if not os.path.isdir(folder):
        return
    with contextlib.suppress(OSError, ValueError, DctxError):
        program = installed.find(path)
        package = installed.package_folder(program) if program else None
        if package is None:
            return
        source = os.path.join(package, table.SOURCE)
        info = os.stat(source)
        mark = f"dctx {__version__} {info.st_mtime_ns} {info.st_size} {source}"
        if _made_of(folder) == mark or info.st_size > table.MOST_BYTES:
            return
        with open(source, "rb") as file:
            commands = table.parse(file.read(table.MOST_BYTES).decode("utf-8"))
        files = _files(commands, mark)
        data_folder.write(folder, files)
        for name in set(names(folder)) - set(files):
            ownership.owner_for(os.path.join(folder, name))
            os.unlink(os.path.join(folder, name))


def names(folder: str) -> list[str]:
    """Return the existing files, as paths below the data folder."""
    with contextlib.suppress(OSError):
        return [f"{FOLDER}/{name}" for name in os.listdir(os.path.join(folder, FOLDER))]
    return []


def _files(commands: list[Command], mark: str) -> dict[str, tuple[str, int]]:
    found = {name: (text, 0o644) for name, text in texts(commands).items()}
    found[_MADE_OF] = (mark + "\n", 0o644)  # written last, so that a killed writer leaves none
    return found


def _made_of(folder: str) -> str:
    with contextlib.suppress(OSError), open(os.path.join(folder, _MADE_OF), "rb") as file:
        return os.fsdecode(file.read(4096)).removesuffix("\n")
    return ""
