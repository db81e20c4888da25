"""What a panel tells about a key: its user, the user's organizations; and a key just made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Organization:
    """One organization of the key's user, and the user's role in it if the panel tells it."""

    id: str
    name: str
    role: str = ""
    created_at: str = ""


@dataclass(frozen=True)
class Identity:
    """Whose a key is: its user, and the organization that it is for.

    `keys` are all keys of the user, of every organization, as the panel lists them: {id, name,
    prefix, enabled, expiresAt, createdAt}, and more before v0.29.9. `organizations` are all that
    the user is a member of.
    """

    organization_id: str
    organization: str
    role: str = ""
    user_id: str = ""
    keys: tuple[dict[str, Any], ...] = ()
    organizations: tuple[Organization, ...] = ()

    @property
    def has_namesake(self) -> bool:
        """Whether another organization of the user has the same name as the key's."""
        return sum(o.name == self.organization for o in self.organizations) > 1

    def key(self, key_id: str) -> dict[str, Any] | None:
        """Return the user's key with that id as the panel lists it, or None."""
        return next((row for row in self.keys if row.get("id") == key_id), None)


@dataclass(frozen=True)
class NewKey:
    """A key that was just made. The panel never shows `key` again."""

    id: str
    key: str = field(repr=False)
    name: str
    expires_at: str = ""
    created_at: str = ""
    prefix: str = ""
