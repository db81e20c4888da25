"""An access proxy before the panel, which lets requests pass only with certain headers.

It answers like Cloudflare Access (a redirect to the login of another host), like HTTP basic auth,
or like a firewall (403 and a web page).
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
    """The required headers (names in any case), and the answer to a request without them."""

    required: Mapping[str, str] = field(default_factory=dict)
    kind: str = "redirect"
    login_url: str = LOGIN_URL

    def refusal(self, request: Request) -> Answer | None:
        """Return the answer if a header is missing or has another value, else None."""
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
