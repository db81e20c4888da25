"""What the panel's procedures mean to us: who a key is, its organizations, keys made and deleted.

Each function is one request with the key of the `Panel` it gets. Source: the contract, "The
procedures", "Refusals", "user.createApiKey".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .errors import DctxError, PanelError
from .panel import Lost, Panel, Unreachable
from .profile import quoted
from .text import clean
from .words import WHERE


@dataclass(frozen=True)
class Organization:
    """One organization of the key's user, and the user's role there."""

    id: str
    name: str
    role: str = ""


@dataclass(frozen=True)
class Identity:
    """Who a key is: the organization it is scoped to, and whether its user is still a member.

    `keys`: all keys of the user, of every organization: {id, name, enabled, expiresAt, createdAt}.
    `organizations`: all of the user's, where they were asked for.
    """

    organization_id: str
    organization: str
    member: bool
    role: str = ""
    keys: tuple[dict[str, Any], ...] = ()
    organizations: tuple[Organization, ...] = ()

    def key(self, key_id: str) -> dict[str, Any] | None:
        """Return the user's key of that id as the panel lists it, or None."""
        return next((row for row in self.keys if row.get("id") == key_id), None)


@dataclass(frozen=True)
class Minted:
    """A key that was made just now; the panel never shows `key` again."""

    id: str
    key: str = field(repr=False)
    name: str
    expires_at: str = ""


def whoami(panel: Panel, *, organizations: bool = False) -> Identity:
    """Return who the key is, in one request (one more, without the key, where it is refused).

    Raises Unexplained, Lost or Unreachable (exit 5), NotAllowed (exit 1). A sound key has an
    `organization.active` that is not null; `user.get` is null where its user has lost the
    organization (contract: "Refusals"), which the official `auth` takes for success: that is
    `member` False here, see `require_member`.
    """
    wanted = ["organization.active", "user.get", *(["organization.all"] if organizations else [])]
    answers = panel.query(*wanted)
    for answer in answers:
        if not answer.ok:
            raise panel.failure(answer)
    active, user, *rest = (answer.value for answer in answers)
    if not isinstance(active, dict) or not active.get("id"):
        raise Lost("the key works, but its organization no longer exists. Make a key for another.")
    member = user if isinstance(user, dict) else {}
    account = member.get("user") if isinstance(member.get("user"), dict) else {}
    return Identity(
        organization_id=str(active["id"]),
        organization=str(active.get("name") or ""),
        member=bool(member),
        role=str(member.get("role") or ""),
        keys=tuple(_rows((account or {}).get("apiKeys"))),
        organizations=tuple(_organization(row) for row in _rows(rest[0] if rest else None)),
    )


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _organization(row: dict[str, Any]) -> Organization:
    own = _rows(row.get("members"))
    role = str(own[0].get("role") or "") if own else ""
    return Organization(str(row.get("id") or ""), str(row.get("name") or ""), role)


def require_member(identity: Identity) -> Identity:
    """Return `identity`; raises Lost (exit 5) where the user has lost the organization."""
    if not identity.member:
        raise Lost(
            f"the key's user is no longer a member of {quoted(clean(identity.organization))}. "
            "Make a key for another organization."
        )
    return identity


def mint(panel: Panel, name: str, organization_id: str, seconds: int | None) -> Minted:
    """Return a new key called `name` (1 to 32 characters) for the organization.

    `seconds` until it expires, None = never. Without its own limit: a key made with the defaults
    works ten times a day. Raises Unreachable (exit 5) where the panel may have made one all the
    same, Unexplained (exit 5) and NotAllowed (exit 1) where it has not.
    """
    wanted: dict[str, Any] = {
        "name": name,
        "metadata": {"organizationId": organization_id},
        "rateLimitEnabled": False,
    }
    if seconds is not None:
        wanted["expiresIn"] = seconds
    answer = panel.mutate("user.createApiKey", wanted)
    if not answer.ok:
        raise panel.failure(answer)
    made = answer.value if isinstance(answer.value, dict) else {}
    if not (isinstance(made.get("id"), str) and isinstance(made.get("key"), str)):
        raise Unreachable(f"{panel.url} does not say which key it made. Is it a newer Dokploy?")
    return Minted(made["id"], made["key"], name, str(made.get("expiresAt") or ""))


def delete(panel: Panel, key_id: str) -> bool:
    """Delete a key of the same user; returns False where there is none of that id (any more).

    Raises Unexplained, Unreachable (exit 5), NotAllowed (exit 1: it is somebody else's).
    """
    answer = panel.mutate("user.deleteApiKey", {"apiKeyId": key_id})
    if answer.status == 404:
        return False
    if not answer.ok:
        raise panel.failure(answer)
    return True


def still_there(url: str, what: str, error: Exception) -> DctxError:
    """Return the error for a key that had to go and could not: what it is, and where to delete it.

    `error` is why everything failed. Exit 5.
    """
    return PanelError(f"{str(error).rstrip('.')}. Still on {url}: {what}. Delete it under {WHERE}.")
