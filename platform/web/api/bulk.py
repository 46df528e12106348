"""Many writes in one request: all or nothing, or each for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine import records
from trellis.engine.errors import (
    EngineError,
    InvalidError,
    LimitError,
    NotFoundError,
    PreconditionError,
    problem,
)
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import (
    MAX_BULK_BODY,
    check_keys,
    json_body,
    mapping_of,
    text_of,
)
from trellis.web.api.records import MAX_COMMENT
from trellis.web.errors import refusal_of
from trellis.web.policy import policy

MOST_ITEMS = 1_000
_KEYS: Mapping[str, tuple[str, ...]] = {
    "create": ("op", "values"),
    "update": ("op", "id", "rev", "values"),
    "transition": ("op", "id", "rev", "transition", "values", "comment"),
    "delete": ("op", "id", "rev"),
}


@api.post("/v1/records/<object_key>/bulk")
@policy()
def bulk(object_key: str) -> ResponseReturnValue:
    """Write up to a thousand records."""
    body, key = json_body(MAX_BULK_BODY), request_key()
    check_keys(body.value, ("mode", "items"))
    mode, items = body.value.get("mode", "all"), body.value.get("items")
    if mode not in ("all", "each"):
        raise InvalidError([problem("mode", "TYPE", "is `all` or `each`")])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise InvalidError([problem("items", "TYPE", "is a list of objects")])
    if len(items) > MOST_ITEMS:
        raise LimitError("TOO_MANY", f"at most {MOST_ITEMS} items fit in one request")
    if mode == "all":
        with writing() as tx:
            return once(tx, key, body.raw, lambda: _all(tx, object_key, items))
    if key is not None:
        raise InvalidError(
            [problem("Idempotency-Key", "EACH", "goes with mode `all` only")],
            hint="the items of mode `each` are transactions of their own",
        )
    return answer(
        {"items": [_alone(object_key, number, item) for number, item in enumerate(items)]}
    )


def _all(tx: Transaction, object_key: str, items: Sequence[Mapping[str, Any]]) -> Response:
    done: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        try:
            done.append(_write(tx, object_key, item))
        except EngineError as error:
            error.details = [{**one, "index": number} for one in error.details] or [
                {"index": number}
            ]
            raise
    return answer({"items": done})


def _alone(object_key: str, number: int, item: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with writing() as tx:
            return _write(tx, object_key, item)
    except EngineError as error:
        refusal = refusal_of(error)
        return {"index": number, "status": refusal.status, "code": refusal.code,
                "message": refusal.message, "hint": refusal.hint,
                "details": list(refusal.details)}  # fmt: skip


def _write(tx: Transaction, object_key: str, item: Mapping[str, Any]) -> dict[str, Any]:
    operation = item.get("op")
    if not isinstance(operation, str) or operation not in _KEYS:
        known = ", ".join(f"`{name}`" for name in _KEYS)
        raise InvalidError([problem("op", "TYPE", f"is one of {known}")])
    check_keys(item, _KEYS[operation])
    values = mapping_of(item, "values")
    if operation == "create":
        return {"id": records.create(tx, object_key, values), "rev": 1, "status": 201}
    record_id, rev = _which(item)
    if operation == "update":
        changed = records.update(tx, object_key, record_id, values, rev=rev)
        return {"id": record_id, "rev": changed, "status": 200}
    if operation == "delete":
        records.delete(tx, object_key, record_id, rev=rev)
        return {"id": record_id, "status": 204}
    name, comment = (
        text_of(item, "transition", 80),
        text_of(item, "comment", MAX_COMMENT),
    )
    moved = records.transition(
        tx, object_key, record_id, name, values, comment=comment or None, rev=rev
    )
    return {"id": record_id, "rev": moved, "status": 200}


def _which(item: Mapping[str, Any]) -> tuple[str, int]:
    record_id, rev = item.get("id"), item.get("rev")
    if not isinstance(record_id, str) or not is_id(record_id):
        raise NotFoundError
    if rev is None:
        raise PreconditionError
    if isinstance(rev, bool) or not isinstance(rev, int):
        raise InvalidError([problem("rev", "TYPE", "is a whole number")])
    return record_id, rev
