"""The panel's data, and the rules that concern several rows, such as when a key is accepted.

Pure: no sockets and no clock of its own (`State(clock)`, epoch seconds).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from . import versions
from .rows import (
    ApiKey,
    Application,
    Environment,
    Member,
    Organization,
    Project,
    Service,
    Session,
    User,
    new_id,
    new_letters,
)


def _milliseconds(span: timedelta) -> float:
    return span / timedelta(milliseconds=1)


class State:
    """All rows of the panel by id, and the rules that concern several of them."""

    def __init__(self, clock: Callable[[], float], version: str = versions.NEWEST) -> None:
        self.clock = clock
        self.version = versions.parse(version)
        self.database_down = False
        self.users: dict[str, User] = {}
        self.organizations: dict[str, Organization] = {}
        self.members: list[Member] = []
        self.keys: dict[str, ApiKey] = {}
        self.projects: dict[str, Project] = {}
        self.environments: dict[str, Environment] = {}
        self.applications: dict[str, Application] = {}
        self.services: list[Service] = []
        # Rows of other lists, such as "server.all", by organization and procedure.
        self.lists: dict[tuple[str, str], list[dict[str, Any]]] = {}
        # Answers to single inputs, by organization, procedure and input.
        self.answers: dict[tuple[str, str, str], Any] = {}

    def now(self) -> datetime:
        """Return the time of the clock, UTC, in whole milliseconds as JavaScript has it."""
        stamp = datetime.fromtimestamp(self.clock(), timezone.utc)
        return stamp.replace(microsecond=stamp.microsecond // 1000 * 1000)

    def member(self, user_id: str, organization_id: str) -> Member | None:
        """Return the membership, or None if the user is not in the organization."""
        for row in self.members:
            if row.user_id == user_id and row.organization_id == organization_id:
                return row
        return None

    def accept(self, presented: str) -> Session | None:
        """Return whose the key is, or None if it is refused; count the use.

        Source: docs/dokploy-api.md, "Refusals". An expired or used-up key loses its row.
        """
        if self.database_down or self.version < versions.KEYS:
            return None
        row = next((row for row in self.keys.values() if row.key == presented), None)
        if row is None or not row.enabled:
            return None
        now = self.now()
        if row.expires_at is not None and now > row.expires_at:
            del self.keys[row.id]
            return None
        if row.remaining is not None and not self._spend(row, now):
            return None
        if not self._within_rate(row, now):
            return None
        user = self.users.get(row.user_id)
        if user is None or not row.organization_id:
            return None
        return Session(user, row.organization_id)

    def _spend(self, row: ApiKey, now: datetime) -> bool:
        """Return whether the key had a use left; delete it after the last one."""
        if row.refill_amount is not None and row.refill_interval_ms is not None:
            since = _milliseconds(now - (row.last_refill_at or row.created_at))
            if since > row.refill_interval_ms:
                row.remaining, row.last_refill_at = row.refill_amount, now
        elif row.remaining == 0:
            del self.keys[row.id]
            return False
        if not row.remaining:
            return False
        row.remaining -= 1
        return True

    def _within_rate(self, row: ApiKey, now: datetime) -> bool:
        """Return whether the limit lets this request pass.

        The window restarts with every *accepted* request; refused ones change nothing.
        """
        since = None if row.last_request is None else _milliseconds(now - row.last_request)
        if row.rate_limit_enabled and since is not None and since <= row.rate_limit_window_ms:
            if row.request_count >= row.rate_limit_max:
                return False
            row.request_count += 1
        else:
            row.request_count = 1
        row.last_request = now
        return True

    def add_organization(
        self, name: str, owner: User, organization_id: str | None = None
    ) -> Organization:
        """Return a new organization with its owner as the first member."""
        slug = new_id() if self.organizations else None
        row = Organization(organization_id or new_id(), name, slug, owner.id, self.now())
        self.organizations[row.id] = row
        self.add_member(owner, row, "owner")
        return row

    def add_member(self, user: User, organization: Organization, role: str) -> Member:
        """Return a new membership; a user's first one is his default."""
        first = all(row.user_id != user.id for row in self.members)
        row = Member(new_id(), user.id, organization.id, role, self.now(), first)
        self.members.append(row)
        return row

    def delete_organization(self, organization_id: str) -> None:
        """Delete the organization, its members and projects; its keys stay, as on a real panel."""
        del self.organizations[organization_id]
        self.members = [row for row in self.members if row.organization_id != organization_id]
        for project in self.projects_of(organization_id):
            self.delete_project(project.id)

    def sweep_expired(self) -> None:
        """Delete all expired keys, as making a key does (docs/dokploy-api.md, "Keys")."""
        now = self.now()
        self.keys = {
            row.id: row
            for row in self.keys.values()
            if row.expires_at is None or row.expires_at >= now
        }

    def projects_of(self, organization_id: str) -> list[Project]:
        """Return the projects of an organization, the newest first."""
        rows = [row for row in self.projects.values() if row.organization_id == organization_id]
        return rows[::-1]

    def environments_of(self, project_id: str) -> list[Environment]:
        """Return the environments of a project, in the order they were made."""
        return [row for row in self.environments.values() if row.project_id == project_id]

    def applications_of(self, environments: Iterable[Environment]) -> list[Application]:
        """Return the applications that run in any of the environments."""
        wanted = {row.id for row in environments}
        return [row for row in self.applications.values() if row.environment_id in wanted]

    def add_project(self, organization_id: str, name: str, by: str) -> tuple[Project, Environment]:
        """Return a new project and its production environment; `by` is the maker's user id."""
        project = Project(new_id(), name, organization_id, self.now())
        self.projects[project.id] = project
        environment = self.add_environment(project.id, "production")
        environment.is_default = True
        environment.description = "Production environment"
        member = self.member(by, organization_id)
        if member is not None:
            member.accessed_projects.append(project.id)
            member.accessed_environments.append(environment.id)
        return project, environment

    def add_environment(self, project_id: str, name: str) -> Environment:
        """Return a new environment of the project."""
        row = Environment(new_id(), name, project_id, self.now())
        self.environments[row.id] = row
        return row

    def add_application(self, environment_id: str, name: str, starts: str = "") -> Application:
        """Return a new idle application, whose app name ends in six random letters.

        Its id begins with `starts`.
        """
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "app"
        app_name = f"{slug}-{new_letters(6).lower()}"
        new = starts + new_id()[len(starts) :]
        row = Application(new, name, app_name, environment_id, self.now())
        self.applications[row.id] = row
        return row

    def delete_project(self, project_id: str) -> None:
        """Delete the project with its environments and applications."""
        for environment in self.environments_of(project_id):
            self.delete_environment(environment.id)
        del self.projects[project_id]

    def delete_environment(self, environment_id: str) -> None:
        """Delete the environment with its applications."""
        for row in self.applications_of([self.environments[environment_id]]):
            del self.applications[row.id]
        del self.environments[environment_id]
