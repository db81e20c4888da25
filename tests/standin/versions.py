"""The version of Dokploy that the panel imitates, and what older versions do not have.

Only procedures that dctx uses differ. The differences are from Dokploy's source at the tags; only
v0.30.2 was run.
"""

from __future__ import annotations

NEWEST = "v0.30.2"
PLAYED = ("v0.19.0", "v0.26.0", "v0.28.3", NEWEST)
Version = tuple[int, ...]

# The first version of each procedure. All other procedures are in every version.
SINCE: dict[str, Version] = {
    "user.get": (0, 19, 0),
    "user.createApiKey": (0, 19, 0),
    "user.deleteApiKey": (0, 19, 0),
    "organization.all": (0, 19, 0),
    "organization.one": (0, 19, 0),
    "organization.create": (0, 19, 0),
    "organization.update": (0, 19, 0),
    "organization.delete": (0, 19, 0),
    "organization.setDefault": (0, 25, 7),
    "organization.active": (0, 28, 4),
    "user.session": (0, 28, 5),
}
# `x-api-key` is looked at.
KEYS = (0, 19, 0)
# `organization.all` tells the own membership, and with it the role.
ROLES = (0, 25, 7)
# `user.createApiKey` asks whether the user is a member of the organization.
MEMBERSHIP = (0, 26, 0)
# `settings.health` asks the database; before, a panel of one's own answers "not_cloud".
HEALTH = (0, 27, 0)
# `user.session` needs no key.
PUBLIC_SESSION = (0, 28, 6)
# `user.get` lists six columns of each key; before, all of them.
FEW_COLUMNS = (0, 29, 9)


def parse(text: str) -> Version:
    """Return the numbers of "v0.30.2"."""
    return tuple(int(part) for part in text.removeprefix("v").split("."))


def has(version: Version, procedure: str) -> bool:
    """Return whether that version of Dokploy has the procedure."""
    return version >= SINCE.get(procedure, (0,))
