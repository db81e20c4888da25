"""What Tab reads and asks: files of the CLI's commands, and names and ids by one short call."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dokploy_ctx.official import tab_files
from tests.standin import StandIn

from ..conftest import Result

Dctx = Callable[..., Result]
Save = Callable[..., Path]
Ids = dict[str, str]
ID = "--applicationId"


def rows(ran: Result) -> list[list[str]]:
    assert (ran.code, ran.err) == (0, "")
    return [line.split("\t") for line in ran.out.splitlines()]


def test_ids_with_their_names(
    dctx: Dctx, ids: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    found = dict(rows(ids("--", ID)))
    assert found[shop["worker"]] == "worker (Acme Shop / production)"
    assert len(found) == 5
    begin = shop["worker"][:6]
    assert rows(ids("--", ID, begin)) == [[shop["worker"], "worker (Acme Shop / production)"]]
    assert rows(ids("--", "--serverId")) == [["srv-1", "Frankfurt"]]
    assert rows(dctx("_ids", "--", "--chatId")) == []
    # What begins no id may begin a name.
    assert rows(ids("--", "--serverId", "Fra")) == [["@Frankfurt", "srv-1"]]
    assert rows(dctx("_ids", "--", "--serverId", "x")) == []
    # The names of one answer are kept, each for a minute.
    assert rows(ids("--", "--composeId")) == [[shop["stack"], "stack (Acme Shop / production)"]]
    asked = dict.fromkeys(seen.procedures for seen in panel.requests)
    assert list(asked) == [("project.all",), ("server.all",)]


def test_the_shortest_name_that_is_clear(ids: Dctx, shop: Ids, profile: Save) -> None:
    profile(prod="Acme")
    found = [row[0] for row in rows(ids("--", ID, "@"))]
    assert found[:3] == ["@production/shop-api", "@worker", "@staging/shop-api"]
    assert found[3:] == ["@acme-api/production/web", "@acme-web/production/web"]
    assert [row[0] for row in rows(ids("--", ID, "@wo"))] == ["@worker"]
    assert [row[0] for row in rows(ids("--", ID, "@Acme"))] == [
        "@Acme Shop/production/shop-api",
        "@Acme Shop/production/worker",
        "@Acme Shop/staging/shop-api",
    ]
    assert rows(ids("--", ID, "@shop")) == [["@shop-api", "2 of that name"]]
    assert [row[0] for row in rows(ids("--whole", "--", ID, "@shop"))] == [
        "@Acme Shop/production/shop-api",
        "@Acme Shop/staging/shop-api",
    ]
    assert [row[0] for row in rows(ids("--", ID, "@w"))] == ["@worker", "@web"]
    assert [row[0] for row in rows(ids("--", ID, "@shop-api"))] == [
        "@Acme Shop/production/shop-api",
        "@Acme Shop/staging/shop-api",
    ]


def test_silent_and_quick_where_it_cannot_be_known(
    dctx: Dctx, panel: StandIn, shop: Ids, profile: Save, home: Path
) -> None:
    assert rows(dctx("_ids", "--", ID)) == []
    path = profile(prod="Acme", vault={"organization": "Acme", "token": None,
                                       "tokenCommand": ["touch", str(home / "asked")]})  # fmt: skip
    assert rows(dctx("_ids", "--profile", "vault", "--", ID)) == []
    assert not (home / "asked").exists()
    assert rows(dctx("_ids", "--profile", "nosuch", "--", ID)) == []
    panel.delay = 30
    started = time.monotonic()
    assert rows(dctx("_ids", "--", ID)) == []
    assert time.monotonic() - started < 20  # it was not the panel's answer that ended it
    panel.delay = 0
    path.write_text("{")
    assert rows(dctx("_ids", "--", ID)) == []


def test_what_was_asked_serves_a_vault_and_a_panel_that_is_gone(
    dctx: Dctx, ids: Dctx, panel: StandIn, shop: Ids, profile: Save, home: Path
) -> None:
    script = home / "vault"
    script.write_text(f"#!/bin/sh\necho {panel.key_of('Acme')}\n")
    script.chmod(0o700)
    profile(prod={"organization": "Acme", "token": None, "tokenCommand": [str(script)]})
    assert dctx("find").code == 0
    panel.close()
    assert len(rows(ids("--", ID))) == 5
    assert rows(ids("--", "--postgresId")) == [[shop["db"], "db (Acme Shop / production)"]]


def test_files_are_of_the_installed_cli(
    dctx: Dctx, home: Path, private_cli: Path, config: Callable[..., Path]
) -> None:
    config("prod")
    folder = home / ".local/share/dctx"
    assert dctx("sync").code == 0
    assert not folder.exists()
    assert dctx("install", "bash").code == 0
    line = "deploy\x1f--applicationId\x1f--applicationId!=@ --title= --description= --json\n"
    assert line in (folder / "cli/application").read_text()
    assert "application\x1f32 commands\n" in (folder / "cli/.groups").read_text()
    source = private_cli / "dist/generated/commands.js"
    text = source.read_text()
    # One group less, and a command of another name.
    start, end = text.index("const g_admin"), text.index("const g_ai")
    source.write_text(
        (text[:start] + text[end:]).replace(".command('redeploy')", ".command('again')", 1)
    )
    assert dctx("sync").code == 0
    assert not (folder / "cli/admin").exists()
    assert "again\x1f" in (folder / "cli/application").read_text()
    before = os.stat(folder / "cli/application").st_mtime_ns, os.listdir(folder / "cli")
    source.write_text("export const other = 1;")
    assert dctx("sync").code == 0
    assert (os.stat(folder / "cli/application").st_mtime_ns, os.listdir(folder / "cli")) == before
    shutil.rmtree(folder / "cli")
    assert dctx("init", "bash").code == 0
    assert line in (folder / "cli/application").read_text()
    assert dctx("uninstall").code == 0
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["names", "options"])
def test_the_shipped_files_are_words_that_a_shell_can_take(kind: str) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,=!@ \x1f\n")
    for name, (text, mode) in tab_files.shipped().items():
        assert mode == 0o644
        if kind == "options":
            assert name in ("cli/.of", "cli/.groups") or set(text) <= allowed
        else:
            assert set(name) <= allowed | {"/"}
