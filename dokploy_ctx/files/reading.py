"""Read config.json, without the lock: a writer replaces the file at one instant."""

from __future__ import annotations

import contextlib
import os
import stat

from ..errors import ConfigError
from ..model.resolve import Config
from . import ownership, paths
from .document import Document, Version, parse


def _tighten(folder: str, path: str, handle: int, config: Config) -> list[str]:
    """Make a file with keys, and its folder, private; return notices for the user."""
    notices = []
    info = os.fstat(handle)
    keys = any(profile.token for profile in config.profiles.values())
    if keys and info.st_mode & 0o077 and info.st_uid == os.getuid():
        with contextlib.suppress(OSError):
            os.fchmod(handle, 0o600)
            notices.append(f"{path} was readable by others (keys are in it); made it private.")
    outer = os.stat(folder)
    if outer.st_mode & 0o077 and outer.st_uid == os.getuid():
        with contextlib.suppress(OSError, ConfigError):  # a folder with a foreign index is not ours
            from .index import Index

            Index(paths.index_dir(folder)).is_there()
            os.chmod(folder, 0o700)
    return notices


def read(folder: str) -> Document:
    """Return config.json of the folder, or an empty Document if there is no file.

    Raises ConfigError (exit 4) if it is damaged or cannot be read. If it contains profiles and
    others can read it, it is made private, with a notice in the document. A config.json without
    profiles is another program's and is left alone.
    """
    path = paths.config_file(folder)
    try:
        with ownership.opened(path) as file:
            require_own(path)
            info = os.fstat(file.fileno())
            document = Document(parse(file.read(), path), Version.of(info))
            if document.config.profiles:
                document.notices = _tighten(folder, path, file.fileno(), document.config)
    except FileNotFoundError:
        if os.path.islink(path):
            raise ConfigError(
                f"{path} is a link to a file that does not exist. Fix the link."
            ) from None
        return Document({})
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}. Check its permissions.") from None
    return document


def require_own(path: str) -> None:
    """Return if no other user chose the content of the file. Raises ConfigError (exit 4) if not.

    Others choose it by a link that leads root there, or in a folder that they can write to.
    """
    why, me = "", os.geteuid()
    if me == 0:
        why = ownership.obstacle(path, write=False)
    elif os.lstat(path).st_uid not in (me, 0):
        folder = os.path.dirname(path)
        if os.stat(folder).st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = f"{path} belongs to another user, and {folder} is writable by others"
    if why:
        raise ConfigError(f"{why}. It is not read. Change its owner or mode.")
