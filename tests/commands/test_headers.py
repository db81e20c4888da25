"""Panels behind an access proxy: what `auth` saves, and who sends it where."""

from __future__ import annotations

import contextlib
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.shells import rows
from tests.standin import StandIn
from tests.standin.gate import Gate

from ..alone import alone
from ..conftest import Result
from ..shells import BASH
from ..terminal import ENTER, Terminal
from .conftest import file_keyring, procedures

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
ID, SECRET = "mark-client-id.access", "mark-S3cret-of-the-service-token"
WANTED = {"CF-Access-Client-Id": ID, "CF-Access-Client-Secret": SECRET}
NAMES = "CF-Access-Client-Id, CF-Access-Client-Secret"
OPTIONS = ("--header", "CF-Access-Client-Id", "--header", "CF-Access-Client-Secret")
VALUES = f"{ID}\n{SECRET}\n"


@pytest.fixture
def dctx(dctx: Dctx, other: StandIn) -> Iterator[Dctx]:
    """Return the fixture `dctx`; check that no header's value is printed or reaches `other`."""
    printed: list[str] = []

    def run(*argv: str, **how: Any) -> Result:
        ran = dctx(*argv, **how)
        printed.append(ran.out + ran.err)
        return ran

    yield run
    for value in WANTED.values():
        assert not any(value in text for text in printed)
        assert not any(value in f"{seen.headers} {seen.body}" for seen in other.requests)


@pytest.fixture
def gated(panel: StandIn) -> StandIn:
    """The panel, behind an access proxy."""
    panel.gate = Gate(WANTED)
    return panel


def let_through(panel: StandIn) -> None:
    """Fail if the access proxy had to refuse a request."""
    assert panel.requests
    for seen in panel.requests:
        assert {name: seen.headers.get(name.lower()) for name in WANTED} == WANTED


# What auth says of a proxy, and saves.


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("redirect", "redirects to a login page on standin.cloudflareaccess.com. If an access"),
        ("basic", "asks for a user name and password (HTTP basic auth). Save them as a header: "),
        ("forbidden", "answers 403 with a web page, which is not the panel's: an access proxy or"),
    ],
)
def test_auth_without_the_header_names_the_option(
    dctx: Dctx, gated: StandIn, saved: Saved, kind: str, words: str
) -> None:
    gated.gate.kind = kind
    ran = dctx("auth", "acme", "-u", gated.url, "-t", "-", stdin=gated.key_of("Acme"))
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith(f"dctx: {gated.url} {words}")
    assert "dctx auth NAME --header" in ran.err
    assert ran.err.count("\n") == 1
    assert saved() == {}


def test_auth_with_a_wrong_value_says_that_the_proxy_does_not_take_it(
    dctx: Dctx, gated: StandIn, saved: Saved
) -> None:
    key = gated.key_of("Acme")
    ran = dctx("auth", "acme", "-u", gated.url, "-t", "-", *OPTIONS, stdin=f"{key}\na\nb\n")
    assert ran.code == 5
    assert "the access proxy did not accept the profile's headers" in ran.err
    gated.gate = Gate({"Authorization": "Basic abc"}, "basic")
    lines = f"{key}\nBasic wrong-{SECRET}\n"
    ran = dctx("auth", "a", "-u", gated.url, "-t", "-", "--header", "Authorization", stdin=lines)
    assert ran.code == 5
    assert "refuses the user name and password of the profile's header Authorization" in ran.err
    assert saved() == {}


def test_key_is_the_first_line_of_stdin_and_each_header_one_more(
    dctx: Dctx, gated: StandIn, saved: Saved
) -> None:
    key = gated.key_of("Acme")
    argv = ("auth", *OPTIONS[:2], "acme", "-t", "-", *OPTIONS[2:], "-u", gated.url)
    ran = dctx(*argv, stdin=f"{key}\n{VALUES}not read\n")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"Saved profile acme ({gated.url}, organization Acme). It is now the default.\n"
        f"acme sends {gated.url} its own headers ({NAMES}).\n"
    )
    assert saved()["acme"]["headers"] == WANTED
    assert saved()["acme"]["token"] == key
    let_through(gated)


def test_a_question_that_nobody_can_see_is_refused(
    gated: StandIn, home: Path, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    key = gated.key_of("Acme")
    asks = f"dctx auth acme -u {gated.url} -t {key} {shlex.join(OPTIONS)} 2>err"
    term.line(f" {asks}; echo $? >code")
    assert (home / "code").read_text() == "2\n"
    assert (home / "err").read_text().partition("\n")[2] == (
        "dctx: the value of the header CF-Access-Client-Id is required, and there is no terminal "
        "to ask on. Put it on stdin, on a line of its own.\n"
    )
    assert saved() == {}


def test_values_are_asked_hidden_on_a_terminal(
    gated: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type(f"dctx auth acme -u {gated.url} {shlex.join(OPTIONS)}{ENTER}")
    term.wait(lambda: "API key" in term.screen)
    term.type(gated.key_of("Acme") + ENTER)
    term.wait(lambda: "Value of the header CF-Access-Client-Id (not shown)" in term.screen)
    term.type(ID + ENTER)
    term.wait(lambda: "Value of the header CF-Access-Client-Secret (not shown)" in term.screen)
    term.key(SECRET + ENTER)
    assert term.line("echo $?") == "0"
    assert saved()["acme"]["headers"] == WANTED
    assert ID.encode() not in term.raw
    assert SECRET.encode() not in term.raw


def test_too_few_lines_save_nothing(dctx: Dctx, gated: StandIn, saved: Saved) -> None:
    lines = f"{gated.key_of('Acme')}\n{ID}\n"
    ran = dctx("auth", "acme", "-u", gated.url, "-t", "-", *OPTIONS, stdin=lines)
    assert (ran.code, ran.err) == (
        2,
        (
            "dctx: the value of the header CF-Access-Client-Secret is not on stdin. "
            "Put it on a line of its own.\n"
        ),
    )
    assert saved() == {}
    assert gated.requests == ()


def test_value_in_argv_works_with_a_warning(dctx: Dctx, panel: StandIn, saved: Saved) -> None:
    key = panel.key_of("Acme")
    ran = dctx("auth", "a", "-u", panel.url, "-t", "-", "--header", f" X-A :  {ID} ", stdin=key)
    assert ran.code == 0
    assert ran.err.startswith(
        "dctx: warning: a value on the command line stays in the shell's history and is visible "
        "in ps. Use --header X-A\n"
    )
    assert saved()["a"]["headers"] == {"X-A": ID}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--header", f"no token: {SECRET}"], "a header name is made of letters, digits and -"),
        (["--header", f"{SECRET} "[:-1] + " x"], "a header name is made of letters, digits"),
        (["--header", f"Host: {SECRET}"], "the header Host is not one that a profile can set"),
        (["--header", f"Cookie: {SECRET}"], "the header Cookie is not one that a profile can set"),
        (["--header", f"X-A: {SECRET}\r\nX-Evil: 1"], "contains a character that no header can"),
        (["--header", f"X-A: {SECRET}\u20ac"], "contains a character that no header can"),
        (["--header", "X-A:"], "the header X-A is not saved, so it cannot be removed."),
        (["--header", f"X-A: {SECRET}", "--header", "x-a"], "the header x-a was given twice."),
        (
            ["--header", f"X-A: {SECRET}", "--headers-command", "x"],
            "--header and --headers-command exclude each other. Use one of them.",
        ),
        (["--headers-command", "'open"], "--headers-command cannot be split into words"),
        (["--header", "X-A: " + SECRET * 300], "they are longer than 8192 characters together"),
    ],
)
def test_what_is_no_header_saves_nothing_and_asks_nobody(
    dctx: Dctx, panel: StandIn, saved: Saved, options: list[str], words: str
) -> None:
    ran = dctx("auth", "a", "-u", panel.url, "-t", "-", *options, stdin=panel.key_of("Acme"))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err.splitlines()[-1]
    assert saved() == {}
    assert panel.requests == ()


def test_unquoted_header_does_not_become_a_profile(
    dctx: Dctx, panel: StandIn, saved: Saved
) -> None:
    ran = dctx("auth", "-u", panel.url, "-t", "-", "--header", "X-A:", SECRET, stdin="key")
    assert (ran.code, saved()) == (2, {})
    assert "To save one, quote it: --header 'X-A: value'" in ran.err


# A profile that exists already.


@pytest.fixture
def acme(point: Callable[..., Path], gated: StandIn) -> StandIn:
    """The panel behind its proxy, with a profile acme that has the headers, and one without."""
    point(acme={"organization": "Acme", "headers": WANTED, "theirs": 7}, bare="Acme")
    return gated


def test_header_alone_keeps_the_key(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    before = saved()["bare"]
    ran = dctx("auth", "bare", *OPTIONS, stdin=VALUES)
    assert (ran.code, ran.out) == (0, "")
    assert f"bare sends {acme.url} its own headers ({NAMES}).\n" in ran.err
    assert saved()["bare"] == {**before, "headers": WANTED}
    let_through(acme)


def test_header_alone_keeps_the_key_where_it_is(
    dctx: Dctx, gated: StandIn, saved: Saved, home: Path, config: Callable[..., Path]
) -> None:
    env = file_keyring(home)
    (home / "vault.json").write_text(json.dumps({"u1": gated.key_of("Acme")}), "utf-8")
    command = ["echo", gated.key_of("Acme")]
    config(
        kept={"url": gated.url, "token": None, "keyring": "u1"},
        asked={"url": gated.url, "token": None, "tokenCommand": command},
    )
    for name, where in (("kept", {"keyring": "u1"}), ("asked", {"tokenCommand": command})):
        assert dctx("auth", name, *OPTIONS, stdin=VALUES, env=env).code == 0
        organization = {"id": gated.organization("Acme").id, "name": "Acme"}
        wanted = {"url": gated.url, **where, "organization": organization, "headers": WANTED}
        assert saved()[name] == wanted
    assert json.loads((home / "vault.json").read_text("utf-8")) == {"u1": gated.key_of("Acme")}


def test_new_key_keeps_the_headers_and_all_else(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    ran = dctx("auth", "acme", "-t", "-", stdin=acme.key_of("Globex"))
    assert ran.code == 0
    assert saved()["acme"]["headers"] == WANTED
    assert saved()["acme"]["theirs"] == 7
    assert saved()["acme"]["token"] == acme.key_of("Globex")
    let_through(acme)


def test_one_header_is_replaced_added_and_removed(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    acme.gate = Gate()
    dctx("auth", "acme", "--header", "cf-access-client-id", stdin="new-value\n")
    assert saved()["acme"]["headers"] == {
        "CF-Access-Client-Secret": SECRET,
        "cf-access-client-id": "new-value",
    }
    dctx("auth", "acme", "--header", "X-A", stdin="caf\xe9\n")
    assert saved()["acme"]["headers"]["X-A"] == "caf\xe9"
    seen = acme.requests[-1].headers
    assert (seen["cf-access-client-id"], seen["x-a"]) == ("new-value", "caf\xe9")
    argv = [f"--header={name}:" for name in ("x-a", "CF-ACCESS-CLIENT-ID")]
    assert dctx("auth", "acme", *argv).code == 0
    assert saved()["acme"]["headers"] == {"CF-Access-Client-Secret": SECRET}
    ran = dctx("auth", "acme", "--header", "CF-Access-Client-Secret:")
    assert f"acme sends {acme.url} no headers of its own.\n" in ran.err
    assert "headers" not in saved()["acme"]
    assert saved()["acme"]["theirs"] == 7


def test_other_origin_gets_none_of_them(
    dctx: Dctx, acme: StandIn, other: StandIn, saved: Saved
) -> None:
    ran = dctx("auth", "acme", "-u", other.url, "-t", "-", stdin=other.key_of("Acme"))
    assert ran.code == 0
    assert (
        f"dctx: warning: the headers of acme were for {acme.url} ({NAMES}), so they were removed "
        f"and are not sent to {other.url}. To save others, use --header\n"
    ) in ran.err
    assert saved()["acme"]["url"] == other.url
    assert not {"headers", "headersCommand"} & saved()["acme"].keys()
    assert other.requests
    assert acme.requests == ()


def test_other_origin_does_not_run_their_program(
    dctx: Dctx,
    config: Callable[..., Path],
    panel: StandIn,
    other: StandIn,
    saved: Saved,
    home: Path,
) -> None:
    program = ["sh", "-c", f"touch {home}/ran; echo '{{}}'"]
    config(acme={"url": panel.url, "headersCommand": program})
    ran = dctx("auth", "acme", "-u", other.url, "-t", "-", stdin=other.key_of("Acme"))
    assert ran.code == 0
    assert f"the headers of acme were for {panel.url}, so they were removed" in ran.err
    assert not (home / "ran").exists()
    assert "headersCommand" not in saved()["acme"]


def test_same_origin_under_another_path_keeps_them(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    argv = ("auth", "acme", "-u", f"{acme.url}/base", "-t", "-", "--no-check")
    assert dctx(*argv, stdin="some-key").code == 0
    assert saved()["acme"]["headers"] == WANTED


def test_shape_that_is_none_is_replaced_as_the_error_says(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn, saved: Saved
) -> None:
    point(acme={"organization": "Acme", "headers": ["x"]})
    ran = dctx("verify", "acme")
    assert 'the headers of profile "acme" are invalid' in ran.out
    assert dctx("auth", "acme", *OPTIONS, stdin=VALUES).code == 0
    assert saved()["acme"]["headers"] == WANTED


def test_protected_profile_asks_before_its_headers_change(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn, saved: Saved
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    ran = dctx("auth", "acme", *OPTIONS, stdin=VALUES)
    assert ran.code == 6
    assert "To change its headers, set DCTX_YES=acme" in ran.err
    assert "headers" not in saved()["acme"]
    assert dctx("auth", "acme", *OPTIONS, stdin=VALUES, env={"DCTX_YES": "acme"}).code == 0
    assert saved()["acme"]["headers"] == WANTED


# A program that prints them.


def test_program_is_saved_as_words_and_asked_once_a_command(
    dctx: Dctx, gated: StandIn, saved: Saved, home: Path
) -> None:
    (home / "headers.json").write_text(json.dumps(WANTED), "utf-8")
    script = home / "print headers"
    script.write_text('#!/bin/sh\necho "$1" >>log\ncat headers.json\n', "utf-8")
    script.chmod(0o755)
    key, line = gated.key_of("Acme"), shlex.join([str(script), "a b"])
    argv = ("auth", "acme", "-u", gated.url, "-t", "-", "--headers-command", line)
    ran = dctx(*argv, stdin=key)
    assert (ran.code, ran.out) == (0, "")
    assert f"acme sends {gated.url} the headers that its command prints.\n" in ran.err
    assert saved()["acme"]["headersCommand"] == [str(script), "a b"]
    assert "headers" not in saved()["acme"]
    for words in (["verify", "acme"], ["rotate", "acme"], ["orgs", "sync", "--yes"]):
        (home / "log").unlink()
        assert dctx(*words).code == 0
        assert (home / "log").read_text("utf-8") == "a b\n"
    assert {tuple(entry["headersCommand"]) for entry in saved().values()} == {(str(script), "a b")}
    let_through(gated)
    # One kind takes the other's place, and both can be removed.
    dctx("auth", "acme", *OPTIONS, stdin=VALUES)
    assert saved()["acme"]["headers"] == WANTED
    assert "headersCommand" not in saved()["acme"]
    assert dctx("auth", "acme", "--headers-command", line).code == 0
    assert "headers" not in saved()["acme"]
    assert dctx("auth", "acme", "--headers-command", "", "--no-check").code == 0
    assert "headersCommand" not in saved()["acme"]


def test_program_that_fails_is_one_line_and_asks_no_panel(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn
) -> None:
    point(acme={"organization": "Acme", "headersCommand": ["sh", "-c", f"echo {SECRET}"]})
    ran = dctx("orgs")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        'dctx: headersCommand of "acme" ("sh") did not print one JSON object. '
        "Check what it prints.\n"
    )
    assert gated.requests == ()


# Every command that talks to the panel.


def test_commands_send_them(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    for words in (
        ["verify", "acme"],
        ["orgs", "--profile", "acme"],
        ["orgs", "add", "Globex", "--profile", "acme"],
        ["orgs", "sync", "--yes", "--profile", "acme"],
        ["rotate", "globex"],
        ["rotate", "globex", "--profile", "acme"],
        ["verify", "globex", "initech"],
        ["remove", "--revoke", "initech"],
    ):
        ran = dctx(*words)
        assert ran.code == 0, (words, ran)
    assert f"ok  panel    {acme.url} is up\n" in dctx("doctor").out
    assert saved()["globex"]["headers"] == WANTED
    let_through(acme)


def test_key_that_cannot_be_saved_is_taken_back_through_the_proxy(
    dctx: Dctx, acme: StandIn, home: Path
) -> None:
    keys = {row.id for row in acme.keys}
    acme.fail_next("organization.all", 500)
    ran = dctx("orgs", "add", "Globex", "--profile", "acme")
    assert ran.code != 0
    acme.drop_next("user.createApiKey")
    ran = dctx("orgs", "add", "Globex", "--profile", "acme")
    assert "was deleted again" in ran.err
    assert {row.id for row in acme.keys} == keys
    let_through(acme)


def test_refused_key_is_explained_through_the_proxy(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn
) -> None:
    point(
        acme={"organization": "Acme", "headers": WANTED},
        globex={"organization": "Globex", "headers": WANTED, "token": "gone", "keyId": "k1"},
    )
    ran = dctx("verify", "globex")
    assert ran.code == 5
    assert "acme does not list the key" in ran.out
    ran = dctx("remove", "--revoke", "globex")
    assert "was deleted on" in ran.err
    let_through(gated)


def test_program_of_another_profile_is_not_run_to_explain_a_refusal(
    dctx: Dctx, point: Callable[..., Path], panel: StandIn, home: Path
) -> None:
    program = ["sh", "-c", f"touch {home}/ran; echo '{{}}'"]
    point(
        acme={"organization": "Acme", "headersCommand": program},
        globex={"organization": "Globex", "token": "gone", "keyId": "k1"},
    )
    assert "deleted, has expired, or is rate limited" in dctx("verify", "globex").out
    assert dctx("remove", "--revoke", "globex").code == 5
    assert not (home / "ran").exists()


PROGRAM = {"organization": "Acme", "headersCommand": ["false"]}
SAVED = {"organization": "Acme", "headers": WANTED}


@pytest.mark.parametrize(
    ("profiles", "words"),
    [
        ({"a": SAVED, "b": "Acme", "c": PROGRAM}, "is up"),
        ({"a": PROGRAM, "b": "Acme", "c": SAVED}, "is up"),
        ({"a": "Acme", "b": PROGRAM}, "was not asked, since a program has its headers"),
        ({"a": PROGRAM, "b": "Acme"}, "was not asked, since a program has its headers"),
        ({"a": "Acme"}, "redirects to a login page on standin.cloudflareaccess.com"),
    ],
)
def test_doctor_asks_a_panel_with_what_one_of_its_profiles_has(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn, profiles: dict[str, Any], words: str
) -> None:
    point(**profiles)
    lines = [line for line in dctx("doctor").out.splitlines() if line[4:].startswith("panel ")]
    assert len(lines) == 1
    assert f"{gated.url} {words}" in lines[0]
    assert lines[0].startswith("!!" if words.startswith("redirects") else "ok")


def test_doctor_runs_no_program_for_them(
    dctx: Dctx, point: Callable[..., Path], gated: StandIn, home: Path
) -> None:
    program = ["sh", "-c", f"touch {home}/ran; echo '{{}}'"]
    point(acme={"organization": "Acme", "headersCommand": program})
    ran = dctx("doctor")
    assert f"ok  panel    {gated.url} was not asked, since a program has its headers" in ran.out
    assert not (home / "ran").exists()
    assert gated.requests == ()
    point(acme={"organization": "Acme", "headers": "x"})
    assert '!!  profile  the headers of profile "acme" are invalid' in dctx("doctor").out


# Places where the values must not be.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("login", [True, False])
def test_redirect_gets_neither_key_nor_headers(
    dctx: Dctx, acme: StandIn, other: StandIn, status: int, login: bool
) -> None:
    if login:
        acme.gate = Gate({"X-Other": "x"}, login_url=f"{other.url}/cdn-cgi/access/login/p")
    else:
        acme.redirect_to, acme.redirect_status = other.url, status
    for words in (
        ["verify", "acme"],
        ["orgs", "--profile", "acme"],
        ["rotate", "acme"],
        ["auth", "acme", "--header", "X-A"],
    ):
        assert dctx(*words, stdin="value-of-x-a\n").code in (1, 5)
    assert len(acme.requests) >= 4
    assert other.requests == ()


def test_nothing_prints_them(dctx: Dctx, acme: StandIn, home: Path) -> None:
    """The fixture looks through all that was printed."""
    dctx("use", "acme")
    for words in (
        ["list"],
        ["list", "--json"],
        ["current", "--json"],
        ["profiles", "list", "--json"],
        ["export"],
        ["verify", "--json"],
        ["doctor"],
    ):
        ran = dctx(*words)
        assert ran.out, words
    for shell in (*rows.SHELLS, "json", "dotenv"):
        told = alone("dctx", "env", "acme", "--shell", shell)
        # The text for a shell asks for the key, while a file for a tool contains it.
        assert (acme.key_of("Acme") in told.out) == (shell in ("json", "dotenv")), shell
        assert not any(value in told.out + told.err for value in WANTED.values())
    (home / ".dokploy" / "config.json").chmod(0o644)
    assert "made it private" in dctx("list").err


@pytest.mark.skipif(sys.platform != "linux", reason="/proc exists for Linux only")
def test_no_command_line_has_them(panel: StandIn, home: Path) -> None:
    """Looked at while the panel is asked: by then every value was read."""
    panel.gate, panel.delay = Gate(WANTED), 2.0
    printer = ["sh", "-c", "cat headers.json; sleep 1"]
    (home / "headers.json").write_text(json.dumps(WANTED), "utf-8")
    argv = ["dctx", "auth", "acme", "-u", panel.url, "-t", "-"]
    for options, lines in (
        (list(OPTIONS), VALUES),
        (["--headers-command", shlex.join(printer)], ""),
    ):
        panel.forget_requests()
        dctx = subprocess.Popen([*argv, *options], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert dctx.stdin is not None
        dctx.stdin.write(f"{panel.key_of('Acme')}\n{lines}".encode())
        dctx.stdin.close()
        seen = set()
        while dctx.poll() is None:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.add(path.read_bytes())
        assert dctx.returncode == 0
        let_through(panel)
        assert any(b"acme" in line for line in seen)
        assert not any(value.encode() in line for line in seen for value in WANTED.values())


def test_echo_of_a_value_is_masked(dctx: Dctx, acme: StandIn) -> None:
    from urllib.parse import quote

    plain = "Bearer mark-OfThe/+=Echo"
    acme.gate = Gate()
    assert dctx("auth", "acme", "--header", "Authorization", stdin=plain).code == 0
    for text in (plain, plain[7:], quote(plain, safe=""), quote(plain[7:], safe="")):
        acme.redirect_to = f"http://127.0.0.1:9/echo/{text}"
        ran = dctx("verify", "acme")
        assert "redirects to http://127.0.0.1:9/echo/" in ran.out
        assert "OfThe" not in ran.out
        assert acme.key_of("Acme") not in ran.out


def test_files_for_others_do_not_have_them(
    dctx: Dctx, acme: StandIn, saved: Saved, home: Path, other: StandIn
) -> None:
    ran = dctx("export")
    assert {"headers", "headersCommand"} & set(ran.out.split('"')) == set()
    theirs = {
        "new": {"url": acme.url, "headers": {"X-A": "theirs"}, "headersCommand": ["touch", "x"]},
        "acme": {"url": acme.url, "headers": {"X-A": "theirs"}, "protected": True},
    }
    (home / "team.json").write_text(json.dumps({"profiles": theirs}), "utf-8")
    assert dctx("import", "team.json", "--yes").code == 0
    assert saved()["acme"]["headers"] == WANTED
    assert saved()["new"] == {"url": acme.url}


def test_import_does_not_take_them_to_another_server(
    dctx: Dctx,
    config: Callable[..., Path],
    panel: StandIn,
    other: StandIn,
    saved: Saved,
    home: Path,
) -> None:
    """Not even if the profile has no key, for which the URL would be kept."""
    config(acme={"url": panel.url, "token": None, "headers": WANTED})
    theirs = {"acme": {"url": other.url, "token": "their-key"}}
    (home / "team.json").write_text(json.dumps({"profiles": theirs}), "utf-8")
    ran = dctx("import", "team.json", "--yes")
    assert f"its headers stay with {panel.url}, so the file's {other.url} was ignored." in ran.err
    assert saved()["acme"] == {"url": panel.url, "headers": WANTED}


def test_rename_and_remove_take_them_along(dctx: Dctx, acme: StandIn, saved: Saved) -> None:
    dctx("rename", "acme", "next")
    assert saved()["next"]["headers"] == WANTED
    dctx("remove", "next")
    assert "next" not in saved()
    assert procedures(acme) == []
