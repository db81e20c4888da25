"""Call the panel's procedures: find out whose a key is, create a key, delete a key.

Each function makes one request with the key of its `Panel`. The form of the answers is that of real
panels (tests/test_standin has the transcripts).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import DctxError, PanelError
from ..model.account import Identity, NewKey, Organization
from ..text.messages import KEYS_PAGE
from .errors import Lost, Unreachable
from .http import Panel

# The web page makes keys without a limit. A call of the API has to ask for that.
BARE = "a key that an API call made without limits works ten times a day"


def whoami(panel: Panel) -> Identity:
    """Return whose the key is, in one request, and one more without the key if it is refused.

    Raises Unexplained, Lost, TooOld or Unreachable (exit 5), NotAllowed (exit 1). All versions with
    API keys have the two procedures. `user.get` is null if the key's user is no longer a member of
    the organization or it was deleted; the official `auth` takes that for success.
    """
    answers = panel.query("user.get", "organization.all")
    for answer in answers:
        if not answer.ok:
            raise panel.failure(answer)
    member, listed = (answer.value for answer in answers)
    if not isinstance(member, dict) or not member.get("organizationId"):
        raise Lost(
            "the API key works, but its user is no longer a member of the organization, or the "
            "organization was deleted. Create a key for another organization."
        )
    account = member.get("user") if isinstance(member.get("user"), dict) else {}
    own, role = str(member["organizationId"]), str(member.get("role") or "")
    organizations = tuple(_organization(row, own, role) for row in _rows(listed))
    return Identity(
        organization_id=own,
        organization=next((o.name for o in organizations if o.id == own), ""),
        role=role,
        user_id=str(member.get("userId") or ""),
        keys=tuple(_rows((account or {}).get("apiKeys"))),
        organizations=organizations,
    )


def _rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _organization(row: dict[str, Any], own: str, role: str) -> Organization:
    """Return an organization. `role` is for `own`, the key's, if the panel lists no role."""
    members, identity = _rows(row.get("members")), str(row.get("id") or "")
    listed = str(members[0].get("role") or "") if members else ""
    return Organization(
        id=identity,
        name=str(row.get("name") or ""),
        role=listed or (role if identity == own else ""),
        created_at=str(row.get("createdAt") or ""),
    )


def create_key(
    panel: Panel,
    name: str,
    organization_id: str,
    seconds: int | None,
    limits: Mapping[str, Any] | None = None,
) -> NewKey:
    """Return a new key called `name` (1 to 32 characters) for the organization.

    It expires after `seconds`, or never if None. Without `limits` it has no limits; we have to ask
    for that, since the panel's default is ten requests a day. Raises Unreachable (exit 5) if the
    panel may have made a key nevertheless, other errors (exit 5 or 1) if it has not.
    """
    wanted: dict[str, Any] = {
        "name": name,
        "metadata": {"organizationId": organization_id},
        "rateLimitEnabled": False,
        **(limits or {}),
    }
    if seconds is not None:
        wanted["expiresIn"] = seconds
    answer = panel.mutate("user.createApiKey", wanted)
    if not answer.ok:
        raise panel.failure(answer)
    made = answer.value if isinstance(answer.value, dict) else {}
    if not (isinstance(made.get("id"), str) and isinstance(made.get("key"), str)):
        raise Unreachable(
            f"{panel.url} does not say which key it made. Update dctx, then run: dctx verify"
        )
    return NewKey(
        made["id"],
        made["key"],
        name,
        str(made.get("expiresAt") or ""),
        str(made.get("createdAt") or ""),
        str(made.get("prefix") or ""),
    )


def delete(panel: Panel, key_id: str) -> bool:
    """Delete a key of the same user; return False if no key has that id (any more).

    Raises Unexplained, Unreachable (exit 5), NotAllowed (exit 1) for another user's key.
    """
    answer = panel.mutate("user.deleteApiKey", {"apiKeyId": key_id})
    if answer.status == 404:
        return False
    if not answer.ok:
        raise panel.failure(answer)
    return True


def still_valid(url: str, what: str, error: Exception, *, sure: bool = True) -> DctxError:
    """Return the error (exit 5) for a key that could not be deleted, with where to delete it.

    `error` is the first thing that failed. `sure` is False if the panel did not tell whether the
    key exists.
    """
    start = "Still valid" if sure else "Perhaps still valid"
    why = str(error).rstrip(".")
    why += "" if why.endswith("?") else "."
    return PanelError(f"{why} {start} on {url}: {what}. Delete that key under {KEYS_PAGE}")
