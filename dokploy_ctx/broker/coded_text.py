"""Mask secrets in encoded text: base64, hexadecimal, the escapes of a URL.

Pure. A word that decodes to a text with a secret in it is masked completely.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from urllib.parse import unquote

from .forms import MASK

# Base64 of ASCII text, in which the top bit of every byte is 0. Other text rarely matches.
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][\w+/-]){4,}"
    r"[\w+/-]{0,3}={0,2}(?![\w+/-])",
    re.A,
)
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[2-7][0-9a-f]|0[9ad]){12,}(?![0-9A-Za-z])", re.I)
_ESCAPED = re.compile(r"(?<![^\s\"'<>])[^\s\"'<>%]*%[0-9A-F]{2}[^\s\"'<>]*", re.I)
_MOST = 64 * 1024


def mask_coded(text: str, mask: Callable[[str], str]) -> str:
    """Return `text` with each encoded word masked in whose decoded text `mask` finds something."""

    def masked(found: re.Match[str]) -> str:
        word = found[0]
        inner = _decoded(word) if len(word) <= _MOST else word
        return MASK if inner != word and mask(inner) != inner else word

    text = _HEX.sub(masked, _BASE64.sub(masked, text))
    return _ESCAPED.sub(masked, text) if "%" in text else text


def _decoded(word: str) -> str:
    """Return the text that `word` encodes, or `word` itself if it encodes none."""
    try:
        if "%" in word:
            return unquote(word, errors="strict")
        if _HEX.fullmatch(word):
            return bytes.fromhex(word).decode("ascii")
        plain = word.rstrip("=").replace("-", "+").replace("_", "/")
        return b64decode(plain + "=" * (-len(plain) % 4)).decode("ascii")
    except ValueError:
        return word
