"""Things on a panel: projects, services, servers and so on, read from the panel's answers.

Pure. Only names, ids and states are taken, since the answers also contain environment variables and
keys. The forms are those of answers recorded from Dokploy v0.30.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

Row = Mapping[str, Any]

DATABASES = ("postgres", "mysql", "mariadb", "mongo", "redis", "libsql")
SERVICES = ("application", "compose", *DATABASES)
# The kinds that project.all lists by name.
OF_PROJECTS = ("project", "environment", "application", "compose")
# kind → the procedure that lists it, and the fields of id and name.
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
# The same for kinds that `dctx find` does not list; only options take their ids.
_MORE_LISTS: dict[str, tuple[str, str, str]] = {
    "user": ("user.all", "userId", "email"),
    "member": ("user.all", "id", "email"),
    "apiKey": ("user.get", "id", "name"),
    "session": ("user.listSessions", "id", "email"),
}
# The kinds of git provider in the answer of gitProvider.getAll.
PROVIDERS = ("github", "gitlab", "bitbucket", "gitea")
# The kinds of notification in the answer of notification.all.
NOTIFIERS = (
    *("slack", "telegram", "discord", "email", "resend", "gotify", "ntfy", "mattermost"),
    *("pushover", "custom", "lark", "teams"),
)
PROJECTS = "project.all"
_DOMAINS = "overview.domains"
_DEPLOYMENTS = "deployment.allCentralized"
KINDS = (*OF_PROJECTS, *DATABASES, "domain", *LISTS, *PROVIDERS)
# Kinds that one request lists, but `dctx find` does not.
MORE = (*_MORE_LISTS, "deployment", *NOTIFIERS)


class Thing(NamedTuple):
    """A thing on a panel: its kind, id, path (project, environment, name) and state."""

    kind: str
    id: str
    path: tuple[str, ...]
    status: str = ""

    @property
    def name(self) -> str:
        """The thing's own name, the last part of its path."""
        return self.path[-1]


def needs_projects(kind: str) -> bool:
    """Return whether `kind` is found in the answer of project.all."""
    return kind in OF_PROJECTS or kind in DATABASES


def of_projects(answer: Any) -> Iterator[Thing]:
    """Yield projects, environments, applications and compose, from project.all's answer."""
    for project in rows_of(answer):
        title = text_of(project.get("name"))
        if text_of(project.get("projectId")):
            yield Thing("project", text_of(project["projectId"]), (title,))
        yield from _of_environments(title, project.get("environments"), ("applications", "compose"))


def projects_with_databases(answer: Any) -> dict[str, str]:
    """Return the projects in project.all's answer that have a database: id → name.

    The answer has the ids of databases but not their names (v0.30.2).
    """
    found = {}
    for project in rows_of(answer):
        for environment in rows_of(project.get("environments")):
            if any(rows_of(environment.get(kind)) for kind in DATABASES):
                found[text_of(project.get("projectId"))] = text_of(project.get("name"))
    found.pop("", None)
    return found


def of_environments(project: str, answer: Any) -> Iterator[Thing]:
    """Yield the databases of the project `project`, from environment.byProjectId's answer."""
    yield from _of_environments(project, answer, DATABASES, with_environments=False)


def of_list(kind: str, answer: Any) -> Iterator[Thing]:
    """Yield the things of `kind`, which is not in OF_PROJECTS, from procedure_of(kind)'s answer."""
    if kind == "domain":
        yield from _domains(answer)
    elif kind == "deployment":
        yield from _deployments(answer)
    elif kind in PROVIDERS or kind in NOTIFIERS:
        for row in rows_of(answer):
            own = row_of(row.get(kind))
            if text_of(own.get(f"{kind}Id")):
                yield Thing(kind, text_of(own[f"{kind}Id"]), (text_of(row.get("name")),))
    else:
        yield from _plain(kind, answer)


def _plain(kind: str, answer: Any) -> Iterator[Thing]:
    _, id_field, name_field = (LISTS | _MORE_LISTS)[kind]
    if kind == "apiKey":  # user.get returns the membership, with the user in it
        answer = row_of(row_of(answer).get("user")).get("apiKeys")
    for row in rows_of(answer):
        status = text_of(row.get("serverStatus")) if kind == "server" else ""
        if kind == "session":
            status = text_of(row.get("createdAt"))
        if text_of(row.get(id_field)):
            name = text_of(row.get(name_field) or row_of(row.get("user")).get(name_field))
            yield Thing(kind, text_of(row[id_field]), (name,), status)


def _domains(answer: Any) -> Iterator[Thing]:
    for row in rows_of(answer):
        if text_of(row.get("domainId")):
            above = (text_of(row.get(f"{of}Name")) for of in ("project", "environment", "service"))
            name = text_of(row.get("host")) + text_of(row.get("path")).rstrip("/")
            yield Thing("domain", text_of(row["domainId"]), (*above, name))


def _deployments(answer: Any) -> Iterator[Thing]:
    for row in rows_of(answer):
        for service in rows_of([row.get("application"), row.get("compose")]):
            environment = row_of(service.get("environment"))
            project = row_of(environment.get("project"))
            above = (text_of(each.get("name")) for each in (project, environment, service))
            about = ", ".join((text_of(row.get("title")), text_of(row.get("status"))))
            path = (*above, text_of(row.get("createdAt")))
            if text_of(row.get("deploymentId")):
                yield Thing("deployment", text_of(row["deploymentId"]), path, about)


def procedure_of(kind: str) -> str:
    """Return the procedure that lists `kind`."""
    if needs_projects(kind):
        return PROJECTS
    if kind in PROVIDERS:
        return "gitProvider.getAll"
    if kind in NOTIFIERS:
        return "notification.all"
    own = {"domain": _DOMAINS, "deployment": _DEPLOYMENTS}
    return own.get(kind) or (LISTS | _MORE_LISTS)[kind][0]


def _of_environments(
    project: str, environments: Any, fields: Sequence[str], *, with_environments: bool = True
) -> Iterator[Thing]:
    for environment in rows_of(environments):
        above = (project, text_of(environment.get("name")))
        if with_environments and text_of(environment.get("environmentId")):
            yield Thing("environment", text_of(environment["environmentId"]), above)
        for field in fields:
            kind = "application" if field == "applications" else field
            for row in rows_of(environment.get(field)):
                if text_of(row.get(f"{kind}Id")):
                    status = text_of(row.get("composeStatus") or row.get("applicationStatus"))
                    path = (*above, text_of(row.get("name")))
                    yield Thing(kind, text_of(row[f"{kind}Id"]), path, status)


def rows_of(value: Any) -> list[Row]:
    """Return the rows in a list, [] for anything but a list."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def row_of(value: Any) -> Row:
    """Return a row unchanged, an empty one for any other value."""
    return value if isinstance(value, Mapping) else {}


def text_of(value: Any) -> str:
    """Return a text unchanged, a number as text, and "" for any other value."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
