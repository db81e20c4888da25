"""Cut a long text into pieces, at places where free_text.py finds nothing across the cut.

Pure. A search over megabytes cannot be interrupted, so no other request would be answered until it
ends. The result is the same as for the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SIZE = 32 * 1024
# The longest match before a line's end in these patterns (an XML tag and its content).
_BACK = 4500
# The end of a line after which the next line may belong to the same match.
_OPEN = re.compile(
    r"(?:[|>][+-]?\d?|bearer|basic|token|docker|podman|sshpass|login|password|-[a-z]{1,8}"
    r"|<[^<>\n]{1,200}>)\s*\Z",
    re.I,
)
# An open XML tag, or a mark before several lines.
_TAG = re.compile(r"<[A-Za-z_][A-Za-z0-9_.-]{0,200}>\s{0,8}(?:<!\[CDATA\[)?[^<]*\Z|\"{3}|'{3}|<<")
# The beginning of a line that may belong to the match before it.
_GOES_ON = re.compile(r"\s|-|login|password|[\"']?(?:value|default)", re.I)


def pieces(text: str, size: int = SIZE) -> Iterator[str]:
    """Yield the pieces of `text`, most of them a little longer than `size`.

    A piece is longer if there is no safe place to cut.
    """
    begin = 0
    while len(text) - begin > size:
        at = text.find("\n", begin + size) + 1
        while at and not _is_safe(text, at):
            at = text.find("\n", at) + 1
        if not at or at >= len(text):
            break
        yield text[begin:at]
        begin = at
    yield text[begin:]


def _is_safe(text: str, at: int) -> bool:
    """Return whether `text` can be cut at `at`, where a line begins."""
    if _GOES_ON.match(text, at):
        return False
    before = text[max(0, at - _BACK) : at - 1]
    return not _OPEN.search(before[-260:]) and not _TAG.search(before)
