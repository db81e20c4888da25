"""`dctx auth` asks the panel whose the key is, and gives a reason for each refusal."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, ROOT
from ..terminal import CTRL_C, CTRL_D, ENTER, Terminal
from .conftest import file_keyring, procedures

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
REFUSED = (
    "{url} refused the API key (401): the key was never valid, was deleted, has expired, is "
    "rate limited, or was made without an organization. Create a new one under "
    "Settings > Profile > API/CLI Keys"
)


@pytest.fixture
def auth(dctx: Dctx, panel: StandIn) -> Callable[..., Result]:
    """Return a function that saves a profile: auth("prod", key, "--more", url=…)."""

    def run(name: str, key: str, *more: str, url: str | None = None, **how: Any) -> Result:
        return dctx("auth", name, "-u", url or panel.url, "-t", "-", *more, stdin=key, **how)

    return run


def test_auth_saves_what_the_panel_says_in_one_request(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    ran = auth("acme", panel.key_of("Acme"))
    assert (ran.code, ran.out) == (0, "")
    assert (
        ran.err == f"Saved profile acme ({panel.url}, organization Acme). It is now the default.\n"
    )
    assert saved() == {
        "acme": {
            "url": panel.url,
            "organization": {"id": panel.organization("Acme").id, "name": "Acme"},
            "token": panel.key_of("Acme"),
        }
    }
    assert procedures(panel) == ["user.get,organization.all"]
    assert panel.requests[0].path.startswith("/api/trpc/")


@pytest.mark.parametrize(
    ("form", "notice"),
    [
        ("{}\n", False),
        ("{}\r\n", False),
        ("  {}\t", False),
        ('"{}"', True),
        ("'{}'", True),
        ("Bearer {}", True),
        ("bearer  {} ", True),
        (" 'Bearer {}' ", True),
        ("Bearer '{}'", True),
        ("x-api-key: {}", True),
        ("DOKPLOY_API_KEY={}", True),
        ("export DOKPLOY_API_KEY='{}'", True),
        ("curl -H 'x-api-key: {}'", True),
        ("curl -X GET \\\n  -H 'x-api-key: {}'", True),
    ],
)
def test_pasted_key_is_cleaned_with_a_notice(
    auth: Callable[..., Result], panel: StandIn, saved: Saved, form: str, notice: bool
) -> None:
    ran = auth("acme", form.format(panel.key_of("Acme")))
    words = "Used only the API key in the pasted text.\n" if notice else ""
    assert (
        ran.err
        == f"{words}Saved profile acme ({panel.url}, organization Acme). It is now the default.\n"
    )
    assert saved()["acme"]["token"] == panel.key_of("Acme")


def test_a_key_with_a_blank_is_told_so(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    ran = auth("acme", "two words")
    assert (ran.code, saved()) == (2, {})
    assert ran.err == (
        "dctx: an API key contains no blanks, and this text does. "
        "Copy the key again from the panel.\n"
    )
    assert panel.requests == ()


@pytest.mark.parametrize("key", ["k\x07y", "ключ", "k" * 513])
def test_what_is_no_key_is_asked_nowhere(
    auth: Callable[..., Result], panel: StandIn, saved: Saved, key: str
) -> None:
    ran = auth("acme", key)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dctx: this is not an API key. Copy the key again from the panel.\n"
    assert panel.requests == ()
    assert saved() == {}


@pytest.mark.parametrize("key", ["", "\n", " \r\n"])
def test_empty_secret_is_called_empty(
    auth: Callable[..., Result], panel: StandIn, saved: Saved, key: str
) -> None:
    ran = auth("acme", key)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "dctx: the API key on stdin is empty. Check that the secret exists and is passed to this "
        "job, or that the command before the pipe prints the key.\n"
    )
    assert panel.requests == ()
    assert saved() == {}


def test_key_in_argv_works_with_a_warning(dctx: Dctx, panel: StandIn, saved: Saved) -> None:
    ran = dctx("auth", "-p", "acme", "-u", panel.url, "-t", panel.key_of("Acme"))
    assert ran.code == 0
    assert ran.err == (
        "dctx: warning: a key on the command line stays in the shell's history and is visible in "
        "ps. Use -t - and stdin\n"
        f"Saved profile acme ({panel.url}, organization Acme). It is now the default.\n"
    )
    assert list(saved()) == ["acme"]


def test_two_names_are_refused_and_the_same_twice_is_one(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    ran = auth("a", panel.key_of("Acme"), "--profile", "b")
    assert (ran.code, ran.err) == (2, 'dctx: two names were given: "a" and "b". Use one.\n')
    assert auth("a", panel.key_of("Acme"), "--profile", "a").code == 0
    assert list(saved()) == ["a"]


def test_refused_key_saves_nothing(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    ran = auth("acme", "k" * 64)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == f"dctx: {REFUSED.format(url=panel.url)}\n"
    assert saved() == {}
    assert procedures(panel) == ["user.get,organization.all", "settings.health"]
    assert [seen.key for seen in panel.requests] == ["k" * 64, ""]


def test_key_without_organization_is_among_the_reasons(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    row = panel.add_key(panel.users[0], None)
    assert auth("acme", row.key).err == f"dctx: {REFUSED.format(url=panel.url)}\n"
    assert saved() == {}


def test_database_down_is_no_refusal(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    panel.database_down = True
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        f"dctx: {panel.url} is up, but its database is not, so no key can be "
        "checked. Try again later.\n"
    )
    assert saved() == {}


def test_user_who_left_the_organization(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    panel.remove_member(panel.users[0], panel.organization("Acme"))
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        "dctx: the API key works, but its user is no longer a member of the organization, or the "
        "organization was deleted. Create a key for another organization.\n"
    )
    assert saved() == {}


def test_organization_that_is_gone(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    key = panel.key_of("Acme")
    panel.delete_organization(panel.organization("Acme"))
    ran = auth("acme", key)
    assert ran.code == 5
    assert ran.err == (
        "dctx: the API key works, but its user is no longer a member of the organization, or the "
        "organization was deleted. Create a key for another organization.\n"
    )
    assert saved() == {}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_reported_and_not_followed(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, saved: Saved, status: int
) -> None:
    panel.redirect_to, panel.redirect_status = other.url, status
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        f"dctx: {panel.url} redirects to {other.url}. Save that URL instead: "
        f"dctx auth NAME -u {other.url}\n"
    )
    assert other.requests == ()
    assert saved() == {}


def test_other_servers_are_named_for_what_they_are(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    key = panel.key_of("Acme")
    page = (
        "answers, but is not a Dokploy panel (HTTP {}, no JSON). Use the URL of the panel's login"
    )
    ran = auth("acme", key, url=f"{panel.url}/elsewhere")
    assert ran.err == (
        f"dctx: {panel.url}/elsewhere answers 404 and no JSON: another site, or a proxy that "
        "does not know the panel. Use the URL of the panel's login page.\n"
    )
    ran = auth("acme", key, url=f"{panel.url}/api")
    assert ran.err == (
        f"dctx: {panel.url}/api answers JSON, but not as a Dokploy panel does. "
        "Remove /api from the URL.\n"
    )
    panel.html_only = True
    ran = auth("acme", key)
    assert (ran.code, ran.err) == (5, f"dctx: {panel.url} {page.format(200)} page.\n")
    panel.html_only = False
    panel.fail_next("user.get", 502)
    ran = auth("acme", key)
    assert ran.err == (
        f"dctx: {panel.url} answers 502 and no JSON: the proxy is up, the "
        "panel is not. Try again later.\n"
    )
    panel.fail_next("user.get", 500)
    ran = auth("acme", key)
    assert ran.err == f"dctx: {panel.url} answers 500: Injected failure. Try again later.\n"
    assert saved() == {}


def test_nothing_listens(auth: Callable[..., Result], saved: Saved) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ran = auth("acme", "k" * 64, url=url)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {url}: connection refused. Check that the panel runs on that port.\n"
    )
    assert saved() == {}


def test_answer_that_never_came(auth: Callable[..., Result], panel: StandIn, saved: Saved) -> None:
    panel.drop_next("user.get")
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {panel.url}: Server disconnected without sending a response. "
        "Check the URL and the network.\n"
    )
    assert saved() == {}


def test_same_key_or_organization_elsewhere_is_said_and_saved(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme")
    ran = auth("again", panel.key_of("Acme"))
    assert ran.code == 0
    assert ran.err == (
        f"Saved profile again ({panel.url}, organization Acme).\nProfile acme has the same key.\n"
    )
    second = panel.add_key(panel.users[0], panel.organization("Acme"))
    ran = auth("third", second.key)
    assert ran.err == (
        f"Saved profile third ({panel.url}, organization Acme).\n"
        "Profile acme is for the same organization.\n"
        "Profile again is for the same organization.\n"
    )
    ran = auth("far", other.key_of("Acme"), url=other.url)
    assert ran.err == f"Saved profile far ({other.url}, organization Acme).\n"
    assert list(saved()) == ["acme", "again", "third", "far"]


def test_auth_replaces_what_is_the_keys_and_keeps_the_rest(
    auth: Callable[..., Result], panel: StandIn, point: Any, saved: Saved
) -> None:
    own = {"keyId": "old", "expiresAt": "2030-01-01T00:00:00Z", "theme": {"x": 1}}
    path = point(acme={"organization": "Acme", "protected": True, **own})
    assert auth("acme", panel.key_of("Globex"), env={"DCTX_YES": "acme"}).code == 0
    assert saved()["acme"] == {
        "url": panel.url,
        "token": panel.key_of("Globex"),
        "organization": {"id": panel.organization("Globex").id, "name": "Globex"},
        "protected": True,
        "theme": {"x": 1},
    }
    assert json.loads(path.read_text())["currentProfile"] == "acme"


def test_auth_with_the_very_key_keeps_its_id_and_expiry(
    auth: Callable[..., Result], panel: StandIn, point: Any, saved: Saved
) -> None:
    own = {"keyId": "id", "expiresAt": "2030-01-01T00:00:00Z"}
    point(acme={"organization": "Acme", **own})
    before = saved()["acme"]
    assert auth("acme", panel.key_of("Acme")).code == 0
    assert saved()["acme"] == before


@pytest.mark.parametrize(
    "where", [{"keyring": "acme-1"}, {"tokenCommand": ["pass", "show", "old"]}], ids=str
)
def test_program_that_is_not_run_is_not_taken_for_the_former_key(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved, where: dict[str, Any]
) -> None:
    """Neither profile has a key in the file, and two missing keys are not the same key."""
    own = {"keyId": "old", "expiresAt": "2030-01-01T00:00:00Z", "theme": 1}
    point(acme={"organization": "Acme", "token": None, **where, **own})
    env = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    ran = dctx("auth", "acme", "--token-command", "pass show new", "--no-check", env=env)
    assert (ran.code, ran.out) == (0, "")
    assert saved()["acme"] == {
        "url": panel.url,
        "theme": 1,
        "tokenCommand": ["pass", "show", "new"],
    }
    ran = dctx("remove", "acme", "--revoke")
    assert ran.code == 1
    assert ran.err.startswith("dctx: the id of the key of acme is not known")
    assert panel.requests == ()


@pytest.mark.parametrize("more", [[], ["--no-check"]], ids=str)
def test_auth_with_the_very_key_and_the_url_in_other_letters_keeps_its_id_and_expiry(
    auth: Callable[..., Result], panel: StandIn, point: Any, saved: Saved, more: list[str]
) -> None:
    point(acme={"organization": "Acme", "keyId": "id", "expiresAt": "2030-01-01T00:00:00Z"})
    before, url = saved()["acme"], panel.url.replace("http", "HTTP")
    assert auth("acme", panel.key_of("Acme"), *more, url=url).code == 0
    assert saved()["acme"] == before


def test_auth_keyring_with_the_url_in_other_letters_moves_the_key(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved, home: Path
) -> None:
    point(acme={"organization": "Acme", "keyId": "id", "expiresAt": "2030-01-01T00:00:00Z"})
    before, url = saved()["acme"], panel.url.replace("http", "HTTP")
    ran = dctx("auth", "acme", "-u", url, "--keyring", env=file_keyring(home))
    assert ran.code == 0, ran.err
    after = saved()["acme"]
    vault = json.loads((home / "vault.json").read_text())
    assert vault == {after.pop("keyring"): before.pop("token")}
    assert after == before


def test_protected_profile_keeps_its_key(
    auth: Callable[..., Result], panel: StandIn, point: Any
) -> None:
    path: Path = point(acme={"organization": "Acme", "protected": True})
    before = path.read_bytes()
    ran = auth("acme", panel.key_of("Globex"), env={"DCTX_YES": "globex"})
    assert ran.code == 6
    assert panel.requests == ()
    assert path.read_bytes() == before


def test_key_that_worked_and_has_expired_is_told_by_its_date(
    auth: Callable[..., Result], panel: StandIn, point: Any
) -> None:
    end = datetime(2020, 1, 1, tzinfo=timezone.utc)
    row = panel.add_key(panel.users[0], panel.organization("Acme"), expires_at=end)
    point(acme={"organization": "Acme", "token": row.key, "expiresAt": "2020-01-01T00:00:00Z"})
    ran = auth("again", row.key)
    assert ran.code == 5
    assert ran.err == (
        "dctx: the key of acme expired on 2020-01-01. Create a new one under "
        f"Settings > Profile > API/CLI Keys, then run: dctx auth acme -u {panel.url}\n"
    )


def test_no_check_asks_nobody(auth: Callable[..., Result], panel: StandIn, saved: Saved) -> None:
    ran = auth("acme", "k" * 64, "--no-check")
    assert (ran.code, ran.err) == (0, f"Saved profile acme ({panel.url}). It is now the default.\n")
    assert saved() == {"acme": {"url": panel.url, "token": "k" * 64}}
    assert panel.requests == ()


def test_organizations_name_is_no_escape_sequence(
    auth: Callable[..., Result], panel: StandIn
) -> None:
    panel.rename_organization(panel.organization("Acme"), "A\x1b[2Jc\nme\u202e")
    ran = auth("acme", panel.keys[0].key)
    assert (
        ran.err
        == f"Saved profile acme ({panel.url}, organization A[2Jcme). It is now the default.\n"
    )


def test_url_is_asked_again_on_a_terminal(
    panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type("dctx auth acme" + ENTER)
    term.wait(lambda: "URL of the panel:" in term.screen)
    term.type("panel" + ENTER)
    term.wait(lambda: term.screen.count("URL of the panel:") == 2)
    assert 'dctx: "panel" is not a URL. Include https:// (or http://).' in term.screen
    term.type(f"{panel.url}/dashboard/projects?x=1{ENTER}")
    term.wait(lambda: "API key" in term.screen)
    term.key(panel.key_of("Acme") + ENTER)
    assert "organization Acme" in term.screen
    assert saved()["acme"]["url"] == panel.url


def test_saved_url_is_not_asked_for(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme", new={"organization": "Globex", "token": None})
    ran = dctx("auth", "acme", "-t", "-", stdin=panel.key_of("Acme"))
    assert (ran.code, ran.err.count("\n")) == (0, 1)
    ran = dctx("auth", "new")
    assert (ran.code, ran.err) == (
        2,
        "dctx: an API key is required. Run it with: -t - (the key on stdin)\n",
    )
    term = terminal(BASH)
    term.type("dctx auth new" + ENTER)
    term.wait(lambda: "API key" in term.screen)
    question = "API key (panel: Settings > Profile > API/CLI Keys; not shown):"
    assert f"Panel: {panel.url} (another one: -u URL)\n{question}" in term.screen
    assert len(question) < 80
    assert "URL of the panel" not in term.screen
    term.key(panel.key_of("Globex") + ENTER)
    assert saved()["new"]["token"] == panel.key_of("Globex")
    assert saved()["new"]["url"] == panel.url


def test_saved_profile_without_a_url_needs_one(dctx: Dctx, config: Any) -> None:
    config(x={"url": None, "token": "k" * 64}, y={"url": "ftp://h"})
    for more in ([], ["--keyring"], ["--token-command", "echo k"]):
        ran = dctx("auth", "x", *more)
        assert (ran.code, ran.err) == (2, "dctx: a URL is required. Run it with: -u https://HOST\n")
    ran = dctx("auth", "y")
    assert (ran.code, ran.err) == (
        4,
        'dctx: profile "y": "ftp://h" is not a URL of a panel. Use https://HOST.\n',
    )


@pytest.mark.parametrize("answer", ["n" + ENTER, ENTER, CTRL_C, CTRL_D], ids=repr)
@pytest.mark.parametrize("more", ["", " --no-check"])
def test_profile_of_another_panel_is_not_replaced_without_a_yes(
    panel: StandIn,
    other: StandIn,
    point: Any,
    terminal: Callable[..., Terminal],
    answer: str,
    more: str,
) -> None:
    path: Path = point(of=other, staging="Acme")
    before = path.read_bytes()
    term = terminal(BASH)
    term.type(f"dctx auth staging -u {panel.url}{more}{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.type(panel.key_of("Globex") + ENTER)
    question = f"Replace profile staging ({other.url}, organization Acme)? [y/N]:"
    term.wait(lambda: question in term.screen)
    assert ("The key is for organization Globex.\n" in term.screen) is not bool(more)
    term.key(answer)
    assert "\ndctx: cancelled. Nothing was saved.\n" in term.screen
    assert term.line("echo $?") == "130"
    assert path.read_bytes() == before


def test_profile_of_another_organization_is_replaced_after_a_yes(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(staging="Acme")
    term = terminal(BASH)
    term.type(f"dctx auth staging{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.type(panel.key_of("Globex") + ENTER)
    term.wait(
        lambda: f"Replace profile staging ({panel.url}, organization Acme)? [y/N]:" in term.screen
    )
    term.key("y" + ENTER)
    assert f"\nSaved profile staging ({panel.url}, organization Globex).\n" in term.screen
    assert saved()["staging"]["organization"]["name"] == "Globex"


def test_a_key_of_another_organization_is_asked_about_where_there_was_none_before(
    panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    """As after `dctx import` of a team's file: protected profiles without a key."""
    path: Path = point(
        prod={"organization": "Acme", "token": None, "protected": True},
        globex={"organization": "Globex", "token": None},
    )
    before = path.read_bytes()
    term = terminal(BASH)
    term.type(f"dctx auth prod{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.type(panel.key_of("Globex") + ENTER)
    term.wait(lambda: "Replace profile prod" in term.screen)
    assert "Profile globex is for that organization and has no key." in term.said
    assert "answer no and run: dctx auth globex" in term.said
    term.key("n" + ENTER)
    assert "dctx: cancelled. Nothing was saved." in term.screen
    assert path.read_bytes() == before


def test_a_refused_key_is_asked_for_again_with_a_way_out(
    panel: StandIn, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type(f"dctx auth prod -u {panel.url}{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.type("w" * 64 + ENTER)
    term.wait(lambda: "Another API key (Ctrl-C cancels; not shown):" in term.screen)
    term.key(CTRL_C)
    assert term.line("echo $?") == "130"


@pytest.mark.parametrize(
    "words",
    [
        ["prod", "{url}"],
        ["{url}", "prod"],
        ["{url}", "-u", "prod"],
        ["-p", "prod", "{url}"],
        ["prod", "-u", "{url}"],
    ],
    ids=" ".join,
)
def test_name_and_url_may_stand_in_each_others_place(
    dctx: Dctx, panel: StandIn, saved: Saved, words: list[str]
) -> None:
    words = [word.format(url=panel.url) for word in words]
    ran = dctx("auth", *words, "-t", "-", stdin=panel.key_of("Acme"))
    assert ran.code == 0, ran.err
    assert saved()["prod"]["url"] == panel.url


@pytest.mark.parametrize(
    "words",
    [
        ["prod", "staging"],
        ["http://127.0.0.1:1", "http://127.0.0.1:2"],
        ["prod", "http://127.0.0.1:1", "-u", "http://127.0.0.1:1"],
        ["prod", "http://127.0.0.1:1", "more"],
    ],
    ids=" ".join,
)
def test_more_names_or_urls_than_one_are_refused(dctx: Dctx, words: list[str]) -> None:
    ran = dctx("auth", *words, "-t", "-", stdin="k")
    said = "dctx: auth takes one name and one URL. See: dctx auth --help\n"
    assert (ran.code, ran.err) == (2, said)


def test_a_key_typed_as_the_name_of_a_protected_profile_is_said_to_be_seen(
    panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    term = terminal(BASH)
    term.type(f"dctx auth acme{ENTER}")
    term.wait(lambda: 'Type "acme" to replace its key:' in term.said)
    term.type("aB3" * 21 + "x" + ENTER)
    term.wait(lambda: "It looks like an API key, and your screen shows it." in term.said)


def test_renewed_key_is_no_question(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Acme"))
    term = terminal(BASH)
    term.type(f"dctx auth acme -u {panel.url}/{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.key(row.key + ENTER)
    assert f"\nReplaced the API key of acme ({panel.url}, organization Acme).\n" in term.screen
    assert saved()["acme"]["token"] == row.key


def test_protected_profile_is_asked_for_once(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    term = terminal(BASH)
    term.type(f"dctx auth acme{ENTER}")
    term.wait(lambda: 'Type "acme" to replace its key:' in term.screen)
    term.type("acme" + ENTER)
    term.wait(lambda: "not shown):" in term.screen)
    term.key(panel.key_of("Globex") + ENTER)
    assert f"Before, it was {panel.url}, organization Acme." in term.said
    assert saved()["acme"]["token"] == panel.key_of("Globex")


@pytest.mark.parametrize("before", ["saved", "not saved"])
@pytest.mark.parametrize("more", ["", " --no-check"])
def test_profile_that_is_protected_while_the_key_is_asked_for_is_not_replaced(
    dctx: Dctx,
    panel: StandIn,
    point: Any,
    terminal: Callable[..., Terminal],
    before: str,
    more: str,
) -> None:
    path: Path = point(**{"staging" if before == "saved" else "acme": "Globex"})
    term = terminal(BASH)
    term.type(f"dctx auth staging -u {panel.url}{more}{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    if before == "saved":
        assert dctx("protect", "staging").code == 0
    else:
        argv = ("auth", "staging", "-u", panel.url, "-t", "-", "--protect", "--no-check")
        assert dctx(*argv, stdin=panel.key_of("Globex")).code == 0
    there = path.read_bytes()
    term.key(panel.key_of("Globex") + ENTER)
    assert (
        "dctx: staging was changed by another program just now. "
        "Nothing was changed. Run it again.\n" in term.screen
    )
    assert term.line("echo $?") == "1"
    assert path.read_bytes() == there


def test_without_a_terminal_the_line_says_what_was_there(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, point: Any
) -> None:
    point(acme="Acme")
    ran = auth("acme", panel.key_of("Globex"))
    assert ran.err == (
        f"Saved profile acme ({panel.url}, organization Globex). "
        f"Before, it was {panel.url}, organization Acme.\n"
    )
    ran = auth("acme", other.key_of("Acme"), "--no-check", url=other.url)
    assert ran.err == (
        f"Saved profile acme ({other.url}). Before, it was {panel.url}, organization Globex.\n"
    )
    ran = auth("acme", other.key_of("Globex"), url=other.url)
    assert ran.err == f"Replaced the API key of acme ({other.url}, organization Globex).\n"
    ran = auth("acme", other.key_of("Globex"), url=other.url)
    assert ran.err == f"Saved profile acme ({other.url}, organization Globex).\n"


def test_profile_without_a_key_is_filled_and_not_replaced(
    auth: Callable[..., Result], panel: StandIn, point: Any
) -> None:
    point(acme={"organization": "Acme", "token": None})
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.err == f"Saved profile acme ({panel.url}, organization Acme).\n"


def test_keyring_of_a_profile_without_a_key_needs_a_key(dctx: Dctx, point: Any, home: Path) -> None:
    point(acme={"organization": "Acme", "token": None})
    ran = dctx("auth", "acme", "--keyring", env=file_keyring(home))
    assert (ran.code, ran.err) == (
        2,
        "dctx: an API key is required. Run it with: -t - (the key on stdin)\n",
    )


def test_auth_without_a_name_names_the_way_back_to_the_former_default(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    path: Path = point(staging="Acme")
    ran = dctx("auth", "-u", panel.url, "-t", "-", stdin=panel.key_of("Globex"))
    assert ran.err == (
        f"Saved profile default ({panel.url}, organization Globex). "
        "It is now the default. Before, the default was staging: dctx use staging\n"
    )
    assert json.loads(path.read_text())["currentProfile"] == "default"
    ran = dctx("auth", "-t", "-", stdin=panel.key_of("Globex"))
    assert ran.err == f"Saved profile default ({panel.url}, organization Globex).\n"
    assert dctx("remove", "default").code == 0
    ran = dctx("auth", "-u", panel.url, "-t", "-", stdin=panel.key_of("Globex"))
    assert (
        ran.err
        == f"Saved profile default ({panel.url}, organization Globex). It is now the default.\n"
    )
    assert list(saved()) == ["staging", "default"]


@pytest.mark.parametrize(
    "url", ["https://u:SECRET@h", "u:SECRET@h", "ftp://u:SECRET@h", "https://u:SECRET@h:99999"]
)
def test_password_in_a_url_is_refused_and_not_repeated(dctx: Dctx, url: str) -> None:
    ran = dctx("auth", "x", "-u", url, "-t", "-", stdin="k" * 40)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dctx: the URL contains a user or password.")
    assert "SECRET" not in ran.err


def test_auth_alone_on_a_terminal_asks_url_name_and_key(
    panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type("dctx auth" + ENTER)
    term.wait(lambda: "URL of the panel:" in term.screen)
    term.type(panel.url + ENTER)
    term.wait(lambda: "Name of the profile [default]:" in term.screen)
    term.type("off" + ENTER)
    term.wait(lambda: term.screen.count("Name of the profile [default]:") == 2)
    assert 'dctx: "off" is a command of dctx. Choose another name.' in term.screen
    term.type("acme" + ENTER)
    term.wait(lambda: "not shown):" in term.screen)
    term.key(panel.key_of("Acme") + ENTER)
    assert f"Saved profile acme ({panel.url}, organization Acme)." in term.screen
    assert list(saved()) == ["acme"]


def test_auth_with_all_but_a_name_asks_nothing_on_a_terminal(
    panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type(f"dctx auth -u {panel.url}{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.key(panel.key_of("Acme") + ENTER)
    assert list(saved()) == ["default"]


def test_a_url_in_the_place_of_the_name_is_the_url(
    dctx: Dctx, panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    ran = dctx("auth", f"{panel.url}/dashboard", "-t", "-", stdin=panel.key_of("Acme"))
    assert ran.code == 0
    assert saved()["default"]["url"] == panel.url
    ran = dctx("auth", panel.url, "-u", panel.url, "-t", "-", stdin=panel.key_of("Acme"))
    assert (ran.code, ran.err) == (2, "dctx: two URLs were given. Run: dctx auth NAME -u URL\n")
    term = terminal(BASH)
    term.type(f"dctx auth {panel.url}{ENTER}")
    term.wait(lambda: "Name of the profile [default]:" in term.screen)
    term.type("globex" + ENTER)
    term.wait(lambda: "not shown):" in term.screen)
    term.key(panel.key_of("Globex") + ENTER)
    assert saved()["globex"]["url"] == panel.url


def test_a_host_alone_gets_its_scheme_and_that_is_said(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    host = panel.url.removeprefix("http://").replace("127.0.0.1", "localhost")
    ran = auth("acme", panel.key_of("Acme"), "--no-check", url=host)
    assert ran.err.splitlines()[0] == f"Assuming http://{host}"
    assert saved()["acme"]["url"] == f"http://{host}"
    ran = auth("far", panel.key_of("Acme"), "--no-check", url="panel.example.com")
    assert ran.err.splitlines()[0] == "Assuming https://panel.example.com"
    assert saved()["far"]["url"] == "https://panel.example.com"


def test_the_url_is_tried_before_the_key_is_asked(
    dctx: Dctx, terminal: Callable[..., Terminal]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    term = terminal(BASH)
    term.line(f"dctx auth acme -u {url}")
    assert f"dctx: cannot reach {url}: connection refused." in term.screen
    assert "API key" not in term.screen
    assert term.line("echo $?") == "5"


def test_waiting_for_a_panel_that_hangs_is_said(terminal: Callable[..., Terminal]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        url = f"http://127.0.0.1:{hangs.getsockname()[1]}"
        term = terminal(BASH)
        term.type(f"dctx auth acme -u {url}{ENTER}")
        term.wait(lambda: f"Waiting for {url} (at most 10 s; Ctrl-C cancels)" in term.screen)
        term.key(CTRL_C)
        assert "cancelled" in term.screen
        assert term.line("echo $?") == "130"


def test_a_wrong_key_is_asked_again_on_a_terminal(
    panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type(f"dctx auth acme -u {panel.url}{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.type("k" * 64 + ENTER)
    term.wait(lambda: term.screen.count("not shown):") == 2)
    assert f"dctx: {panel.url} refused the API key (401)" in term.said
    term.type("two words" + ENTER)
    term.wait(lambda: term.screen.count("not shown):") == 3)
    term.key(panel.key_of("Acme") + ENTER)
    assert "Saved profile acme" in term.screen
    assert saved()["acme"]["token"] == panel.key_of("Acme")


def test_a_key_of_another_panels_curl_line_is_not_sent(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, saved: Saved
) -> None:
    line = f"curl '{other.url}/api/project.all' -H 'x-api-key: {panel.key_of('Acme')}'"
    ran = auth("acme", line)
    assert (ran.code, saved()) == (2, {})
    assert ran.err.startswith(f"dctx: the pasted text is for {other.url}/api/project.all, not for")
    assert panel.requests == ()


def test_color_alone_changes_nothing_else_and_asks_no_panel(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme")
    before = saved()["acme"]
    ran = dctx("auth", "acme", "--color", "magenta")
    assert (ran.code, ran.err) == (0, "Profile acme is magenta in the prompt now.\n")
    assert saved()["acme"] == {**before, "color": "magenta"}
    assert dctx("auth", "acme", "-t", "-", stdin=panel.key_of("Acme")).code == 0
    assert saved()["acme"]["color"] == "magenta"
    asked = len(panel.requests)
    ran = dctx("auth", "acme", "--color", "none")
    assert (ran.code, ran.err) == (0, "Profile acme has no color of its own now.\n")
    assert (saved()["acme"], len(panel.requests)) == (before, asked)
    assert dctx("auth", "acme", "--color", "mauve").code == 2


def test_color_is_saved_with_a_new_profile(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    assert auth("acme", panel.key_of("Acme"), "--color", "blue").code == 0
    assert saved()["acme"]["color"] == "blue"


def test_a_protected_profile_without_a_key_is_filled_without_a_question(
    auth: Callable[..., Result], panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme={"organization": "Acme", "token": None, "protected": True})
    ran = auth("acme", panel.key_of("Acme"))
    assert (ran.code, ran.err) == (
        0,
        f"Saved profile acme ({panel.url}, organization Acme).\n",
    )
    assert saved()["acme"]["protected"] is True
    assert auth("acme", panel.key_of("Acme")).code == 6  # it has one now


@pytest.mark.parametrize(
    ("mark", "command"),
    [
        ("pipx_metadata.json", "pipx inject {name} keyring"),
        ("uv-receipt.toml", "uv pip install --python {python} keyring"),
        ("", "{python} -m pip install keyring"),
    ],
)
def test_keyring_without_the_extra_is_said_before_the_key_is_asked(
    panel: StandIn, tmp_path: Path, mark: str, command: str
) -> None:
    bare = tmp_path / "dokploy-ctx"
    make = "import sys, venv; venv.create(sys.argv[1], symlinks=True)"
    subprocess.run([sys.executable, "-c", make, str(bare)], check=True)
    library = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    target = next(bare.glob("lib/python*/site-packages"))
    for name in ("click", "platformdirs"):
        (target / name).symlink_to(library / name)
    (target / "dokploy_ctx").symlink_to(ROOT / "dokploy_ctx")
    if mark:
        (bare / mark).touch()
    python = bare / "bin" / "python"
    program = [str(python), "-m", "dokploy_ctx", "auth", "x", "-u", panel.url, "--keyring"]
    ran = subprocess.run(
        program, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    says = command.format(name="dokploy-ctx", python=python)
    assert (ran.returncode, ran.stderr) == (
        5,
        f"dctx: --keyring needs the Python package keyring, which is not installed. Run: {says}\n",
    )
