"""The procedures about projects.

The answers of `project.all` and `project.one` are in transcripts.json. The others were not recorded
and follow Dokploy/dokploy:apps/dokploy/server/api/routers/project.ts.
"""

from __future__ import annotations

from typing import Any

from .permissions import is_privileged, require_role
from .rows import Application, Environment, Project
from .rpc import Call, Field, Procedure, RpcError, iso, wants

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


def environment_row(row: Environment) -> dict[str, Any]:
    """Return the environment as `project.one` shows it."""
    return {
        "environmentId": row.id,
        "name": row.name,
        "description": row.description,
        "createdAt": iso(row.created_at),
        "env": row.env,
        "projectId": row.project_id,
        "isDefault": row.is_default,
    }


def application_row(row: Application) -> dict[str, Any]:
    """Return the application, with fewer columns than Dokploy has."""
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


def _services(call: Call, environment: Environment, *, names: bool = True) -> dict[str, Any]:
    """Return the environment's services by kind; without `names`, databases are ids alone."""
    answer: dict[str, Any] = {kind: [] for kind in SERVICES}
    rows = call.state.applications_of([environment])
    answer["applications"] = [application_row(row) for row in rows]
    for row in call.state.services:
        if row.environment_id == environment.id:
            shown: dict[str, Any] = {f"{row.kind}Id": row.id}
            if names or row.kind == "compose":
                status = "composeStatus" if row.kind == "compose" else "applicationStatus"
                shown |= {"name": row.name, status: row.status}
            answer[row.kind].append(shown)
    return answer


def _visible(call: Call) -> list[Project]:
    """Return the projects that the caller may see: all, or those given to a member."""
    caller = call.caller
    member = call.state.member(caller.user.id, caller.organization_id)
    if member is None:
        raise RpcError(401, "Permission denied")
    rows = call.state.projects_of(caller.organization_id)
    if is_privileged(member):
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
                **_services(call, row, names=False),
            }
            for row in call.state.environments_of(project.id)
        ]
        answer.append({**_project_row(project), "environments": environments, "projectTags": []})
    return answer


def find_project(call: Call, verb: str, resource: str = "") -> Project:
    """Return the project of the input. Raises 404, or 401 for another organization's project.

    The caller's role must allow `resource`.
    """
    row = call.state.projects.get(call.input["projectId"])
    if row is None:
        raise RpcError(404, "Project not found")
    require_access(call, row, verb, "project", resource)
    return row


def require_access(call: Call, project: Project, verb: str, thing: str, resource: str = "") -> None:
    """Return if the caller may see the project. Raises 401 if not."""
    if project.organization_id != call.caller.organization_id:
        raise RpcError(401, f"You are not authorized to {verb} this {thing}")
    if resource:
        require_role(call, resource)
    if project not in _visible(call):
        raise RpcError(401, "You don't have access to this project")


def _project_one(call: Call) -> Any:
    project = find_project(call, "access")
    environments = [
        {**environment_row(row), **_services(call, row)}
        for row in call.state.environments_of(project.id)
    ]
    return {**_project_row(project), "environments": environments, "projectTags": []}


def _by_project(call: Call) -> Any:
    project = find_project(call, "access")
    rows = call.state.environments_of(project.id)
    return [{**environment_row(row), **_services(call, row)} for row in rows]


def _project_create(call: Call) -> Any:
    try:
        require_role(call, "project")
    except RpcError as error:
        raise RpcError(400, f"Error creating the project: {error.message}") from None
    project, environment = call.state.add_project(
        call.caller.organization_id, call.input["name"], by=call.caller.user.id
    )
    project.description = call.input.get("description")
    project.env = call.input.get("env", "")
    return {"project": _project_row(project), "environment": environment_row(environment)}


def _project_update(call: Call) -> Any:
    project = find_project(call, "update")
    project.name = call.input.get("name", project.name)
    project.description = call.input.get("description", project.description)
    project.env = call.input.get("env", project.env)
    return _project_row(project)


def _project_remove(call: Call) -> Any:
    project = find_project(call, "delete", "project")
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


# zod's message for a required text that is empty.
FILLED = Field("string", minimum=(1, "Too small: expected string to have >=1 characters"))
TEXTS = ("description", "env")


def _project(**more: Field) -> Field:
    return Field("object", fields={**wants(maybe=TEXTS).fields, **more})


PROCEDURES: dict[str, Procedure] = {
    "project.all": Procedure(_project_all),
    "project.homeStats": Procedure(_home_stats),
    "environment.byProjectId": Procedure(_by_project, wants=wants("projectId")),
    "project.one": Procedure(_project_one, wants=_project(projectId=FILLED)),
    "project.create": Procedure(_project_create, True, _project(name=FILLED)),
    "project.update": Procedure(
        _project_update,
        True,
        _project(projectId=FILLED, name=Field("string", required=False, minimum=FILLED.minimum)),
    ),
    "project.remove": Procedure(_project_remove, True, _project(projectId=FILLED)),
}
