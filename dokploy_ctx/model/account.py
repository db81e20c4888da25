"""What a panel tells of a key: its user, that user's organizations, and a key made just now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Organization:
    """One organization of the key's user, and the user's role there, where the panel tells it."""

    id: str
    name: str
    role: str = ""
    created_at: str = ""


@dataclass(frozen=True)
class Identity:
    """Who a key is: its user, and the organization that it is for.

    `keys`: all keys of the user, of every organization: {id, name, prefix, enabled, expiresAt,
    createdAt}, before v0.29.9 more. `organizations`: all of the user's.
    """

    organization_id: str
    organization: str
    role: str = ""
    user_id: str = ""
    keys: tuple[dict[str, Any], ...] = ()
    organizations: tuple[Organization, ...] = ()

    @property
    def has_namesake(self) -> bool:
        """Whether another organization of the user has the name of the key's own."""
        return sum(o.name == self.organization for o in self.organizations) > 1

    def key(self, key_id: str) -> dict[str, Any] | None:
        """Return the user's key of that id as the panel lists it, or None."""
        return next((row for row in self.keys if row.get("id") == key_id), None)


@dataclass(frozen=True)
class NewKey:
    """A key that was made just now; the panel never shows `key` again."""

    id: str
    key: str = field(repr=False)
    name: str
    expires_at: str = ""
    created_at: str = ""
    prefix: str = ""
