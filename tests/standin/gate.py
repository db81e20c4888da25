"""An access proxy before the panel: without its headers no request gets through.

Answers as Cloudflare Access does (a redirect to the login of another host), as HTTP basic auth, and
as a firewall (403 and a web page).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from .request import Answer, Request
from .routes import html

LOGIN_URL = "https://standin.cloudflareaccess.com/cdn-cgi/access/login/panel"
KINDS = ("redirect", "basic", "forbidden")


@dataclass
class Gate:
    """Which headers are required (names in any case), and how a request without them ends."""

    required: Mapping[str, str] = field(default_factory=dict)
    kind: str = "redirect"
    login_url: str = LOGIN_URL

    def refusal(self, request: Request) -> Answer | None:
        """Return the answer to a request that lacks a header or has another value, else None."""
        # A server reads the bytes of a header as Latin-1.
        if all(request.headers.get(name.lower()) == value for name, value in self.required.items()):
            return None
        if self.kind == "basic":
            page = html(401, "Authorization Required")
            return Answer(page.status, page.body, page.content_type, challenge='Basic realm="ops"')
        if self.kind == "forbidden":
            return html(403, "Forbidden")
        location = f"{self.login_url}?redirect_url={quote(request.target, safe='')}"
        return Answer(302, location=location)
