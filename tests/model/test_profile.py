"""Names and URLs of profiles, and the errors for invalid ones."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.errors import UsageError
from dokploy_ctx.model.profile import NAME, check_new_name, command, nearest, shown, word
from dokploy_ctx.model.resolve import FIT
from dokploy_ctx.model.urls import is_plain_http, normalize
from tests.standin import StandIn

from ..alone import alone
from ..conftest import Result
from ..shells import DASH, Shell

Dctx = Callable[..., Result]
KEY = "SecretKey" * 7 + "x"


# A key in the wrong place.


@pytest.mark.parametrize("key", [KEY, f"Bearer {KEY}", f"team_{KEY}", "k" * 25])
def test_key_given_as_the_url_is_not_shown(dctx: Dctx, key: str) -> None:
    ran = dctx("auth", "a", "-u", key, "-t", "-", stdin="x")
    assert (ran.code, ran.err) == (
        2,
        "dctx: that is not a URL. Include https:// (or http://).\n",
    )


@pytest.mark.parametrize("url", ["panel", "k" * 24, f"{'k' * 40}.example.com", "ftp://x"])
def test_what_may_be_meant_as_a_url_is_shown(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        normalize(url)
    assert str(caught.value).startswith(f'"{url}" is not a URL')


@pytest.mark.parametrize(
    "words", [["a", KEY], ["a", KEY, "b"], ["-u", "http://127.0.0.1", "a", KEY]]
)
def test_key_given_behind_the_name_is_not_shown(dctx: Dctx, words: list[str]) -> None:
    ran = dctx("auth", *words)
    assert (ran.code, ran.err) == (
        2,
        "dctx: auth takes one name and one URL. See: dctx auth --help\n",
    )


def test_extra_word_of_another_command_is_shown(dctx: Dctx) -> None:
    ran = dctx("rename", "a", "b", "c")
    assert (ran.code, "(c)" in ran.err) == (2, True)


def test_word_too_long_for_a_name_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        check_new_name("team-" * 13, [])
    assert str(caught.value).startswith("a word of 65 characters cannot be a profile's name. Use 1")


@pytest.mark.parametrize(
    ("url", "abroad"),
    [
        ("http://h.example.com", True),
        ("HTTP://1.2.3.4:80", True),
        ("https://h.example.com", False),
        ("http://127.0.0.1:3000", False),
        ("http://[::1]", False),
        ("http://[oops", False),
        ("http://[", False),
    ],
)
def test_plain_http_abroad(url: str, abroad: bool) -> None:
    assert is_plain_http(url) is abroad


# Commands to be typed.

ODD = ["a b", "it's", "$(touch ran)", '"q"', "`touch ran`", "a;touch ran", "-x", "--all", "*", "ü"]


@pytest.mark.parametrize("name", ODD)
def test_command_with_any_name_does_what_it_says(
    config: Callable[..., Path], home: Path, name: str, any_shell: Shell
) -> None:
    config("good", **{name: {"url": "http://127.0.0.1:9", "token": "k", "protected": False}})
    verify = command("verify", name)
    ran = any_shell.run(verify)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: 1 of 1 failed: {shown(name)}. What to do is said of each. Then run: {verify}\n"
    )
    auth = command("auth", name, f"-u {word('http://127.0.0.1/$(id>ran)')} --no-check -t -")
    assert any_shell.run(f"echo new | {auth}").code == 0
    saved = json.loads((home / ".dokploy" / "config.json").read_text("utf-8"))["profiles"]
    assert (saved[name]["token"], saved[name]["url"]) == ("new", "http://127.0.0.1/$(id>ran)")
    ran = any_shell.run(command("rotate", "good", f"--profile {word(name)}"))
    assert (ran.code, "is not on the panel of" in ran.err) == (2, True)
    assert not (home / "ran").exists()


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[2Jb", "a\u202eb"])
def test_command_with_a_name_that_no_terminal_shows_is_harmless(name: str) -> None:
    assert command("verify", name).isprintable()


NO_KEY = {"url": None, "token": "k"}


@pytest.mark.parametrize("name", ["a b", "$(touch ran)", "-x"])
def test_remedies_name_the_profile_as_it_can_be_typed(
    dctx: Dctx, config: Callable[..., Path], name: str
) -> None:
    old = {"expiresAt": "2020-01-01T00:00:00Z", "url": "http://127.0.0.1:9"}
    config(**{name: NO_KEY})
    said = [dctx("verify", "--", name).out, dctx("doctor", "--offline").out]
    assert all(command("auth", name, "-u URL") + "\n" in text for text in said)
    config(**{name: old})
    ran = dctx("exec", "--", name, "true")
    assert ran.err.endswith(f"expired on 2020-01-01. Run: {command('verify', name)}\n")
    assert command("auth", name, "-u http://127.0.0.1:9") in dctx("doctor", "--offline").out
    config(**{name: {"protected": True}})
    asked = alone("dctx", "unprotect", "--", name)
    assert asked.err.endswith(f"set DCTX_YES={word(name)}\n")
    config("ok", **{name: {"url": "https://x.example.com"}})
    assert f"Run: {command('rename', name)} NEW" in dctx("doctor", "--offline").out


@pytest.mark.parametrize("name", ["a b", "$(touch ran)", "-x"])
def test_remedies_for_a_refused_key_can_be_typed(
    dctx: Dctx, config: Callable[..., Path], panel: StandIn, name: str
) -> None:
    acme = {"id": panel.organization("Acme").id, "name": "Acme"}
    mine = {"url": panel.url, "token": "k" * 64, "organization": acme}
    config(**{name: mine})
    assert command("auth", name, f"-u {panel.url}") in dctx("verify", "--", name).out
    other = f"{name} 2"
    config(**{name: mine, other: {**mine, "token": panel.key_of("Acme")}})
    ran = dctx("verify", "--", name)
    assert command("rotate", name, f"--profile {word(other)}") in ran.out
    config(**{name: {**mine, "token": panel.key_of("Globex")}})
    assert command("auth", name, f"-u {panel.url}") in dctx("verify", "--", name).out


@pytest.mark.parametrize("name", ["a", "a b", "$(touch ran)", "-x", "it's"])
def test_switch_in_a_shell_without_a_hook_says_what_switches_it(
    config: Callable[..., Path], name: str
) -> None:
    sh = DASH
    config("other", **{name: {"url": "https://x.example.com"}})
    ran = sh.run(f"dctx switch -- {word(name)}", env={"SHELL": "/bin/dash"})
    start = "dctx: dctx cannot switch this shell. For one command, run: "
    line = f'eval "$({command("env", name, "--shell sh")})"'
    assert ran.code == 1
    assert ran.err.startswith(start) and ran.err.endswith(f" Or: {line}\n")
    load = "export DOKPLOY_URL=mine"
    ran = sh.run(load, line, sh.show("?", "DOKPLOY_PROFILE", "DOKPLOY_API_KEY"))
    assert ran.vars == {"?": "0", "DOKPLOY_PROFILE": name, "DOKPLOY_API_KEY": f"key-of-{name}"}
    off = sh.run("dctx off", env={"SHELL": "/bin/dash"}).err
    unset = 'eval "$(dctx env --off --shell sh)"'
    assert off.startswith(start) and off.endswith(f" Or: {unset}\n")
    ran = sh.run(load, line, unset, sh.show("DOKPLOY_PROFILE", "DOKPLOY_URL"))
    assert ran.vars == {"DOKPLOY_PROFILE": None, "DOKPLOY_URL": "mine"}
    unnamed = 'eval "$(dctx env NAME --shell sh)"'
    back = sh.run("dctx -", env={"SHELL": "/bin/dash"})
    assert (back.code, back.err) == (
        1,
        f"{start}dctx exec NAME -- COMMAND, or: dokploy --profile NAME ... Or: {unnamed}\n",
    )


@pytest.mark.parametrize("rule", [NAME, FIT], ids=["name", "shown"])
def test_name_has_1_to_64_characters_and_no_line_end(rule: re.Pattern[str]) -> None:
    assert rule.match("a")
    assert rule.match("a" * 64)
    assert not any(rule.match(text) for text in ("", "a" * 65, "a\n", "\na", "a b"))


# What may have been meant.


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("stagng", "staging"),
        ("stage", "staging"),
        ("satging", "staging"),
        ("STAGING", "staging"),
        ("sta", "staging"),
        ("acme", "client-acme"),
        ("production", "prod"),
        ("proto", "prod"),
        ("su", "us"),
        ("us-1", "us"),
        ("usage", ""),
        ("abracadabra", "abr"),
        ("login", ""),
        ("dev", ""),
        ("denver", ""),
        ("demur", "demeter"),
        ("", ""),
    ],
)
def test_nearest_is_what_may_have_been_meant(typed: str, near: str) -> None:
    names = ["prod", "staging", "client-acme", "us", "abr", "demeter"]
    assert ", ".join(nearest(typed, names)) == near


def test_nearest_are_the_best_three_whatever_their_case() -> None:
    names = ["Staging-1", "staging-22", "STAGING", "staging-333", "x"]
    assert nearest("stagin", names) == ["STAGING", "Staging-1", "staging-22"]


def test_nearest_has_seven_letters_of_ten_in_common() -> None:
    assert nearest("xyzdefghij", ["abcdefghij"]) == ["abcdefghij"]
    assert nearest("xyzyefghij", ["abcdefghij"]) == []
    assert nearest("xy", ["", "prod"]) == []
