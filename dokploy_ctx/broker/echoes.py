"""Remove the real key and the profile's headers from a panel's answers, in every spelling.

Pure. This applies with --show-secrets, too, since the command must never get them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from ..text.masking import forms
from .forms import MASK, looks_random
from .secret_fields import form_of

_SHORTEST = 6
_LONG = 16  # a secret of this length is no ordinary word, so case does not matter


def secrets_of(key: str, headers: Mapping[str, str]) -> list[str]:
    """Return the key, and the values of the profile's headers that are secrets.

    A value such as "production" is not one, since any answer may contain it. In "Bearer x", the
    secret is x.
    """
    found = [key]
    for name, value in headers.items():
        last = value.rpartition(" ")[2]
        found += [v for v in (value, last) if len(v) >= _SHORTEST and _is_secret(name, v)]
    return list(dict.fromkeys(filter(None, found)))


def _is_secret(name: str, value: str) -> bool:
    return len(value) >= _LONG or bool(form_of(name)) or looks_random(value)


class Echoes:
    """Finds the given secrets in bytes."""

    def __init__(self, secrets: Iterable[str]) -> None:
        secrets = list(secrets)
        found = {f.encode() for s in secrets for f in (s, *forms(s)) if f}
        found |= {s.encode(wide) for s in secrets for wide in ("utf-16-le", "utf-16-be")}
        self._forms = sorted(found, key=len, reverse=True)
        self._secrets = secrets
        # The most bytes at the end of a piece that may be the beginning of a secret.
        lengths = [6 * len(secret.encode()) for secret in secrets]
        self.most = max(1, *lengths, *map(len, self._forms)) - 1

    def are_in(self, data: bytes) -> bool:
        """Return whether one of the secrets is in `data`."""
        return self.without(data) != data

    def without(self, data: bytes) -> bytes:
        """Return `data` with the mask in the place of each secret."""
        mask = MASK.encode()
        if b"\\u" in data:
            for secret in self._secrets:
                data = _escaped(secret).sub(mask, data)
        lower = data.lower()
        for form in self._forms:
            if form.lower() not in lower:
                continue
            if len(form) >= _LONG:
                data = re.sub(re.escape(form), mask, data, flags=re.I)
            else:
                data = data.replace(form, mask)
            lower = data.lower()
        return data


@functools.lru_cache(maxsize=64)
def _escaped(secret: str) -> re.Pattern[bytes]:
    """Return a pattern for `secret` in which any letter may be an escape of JSON."""
    letters = [rf"(?:{re.escape(letter)}|\\u{ord(letter):04x})" for letter in secret]
    return re.compile("".join(letters).encode(), re.I)
