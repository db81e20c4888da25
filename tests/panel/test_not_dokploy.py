"""The errors name what answered before a panel or in its place."""

from __future__ import annotations

import pytest

from dokploy_ctx.errors import DctxError
from dokploy_ctx.panel import account, not_dokploy
from dokploy_ctx.panel.errors import Unexplained, Unreachable
from dokploy_ctx.panel.http import Panel
from tests.standin import StandIn
from tests.standin.request import Answer

PAGE = b"<!DOCTYPE html><html><body>Sign in</body></html>"
HTML = "text/html; charset=utf-8"
PATH = "/api/trpc/user.get,organization.all?batch=1&input=%7B%7D"
URL = "https://panel.example.com"


def refused(panel: StandIn, answer: Answer, kind: type[DctxError] = Unreachable) -> str:
    """Return the error, without the panel's URL, where `answer` comes in the panel's place."""
    panel.in_front = answer
    with pytest.raises(kind) as caught:
        account.whoami(Panel(panel.url, panel.key_of("Acme")))
    return str(caught.value).replace(panel.url, "URL")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer(401, b"{}", "application/json", headers=(("WWW-Authenticate", "Basic"),)),
            (
                "URL requires a user name and password (HTTP 401, Basic) before the "
                "panel is reached. "
                "Save it as a header: dctx auth NAME --header Authorization"
            ),
        ),
        (
            Answer(401, b"", None, headers=(("WWW-Authenticate", "Bearer"),)),
            (
                "URL requires a login of its own (HTTP 401, Bearer) before the panel is reached. "
                "Save it as a header: dctx auth NAME --header Authorization"
            ),
        ),
        (
            Answer(401, PAGE, HTML),
            (
                "URL requires a login of its own (HTTP 401) before the panel is reached. "
                "Save it as a header: dctx auth NAME --header Authorization"
            ),
        ),
        (
            Answer(403, b'{"error":"blocked"}', "application/json"),
            (
                "URL answers 403, but not as a panel does: a firewall or proxy in "
                "front of it refuses. Check its rules."
            ),
        ),
        (
            Answer(429, b"slow down", "text/plain", headers=(("Retry-After", "30"),)),
            "URL answers 429: a proxy in front of the panel limits requests. Try again in 30 s.",
        ),
        (
            Answer(429, b"{}", "application/json", headers=(("Retry-After", "Fri, 01 Jan 2027"),)),
            (
                "URL answers 429: a proxy in front of the panel limits requests. "
                "Try again after Fri, 01 Jan 2027."
            ),
        ),
        (
            Answer(429, b"", None),
            "URL answers 429: a proxy in front of the panel limits requests. Try again later.",
        ),
        (
            Answer(407, b"", None),
            "the proxy on the way to URL requires a login (HTTP 407). Set it in HTTPS_PROXY.",
        ),
        (
            Answer(404, b"404 page not found\n", "text/plain"),
            (
                "URL answers 404 and no JSON: another site, or a proxy that does not know the "
                "panel. Use the URL of the panel's login page."
            ),
        ),
        (
            Answer(200, PAGE, HTML),
            (
                "URL answers, but is not a Dokploy panel (HTTP 200, no JSON). "
                "Use the URL of the panel's login page."
            ),
        ),
        *(
            (
                Answer(status, PAGE, HTML),
                (
                    f"URL answers {status} and no JSON: the proxy is up, the panel is not. "
                    "Try again later."
                ),
            )
            for status in (500, 502, 503, 504, 521)
        ),
    ],
)
def test_answer_of_something_else(panel: StandIn, answer: Answer, words: str) -> None:
    assert refused(panel, answer) == words


def test_page_in_the_place_of_the_panels_own_401_is_a_refused_key(
    panel: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy with error pages of its own: the panel answers what needs no key."""
    respond = panel._respond

    def paged(request: object) -> object:
        answer = respond(request)  # type: ignore[arg-type]
        return Answer(401, PAGE, HTML) if answer and answer.status == 401 else answer

    monkeypatch.setattr(panel._server, "respond", paged)
    with pytest.raises(Unexplained) as caught:
        account.whoami(Panel(panel.url, "k" * 64))
    assert str(caught.value) == f"{panel.url} refused the API key (401)."
    assert [seen.key for seen in panel.requests] == ["k" * 64, ""]


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (
            f"https://new.example.com{PATH}",
            "https://new.example.com. {SAVE} https://new.example.com",
        ),
        (
            f"https://new.example.com/base{PATH}",
            "https://new.example.com/base. {SAVE} https://new.example.com/base",
        ),
        (
            f"http://panel.example.com:81{PATH}",
            "http://panel.example.com:81. {SAVE} http://panel.example.com:81",
        ),
        (PATH, "itself. Check the proxy in front of it."),
        (f"{PATH.partition('?')[0]}/", "itself. Check the proxy in front of it."),
        (
            "https://login.example.org/oauth?state=SECRET",
            "https://login.example.org/oauth, {LOGIN}",
        ),
        ("/login?next=/api", f"{URL}/login, {{LOGIN}}"),
        ("", "itself. Check the proxy in front of it."),
        ("mailto:x@y", "mailto:x@y, which is not a URL. Check the proxy in front of it."),
        ("http://[::1", "http://[::1, which is not a URL. Check the proxy in front of it."),
        ("https://x/\x1b;a\u202e", "https://x/;a, {LOGIN}"),
    ],
)
def test_redirect_names_a_base_url_or_says_what_it_leads_to(location: str, words: str) -> None:
    login = (
        "which is not the panel but a login of another service in front of "
        "it. Save the headers that it needs: dctx auth NAME --header HEADER"
    )
    words = words.replace("{SAVE}", "Save that URL instead: dctx auth NAME -u")
    assert not_dokploy.redirect(URL, PATH, location) == (
        f"{URL} redirects to {words.replace('{LOGIN}', login)}"
    )


def test_redirect_of_a_base_url_with_a_path_of_its_own() -> None:
    assert not_dokploy.redirect(f"{URL}/x", PATH, f"https://new.example.com/x{PATH}").endswith(
        "dctx auth NAME -u https://new.example.com/x"
    )
