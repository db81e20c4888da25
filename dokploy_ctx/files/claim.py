"""Tell whether dctx made an index folder, since dctx deletes files in its own folder alone.

Another program may have a folder `index` beside its own config.json. Ours contains a mark.
A folder that an earlier version made has no mark: it counts as ours if all files in it look so.
"""

from __future__ import annotations

import os
import re
import stat

from ..errors import ConfigError
from . import ownership

MARK = ".dctx"
TEXT = (
    "dctx made this folder from config.json and deletes files in it. Keep none of your own here.\n"
)
# Every file of ours that is not a record, including what a killed writer leaves.
_OURS = (
    r"(?s)\.(?:tmp|gen|current|manifest|others|hook|config|dctx|(?:stamp|coarse)\.\d+|due\..+"
    r"|told\.\d+(?:\.below)?"
    r"|hook\.\d+\.tmp)\Z"
)
_WAY_OUT = "Move it away, or set DOKPLOY_CONFIG_DIR to another folder."
_MOST_BYTES = 256  # read of a record: enough for its format and a name of 64 characters


def is_record(path: str, separator: str) -> bool:
    """Return whether the file is a record, of any format, of the profile that it is named after."""
    try:
        with ownership.opened(path) as file:
            fields = file.read(_MOST_BYTES).decode("utf-8", "replace").split(separator)
    except OSError:
        return False
    name = os.path.basename(path)
    return len(fields) > 2 and fields[0].isdigit() and fields[1].lower() == name.lower()


def is_ours(path: str, separator: str) -> bool:
    """Return whether dctx made the file in its index folder."""
    return bool(re.match(_OURS, os.path.basename(path))) or is_record(path, separator)


def require_record(path: str, separator: str) -> None:
    """Return if the file is a record. Raises ConfigError (exit 4) if not, to save it from us."""
    if not is_record(path, separator):
        raise ConfigError(f"{path} is in the place of a file of dctx. {_WAY_OUT}")


def has_mark(folder: str) -> bool:
    """Return whether the folder contains our mark."""
    try:
        with ownership.opened(os.path.join(folder, MARK)) as file:
            return file.read(len(TEXT) + 1) == TEXT.encode()
    except OSError:
        return False


def require(folder: str, separator: str) -> bool:
    """Return whether the index folder exists, and is ours.

    Raises ConfigError (exit 4) if something that dctx did not make is in its place.
    """
    try:
        info = os.lstat(folder)
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(info.st_mode):
        raise ConfigError(f"{folder} is not a folder that dctx made. {_WAY_OUT}")
    if not has_mark(folder):
        for name in os.listdir(folder):
            if not is_ours(os.path.join(folder, name), separator):
                what = name if name.isprintable() and len(name) <= 64 else ascii(name)[:64]
                raise ConfigError(f"{folder} has {what} in it, which dctx did not make. {_WAY_OUT}")
    return True
