"""Recognize answers of access proxies and HTTP basic auth in front of a panel.

They let a request pass only with a certain header. The message must say so, or a person would look
for a mistake in the URL or the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from ..text.foreign import clean

_SAVE = "dctx auth NAME --header"
_LOGIN_HOSTS = (".cloudflareaccess.com",)
# Cloudflare Access, oauth2-proxy, authentik.
_LOGIN_PATHS = ("/cdn-cgi/access/", "/oauth2/", "/outpost.goauthentik.io/")


def refusal(
    url: str, path: str, status: int, answered: Mapping[str, str], sent: Mapping[str, str]
) -> str:
    """Return a message if an access proxy answered in place of the panel, else "".

    `path` was requested at `url`. `answered` are the answer's headers, `sent` the profile's.
    """
    login = _login(f"{url}{path}", status, answered.get("location", ""))
    if login:
        if sent:
            return (
                f"{url} redirects to a login page on {login}: the access proxy did not accept the "
                f"profile's headers. Save new values: {_SAVE} HEADER"
            )
        return (
            f"{url} redirects to a login page on {login}. If an access proxy protects the panel, "
            f"save the headers that it wants: {_SAVE} HEADER"
        )
    if "json" in answered.get("content-type", ""):
        return ""  # the panel itself
    if status == 401 and answered.get("www-authenticate", "").lower().startswith("basic"):
        if any(name.lower() == "authorization" for name in sent):
            return (
                f"{url} refuses the user name and password of the profile's header Authorization "
                f"(HTTP basic auth). Save a new value: {_SAVE} Authorization"
            )
        return (
            f"{url} asks for a user name and password (HTTP basic auth). Save them as a header: "
            f"{_SAVE} Authorization"
        )
    if status == 403 and "html" in answered.get("content-type", ""):
        return (
            f"{url} answers 403 with a web page, which is not the panel's: an access proxy or a "
            f"firewall refuses the request. If a header is needed, save it: {_SAVE} HEADER"
        )
    return ""


def _login(asked: str, status: int, location: str) -> str:
    """Return the host of the login page that an answer redirects to, or "".

    A panel that has moved redirects to the same path elsewhere; a login page has another path.
    """
    if not 300 <= status < 400 or not location:
        return ""
    try:
        target = urlsplit(urljoin(asked, location))
        host = (target.hostname or "").lower()
    except ValueError:
        return ""
    known = host.endswith(_LOGIN_HOSTS) or any(part in target.path for part in _LOGIN_PATHS)
    moved = target.path.endswith(urlsplit(asked).path)
    if known or (status in (302, 303, 307) and not moved):
        return clean(host)
    return ""
