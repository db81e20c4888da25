"""A profile's own headers: what can be one, its record, the program that prints them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.errors import ConfigError, DctxError, PanelError
from dokploy_ctx.model.headers import as_json, in_record, same_origin, saved, wrong, wrong_name
from dokploy_ctx.model.profile import Profile
from dokploy_ctx.panel import for_profile
from dokploy_ctx.panel.access_proxy import refusal

SECRET = "hdr-S3cret-MARK"  # no message may contain it
RESERVED = (
    *("x-api-key", "X-API-Key", "HOST", "content-length", "Content-Type", "transfer-encoding"),
    *("Connection", "cookie", "Cookie", "accept", "accept-encoding", "expect", "te", "trailer"),
    *("upgrade", "keep-alive", "proxy-authorization"),
)


def profile(**raw: Any) -> Profile:
    return Profile("prod", {"url": "https://p.example.com", "token": "k", **raw})


# What can be a header.


@pytest.mark.parametrize("name", ["CF-Access-Client-Id", "authorization", "X_1.a~", "x" * 128])
def test_token_can_be_a_name(name: str) -> None:
    assert wrong({name: SECRET}) == ""


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a:", "a:b", "a\r\nX-Evil", "a\0", "ü", "(a)", "a/b", '"a"', "x" * 129, "a\n"],
)
def test_no_token_is_no_name_and_is_not_quoted(name: str) -> None:
    problem = wrong({name: SECRET})
    assert problem == "a header name is made of letters, digits and -"


@pytest.mark.parametrize("name", RESERVED)
def test_headers_of_the_request_itself_cannot_be_set(name: str) -> None:
    assert wrong_name(name) == f"the header {name} is not one that a profile can set"


@pytest.mark.parametrize("value", ["a", "a b", "Basic dTpw==", "caf\xe9", '"', "\\", "{}", "$(x)"])
def test_latin_1_can_be_a_value(value: str) -> None:
    assert wrong({"X-A": value}) == ""


@pytest.mark.parametrize(
    "value",
    [
        *("\r", "\n", "\r\nX-Evil: 1", "\0", "\t", "\x1b[1m", "\x1f", "\x7f", "\x85", "\x9f"),
        *("\u20ac", "\u2028", "\ud800", "\U0001f600"),
    ],
    ids=ascii,
)
def test_other_characters_are_no_value_wherever_they_stand(value: str) -> None:
    for text in (value, f"{SECRET}{value}", f"{value}{SECRET}", f"{SECRET}{value}{SECRET}"):
        problem = wrong({"X-A": text})
        assert problem == "the value of X-A contains a character that no header can"


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ([], "they are not an object of names and values"),
        (SECRET, "they are not an object of names and values"),
        ({"X-A": ""}, "the value of X-A is empty"),
        ({"X-A": " " + SECRET}, "the value of X-A begins or ends with a blank"),
        ({"X-A": None}, "the value of X-A is not text"),
        ({"X-A": [SECRET]}, "the value of X-A is not text"),
        ({"X-A": 1}, "the value of X-A is not text"),
        ({"X-A": SECRET, "x-a": SECRET}, "the header x-a stands there twice"),
        ({"X-A": "v" * 8192}, "they are longer than 8192 characters together"),
    ],
)
def test_what_is_wrong_is_said_without_a_value(headers: Any, problem: str) -> None:
    assert wrong(headers) == problem


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://p.example.com", "https://P.example.com:443/base", True),
        ("http://p.example.com:80", "http://p.example.com", True),
        ("https://p.example.com", "http://p.example.com", False),
        ("https://p.example.com", "https://p.example.com:8443", False),
        ("https://p.example.com", "https://p.example.com.evil.test", False),
        ("https://p.example.com", "https://p.example.com@evil.test", False),
        ("https://[", "https://[", False),
        ("", "https://p.example.com", False),
    ],
)
def test_origin_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert same_origin(one, other) is same


# The record.


def test_record_has_them_as_one_line_of_ascii() -> None:
    text = in_record(profile(headers={"X-A": 'é"\\$(id)', "X-B": SECRET}))
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text) == {"X-A": 'é"\\$(id)', "X-B": SECRET}
    assert in_record(profile()) == in_record(profile(headers={})) == as_json({}) == ""


@pytest.mark.parametrize(
    "raw",
    [
        {"headersCommand": ["pass", "show", "x"]},
        {"headersCommand": "pass"},
        {"headersCommand": []},
        {"headers": [SECRET]},
        {"headers": {"X-A": "\n"}},
        {"headers": {"Host": SECRET}},
        {"headers": {"X-A": SECRET}, "headersCommand": ["pass"]},
    ],
)
def test_record_of_what_only_the_core_can_tell_says_so(raw: dict[str, Any]) -> None:
    assert in_record(profile(**raw)) == "ask"


@pytest.mark.parametrize(
    "raw",
    [
        {"headersCommand": "pass"},
        {"headersCommand": []},
        {"headersCommand": [1]},
        {"headersCommand": ["true"], "headers": {"X-A": SECRET}},
        {"headers": SECRET},
        {"headers": {"X-A": {"y": SECRET}}},
        {"headers": {"": SECRET}},
    ],
)
def test_foreign_shape_is_an_error_of_that_profile(raw: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        for_profile.headers_for(profile(**raw))
    assert caught.value.code == 4
    assert str(caught.value).startswith('the headers of profile "prod" are invalid: ')
    assert SECRET not in str(caught.value)


# The program.


def test_program_prints_them_and_is_asked_once(home: Path) -> None:
    text = json.dumps({"X-A": SECRET, "X-B": "é"})
    script = f"echo asked >>{home}/log; printf '%s\\n' '{text}'"
    wanted = {"X-A": SECRET, "X-B": "é"}
    for name in ("prod", "other"):
        found = for_profile.headers_for(Profile(name, {"headersCommand": ["sh", "-c", script]}))
        assert found == wanted
    assert (home / "log").read_text("utf-8") == "asked\n"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (f"echo {SECRET}", "did not print one JSON object. Check what it prints."),
        (f"echo '\"{SECRET}\"'", "printed no valid headers: they are not an object"),
        (f'echo \'{{"X-A": "{SECRET}"}} note\'', "did not print one JSON object"),
        (f'echo \'{{"X-A": "{SECRET}", "X-A": "x"}}\'', "did not print one JSON object"),
        (f'printf %s \'{{"X-A": "{SECRET}\\n"}}\'', "the value of X-A contains a character"),
        (f'echo \'{{"Host": "{SECRET}"}}\'', "the header Host is not one that a profile can set"),
        ("printf '\\377'", "did not print one JSON object"),
        ("head -c 60000 /dev/zero | tr '\\0' '['", "did not print one JSON object"),
        ("true", "did not print one JSON object"),
        (f"echo {SECRET}; exit 3", "failed with exit code 3."),
        ("yes", "printed more than 65536 bytes."),
    ],
)
def test_program_that_prints_something_else_is_one_line(script: str, words: str) -> None:
    with pytest.raises(PanelError) as caught:
        for_profile.headers_for(profile(headersCommand=["sh", "-c", script]))
    text = str(caught.value)
    assert text.startswith('headersCommand of "prod" ("sh") ')
    assert words in text
    assert SECRET not in text
    assert text.isprintable()


def test_program_that_does_not_exist_says_so() -> None:
    with pytest.raises(DctxError, match="cannot be run: No such file") as caught:
        for_profile.headers_for(profile(headersCommand=["no-such-program"]))
    assert caught.value.code == 5


def test_saved_headers_are_a_copy() -> None:
    raw = {"X-A": SECRET}
    found = saved(profile(headers=raw))
    found["X-A"] = "changed"
    assert raw == {"X-A": SECRET}
    assert os.environ.get("_DCTX_HEADERS") is None


# What stands before a panel.

URL, PATH = "https://p.example.com", "/api/trpc/user.get?batch=1"
LOGINS = [
    (302, "https://team.cloudflareaccess.com/cdn-cgi/access/login/p.example.com?kid=1"),
    (301, "https://team.cloudflareaccess.com/cdn-cgi/access/login/p.example.com?kid=1"),
    (302, "/cdn-cgi/access/login?redirect_url=%2Fapi"),
    (302, "https://auth.example.com/?rd=https://p.example.com/api/trpc/user.get"),
    (303, "/login"),
    (307, "/oauth2/start?rd=/api/trpc/user.get"),
]


@pytest.mark.parametrize(("status", "location"), LOGINS)
def test_redirect_to_a_login_names_the_option(status: int, location: str) -> None:
    words = refusal(URL, PATH, status, {"location": location}, {})
    host = location.split("/")[2] if "://" in location else "p.example.com"
    assert words == (
        f"{URL} redirects to a login page on {host}. If an access proxy protects the panel, "
        "save the headers that it wants: dctx auth NAME --header HEADER"
    )
    again = refusal(URL, PATH, status, {"location": location}, {"X-A": SECRET})
    assert "did not accept the profile's headers" in again


@pytest.mark.parametrize(
    ("status", "location"),
    [
        (301, "https://new.example.com/"),
        (302, f"https://new.example.com{PATH}"),
        (307, f"https://new.example.com/base{PATH}"),
        (308, f"https://new.example.com{PATH}"),
        (302, ""),
        (302, "https://[oops"),
    ],
)
def test_redirect_of_a_panel_that_moved_is_none_to_a_login(status: int, location: str) -> None:
    assert refusal(URL, PATH, status, {"location": location}, {}) == ""


@pytest.mark.parametrize(
    ("status", "answered", "sent", "words"),
    [
        (401, {"www-authenticate": 'Basic realm="x"'}, {}, "asks for a user name and password"),
        (401, {"www-authenticate": "basic"}, {"authorization": "x"}, "refuses the user name"),
        (403, {"content-type": "text/html; charset=UTF-8"}, {}, "answers 403 with a web page"),
        (401, {"content-type": "application/json", "www-authenticate": "Basic"}, {}, ""),
        (401, {"content-type": "text/html"}, {}, ""),
        (403, {"content-type": "application/json"}, {}, ""),
        (200, {"content-type": "text/html"}, {}, ""),
    ],
)
def test_other_refusals_of_a_proxy_name_the_option(
    status: int, answered: dict[str, str], sent: dict[str, str], words: str
) -> None:
    found = refusal(URL, PATH, status, answered, sent)
    assert words in found if words else found == ""
    assert not words or "dctx auth NAME --header" in found
