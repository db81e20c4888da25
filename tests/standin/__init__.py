"""A stand-in for a Dokploy panel: a real HTTP server that answers as Dokploy v0.30.2 was recorded.

    with StandIn.seeded() as panel:
        panel.url, panel.key_of("Acme"), panel.requests

For the demo and for tests. Recorded on Dokploy v0.30.2; loopback only; nothing is stored.
"""

from .panel import Seen, StandIn
from .rows import ApiKey, Application, Member, Organization, Project, User

__all__ = [
    "ApiKey",
    "Application",
    "Member",
    "Organization",
    "Project",
    "Seen",
    "StandIn",
    "User",
]
