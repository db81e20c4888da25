"""Who may do what: the roles of Dokploy's own packages/server/src/services/permission.ts.

Owners and admins may do everything here, plain members what `MEMBER` names.
"""

from __future__ import annotations

from .rows import Member
from .rpc import Call, RpcError

MEMBER = frozenset({"deployment"})


def require_role(call: Call, resource: str) -> Member:
    """Return the caller's membership; raises 401 where his role does not reach the resource."""
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None:
        raise RpcError(401, "Permission denied")
    if not is_privileged(member) and resource not in MEMBER:
        raise RpcError(401, f'unauthorized to access resource "{resource}"')
    return member


def require_service(call: Call, service_id: str, resource: str) -> None:
    """Raise 401 where the role does not reach the resource, or the service was not given to him.

    Dokploy asks this before it looks whether there is such a service.
    """
    member = require_role(call, resource)
    if not is_privileged(member) and service_id not in member.accessed_services:
        raise RpcError(401, "You don't have access to this service")


def is_privileged(member: Member) -> bool:
    """Return whether it is an owner's or an admin's membership."""
    return member.role in ("owner", "admin")
