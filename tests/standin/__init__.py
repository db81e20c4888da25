"""A stand-in for a Dokploy panel: a real HTTP server that answers like Dokploy v0.30.2.

    with StandIn.seeded() as panel:
        panel.url, panel.key_of("Acme"), panel.requests

It is for tests and for the demo. The answers were recorded from Dokploy v0.30.2. It listens on
loopback only, and stores nothing.
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
