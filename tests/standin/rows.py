"""The rows of the panel's database, and how their ids and keys are made."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from datetime import datetime

LETTERS = string.ascii_letters
ID_ALPHABET = string.ascii_letters + string.digits + "_-"
DAY_MS = 86_400_000
DEFAULT_RATE_LIMIT = 10


def new_id() -> str:
    """Return an id: 21 of `[A-Za-z0-9_-]`, even "-" as the first (docs/dokploy-api.md, "Keys")."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(21))


def new_letters(count: int) -> str:
    """Return `count` random letters; 64 of them are a key (docs/dokploy-api.md, "Keys")."""
    return "".join(secrets.choice(LETTERS) for _ in range(count))


@dataclass
class User:
    """One person who can sign in."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""


@dataclass
class Organization:
    """One organization; the first one of a panel has no slug (docs/dokploy-api.md, "Keys")."""

    id: str
    name: str
    slug: str | None
    owner_id: str
    created_at: datetime
    logo: str | None = None


@dataclass
class Member:
    """The membership of one user in one organization."""

    id: str
    user_id: str
    organization_id: str
    role: str
    created_at: datetime
    is_default: bool
    accessed_projects: list[str] = field(default_factory=list)
    accessed_environments: list[str] = field(default_factory=list)
    accessed_services: list[str] = field(default_factory=list)


@dataclass
class ApiKey:
    """One key; `organization_id` is "" for a key whose metadata names none."""

    id: str
    user_id: str
    organization_id: str
    key: str = field(repr=False)
    name: str
    created_at: datetime
    prefix: str | None = None
    enabled: bool = True
    expires_at: datetime | None = None
    rate_limit_enabled: bool = False
    rate_limit_max: float = DEFAULT_RATE_LIMIT
    rate_limit_window_ms: float = DAY_MS
    remaining: float | None = None
    refill_amount: float | None = None
    refill_interval_ms: float | None = None
    last_refill_at: datetime | None = None
    last_request: datetime | None = None
    request_count: int = 0


@dataclass
class Project:
    """One project of one organization."""

    id: str
    name: str
    organization_id: str
    created_at: datetime
    description: str | None = ""
    env: str = ""


@dataclass
class Environment:
    """One environment of one project; each project starts with "production"."""

    id: str
    name: str
    project_id: str
    created_at: datetime
    description: str = ""
    is_default: bool = False
    env: str = ""


@dataclass
class Application:
    """One application; `deployments` are the titles of the deployments asked for, in order."""

    id: str
    name: str
    app_name: str
    environment_id: str
    created_at: datetime
    description: str | None = None
    status: str = "idle"
    deployments: list[str] = field(default_factory=list)


@dataclass
class Service:
    """A compose or a database; `kind` is "compose", "postgres" and so on."""

    kind: str
    id: str
    name: str
    environment_id: str
    status: str = "idle"


@dataclass(frozen=True)
class Session:
    """Whose a key is, and for which organization."""

    user: User
    organization_id: str
