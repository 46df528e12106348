"""What the description of the API says to every caller: parameters, errors, fixed addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.engine.query.pages import MOST_ROWS
from trellis.web.api.schemas import ID, Schema

_ERROR_REF = {"$ref": "#/components/responses/Error"}


def operation(
    tag: str,
    summary: str,
    name: str,
    *,
    answers: Mapping[str, Schema | None],
    parameters: list[Any] | None = None,
    body: Schema | None = None,
    body_required: bool = True,
) -> dict[str, Any]:
    """Return an operation: its answers and its body are JSON."""
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
        made["requestBody"] = {
            "required": body_required,
            "content": {"application/json": {"schema": body}},
        }
    return made


def _answer(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": schema}}}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def query_parameter(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


LIMIT = query_parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": 500}, "How many at most"
)
LIST_PARAMETERS: list[Any] = [
    query_parameter("filter", {"type": "string"}, "A FEEL condition over the record and `user`"),
    query_parameter("sort", {"type": "string"}, "Up to four names, `-` before one turns it round"),
    query_parameter("fields", {"type": "string"}, "Names or paths, separated by commas"),
    query_parameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MOST_ROWS},
        "How many at most",
    ),
    query_parameter("cursor", {"type": "string"}, "`next_cursor` of the page before"),
    query_parameter("search", {"type": "string"}, "Words that must occur"),
    query_parameter("view", {"type": "string"}, "A saved view, whose condition holds too"),
    query_parameter(
        "count",
        {"type": "boolean"},
        "Whether to count all records that fit; costs time",
    ),
]
_PERSON: Schema = {"anyOf": [ref("Reference"), {"type": "null"}]}
COMMON_SCHEMAS: Mapping[str, Schema] = {
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
        "properties": {"items": {"type": "array", "items": ref("HistoryEntry")}},
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
        "properties": {"items": {"type": "array", "items": ref("Comment")}},
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
    "FilePage": {
        "type": "object",
        "properties": {"items": {"type": "array", "items": ref("File")}},
        "required": ["items"],
    },
    "File": {
        "type": "object",
        "properties": {
            "id": ID,
            "name": {"type": "string"},
            "size": {"type": "integer"},
            "type": {"type": "string"},
            "sha256": {"type": "string"},
            "url": {"type": "string"},
        },
        "required": ["id", "name", "size", "type", "url"],
    },
    "ImportReport": {
        "type": "object",
        "properties": {
            "ok": {"type": "boolean"},
            "dry_run": {"type": "boolean"},
            **{
                name: {"type": "integer"}
                for name in ("rows", "created", "updated", "failed", "more_problems")
            },
            "problems": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["ok", "rows", "created", "updated", "failed", "problems"],
    },
    "Task": {
        "type": "object",
        "properties": {
            "id": ID,
            "rev": {"type": "integer"},
            "kind": {"type": "string"},
            "state": {"type": "string"},
            "flow": {"type": "string"},
            "node": {"type": "string"},
            "instance": ID,
            "about": {"type": ["object", "null"]},
            "actions": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["id", "rev", "kind", "state", "actions"],
    },
    "Instance": {
        "type": "object",
        "properties": {
            "id": ID,
            "rev": {"type": "integer"},
            "flow": {"type": "string"},
            "version": {"type": "integer"},
            "state": {"type": "string"},
            "at": {"type": "array", "items": {"type": "object"}},
        },
        "required": ["id", "rev", "flow", "state"],
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
PARAMETERS: Mapping[str, Any] = {
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
RESPONSES: Mapping[str, Any] = {
    "Error": {
        "description": "A refusal",
        "content": {"application/json": {"schema": ref("Error")}},
    }
}
