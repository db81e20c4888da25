"""What a panel has, asked of it in one request, or in a few more where there are databases.

What it answered is kept in the user's cache folder, names, ids and states alone, so that Tab need
not ask the panel at every key. Only Tab reads that: whoever acts on a name asks the panel.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import DctxError, PanelError
from ..files import ownership, paths
from ..model import key_fields
from ..model.profile import Profile
from . import things
from .things import Thing

if TYPE_CHECKING:
    from ..panel.http import Panel

KEPT_SECONDS = 60
# A panel with more than this is asked each time: what is kept must be quick to read.
_MOST_BYTES = 8 * 1024 * 1024
# Each project takes 100 bytes of the request's first line, and proxies refuse one of 8 KiB.
_PROJECTS_AT_ONCE = 50
# The HTTP status with which a panel says that a role may not do this, or that its version cannot.
_NOT_LISTED = (400, 401, 403, 404)


def fetch(panel: Panel, kinds: Sequence[str]) -> tuple[list[Thing], list[str]]:
    """Return the things of `kinds` on `panel`, and those kinds that the key may not list.

    Raises PanelError (exit 5) where the panel cannot be asked, or nothing at all may be listed.
    """
    procedures = list(dict.fromkeys(map(things.procedure_of, kinds)))
    # An empty input: those with an optional one refuse none at all.
    asked = panel.query_with([(procedure, {}) for procedure in procedures])
    answers = dict(zip(procedures, asked, strict=True))
    bad = [answer for answer in answers.values() if not answer.ok]
    broken = [answer for answer in bad if answer.status not in _NOT_LISTED]
    if broken or len(bad) == len(answers):
        error = panel.failure((broken or bad)[0])
        raise error if isinstance(error, PanelError) else PanelError(str(error))
    found: list[Thing] = []
    for procedure, answer in answers.items():
        if not answer.ok:
            continue
        if procedure == things.PROJECTS:
            found += things.of_projects(answer.value)
            if set(kinds) & set(things.DATABASES):
                found += _databases(panel, answer.value)
        else:
            own = [kind for kind in kinds if things.procedure_of(kind) == procedure]
            found += [thing for kind in own for thing in things.of_list(kind, answer.value)]
    refused = [kind for kind in kinds if not answers[things.procedure_of(kind)].ok]
    return [thing for thing in found if thing.kind in kinds], refused


def _databases(panel: Panel, projects: Any) -> Iterator[Thing]:
    rows = list(things.projects_with_databases(projects).items())
    for start in range(0, len(rows), _PROJECTS_AT_ONCE):
        part = rows[start : start + _PROJECTS_AT_ONCE]
        calls = [("environment.byProjectId", {"projectId": id_}) for id_, _ in part]
        for (_, name), answer in zip(part, panel.query_with(calls), strict=True):
            if answer.ok:
                yield from things.of_environments(name, answer.value)
            elif answer.status not in _NOT_LISTED:
                raise panel.failure(answer)


def ask(profile: Profile, kinds: Sequence[str], panel: Panel) -> tuple[list[Thing], list[str]]:
    """Return fetch()'s answer for the panel of `profile`, and keep it for Tab."""
    if any(map(things.needs_projects, kinds)):  # one answer names them all
        kinds = list(dict.fromkeys((*kinds, *things.OF_PROJECTS)))
    found, refused = fetch(panel, kinds)
    kept = _read(profile)
    now = time.time()
    for kind in set(kinds) - set(refused):
        rows = [[thing.id, *thing.path, thing.status] for thing in found if thing.kind == kind]
        kept[kind] = [now, rows]
    _write(profile, kept)
    return found, refused


def kept(profile: Profile, kind: str) -> list[Thing] | None:
    """Return what the panel of `profile` had of `kind` a minute ago at most, None if unknown."""
    found = _read(profile).get(kind)
    if found is None or not 0 <= time.time() - found[0] < KEPT_SECONDS:
        return None
    return [Thing(kind, row[0], tuple(row[1:-1]), row[-1]) for row in found[1]]


# ---- The files ----


def _path(profile: Profile) -> str:
    # Another key is another organization's, or has another user's rights. A key that is kept
    # elsewhere is not asked for: where it comes from stands for it. The name shows none of it.
    fields = ("url", *key_fields.PLACES)
    own = json.dumps([profile.name, *(profile.raw.get(field) for field in fields)])
    name = hashlib.sha256(own.encode("ascii")).hexdigest()[:32]
    return os.path.join(paths.cache_dir(), "things", name)


def _read(profile: Profile) -> dict[str, list[Any]]:
    """Return what is kept: kind → time and rows; {} where it is damaged or somebody else's."""
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
    """Keep what was found, 0600 in a folder of the user's own; never fails."""
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


def _forget_old(folder: str) -> None:
    """Remove what is too old to be used: no panel's names stay longer than they are needed."""
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):  # another of us was faster
                age = time.time() - entry.stat(follow_symlinks=False).st_mtime
                if not -1 <= age < KEPT_SECONDS:
                    os.unlink(entry.path)
