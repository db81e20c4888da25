"""The stand-in as older versions of Dokploy, and corrections after v0.30.2 was recorded."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from tests.standin import StandIn
from tests.standin.request import Answer
from tests.standin.versions import PLAYED

from .client import Reply, mutate, query, send

MISSING = {
    "v0.18.4": ["user.get", "user.createApiKey", "organization.all", "organization.active"],
    "v0.19.0": ["organization.active", "user.session", "organization.setDefault"],
    "v0.26.0": ["organization.active", "user.session"],
    "v0.28.3": ["organization.active", "user.session"],
    "v0.30.2": [],
}


@pytest.mark.parametrize("version", MISSING)
@pytest.mark.parametrize("good", [True, False])
def test_what_a_version_does_not_have_is_404_whatever_the_key(version: str, good: bool) -> None:
    with StandIn.seeded(version=version) as panel:
        key = panel.key_of("Acme") if good else "bogus"
        for name in MISSING[version]:
            reply = query(panel, name, key)
            assert (reply.status, reply.message) == (404, f'No procedure found on path "{name}"')


@pytest.mark.parametrize("version", PLAYED)
def test_each_version_knows_who_a_key_is(version: str) -> None:
    with StandIn.seeded(version=version) as panel:
        key = panel.key_of("Globex")
        globex = panel.organization("Globex").id
        user = query(panel, "user.get", key).value
        assert user["organizationId"] == globex
        rows = query(panel, "organization.all", key).value
        assert {row["name"] for row in rows} == {"Acme", "Globex", "Initech"}
        assert all(("members" in row) is (version != "v0.19.0") for row in rows)
        assert query(panel, "settings.getDokployVersion", key).value == version
        own = next(row for row in user["user"]["apiKeys"] if row["name"] == "globex")
        assert own.get("start") == (None if version == "v0.30.2" else key[:6])
        assert query(panel, "user.get", "bogus").status == 401


@pytest.mark.parametrize(("version", "status"), [("v0.18.4", 404), ("v0.19.0", 200)])
def test_a_batch_of_which_the_panel_has_a_part(version: str, status: int) -> None:
    with StandIn.seeded(version=version) as panel:
        headers = {"x-api-key": panel.key_of("Acme")}
        target = "/api/trpc/organization.all,nope.nope?batch=1&input=%7B%7D"
        reply = send(panel, "GET", target, headers)
        assert reply.status == (207 if status == 200 else 404)
        assert ["error" in part for part in reply.json] == [status == 404, True]


def test_only_newer_versions_ask_for_the_membership() -> None:
    given = {"name": "x", "metadata": {"organizationId": "nobody's"}}
    for version, status in (("v0.19.0", 200), ("v0.26.0", 403)):
        with StandIn.seeded(version=version) as panel:
            key = panel.key_of("Acme")
            assert mutate(panel, "user.createApiKey", key, given).status == status


def test_health_of_old_versions_does_not_ask_the_database() -> None:
    for version, status in (("v0.26.0", 200), ("v0.28.3", 500)):
        with StandIn.seeded(version=version) as panel:
            panel.database_down = True
            assert query(panel, "settings.health").status == status


# What v0.30.2 answers otherwise than the stand-in once did.


@pytest.fixture
def acme(panel: StandIn) -> str:
    return panel.key_of("Acme")


def test_organization_can_have_an_empty_name(panel: StandIn, acme: str) -> None:
    assert mutate(panel, "organization.create", acme, {"name": ""}).value["name"] == ""


def test_query_and_mutation_in_one_batch_is_400(panel: StandIn, acme: str) -> None:
    target = f"/api/trpc/user.get,project.create?batch=1&input={quote('{}')}"
    reply = send(panel, "GET", target, {"x-api-key": acme})
    assert reply.status == 400
    assert reply.headers["content-type"] == "text/plain;charset=UTF-8"
    assert json.loads(reply.body)["error"]["json"]["code"] == -32600


def test_is_cloud_is_public(panel: StandIn) -> None:
    assert query(panel, "settings.isCloud").value is False


@pytest.mark.parametrize("procedure", ["project.create", "project.update"])
def test_empty_names_and_ids_of_projects_are_400(panel: StandIn, acme: str, procedure: str) -> None:
    given = {"name": "", "projectId": panel.projects[0].id}
    assert mutate(panel, procedure, acme, given).status == 400
    assert query(panel, "project.one", acme, {"projectId": ""}).status == 400


def _page(panel: StandIn, path: str, key: str = "") -> Reply:
    return send(panel, "GET", path, {"x-api-key": key} if key else {})


@pytest.mark.parametrize("path", ["/dashboard/home", "/dashboard/settings/profile", "/swagger"])
def test_pages_want_a_login_and_a_key_is_one(panel: StandIn, acme: str, path: str) -> None:
    assert _page(panel, path).status == 307
    assert _page(panel, path).headers["location"] == "/"
    assert _page(panel, path, acme).status == 200
    assert _page(panel, "/", acme).status == 307
    assert _page(panel, "/", acme).headers["location"] == "/dashboard/home"
    assert _page(panel, "/").status == 200


@pytest.mark.parametrize("more", [{"remaining": -1}, {"name": "a\0b"}])
def test_keys_that_the_database_refuses_are_500(
    panel: StandIn, acme: str, more: dict[str, object]
) -> None:
    metadata = {"organizationId": panel.organization("Acme").id}
    given = {"name": "x", "metadata": metadata, **more}
    before = panel.keys
    assert mutate(panel, "user.createApiKey", acme, given).status == 500
    assert panel.keys == before


def test_what_stands_in_front_answers_in_its_place(panel: StandIn, acme: str) -> None:
    panel.in_front = Answer(429, b"slow down", "text/plain", headers=(("Retry-After", "7"),))
    reply = query(panel, "user.get", acme)
    assert (reply.status, reply.body, reply.headers["retry-after"]) == (429, b"slow down", "7")
    assert len(panel.requests) == 1
