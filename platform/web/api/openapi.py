"""The description of the API in OpenAPI 3.1, from the definitions and for the caller's rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trellis.engine.query.pages import MOST_ROWS
from trellis.engine.rights import ObjectRights
from trellis.engine.transactions import Transaction
from trellis.engine.visible import visible_catalog
from trellis.metadata.model.access import Action, Capability
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object, Transition
from trellis.web.api.schemas import ID, Schema, is_writable, record_schema, values_schema

_ERROR_REF = {"$ref": "#/components/responses/Error"}
_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
_MATCH = {"$ref": "#/components/parameters/IfMatch"}
_RECORD_ID = {"$ref": "#/components/parameters/RecordId"}


def describe(tx: Transaction) -> dict[str, Any]:
    """Return the OpenAPI document of the actor."""
    catalog = visible_catalog(tx)
    schemas = dict(_COMMON_SCHEMAS)
    paths = dict(_COMMON_PATHS)
    if Capability.PACKAGES in tx.actor.principal.capabilities:
        paths |= _PACKAGE_PATHS
    for key, item in catalog.objects.items():
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
            for key, item in catalog.objects.items()
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": _PARAMETERS,
            "responses": _RESPONSES,
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
        whole["post"] = _operation(
            key, f"Create a record of `{key}`", f"create_{key}", parameters=[_KEY],
            body=_ref(f"{key}.create"), answers={"201": _ref(key)},
        )  # fmt: skip
    yield base, whole
    yield one, {"parameters": [_RECORD_ID], **dict(_record_operations(key, rights))}
    for name, summary, schema in (
        ("history", "What happened to the record, the newest first", "HistoryPage"),
        ("comments", "What was said about the record, the newest first", "CommentPage"),
    ):
        read = _operation(key, summary, f"{name}_{key}", parameters=[_LIMIT],
                          answers={"200": _ref(schema)})  # fmt: skip
        operations = {"parameters": [_RECORD_ID], "get": read}
        if name == "comments" and item.comments:
            operations["post"] = _operation(
                key, "Say something about the record", f"comment_{key}", parameters=[_KEY],
                body=_ref("NewComment"), answers={"201": _ref("Comment")},
            )  # fmt: skip
        yield f"{one}/{name}", operations
    if item.lifecycle is not None:
        for name, transition in item.lifecycle.transitions.items():
            yield f"{one}/transitions/{name}", _transition_path(item, transition, rights)
    if rights.may(Action.CREATE) or rights.may(Action.UPDATE):
        yield f"{base}/bulk", {"post": _bulk_operation(key)}


def _record_operations(key: str, rights: ObjectRights) -> Iterator[tuple[str, dict[str, Any]]]:
    fields = {"name": "fields", "in": "query", "schema": {"type": "string"},
              "description": "Names or paths, separated by commas"}  # fmt: skip
    yield "get", _operation(key, "Read a record", f"get_{key}", parameters=[fields],
                            answers={"200": _ref(key)})  # fmt: skip
    if rights.may(Action.UPDATE):
        yield "patch", _operation(
            key, "Change fields of a record", f"update_{key}", parameters=[_MATCH, _KEY],
            body=_ref(f"{key}.update"), answers={"200": _ref(key)},
        )  # fmt: skip
    if rights.may(Action.DELETE):
        yield "delete", _operation(key, "Delete a record", f"delete_{key}",
                                   parameters=[_MATCH, _KEY], answers={"204": None})  # fmt: skip


def _transition_path(item: Object, one: Transition, rights: ObjectRights) -> dict[str, Any]:
    names = dict.fromkeys((*one.require, *one.fields))
    values: dict[str, Schema] = {name: {} for name in names
              if name in item.fields and is_writable(item.fields[name], rights)}  # fmt: skip
    body: Schema = {
        "type": "object",
        "properties": {
            "values": {"type": "object", "properties": values, "additionalProperties": False},
            "comment": {"type": "string", "maxLength": 20_000},
        },
        "additionalProperties": False,
    }
    label = one.label.text("en", one.key)
    operation = _operation(
        item.key, f"{label}: from {', '.join(one.source)} to {one.target or 'the same state'}",
        f"{item.key}_{one.key}", parameters=[_MATCH, _KEY], body=body,
        answers={"200": _ref(item.key)},
    )  # fmt: skip
    return {"parameters": [_RECORD_ID], "post": operation}


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
    return _operation(key, f"A page of `{key}`", f"list_{key}", parameters=_LIST_PARAMETERS,
                      answers={"200": page})  # fmt: skip


def _bulk_operation(key: str) -> dict[str, Any]:
    body: Schema = {
        "type": "object",
        "properties": {
            "mode": {"enum": ["all", "each"]},
            "items": {"type": "array", "maxItems": 1000, "items": _ref("BulkItem")},
        },
        "required": ["items"],
        "additionalProperties": False,
    }
    answer: Schema = {"type": "object", "properties": {"items": {"type": "array"}},
                      "required": ["items"]}  # fmt: skip
    return _operation(key, "Write up to 1,000 records", f"bulk_{key}", parameters=[_KEY],
                      body=body, answers={"200": answer})  # fmt: skip


def _operation(
    tag: str,
    summary: str,
    name: str,
    *,
    answers: Mapping[str, Schema | None],
    parameters: list[Any] | None = None,
    body: Schema | None = None,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "tags": [tag],
        "summary": summary,
        "operationId": name,
        "parameters": parameters or [],
        "responses": {
            **{status: _answer(schema) for status, schema in answers.items()},
            "default": _ERROR_REF,
        },
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return made


def _answer(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _query(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


_LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": 500}, "How many at most")
_LIST_PARAMETERS: list[Any] = [
    _query("filter", {"type": "string"}, "A FEEL condition over the record and `user`"),
    _query("sort", {"type": "string"}, "Up to four names, `-` before one turns it round"),
    _query("fields", {"type": "string"}, "Names or paths, separated by commas"),
    _query("limit", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}, "How many at most"),
    _query("cursor", {"type": "string"}, "`next_cursor` of the page before"),
    _query("search", {"type": "string"}, "Words that must occur"),
    _query("view", {"type": "string"}, "A saved view, whose condition holds too"),
    _query("count", {"type": "boolean"}, "Whether to count all records that fit; costs time"),
]
_PERSON: Schema = {"anyOf": [_ref("Reference"), {"type": "null"}]}
_COMMON_SCHEMAS: Mapping[str, Schema] = {
    "Reference": {
        "type": "object",
        "properties": {"id": ID, "title": {"type": ["string", "null"]}},
        "required": ["id"],
    },
    "Error": {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "hint": {"type": ["string", "null"]},
            "details": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["code", "message", "hint", "details"],
    },
    "HistoryPage": {
        "type": "object",
        "properties": {"items": {"type": "array", "items": _ref("HistoryEntry")}},
        "required": ["items"],
    },
    "HistoryEntry": {
        "type": "object",
        "properties": {
            "seq": {"type": "integer"},
            "at": {"type": "string", "format": "date-time"},
            "action": {"type": "string"},
            "transition": {"type": ["string", "null"]},
            "changes": {"type": "object"},
            "comment": {"type": ["string", "null"]},
            "source": {"type": ["string", "null"]},
            "actor": {"anyOf": [{"type": "object"}, {"type": "null"}]},
            "on_behalf_of": _PERSON,
        },
    },
    "CommentPage": {
        "type": "object",
        "properties": {"items": {"type": "array", "items": _ref("Comment")}},
        "required": ["items"],
    },
    "Comment": {
        "type": "object",
        "properties": {
            "id": ID,
            "author": {"anyOf": [{"type": "object"}, {"type": "null"}]},
            "at": {"type": "string", "format": "date-time"},
            "text": {"type": "string"},
            "files": {"type": "array", "items": ID},
        },
        "required": ["id", "at", "text"],
    },
    "NewComment": {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 20_000}},
        "required": ["text"],
        "additionalProperties": False,
    },
    "BulkItem": {
        "type": "object",
        "properties": {
            "op": {"enum": ["create", "update", "transition", "delete"]},
            "id": ID,
            "rev": {"type": "integer"},
            "values": {"type": "object"},
            "transition": {"type": "string"},
            "comment": {"type": "string"},
        },
        "required": ["op"],
        "additionalProperties": False,
    },
}
_PARAMETERS: Mapping[str, Any] = {
    "RecordId": {"name": "id", "in": "path", "required": True, "schema": ID},
    "IfMatch": {
        "name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"},
        "description": "The record's revision, as in `ETag`",
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
        "description": "A request with a key that came before gets the same answer again",
    },
}  # fmt: skip
_RESPONSES: Mapping[str, Any] = {
    "Error": {
        "description": "A refusal",
        "content": {"application/json": {"schema": _ref("Error")}},
    }
}
_CHECK_BODY: Schema = {
    "type": "object",
    "properties": {
        "expression": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "object": {"type": "string"},
    },
    "required": ["expression"],
    "additionalProperties": False,
}
_EVALUATE_BODY: Schema = {
    "type": "object",
    "properties": {
        "expression": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "context": {"type": "object"},
    },
    "required": ["expression"],
    "additionalProperties": False,
}
_VERDICT: Schema = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "problems": {"type": "array"}},
    "required": ["ok", "problems"],
}
_TOKEN_BODY: Schema = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "minLength": 1, "maxLength": 120},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
        **{
            name: {"type": ["array", "null"], "items": {"type": "string"}}
            for name in ("roles", "objects", "methods")
        },
    },
    "required": ["label"],
    "additionalProperties": False,
}
_FILES_BODY: Schema = {
    "type": "object",
    "properties": {"files": {"type": "object", "additionalProperties": {"type": "string"}}},
    "required": ["files"],
    "additionalProperties": False,
}
_COMMON_PATHS: Mapping[str, Any] = {
    "/api/v1/me": {
        "get": _operation("you", "Who asks", "me", answers={"200": {"type": "object"}}),
    },
    "/api/v1/tokens": {
        "get": _operation("you", "Your tokens", "tokens", answers={"200": {"type": "object"}}),
        "post": _operation("you", "Make a token; shown in this answer only", "create_token",
                           body=_TOKEN_BODY, answers={"201": {"type": "object"}}),
    },
    "/api/v1/expressions/check": {
        "post": _operation("expressions", "Problems and type of an expression", "check_expression",
                           body=_CHECK_BODY, answers={"200": _VERDICT}),
    },
    "/api/v1/expressions/evaluate": {
        "post": _operation("expressions", "The value of an expression", "evaluate_expression",
                           body=_EVALUATE_BODY, answers={"200": _VERDICT}),
    },
}  # fmt: skip
_PACKAGE_PATHS: Mapping[str, Any] = {
    "/api/v1/packages/check": {
        "post": _operation("packages", "All problems of a package", "check_package",
                           body=_FILES_BODY, answers={"200": _VERDICT}),
    },
    "/api/v1/packages/apply": {
        "post": _operation("packages", "Install a package", "apply_package",
                           body=_FILES_BODY, answers={"200": {"type": "object"}}),
    },
}  # fmt: skip
