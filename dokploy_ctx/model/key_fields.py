"""The fields of config.json that make up a profile's key: its place, and what is known of it.

Pure names, in one place: whatever replaces, copies or leaves out a key goes by these.
"""

from __future__ import annotations

from collections.abc import Mapping

# Where the key is. A profile has one of these, or no key.
TOKEN, TOKEN_COMMAND, KEYRING = "token", "tokenCommand", "keyring"
PLACES = (TOKEN, TOKEN_COMMAND, KEYRING)
# What a panel told of the key, kept so that the key can be named without a request.
ID, NAME, MADE, PREFIX, EXPIRES = "keyId", "keyName", "keyCreatedAt", "keyPrefix", "expiresAt"
FACTS = (ID, NAME, MADE, PREFIX, EXPIRES)
ALL = (*PLACES, *FACTS)


def has_key(entry: Mapping[str, object]) -> bool:
    """Return whether an entry of config.json has a key, wherever that is kept."""
    return any(entry.get(place) for place in PLACES)
