"""The addresses of delegations and hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.web.api.openapi_common import operation, query_parameter
from trellis.web.api.schemas import Schema

_ID = {"$ref": "#/components/parameters/RecordId"}
_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
_NAMES: Schema = {"type": "array", "items": {"type": "string"}}
_MOMENT: Schema = {"type": ["string", "null"], "maxLength": 40}
_DELEGATION_BODY: Schema = {
    "type": "object",
    "properties": {
        "from": {"type": "string"},
        "to": {"type": "string"},
        "start": _MOMENT,
        "end": _MOMENT,
        "mode": {"type": "string", "enum": ["instead", "also"]},
        "flows": _NAMES,
        "objects": _NAMES,
        "limit": {"type": ["string", "number", "null"]},
        "reason": {"type": "string", "maxLength": 500},
        "include_open": {"type": "boolean"},
        "give_back": {"type": "boolean"},
        "absence": {"type": "boolean"},
    },
    "required": ["to"],
    "additionalProperties": False,
}
_HANDOVER_BODY: Schema = {
    "type": "object",
    "properties": {
        "to": {"type": "string"},
        "tasks": _NAMES,
        "records": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"object": {"type": "string"}, "id": {"type": "string"}},
                "required": ["object", "id"],
            },
        },
        "everything": {"type": "boolean"},
        "reason": {"type": "string", "maxLength": 500},
    },
    "required": ["to"],
    "additionalProperties": False,
}
_THING: Schema = {"type": "object"}
SUBSTITUTE_PATHS: Mapping[str, Any] = {
    "/api/v1/delegations": {
        "get": operation("you", "Who acts for you, and for whom you act", "delegations",
                         parameters=[query_parameter("user", {"type": "string"},
                                                     "Somebody whom you lead")],
                         answers={"200": _THING}),
        "post": operation("you", "Let somebody act for you", "delegate", parameters=[_KEY],
                          body=_DELEGATION_BODY, answers={"201": _THING}),
    },
    "/api/v1/delegations/{id}": {
        "parameters": [_ID],
        "delete": operation("you", "End a delegation", "revoke_delegation",
                            answers={"204": None}),
    },
    "/api/v1/users/{id}/work": {
        "parameters": [_ID],
        "get": operation("users", "What somebody whom you lead has", "work_of_user",
                         answers={"200": _THING}),
    },
    "/api/v1/users/{id}/handover": {
        "parameters": [_ID],
        "post": operation("users", "Hand over what somebody has", "hand_over",
                          parameters=[_KEY], body=_HANDOVER_BODY, answers={"200": _THING}),
    },
    "/api/v1/users/{id}/handovers": {
        "parameters": [_ID],
        "get": operation("users", "What went from somebody to others", "handovers",
                         answers={"200": _THING}),
    },
}  # fmt: skip
