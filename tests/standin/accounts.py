"""The procedures about users, organizations and the panel itself.

The rules come from docs/dokploy-api.md. Answers that were not recorded have the form of
Dokploy/dokploy:apps/dokploy/server/api/routers/organization.ts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import versions
from .rows import ApiKey, Member, Organization
from .rpc import UNDEFINED, Call, Field, Procedure, RpcError

NOT_A_MEMBER = "You are not a member of this organization"
FLAGS = (
    "canCreateProjects",
    "canAccessToSSHKeys",
    "canCreateServices",
    "canDeleteProjects",
    "canDeleteServices",
    "canAccessToDocker",
    "canAccessToAPI",
    "canAccessToGitProviders",
    "canAccessToTraefikFiles",
    "canDeleteEnvironments",
    "canCreateEnvironments",
)
TEXT = Field("string")
MAYBE_TEXT = Field("string", required=False)
ORGANIZATION_ID = Field("object", fields={"organizationId": TEXT})


def organization_row(row: Organization) -> dict[str, Any]:
    """Return the organization as `organization.active` shows it."""
    return {
        "id": row.id,
        "name": row.name,
        "slug": row.slug,
        "logo": row.logo,
        "createdAt": row.created_at,
        "metadata": None,
        "defaultRole": None,
        "ownerId": row.owner_id,
    }


def member_row(row: Member) -> dict[str, Any]:
    """Return the membership as `user.get` and `organization.all` show it."""
    return {
        "id": row.id,
        "organizationId": row.organization_id,
        "userId": row.user_id,
        "role": row.role,
        "createdAt": row.created_at,
        "teamId": None,
        "isDefault": row.is_default,
        **dict.fromkeys(FLAGS, False),
        "accessedProjects": list(row.accessed_projects),
        "accessedEnvironments": list(row.accessed_environments),
        "accessedServices": list(row.accessed_services),
        "accessedGitProviders": [],
        "accessedServers": [],
    }


def _key_row(row: ApiKey, version: versions.Version) -> dict[str, Any]:
    few = {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "enabled": row.enabled,
        "expiresAt": row.expires_at,
        "createdAt": row.created_at,
    }
    if version >= versions.FEW_COLUMNS:
        return few
    return {
        **few,
        "start": row.key[:6],
        "key": "a hash",
        "userId": row.user_id,
        "rateLimitEnabled": row.rate_limit_enabled,
        "rateLimitTimeWindow": row.rate_limit_window_ms,
        "rateLimitMax": row.rate_limit_max,
        "requestCount": row.request_count,
        "remaining": row.remaining,
        "lastRequest": row.last_request,
        "refillInterval": row.refill_interval_ms,
        "refillAmount": row.refill_amount,
        "lastRefillAt": row.last_refill_at,
        "updatedAt": row.created_at,
        "permissions": None,
        "metadata": json.dumps({"organizationId": row.organization_id}, separators=(",", ":")),
    }


def _user_get(call: Call) -> Any:
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None:
        return UNDEFINED
    # All keys of the user, of every organization; sorted by a random id, so that nobody
    # comes to rely on the order of their making.
    keys = sorted(
        (row for row in call.state.keys.values() if row.user_id == caller.user.id),
        key=lambda row: row.id,
    )
    user = {
        "id": caller.user.id,
        "firstName": caller.user.first_name,
        "lastName": caller.user.last_name,
        "email": caller.user.email,
        "image": None,
        "allowImpersonation": False,
        "twoFactorEnabled": False,
        "stripeCustomerId": None,
        "stripeSubscriptionId": None,
        "serversQuantity": 0,
        "isEnterpriseCloud": False,
        "sendInvoiceNotifications": False,
        "apiKeys": [_key_row(row, call.state.version) for row in keys],
    }
    return {**member_row(member), "user": user}


def _user_session(call: Call) -> Any:
    if call.session is None:
        if call.state.version < versions.PUBLIC_SESSION:
            raise RpcError(401, "UNAUTHORIZED")
        return None
    return {
        "user": {"id": call.session.user.id},
        "session": {"activeOrganizationId": call.session.organization_id},
    }


def require_member(call: Call, organization_id: str) -> Member:
    """Return the caller's membership. Raises 403 if the caller is not a member."""
    member = call.state.member(call.caller.user.id, organization_id)
    if member is None:
        raise RpcError(403, NOT_A_MEMBER)
    return member


def _organization_active(call: Call) -> Any:
    row = call.state.organizations.get(call.caller.organization_id)
    return UNDEFINED if row is None else organization_row(row)


def _organization_all(call: Call) -> Any:
    rows = []
    for row in sorted(call.state.organizations.values(), key=lambda row: row.id):
        member = call.state.member(call.caller.user.id, row.id)
        if member is None:
            continue
        told = call.state.version >= versions.ROLES
        rows.append(
            {**organization_row(row), **({"members": [member_row(member)]} if told else {})}
        )
    return rows


def _organization_one(call: Call) -> Any:
    require_member(call, call.input["organizationId"])
    return organization_row(call.state.organizations[call.input["organizationId"]])


def _organization_set_default(call: Call) -> Any:
    wanted = require_member(call, call.input["organizationId"])
    for row in call.state.members:
        if row.user_id == wanted.user_id:
            row.is_default = row is wanted
    return {"success": True}


def _organization_create(call: Call) -> Any:
    member = call.state.member(call.caller.user.id, call.caller.organization_id)
    if member is None or member.role not in ("owner", "admin"):
        raise RpcError(403, "Only the organization owner can create an organization")
    row = call.state.add_organization(call.input["name"], call.caller.user)
    row.logo = call.input.get("logo")
    return organization_row(row)


def _own(call: Call, verb: str) -> Organization:
    row = call.state.organizations.get(call.input["organizationId"])
    if row is None:
        raise RpcError(404, "Organization not found")
    if require_member(call, row.id).role != "owner":
        raise RpcError(403, f"Only the organization owner can {verb} it")
    return row


def _organization_update(call: Call) -> Any:
    row = _own(call, "update")
    row.name = call.input["name"]
    row.logo = call.input.get("logo")
    return organization_row(row)


def _organization_delete(call: Call) -> Any:
    row = _own(call, "delete")
    owned = [o for o in call.state.organizations.values() if o.owner_id == call.caller.user.id]
    if len(owned) <= 1:
        raise RpcError(403, "You must maintain at least one organization where you are the owner")
    call.state.delete_organization(row.id)
    return []


def _health(call: Call) -> Any:
    if call.state.version < versions.HEALTH:
        return {"status": "not_cloud"}
    if call.state.database_down:
        raise RpcError(500, "Failed query: SELECT 1\nparams: ")
    return {"status": "ok"}


def _version(call: Call) -> Any:
    return f"v{'.'.join(map(str, call.state.version))}"


def _fixed(value: Any) -> Callable[[Call], Any]:
    """Return a procedure with the same answer for everybody."""

    def run(_call: Call) -> Any:
        return value

    return run


PROCEDURES: dict[str, Procedure] = {
    "settings.health": Procedure(_health, public=True),
    "settings.getDokployVersion": Procedure(_version),
    "settings.getReleaseTag": Procedure(_fixed("latest")),
    "settings.isCloud": Procedure(_fixed(False), public=True),
    "user.session": Procedure(_user_session, public=True),
    "user.get": Procedure(_user_get),
    "organization.active": Procedure(_organization_active),
    "organization.all": Procedure(_organization_all),
    "organization.one": Procedure(_organization_one, wants=ORGANIZATION_ID),
    "organization.setDefault": Procedure(_organization_set_default, True, ORGANIZATION_ID),
    "organization.create": Procedure(
        _organization_create, True, Field("object", fields={"name": TEXT, "logo": MAYBE_TEXT})
    ),
    "organization.update": Procedure(
        _organization_update,
        True,
        Field(
            "object",
            fields={"organizationId": TEXT, "name": TEXT, "logo": MAYBE_TEXT},
        ),
    ),
    "organization.delete": Procedure(_organization_delete, True, ORGANIZATION_ID),
}
