"""`settings.getOpenApiDocument`: the document that tells programs the panel's procedures.

It has the form of the document of a real v0.30.2, which has the same inputs and more text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .rpc import Field, Procedure


def _schema(field: Field) -> dict[str, Any]:
    if field.kind != "object":
        return {"type": field.kind}
    return {
        "type": "object",
        "properties": {name: _schema(inner) for name, inner in field.fields.items()},
        "required": [name for name, inner in field.fields.items() if inner.required],
    }


def _operation(name: str, procedure: Procedure) -> dict[str, Any]:
    wants = procedure.wants or Field("object")
    router, _, action = name.partition(".")
    said: dict[str, Any] = {
        "operationId": f"{router}-{action}",
        "tags": [router],
        "security": [{"Authorization": []}],
        "responses": {"200": {"description": "Successful response"}},
    }
    if procedure.mutation:
        content = {"application/json": {"schema": _schema(wants)}}
        return {"post": {**said, "requestBody": {"required": True, "content": content}}}
    parameters = [
        {"in": "query", "name": name, "required": field.required, "schema": _schema(field)}
        for name, field in wants.fields.items()
    ]
    return {"get": {**said, "parameters": parameters}}


def document(procedures: Mapping[str, Procedure], known: Iterable[str]) -> dict[str, Any]:
    """Return the document for those of `procedures` that the panel's version has (`known`)."""
    scheme = {
        "type": "apiKey",
        "in": "header",
        "name": "x-api-key",
        "description": "API key authentication. Generate an API key from your Dokploy dashboard.",
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Dokploy API", "description": "Endpoints for dokploy", "version": "1.0"},
        "paths": {f"/{name}": _operation(name, procedures[name]) for name in known},
        "components": {"securitySchemes": {"apiKey": scheme}},
        "security": [{"apiKey": []}],
    }
