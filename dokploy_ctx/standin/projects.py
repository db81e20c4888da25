"""The procedures about projects, environments and applications.

contract: The procedures, for `project.all` and `project.one`. The rest was not recorded and
follows Dokploy/dokploy:apps/dokploy/server/api/routers/project.ts, environment.ts and
application.ts: enough of it that a change made by the official CLI can be seen.
"""

from __future__ import annotations

from typing import Any

from .rows import Application, Environment, Project
from .rpc import UNDEFINED, Call, Field, Procedure, RpcError, iso

SERVICES = ("mariadb", "mongo", "mysql", "postgres", "redis", "compose", "libsql")


def _project_row(row: Project) -> dict[str, Any]:
    # createdAt of a project is text in the database, so superjson marks no date here.
    return {
        "projectId": row.id,
        "name": row.name,
        "description": row.description,
        "createdAt": iso(row.created_at),
        "organizationId": row.organization_id,
        "env": row.env,
    }


def _environment_row(row: Environment) -> dict[str, Any]:
    return {
        "environmentId": row.id,
        "name": row.name,
        "description": row.description,
        "createdAt": iso(row.created_at),
        "env": row.env,
        "projectId": row.project_id,
        "isDefault": row.is_default,
    }


def _application_row(row: Application) -> dict[str, Any]:
    return {
        "applicationId": row.id,
        "name": row.name,
        "appName": row.app_name,
        "description": row.description,
        "applicationStatus": row.status,
        "createdAt": iso(row.created_at),
        "environmentId": row.environment_id,
        "serverId": None,
    }


def _services(call: Call, environment: Environment) -> dict[str, Any]:
    rows = call.state.applications_of([environment])
    return {"applications": [_application_row(row) for row in rows], **{k: [] for k in SERVICES}}


def _visible(call: Call) -> list[Project]:
    """Return the projects the caller may see: all, or those given to a plain member."""
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None:
        raise RpcError(401, "Permission denied")
    rows = call.state.projects_of(caller.organization_id)
    if member.role in ("owner", "admin"):
        return rows
    return [row for row in rows if row.id in member.accessed_projects]


def _project_all(call: Call) -> Any:
    answer = []
    for project in _visible(call):
        environments = [
            {
                "name": row.name,
                "environmentId": row.id,
                "isDefault": row.is_default,
                **_services(call, row),
            }
            for row in call.state.environments_of(project.id)
        ]
        answer.append({**_project_row(project), "environments": environments, "projectTags": []})
    return answer


def _project(call: Call, verb: str) -> Project:
    row = call.state.projects.get(call.input["projectId"])
    if row is None:
        raise RpcError(404, "Project not found")
    _same_organization(call, row, verb, "project")
    return row


def _same_organization(call: Call, project: Project, verb: str, thing: str) -> None:
    if project.organization_id != call.caller.organization_id:
        raise RpcError(401, f"You are not authorized to {verb} this {thing}")
    _visible(call)


def _project_one(call: Call) -> Any:
    project = _project(call, "access")
    environments = [
        {**_environment_row(row), **_services(call, row)}
        for row in call.state.environments_of(project.id)
    ]
    return {**_project_row(project), "environments": environments, "projectTags": []}


def _project_create(call: Call) -> Any:
    _may_change(call)
    project, environment = call.state.add_project(
        call.caller.organization_id, call.input["name"], by=call.caller.user.id
    )
    project.description = call.input.get("description")
    project.env = call.input.get("env", "")
    return {"project": _project_row(project), "environment": _environment_row(environment)}


def _may_change(call: Call) -> None:
    """Raise 401 for a plain member: he has none of the `can…` flags here."""
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None or member.role not in ("owner", "admin"):
        raise RpcError(401, "Permission denied")


def _project_update(call: Call) -> Any:
    _may_change(call)
    project = _project(call, "update")
    project.name = call.input.get("name", project.name)
    project.description = call.input.get("description", project.description)
    project.env = call.input.get("env", project.env)
    return _project_row(project)


def _project_remove(call: Call) -> Any:
    _may_change(call)
    project = _project(call, "delete")
    call.state.delete_project(project.id)
    return _project_row(project)


def _home_stats(call: Call) -> Any:
    projects = _visible(call)
    environments = [e for row in projects for e in call.state.environments_of(row.id)]
    applications = call.state.applications_of(environments)
    running = sum(row.status == "done" for row in applications)
    return {
        "projects": len(projects),
        "environments": len(environments),
        "applications": len(applications),
        "compose": 0,
        "databases": 0,
        "services": len(applications),
        "status": {"running": running, "error": 0, "idle": len(applications) - running},
    }


def _environment(call: Call, verb: str) -> Environment:
    _may_change(call)
    row = call.state.environments.get(call.input["environmentId"])
    if row is None:
        raise RpcError(404, "Environment not found")
    _same_organization(call, call.state.projects[row.project_id], verb, "environment")
    return row


def _environment_create(call: Call) -> Any:
    _may_change(call)
    project = _project(call, "access")
    row = call.state.add_environment(project.id, call.input["name"])
    row.description = call.input.get("description", "")
    return _environment_row(row)


def _environment_remove(call: Call) -> Any:
    row = _environment(call, "delete")
    if row.is_default:
        raise RpcError(400, "You cannot delete the default environment")
    call.state.delete_environment(row.id)
    return _environment_row(row)


def _application_create(call: Call) -> Any:
    environment = _environment(call, "access")
    row = call.state.add_application(environment.id, call.input["name"])
    row.app_name = call.input.get("appName", row.app_name)
    row.description = call.input.get("description")
    return _application_row(row)


def _application(call: Call, verb: str) -> Application:
    _may_change(call)
    row = call.state.applications.get(call.input["applicationId"])
    if row is None:
        raise RpcError(404, "Application not found")
    environment = call.state.environments[row.environment_id]
    _same_organization(call, call.state.projects[environment.project_id], verb, "application")
    return row


def _application_deploy(call: Call) -> Any:
    row = _application(call, "deploy")
    row.deployments.append(call.input.get("title", "Manual deployment"))
    row.status = "done"
    return UNDEFINED


def _application_start(call: Call) -> Any:
    row = _application(call, "start")
    before = _application_row(row)
    row.status = "done"
    return before


def _application_stop(call: Call) -> Any:
    row = _application(call, "stop")
    before = _application_row(row)
    row.status = "idle"
    return before


def _application_delete(call: Call) -> Any:
    row = _application(call, "delete")
    del call.state.applications[row.id]
    return _application_row(row)


def _wants(*required: str, maybe: tuple[str, ...] = ()) -> Field:
    fields = {name: Field("string") for name in required}
    return Field("object", fields={**fields, **{n: Field("string", required=False) for n in maybe}})


_TEXTS = ("title", "description")
PROCEDURES: dict[str, Procedure] = {
    "project.all": Procedure(_project_all),
    "project.homeStats": Procedure(_home_stats),
    "project.one": Procedure(_project_one, wants=_wants("projectId")),
    "project.create": Procedure(
        _project_create, True, _wants("name", maybe=("description", "env"))
    ),
    "project.update": Procedure(
        _project_update, True, _wants("projectId", maybe=("name", "description", "env"))
    ),
    "project.remove": Procedure(_project_remove, True, _wants("projectId")),
    "environment.create": Procedure(
        _environment_create, True, _wants("projectId", "name", maybe=("description",))
    ),
    "environment.remove": Procedure(_environment_remove, True, _wants("environmentId")),
    "application.create": Procedure(
        _application_create,
        True,
        _wants("environmentId", "name", maybe=("appName", "description")),
    ),
    "application.deploy": Procedure(
        _application_deploy, True, _wants("applicationId", maybe=_TEXTS)
    ),
    "application.redeploy": Procedure(
        _application_deploy, True, _wants("applicationId", maybe=_TEXTS)
    ),
    "application.start": Procedure(_application_start, True, _wants("applicationId")),
    "application.stop": Procedure(_application_stop, True, _wants("applicationId")),
    "application.delete": Procedure(_application_delete, True, _wants("applicationId")),
}
