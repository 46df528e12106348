"""What the description of the API says about files: tables in and out, files of records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trellis.engine.rights import ObjectRights
from trellis.metadata.model.access import Action
from trellis.web.api.openapi_common import LIST_PARAMETERS, operation, query_parameter, ref
from trellis.web.api.schemas import Schema

_KEY = {"$ref": "#/components/parameters/IdempotencyKey"}
_RECORD_ID = {"$ref": "#/components/parameters/RecordId"}
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BYTES: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
_FORM: Schema = {"type": "object", "properties": {"file": _BYTES}, "required": ["file"],
                 "additionalProperties": False}  # fmt: skip
_TAKEN = [one for one in LIST_PARAMETERS if one["name"] not in ("limit", "cursor", "count")]
_HOW = [
    query_parameter("dry_run", {"type": "boolean"}, "Report, and write nothing"),
    query_parameter("mode", {"enum": ["all", "each"]}, "One wrong row undoes all, or itself"),
]


def table_paths(key: str, rights: ObjectRights) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the addresses of an object's tables and of its records' files."""
    base = f"/api/v1/records/{key}"
    if rights.may(Action.EXPORT):
        for kind, media in (("csv", "text/csv"), ("xlsx", _XLSX)):
            taken = operation(key, f"Take records away as {kind.upper()}", f"export_{kind}_{key}",
                              parameters=_TAKEN, answers={})  # fmt: skip
            taken["responses"]["200"] = {"description": "The table",
                                         "content": {media: {"schema": _BYTES}}}  # fmt: skip
            yield f"{base}/export.{kind}", {"get": taken}
    if rights.may(Action.CREATE) or rights.may(Action.UPDATE):
        brought = operation(
            key, "Create and update records from a table", f"import_{key}",
            parameters=[*_HOW, _KEY], answers={"200": ref("ImportReport")},
        )  # fmt: skip
        brought["requestBody"] = {"required": True, "content": {
            "text/csv": {"schema": {"type": "string"}},
            "multipart/form-data": {"schema": _FORM},
        }}  # fmt: skip
        yield f"{base}/import", {"post": brought}
    listed = operation(key, "Files of the record, the newest first", f"files_{key}",
                       answers={"200": ref("FilePage")})  # fmt: skip
    added = operation(key, "Add a file to the record", f"add_file_{key}", parameters=[_KEY],
                      answers={"201": ref("File")})  # fmt: skip
    added["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    yield f"{base}/{{id}}/files", {"parameters": [_RECORD_ID], "get": listed, "post": added}
