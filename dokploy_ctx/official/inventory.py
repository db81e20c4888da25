"""List what a panel has, in one request, or a few more if there are databases.

The answers are saved for Tab (remembered.py), so that Tab need not ask the panel each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import PanelError
from ..model.profile import Profile
from . import below, remembered, things
from .below import Source
from .things import Thing

if TYPE_CHECKING:
    from ..panel.http import Answer, Panel

# Each project takes 100 bytes of the request's first line. Proxies refuse a line of 8 KiB.
_PROJECTS_AT_ONCE = 50
# The HTTP statuses for what a role may not do, or what the panel's version does not have.
_NOT_LISTED = (400, 401, 403, 404)


def fetch(panel: Panel, kinds: Sequence[str]) -> tuple[list[Thing], list[str]]:
    """Return the things of `kinds` on `panel`, and the kinds that the key may not list.

    Raises PanelError (exit 5) if the panel cannot be asked, or if no kind may be listed.
    """
    procedures = list(dict.fromkeys(map(things.procedure_of, kinds)))
    # An empty object as input: a procedure with optional input refuses a call without any.
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
    """Return what fetch() returns for the panel of `profile`, and save it for Tab."""
    if any(map(things.needs_projects, kinds)):  # one answer has all of them
        kinds = list(dict.fromkeys((*kinds, *things.OF_PROJECTS)))
    found, refused = fetch(panel, kinds)
    lists = {kind: [thing for thing in found if thing.kind == kind] for kind in kinds}
    remembered.keep(profile, {kind: lists[kind] for kind in set(kinds) - set(refused)})
    return found, refused


class Call(NamedTuple):
    """A request for what is below one thing: the ids for the input, and the thing's path."""

    source: Source
    ids: Mapping[str, str] = {}  # field of the source's input → id
    above: tuple[str, ...] = ()

    def name(self, kind: str) -> str:
        """Return the name under which the answer is saved for Tab."""
        return " ".join((kind, self.source.procedure, *self.ids.values(), *self.above))


def ask_below(
    profile: Profile, kind: str, calls: Sequence[Call], panel: Panel
) -> tuple[list[Thing], list[Answer]]:
    """Return the things of `kind` that the calls find, and the answers that refuse to list some.

    Raises PanelError (exit 5) if the panel cannot be asked.
    """
    asked = [(each.source.procedure, {**each.source.fixed, **each.ids}) for each in calls]
    found: dict[str, list[Thing]] = {}
    refused = []
    for call, answer in zip(calls, panel.query_with(asked) if asked else [], strict=True):
        if answer.ok:
            rows = list(below.things_of(kind, call.source, call.above, answer.value))
            found[call.name(kind)] = rows
        elif answer.status in _NOT_LISTED:
            refused.append(answer)
        else:
            raise panel.failure(answer)
    remembered.keep(profile, found)
    return [thing for things_ in found.values() for thing in things_], refused
