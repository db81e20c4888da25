"""Secrets in text by their form: `.env` lines, URLs, keys as well-known services make them.

Pure. The mask is one word, so that a body that holds it can be told from one that does not.
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
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*-----")
_END = re.compile(r"-----END [A-Z0-9 ]*-----")

# scheme://user:password@host, also with what people forget to encode in a password.
_USERINFO = re.compile(
    r"\b([a-z][a-z0-9+.-]*:(?:\\?/){2})([^\s/?#@\"'<>]*?)(:[^\s\"'<>/]*|)@", re.I
)
_QUERY = re.compile(
    r"([?&;](?:[a-z0-9_.-]*(?:token|secret|password|passwd|signature|api[_-]?key|access[_-]?key)"
    r"|key|sig|auth|code)=)([^&#\s\"'<>;]+)",
    re.I,
)
_URL = re.compile(r"([a-z][a-z0-9+.-]*://[^/?#\s]*)(.*)", re.I | re.S)

# NAME=value, --name=value, "name: value" where the name says that the value is a secret.
_ASSIGNED = re.compile(
    r"((?:^|[\s,;{(\[\"'&?-])(?:[A-Za-z0-9_.-]*"
    r"(?:password|passwd|secret|token|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|credential)s?)"
    r"[\"']?\s*(?:=|:\s|:(?=[\"']))\s*[\"']?)((?:bearer\s+|basic\s+)?[^\s\"',;&]+)",
    re.I,
)
_AUTHORIZATION = re.compile(r"(\b(?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})", re.I)

# Keys whose maker gave them a form of their own.
_KNOWN = re.compile(
    r"""(?<![A-Za-z0-9])(?:
      gh[pousr]_[A-Za-z0-9]{20,} | github_pat_[A-Za-z0-9_]{20,} | glpat-[A-Za-z0-9_-]{16,}
    | xox[abeoprs]-[A-Za-z0-9-]{10,} | (?:AKIA|ASIA)[A-Z0-9]{16} | AIza[A-Za-z0-9_-]{30,}
    | sk-[A-Za-z0-9_-]{20,} | (?:sk|rk|pk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,}
    | npm_[A-Za-z0-9]{30,} | dop_v1_[a-f0-9]{40,} | hvs\.[A-Za-z0-9_-]{20,}
    | ya29\.[A-Za-z0-9_-]{20,} | SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}
    | SWMTKN-1-[a-z0-9-]{20,} | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*
    | \d{8,10}:AA[A-Za-z0-9_-]{30,} | \$2[abxy]\$\d\d\$[./A-Za-z0-9]{40,}
    | \$(?:apr1|5|6|argon2id?|y)\$[^\s"']{16,} | \{SHA\}[A-Za-z0-9+/=]{20,}
    | otpauth://[^\s"']+ | AGE-SECRET-KEY-1[A-Z0-9]{20,}
    | [A-Za-z]{64} | [A-Za-z0-9_-]{1,32}_[A-Za-z]{64}
    )(?![A-Za-z0-9])""",
    re.X,
)
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*-----|\Z)", re.S
)
_WEBHOOK = re.compile(
    r"(https?://(?:hooks\.slack\.com|(?:\w+\.)?discord(?:app)?\.com/api/webhooks"
    r"|[\w.-]+\.webhook\.office\.com|open\.(?:larksuite|feishu)\.(?:com|cn)/open-apis/bot))(/[^\s\"'<>]+)",
    re.I,
)
# What makes a text worth a closer look; most texts have none of it.
_WORTH = re.compile(
    r"://|=|BEGIN |[A-Za-z0-9_+/$.-]{20}"
    r"|(?:password|passwd|secret|token|key|credential)s?[\"']?\s*:|bearer\s|basic\s|\{SHA\}",
    re.I,
)


@functools.lru_cache(maxsize=256)
def mask_env(text: str) -> str:
    """Return `.env` text with every value masked; names, blank lines and their order stay.

    A line without a name is masked whole, for it may be the second line of a value.
    """
    out: list[str] = []
    closing = ""  # what ends the value of several lines that we are in
    for line in text.split("\n"):
        bare = line.rstrip("\r")
        end = line[len(bare) :]
        if closing:
            if (closing == "-" and _END.search(bare)) or (closing != "-" and closing in bare):
                closing = ""
            continue
        found = _ENV_NAME.match(bare)
        if not bare.strip():
            out.append(line)
            continue
        name = found.group(2) if found else ""
        if found is None or (len(name) > 24 and looks_random(name)):
            closing = "-" if _BEGIN.search(bare) and not _END.search(bare) else ""
            out.append(MASK + end)
            continue
        value = bare[found.end() :].strip()
        out.append(found.group(1) + found.group(3) + found.group(4) + (MASK if value else "") + end)
        if _BEGIN.search(value) and not _END.search(value):
            closing = "-"
        elif value[:1] in ("'", '"', "`") and value.count(value[0]) == 1:
            closing = value[0]
    return "\n".join(out)


def mask_hook(text: str) -> str:
    """Return the URL `text` as scheme and host; what is no URL is masked whole."""
    found = _URL.match(text)
    if found is None:
        return MASK if text else text
    host = mask_text(found.group(1))
    return host + ("/" + MASK if found.group(2).strip("/") else found.group(2))


def _keep_first(found: re.Match[str]) -> str:
    """Return the first group and the mask: quicker than a template, which is parsed each time."""
    return f"{found.group(1)}{MASK}"


def _userinfo(found: re.Match[str]) -> str:
    scheme, user, password = found.groups()
    if len(password) > 1:
        return f"{scheme}{user}:{MASK}@"
    if len(user) >= 16 and looks_random(user):  # https://TOKEN@github.com
        return f"{scheme}{MASK}@"
    return found.group(0)


def mask_text(text: str) -> str:
    """Return free text without passwords of URLs, assigned secrets, private keys and known keys."""
    if not _WORTH.search(text):
        return text
    text = _PEM.sub(MASK, text)
    if "://" in text or ":\\/\\/" in text:
        text = _WEBHOOK.sub(lambda found: f"{found.group(1)}/{MASK}", text)
        text = _USERINFO.sub(_userinfo, text)
        text = _QUERY.sub(_keep_first, text)
    text = _ASSIGNED.sub(_keep_first, text)
    text = _AUTHORIZATION.sub(_keep_first, text)
    return _KNOWN.sub(MASK, text)


_PLAIN_PART = re.compile(r"[A-Z]?[a-z]{1,16}|[A-Z]{1,16}|\d{1,10}|v\d{1,4}")
_DIGEST = re.compile(r"sha(?:1|256|512)[:-]\S+\Z")


def looks_random(text: str) -> bool:
    """Return whether `text` is one word that nobody would have typed: long, and of high entropy.

    For fields that no list knows. Words, numbers, times and paths joined by signs are no secrets,
    nor are digests that say so.
    """
    if len(text) < 16 or re.search(r"\s", text) or _DIGEST.match(text):
        return False
    parts = [p for p in re.split(r"[^A-Za-z0-9+=]+", text) if not _PLAIN_PART.fullmatch(p)]
    rest = "".join(parts)
    if len(rest) < 16:
        return False
    entropy = -sum(n / len(rest) * math.log2(n / len(rest)) for n in Counter(rest).values())
    return entropy >= min(3.6, math.log2(len(rest)) - 0.8)
