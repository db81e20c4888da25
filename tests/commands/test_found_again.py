"""Finding keys: their ids, their names on the panel's page, and keys that no profile has."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.files import pending_keys
from dokploy_ctx.model import own_key
from tests.standin import ApiKey, StandIn
from tests.standin.versions import PLAYED

from ..conftest import Result
from ..shells import BASH
from ..terminal import ENTER, Terminal
from . import in_process
from .conftest import profiles
from .test_orgs import iso
from .test_rotate import age

Point = Callable[..., Path]


def alone(panel: StandIn, **how: Any) -> ApiKey:
    """Return the only key of the panel's owner, for Acme."""
    row = panel.add_key(panel.users[0], panel.organization("Acme"), **how)
    for other in panel.keys:
        if other is not row:
            panel.delete_key(other)
    return row


# The id of a pasted key.


def test_only_key_of_a_user_is_known_with_id_name_and_expiry(
    dctx: Callable[..., Result], panel: StandIn, home: Path
) -> None:
    row = alone(panel, name="laptop", expires_at=panel._state.now() + timedelta(days=90))
    ran = dctx("auth", "acme", "-u", panel.url, "-t", "-", stdin=row.key)
    assert ran.code == 0
    assert profiles(home)["acme"] == {
        "url": panel.url,
        "organization": {"id": row.organization_id, "name": "Acme"},
        "keyId": row.id,
        "keyName": "laptop",
        "keyCreatedAt": iso(row.created_at),
        "expiresAt": iso(row.expires_at),  # type: ignore[arg-type]
        "token": row.key,
    }
    ran = dctx("remove", "acme", "--revoke")
    assert ran.code == 0
    assert panel.keys == ()


def test_verify_notes_what_it_learns(panel: StandIn, point: Point, home: Path) -> None:
    row = alone(panel, name="laptop")
    path = point(acme={"organization": "Acme", "token": row.key, "theme": 1})
    assert in_process.run("verify").code == 0
    entry = profiles(home)["acme"]
    assert (entry["keyId"], entry["keyName"], entry["theme"]) == (row.id, "laptop", 1)
    before = path.read_bytes()
    assert in_process.run("verify").code == 0
    assert path.read_bytes() == before


def test_prefix_tells_keys_apart_and_two_that_are_alike_stay_unknown(
    panel: StandIn, point: Point, home: Path
) -> None:
    keys = [panel.add_key(panel.users[0], panel.organization("Acme")) for _ in range(2)]
    keys[1].prefix, keys[1].key = "ci_", f"ci_{keys[1].key}"
    rows = {f"p{n}": {"organization": "Acme", "token": row.key} for n, row in enumerate(keys)}
    point(**rows)
    assert in_process.run("verify", "--all").code == 0
    entries = profiles(home)
    assert "keyId" not in entries["p0"]
    assert entries["p1"]["keyId"] == keys[1].id


@pytest.mark.parametrize("version", PLAYED)
def test_first_letters_tell_keys_apart_where_the_panel_lists_them(
    config: Callable[..., Path], home: Path, version: str
) -> None:
    with StandIn.seeded(version=version) as panel:
        config(acme={"url": panel.url, "token": panel.key_of("Acme")})
        assert in_process.run("verify").code == 0
        known = "keyId" in profiles(home)["acme"]
        assert known is (version != "v0.30.2")


def test_disabled_keys_are_none_of_it_and_programs_keys_are_not_kept(
    panel: StandIn, point: Point, home: Path
) -> None:
    row = alone(panel)
    panel.add_key(panel.users[0], panel.organization("Acme"), enabled=False)
    own = {"organization": "Acme", "token": None, "tokenCommand": ["echo", row.key]}
    point(acme={"organization": "Acme", "token": row.key}, vault=own)
    assert in_process.run("verify", "--all").code == 0
    assert profiles(home)["acme"]["keyId"] == row.id
    assert "keyId" not in profiles(home)["vault"]


def test_two_profiles_with_one_key_both_know_its_id_and_expiry(
    dctx: Callable[..., Result], panel: StandIn, point: Point, home: Path
) -> None:
    point(acme="Acme")
    assert in_process.run("orgs", "add", "Globex", "--expires", "90d").code == 0
    entry = profiles(home)["globex"]
    ran = dctx("auth", "twin", "-u", panel.url, "-t", "-", stdin=entry["token"])
    assert ran.code == 0
    assert profiles(home)["twin"] == entry


# What rotate keeps.


def test_rotate_of_a_pasted_key_keeps_name_term_and_prefix_and_deletes_it(
    panel: StandIn, point: Point, home: Path
) -> None:
    row = alone(panel, name="laptop", expires_at=panel._state.now() + timedelta(days=30))
    row.prefix, row.key = "lap_", f"lap_{row.key}"
    point(acme={"organization": "Acme", "token": row.key})
    ran = in_process.run("rotate", "acme")
    assert ran.code == 0
    (new,) = panel.keys
    assert (new.name, new.prefix, new.key[:4]) == ("laptop", "lap_", "lap_")
    assert profiles(home)["acme"]["keyPrefix"] == "lap_"
    assert new.expires_at is not None
    assert abs(new.expires_at - new.created_at - timedelta(days=30)) < timedelta(seconds=2)
    assert ran.err == (
        f"Key rotated for acme; it expires on {iso(new.expires_at)[:10]}. "
        "The old key was deleted.\n"
        "dctx: warning: the panel does not tell the limits of keys, so the new key has no limits "
        "even if the old one had some\n"
    )


@pytest.mark.parametrize("version", ["v0.19.0", "v0.28.3"])
def test_rotate_keeps_limits_where_the_panel_tells_them(
    config: Callable[..., Path], version: str
) -> None:
    with StandIn.seeded(version=version) as panel:
        row = alone(panel, name="ci", rate_limit=500, rate_limit_window=3600, remaining=900)
        config(acme={"url": panel.url, "token": row.key})
        ran = in_process.run("rotate", "acme")
        assert (ran.code, ran.err.count("\n")) == (0, 1)
        (new,) = panel.keys
        assert (new.rate_limit_enabled, new.rate_limit_max) == (True, 500)
        assert new.rate_limit_window_ms == 3_600_000
        # One use made the new key; the uses of the new key by dctx do not count.
        assert new.remaining == 899
        unlimited = {"rateLimitEnabled": False, "rateLimitMax": 10, "remaining": None}
        assert own_key.limits(unlimited) == {"rateLimitEnabled": False}


def test_rotate_of_a_pasted_key_whose_term_is_not_known_says_so(
    panel: StandIn, point: Point
) -> None:
    acme = panel.keys[0]
    acme.expires_at = panel._state.now() + timedelta(days=30)
    point(acme="Acme")
    ran = in_process.run("rotate", "acme")
    assert ran.code == 0
    assert ran.err.splitlines()[1] == (
        "dctx: warning: whether the old key of acme expires is not known, since any of these can "
        "be that key: "
        '"acme" (created today, no prefix), "globex" (created today, no prefix), '
        '"initech" (created today, no prefix). The new key never expires. If it should, run: '
        "dctx rotate acme --expires 90d"
    )


def test_rotate_of_a_pasted_key_with_another_profiles_says_so_too(
    panel: StandIn, point: Point
) -> None:
    point(acme="Acme", globex="Globex")
    ran = in_process.run("rotate", "acme", "--profile", "globex")
    assert ran.code == 0
    assert ran.err.splitlines()[1] == (
        "dctx: warning: whether the old key of acme expires is not known. "
        "The new key never expires. "
        "If it should, run: dctx rotate acme --expires 90d --profile globex"
    )
    assert in_process.run("rotate", "acme").err.count("\n") == 1  # now it is


def test_rotate_of_an_expired_key_keeps_the_term_that_was_noted(
    panel: StandIn, point: Point, home: Path
) -> None:
    path = point(acme="Acme")
    assert in_process.run("orgs", "add", "Globex", "--expires", "60d").code == 0
    age(panel, path, "globex", 61)
    name = profiles(home)["globex"]["keyName"]
    ran = in_process.run("rotate", "globex")
    assert ran.err.endswith(". Run: dctx rotate globex --profile acme\n")
    assert in_process.run("rotate", "globex", "--profile", "acme").code == 0
    new = panel.keys[-1]
    assert new.name == name
    assert new.expires_at is not None
    assert abs(new.expires_at - new.created_at - timedelta(days=60)) < timedelta(seconds=2)


# A key in the page's words.


def test_key_is_named_as_the_page_shows_it() -> None:
    day = 86400

    def made(days: float) -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - days * day))

    said = own_key.described
    assert said("x", made(0), "") == '"x" (created today, no prefix)'
    assert said("x", made(1.5), "ci_") == '"x" (created 1 day ago, prefix "ci_")'
    assert said("a\x1b[2J", made(90.2), "") == '"a[2J" (created 90 days ago, no prefix)'
    assert said("x", "?", "") == '"x" (no prefix)'
    rows = [{"name": name, "createdAt": made(0)} for name in "dcba"]
    assert own_key.listed(rows).startswith('"a" (')
    assert own_key.listed(rows).endswith(" and 1 more")


def test_remove_names_the_key_that_stays(panel: StandIn, point: Point, home: Path) -> None:
    point(acme="Acme")
    assert in_process.run("orgs", "add", "Globex").code == 0
    name = profiles(home)["globex"]["keyName"]
    assert in_process.run("remove", "globex").err == (
        f'The API key "{name}" (created today, no prefix) of globex stays valid on {panel.url}. '
        "To delete it as well: dctx remove globex --revoke\n"
        "Removed profile globex\n"
    )


def test_letters_of_a_key_are_never_taken_for_its_prefix(panel: StandIn, point: Point) -> None:
    own = {"organization": "Acme", "token": "S" * 100, "keyId": "x", "keyName": "odd"}
    point(acme=own)
    assert '"odd" (no prefix) of acme stays valid' in in_process.run("remove", "acme").err


# Keys of no profile.


def orphan(panel: StandIn, name: str = "dctx old 1f2e3d") -> ApiKey:
    """Return a key with a name like ours and a prefix, which no profile has."""
    row = panel.add_key(panel.users[0], panel.organization("Initech"), name=name)
    row.prefix, row.key = "o_", f"o_{row.key}"
    return row


def test_verify_lists_keys_of_no_profile_and_what_deletes_them(
    panel: StandIn, point: Point
) -> None:
    point(acme="Acme", globex="Globex")
    row = orphan(panel)
    gone = panel._state.now() - timedelta(days=1)
    panel.add_key(panel.users[0], panel.organization("Acme"), name="dctx x 1", expires_at=gone)
    ran = in_process.run("verify", "--all")
    assert ran.code == 0
    assert ran.err == (
        f"dctx: warning: dctx made 1 key on {panel.url} that no profile here is known to have: "
        f'"{row.name}" (created today, prefix "o_"). If no other machine uses them, run: '
        "dctx remove --unused --profile acme\n"
    )
    ran = in_process.run("remove", "--unused", "--profile", "acme")
    assert ran.code == 2
    assert ran.err == (
        f"1 key to delete on {panel.url} (another machine may use them):\n"
        f'  "{row.name}" (created today, prefix "o_")\n'
        "dctx: nothing was deleted, since there is no terminal to ask on. Run it with: --yes\n"
    )
    assert row in panel.keys
    ran = in_process.run("remove", "--unused", "--profile", "acme", "--yes")
    assert ran.code == 0
    assert ran.err.endswith(f'Deleted key "{row.name}" (created today, prefix "o_")\n')
    assert row not in panel.keys
    assert in_process.run("verify", "--all").err == ""
    ran = in_process.run("remove", "--unused", "--yes")
    assert (ran.code, ran.err) == (
        0,
        f"All keys on {panel.url} may be in use, so there is nothing to delete.\n",
    )


def test_unused_asks_on_a_terminal(
    panel: StandIn, point: Point, terminal: Callable[..., Terminal]
) -> None:
    point(acme="Acme")
    orphan(panel)
    term = terminal(BASH)
    term.type("dctx remove --unused" + ENTER)
    term.wait(lambda: "Delete 1 key? [y/N]:" in term.screen)
    term.key(ENTER)
    assert term.line("echo $?") == "130"
    assert len(panel.keys) == 4
    term.line("clear")
    term.type("dctx remove --unused" + ENTER)
    term.wait(lambda: "Delete 1 key? [y/N]:" in term.screen)
    term.key("y" + ENTER)
    assert len(panel.keys) == 3


def test_key_that_may_be_a_profiles_is_deleted_only_by_its_name(
    panel: StandIn, point: Point
) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Acme"), name="dctx old 1f2e3d")
    ran = in_process.run("remove", "--unused", "--yes")
    assert ran.code == 0
    assert ran.err == (
        'Key "dctx old 1f2e3d" (created today, no prefix) may be that of a profile whose '
        'key\'s id is not known. To delete it, run: dctx remove --unused "dctx old 1f2e3d"\n'
        f"All keys on {panel.url} may be in use, so there is nothing to delete.\n"
    )
    assert in_process.run("remove", "--unused", "--yes", "acme").err == (
        'dctx: no unused key has the name "acme". To list them, run: dctx verify\n'
    )
    assert in_process.run("remove", "--unused", "--yes", row.name).code == 0
    assert row not in panel.keys
    assert len(panel.keys) == 3


def test_unused_with_a_protected_profiles_key_asks_for_its_name(
    panel: StandIn, point: Point
) -> None:
    point(acme={"organization": "Acme", "protected": True})
    row = orphan(panel)
    assert in_process.run("remove", "--unused", "--yes").code == 6
    assert row in panel.keys


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--unused", "--revoke"], "--revoke and --unused exclude each other. Use one of them."),
        (
            ["acme", "--profile", "acme"],
            "--profile is used with --unused alone. Run: dctx remove --unused",
        ),
    ],
)
def test_options_that_do_not_go_together(point: Point, argv: list[str], words: str) -> None:
    point(acme="Acme")
    ran = in_process.run("remove", *argv)
    assert (ran.code, ran.err) == (2, f"dctx: {words}\n")


# Notes of runs that were stopped.


def left_by(home: Path, panel: StandIn, name: str, **how: Any) -> pending_keys.Note:
    """Leave the note of a run that was stopped, as it is left."""
    user = panel.users[0].id
    note = pending_keys.Note(panel.url, "globex", name, user_id=user, maker="acme", **how)
    with pending_keys.noted(str(home / ".dokploy"), note) as written:
        return written


def test_stopped_run_is_reported_and_finished(panel: StandIn, point: Point, home: Path) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Globex"), name="dctx globex 1f2e3d")
    note = left_by(home, panel, row.name)
    words = (
        f"dctx that was stopped on {note.day} made a key for globex that was not saved: "
        f'"{row.name}" (created today, no prefix), on {panel.url}'
    )
    for argv in (["verify"], ["orgs"]):
        assert in_process.run(*argv).err == (
            f"dctx: warning: a {words}. "
            "To delete that key, run: dctx remove --unused --profile acme\n"
        )
    ran = in_process.run("doctor", "--offline")
    assert (
        f'!!  keys     a key called "{row.name}" for globex may be on {panel.url} without a '
        f"profile that has it: a dctx was stopped there on {note.day}. "
        "To know, run: dctx verify acme\n"
    ) in ran.out
    assert in_process.run("orgs", "add", "Initech").err.startswith(
        f"A {words}. The key was deleted.\n"
    )
    assert row not in panel.keys
    assert not Path(note.path).exists()


def test_stopped_run_goes_with_remove_unused(panel: StandIn, point: Point, home: Path) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Globex"), name="dctx globex 1f2e3d")
    note = left_by(home, panel, row.name)
    assert in_process.run("remove", "--unused", "--yes").code == 0
    assert row not in panel.keys
    assert not Path(note.path).exists()


def test_a_living_run_is_not_taken_for_a_stopped_run(
    panel: StandIn, point: Point, home: Path
) -> None:
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Globex"), name="dctx globex 1f2e3d")
    note = pending_keys.Note(panel.url, "globex", row.name, user_id=panel.users[0].id, maker="acme")
    with pending_keys.noted(str(home / ".dokploy"), note):
        assert pending_keys.unfinished(str(home / ".dokploy")) == []
        assert in_process.run("orgs", "add", "Initech").code == 0
        assert row in panel.keys


def test_key_that_another_machine_made_is_never_deleted(
    panel: StandIn, point: Point, home: Path
) -> None:
    """It replaced the same key, under the same name, on another day."""
    point(acme="Acme")
    row = panel.add_key(panel.users[0], panel.organization("Globex"), name="dctx globex 1f2e3d")
    row.created_at -= timedelta(days=1)
    left_by(home, panel, row.name, replaces=("old",))
    ran = in_process.run("orgs", "add", "Initech")
    assert "may have made a key for globex that was not saved" in ran.err
    assert row in panel.keys


def test_other_users_and_other_panels_notes_are_left(
    panel: StandIn, other: StandIn, point: Point, home: Path
) -> None:
    point(acme="Acme")
    note = left_by(home, other, "dctx globex 1f2e3d")
    stranger = pending_keys.Note(panel.url, "x", "dctx x 1", user_id="somebody", maker="x")
    with pending_keys.noted(str(home / ".dokploy"), stranger) as written:
        pass
    assert in_process.run("verify").err == ""
    assert Path(note.path).exists() and Path(written.path).exists()


def test_foreign_files_and_half_notes_are_no_notes(home: Path, point: Point) -> None:
    folder = point(acme="Acme").parent
    (folder / ".dctx-key-1.json").write_text("{")
    (folder / ".dctx-key-2.json").write_text(json.dumps({"url": 1}))
    (folder / ".dctx-key-3").write_text("")
    assert pending_keys.unfinished(str(folder)) == []
    assert not (folder / ".dctx-key-3").exists()


def test_nothing_is_made_where_no_note_can_be_written(
    panel: StandIn, point: Point, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = point(acme="Acme").parent
    # Root can write everywhere, so put a folder in the place of the file.
    monkeypatch.setattr(secrets, "token_hex", lambda _n: "x")
    (folder / ".dctx-key-x").mkdir()
    ran = in_process.run("orgs", "add", "Globex")
    assert ran.code == 1
    assert ran.err == (
        f"dctx: cannot write {folder}: File exists. Nothing was made. "
        "Check the folder and its permissions.\n"
    )
    assert len(panel.keys) == 3


def test_no_folder_is_left_where_nothing_could_be_made(
    panel: StandIn, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOKPLOY_URL", panel.url)
    monkeypatch.setenv("DOKPLOY_API_KEY", panel.key_of("Acme"))
    panel.fail_next("user.createApiKey", 403)
    assert in_process.run("orgs", "add", "Globex").code == 1
    assert not (home / ".dokploy").exists()


# Organizations of one name.


@pytest.fixture
def namesake(panel: StandIn) -> Any:
    """A second organization called Globex, a day younger than the first."""
    second = panel.add_organization("Globex", owner=panel.users[0])
    panel.organizations[1].created_at -= timedelta(days=1)
    return second


def test_organizations_of_one_name_are_told_apart(
    panel: StandIn, namesake: Any, point: Point, home: Path
) -> None:
    point(acme="Acme")
    first = panel.organizations[1]
    labels = [f"Globex {o.id} (created {iso(o.created_at)[:10]})" for o in (first, namesake)]
    ran = in_process.run("orgs", "sync", "--yes")
    assert ran.code == 0
    assert ran.err.splitlines()[1:3] == [
        f"  globex    {labels[0]}, new profile",
        f"  globex-2  {labels[1]}, new profile",
    ]
    assert (
        f"Saved profile globex-2 ({panel.url}, organization {labels[1]})." in ran.err.splitlines()
    )
    saved = profiles(home)
    assert saved["globex"]["organization"]["id"] == first.id
    assert saved["globex-2"]["organization"]["id"] == namesake.id
    rows = in_process.run("orgs").out.splitlines()
    assert [row.split()[1] for row in rows if "Globex" in row] == [first.id, namesake.id]


def test_auth_names_the_organization_by_its_id_where_another_has_the_name(
    dctx: Callable[..., Result], panel: StandIn, namesake: Any, point: Point, home: Path
) -> None:
    key = panel.add_key(panel.users[0], namesake)
    ran = dctx("auth", "g", "-u", panel.url, "-t", "-", stdin=key.key)
    assert ran.err.startswith(
        f"Saved profile g ({panel.url}, organization Globex ({namesake.id}))."
    )
