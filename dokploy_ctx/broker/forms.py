"""Secrets by their form: the values in `.env` text, and words that look random.

Pure. The mask is one unusual word, so that a request that contains it can be recognized.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter

MASK = "[masked-by-dctx]"

_ENV_NAME = re.compile(
    r"(\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]{0,63})\s*)(=|:(?=\s|$))([ \t]*)"
)
_ESCAPED = re.compile(r"\\.")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*-----")
_END = re.compile(r"-----END [A-Z0-9 ]*-----")


@functools.lru_cache(maxsize=256)
def mask_env(text: str) -> str:
    """Return `.env` text with every value masked; names, blank lines and the order are kept.

    A line without a name is masked completely, since it may be the second line of a value.
    """
    out: list[str] = []
    closing = ""  # what ends the current value of several lines
    lines = text.split("\n")
    # The last line with each quote: an opening quote after that has no end, and is part of a value.
    last = {quote: number for number, line in enumerate(lines) for quote in "'\"`" if quote in line}
    for number, line in enumerate(lines):
        bare = line.rstrip("\r")
        end = line[len(bare) :]
        if closing:
            if _END.search(bare) if closing == "-" else closing in _ESCAPED.sub("", bare):
                closing = ""
            continue
        found = _ENV_NAME.match(bare)
        if not bare.strip():
            out.append(line)
            continue
        name = found.group(2) if found else ""
        # The last line of base64, such as "q2x4Zw==", is not a name and a value.
        padding = found is not None and bare[found.end() :].strip() == "="
        if found is None or padding or (len(name) > 24 and looks_random(name)):
            closing = "-" if _BEGIN.search(bare) and not _END.search(bare) else ""
            out.append(MASK + end)
            continue
        value = bare[found.end() :].strip()
        out.append(found.group(1) + found.group(3) + found.group(4) + (MASK if value else "") + end)
        if _BEGIN.search(value) and not _END.search(value):
            closing = "-"
        elif value[:1] in ("'", '"', "`") and _ESCAPED.sub("", value).count(value[0]) == 1:
            closing = value[0] if last[value[0]] > number else ""
    return "\n".join(out)


_PLAIN_PART = re.compile(r"[A-Z]?[a-z]{1,16}|[A-Z]{1,16}|\d{1,10}|v\d{1,4}")
# Long random words that are not secret: digests, git commits, folders of docker.
_DIGEST = re.compile(
    r"(?:\S{1,256}@)?sha(?:1|256|512)[:-]\S+\Z|[0-9a-f]{40}\Z"
    r"|(?::?/var/lib/docker/(?:containers|overlay2|volumes)/[0-9a-f]{64}(?![0-9A-Za-z])[\w./-]*)+\Z"
)


def looks_random(text: str) -> bool:
    """Return whether `text` is a single long word of high entropy, as secrets are.

    This is for fields that are in no list. Words, numbers, times and paths joined by signs do not
    count, and neither do digests and git commits.
    """
    if len(text) < 16 or re.search(r"\s", text) or _DIGEST.match(text):
        return False
    parts = [p for p in re.split(r"[^A-Za-z0-9+=]+", text) if not _PLAIN_PART.fullmatch(p)]
    rest = "".join(parts)
    if len(rest) < 16:
        return False
    entropy = -sum(n / len(rest) * math.log2(n / len(rest)) for n in Counter(rest).values())
    return entropy >= min(3.6, math.log2(len(rest)) - 0.8)
