"""Ids of what is listed below another thing only: domains, ports, backups, schedules and so on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dokploy_ctx.constants import SEPARATOR, TYPED
from tests.standin import StandIn

from ..conftest import Result

Dctx = Callable[..., Result]
Save = Callable[..., Path]
Dokploy = Callable[..., Result]
Ids = dict[str, str]


@pytest.fixture
def full(panel: StandIn, shop: Ids) -> Ids:
    """Give the application "worker" and others something of each kind."""
    acme = panel.organization("Acme")

    def answer(procedure: str, given: dict[str, str], value: Any) -> None:
        panel.add_answer(acme, procedure, given, value)

    worker, stack, db = shop["worker"], shop["stack"], shop["db"]
    answer(
        "application.one",
        {"applicationId": worker},
        {
            "env": "PASSWORD=MARK",
            "ports": [
                {"portId": "port-1", "publishedPort": 8080, "protocol": "tcp"},
                {"portId": "port-2", "publishedPort": 8080, "protocol": "udp"},
            ],
            "redirects": [{"redirectId": "redirect-1", "regex": "^/old(.*)"}],
            "security": [{"securityId": "security-1", "username": "eve", "password": "MARK"}],
        },
    )
    for kind, id_ in (("application", worker), ("postgres", db)):
        answer(
            "mounts.listByServiceId",
            {"serviceId": id_, "serviceType": kind},
            [{"mountId": f"mount-{kind}", "mountPath": "/var/data", "content": "MARK"}],
        )
    answer(
        "postgres.one",
        {"postgresId": db},
        {
            "databasePassword": "MARK",
            "backups": [
                {"backupId": "backup-1", "database": "shop", "schedule": "0 3 * * *", "prefix": "/"}
            ],
        },
    )
    panel.add_row(acme, "user.getBackups")
    answer("user.getBackups", {}, {"backups": [{"backupId": "backup-web", "database": "dokploy"}]})
    answer(
        "volumeBackups.list",
        {"id": worker, "volumeBackupType": "application"},
        [{"volumeBackupId": "volume-1", "name": "weekly", "cronExpression": "0 0 * * 0"}],
    )
    answer(
        "schedule.list",
        {"id": worker, "scheduleType": "application"},
        [
            {
                "scheduleId": "schedule-1",
                "name": "clean up",
                "command": "MARK",
                "cronExpression": "0 4 * * *",
            }
        ],
    )
    answer(
        "schedule.list",
        {"id": "srv-1", "scheduleType": "server"},
        [{"scheduleId": "schedule-2", "name": "prune"}],
    )
    answer(
        "schedule.list",
        {"id": "", "scheduleType": "dokploy-server"},
        [{"scheduleId": "schedule-3", "name": "report"}],
    )
    answer(
        "previewDeployment.all",
        {"applicationId": worker},
        [{"previewDeploymentId": "preview-1", "pullRequestNumber": 12, "branch": "fix"}],
    )
    answer(
        "deployment.allByType",
        {"id": worker, "type": "application"},
        [{"rollback": {"rollbackId": "rollback-1", "version": 3}}, {"rollback": None}],
    )
    answer(
        "patch.byEntityId",
        {"id": stack, "type": "compose"},
        [{"patchId": "patch-1", "filePath": "docker/Dockerfile", "content": "MARK"}],
    )
    panel.add_row(
        acme,
        "overview.domains",
        domainId="domain-1",
        host="api.example.com",
        path="/",
        projectName="Acme Shop",
        environmentName="production",
        serviceName="worker",
    )
    panel.add_row(
        acme,
        "deployment.allCentralized",
        deploymentId="deployment-1",
        status="done",
        title="Manual deployment",
        createdAt="2026-11-26T10:00:00.000Z",
        application={
            "name": "worker",
            "environment": {"name": "production", "project": {"name": "Acme Shop"}},
        },
    )
    panel.add_row(acme, "dnsProvider.all", dnsProviderId="dns-1", name="cloudflare", config="MARK")
    answer(
        "dnsProvider.listZones",
        {"dnsProviderId": "dns-1"},
        [{"id": "zone-1", "name": "example.com"}],
    )
    answer(
        "dnsProvider.listRecords",
        {"dnsProviderId": "dns-1", "zoneId": "zone-1"},
        [{"id": "record-1", "name": "www.example.com", "type": "A"}],
    )
    panel.add_row(acme, "docker.getContainers", containerId="c0ffee", name="web-1", state="running")
    answer(
        "docker.getContainers",
        {"serverId": "srv-1"},
        [{"containerId": "deca1f", "name": "web-1", "state": "exited"}],
    )
    panel.add_row(acme, "cluster.getNodes", ID="node-1", Description={"Hostname": "manager"})
    panel.add_row(acme, "user.all", id="member-1", userId="user-1", user={"email": "eve@b.example"})
    panel.add_row(
        acme,
        "user.listSessions",
        id="session-1",
        email="eve@b.example",
        createdAt="2026-11-26T10:00:00.000Z",
    )
    panel.add_row(
        acme,
        "notification.all",
        notificationId="n-1",
        name="alerts",
        slack={"slackId": "slack-1", "webhookUrl": "MARK"},
    )
    return shop


# What is typed, the request that must follow, and the input that it must have.
RECORD = "dns-provider delete-record --dnsProviderId @cloudflare --zoneId @example.com --recordId"
RECORD += " @www.example.com/A"
LINES = [
    ("domain delete --domainId @api.example.com", {"domainId": "domain-1"}),
    ("domain delete --domainId @worker/api.example.com", {"domainId": "domain-1"}),
    ("port delete --portId @worker/8080/udp", {"portId": "port-2"}),
    ("redirects delete --redirectId @production/worker/^/old(.*)", {"redirectId": "redirect-1"}),
    ("security delete --securityId @worker/eve", {"securityId": "security-1"}),
    ("mounts remove --mountId @db/var/data", {"mountId": "mount-postgres"}),
    ("mounts remove --mountId=@worker/var/data", {"mountId": "mount-application"}),
    ("backup manual-backup-postgres --backupId @db/shop", {"backupId": "backup-1"}),
    ("backup manual-backup-web-server --backupId @dokploy", {"backupId": "backup-web"}),
    ("volume-backups delete --volumeBackupId @worker/weekly", {"volumeBackupId": "volume-1"}),
    ("schedule delete --scheduleId|@worker/clean up", {"scheduleId": "schedule-1"}),
    ("schedule delete --scheduleId @Frankfurt/prune", {"scheduleId": "schedule-2"}),
    ("schedule delete --scheduleId @report", {"scheduleId": "schedule-3"}),
    ("preview-deployment delete --previewDeploymentId @worker/12",
     {"previewDeploymentId": "preview-1"}),
    ("rollback delete --rollbackId @worker/v3", {"rollbackId": "rollback-1"}),
    ("patch delete --patchId @stack/docker/Dockerfile", {"patchId": "patch-1"}),
    ("deployment kill-process --deploymentId @worker/2026-11-26T10:00:00.000Z",
     {"deploymentId": "deployment-1"}),
    (RECORD, {"dnsProviderId": "dns-1", "zoneId": "zone-1", "recordId": "record-1"}),
    ("docker stop-container --containerId @web-1", {"containerId": "c0ffee"}),
    ("docker stop-container --containerId @web-1 --serverId @Frankfurt",
     {"containerId": "deca1f", "serverId": "srv-1"}),
    ("cluster remove-worker --nodeId @manager", {"nodeId": "node-1"}),
    ("user remove --userId @eve@b.example", {"userId": "user-1"}),
    ("organization update-member-role --role admin --memberId @eve@b.example",
     {"memberId": "member-1", "role": "admin"}),
    ("user revoke-session --sessionId @eve@b.example", {"sessionId": "session-1"}),
    ("mounts create --type bind --mountPath /x --serviceType postgres --serviceId @db",
     {"type": "bind", "mountPath": "/x", "serviceType": "postgres", "serviceId": "db"}),
    ("patch ensure-repo --id @stack --type compose", {"id": "stack", "type": "compose"}),
    ("gitlab create --applicationId @theirs --authId @eve@b.example --name x --gitlabUrl u",
     {"applicationId": "@theirs", "authId": "user-1", "name": "x", "gitlabUrl": "u"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_a_name_below_another(
    dokploy: Dokploy, panel: StandIn, full: Ids, profile: Save, line: str, wanted: dict[str, str]
) -> None:
    profile(prod="Acme")
    start, _, last = line.partition("|")
    ran = dokploy(*start.split(), *filter(None, [last]))
    sent = panel.requests[-1]
    assert sent.method == "POST", ran.err
    assert json.loads(sent.body)["json"] == {
        name: full.get(value, value) for name, value in wanted.items()
    }
    assert "MARK" not in ran.out + ran.err


def test_the_parent_of_the_line_is_used(
    dokploy: Dokploy, panel: StandIn, full: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    update = ("schedule", "update", "--name", "x", "--cronExpression", "1 * * * *", "--command")
    dokploy(*update, "y", "--applicationId", full["worker"], "--scheduleId", "@clean up")
    assert json.loads(panel.requests[-1].body)["json"]["scheduleId"] == "schedule-1"
    assert [seen.procedures for seen in panel.requests][:-1] == [("schedule.list",)]
    dokploy(*update, "y", "--applicationId", "@worker", "--scheduleId", "@clean up")
    assert json.loads(panel.requests[-1].body)["json"]["scheduleId"] == "schedule-1"


def test_what_is_said_where_it_is_not_clear(
    dokploy: Dokploy, panel: StandIn, full: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    ran = dokploy("port", "delete", "--portId", "@8080")
    assert ran.code == 2
    assert ran.err == (
        "dctx: which port @8080 is depends on what it belongs to. Write --portId @SERVICE/NAME.\n"
    )
    ran = dokploy("port", "delete", "--portId", "@worker/8081/tcp")
    assert ran.code == 3
    assert ran.err.startswith('dctx: port "worker/8081/tcp" not found.')
    assert dokploy("port", "delete", "--portId", "@nosuch/8080/tcp").code == 3
    # An application that was deleted in between.
    ran = dokploy("port", "delete", "--portId", "@staging/shop-api/8080/tcp")
    assert ran.code == 5
    assert "404" in ran.err
    assert all(seen.method == "GET" for seen in panel.requests)


def test_equal_paths_are_told_apart_by_ids(
    dokploy: Dokploy, panel: StandIn, full: Ids, profile: Save
) -> None:
    project = panel.add_project(panel.organization("Acme"), "twins")
    ids = [panel.add_service(project, "twin") for _ in range(2)]
    profile(prod="Acme")
    ran = dokploy("application", "deploy", "--applicationId", "@twins/production/twin")
    assert ran.code == 2
    assert all(id_ in ran.err for id_ in ids)
    assert ran.err.endswith("Use an id.\n")


def offered(ids: Dctx, line: str, option: str, word: str = "") -> list[str]:
    ran = ids("--", option, word, env={TYPED: SEPARATOR.join(line.split())})
    assert (ran.code, ran.err) == (0, "")
    assert "MARK" not in ran.out
    return [row.split("\t")[0] for row in ran.out.splitlines()]


def test_tab_goes_by_the_line_or_by_the_path(
    dctx: Dctx, ids: Dctx, panel: StandIn, full: Ids, profile: Save
) -> None:
    profile(prod="Acme")
    line = f"dokploy schedule update --applicationId {full['worker']} --scheduleId"
    assert "schedule-1" in offered(ids, line, "--scheduleId")
    assert [seen.procedures for seen in panel.requests][:1] == [("schedule.list",)]
    line = "dokploy schedule update --applicationId @worker --scheduleId"
    assert offered(ids, line, "--scheduleId", "s") == ["schedule-1"]
    assert "@clean up" in offered(ids, line, "--scheduleId", "@cl")
    delete = "dokploy port delete --portId"
    owners = offered(ids, delete, "--portId")
    assert "@worker/" in owners
    assert "@stack/" not in owners  # a compose has no ports of its own
    both = ["@worker/8080/tcp", "@worker/8080/udp"]
    assert offered(ids, delete, "--portId", "@wor") == both
    assert offered(ids, delete, "--portId", "@worker/") == both
    assert offered(ids, delete, "--portId", "@sta") == ["@staging/shop-api/"]
    before = len(panel.requests)
    offered(ids, delete, "--portId", "@worker/")
    assert len(panel.requests) == before  # a minute long nobody is asked again
    assert offered(ids, "dokploy docker stop-container", "--containerId") == ["c0ffee"]
    line = "dokploy --profile prod docker stop-container --serverId srv-1"
    assert offered(ids, line, "--containerId") == ["deca1f"]
    assert offered(ids, "dokploy mounts create --serviceType=postgres", "--serviceId") == [
        full["db"]
    ]
    assert offered(partial(dctx, "_ids"), "dokploy gitlab create", "--applicationId") == []
    assert offered(ids, "dokploy deployment read-logs", "--deploymentId") == ["deployment-1"]
    assert offered(ids, "dokploy notification update-slack", "--slackId") == ["slack-1"]
