"""Names of new profiles and keys, and lifetimes such as 90d.

The limits are those of `user.createApiKey` (docs/dokploy-api.md, "Keys").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from ..constants import RESERVED
from ..errors import UsageError
from ..text.foreign import clean
from ..text.masking import looks_like_key
from .profile import NAME, typed

DAY = 86400
LONGEST = 365 * DAY
KEY_NAME = 32  # characters
OURS = "dctx "  # what the names of keys that dctx makes begin with
_LIFETIME = re.compile(r"([0-9]{1,6})(d|w|y)\Z")
_DAYS = {"d": 1, "w": 7, "y": 365}
# Letters that Unicode does not decompose into ASCII letters.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "\u0131": "i"}
)


def slug(organization: str) -> str:
    """Return a profile's name made of an organization's name: "Acme GmbH" → "acme-gmbh".

    The result is "organization" if no character of the name is allowed.
    """
    text = unicodedata.normalize("NFKD", organization.casefold().translate(_LETTERS))
    text = text.encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9._]+", "-", text).strip("-._")[:40].rstrip("-._") or "organization"


def suggest(organization: str, taken: Collection[str]) -> str:
    """Return an allowed name for a profile of the organization that is not among `taken`."""
    used = {name.lower() for name in taken} | RESERVED
    base = slug(organization)
    if looks_like_key(base):  # which no profile's name may do
        base = slug("")
    number, name = 1, base
    while name.lower() in used:
        number += 1
        name = f"{base}-{number}"
    assert NAME.match(name)
    return name


def key_name(profile: str) -> str:
    """Return a unique name for a key of the profile, by which it is found after a lost answer."""
    import secrets

    end = f" {secrets.token_hex(3)}"
    return fit(f"{OURS}{clean(profile)}", KEY_NAME - len(end)) + end


def is_ours(name: object) -> bool:
    """Return whether a key of this name, as a panel lists it, was made by dctx."""
    return str(name or "").startswith(OURS)


def fit(name: str, most: int = KEY_NAME) -> str:
    """Return `name` cut to the length of a key's name: 1 to `most` UTF-16 units (JavaScript)."""
    units = name.encode("utf-16-le", "ignore")[: 2 * most]
    return units.decode("utf-16-le", "ignore") or "dctx"


def seconds(lifetime: str) -> int | None:
    """Return the seconds of a lifetime such as 90d, 12w or 1y, None for "never".

    Raises UsageError (exit 2) outside of 1 to 365 days, which the panel allows.
    """
    if lifetime == "never":
        return None
    match = _LIFETIME.match(lifetime)
    found = int(match[1]) * _DAYS[match[2]] * DAY if match else 0
    if not DAY <= found <= LONGEST:
        raise UsageError(
            f"{typed(lifetime)} is not a lifetime. Use 1d to 365d (or 12w, 1y), or never."
        )
    return found


def days(lifetime: str) -> int:
    """Return the days of a time such as 14d. Raises UsageError (exit 2) for another text."""
    match = _LIFETIME.match(lifetime)
    if not match:
        raise UsageError(f"{typed(lifetime)} is not a number of days. Use a number such as 14d.")
    return int(match[1]) * _DAYS[match[2]]


def lifetime_of(key: dict[str, object]) -> int | None:
    """Return the lifetime of a listed key in seconds, None if it never expires.

    Raises ValueError if its times cannot be read.
    """
    from ..text.foreign import epoch

    if not key.get("expiresAt"):
        return None
    end, start = epoch(str(key["expiresAt"])), epoch(str(key.get("createdAt") or ""))
    if end is None or start is None:
        raise ValueError("no times")
    return min(max(end - start, DAY), LONGEST)
