"""Secrets in text: find what looks like a key, and replace the secrets that we know.

Pure. Whatever we print goes through one of these functions if a person typed it in the place of a
name, a panel answered it, or a vault's program wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .foreign import clean

MOST = 300  # how many characters are shown of what a panel or a program says
HIDDEN = "..."

# Shorter secrets are not masked: they are ordinary words in any message.
_SHORTEST = 6
# Patterns are texts here and in urls.py: Python compiles one where it is first used, and few
# commands use any.
_RUN = r"[A-Za-z0-9]{32,}"
# A JSON web token: base64 of `{"`, a dot, and two more parts.
_WEB_TOKEN = r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"
_NAMED = (
    r"(?i)((?:x-api-key|api[-_]?key|authorization|token|secret|password|passwd)\s*[:=]\s*"
    r"(?:bearer\s+)?"
    r"|\bbearer\s+)\S+"
)
# The first words of a command line: a program, a subcommand, and the variables set before it.
_PROGRAM = r"[A-Za-z0-9_./+@~-]{1,40}\Z"
_SUBCOMMAND = r"[a-z]+(?:-[a-z]+)*\Z"
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]{0,39}="
_LONGEST_SUBCOMMAND = 40


def _is_key(run: str) -> bool:
    """Return whether a run of letters and digits is a key: no name is so long without a break."""
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = sum(any(map(kind, run)) for kind in kinds) > 1 and len(set(run)) >= 8
    return len(run) >= 48 or mixed


def looks_like_key(text: str) -> bool:
    """Return whether `text`, which was typed in the place of something else, may be a key.

    A Dokploy key has 64 letters after an optional prefix. People also paste "x-api-key: ..." or a
    web token of another program.
    """
    return bool(re.search(_NAMED, text) or re.search(_WEB_TOKEN, text)) or any(
        map(_is_key, re.findall(_RUN, text))
    )


def without_keys(text: str) -> str:
    """Return `text`, which quotes what was typed, with "..." for everything that may be a key."""
    text = re.sub(_WEB_TOKEN, HIDDEN, re.sub(_NAMED, rf"\1{HIDDEN}", text))
    return re.sub(_RUN, lambda match: HIDDEN if _is_key(match[0]) else match[0], text)


def first_words(words: Sequence[str], most: int = 3) -> str:
    """Return the first words of a command line, and "..." for the rest.

    Only words that cannot be secrets are shown: the program, subcommands in small letters, and the
    names of variables that are set before the program. The first other word ends the list.
    """
    shown: list[str] = []
    program = False
    for word in words[:most]:
        variable = None if program and shown[-1] != "env" else re.match(_VARIABLE, word)
        if variable:
            shown.append(f"{variable[0]}{HIDDEN}")
        elif looks_like_key(word) or word.startswith("-"):
            break
        elif not program and re.match(_PROGRAM, word):
            shown.append(word)
            program = True
        elif program and len(word) <= _LONGEST_SUBCOMMAND and re.match(_SUBCOMMAND, word):
            shown.append(word)
        else:
            break
    if len(shown) < len(words):
        shown.append(HIDDEN)
    return " ".join(shown)


def foreign(text: str, secrets: Iterable[str], most: int = MOST) -> str:
    """Return what a panel or a program says, safe for a terminal and a log.

    `secrets` in every spelling that we know, and passwords in URLs, become "...". Escapes, line
    ends and characters that reorder text are removed. A text longer than `most` is cut.
    """
    text = masked(clean(text[: 200 * most].replace("\n", " ")), secrets)
    text = re.sub(r"(?<=://)[^\s/@]+@", f"{HIDDEN}@", text).strip()
    return text if len(text) <= most else text[: most - len(HIDDEN)].rstrip() + HIDDEN


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with "..." for each of `secrets`, however the text spells it."""
    spelled = {form for secret in secrets for form in forms(secret) if len(form) >= _SHORTEST}
    for form in sorted(spelled, key=len, reverse=True):  # a spelling may be part of a longer one
        if form in text:
            text = text.replace(form, HIDDEN)
        elif form.lower() in text.lower() and len(form) >= 16:
            text = re.sub(re.escape(form), HIDDEN, text, flags=re.IGNORECASE)
    return text


def forms(secret: str) -> set[str]:
    """Return the spellings of `secret`: in a URL, JSON, HTML, base64, hexadecimal, no prefix."""
    import html
    import json
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    if len(secret) < _SHORTEST:
        return set()
    raw = secret.encode("utf-8", "surrogateescape")
    percent = {quote(raw, safe=""), quote(raw), quote_plus(raw)}
    found = {secret, *percent, raw.hex(), html.escape(secret), json.dumps(secret)[1:-1]}
    found |= {re.sub(r"%..", lambda match: match[0].lower(), form) for form in percent}
    for shift, start in ((0, 0), (1, 2), (2, 3)):  # base64 depends on what is before it
        whole = 3 * ((shift + len(raw)) // 3) - shift
        coded = b64encode(b"\0" * shift + raw[:whole]).decode()[start:]
        found |= {coded, coded.replace("+", "-").replace("/", "_")}
    last = secret.rpartition("_")[2]  # without its prefix
    if len(last) >= 32:
        found.add(last)
    return found
