"""A long text in pieces, cut where nothing that free_text.py looks for can stand across.

Pure. A search over megabytes is one call that nothing can interrupt: no other request would be
answered until it ends. What is masked is the same as if the text were looked through at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SIZE = 32 * 1024
# No pattern there goes back further than this from a line's end (a tag and what it holds).
_BACK = 4500
# The end of a line that begins something: the next one may be its rest.
_OPEN = re.compile(
    r"(?:[|>][+-]?\d?|bearer|basic|token|docker|podman|sshpass|login|password|-[a-z]{1,8}"
    r"|<[^<>\n]{1,200}>)\s*\Z",
    re.I,
)
# A tag of XML that is open, or a mark that begins several lines.
_TAG = re.compile(r"<[A-Za-z_][A-Za-z0-9_.-]{0,200}>\s{0,8}(?:<!\[CDATA\[)?[^<]*\Z|\"{3}|'{3}|<<")
# The beginning of a line that may go on with what stands before it.
_GOES_ON = re.compile(r"\s|-|login|password|[\"']?(?:value|default)", re.I)


def pieces(text: str, size: int = SIZE) -> Iterator[str]:
    """Return the parts of `text`, most of them a little longer than `size`.

    A part is longer where no line ends safely.
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
    """Return whether nothing can stand across `at`, where a line of `text` begins."""
    if _GOES_ON.match(text, at):
        return False
    before = text[max(0, at - _BACK) : at - 1]
    return not _OPEN.search(before[-260:]) and not _TAG.search(before)
