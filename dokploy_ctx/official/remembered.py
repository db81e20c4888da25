"""Save what a panel has, for Tab: names, ids and states alone, in the user's cache folder.

Only Tab reads it, for a minute. Commands that act on a name ask the panel.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import DctxError
from ..files import ownership, paths
from ..model import key_fields
from ..model.profile import Profile
from .things import Thing

KEPT_SECONDS = 60
_OURS = re.compile(r"[0-9a-f]{32}(?:\.\d+)?")
# A larger answer is not saved, since Tab has to read it fast.
_MOST_BYTES = 8 * 1024 * 1024


def keep(profile: Profile, lists: Mapping[str, Sequence[Thing]]) -> None:
    """Save `lists` of things of the profile's panel, each of one kind, under their names."""
    kept = _read(profile)
    now = time.time()
    for name, found in lists.items():
        kept[name] = [now, [[thing.id, *thing.path, thing.status] for thing in found]]
    _write(profile, kept)


def recall(profile: Profile, kind: str, name: str = "") -> list[Thing] | None:
    """Return the saved list `name` of things of `kind`, None if missing or older than a minute.

    By default the name is the kind.
    """
    found = _read(profile).get(name or kind)
    if found is None or not 0 <= time.time() - found[0] < KEPT_SECONDS:
        return None
    return [Thing(kind, row[0], tuple(row[1:-1]), row[-1]) for row in found[1]]


def _path(profile: Profile) -> str:
    # Another key may be for another organization, or have another user's rights. For a key that is
    # kept elsewhere its source counts, since no vault is asked. The hash hides all of this.
    fields = ("url", *key_fields.PLACES)
    own = json.dumps([profile.name, *(profile.raw.get(field) for field in fields)])
    name = hashlib.sha256(own.encode("ascii")).hexdigest()[:32]
    return os.path.join(paths.cache_dir(), "things", name)


def _read(profile: Profile) -> dict[str, list[Any]]:
    """Return the saved lists (name → time and rows), {} if damaged or of another user."""
    with contextlib.suppress(OSError, ValueError, TypeError, RecursionError, AttributeError):
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        handle = os.open(_path(profile), flags)
        with os.fdopen(handle, "rb") as file:
            if os.fstat(handle).st_uid != os.geteuid():
                return {}
            found = json.loads(file.read(_MOST_BYTES))
        return {kind: row for kind, row in found.items() if _is_fit(row)}
    return {}


def _is_fit(row: Any) -> bool:
    at, rows = row
    return isinstance(at, float) and all(
        len(each) >= 3 and all(isinstance(text, str) for text in each) for each in rows
    )


def _write(profile: Profile, kept: dict[str, list[Any]]) -> None:
    """Save the lists, mode 0600 in a folder of the user's own. Never fails."""
    data = json.dumps(kept, ensure_ascii=True).encode("ascii")
    with contextlib.suppress(OSError, DctxError):
        path = _path(profile)
        folder = os.path.dirname(path)
        ownership.make_folder(folder, 0o700)
        if len(data) > _MOST_BYTES:
            return
        _forget_old(folder)
        temporary = f"{path}.{os.getpid()}"
        handle = ownership.create(temporary, 0o600, ownership.owner_for(path))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)


def forget() -> None:
    """Delete all that was saved, and the folders where nothing else is. Never fails."""
    with contextlib.suppress(OSError, DctxError):
        folder = os.path.join(paths.cache_dir(), "things")
        for name in os.listdir(folder):
            if _OURS.fullmatch(name):
                os.unlink(os.path.join(folder, name))
        os.rmdir(folder)
        os.rmdir(paths.cache_dir())


def _forget_old(folder: str) -> None:
    """Delete files that are too old to be used, so that no panel's names stay on disk."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another dctx was faster
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if not -1 <= age < KEPT_SECONDS:
                    os.unlink(entry.path)
