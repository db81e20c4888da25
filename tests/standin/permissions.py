"""Which role may do what, as in Dokploy's packages/server/src/services/permission.ts.

Owners and admins may do everything here, members only what `MEMBER` lists.
"""

from __future__ import annotations

from .rows import Member
from .rpc import Call, RpcError

MEMBER = frozenset({"deployment"})


def require_role(call: Call, resource: str) -> Member:
    """Return the caller's membership. Raises 401 if the role does not allow the resource."""
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None:
        raise RpcError(401, "Permission denied")
    if not is_privileged(member) and resource not in MEMBER:
        raise RpcError(401, f'unauthorized to access resource "{resource}"')
    return member


def require_service(call: Call, service_id: str, resource: str) -> None:
    """Return if the caller may use the service. Raises 401 if not.

    Dokploy checks this before it checks whether the service exists.
    """
    member = require_role(call, resource)
    if not is_privileged(member) and service_id not in member.accessed_services:
        raise RpcError(401, "You don't have access to this service")


def is_privileged(member: Member) -> bool:
    """Return whether the membership is that of an owner or admin."""
    return member.role in ("owner", "admin")
