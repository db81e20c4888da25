"""Which URLs are saved and used, and how any URL is shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.errors import UsageError
from dokploy_ctx.model import urls

from ..conftest import Result
from ..shells import BASH

Dctx = Callable[..., Result]
Config = Callable[..., Path]

SAVED = {
    "HTTP://Panel.Example.COM/Ops/": "http://panel.example.com/Ops",
    "Https://[FD00::A]:3000/": "https://[fd00::a]:3000",
    "https://h/ops/dashboard/project/x?tab=a": "https://h/ops",
    "https://h/ops/team/login": "https://h/ops/team",
    "https://h/invitation?token=abc": "https://h",
    "https://h/reset-password?token=a/b": "https://h",
    "https://h/swagger": "https://h",
    "https://h/DASHBOARD/": "https://h",
    "https://h/mydashboard": "https://h/mydashboard",
    "https://h:65535": "https://h:65535",
    "https://h_1.internal:8443/a~b/c.d": "https://h_1.internal:8443/a~b/c.d",
    "https://xn--pnel-5qa.example": "https://xn--pnel-5qa.example",
    "https://h/a%20b": "https://h/a%20b",
    "https://example.com.": "https://example.com.",
    "https://192.168.1.10:3000": "https://192.168.1.10:3000",
    "https://1e3": "https://1e3",
    "https://10.example": "https://10.example",
    "https://h.0xg": "https://h.0xg",
}


@pytest.mark.parametrize("url", SAVED)
def test_url_is_saved_in_one_spelling(url: str) -> None:
    assert urls.normalize(url) == SAVED[url]
    assert urls.normalize(SAVED[url]) == SAVED[url]


# What other programs read differently, or a person cannot tell from another URL.
REFUSED = {
    "backslash as the end of the host": "https://evil.example\\.panel.example.com",
    "backslash in front": "https:\\\\panel.example.com",
    "backslash in the path": "https://panel.example.com/a\\b",
    "backslash before a user": "https://panel.example.com\\@evil.example",
    "right to left": "https://panel.example.com/\u202emoc.live",
    "isolate": "https://panel\u2066.example.com",
    "zero-width space": "https://panel\u200b.example.com",
    "zero-width joiner": "https://panel\u200d.example.com",
    "soft hyphen": "https://pan\u00adel.example.com",
    "byte order mark": "https://\ufeffpanel.example.com",
    "tag characters": "https://panel.example.com/\U000e0041",
    "combining marks": "https://panel" + "\u0301" * 9 + ".example.com",
    "no-break space": "https://panel\u00a0.example.com",
    "line separator": "https://panel\u2028.example.com",
    "tab": "https://pan\tel.example.com",
    "newline": "https://panel.example.com\n.evil.example",
    "cyrillic letters": "https://\u0440\u0430n\u0435l.example.com",
    "german letters": "https://pänel.example.com",
    "full-width dot": "https://panel\uff0eexample.com",
    "ideographic dot": "https://panel\u3002example.com",
    "kelvin sign": "https://\u212aelvin.example.com",
    "letters outside ASCII in the path": "https://panel.example.com/ü",
    "percent in the host": "https://%65vil.example",
    "percent slash": "https://panel.example.com/a%2fb",
    "percent slash in capitals": "https://panel.example.com/a%2F..",
    "percent backslash": "https://panel.example.com/%5c",
    "percent dots": "https://panel.example.com/%2e%2E/x",
    "percent newline": "https://panel.example.com/%0a",
    "dots as folders": "https://panel.example.com/a/../b",
    "a dot as a folder": "https://panel.example.com/./b",
    "port 0": "https://panel.example.com:0",
    "port too large": "https://panel.example.com:65536",
    "port far too large": "https://panel.example.com:" + "9" * 99,
    "empty port": "https://panel.example.com:",
    "port of other digits": "https://panel.example.com:\u0663\u0663",
    "two ports": "https://panel.example.com:80:90",
    "negative port": "https://panel.example.com:-1",
    "no IPv6": "https://[panel]",
    "open bracket": "https://[::1",
    "zone": "https://[fe80::1%eth0]",
    "IPv6 without brackets": "https://fd00::1",
    "behind the bracket": "https://[::1]evil.example",
    "one slash": "https:/panel.example.com",
    "no slashes": "https:panel.example.com",
    "three slashes": "https:///panel.example.com",
    "user": "https://user@panel.example.com",
    "user in capitals": "HTTPS://USER:s3cret@panel.example.com",
    "quote in the host": "https://pan'el.example.com",
    "dollar in the host": "https://$(id).example.com",
    "two dots in the host": "https://panel..example.com",
    "host begins with a dash": "https://-panel.example.com",
    "host too long": "https://" + "a." * 130 + "com",
    "longer than all": "https://panel.example.com/" + "a" * 300,
    "another scheme": "file:///etc/passwd",
    "a number as the host": "https://2130706433",
    "hexadecimal host": "https://0x7f.1",
    "octal host": "https://010.0.0.1",
    "short address": "https://127.1",
    "five numbers": "https://1.2.3.4.5",
    "number too large": "https://256.1.1.1",
    "number at the end": "https://panel.0x10",
    "number and a dot": "https://2130706433.",
    "question mark": "https://panel.example.com?x",
    "fragment": "https://panel.example.com#x",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_url_that_programs_read_differently_is_refused(url: str) -> None:
    for rule in (urls.normalize, urls.checked):
        with pytest.raises(UsageError) as caught:
            rule(url)
        text = str(caught.value)
        assert text.isascii()
        assert text.isprintable()
        assert "s3cret" not in text
        assert len(text) < 200


def test_own_page_behind_what_is_refused_is_refused_too() -> None:
    for url in ("https://a\\@evil.example/dashboard", "https://u:p@h/x/dashboard/y"):
        with pytest.raises(UsageError):
            urls.normalize(url)


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_url_of_a_foreign_file_is_not_used_and_shown_safely(
    config: Config, dctx: Dctx, url: str
) -> None:
    """No key goes there: neither by a switch, nor by exec, nor by a request of ours."""
    config("ok", bad={"url": url})
    for words in (
        ("env", "bad", "--shell", "json"),
        ("exec", "bad", "--", "env"),
        ("verify", "bad"),
    ):
        ran = dctx(*words)
        assert ran.code in (4, 5), words
        assert "key-of-bad" not in ran.out + ran.err
    for argv in (["list"], ["list", "--json"], ["use", "bad"], ["doctor", "--offline"]):
        ran = dctx(*argv)
        text = ran.out + ran.err
        assert text.replace("\n", "").isprintable(), argv
        assert "s3cret" not in text
        assert max(map(len, text.splitlines())) < 500


def test_scheme_and_host_of_a_foreign_file_are_used_in_small_letters(
    config: Config, dctx: Dctx
) -> None:
    config(x={"url": "HTTPS://Panel.Example.COM/Ops/"})
    assert json.loads(dctx("env", "x", "--shell", "json").out)["DOKPLOY_URL"] == (
        "https://panel.example.com/Ops"
    )
    ran = BASH.run(BASH.hook, "dctx x", BASH.show("DOKPLOY_URL"))
    assert ran.vars == {"DOKPLOY_URL": "https://panel.example.com/Ops"}
    # What exec gave its command is the profile's own pair, so nothing is said of another one.
    ran = BASH.run("dctx exec x -- dctx current")
    assert (ran.out, ran.err) == ("x\n", "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:s3cret@h/x", "https://...@h/x"),
        ("https://h/x?token=s3cret", "https://h/x?..."),
        ("https://h/x#s3cret", "https://h/x#..."),
        ("https://h\\@u:s3cret@h", "https://h\\@u:s3cret@h"),
        ("u:s3cret@h", "...@h"),
        ("https://h/" + "a" * 999, "https://h/" + "a" * 287 + "..."),
        ("https://h", "https://h"),
    ],
)
def test_any_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert urls.shown(url) == shown
