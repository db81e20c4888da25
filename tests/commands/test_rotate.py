"""`dctx rotate`: a new key like the old one, and a profile that works whatever fails."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import BASH, Shell
from ..terminal import Terminal
from .conftest import file_keyring, procedures
from .test_orgs import GLOBEX, WHERE, disturb_second, ids, iso

Dctx = Callable[..., Result]
Saved = Callable[[], dict[str, Any]]


@pytest.fixture
def minted(dctx: Dctx, panel: StandIn, point: Any, saved: Saved) -> dict[str, Any]:
    """The profiles acme (the pasted key) and globex (made by dctx, for 90 days); globex's entry."""
    point(acme="Acme")
    assert dctx("orgs", "add", "Globex", "--expires", "90d").code == 0
    panel.forget_requests()
    entry: dict[str, Any] = saved()["globex"]
    return entry


def age(panel: StandIn, path: Path, name: str, days: float) -> None:
    """Make the profile's key older by days, on the panel and in config.json."""
    data = json.loads(path.read_text())
    entry = data["profiles"][name]
    row = next(row for row in panel.keys if row.id == entry["keyId"])
    row.created_at -= timedelta(days=days)
    if row.expires_at is not None:
        row.expires_at -= timedelta(days=days)
        entry["expiresAt"] = iso(row.expires_at)
    entry["keyCreatedAt"] = iso(row.created_at)
    path.write_text(json.dumps(data, indent=2) + "\n")


@pytest.fixture
def path(home: Path) -> Path:
    return home / ".dokploy" / "config.json"


def test_rotate_keeps_name_organization_and_term(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path, saved: Saved
) -> None:
    age(panel, path, "globex", 80)
    before = next(row for row in panel.keys if row.id == minted["keyId"])
    ran = dctx("rotate", "globex")
    row = panel.keys[-1]
    assert row.expires_at is not None
    day = row.expires_at.strftime("%Y-%m-%d")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (f"Key rotated for globex; it expires on {day}. The old key was deleted.\n")
    assert (row.name, row.organization_id) == (before.name, GLOBEX)
    assert row.rate_limit_enabled is False
    term = row.expires_at - row.created_at
    assert abs(term - timedelta(days=90)) < timedelta(seconds=2)
    assert minted["keyId"] not in ids(panel)
    assert saved()["globex"] == {
        "url": panel.url,
        "organization": {"id": GLOBEX, "name": "Globex"},
        "keyId": row.id,
        "keyName": row.name,
        "keyCreatedAt": iso(row.created_at),
        "token": row.key,
        "expiresAt": iso(row.expires_at),
    }
    assert procedures(panel) == [
        "user.get,organization.all",
        "user.createApiKey",
        "user.get,organization.all",
        "user.deleteApiKey",
    ]
    assert [seen.key for seen in panel.requests] == [minted["token"]] * 2 + [row.key] * 2
    assert dctx("verify", "globex").code == 0


def test_rotate_with_another_term(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved
) -> None:
    assert dctx("rotate", "globex", "--expires", "never").code == 0
    assert "expiresAt" not in saved()["globex"]
    assert panel.keys[-1].expires_at is None
    assert dctx("rotate", "globex", "--expires", "7d").code == 0
    assert "expiresAt" in saved()["globex"]
    assert dctx("rotate", "globex", "--expires", "7").code == 2


def test_rotate_a_pasted_key_cannot_delete_it_and_says_so(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme={"organization": "Acme", "theme": 1})
    old = panel.key_of("Acme")
    ran = dctx("rotate", "acme")
    assert ran.code == 0
    assert ran.err == (
        "Key rotated for acme. The old key stays valid, since its id is not known; the panel lists "
        '"acme" (created today, no prefix), "globex" (created today, no prefix), '
        '"initech" (created today, no prefix). '
        "Delete that key under Settings > Profile > API/CLI Keys\n"
    )
    assert saved()["acme"]["token"] != old
    assert saved()["acme"]["theme"] == 1
    assert len(panel.keys) == 4
    assert panel.keys[-1].name.startswith("dctx acme ")


def test_rotate_leaves_a_key_that_another_profile_has(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path
) -> None:
    data = json.loads(path.read_text())
    data["profiles"]["twin"] = minted
    path.write_text(json.dumps(data))
    ran = dctx("rotate", "globex")
    assert ran.code == 0
    assert ran.err.endswith("The old key stays valid, since twin still has it.\n")
    assert dctx("verify", "twin").code == 0
    assert dctx("rotate", "twin").err.endswith("The old key was deleted.\n")
    assert minted["keyId"] not in ids(panel)


@pytest.mark.parametrize("same", ["token", "keyId"])
@pytest.mark.parametrize("host", ["http://localhost:{}", "HTTP://127.0.0.1:{}"])
def test_rotate_leaves_a_key_that_a_profile_has_under_another_url(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path, host: str, same: str
) -> None:
    data = json.loads(path.read_text())
    url = host.format(panel.url.rpartition(":")[2])
    data["profiles"]["twin"] = {"url": url, "protected": True, same: minted[same]}
    path.write_text(json.dumps(data))
    ran = dctx("rotate", "globex")
    assert ran.code == 0
    assert ran.err.endswith("The old key stays valid, since twin still has it.\n")
    assert minted["keyId"] in ids(panel)


def test_rotate_all_that_have_a_key_deletes_it_with_the_last(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path
) -> None:
    data = json.loads(path.read_text())
    data["profiles"]["copy"] = dict(minted)
    path.write_text(json.dumps(data))
    ran = dctx("rotate", "globex", "copy")
    assert (ran.code, ran.out) == (0, "")
    said = [line.partition(". ")[2] for line in ran.err.splitlines()]
    assert said == [
        "The old key stays valid, since copy still has it.",
        "The old key was deleted.",
    ]
    assert minted["keyId"] not in {row.id for row in panel.keys}


def test_rotate_many_goes_on_after_one_that_fails(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    point(
        bad={"organization": "Acme", "token": "k" * 64},
        vault={"organization": "Acme", "token": None, "tokenCommand": ["echo", "k" * 64]},
        acme="Acme",
    )
    old = saved()
    ran = dctx("rotate", "bad", "vault", "acme", "acme")
    assert ran.code == 1
    lines = ran.err.splitlines()
    assert lines[0].startswith(f"dctx: bad: {panel.url} refused the API key of bad: ")
    assert lines[1] == (
        "dctx: vault: the key of vault is printed by a program, so dctx cannot store a new one. "
        "Create a key on the panel, and store it where that program reads it."
    )
    assert lines[2].startswith("Key rotated for acme. ")
    assert lines[-1] == (
        "dctx: 2 of 3 failed: bad, vault. What to do is said of each. "
        "Then run: dctx rotate bad vault"
    )
    new = saved()
    assert (new["bad"], new["vault"]) == (old["bad"], old["vault"])
    assert new["acme"]["token"] != old["acme"]["token"]
    assert len(panel.keys) == 4


def test_rotate_expiring(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path, saved: Saved
) -> None:
    ran = dctx("rotate", "--expiring", "14d")
    assert (ran.code, ran.err) == (0, "No key expires within 14 days.\n")
    assert panel.requests == ()
    assert dctx("orgs", "add", "Initech", "--expires", "30d").code == 0
    age(panel, path, "globex", 80)
    ran = dctx("rotate", "--expiring", "14d")
    assert ran.code == 0
    assert ran.err.startswith("Key rotated for globex; it expires on ")
    assert len(ran.err.splitlines()) == 1
    assert saved()["globex"]["keyId"] != minted["keyId"]
    assert dctx("rotate", "--expiring", "5w").err.count("Key rotated for") == 1


def test_rotate_usage(dctx: Dctx, panel: StandIn, point: Any) -> None:
    point(acme="Acme")
    ran = dctx("rotate")
    assert ran.code == 2
    assert ran.err.startswith("dctx: NAME is required. Run: dctx rotate NAME")
    ran = dctx("rotate", "acme", "--expiring", "14d")
    assert (ran.code, ran.err) == (
        2,
        "dctx: NAMES cannot be used with --expiring. Use one of them.\n",
    )
    ran = dctx("rotate", "--expiring", "soon")
    assert (ran.code, ran.err) == (
        2,
        'dctx: "soon" is not a number of days. Use a number such as 14d.\n',
    )
    ran = dctx("rotate", "acm")
    assert (ran.code, ran.err) == (3, 'dctx: profile "acm" not found. Did you mean acme?\n')
    assert panel.requests == ()


def test_rotate_protected_profile_asks(dctx: Dctx, panel: StandIn, point: Any) -> None:
    file = point(acme={"organization": "Acme", "protected": True})
    before = file.read_bytes()
    ran = dctx("rotate", "acme")
    assert ran.code == 6
    assert ran.err == (
        "dctx: acme is protected and there is no terminal to ask on, so nothing was done. "
        "To replace its key, set DCTX_YES=acme\n"
    )
    assert panel.requests == ()
    assert file.read_bytes() == before
    assert dctx("rotate", "acme", env={"DCTX_YES": "acme"}).code == 0
    assert json.loads(file.read_text())["profiles"]["acme"]["protected"] is True


def test_rotate_a_program_is_refused(dctx: Dctx, panel: StandIn, point: Any, home: Path) -> None:
    point(vault={"organization": "Acme", "token": None, "tokenCommand": ["touch", f"{home}/ran"]})
    ran = dctx("rotate", "vault")
    assert ran.code == 1
    assert ran.err == (
        "dctx: the key of vault is printed by a program, so dctx cannot store a new one. "
        "Create a key on the panel, and store it where that program reads it.\n"
    )
    assert not (home / "ran").exists()


def test_rotate_an_expired_key_with_another_profiles(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path, saved: Saved
) -> None:
    age(panel, path, "globex", 91)
    ran = dctx("rotate", "globex")
    assert ran.code == 5
    day = saved()["globex"]["expiresAt"][:10]
    assert ran.err == (
        f"dctx: the key of globex expired on {day}. Run: dctx rotate globex --profile acme\n"
    )
    data = json.loads(path.read_text())
    for field in ("keyName", "keyCreatedAt"):  # as an older dctx saved it
        del data["profiles"]["globex"][field]
    path.write_text(json.dumps(data))
    ran = dctx("rotate", "globex")
    assert ran.err == (
        f"dctx: the key of globex expired on {day}. "
        "Run: dctx rotate globex --profile acme --expires 90d\n"
    )
    ran = dctx("rotate", "globex", "--profile", "acme")
    assert ran.code == 2
    assert ran.err == (
        "dctx: how long the key of globex was valid is not known any more. "
        "Run: dctx rotate globex --expires 90d --profile acme\n"
    )
    ran = dctx("rotate", "globex", "--profile", "acme", "--expires", "90d")
    assert ran.code == 0
    assert dctx("verify", "globex").code == 0


def test_rotate_with_a_protected_profiles_key_asks(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path
) -> None:
    data = json.loads(path.read_text())
    data["profiles"]["acme"]["protected"] = True
    path.write_text(json.dumps(data))
    panel.forget_requests()
    ran = dctx("rotate", "globex", "--profile", "acme")
    assert ran.code == 6
    assert ran.err == (
        "dctx: acme is protected and there is no terminal to ask on, so nothing was done. "
        "To make a key with its key, set DCTX_YES=acme\n"
    )
    assert panel.requests == ()
    assert dctx("rotate", "globex", "--profile", "acme", env={"DCTX_YES": "acme"}).code == 0


@pytest.mark.parametrize("names", [["globex", "acme"], ["acme", "globex"]], ids=" ".join)
@pytest.mark.parametrize("keyring", [False, True])
def test_rotate_the_maker_too_goes_on_with_its_new_key(
    dctx: Dctx,
    panel: StandIn,
    minted: dict[str, Any],
    home: Path,
    saved: Saved,
    names: list[str],
    keyring: bool,
) -> None:
    env = file_keyring(home)
    if keyring:
        assert dctx("auth", "globex", "--keyring", env=env).code == 0
    old = saved()
    ran = dctx("rotate", *names, "--profile", "globex", env=env)
    assert ran.code == 0, ran.err
    rotated = [line for line in ran.err.splitlines() if line.startswith("Key rotated for ")]
    assert [re.split("[ ;,.]", line)[3] for line in rotated] == names
    assert minted["keyId"] not in ids(panel)
    for name in names:
        assert saved()[name] != old[name]
        assert dctx("verify", name, env=env).code == 0


@pytest.mark.parametrize("how", ["protected", "removed"])
def test_rotate_with_a_maker_that_somebody_changes_meanwhile(
    dctx: Dctx, panel: StandIn, point: Any, path: Path, saved: Saved, how: str
) -> None:
    """Its key is used for the first, and then not any more."""
    point(acme="Acme", globex="Globex", initech="Initech")
    original, before = panel._fault, saved()

    def fault(name: str) -> None:
        if name == "user.createApiKey":
            data = json.loads(path.read_text())
            if how == "protected":
                data["profiles"]["acme"]["protected"] = True
            else:
                data["profiles"].pop("acme", None)
            path.write_text(json.dumps(data))
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    ran = dctx("rotate", "globex", "initech", "--profile", "acme")
    assert ran.code == 1
    error = {
        "protected": (
            "dctx: initech: acme was changed by another program just now. "
            "Nothing was changed. Run it again."
        ),
        "removed": 'dctx: initech: profile "acme" not found. To see all, run: dctx list',
    }
    assert error[how] in ran.err.splitlines()
    assert saved()["globex"]["token"] != before["globex"]["token"]
    assert saved()["initech"] == before["initech"]
    assert len(panel.keys) == 4


def test_rotate_by_another_user_says_so(
    dctx: Dctx, panel: StandIn, point: Any, saved: Saved
) -> None:
    """The old key is deleted, so its user is not known; the new one is another user's."""
    stranger = panel.add_user("s@example.test")
    panel.add_member(stranger, panel.organization("Acme"))
    theirs = panel.add_key(stranger, panel.organization("Acme"))
    point(
        bot={"organization": "Acme", "token": theirs.key, "keyId": theirs.id},
        acme="Acme",
    )
    panel.delete_key(theirs)
    ran = dctx("rotate", "bot", "--profile", "acme")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == ("Key rotated for bot, made as the user of acme. The old key was deleted.\n")
    assert dctx("verify", "bot").code == 0


def test_rotate_with_a_key_that_cannot(
    dctx: Dctx, panel: StandIn, other: StandIn, minted: dict[str, Any], path: Path
) -> None:
    stranger = panel.add_user("s@example.test")
    panel.add_member(stranger, panel.organization("Acme"))
    key = panel.add_key(stranger, panel.organization("Acme")).key
    data = json.loads(path.read_text())
    data["profiles"]["stranger"] = {"url": panel.url, "token": key}
    data["profiles"]["far"] = {"url": other.url, "token": other.key_of("Acme")}
    path.write_text(json.dumps(data))
    ran = dctx("rotate", "globex", "--profile", "stranger")
    assert ran.code == 1
    assert ran.err == (
        'dctx: that key\'s user is not in the organization of globex, "Globex". '
        "Use the key of another user with --profile NAME\n"
    )
    ran = dctx("rotate", "globex", "--profile", "far")
    assert (ran.code, ran.err) == (
        2,
        f"dctx: far is not on the panel of globex, {panel.url}. Use a profile of that panel.\n",
    )
    assert json.loads(path.read_text())["profiles"]["globex"] == minted


def test_rotate_a_key_of_another_organization_than_saved(
    dctx: Dctx, panel: StandIn, point: Any
) -> None:
    file = point(acme={"organization": "Acme", "token": panel.key_of("Globex")})
    before = file.read_bytes()
    ran = dctx("rotate", "acme")
    assert ran.code == 5
    assert ran.err.startswith(f'dctx: the key of acme is for "Globex" ({GLOBEX}), not for "Acme"')
    assert file.read_bytes() == before
    assert len(panel.keys) == 3


# Each step failing.


def works(dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved) -> bool:
    """Whether globex is as it was, and no new key is left."""
    return (
        saved()["globex"] == minted and len(panel.keys) == 4 and dctx("verify", "globex").code == 0
    )


@pytest.mark.parametrize("how", [403, 500, 502, "drop"])
def test_rotate_fails_to_make_a_key(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, how: Any
) -> None:
    if how == "drop":
        panel.drop_next("user.createApiKey")
    else:
        panel.fail_next("user.createApiKey", how)
    ran = dctx("rotate", "globex")
    assert ran.code == (1 if how == 403 else 5)
    assert len(ran.err.splitlines()) == 1
    assert works(dctx, panel, minted, saved)
    if how == "drop":
        assert ran.err.endswith(" The key that was made nevertheless was deleted again.\n")


@pytest.mark.parametrize("how", [500, 502, "drop"])
def test_rotate_fails_to_verify_the_new_key(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, how: Any
) -> None:
    disturb_second(panel, "organization.all", how)
    ran = dctx("rotate", "globex")
    assert ran.code == 5
    assert ran.err.endswith(" The new key was deleted again.\n")
    assert works(dctx, panel, minted, saved)


def test_rotate_fails_to_save(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, path: Path
) -> None:
    path.chmod(0o400)
    ran = dctx("rotate", "globex")
    assert ran.code == 1
    assert ran.err == (
        f"dctx: {path} is read-only. Nothing was changed. Make it writable. "
        "The new key was deleted again.\n"
    )
    path.chmod(0o600)
    assert works(dctx, panel, minted, saved)


@pytest.mark.parametrize("how", ["removed", "another key", "protected"])
def test_rotate_of_what_somebody_else_changes_meanwhile(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, path: Path, how: str
) -> None:
    original = panel._fault

    def fault(name: str) -> None:
        if name == "user.createApiKey":
            data = json.loads(path.read_text())
            if how == "removed":
                del data["profiles"]["globex"]
            elif how == "protected":
                data["profiles"]["globex"]["protected"] = True
            else:
                data["profiles"]["globex"]["token"] = panel.key_of("Globex")
            path.write_text(json.dumps(data))
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    ran = dctx("rotate", "globex")
    assert ran.code == 1
    assert ran.err == (
        "dctx: globex was changed by another program just now. Nothing was changed. Run it again. "
        "The new key was deleted again.\n"
    )
    assert len(panel.keys) == 4
    assert ("globex" in saved()) is (how != "removed")
    if how == "protected":
        assert saved()["globex"] == {**minted, "protected": True}


def test_rotate_saves_without_an_index_and_deletes_the_old_key(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, path: Path
) -> None:
    index = path.parent / "index"
    for file in index.iterdir():
        file.unlink()
    (index / ".others").mkdir()  # where a file has to be
    ran = dctx("rotate", "globex")
    assert ran.code == 1
    unwritten = f"dctx: saved, but the index {index} cannot be written: Is a directory."
    assert ran.err.splitlines() == [
        ran.err.partition("The old")[0] + "The old key was deleted.",
        f"{unwritten} Check that folder, then run: dctx sync",
    ]
    assert saved()["globex"]["keyId"] in ids(panel)
    assert minted["keyId"] not in ids(panel)


@pytest.mark.parametrize("how", [500, 502])
def test_rotate_fails_to_delete_the_old_key(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], saved: Saved, how: int
) -> None:
    panel.fail_next("user.deleteApiKey", how)
    panel.fail_next("user.deleteApiKey", how)
    ran = dctx("rotate", "globex")
    words = {
        500: f"{panel.url} answers 500: Injected failure. Try again later",
        502: (
            f"{panel.url} answers 502 and no JSON: the proxy is up, the panel is "
            "not. Try again later"
        ),
    }
    assert ran.code == 5
    assert ran.err.splitlines()[1] == (
        f"dctx: {words[how]}. Perhaps still valid on {panel.url}: the old key "
        f'"{minted["keyName"]}" (created today, no prefix) of globex, which uses its new key. '
        f"{WHERE}"
    )
    assert saved()["globex"]["keyId"] in ids(panel)
    assert dctx("verify", "globex").code == 0


def test_rotate_whose_last_answer_is_lost_asks_again(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any]
) -> None:
    panel.drop_next("user.deleteApiKey")
    ran = dctx("rotate", "globex")
    assert ran.code == 0
    assert ran.err.endswith("The old key was deleted.\n")
    assert minted["keyId"] not in ids(panel)


def test_rotate_stopped_by_ctrl_c_finishes_the_key_in_work(
    panel: StandIn, point: Any, saved: Saved
) -> None:
    point(acme="Acme", globex="Globex")
    before, original = saved(), panel._fault
    process: subprocess.Popen[str] | None = None

    def fault(name: str) -> None:
        if name == "user.createApiKey":
            assert process is not None
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        original(name)

    panel._fault = fault  # type: ignore[assignment]
    process = subprocess.Popen(
        [Path(sys.executable).with_name("dctx"), "rotate", "acme", "globex"],
        stderr=subprocess.PIPE,
        text=True,
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "dctx: cancelled. 1 of 2 profiles were looked at."
    assert saved()["acme"]["keyId"] in ids(panel)
    assert saved()["globex"] == before["globex"]
    assert len(panel.keys) == 4


# Terminals.


def test_terminal_has_the_new_key_at_its_next_prompt_and_the_shim_at_once(
    dctx: Dctx,
    panel: StandIn,
    minted: dict[str, Any],
    saved: Saved,
    shell: Shell,
    terminal: Callable[..., Terminal],
) -> None:
    term = terminal(shell)
    term.line("dctx globex")
    assert term.line("echo $DOKPLOY_API_KEY") == minted["token"]
    assert dctx("rotate", "globex").code == 0
    # This prompt was drawn before: the session still holds the old key.
    shown = term.line("dokploy project all | grep '^    \"name\"'")
    assert '"globex-shop"' in shown
    assert term.line("echo $DOKPLOY_API_KEY") == saved()["globex"]["token"]


def test_shim_takes_the_new_key_of_the_default(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any]
) -> None:
    ran = BASH.run(
        BASH.hook,
        "dctx globex",
        "dctx rotate globex 2>&1 | grep -c new",
        "dokploy organization active",
    )
    assert ran.code == 0, ran.err
    assert '"name": "Globex"' in ran.out


def test_keyring_profile_gets_its_new_key_there(
    dctx: Dctx, panel: StandIn, minted: dict[str, Any], path: Path, home: Path, saved: Saved
) -> None:
    env = file_keyring(home)
    assert dctx("auth", "globex", "--keyring", env=env).code == 0
    before = saved()["globex"]
    ran = dctx("rotate", "globex", env=env)
    assert ran.code == 0, ran.err
    after = saved()["globex"]
    assert "token" not in after
    assert after["keyring"] != before["keyring"]
    assert after["keyId"] != before["keyId"]
    assert dctx("verify", "globex", env=env).code == 0
    vault = json.loads((home / "vault.json").read_text())
    assert list(vault) == [after["keyring"]]
    assert dctx("orgs", "add", "Initech", "--profile", "globex", env=env).code == 0
    assert "token" not in saved()["initech"]
    assert dctx("remove", "initech", "--revoke", env=env).code == 0
    assert list(json.loads((home / "vault.json").read_text())) == [after["keyring"]]


COPY_BY_HAND: dict[str, tuple[list[str], str, int]] = {
    "remove": (["remove", "globex"], "", 0),
    "remove of two": (["remove", "acme", "globex"], "", 0),
    "auth": (["auth", "globex", "-t", "-"], "globex", 0),
    "auth --keyring": (["auth", "globex", "--keyring", "-t", "-"], "globex", 1),
    "auth --token-command": (["auth", "globex", "--no-check", "--token-command", "x"], "", 0),
    "rotate": (["rotate", "globex"], "", 1),
}


@pytest.mark.parametrize("how", COPY_BY_HAND)
def test_key_in_the_keyring_stays_while_another_profile_names_it(
    dctx: Dctx,
    panel: StandIn,
    minted: dict[str, Any],
    path: Path,
    home: Path,
    saved: Saved,
    how: str,
) -> None:
    env = file_keyring(home)
    assert dctx("auth", "globex", "--keyring", env=env).code == 0
    data = json.loads(path.read_text())
    data["profiles"]["copy"] = {**data["profiles"]["globex"], "keyId": None}
    path.write_text(json.dumps(data))
    user = saved()["copy"]["keyring"]
    argv, stdin, more = COPY_BY_HAND[how]
    key = panel.add_key(panel.users[0], panel.organization("Globex")).key if stdin else ""
    ran = dctx(*argv, stdin=key, env=env)
    assert ran.code == 0, ran.err
    assert "in the keyring" not in ran.err
    vault = json.loads((home / "vault.json").read_text())
    assert vault.pop(user) == minted["token"]
    assert len(vault) == more
    assert dctx("verify", "copy", env=env).code == 0
    assert dctx("remove", "copy", env=env).code == 0
    assert user not in json.loads((home / "vault.json").read_text())


def test_key_that_two_profiles_name_leaves_the_keyring_with_the_second(
    dctx: Dctx, minted: dict[str, Any], path: Path, home: Path
) -> None:
    env = file_keyring(home)
    assert dctx("auth", "globex", "--keyring", env=env).code == 0
    data = json.loads(path.read_text())
    data["profiles"]["copy"] = dict(data["profiles"]["globex"])
    path.write_text(json.dumps(data))
    assert dctx("remove", "globex", "copy", env=env).code == 0
    assert json.loads((home / "vault.json").read_text()) == {}
