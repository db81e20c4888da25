"""The two procedures that make and revoke keys (docs/dokploy-api.md, "Keys")."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from . import versions
from .accounts import MAYBE_TEXT, ORGANIZATION_ID, TEXT, require_member
from .rows import DAY_MS, DEFAULT_RATE_LIMIT, ApiKey, new_letters
from .rpc import Call, Field, Procedure, RpcError

YEAR = 365 * 86400
NUMBER = Field("number", required=False)
NEW_KEY = Field(
    "object",
    fields={
        "name": Field(
            "string",
            minimum=(1, "Name is required"),
            maximum=(32, "Name must be at most 32 characters"),
        ),
        "prefix": MAYBE_TEXT,
        "expiresIn": NUMBER,
        "metadata": ORGANIZATION_ID,
        "rateLimitEnabled": Field("boolean", required=False),
        "rateLimitTimeWindow": NUMBER,
        "rateLimitMax": NUMBER,
        "remaining": NUMBER,
        "refillAmount": NUMBER,
        "refillInterval": NUMBER,
    },
)


def _check_new_key(wanted: dict[str, Any]) -> None:
    """Return if the values are valid. Raises better-auth's error if not, which is a 500."""
    prefix, expires = wanted.get("prefix"), wanted.get("expiresIn")
    if prefix is not None and not re.fullmatch(r"[A-Za-z0-9_-]+", prefix):
        raise RpcError(
            500,
            "[body.prefix] Invalid prefix format, must be alphanumeric and contain only "
            "underscores and hyphens.",
        )
    if expires is not None and expires < 1:
        raise RpcError(500, "[body.expiresIn] Too small: expected number to be >=1")
    if wanted.get("refillAmount") and not wanted.get("refillInterval"):
        raise RpcError(500, "refillAmount is required when refillInterval is provided")
    if wanted.get("refillInterval") and not wanted.get("refillAmount"):
        raise RpcError(500, "refillInterval is required when refillAmount is provided")
    if prefix is not None and len(prefix) > 32:
        raise RpcError(500, "The prefix length is either too large or too small.")
    if expires is not None and expires < 86400:
        raise RpcError(500, "The expiresIn is smaller than the predefined minimum value.")
    if "\0" in wanted["name"] or (wanted.get("remaining") or 0) < 0:
        raise RpcError(500, "Failed to create API key")
    if expires is not None and expires > YEAR:
        raise RpcError(500, "The expiresIn is larger than the predefined maximum value.")


def _create_api_key(call: Call) -> Any:
    wanted, state = call.input, call.state
    organization_id = wanted["metadata"]["organizationId"]
    if organization_id and state.version >= versions.MEMBERSHIP:
        require_member(call, organization_id)
    _check_new_key(wanted)
    state.sweep_expired()
    now = state.now()
    expires = wanted.get("expiresIn")
    row = ApiKey(
        id=new_letters(32),
        user_id=call.caller.user.id,
        organization_id=organization_id,
        key=wanted.get("prefix", "") + new_letters(64),
        name=wanted["name"],
        created_at=now,
        prefix=wanted.get("prefix"),
        expires_at=None if expires is None else now + timedelta(seconds=expires),
        rate_limit_enabled=wanted.get("rateLimitEnabled", True),
        rate_limit_max=wanted.get("rateLimitMax", DEFAULT_RATE_LIMIT),
        rate_limit_window_ms=wanted.get("rateLimitTimeWindow", DAY_MS),
        remaining=wanted.get("remaining"),
        refill_amount=wanted.get("refillAmount"),
        refill_interval_ms=wanted.get("refillInterval"),
    )
    state.keys[row.id] = row
    return {
        "configId": "default",
        "name": row.name,
        "start": row.key[:6],
        "referenceId": row.user_id,
        "prefix": row.prefix,
        "key": row.key,
        "refillInterval": row.refill_interval_ms,
        "refillAmount": row.refill_amount,
        "lastRefillAt": None,
        "enabled": True,
        "rateLimitEnabled": row.rate_limit_enabled,
        "rateLimitTimeWindow": row.rate_limit_window_ms,
        "rateLimitMax": row.rate_limit_max,
        "requestCount": 0,
        "remaining": row.remaining,
        "lastRequest": None,
        "expiresAt": row.expires_at,
        "createdAt": now,
        "updatedAt": now,
        "permissions": None,
        # It is stored nevertheless (docs/dokploy-api.md, "Keys").
        "metadata": None,
        "id": row.id,
    }


def _delete_api_key(call: Call) -> Any:
    row = call.state.keys.get(call.input["apiKeyId"])
    if row is None:
        raise RpcError(404, "API key not found")
    if row.user_id != call.caller.user.id:
        raise RpcError(401, "You are not authorized to delete this API key")
    del call.state.keys[row.id]
    return True


PROCEDURES: dict[str, Procedure] = {
    "user.createApiKey": Procedure(_create_api_key, True, NEW_KEY),
    "user.deleteApiKey": Procedure(
        _delete_api_key, True, Field("object", fields={"apiKeyId": TEXT})
    ),
}
