"""Find requests that would write a mask in the place of a secret.

Pure. Otherwise a program that reads, edits and writes back would delete production's secrets.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..text.masking import forms
from .forms import MASK

# The mask in base64 and hexadecimal, since a program may encode user and password in a header.
_CODED = forms(MASK.strip("[]"))
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';,\s]*)", re.I)
_READ = frozenset({"utf-8", "utf8", "us-ascii"})


def contains_mask(text: str) -> bool:
    """Return whether `text` contains the mask, also with escapes of JSON or a URL.

    The word without its brackets is enough: in YAML the brackets mean a list, which a program may
    write in another form.
    """
    if any(form in text for form in _CODED):
        return True
    word = MASK.strip("[]")
    text = text.lower()
    if "\\u" in text:
        text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found.group(1), 16)).lower(), text)
    return word in text or ("%" in text and word in unquote(text).lower())


def is_read_otherwise(kind: str) -> bool:
    """Return whether the Content-Type `kind` names a charset that we do not read."""
    return any(name.lower() not in _READ for name in _CHARSET.findall(kind))


def body_contains_mask(body: bytes) -> bool:
    """Return whether the `body` of a request contains the mask, also in UTF-16 or UTF-32."""
    return contains_mask(body.decode("utf-8", "replace")) or (
        b"\0" in body and contains_mask(body.replace(b"\0", b"").decode("utf-8", "replace"))
    )
