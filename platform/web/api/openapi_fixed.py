"""The addresses of the API that are the same whatever is installed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.metadata.model.access import Capability
from trellis.metadata.model.texts import LOCALES
from trellis.web.api.openapi_common import LIMIT, operation, query_parameter, ref
from trellis.web.api.openapi_substitutes import SUBSTITUTE_PATHS
from trellis.web.api.schemas import Schema

_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
_MATCH = {"$ref": "#/components/parameters/IfMatch"}
_ID = {"$ref": "#/components/parameters/RecordId"}
_LISTS = [query_parameter(name, {"type": "boolean"}, text) for name, text in (
    ("mine", "Your own"), ("pool", "What you may claim"), ("done", "What you have done"),
    ("copies", "What you are given to read"),
)]  # fmt: skip


def _page(name: str) -> Schema:
    return {"type": "object", "properties": {"items": {"type": "array", "items": ref(name)}},
            "required": ["items"]}  # fmt: skip


def _action(known: tuple[str, ...]) -> dict[str, Any]:
    shape: Schema = {"type": "string", "enum": list(known)} if known else {"type": "string"}
    return {"name": "action", "in": "path", "required": True, "schema": shape}


_COMMENT: Schema = {"type": "string", "maxLength": 20_000}
_IDS: Schema = {"type": "array", "items": {"type": "string"}, "maxItems": 100}
_ANSWER_BODY: Schema = {
    "type": "object",
    "properties": {
        "values": {"type": "object"},
        "comment": _COMMENT,
        "people": _IDS,
        "mode": {"type": "string", "enum": ["any", "all", "seq"]},
        "on_reject": {"type": "string", "enum": ["veto", "advise"]},
        "target": {"type": "string"},
        "resume": {"type": "string", "enum": ["replay", "direct"]},
        "seats": _IDS,
        "record_rev": {"type": "integer"},
        "signature": {"type": "string", "maxLength": 200},
    },
    "additionalProperties": False,
}
_STEER_BODY: Schema = {
    "type": "object",
    "properties": {
        "comment": _COMMENT,
        "people": _IDS,
        "seats": _IDS,
        "source": {"type": "string"},
        "target": {"type": "string"},
        "outcome": {"type": "string", "enum": ["approve", "reject"]},
        "due": {"type": "string", "format": "date-time"},
    },
    "additionalProperties": False,
}
_OWN_ACTIONS = ("withdraw", "resubmit", "urge", "cc")
_ADMIN_ACTIONS = ("reassign", "skip", "force", "jump", "suspend", "resume", "cancel",
                  "change_due", "retry")  # fmt: skip
_FLOW: Schema = {"name": "flow", "in": "path", "required": True, "schema": {"type": "string"}}
_NAME: Schema = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
_START_BODY: Schema = {
    "type": "object",
    "properties": {"record": {"type": "string"}, "values": {"type": "object"}},
    "additionalProperties": False,
}
_MESSAGE_BODY: Schema = {
    "type": "object",
    "properties": {
        "payload": {"type": "object"},
        **{name: {"type": "string"} for name in ("key", "dedupe", "ttl")},
    },
    "additionalProperties": False,
}
_RECEIPT: Schema = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "state": {"enum": ["waiting", "correlated", "unmatched"]},
        "instances": {"type": "array", "items": {"type": "string"}},
        "duplicate": {"type": "boolean"},
    },
    "required": ["id", "state", "instances", "duplicate"],
}
_ROLES_BODY: Schema = {
    "type": "object",
    "properties": {"roles": {"type": "array", "items": {"type": "string"}}},
    "required": ["roles"],
    "additionalProperties": False,
}
_CHECK_BODY: Schema = {
    "type": "object",
    "properties": {
        "expression": {"type": "string", "minLength": 1, "maxLength": 20_000},
        "object": {"type": "string"},
        "completions": {"type": "boolean"},
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
COMMON_PATHS: Mapping[str, Any] = {
    **SUBSTITUTE_PATHS,
    "/api/v1/me": {
        "get": operation("you", "Who asks", "me", answers={"200": {"type": "object"}}),
    },
    "/api/v1/tokens": {
        "get": operation("you", "Your tokens", "tokens", answers={"200": {"type": "object"}}),
        "post": operation("you", "Make a token; shown in this answer only", "create_token",
                           body=_TOKEN_BODY, answers={"201": {"type": "object"}}),
    },
    "/api/v1/tokens/{id}": {
        "parameters": [_ID],
        "delete": operation("you", "Revoke a token", "revoke_token", answers={"204": None}),
    },
    "/api/v1/tasks": {
        "get": operation("tasks", "What waits for you, or may be claimed", "tasks",
                          parameters=[*_LISTS, LIMIT],
                          answers={"200": _page("Task")}),
    },
    "/api/v1/tasks/{id}": {
        "parameters": [_ID],
        "get": operation("tasks", "A task that concerns you", "task",
                          answers={"200": ref("Task")}),
    },
    "/api/v1/tasks/{id}/{action}": {
        "parameters": [_ID, _action(())],
        "post": operation("tasks", "Claim, give back, complete, approve, reject …", "act_on_task",
                           parameters=[_MATCH, _KEY], body=_ANSWER_BODY, body_required=False,
                           answers={"200": ref("Task")}),
    },
    "/api/v1/flows/{flow}/start": {
        "parameters": [_FLOW],
        "post": operation("instances", "Start a flow by hand", "start_flow",
                           parameters=[_KEY], body=_START_BODY, body_required=False,
                           answers={"201": ref("Instance")}),
    },
    "/api/v1/instances/{id}": {
        "parameters": [_ID],
        "get": operation("instances", "How a running flow stands", "instance",
                          answers={"200": ref("Instance")}),
    },
    "/api/v1/instances/{id}/{action}": {
        "parameters": [_ID, _action((*_OWN_ACTIONS, *_ADMIN_ACTIONS))],
        "post": operation("instances", "Withdraw, resubmit, urge …; for administrators, step in",
                           "act_on_instance", parameters=[_KEY], body=_STEER_BODY,
                           body_required=False, answers={"200": ref("Instance")}),
    },
    "/api/v1/expressions/check": {
        "post": operation("expressions", "Problems and type of an expression", "check_expression",
                           body=_CHECK_BODY, answers={"200": _VERDICT}),
    },
    "/api/v1/expressions/evaluate": {
        "post": operation("expressions", "The value of an expression", "evaluate_expression",
                           body=_EVALUATE_BODY, answers={"200": _VERDICT}),
    },
}  # fmt: skip
_LOCALE = query_parameter("locale", {"type": "string", "enum": list(LOCALES)},
                          "The language of the names")  # fmt: skip


def _flow_file(kind: str, media: str, words: str) -> Schema:
    taken: dict[str, Any] = operation("flows", words, f"flow_{kind}", parameters=[_LOCALE],
                                      answers={})  # fmt: skip
    taken["responses"]["200"] = {
        "description": words,
        "content": {media: {"schema": {"type": "string"}}},
    }
    return taken


def _flow_import() -> Schema:
    taken: dict[str, Any] = operation(
        "flows", "What a BPMN 2.0 file becomes: files for a package, what to bind, what is kept",
        "import_flows", answers={"200": {"type": "object"}})  # fmt: skip
    taken["requestBody"] = {
        "required": True,
        "content": {
            "application/xml": {"schema": {"type": "string"}},
            "multipart/form-data": {"schema": {
                "type": "object", "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"]}},
        },
    }  # fmt: skip
    return taken


_PACKAGE_PATHS: Mapping[str, Any] = {
    "/api/v1/flows/{flow}.bpmn": {
        "parameters": [_FLOW],
        "get": _flow_file("bpmn", "application/xml", "A flow as a BPMN 2.0 file"),
    },
    "/api/v1/flows/{flow}.svg": {
        "parameters": [_FLOW],
        "get": _flow_file("svg", "image/svg+xml", "A flow as a drawing"),
    },
    "/api/v1/flows/import": {"post": _flow_import()},
    "/api/v1/packages/check": {
        "post": operation("packages", "All problems of a package", "check_package",
                           body=_FILES_BODY, answers={"200": _VERDICT}),
    },
    "/api/v1/packages/apply": {
        "post": operation("packages", "Install a package", "apply_package",
                           body=_FILES_BODY, answers={"200": {"type": "object"}}),
    },
}  # fmt: skip
_USER_PATHS: Mapping[str, Any] = {
    "/api/v1/users/{id}/roles": {
        "parameters": [_ID],
        "put": operation("users", "Make these the roles of a user", "change_roles",
                          body=_ROLES_BODY, answers={"200": {"type": "object"}}),
    },
}  # fmt: skip
_EVENT_FILTERS: list[Any] = [
    query_parameter("object", {"type": "string"}, "Events of this object's records"),
    query_parameter("case", {"type": "string"}, "Events of one case: a record's id"),
    query_parameter("flow", {"type": "string"}, "Events of one flow"),
    query_parameter("since", {"type": "string", "format": "date-time"}, "Ended then or later"),
    query_parameter("until", {"type": "string", "format": "date-time"}, "Ended before"),
]
_EVENT_PAGE: Schema = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"type": "object"}},
        "next_cursor": {"type": ["string", "null"]},
    },
    "required": ["items", "next_cursor"],
}


def _event_file(kind: str, media: str) -> Schema:
    taken: dict[str, Any] = operation("events", f"Take the event log away as {kind.upper()}",
                                      f"events_{kind}", parameters=_EVENT_FILTERS,
                                      answers={})  # fmt: skip
    taken["responses"]["200"] = {
        "description": "The events, case by case",
        "content": {media: {"schema": {"type": "string"}}},
    }
    return taken


_EVENT_PATHS: Mapping[str, Any] = {
    "/api/v1/events": {
        "get": operation("events", "A page of the event log, oldest first", "events",
                         parameters=[*_EVENT_FILTERS, LIMIT, query_parameter(
                             "cursor", {"type": "string"}, "`next_cursor` of the page before")],
                         answers={"200": _EVENT_PAGE}),
    },
    "/api/v1/events.csv": {"get": _event_file("csv", "text/csv")},
    "/api/v1/events.xes": {"get": _event_file("xes", "application/xml")},
}  # fmt: skip
_MESSAGE_PATHS: Mapping[str, Any] = {
    "/api/v1/messages/{name}": {
        "parameters": [_NAME],
        "post": operation("messages", "Tell flows that wait", "send_message",
                           parameters=[_KEY], body=_MESSAGE_BODY, body_required=False,
                           answers={"201": _RECEIPT, "200": _RECEIPT}),
    },
}  # fmt: skip
PATHS_BY_RIGHT: Mapping[Capability, Mapping[str, Any]] = {
    Capability.AUDIT: _EVENT_PATHS,
    Capability.PACKAGES: _PACKAGE_PATHS,
    Capability.USERS: _USER_PATHS,
    Capability.MESSAGES: _MESSAGE_PATHS,
}
