"""`dctx auth` asks the panel who the key is, and refuses each time with the reason."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH
from ..terminal import CTRL_C, CTRL_D, ENTER, Terminal
from .conftest import file_keyring, procedures

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]
REFUSED = (
    "{url} refuses the key (401): never valid, deleted, expired, rate limited, or made without an "
    "organization. Make one under Settings > Profile > API Keys."
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
    assert ran.err == f'dctx: saved acme: {panel.url}, "Acme". It is the default now.\n'
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
        ("  {}\t", True),
        ('"{}"', True),
        ("'{}'", True),
        ("Bearer {}", True),
        ("bearer  {} ", True),
        (" 'Bearer {}' ", True),
        ("Bearer '{}'", True),
    ],
)
def test_pasted_key_is_cleaned_with_a_notice(
    auth: Callable[..., Result], panel: StandIn, saved: Saved, form: str, notice: bool
) -> None:
    ran = auth("acme", form.format(panel.key_of("Acme")))
    words = "dctx: took blanks, quotes or a word off the pasted key.\n" if notice else ""
    assert ran.err == f'{words}dctx: saved acme: {panel.url}, "Acme". It is the default now.\n'
    assert saved()["acme"]["token"] == panel.key_of("Acme")


@pytest.mark.parametrize("key", ["", "\n", "two words", "k\x07y", "ключ", "k" * 513])
def test_what_is_no_key_is_asked_nowhere(
    auth: Callable[..., Result], panel: StandIn, saved: Saved, key: str
) -> None:
    ran = auth("acme", key)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dctx: that is not an API key. Copy it again from the panel.\n"
    assert panel.requests == ()
    assert saved() == {}


def test_key_in_argv_works_with_a_warning(dctx: Dctx, panel: StandIn, saved: Saved) -> None:
    ran = dctx("auth", "-p", "acme", "-u", panel.url, "-t", panel.key_of("Acme"))
    assert ran.code == 0
    assert ran.err == (
        "dctx: -t KEY stays in history and shows in ps. Better: -t - and the key on stdin.\n"
        f'dctx: saved acme: {panel.url}, "Acme". It is the default now.\n'
    )
    assert list(saved()) == ["acme"]


def test_two_names_are_refused_and_the_same_twice_is_one(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    ran = auth("a", panel.key_of("Acme"), "--profile", "b")
    assert (ran.code, ran.err) == (2, "dctx: two names are given. Give one.\n")
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
        f"dctx: {panel.url} is up, but its database is not; no key can be checked. Try later.\n"
    )
    assert saved() == {}


def test_user_who_left_the_organization(
    auth: Callable[..., Result], panel: StandIn, saved: Saved
) -> None:
    panel.remove_member(panel.users[0], panel.organization("Acme"))
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        "dctx: the key works, but its user is no longer a member of its organization, or that was "
        "deleted. Make a key for another organization.\n"
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
        "dctx: the key works, but its user is no longer a member of its organization, or that was "
        "deleted. Make a key for another organization.\n"
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
    page = "answers, but is not a Dokploy panel (HTTP {}, no JSON). Give the address of its login"
    ran = auth("acme", key, url=f"{panel.url}/elsewhere")
    assert ran.err == (
        f"dctx: {panel.url}/elsewhere answers 404 and no JSON: no Dokploy panel is there, or its "
        "proxy does not know it. Give the address of its login page.\n"
    )
    ran = auth("acme", key, url=f"{panel.url}/api")
    assert ran.err == (
        f"dctx: {panel.url}/api answers JSON, but not as a Dokploy panel does. "
        "Take the /api off its end.\n"
    )
    panel.html_only = True
    ran = auth("acme", key)
    assert (ran.code, ran.err) == (5, f"dctx: {panel.url} {page.format(200)} page.\n")
    panel.html_only = False
    panel.fail_next("user.get", 502)
    ran = auth("acme", key)
    assert ran.err == (
        f"dctx: {panel.url} answers 502 and no JSON: a proxy without its panel. Try later.\n"
    )
    panel.fail_next("user.get", 500)
    ran = auth("acme", key)
    assert ran.err == f"dctx: {panel.url} answers 500: Injected failure. Try later.\n"
    assert saved() == {}


def test_nothing_listens(auth: Callable[..., Result], saved: Saved) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        ran = auth("acme", "k" * 64, url=url)
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {url}: connection refused. Is it running, on that port?\n"
    )
    assert saved() == {}


def test_answer_that_never_came(auth: Callable[..., Result], panel: StandIn, saved: Saved) -> None:
    panel.drop_next("user.get")
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {panel.url}: Server disconnected without sending a response. "
        "Check the address and the network.\n"
    )
    assert saved() == {}


def test_same_key_or_organization_elsewhere_is_said_and_saved(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme")
    ran = auth("again", panel.key_of("Acme"))
    assert ran.code == 0
    assert ran.err == (f'dctx: saved again: {panel.url}, "Acme".\ndctx: acme has the same key.\n')
    second = panel.add_key(panel.users[0], panel.organization("Acme"))
    ran = auth("third", second.key)
    assert ran.err == (
        f'dctx: saved third: {panel.url}, "Acme".\n'
        "dctx: acme is for the same organization.\n"
        "dctx: again is for the same organization.\n"
    )
    ran = auth("far", other.key_of("Acme"), url=other.url)
    assert ran.err == f'dctx: saved far: {other.url}, "Acme".\n'
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
    """The file has neither key, and nothing is not the same as nothing."""
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
        "dctx: the key of acme expired on 2020-01-01. Make one under "
        f"Settings > Profile > API Keys, and run: dctx auth acme -u {panel.url}\n"
    )


def test_no_check_asks_nobody(auth: Callable[..., Result], panel: StandIn, saved: Saved) -> None:
    ran = auth("acme", "k" * 64, "--no-check")
    assert (ran.code, ran.err) == (0, f"dctx: saved acme: {panel.url}. It is the default now.\n")
    assert saved() == {"acme": {"url": panel.url, "token": "k" * 64}}
    assert panel.requests == ()


def test_organizations_name_is_no_escape_sequence(
    auth: Callable[..., Result], panel: StandIn
) -> None:
    panel.rename_organization(panel.organization("Acme"), "A\x1b[2Jc\nme\u202e")
    ran = auth("acme", panel.keys[0].key)
    assert ran.err == f'dctx: saved acme: {panel.url}, "A[2Jcme". It is the default now.\n'


def test_url_is_asked_again_on_a_terminal(
    panel: StandIn, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    term = terminal(BASH)
    term.type("dctx auth acme" + ENTER)
    term.wait(lambda: "URL of the panel:" in term.screen)
    term.type("panel.example.com" + ENTER)
    term.wait(lambda: term.screen.count("URL of the panel:") == 2)
    again = 'dctx: "panel.example.com" is not a URL. Include https:// (or http://).'
    assert again in term.screen
    term.type(f"{panel.url}/dashboard/projects?x=1{ENTER}")
    term.wait(lambda: "API key" in term.screen)
    term.key(panel.key_of("Acme") + ENTER)
    assert '"Acme"' in term.screen
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
        "dctx: no API key is given. Give -t - and the key on stdin.\n",
    )
    term = terminal(BASH)
    term.type("dctx auth new" + ENTER)
    term.wait(lambda: "API key" in term.screen)
    question = "API key (panel: Settings > Profile > API Keys; not shown):"
    assert f"dctx: panel: {panel.url} (another: -u URL)\n{question}" in term.screen
    assert len(question) < 80
    assert "URL of the panel" not in term.screen
    term.key(panel.key_of("Globex") + ENTER)
    assert saved()["new"]["token"] == panel.key_of("Globex")
    assert saved()["new"]["url"] == panel.url


def test_saved_profile_without_a_url_needs_one(dctx: Dctx, config: Any) -> None:
    config(x={"url": None, "token": "k" * 64}, y={"url": "ftp://h"})
    for more in ([], ["--keyring"], ["--token-command", "echo k"]):
        ran = dctx("auth", "x", *more)
        assert (ran.code, ran.err) == (2, "dctx: no URL is given. Give -u https://HOST.\n")
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
    question = f'dctx: staging is {other.url}, "Acme". Replace it? [y/N]:'
    term.wait(lambda: question in term.screen)
    assert ('dctx: the key is for "Globex".\n' in term.screen) is not bool(more)
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
    term.wait(lambda: f'staging is {panel.url}, "Acme". Replace it? [y/N]:' in term.screen)
    term.key("y" + ENTER)
    assert f'\ndctx: saved staging: {panel.url}, "Globex".\n' in term.screen
    assert saved()["staging"]["organization"]["name"] == "Globex"


def test_renewed_key_is_no_question(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Acme"))
    term = terminal(BASH)
    term.type(f"dctx auth acme -u {panel.url}/{ENTER}")
    term.wait(lambda: "not shown):" in term.screen)
    term.key(row.key + ENTER)
    assert f'\ndctx: replaced the key of acme: {panel.url}, "Acme".\n' in term.screen
    assert saved()["acme"]["token"] == row.key


def test_protected_profile_is_asked_for_once(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    term = terminal(BASH)
    term.type(f"dctx auth acme{ENTER}")
    term.wait(lambda: "Type its name to replace its key:" in term.screen)
    term.type("acme" + ENTER)
    term.wait(lambda: "not shown):" in term.screen)
    term.key(panel.key_of("Globex") + ENTER)
    assert f'saved acme: {panel.url}, "Globex". Before it was {panel.url}, "Acme".' in term.screen
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
    assert "dctx: staging was changed by somebody else just now. Run it again.\n" in term.screen
    assert term.line("echo $?") == "1"
    assert path.read_bytes() == there


def test_without_a_terminal_the_line_says_what_was_there(
    auth: Callable[..., Result], panel: StandIn, other: StandIn, point: Any
) -> None:
    point(acme="Acme")
    ran = auth("acme", panel.key_of("Globex"))
    assert ran.err == (
        f'dctx: saved acme: {panel.url}, "Globex". Before it was {panel.url}, "Acme".\n'
    )
    ran = auth("acme", other.key_of("Acme"), "--no-check", url=other.url)
    assert ran.err == (f'dctx: saved acme: {other.url}. Before it was {panel.url}, "Globex".\n')
    ran = auth("acme", other.key_of("Globex"), url=other.url)
    assert ran.err == f'dctx: replaced the key of acme: {other.url}, "Globex".\n'
    ran = auth("acme", other.key_of("Globex"), url=other.url)
    assert ran.err == f'dctx: saved acme: {other.url}, "Globex".\n'


def test_profile_without_a_key_is_filled_and_not_replaced(
    auth: Callable[..., Result], panel: StandIn, point: Any
) -> None:
    point(acme={"organization": "Acme", "token": None})
    ran = auth("acme", panel.key_of("Acme"))
    assert ran.err == f'dctx: saved acme: {panel.url}, "Acme".\n'


def test_keyring_of_a_profile_without_a_key_wants_one(dctx: Dctx, point: Any) -> None:
    point(acme={"organization": "Acme", "token": None})
    ran = dctx("auth", "acme", "--keyring")
    assert (ran.code, ran.err) == (
        2,
        "dctx: no API key is given. Give -t - and the key on stdin.\n",
    )


def test_auth_without_a_name_names_the_way_back_to_the_former_default(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    path: Path = point(staging="Acme")
    ran = dctx("auth", "-u", panel.url, "-t", "-", stdin=panel.key_of("Globex"))
    assert ran.err == (
        f'dctx: saved default: {panel.url}, "Globex". '
        "It is the default now; before it was staging: dctx use staging\n"
    )
    assert json.loads(path.read_text())["currentProfile"] == "default"
    ran = dctx("auth", "-t", "-", stdin=panel.key_of("Globex"))
    assert ran.err == f'dctx: saved default: {panel.url}, "Globex".\n'
    assert dctx("remove", "default").code == 0
    ran = dctx("auth", "-u", panel.url, "-t", "-", stdin=panel.key_of("Globex"))
    assert ran.err == f'dctx: saved default: {panel.url}, "Globex". It is the default now.\n'
    assert list(saved()) == ["staging", "default"]


@pytest.mark.parametrize(
    "url", ["https://u:SECRET@h", "u:SECRET@h", "ftp://u:SECRET@h", "https://u:SECRET@h:99999"]
)
def test_password_in_a_url_is_refused_and_not_repeated(dctx: Dctx, url: str) -> None:
    ran = dctx("auth", "x", "-u", url, "-t", "-", stdin="k" * 40)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("dctx: the URL contains a user or password.")
    assert "SECRET" not in ran.err
