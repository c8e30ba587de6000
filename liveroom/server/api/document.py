"""The OpenAPI 3.1 document of the API, made from the table of its addresses and the types that check what comes in."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from liveroom import __version__
from liveroom.server.api.operation import Operation

_REF = "#/components/schemas/{name}"
_ALWAYS = (400, 429, 503)


class Problem(msgspec.Struct, frozen=True):
    """Why a call was refused (RFC 9457). `code` is stable; `detail` is in the caller's language."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    values: dict[str, Any] = {}


def document(operations: Sequence[Operation], prefix: str) -> dict[str, Any]:
    """The document as JSON values."""
    kinds = [Problem, *(kind for o in operations for kind in (o.answers, o.query, o.body) if kind is not None)]
    kinds = list(dict.fromkeys(kinds))
    refs, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    schema = dict(zip(kinds, refs, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schema, components)
    for operation in operations:
        if operation.query is not None:
            # Said as parameters.
            components.pop(operation.query.__name__, None)
    return {
        "openapi": "3.1.0",
        "info": {"title": "liveroom", "version": __version__, "description": _ABOUT},
        "servers": [{"url": prefix}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


_ABOUT = (
    "What the deputies' live broadcast room says in public, and with a token what the office, a handling unit or a "
    "deputy works on. Errors are application/problem+json with a stable code."
)


def _operation(operation: Operation, schema: dict[Any, Any], components: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "description": words, "schema": {"type": "string"}}
            for name, words in operation.named.items()
        ]
        + (_parameters(components[operation.query.__name__]) if operation.query else []),
        "responses": _responses(operation, schema),
        "security": [{"token": []}] if operation.who is not None else [{}, {"token": []}],
    }
    if operation.who is not None:
        said["x-roles"] = sorted(operation.who)
    if operation.body is not None:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema[operation.body]}}}
        said["parameters"] += [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "Drawn once for each call: sent again, the call is done once",
                "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
            }
        ]
    if operation.body is not None and operation.matches:
        said["parameters"].append(
            {
                "name": "If-Match",
                "in": "header",
                "description": "The ETag that was seen; another state is refused with 412",
                "schema": {"type": "string"},
            }
        )
    return said


def _parameters(query: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": name in query.get("required", ()),
            **({"description": schema["description"]} if "description" in schema else {}),
            "schema": schema,
        }
        for name, schema in query["properties"].items()
    ]


def _responses(operation: Operation, schema: dict[Any, Any]) -> dict[str, Any]:
    refused = {*_ALWAYS, *operation.refuses, *((404,) if operation.named else ())}
    if operation.who is not None:
        refused |= {403}
    refused |= {401}
    if operation.body is not None:
        refused |= {409, 413, 415, 422} | ({412} if operation.matches else set())
    tag = {"ETag": {"schema": {"type": "string"}}}
    said: dict[str, Any] = {
        "200": {
            "description": "OK",
            "headers": tag,
            "content": {"application/json": {"schema": schema[operation.answers]}},
        }
    }
    if operation.body is None:
        said["304"] = {"description": "Not changed since the ETag in If-None-Match", "headers": tag}
    for status in sorted(refused):
        said[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": schema[Problem]}},
        }
    return said
