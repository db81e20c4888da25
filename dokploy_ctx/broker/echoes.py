"""The real key and the profile's headers in what a panel answers, however they come back.

Pure. This holds with --show-secrets, too: what the command was not given it does not get.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from ..text.masking import forms
from .forms import MASK, looks_random
from .secret_fields import form_of

_SHORTEST = 6
_LONG = 16  # so long a run of letters is no word, in capitals or not


def secrets_of(key: str, headers: Mapping[str, str]) -> list[str]:
    """Return the key, and those values of the profile's headers that are secrets.

    A header may also say "production", which is a word of any answer. Of "Bearer x" it is x.
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
        # The most bytes that a part of a secret has where its rest has not come yet.
        most = max((6 * len(secret.encode()) for secret in secrets), default=1)
        self.most = max(most, *map(len, self._forms), 1) - 1

    def are_in(self, data: bytes) -> bool:
        """Return whether one of the secrets is in `data`."""
        return self.without(data) != data

    def without(self, data: bytes) -> bytes:
        """Return `data` with the mask in place of each secret."""
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
    """Return what finds `secret` where any of its letters are escapes of JSON's."""
    letters = [rf"(?:{re.escape(letter)}|\\u{ord(letter):04x})" for letter in secret]
    return re.compile("".join(letters).encode(), re.I)
