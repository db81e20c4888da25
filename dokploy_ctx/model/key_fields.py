"""The fields of config.json that make up a profile's key: where it is, and what is known about it.

Pure names. Code that replaces, copies or leaves out a key uses these lists, so that a new field has
to be added here alone.
"""

from __future__ import annotations

from collections.abc import Mapping

# Where the key is. A profile has one of these, or no key.
TOKEN, TOKEN_COMMAND, KEYRING = "token", "tokenCommand", "keyring"
PLACES = (TOKEN, TOKEN_COMMAND, KEYRING)
# What a panel told about the key, saved so that a message can name the key without a request.
ID, NAME, MADE, PREFIX, EXPIRES = "keyId", "keyName", "keyCreatedAt", "keyPrefix", "expiresAt"
FACTS = (ID, NAME, MADE, PREFIX, EXPIRES)
ALL = (*PLACES, *FACTS)


def has_key(entry: Mapping[str, object]) -> bool:
    """Return whether an entry of config.json has a key, wherever the key is kept."""
    return any(entry.get(place) for place in PLACES)
