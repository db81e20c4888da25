"""The procedures about environments and applications.

They were not recorded. They follow Dokploy/dokploy:apps/dokploy/server/api/routers/environment.ts
and application.ts, as far as changes by the official CLI need it.
"""

from __future__ import annotations

from typing import Any

from .permissions import require_service
from .projects import application_row, environment_row, find_project, require_access
from .rows import Application, Environment
from .rpc import UNDEFINED, Call, Procedure, RpcError, wants

TEXTS = ("title", "description")


def _environment(call: Call, verb: str, resource: str) -> Environment:
    row = call.state.environments.get(call.input["environmentId"])
    if row is None:
        raise RpcError(404, "Environment not found")
    project = call.state.projects[row.project_id]
    require_access(call, project, verb, "environment", resource)
    return row


def _environment_create(call: Call) -> Any:
    project = find_project(call, "access", "environment")
    row = call.state.add_environment(project.id, call.input["name"])
    row.description = call.input.get("description", "")
    return environment_row(row)


def _environment_remove(call: Call) -> Any:
    row = _environment(call, "delete", "environment")
    if row.is_default:
        raise RpcError(400, "You cannot delete the default environment")
    call.state.delete_environment(row.id)
    return environment_row(row)


def _application_create(call: Call) -> Any:
    environment = _environment(call, "access", "service")
    row = call.state.add_application(environment.id, call.input["name"])
    row.app_name = call.input.get("appName", row.app_name)
    row.description = call.input.get("description")
    return application_row(row)


def _application(call: Call, verb: str, resource: str = "deployment") -> Application:
    require_service(call, call.input["applicationId"], resource)
    row = call.state.applications.get(call.input["applicationId"])
    if row is None:
        raise RpcError(404, "Application not found")
    environment = call.state.environments[row.environment_id]
    require_access(call, call.state.projects[environment.project_id], verb, "application")
    return row


def _deploy(call: Call, title: str) -> Any:
    row = _application(call, "deploy")
    row.deployments.append(call.input.get("title", title))
    row.status = "done"
    return UNDEFINED


def _application_deploy(call: Call) -> Any:
    return _deploy(call, "Manual deployment")


def _application_redeploy(call: Call) -> Any:
    return _deploy(call, "Rebuild deployment")


def _application_start(call: Call) -> Any:
    row = _application(call, "start")
    before = application_row(row)
    row.status = "done"
    return before


def _application_stop(call: Call) -> Any:
    row = _application(call, "stop")
    before = application_row(row)
    row.status = "idle"
    return before


def _application_delete(call: Call) -> Any:
    row = _application(call, "delete", "service")
    del call.state.applications[row.id]
    return application_row(row)


PROCEDURES: dict[str, Procedure] = {
    "environment.create": Procedure(
        _environment_create, True, wants("projectId", "name", maybe=("description",))
    ),
    "environment.remove": Procedure(_environment_remove, True, wants("environmentId")),
    "application.create": Procedure(
        _application_create,
        True,
        wants("environmentId", "name", maybe=("appName", "description")),
    ),
    "application.deploy": Procedure(_application_deploy, True, wants("applicationId", maybe=TEXTS)),
    "application.redeploy": Procedure(
        _application_redeploy, True, wants("applicationId", maybe=TEXTS)
    ),
    "application.start": Procedure(_application_start, True, wants("applicationId")),
    "application.stop": Procedure(_application_stop, True, wants("applicationId")),
    "application.delete": Procedure(_application_delete, True, wants("applicationId")),
}
