"""The description of the API in OpenAPI 3.1, from the definitions and for the caller's rights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis.engine.rights import ObjectRights
from trellis.engine.transactions import Transaction
from trellis.metadata.model.access import Action
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object, Transition
from trellis.web.api.openapi_common import (
    COMMON_SCHEMAS,
    LIMIT,
    LIST_PARAMETERS,
    PARAMETERS,
    RESPONSES,
    operation,
    ref,
)
from trellis.web.api.openapi_fixed import COMMON_PATHS, PATHS_BY_RIGHT
from trellis.web.api.openapi_tables import table_paths
from trellis.web.api.schemas import (
    Schema,
    is_writable,
    record_schema,
    values_schema,
)

_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
_MATCH = {"$ref": "#/components/parameters/IfMatch"}
_RECORD_ID = {"$ref": "#/components/parameters/RecordId"}


def describe(tx: Transaction) -> dict[str, Any]:
    """Return the OpenAPI document of the actor."""
    catalog = tx.compiled.catalog
    schemas = dict(COMMON_SCHEMAS)
    paths = dict(COMMON_PATHS)
    for capability, more in PATHS_BY_RIGHT.items():
        if tx.actor.principal.can(capability):
            paths |= more
    readable = {key: item for key, item in catalog.objects.items()
                if tx.rights(key).may(Action.READ)}  # fmt: skip
    for key, item in readable.items():
        rights = tx.rights(key)
        schemas |= _object_schemas(item, rights, catalog)
        paths |= dict(_object_paths(item, rights))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Trellis",
            "version": str(catalog.version),
            "description": "Records, transitions and trails of the installed applications, as the"
            " caller may use them. Writes take `If-Match` with the record's revision and, if they"
            " may be repeated, an `Idempotency-Key`.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [
            {"name": key, "description": item.label.text("en", key)}
            for key, item in readable.items()
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": PARAMETERS,
            "responses": RESPONSES,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _object_schemas(item: Object, rights: ObjectRights, catalog: Catalog) -> dict[str, Schema]:
    made = {item.key: record_schema(item, rights, catalog)}
    if rights.may(Action.CREATE):
        made[f"{item.key}.create"] = values_schema(item, rights, catalog, creating=True)
    if rights.may(Action.UPDATE):
        made[f"{item.key}.update"] = values_schema(item, rights, catalog, creating=False)
    return made


def _object_paths(item: Object, rights: ObjectRights) -> Iterator[tuple[str, dict[str, Any]]]:
    key = item.key
    base = f"/api/v1/records/{key}"
    one = f"{base}/{{id}}"
    whole: dict[str, Any] = {"get": _list_operation(key)}
    if rights.may(Action.CREATE):
        whole["post"] = operation(
            key, f"Create a record of `{key}`", f"create_{key}", parameters=[_KEY],
            body=ref(f"{key}.create"), answers={"201": ref(key)},
        )  # fmt: skip
    yield base, whole
    yield one, {"parameters": [_RECORD_ID], **dict(_record_operations(key, rights))}
    yield from table_paths(key, rights)
    if rights.may(Action.DELETE):
        yield (
            f"{one}/restore",
            {
                "parameters": [_RECORD_ID],
                "post": operation(key, "Bring a deleted record back", f"restore_{key}",
                                  parameters=[_KEY], answers={"200": ref(key)}),
            },
        )  # fmt: skip
    for name, summary, schema in (
        ("history", "What happened to the record, the newest first", "HistoryPage"),
        ("comments", "What was said about the record, the newest first", "CommentPage"),
    ):
        read = operation(key, summary, f"{name}_{key}", parameters=[LIMIT],
                          answers={"200": ref(schema)})  # fmt: skip
        operations = {"parameters": [_RECORD_ID], "get": read}
        if name == "comments" and item.comments:
            operations["post"] = operation(
                key, "Say something about the record", f"comment_{key}", parameters=[_KEY],
                body=ref("NewComment"), answers={"201": ref("Comment")},
            )  # fmt: skip
        yield f"{one}/{name}", operations
    if item.lifecycle is not None:
        for name, transition in item.lifecycle.transitions.items():
            yield (
                f"{one}/transitions/{name}",
                _transition_path(item, transition, rights),
            )
    if rights.may(Action.CREATE) or rights.may(Action.UPDATE):
        yield f"{base}/bulk", {"post": _bulk_operation(key)}


def _record_operations(key: str, rights: ObjectRights) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = {"name": "fields", "in": "query", "schema": {"type": "string"},
              "description": "Names or paths, separated by commas"}  # fmt: skip
    yield "get", operation(key, "Read a record", f"get_{key}", parameters=[fields],
                            answers={"200": ref(key)})  # fmt: skip
    if rights.may(Action.UPDATE):
        yield "patch", operation(
            key, "Change fields of a record", f"update_{key}", parameters=[_MATCH, _KEY],
            body=ref(f"{key}.update"), answers={"200": ref(key)},
        )  # fmt: skip
    if rights.may(Action.DELETE):
        yield "delete", operation(key, "Delete a record", f"delete_{key}",
                                   parameters=[_MATCH, _KEY], answers={"204": None})  # fmt: skip


def _transition_path(item: Object, one: Transition, rights: ObjectRights) -> dict[str, Any]:
    names = dict.fromkeys((*one.require, *one.fields))
    values: dict[str, Schema] = {name: {} for name in names
              if name in item.fields and is_writable(item.fields[name], rights)}  # fmt: skip
    body: Schema = {
        "type": "object",
        "properties": {
            "values": {
                "type": "object",
                "properties": values,
                "additionalProperties": False,
            },
            "comment": {"type": "string", "maxLength": 20_000},
        },
        "additionalProperties": False,
    }
    label = one.label.text("en", one.key)
    made = operation(
        item.key, f"{label}: from {', '.join(one.source)} to {one.target or 'the same state'}",
        f"{item.key}_{one.key}", parameters=[_MATCH, _KEY], body=body,
        answers={"200": ref(item.key)},
    )  # fmt: skip
    return {"parameters": [_RECORD_ID], "post": made}


def _list_operation(key: str) -> dict[str, Any]:
    page: Schema = {
        "type": "object",
        "properties": {
            # With `fields` a record has what was asked for, paths included.
            "items": {"type": "array", "items": {"type": "object"}},
            "next_cursor": {"type": ["string", "null"]},
            "total": {"type": ["integer", "null"]},
        },
        "required": ["items", "next_cursor"],
    }
    return operation(key, f"A page of `{key}`", f"list_{key}", parameters=LIST_PARAMETERS,
                      answers={"200": page})  # fmt: skip


def _bulk_operation(key: str) -> dict[str, Any]:
    body: Schema = {
        "type": "object",
        "properties": {
            "mode": {"enum": ["all", "each"]},
            "items": {"type": "array", "maxItems": 1000, "items": ref("BulkItem")},
        },
        "required": ["items"],
        "additionalProperties": False,
    }
    answer: Schema = {"type": "object", "properties": {"items": {"type": "array"}},
                      "required": ["items"]}  # fmt: skip
    return operation(key, "Write up to 1,000 records", f"bulk_{key}", parameters=[_KEY],
                      body=body, answers={"200": answer})  # fmt: skip
