"""What a panel has, by name: projects, services, servers and so on, and which option wants which.

Pure: rows out of the panel's answers. Only names, ids and states are kept, for the answers hold
environment variables and keys besides. Source: answers recorded from a Dokploy v0.30.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

DATABASES = ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
# Kinds that project.all lists by name, and those for which environment.byProjectId is asked, too.
OF_PROJECTS = ("project", "environment", "application", "compose")
# kind → procedure that lists it, and the fields of its id and name.
LISTS: dict[str, tuple[str, str, str]] = {
    "server": ("server.all", "serverId", "name"),
    "registry": ("registry.all", "registryId", "registryName"),
    "destination": ("destination.all", "destinationId", "name"),
    "notification": ("notification.all", "notificationId", "name"),
    "sshKey": ("sshKey.all", "sshKeyId", "name"),
    "certificate": ("certificates.all", "certificateId", "name"),
    "organization": ("organization.all", "id", "name"),
    "tag": ("tag.all", "tagId", "name"),
    "gitProvider": ("gitProvider.getAll", "gitProviderId", "name"),
    "network": ("network.all", "networkId", "name"),
    "ai": ("ai.getAll", "aiId", "name"),
    "dnsProvider": ("dnsProvider.all", "dnsProviderId", "name"),
    "vaultProvider": ("vaultProvider.all", "vaultProviderId", "name"),
}
# The providers of git that have a table of their own, as gitProvider.getAll answers them.
PROVIDERS = ("github", "gitlab", "bitbucket", "gitea")
PROJECTS = "project.all"
KINDS = (*OF_PROJECTS, *DATABASES, *LISTS, *PROVIDERS)

_BY_OPTION = {f"--{kind}Id": kind for kind in KINDS}
_BY_OPTION |= {
    "--targetEnvironmentId": "environment",
    "--sourceEnvironmentId": "environment",
    "--targetProjectId": "project",
    "--buildServerId": "server",
    "--buildRegistryId": "registry",
    "--rollbackRegistryId": "registry",
    "--customGitSSHKeyId": "sshKey",
}


class Thing(NamedTuple):
    """One thing on a panel: its kind, its id, its path (project, environment, name), its state."""

    kind: str
    id: str
    path: tuple[str, ...]
    status: str = ""

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path[-1]


def kind_of(option: str) -> str:
    """Return the kind of thing whose id `option` ("--applicationId") wants, "" for no known one."""
    return _BY_OPTION.get(option, "")


def needs_projects(kind: str) -> bool:
    """Return whether `kind` is found in the answer of project.all."""
    return kind in OF_PROJECTS or kind in DATABASES


def of_projects(answer: Any) -> Iterator[Thing]:
    """Yield what project.all lists by name: projects, environments, applications and compose."""
    for project in _rows(answer):
        title = _text(project.get("name"))
        if _text(project.get("projectId")):
            yield Thing("project", _text(project["projectId"]), (title,))
        yield from _of_environments(title, project.get("environments"), ("applications", "compose"))


def projects_with_databases(answer: Any) -> dict[str, str]:
    """Return the projects of project.all that have a database: id → name.

    The answer names no databases (v0.30.2), it has their ids alone.
    """
    found = {}
    for project in _rows(answer):
        for environment in _rows(project.get("environments")):
            if any(_rows(environment.get(kind)) for kind in DATABASES):
                found[_text(project.get("projectId"))] = _text(project.get("name"))
    found.pop("", None)
    return found


def of_environments(project: str, answer: Any) -> Iterator[Thing]:
    """Yield the databases of the project called `project`, from environment.byProjectId."""
    yield from _of_environments(project, answer, DATABASES, with_environments=False)


def of_list(kind: str, answer: Any) -> Iterator[Thing]:
    """Yield the things of a kind in LISTS, or of PROVIDERS, from its procedure's answer."""
    if kind in PROVIDERS:
        for row in _rows(answer):
            own = row.get(kind)
            if isinstance(own, Mapping) and _text(own.get(f"{kind}Id")):
                yield Thing(kind, _text(own[f"{kind}Id"]), (_text(row.get("name")),))
        return
    _, id_field, name_field = LISTS[kind]
    for row in _rows(answer):
        if _text(row.get(id_field)):
            status = _text(row.get("serverStatus")) if kind == "server" else ""
            yield Thing(kind, _text(row[id_field]), (_text(row.get(name_field)),), status)


def procedure_of(kind: str) -> str:
    """Return the procedure that lists `kind`."""
    if needs_projects(kind):
        return PROJECTS
    return "gitProvider.getAll" if kind in PROVIDERS else LISTS[kind][0]


def _of_environments(
    project: str, environments: Any, fields: Sequence[str], *, with_environments: bool = True
) -> Iterator[Thing]:
    for environment in _rows(environments):
        above = (project, _text(environment.get("name")))
        if with_environments and _text(environment.get("environmentId")):
            yield Thing("environment", _text(environment["environmentId"]), above)
        for field in fields:
            kind = "application" if field == "applications" else field
            for row in _rows(environment.get(field)):
                if _text(row.get(f"{kind}Id")):
                    status = _text(row.get("composeStatus") or row.get("applicationStatus"))
                    path = (*above, _text(row.get("name")))
                    yield Thing(kind, _text(row[f"{kind}Id"]), path, status)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
