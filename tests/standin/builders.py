"""Add rows to the panel and look at them, while holding its lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from . import empty, versions
from .rows import (
    DAY_MS,
    DEFAULT_RATE_LIMIT,
    ApiKey,
    Application,
    Environment,
    Member,
    Organization,
    Project,
    Service,
    User,
    new_id,
    new_letters,
)
from .state import State


class Builders:
    """The rows of a panel, to add, change and look at from any thread."""

    def __init__(
        self, clock: Callable[[], float] = time.time, version: str = versions.NEWEST
    ) -> None:
        self._state = State(clock, version)
        self._lock = threading.RLock()

    def add_user(
        self,
        email: str,
        *,
        id: str | None = None,
        first_name: str = "",
        last_name: str = "",
    ) -> User:
        """Return a new user."""
        with self._lock:
            user = User(id or new_letters(32), email, first_name, last_name)
            self._state.users[user.id] = user
            return user

    def add_organization(
        self,
        name: str,
        *,
        owner: User,
        id: str | None = None,
    ) -> Organization:
        """Return a new organization with that owner."""
        with self._lock:
            return self._state.add_organization(name, owner, id)

    def add_member(self, user: User, organization: Organization, role: str = "member") -> Member:
        """Return a new membership."""
        with self._lock:
            return self._state.add_member(user, organization, role)

    def add_key(
        self,
        user: User,
        organization: Organization | None,
        *,
        key: str | None = None,
        id: str | None = None,
        name: str = "key",
        enabled: bool = True,
        expires_at: datetime | None = None,
        rate_limit: int | None = None,
        rate_limit_window: float = DAY_MS / 1000,
        remaining: int | None = None,
    ) -> ApiKey:
        """Return a new key, without a limit unless `rate_limit` is given (window in seconds).

        `organization` None makes a key whose metadata names none. `expires_at` is aware.
        """
        with self._lock:
            row = ApiKey(
                id=id or new_letters(32),
                user_id=user.id,
                organization_id=organization.id if organization else "",
                key=key or new_letters(64),
                name=name,
                created_at=self._state.now(),
                enabled=enabled,
                expires_at=expires_at,
                rate_limit_enabled=rate_limit is not None,
                rate_limit_max=DEFAULT_RATE_LIMIT if rate_limit is None else rate_limit,
                rate_limit_window_ms=rate_limit_window * 1000,
                remaining=remaining,
            )
            self._state.keys[row.id] = row
            return row

    def add_project(self, organization: Organization, name: str) -> Project:
        """Return a new project with its production environment, made by the owner."""
        with self._lock:
            return self._state.add_project(organization.id, name, by=organization.owner_id)[0]

    def add_application(self, project: Project, name: str) -> Application:
        """Return a new idle application in the project's first environment."""
        with self._lock:
            environment = self._state.environments_of(project.id)[0]
            return self._state.add_application(environment.id, name)

    def add_environment(self, project: Project, name: str) -> Environment:
        """Return a new environment of the project."""
        with self._lock:
            return self._state.add_environment(project.id, name)

    def add_service(
        self,
        project: Project,
        name: str,
        kind: str = "",
        environment: Environment | None = None,
        starts: str = "",
    ) -> str:
        """Return the id of a new service, by default in the project's first environment.

        `kind`: "compose", "postgres" and so on; "" for an application. `starts`: how the id of an
        application begins.
        """
        with self._lock:
            environment = environment or self._state.environments_of(project.id)[0]
            if not kind:
                return self._state.add_application(environment.id, name, starts).id
            row = Service(kind, new_id(), name, environment.id)
            self._state.services.append(row)
            return row.id

    def add_row(self, organization: Organization, procedure: str, **row: object) -> None:
        """Add a row to the answer of a list of the organization, such as "server.all"."""
        with self._lock:
            self._state.lists.setdefault((organization.id, procedure), []).append(row)

    def add_answer(
        self, organization: Organization, procedure: str, given: dict[str, str], value: object
    ) -> None:
        """Let a query such as "application.one" answer `value` for the input `given`."""
        with self._lock:
            self._state.answers[organization.id, procedure, empty.as_text(given)] = value

    def remove_member(self, user: User, organization: Organization) -> None:
        """Remove the user from the organization; the user's keys stay and are still accepted."""
        with self._lock:
            member = self._state.member(user.id, organization.id)
            assert member is not None
            self._state.members.remove(member)

    def delete_organization(self, organization: Organization) -> None:
        """Delete the organization; its keys stay, with an id that does not exist any more."""
        with self._lock:
            self._state.delete_organization(organization.id)

    def rename_organization(self, organization: Organization, name: str) -> None:
        """Give the organization another name."""
        with self._lock:
            self._state.organizations[organization.id].name = name

    def delete_key(self, key: ApiKey) -> None:
        """Revoke the key."""
        with self._lock:
            del self._state.keys[key.id]

    @property
    def users(self) -> tuple[User, ...]:
        """Return the users, in the order they were made."""
        with self._lock:
            return tuple(self._state.users.values())

    @property
    def organizations(self) -> tuple[Organization, ...]:
        """Return the organizations, in the order they were made."""
        with self._lock:
            return tuple(self._state.organizations.values())

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        """Return the keys that still exist, in the order they were made."""
        with self._lock:
            return tuple(self._state.keys.values())

    @property
    def projects(self) -> tuple[Project, ...]:
        """Return the projects of all organizations, in the order they were made."""
        with self._lock:
            return tuple(self._state.projects.values())

    @property
    def applications(self) -> tuple[Application, ...]:
        """Return the applications of all projects, in the order they were made."""
        with self._lock:
            return tuple(self._state.applications.values())

    def organization(self, name: str) -> Organization:
        """Return the organization with that name."""
        (found,) = (row for row in self.organizations if row.name == name)
        return found

    def key_of(self, name: str) -> str:
        """Return the oldest key of the organization with that name."""
        wanted = self.organization(name).id
        return next(row.key for row in self.keys if row.organization_id == wanted)
