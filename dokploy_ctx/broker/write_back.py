"""Whether a request would write a mask in a secret's place.

Pure. A program that reads, edits and writes back must not wipe production's secrets.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..text.masking import forms
from .forms import MASK

# In base64 and hexadecimal: a program may make a header of user and password of it.
_CODED = forms(MASK.strip("[]"))
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([^\"';,\s]*)", re.I)
_READ = frozenset({"utf-8", "utf8", "us-ascii"})


def contains_mask(text: str) -> bool:
    """Return whether `text` holds the mask, also spelled with JSON's or a URL's escapes.

    Its word is enough: in YAML the brackets are a list's, and a program may write that otherwise.
    """
    if any(form in text for form in _CODED):
        return True
    word = MASK.strip("[]")
    text = text.lower()
    if "\\u" in text:
        text = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found.group(1), 16)).lower(), text)
    return word in text or ("%" in text and word in unquote(text).lower())


def is_read_otherwise(kind: str) -> bool:
    """Return whether the Content-Type `kind` has the server read other letters than we do."""
    return any(name.lower() not in _READ for name in _CHARSET.findall(kind))


def body_contains_mask(body: bytes) -> bool:
    """Return whether the `body` of a request holds the mask, in UTF-16 or UTF-32 too."""
    return contains_mask(body.decode("utf-8", "replace")) or (
        b"\0" in body and contains_mask(body.replace(b"\0", b"").decode("utf-8", "replace"))
    )
