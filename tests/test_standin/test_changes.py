"""Organizations, projects and applications: who may see and change what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.standin import StandIn, User

from .client import mutate, query


@pytest.fixture
def panel() -> Iterator[StandIn]:
    with StandIn.seeded() as panel:
        yield panel


@pytest.fixture
def acme(panel: StandIn) -> str:
    return panel.key_of("Acme")


@pytest.fixture
def member(panel: StandIn) -> tuple[User, str]:
    """A plain member of Acme, and his key."""
    user = panel.add_user("member@example.test")
    panel.add_member(user, panel.organization("Acme"))
    return user, panel.add_key(user, panel.organization("Acme")).key


def names(panel: StandIn, key: str) -> list[str]:
    return sorted(row["name"] for row in query(panel, "project.all", key).value)


def test_seeded_keys_show_their_own_organization_and_projects(panel: StandIn) -> None:
    seen = {}
    for name in ("Acme", "Globex", "Initech"):
        key = panel.key_of(name)
        assert query(panel, "organization.active", key).value["name"] == name
        seen[name] = names(panel, key)
    assert seen == {
        "Acme": ["acme-api", "acme-web"],
        "Globex": ["globex-shop"],
        "Initech": ["initech-mail", "initech-reports"],
    }


def test_seeded_ids_are_of_21_characters_and_one_begins_with_a_dash(panel: StandIn) -> None:
    identities = [row.id for row in panel.organizations]
    assert {len(identity) for identity in identities} == {21}
    assert panel.organization("Globex").id.startswith("-")


def test_all_lists_the_same_for_every_key_of_the_user(panel: StandIn) -> None:
    answers = [
        query(panel, "organization.all", panel.key_of(name)).value for name in ("Acme", "Globex")
    ]
    assert answers[0] == answers[1]
    assert {row["name"] for row in answers[0]} == {"Acme", "Globex", "Initech"}


def test_renamed_organization_is_seen_by_its_keys(panel: StandIn, acme: str) -> None:
    panel.rename_organization(panel.organization("Acme"), "Acme $(rm -rf ~)")
    assert query(panel, "organization.active", acme).value["name"] == "Acme $(rm -rf ~)"


def test_key_of_a_removed_member_still_passes_but_sees_no_projects(
    panel: StandIn, acme: str
) -> None:
    panel.remove_member(panel.users[0], panel.organization("Acme"))
    assert query(panel, "user.get", acme).value is None
    assert query(panel, "organization.active", acme).value["name"] == "Acme"
    project = {"projectId": panel.projects[0].id}
    for reply in (query(panel, "project.all", acme), query(panel, "project.one", acme, project)):
        assert (reply.status, reply.message) == (401, "Permission denied")
    listed = query(panel, "organization.all", acme).value
    assert {row["name"] for row in listed} == {"Globex", "Initech"}


def test_key_of_a_deleted_organization_passes_but_has_none(panel: StandIn, acme: str) -> None:
    dead = panel.organization("Acme")
    panel.delete_organization(dead)
    assert query(panel, "user.get", acme).value is None
    assert query(panel, "organization.active", acme).value is None
    session = query(panel, "user.session", acme).value["session"]
    assert session == {"activeOrganizationId": dead.id}
    assert query(panel, "project.all", acme).status == 401
    assert all(row.organization_id != dead.id for row in panel.projects)


def test_one_asks_for_membership_and_not_for_the_key(panel: StandIn, acme: str) -> None:
    stranger = panel.add_user("stranger@example.test")
    theirs = panel.add_organization("Hooli", owner=stranger)
    own = {"organizationId": panel.organization("Globex").id}
    assert query(panel, "organization.one", acme, own).value["name"] == "Globex"
    for identity in (theirs.id, "made-up"):
        reply = query(panel, "organization.one", acme, {"organizationId": identity})
        assert (reply.status, reply.message) == (403, "You are not a member of this organization")


def test_set_default_changes_the_default_and_not_the_key(
    panel: StandIn, acme: str, member: tuple[User, str]
) -> None:
    given = {"organizationId": panel.organization("Globex").id}
    assert mutate(panel, "organization.setDefault", acme, given).value == {"success": True}
    assert query(panel, "organization.active", acme).value["name"] == "Acme"
    flags = {
        row["name"]: row["members"][0]["isDefault"]
        for row in query(panel, "organization.all", acme).value
    }
    assert flags == {"Acme": False, "Globex": True, "Initech": False}
    assert query(panel, "user.get", member[1]).value["isDefault"] is True


def test_organization_is_created_renamed_and_deleted_by_its_owner(
    panel: StandIn, acme: str
) -> None:
    made = mutate(panel, "organization.create", acme, {"name": "Hooli"}).value
    given = {"organizationId": made["id"], "name": "Hooli 2"}
    assert mutate(panel, "organization.update", acme, given).value["name"] == "Hooli 2"
    assert panel.organization("Hooli 2").id == made["id"]
    given = {"organizationId": made["id"]}
    assert mutate(panel, "organization.delete", acme, given).status == 200
    assert made["id"] not in {row.id for row in panel.organizations}


def test_organization_of_others_cannot_be_changed(
    panel: StandIn, acme: str, member: tuple[User, str]
) -> None:
    identity = panel.organization("Acme").id
    refused = [
        mutate(panel, "organization.create", member[1], {"name": "x"}),
        mutate(panel, "organization.update", member[1], {"organizationId": identity, "name": "x"}),
        mutate(panel, "organization.delete", member[1], {"organizationId": identity}),
        mutate(panel, "organization.delete", acme, {"organizationId": "made-up"}),
    ]
    assert [(reply.status, reply.message) for reply in refused] == [
        (403, "Only the organization owner can create an organization"),
        (403, "Only the organization owner can update it"),
        (403, "Only the organization owner can delete it"),
        (404, "Organization not found"),
    ]


def test_last_organization_of_an_owner_stays(panel: StandIn) -> None:
    user = panel.add_user("single@example.test")
    only = panel.add_organization("Only", owner=user)
    key = panel.add_key(user, only).key
    reply = mutate(panel, "organization.delete", key, {"organizationId": only.id})
    assert reply.status == 403
    assert only in panel.organizations


def test_project_is_created_in_the_organization_of_the_key(panel: StandIn, acme: str) -> None:
    given = {"name": "new", "description": "d", "env": "A=1"}
    made = mutate(panel, "project.create", acme, given).value
    assert made["project"]["organizationId"] == panel.organization("Acme").id
    assert made["environment"]["name"] == "production"
    assert "new" in names(panel, acme)
    assert "new" not in names(panel, panel.key_of("Globex"))
    shown = query(panel, "project.one", acme, {"projectId": made["project"]["projectId"]}).value
    assert (shown["description"], shown["env"]) == ("d", "A=1")


def test_project_is_updated_and_removed(panel: StandIn, acme: str) -> None:
    project = panel.projects[0]
    given = {"projectId": project.id, "name": "renamed"}
    assert mutate(panel, "project.update", acme, given).value["name"] == "renamed"
    assert project.name == "renamed"
    assert mutate(panel, "project.remove", acme, {"projectId": project.id}).status == 200
    assert project not in panel.projects
    assert query(panel, "project.one", acme, {"projectId": project.id}).status == 404


@pytest.mark.parametrize(
    ("procedure", "message"),
    [
        ("project.update", "You are not authorized to update this project"),
        ("project.remove", "You are not authorized to delete this project"),
    ],
)
def test_project_of_another_organization_is_401(
    panel: StandIn, acme: str, procedure: str, message: str
) -> None:
    (globex,) = (row for row in panel.projects if row.name == "globex-shop")
    reply = mutate(panel, procedure, acme, {"projectId": globex.id})
    assert (reply.status, reply.message) == (401, message)
    assert globex in panel.projects


def test_project_all_shows_the_newest_first(panel: StandIn, acme: str) -> None:
    mutate(panel, "project.create", acme, {"name": "newest"})
    listed = [row["name"] for row in query(panel, "project.all", acme).value]
    assert listed == ["newest", "acme-api", "acme-web"]


def test_plain_member_sees_only_what_was_given_and_changes_nothing(
    panel: StandIn, member: tuple[User, str]
) -> None:
    assert names(panel, member[1]) == []
    project = panel.projects[0]
    one = query(panel, "project.one", member[1], {"projectId": project.id})
    assert (one.status, one.message) == (401, "You don't have access to this project")
    refused = 'unauthorized to access resource "{}"'.format
    environment = {"environmentId": panel.applications[0].environment_id}
    application = {"applicationId": panel.applications[0].id}
    for procedure, given, status, message in (
        ("project.create", {"name": "x"}, 400, f"Error creating the project: {refused('project')}"),
        ("project.remove", {"projectId": project.id}, 401, refused("project")),
        ("project.update", {"projectId": project.id}, 401, "You don't have access to this project"),
        ("environment.create", {"projectId": project.id, "name": "x"}, 401, refused("environment")),
        (
            "application.create",
            {**environment, "name": "x"},
            401,
            refused("service"),
        ),
        ("application.delete", application, 401, refused("service")),
        ("application.deploy", application, 401, "You don't have access to this service"),
        (
            "application.deploy",
            {"applicationId": "none"},
            401,
            "You don't have access to this service",
        ),
    ):
        reply = mutate(panel, procedure, member[1], given)
        assert (reply.status, reply.message) == (status, message), procedure
    assert project in panel.projects


def test_environment_is_created_and_removed_but_the_default_stays(
    panel: StandIn, acme: str
) -> None:
    project = panel.projects[0]
    given: dict[str, Any] = {"projectId": project.id, "name": "staging"}
    made = mutate(panel, "environment.create", acme, given).value
    shown = query(panel, "project.one", acme, {"projectId": project.id}).value["environments"]
    assert [row["name"] for row in shown] == ["production", "staging"]
    given = {"environmentId": made["environmentId"]}
    assert mutate(panel, "environment.remove", acme, given).status == 200
    default = {"environmentId": shown[0]["environmentId"]}
    assert mutate(panel, "environment.remove", acme, default).status == 400
    shown = query(panel, "project.one", acme, {"projectId": project.id}).value["environments"]
    assert [row["name"] for row in shown] == ["production"]
    assert mutate(panel, "environment.remove", acme, given).status == 404


def test_application_lives_from_create_to_delete(panel: StandIn, acme: str) -> None:
    project = query(panel, "project.all", acme).value[0]
    environment = project["environments"][0]["environmentId"]
    given: dict[str, Any] = {"name": "Shop 2", "environmentId": environment}
    made = mutate(panel, "application.create", acme, given).value
    assert made["applicationStatus"] == "idle"
    assert made["appName"].startswith("shop-2-")
    row = panel.applications[-1]
    one = {"applicationId": made["applicationId"]}
    assert mutate(panel, "application.deploy", acme, {**one, "title": "v2"}).value is None
    assert mutate(panel, "application.redeploy", acme, one).value is None
    assert (row.status, row.deployments) == ("done", ["v2", "Rebuild deployment"])
    assert mutate(panel, "application.stop", acme, one).status == 200
    assert row.status == "idle"
    assert mutate(panel, "application.start", acme, one).status == 200
    assert query(panel, "project.homeStats", acme).value["status"]["running"] == 1
    assert mutate(panel, "application.delete", acme, one).status == 200
    assert row not in panel.applications
    assert mutate(panel, "application.deploy", acme, one).status == 404


def test_application_of_another_organization_is_401(panel: StandIn) -> None:
    row = panel.applications[0]
    reply = mutate(panel, "application.delete", panel.key_of("Globex"), {"applicationId": row.id})
    assert (reply.status, reply.message) == (
        401,
        "You are not authorized to delete this application",
    )
    assert row in panel.applications
