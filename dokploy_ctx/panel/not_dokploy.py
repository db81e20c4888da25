"""Describe what answered in place of a panel: a redirect, a login, a proxy, a site. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ..model.profile import word
from ..text.foreign import clean

_MOST = 200  # characters of an address that is quoted


def redirect(url: str, path: str, location: str) -> str:
    """Return the message for a redirect of `path` below `url` to `location`.

    If the panel has moved, the new address ends in the same path, and what precedes the path is the
    new URL. Any other address is a login page in front of the panel.
    """
    try:
        target = urljoin(f"{url}{path}", location)
        parts = urlsplit(target)
    except ValueError:
        target, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        shown = clean(location)[:_MOST] or "nowhere"
        return f"{url} redirects to {shown}, which is not a URL. Check the proxy in front of it."
    wanted = path.partition("?")[0].rstrip("/")
    without = clean(f"{parts.scheme}://{parts.netloc}{parts.path}").rstrip("/")[:_MOST]
    if not without.endswith(wanted):
        return (
            f"{url} redirects to {without}, which is not the panel but a login of another service "
            "in front of it. Save the headers that it needs: dctx auth NAME --header HEADER"
        )
    base = without.removesuffix(wanted)
    if base == url:
        return f"{url} redirects to itself. Check the proxy in front of it."
    return f"{url} redirects to {base}. Save that URL instead: dctx auth NAME -u {word(base)}"


def no_panel(url: str, status: int, headers: Mapping[str, str]) -> str:
    """Return the message for an answer that is not from a panel."""
    if status == 401:
        scheme = clean(headers.get("www-authenticate", "")).partition(" ")[0][:20]
        if scheme.lower() in ("basic", "digest"):
            asks = "a user name and password"
        else:
            asks = "a login of its own"
        what = f"HTTP 401, {scheme}" if scheme else "HTTP 401"
        return (
            f"{url} requires {asks} ({what}) before the panel is reached. "
            "Save it as a header: dctx auth NAME --header Authorization"
        )
    if status == 403:
        return (
            f"{url} answers 403, but not as a panel does: a firewall or proxy in "
            "front of it refuses. "
            "Check its rules."
        )
    if status == 407:
        return f"the proxy on the way to {url} requires a login (HTTP 407). Set it in HTTPS_PROXY."
    if status == 429:
        again = _again(clean(headers.get("retry-after", "")).strip())
        return f"{url} answers 429: a proxy in front of the panel limits requests. {again}"
    if status >= 500:
        return (
            f"{url} answers {status} and no JSON: the proxy is up, the panel is "
            "not. Try again later."
        )
    if status == 404:
        return (
            f"{url} answers 404 and no JSON: another site, or a proxy that does "
            "not know the panel. "
            "Use the URL of the panel's login page."
        )
    return (
        f"{url} answers, but is not a Dokploy panel (HTTP {status}, no JSON). "
        "Use the URL of the panel's login page."
    )


def other_json(url: str, status: int, headers: Mapping[str, str]) -> str:
    """Return the message for JSON that is not from a panel."""
    if status in (401, 403, 407, 429) and not url.endswith("/api"):
        return no_panel(url, status, headers)
    hint = "Remove /api from the URL." if url.endswith("/api") else "Check the URL."
    return f"{url} answers JSON, but not as a Dokploy panel does. {hint}"


def _again(after: str) -> str:
    if after.isdecimal() and after.isascii():
        return f"Try again in {after[:9]} s."
    return f"Try again after {after[:40]}." if after else "Try again later."


def check_ids(value: Any) -> None:
    """Return if every "id" in an answer is a plain value. Raises TypeError if not."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), dict | list):
            raise TypeError
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            check_ids(part)
