"""Whether an index folder is ours: made by dctx, which alone may delete what is in it.

A folder called `index` may be somebody's own, beside a config.json of their own. Ours has a mark.
One of an earlier version has none: it is taken for ours if all in it is what we make.
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
# Every file of ours that is no record; what a killed writer leaves included.
_OURS = re.compile(
    r"\.(?:tmp|gen|current|manifest|others|hook|config|dctx|(?:stamp|coarse)\.\d+|due\..+"
    r"|told\.\d+(?:\.below)?"
    r"|hook\.\d+\.tmp)\Z",
    re.DOTALL,
)
_WAY_OUT = "Move it away, or set DOKPLOY_CONFIG_DIR to another folder."
_MOST_BYTES = 256  # of a record: its format and a name of at most 64 characters


def is_record(path: str, separator: str) -> bool:
    """Return whether the file is a record of the profile that its name says, of any format."""
    try:
        with ownership.opened(path) as file:
            fields = file.read(_MOST_BYTES).decode("utf-8", "replace").split(separator)
    except OSError:
        return False
    name = os.path.basename(path)
    return len(fields) > 2 and fields[0].isdigit() and fields[1].lower() == name.lower()


def is_ours(path: str, separator: str) -> bool:
    """Return whether dctx made the file in its index folder."""
    return bool(_OURS.match(os.path.basename(path))) or is_record(path, separator)


def require_record(path: str, separator: str) -> None:
    """Raise ConfigError (exit 4) where the file is no record, so that it is not written over."""
    if not is_record(path, separator):
        raise ConfigError(f"{path} is in the place of a file of dctx. {_WAY_OUT}")


def has_mark(folder: str) -> bool:
    """Return whether the folder has our mark."""
    try:
        with ownership.opened(os.path.join(folder, MARK)) as file:
            return file.read(len(TEXT) + 1) == TEXT.encode()
    except OSError:
        return False


def require(folder: str, separator: str) -> bool:
    """Return whether the index folder is there; it is ours then.

    Raises ConfigError (exit 4) where the place is taken by something that dctx did not make.
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
