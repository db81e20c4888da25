"""`dctx remove`, and `--revoke`, which deletes the key on the panel first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dokploy_ctx.commands.remove import remove
from dokploy_ctx.model.profile import Profile
from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH
from ..terminal import CTRL_C, CTRL_D, ENTER, Terminal
from .conftest import procedures
from .test_orgs import ids

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]


def new_key(panel: StandIn, organization: str, **how: Any) -> dict[str, Any]:
    row = panel.add_key(panel.users[0], panel.organization(organization), **how)
    return {"organization": organization, "token": row.key, "keyId": row.id}


def test_remove_asks_no_panel_and_says_that_the_key_stays(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    entry = new_key(panel, "Globex")
    point(acme="Acme", globex=dict(entry))
    ran = dctx("remove", "globex")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"The API key of globex stays valid on {panel.url}. To delete it as well: "
        "dctx remove globex --revoke\n"
        "Removed profile globex\n"
    )
    assert list(saved()) == ["acme"]
    assert panel.requests == ()
    assert dctx("remove", "acme").err == (
        f"The API key of acme stays valid on {panel.url}. To delete it as well, use "
        "Settings > Profile > API/CLI Keys there.\n"
        "Removed profile acme\n"
        "acme was the default. Now no profile is. Run: dctx auth NAME -u URL\n"
    )


def test_remove_says_nothing_of_keys_that_do_not_stay_alone(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex")
    point(
        acme="Acme",
        old={**new_key(panel, "Globex"), "expiresAt": "2020-01-01T00:00:00Z"},
        one=dict(entry),
        two=dict(entry),
    )
    assert dctx("remove", "old").err == "Removed profile old\n"
    assert dctx("remove", "one").err == "Removed profile one\n"


def test_remove_says_nothing_of_keys_that_never_were_here(
    dctx: Dctx, config: Callable[..., Path]
) -> None:
    config(
        "prod",
        team={"token": None},
        vault={"token": None, "tokenCommand": ["pass", "show", "x"]},
        odd={"url": "ftp://x", "token": "k"},
    )
    ran = dctx("remove", "team", "vault", "odd")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "Removed profile team\nRemoved profile vault\nRemoved profile odd\n"


def test_remove_of_all_that_have_a_key_says_once_that_it_stays(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex")
    point(acme="Acme", one=dict(entry), two=dict(entry))
    ran = dctx("remove", "one", "two")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"The API key of two stays valid on {panel.url}. To delete it as well: "
        "dctx remove two --revoke\n"
        "Removed profile one\n"
        "Removed profile two\n"
    )
    assert panel.requests == ()


def test_revoke_deletes_the_key_then_the_profile(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    entry = new_key(panel, "Globex")
    point(acme="Acme", globex=dict(entry))
    ran = dctx("remove", "globex", "--revoke")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (f"Deleted the key of globex on {panel.url}\nRemoved profile globex\n")
    assert list(saved()) == ["acme"]
    assert entry["keyId"] not in ids(panel)
    assert procedures(panel) == ["user.deleteApiKey"]


def test_revoke_of_a_pasted_key_is_refused(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme")
    ran = dctx("remove", "--revoke", "acme")
    assert ran.code == 1
    assert ran.err == (
        "dctx: the id of the key of acme is not known, so dctx cannot delete it. "
        "Delete the key under Settings > Profile > API/CLI Keys, then run: dctx remove acme\n"
    )
    assert list(saved()) == ["acme"]
    assert panel.requests == ()


def test_revoke_of_an_expired_key_needs_no_panel(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme", old={**new_key(panel, "Globex"), "expiresAt": "2020-01-01T00:00:00Z"})
    ran = dctx("remove", "old", "--revoke")
    assert ran.code == 0
    assert ran.err == "The key of old expired on 2020-01-01.\nRemoved profile old\n"
    assert panel.requests == ()


def test_revoke_of_a_key_that_is_gone_already(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    """Another profile's key finds it out, since the key itself only gets a 401."""
    gone = new_key(panel, "Globex")
    point(globex=dict(gone))
    row = next(row for row in panel.keys if row.id == gone["keyId"])
    panel.delete_key(row)
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 5
    assert ran.err.startswith(
        f"dctx: {panel.url} refused the API key of globex: the key was deleted, has expired, or"
    )
    assert list(saved()) == ["globex"]
    point(acme="Acme", globex=dict(gone))
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 0
    assert ran.err == (
        f"The key of globex was deleted on {panel.url} before\nRemoved profile globex\n"
    )


def test_revoke_of_a_disabled_key_by_another_profiles(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex", enabled=False)
    point(acme="Acme", globex=dict(entry))
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 0
    assert ran.err.startswith(f"Deleted the key of globex on {panel.url}\n")
    assert entry["keyId"] not in ids(panel)


@pytest.mark.parametrize("status", [500, 502])
def test_revoke_that_fails_keeps_the_profile(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved, status: int
) -> None:
    entry = new_key(panel, "Globex")
    point(acme="Acme", globex=dict(entry))
    panel.fail_next("user.deleteApiKey", status)
    panel.fail_next("user.deleteApiKey", status)
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 5
    assert ran.err.startswith(f"dctx: {panel.url} answers {status}")
    assert list(saved()) == ["acme", "globex"]
    assert dctx("verify", "globex").code == 0


def test_revoke_whose_answer_is_lost(dctx: Dctx, panel: StandIn, point: Any, saved: Saved) -> None:
    entry = new_key(panel, "Globex")
    point(globex=dict(entry))
    panel.drop_next("user.deleteApiKey")
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 0
    assert ran.err.startswith(f"Deleted the key of globex on {panel.url}\n")
    assert entry["keyId"] not in ids(panel)
    assert saved() == {}


def test_revoke_with_the_panel_away(dctx: Dctx, panel: StandIn, point: Any, saved: Saved) -> None:
    point(globex=new_key(panel, "Globex"))
    panel.close()
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 5
    assert ran.err == (
        f"dctx: cannot reach {panel.url}: connection refused. "
        "Check that the panel runs on that port. "
        f"Perhaps still valid on {panel.url}: the key of globex. "
        "Delete that key under Settings > Profile > API/CLI Keys\n"
    )
    assert list(saved()) == ["globex"]
    assert dctx("remove", "globex").code == 0


def test_revoke_many_removes_what_was_revoked(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme", one=new_key(panel, "Globex"), two=new_key(panel, "Initech"))
    ran = dctx("remove", "--revoke", "one", "acme", "two")
    assert ran.code == 1
    assert ran.err.splitlines()[:2] == [
        f"Deleted the key of one on {panel.url}",
        "Removed profile one",
    ]
    assert list(saved()) == ["acme", "two"]


def test_revoke_says_which_profile_loses_its_key_too(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex")
    point(one=dict(entry), two=dict(entry))
    assert dctx("remove", "one", "--revoke").err.endswith(
        "dctx: warning: two had the same key, which does not work any more. Run: dctx auth two\n"
    )


def test_revoke_of_two_with_the_same_key(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    entry = new_key(panel, "Globex")
    point(acme="Acme", one=dict(entry), two=dict(entry))
    ran = dctx("remove", "one", "two", "--revoke")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        f"Deleted the key of one on {panel.url}\nRemoved profile one\nRemoved profile two\n"
    )
    assert list(saved()) == ["acme"]
    assert procedures(panel) == ["user.deleteApiKey"]


def test_protected_profile_asks_before_anything(dctx: Dctx, panel: StandIn, point: Any) -> None:
    path: Path = point(acme="Acme", globex={**new_key(panel, "Globex"), "protected": True})
    before = path.read_bytes()
    for argv in (["globex"], ["acme", "globex", "--revoke"]):
        ran = dctx("remove", *argv)
        assert ran.code == 6
        assert ran.err.endswith(
            "dctx: globex is protected and there is no terminal to ask on, so nothing was done. "
            "To remove it, set DCTX_YES=globex\n"
        )
    assert panel.requests == ()
    assert path.read_bytes() == before
    assert dctx("remove", "globex", "--revoke", env={"DCTX_YES": "globex"}).code == 0


@pytest.mark.parametrize("more", ["", " --revoke"])
def test_profile_that_is_protected_while_another_is_asked_about_stays(
    dctx: Dctx, panel: StandIn, point: Any, terminal: Callable[..., Terminal], more: str
) -> None:
    prod = {**new_key(panel, "Acme"), "protected": True}
    path: Path = point(prod=prod, staging=new_key(panel, "Globex"))
    term = terminal(BASH)
    term.type(f"dctx remove staging prod{more}{ENTER}")
    term.wait(lambda: 'Type "prod" to remove it:' in term.screen)
    assert dctx("protect", "staging").code == 0
    before = path.read_bytes()
    term.key("prod" + ENTER)
    assert (
        "\ndctx: staging was changed by another program just now. "
        "Nothing was changed. Run it again.\n" in term.screen
    )
    assert term.line("echo $?") == "1"
    assert path.read_bytes() == before
    assert panel.requests == ()


def test_profile_that_gets_the_same_key_and_is_protected_meanwhile_keeps_it(
    dctx: Dctx, panel: StandIn, point: Any, terminal: Callable[..., Terminal]
) -> None:
    entry = new_key(panel, "Globex")
    path: Path = point(prod={**entry, "protected": True})
    term = terminal(BASH)
    term.type(f"dctx remove prod --revoke{ENTER}")
    term.wait(lambda: 'Type "prod" to remove it:' in term.screen)
    argv = ("auth", "live", "-u", panel.url, "-t", "-", "--protect")
    assert dctx(*argv, stdin=entry["token"]).code == 0
    panel.forget_requests()
    before = path.read_bytes()
    term.key("prod" + ENTER)
    assert (
        "\ndctx: live was changed by another program just now. Nothing was changed. Run it again.\n"
        in term.screen
    )
    assert path.read_bytes() == before
    assert panel.requests == ()


def revoke_one_asking_about_prod(dctx: Dctx, panel: StandIn, path: Path) -> Result:
    """Have `one`'s key, which the protected `prod` has, too, deleted: not without prod's name."""
    before = path.read_bytes()
    ran = dctx("remove", "one", "--revoke")
    assert ran.code == 6
    assert ran.err == (
        "dctx: prod is protected and there is no terminal to ask on, so nothing was done. "
        "To delete its key, which one has as well, set DCTX_YES=prod\n"
    )
    assert panel.requests == ()
    assert path.read_bytes() == before
    ran = dctx("remove", "one", "--revoke", env={"DCTX_YES": "prod"})
    assert ran.code == 0
    return ran


def test_protected_profile_with_the_same_key_is_asked_about(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex")
    path: Path = point(one=dict(entry), prod={**entry, "protected": True})
    revoke_one_asking_about_prod(dctx, panel, path)
    assert entry["keyId"] not in ids(panel)


@pytest.mark.parametrize("same", ["token", "keyId"])
@pytest.mark.parametrize("url", ["http://localhost:{}", "HTTP://127.0.0.1:{}/", "https://alias"])
def test_protected_profile_with_the_same_key_under_another_url_is_asked_about(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved, url: str, same: str
) -> None:
    entry = new_key(panel, "Globex")
    prod = {"organization": "Globex", "protected": True, "token": None, same: entry[same]}
    prod["url"] = url.format(panel.url.rpartition(":")[2])
    path: Path = point(one=dict(entry), prod=prod)
    ran = revoke_one_asking_about_prod(dctx, panel, path)
    assert ran.err.endswith(
        "dctx: warning: prod had the same key, which does not work any more. Run: dctx auth prod\n"
    )
    assert list(saved()) == ["prod"]


def test_remove_says_nothing_of_a_key_that_stays_under_another_url(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    entry = new_key(panel, "Globex")
    point(one=dict(entry), two={**entry, "url": panel.url.replace("127.0.0.1", "localhost")})
    assert dctx("remove", "two").err == "Removed profile two\n"


def test_revoke_asks_no_protected_profiles_key_to_do_it(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    entry = new_key(panel, "Globex", enabled=False)
    point(prod={"organization": "Acme", "protected": True}, globex=dict(entry))
    ran = dctx("remove", "globex", "--revoke")
    assert ran.code == 5
    assert ran.err == (
        f"dctx: {panel.url} refused the API key of globex: the key is disabled there. "
        "Run: dctx rotate globex --profile prod\n"
    )
    assert list(saved()) == ["prod", "globex"]
    assert entry["keyId"] in ids(panel)


def test_remove_of_many_looks_at_the_others_as_often_as_of_one(
    config: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    asked: Counter[str] = Counter()

    def counted(original: Callable[[Profile], Any]) -> property:
        def count(profile: Profile) -> Any:
            asked[profile.name] += 1
            return original(profile)

        return property(count)

    for name in ("url", "token", "key_id", "keyring"):
        monkeypatch.setattr(Profile, name, counted(getattr(Profile, name).fget))
    looks = []
    for count in (1, 100):
        config(**{f"p{n}": {"keyId": f"id-{n}", "keyring": f"p{n}-1"} for n in range(200)})
        asked.clear()
        ran = CliRunner().invoke(remove, [f"p{n}" for n in range(count)])
        assert ran.exit_code == 0, ran
        looks.append(asked["p199"])
    assert looks[0] == looks[1]


def test_unknown_name_removes_nothing(dctx: Dctx, panel: StandIn, point: Any) -> None:
    path: Path = point(acme="Acme", globex=new_key(panel, "Globex"))
    for argv in (["globex", "nobody"], ["globex", "nobody", "--revoke"]):
        ran = dctx("remove", *argv)
        assert (ran.code, ran.err) == (
            3,
            'dctx: profile "nobody" not found. To see all, run: dctx list\n',
        )
    assert list(json.loads(path.read_text())["profiles"]) == ["acme", "globex"]
    assert panel.requests == ()


# What is said and asked before, and what this terminal uses afterwards.


@pytest.mark.parametrize("answer", ["n" + ENTER, ENTER, CTRL_C, CTRL_D], ids=repr)
def test_on_a_terminal_nothing_is_removed_without_a_yes(
    panel: StandIn, point: Any, terminal: Callable[..., Terminal], answer: str
) -> None:
    path: Path = point(acme="Acme", globex=new_key(panel, "Globex"))
    before = path.read_bytes()
    term = terminal(BASH)
    term.type(f"dctx remove globex{ENTER}")
    question = f"Remove profile globex ({panel.url})? [y/N]:"
    term.wait(lambda: question in term.screen)
    stays = f"The API key of globex stays valid on {panel.url}."
    assert term.screen.index(stays) < term.screen.index(question)
    term.key(answer)
    assert "cancelled. Nothing was removed." in term.screen
    assert term.line("echo $?") == "130"
    assert path.read_bytes() == before


def test_on_a_terminal_a_yes_removes(
    panel: StandIn, point: Any, saved: Saved, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme", globex="Globex", initech="Initech")
    term = terminal(BASH)
    term.type(f"dctx rm globex initech{ENTER}")
    term.wait(lambda: "Remove 2 profiles (globex, initech)? [y/N]:" in term.screen)
    term.key("y" + ENTER)
    assert list(saved()) == ["acme"]
    term.line("dctx rm --yes acme")
    assert saved() == {}
    assert "acme was the default. Now no profile is. Run: dctx auth NAME -u URL" in term.screen


def test_the_active_profile_is_removed(dctx: Dctx, point: Any) -> None:
    point(acme="Acme", globex="Globex")
    ran = dctx("remove", "globex", env={"DOKPLOY_PROFILE": "globex"})
    assert ran.err.splitlines()[1:] == [
        "Removed profile globex",
        (
            "dctx: warning: this terminal uses globex, which was removed, so dokploy refuses to "
            "run here. Run: dctx off (default: acme), or: dctx NAME"
        ),
    ]


def test_a_name_that_is_left_out_is_asked_for(dctx: Dctx, point: Any) -> None:
    point(acme="Acme")
    ran = dctx("remove")
    assert ran.code == 2
    assert ran.err.startswith("dctx: NAME is required. Run: dctx remove NAME")
