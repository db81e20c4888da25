"""Which environment variables name a Dokploy server or a key, for the tools that are known.

A command that is run as a profile keeps every other DOKPLOY_ variable of the user's: settings such
as DOKPLOY_TOOL_PRESET or DOKPLOY_APP_ID are not ours. Source: the tools' own code or README, read
in November 2026 (docs/tools.md has the list of tools).
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
# DOKPLOY_1_URL, DOKPLOY_2_API_TOKEN, …: a pair per server.
_NUMBERED = re.compile(r"DOKPLOY_\d+_(?:URL|KEY|API_KEY|API_TOKEN|TOKEN)\Z")


def names_server_or_key(name: str) -> bool:
    """Return whether the variable `name` says to a known tool which server or key to use."""
    return name in _EXACT or bool(_NUMBERED.match(name))
