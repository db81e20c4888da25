"""Things that a panel lists only for one service, server or DNS provider at a time.

Pure: which procedure lists a kind of thing, and how to read its answer. As in things.py, only
names, ids and a few words are taken. The forms are those of answers recorded from Dokploy v0.30.2;
for containers, nodes, zones and records, those of its source (docker.ts, cluster.ts, utils/dns).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .things import DATABASES, SERVICES, Row, Thing, row_of, rows_of, text_of


class Source(NamedTuple):
    """A procedure, its input, and where the rows are in the answer."""

    procedure: str
    parents: Mapping[str, str] = {}  # field of the input → kind of thing whose id it takes
    fixed: Mapping[str, str] = {}  # the rest of the input
    at: str = ""  # the field with the rows, "" if the answer itself is the list
    # Whether `@PARENT/NAME` works. If not, another option of the line has to name the parent.
    by_path: bool = True


class _Kind(NamedTuple):
    id_field: str
    name: Callable[[Row], str]
    about: Callable[[Row], str]
    sources: tuple[Source, ...]


def _field(name: str) -> Callable[[Row], str]:
    return lambda row: text_of(row.get(name))


def _joined(separator: str, *names: str) -> Callable[[Row], str]:
    return lambda row: separator.join(filter(None, (text_of(row.get(name)) for name in names)))


def _mounted(row: Row) -> str:
    return text_of(row.get("mountPath")).lstrip("/") or "/"


def _host(row: Row) -> str:
    return text_of(row_of(row.get("Description")).get("Hostname"))


def _of_application(rows: str) -> tuple[Source, ...]:
    return (Source("application.one", {"applicationId": "application"}, at=rows),)


def _by_type(procedure: str, field: str, *kinds: str) -> tuple[Source, ...]:
    return tuple(Source(procedure, {"id": kind}, {field: kind}) for kind in kinds)


_CRON = _field("cronExpression")
_NONE = _field("")
_KINDS = {
    "mount": _Kind(
        "mountId",
        _mounted,
        _field("type"),
        tuple(
            Source("mounts.listByServiceId", {"serviceId": kind}, {"serviceType": kind})
            for kind in SERVICES
        ),
    ),
    "port": _Kind(
        "portId", _joined("/", "publishedPort", "protocol"), _NONE, _of_application("ports")
    ),
    "redirect": _Kind("redirectId", _field("regex"), _NONE, _of_application("redirects")),
    "security": _Kind("securityId", _field("username"), _NONE, _of_application("security")),
    "backup": _Kind(
        "backupId",
        _joined("/", "serviceName", "database"),
        _joined(" ", "schedule", "prefix"),
        (
            *(
                Source(f"{kind}.one", {f"{kind}Id": kind}, at="backups")
                for kind in ("compose", *DATABASES)
                if kind != "redis"
            ),
            Source("user.getBackups", at="backups"),
        ),
    ),
    "volumeBackup": _Kind(
        "volumeBackupId",
        _field("name"),
        _CRON,
        _by_type("volumeBackups.list", "volumeBackupType", *SERVICES),
    ),
    "schedule": _Kind(
        "scheduleId",
        _field("name"),
        _CRON,
        (
            *_by_type("schedule.list", "scheduleType", "application", "compose", "server"),
            # The panel's own schedules, for which the id is ignored.
            Source("schedule.list", fixed={"id": "", "scheduleType": "dokploy-server"}),
        ),
    ),
    "previewDeployment": _Kind(
        "previewDeploymentId",
        _field("pullRequestNumber"),
        _field("branch"),
        (Source("previewDeployment.all", {"applicationId": "application"}),),
    ),
    "rollback": _Kind(
        "rollbackId",
        lambda row: "v" + text_of(row.get("version")),
        _field("createdAt"),
        _by_type("deployment.allByType", "type", "application"),
    ),
    "patch": _Kind(
        "patchId",
        _field("filePath"),
        _field("type"),
        _by_type("patch.byEntityId", "type", "application", "compose"),
    ),
    "zone": _Kind(
        "id",
        _field("name"),
        _NONE,
        (Source("dnsProvider.listZones", {"dnsProviderId": "dnsProvider"}, by_path=False),),
    ),
    "record": _Kind(
        "id",
        _joined("/", "name", "type"),
        _NONE,
        (
            Source(
                "dnsProvider.listRecords",
                {"dnsProviderId": "dnsProvider", "zoneId": "zone"},
                by_path=False,
            ),
        ),
    ),
    "container": _Kind(
        "containerId",
        _field("name"),
        _field("state"),
        (
            Source("docker.getContainers"),
            Source("docker.getContainers", {"serverId": "server"}, by_path=False),
        ),
    ),
    "node": _Kind(
        "ID",
        _host,
        _NONE,
        (
            Source("cluster.getNodes"),
            Source("cluster.getNodes", {"serverId": "server"}, by_path=False),
        ),
    ),
}

SOURCES: dict[str, tuple[Source, ...]] = {kind: each.sources for kind, each in _KINDS.items()}


def owners(kind: str) -> tuple[str, ...]:
    """Return the kinds of thing that can be the parent in the path of a thing of `kind`."""
    found = (source.parents.values() for source in SOURCES[kind] if source.by_path)
    return tuple(dict.fromkeys(parent for parents in found for parent in parents))


def depth(kind: str) -> int:
    """Return how many ids the list of `kind` may need. Kinds with fewer are looked up first."""
    return max((len(source.parents) for source in SOURCES.get(kind, ())), default=0)


def things_of(kind: str, source: Source, above: tuple[str, ...], answer: Any) -> Iterator[Thing]:
    """Yield the things of `kind` in the answer of `source`, below the path `above`."""
    row = _KINDS[kind]
    if source.at:
        answer = row_of(answer).get(source.at)
    rows = rows_of(answer)
    if kind == "rollback":  # the rows are deployments, which contain the rollback
        rows = [row_of(each.get("rollback")) for each in rows]
    for each in rows:
        id_ = text_of(each.get(row.id_field))
        if id_:
            yield Thing(kind, id_, (*above, row.name(each)), row.about(each))
