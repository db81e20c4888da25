"""`dctx find`: what is on one panel or several, and the errors if that is not known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.standin import StandIn

from ..conftest import Result
from ..shells import Shell

Dctx = Callable[..., Result]
Save = Callable[..., Path]
Ids = dict[str, str]


def requests(panel: StandIn) -> list[tuple[str, ...]]:
    return [seen.procedures for seen in panel.requests]


def test_everything_as_a_table(dctx: Dctx, panel: StandIn, shop: Ids, profile: Save) -> None:
    profile(prod="Acme")
    ran = dctx("find")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    shown = [line.split("  ") for line in lines]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in shown]
    assert ["project", "Acme Shop", shop["project"]] in rows
    assert ["environment", "Acme Shop/staging", shop["staging"]] in rows
    assert [
        "application",
        "Acme Shop/production/shop-api",
        shop["production/shop-api"],
        "idle",
    ] in rows
    assert ["compose", "Acme Shop/production/stack", shop["stack"], "idle"] in rows
    assert ["postgres", "Acme Shop/production/db", shop["db"], "idle"] in rows
    assert ["server", "Frankfurt", "srv-1", "active"] in rows
    assert ["registry", "ghcr", "reg-1"] in rows
    assert "MARK" not in ran.out
    assert len({line.index(rows[at][1], 8) for at, line in enumerate(lines)}) == 1
    asked = requests(panel)
    assert len(asked) == 2
    assert asked[1] == ("environment.byProjectId",)


def test_a_word_keeps_what_has_it(dctx: Dctx, shop: Ids, profile: Save) -> None:
    profile(prod="Acme")
    assert len(dctx("find", "SHOP-api").out.splitlines()) == 2
    assert dctx("find", "--", shop["db"]).out.split()[0] == "postgres"
    assert dctx("find", "compose").out.split()[0] == "compose"
    ran = dctx("find", "nosuch")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == 'dctx: nothing on the panel has "nosuch" in it. To see all, run: dctx find\n'
    assert json.loads(dctx("find", "nosuch", "--json").out) == []


def test_json_of_all_profiles(dctx: Dctx, panel: StandIn, shop: Ids, profile: Save) -> None:
    profile(prod="Acme", globex="Globex")
    ran = dctx("find", "web", "--all", "--json")
    assert (ran.code, ran.err) == (0, "")
    rows = json.loads(ran.out)
    assert {row["profile"] for row in rows} == {"prod", "globex"}
    assert set(rows[0]) == {"kind", "path", "id", "status", "profile"}
    assert [row["kind"] for row in rows if row["path"] == "globex-shop/production/web"] == [
        "application"
    ]
    (one,) = json.loads(dctx("find", "Frankfurt", "--json").out)
    assert one == {
        "kind": "server", "path": "Frankfurt", "id": "srv-1", "status": "active", "profile": "prod",
    }  # fmt: skip


def test_a_panel_that_is_down_and_what_the_others_say(
    dctx: Dctx, shop: Ids, profile: Save, panel: StandIn
) -> None:
    path = profile(prod="Acme", gone="Globex", bad="Initech")
    data = json.loads(path.read_text())
    data["profiles"]["gone"]["url"] = "http://127.0.0.1:9"
    data["profiles"]["bad"]["token"] = "x" * 64
    path.write_text(json.dumps(data))
    ran = dctx("find", "--all", "shop-api")
    assert ran.code == 5
    assert len(ran.out.splitlines()) == 2
    assert ran.out.startswith("prod  application  ")
    first, second = ran.err.splitlines()
    assert first.startswith("dctx: gone: cannot reach http://127.0.0.1:9")
    assert second.startswith(f"dctx: bad: {panel.url} refuse")
    ran = dctx("find", "--profile", "gone", "--json")
    assert (ran.code, ran.out) == (5, "[]\n")
    assert ran.err.startswith("dctx: cannot reach")
    assert "x" * 64 not in ran.err


def test_what_the_key_may_not_list_is_said(
    dctx: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    panel.fail_next("server.all", 401)
    panel.fail_next("gitProvider.getAll", 403)
    panel.fail_next("tag.all", 404)
    ran = dctx("find")
    assert ran.code == 0
    kinds = "server, tag, gitProvider, github, gitlab, bitbucket, gitea"
    assert ran.err == f"dctx: this key may not list: {kinds}.\n"
    assert "ghcr" in ran.out
    panel.fail_next("registry.all", 500)
    ran = dctx("find")
    assert ran.code == 5
    assert "answers 500" in ran.err


def test_a_pair_of_the_environment(dctx: Dctx, panel: StandIn, shop: Ids, home: Path) -> None:
    env = {"DOKPLOY_URL": panel.url, "DOKPLOY_API_KEY": panel.key_of("Acme")}
    ran = dctx("find", "worker", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert shop["worker"] in ran.out
    assert not (home / ".dokploy").exists()


def test_no_profile_and_usage(dctx: Dctx, profile: Save) -> None:
    ran = dctx("find")
    assert (ran.code, ran.out) == (1, "")
    assert dctx("find", "--all").code == 1
    assert dctx("find", "--all", "--profile", "prod").code == 2
    assert dctx("find", "a", "b").code == 2
    profile(prod="Acme")
    assert dctx("find", "--profile", "prd").code == 3


def test_headers_of_the_profile_are_sent(
    dctx: Dctx, panel: StandIn, shop: Ids, profile: Save
) -> None:
    profile(prod={"organization": "Acme", "headers": {"X-Gate": "open-sesame"}})
    assert dctx("find", "worker").code == 0
    assert all(seen.headers.get("x-gate") == "open-sesame" for seen in panel.requests)


ODD = [
    "日本語のサービス",
    "a/b",
    "$(touch x)",
    "-lead",
    'it\'s "q"',
    "x\x1b[31mred",
    "\u202ertl",
    "a  b",
]


def test_odd_names(dctx: Dctx, panel: StandIn, profile: Save) -> None:
    project = panel.add_project(panel.organization("Acme"), "odd\nproject")
    ids = [panel.add_service(project, name) for name in ODD]
    profile(prod="Acme")
    ran = dctx("find", "odd")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == len(ODD) + 2
    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    rows = json.loads(dctx("find", "odd", "--json").out)
    assert {row["id"]: row["path"] for row in rows if row["kind"] == "application"} == {
        id_: f"odd\nproject/production/{name}" for id_, name in zip(ids, ODD, strict=True)
    }


def test_three_thousand_services(dctx: Dctx, panel: StandIn, profile: Save) -> None:
    acme = panel.organization("Acme")
    for number in range(60):
        project = panel.add_project(acme, f"project-{number}")
        for service in range(50):
            kind = "postgres" if service % 5 == 0 else ""
            panel.add_service(project, f"service-{service}", kind)
    profile(prod="Acme")
    ran = dctx("find", "--json")
    assert ran.code == 0
    kinds = [row["kind"] for row in json.loads(ran.out)]
    assert (kinds.count("application"), kinds.count("postgres")) == (2402, 600)
    assert [len(each) for each in requests(panel)][1:] == [50, 10]


def test_a_profile_that_is_called_find(dctx: Dctx, shop: Ids, profile: Save) -> None:
    profile(find="Acme")
    ran = dctx("find")
    assert (ran.code, ran.out) == (1, "")
    assert '"dctx find" switches terminals' in ran.err
    for words in (("find", ""), ("find", "--json"), ("find", "worker"), ("find", "--profile=find")):
        ran = dctx(*words)
        assert (ran.code, ran.err) == (0, "")
        assert shop["worker"] in ran.out


def test_in_each_shell_the_bare_word_switches_only_where_a_profile_has_it(
    shell: Shell, loaded: str, shop: Ids, profile: Save
) -> None:
    path = profile(find="Acme", prod="Acme")
    show = shell.show("DOKPLOY_PROFILE")
    ran = shell.run(loaded, "dctx find", show, "dctx find worker")
    assert ran.vars == {"DOKPLOY_PROFILE": "find"}
    assert shop["worker"] in ran.out
    # Not by the quick road either.
    ran = shell.run(loaded, shell.export("DCTX_EXPORT_KEY", "0"), "dctx find", show)
    assert ran.vars == {"DOKPLOY_PROFILE": "find"}
    path.write_text(path.read_text().replace('"find"', '"other"'))
    ran = shell.run(loaded, "dctx find", show)
    assert ran.vars == {"DOKPLOY_PROFILE": None}
    assert shop["worker"] in ran.out


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_nothing_there(dctx: Dctx, panel: StandIn, profile: Save, arguments: Any) -> None:
    profile(prod="Acme")
    for project in [p for p in panel.projects if p.name == "acme-web"]:
        panel._state.delete_project(project.id)
    ran = dctx("find", "no such", *arguments)
    assert ran.code == 0
