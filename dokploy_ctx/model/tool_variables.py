"""Which environment variables name a Dokploy server or a key to the tools that we know.

A command with a profile keeps all other DOKPLOY_ variables of the user, since settings such as
DOKPLOY_TOOL_PRESET or DOKPLOY_APP_ID do not concern dctx. The names are from the tools' code or
README, read in November 2026 (docs/tools.md lists the tools).
"""

from __future__ import annotations

import re

_EXACT = (
    *("DOKPLOY_PROFILE", "DOKPLOY_URL", "DOKPLOY_API_KEY", "DOKPLOY_AUTH_TOKEN"),
    *("DOKPLOY_TOKEN", "DOKPLOY_API_TOKEN", "DOKPLOY_API_URL", "DOKPLOY_ENDPOINT"),
    *("DOKPLOY_BASE_URL", "DOKPLOY_HOST", "DOKPLOY_SERVER_URL", "DOKPLOY_CONFIG"),
    *("DOKPLOY_CUSTOM_HEADERS", "DCTX_ORG", "DCTX_ORG_ID"),
    *("KCTL_DOKPLOY_URL", "KCTL_DOKPLOY_API_KEY"),
)
# DOKPLOY_1_URL, DOKPLOY_2_API_TOKEN and so on: a pair for each server.
_NUMBERED = re.compile(r"DOKPLOY_\d+_(?:URL|KEY|API_KEY|API_TOKEN|TOKEN)\Z")


def names_server_or_key(name: str) -> bool:
    """Return whether the variable `name` says to a known tool which server or key to use."""
    return name in _EXACT or bool(_NUMBERED.match(name))
