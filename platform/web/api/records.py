"""Records over HTTP: pages, one record, and the writes that the engine's one door allows."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine import query, records
from trellis.engine.errors import InvalidError, NotFoundError, problem
from trellis.engine.query import PageRequest
from trellis.engine.query.pages import MOST_ROWS, MOST_SORTS
from trellis.engine.transactions import Transaction
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import (
    check_keys,
    flag,
    json_body,
    mapping_of,
    names_of,
    query_of,
    required_rev,
    text_of,
    whole_number,
)
from trellis.web.policy import policy

LIST_PARAMETERS = (
    "filter",
    "sort",
    "fields",
    "limit",
    "cursor",
    "search",
    "view",
    "count",
)
MAX_FIELDS = 100
MAX_FILTER = 8_000
MAX_SEARCH = 200
MAX_COMMENT = 20_000
_ONE = "/v1/records/<object_key>/<record_id>"


@api.get("/v1/records/<object_key>")
@policy()
def list_records(object_key: str) -> ResponseReturnValue:
    """Return a page of records."""
    wanted = page_request()
    with reading() as tx:
        page = query.page(tx, object_key, wanted)
    found: dict[str, object] = {"items": page.items, "next_cursor": page.next_cursor}
    if wanted.count:
        found["total"] = page.total
    return answer(found)


def page_request(known: tuple[str, ...] = LIST_PARAMETERS) -> PageRequest:
    """Return which records the address asks for."""
    asked = query_of(known)
    sort, fields = names_of(asked.get("sort")), names_of(asked.get("fields"))
    _stop_over("sort", len(sort), MOST_SORTS)
    _stop_over("fields", len(fields), MAX_FIELDS)
    limit = asked.get("limit")
    return PageRequest(
        fields=fields,
        filter=_text("filter", asked.get("filter"), MAX_FILTER),
        view=asked.get("view") or None,
        sort=sort,
        search=_text("search", asked.get("search"), MAX_SEARCH),
        cursor=asked.get("cursor") or None,
        limit=50 if limit is None else whole_number("limit", limit, 1, MOST_ROWS),
        count=flag("count", asked.get("count")),
    )


def _stop_over(name: str, number: int, most: int) -> None:
    if number > most:
        raise InvalidError([problem(name, "TOO_MANY", f"names at most {most}")])


def _text(name: str, text: str | None, most: int) -> str | None:
    if text is not None and len(text) > most:
        raise InvalidError([problem(name, "TOO_LONG", f"has at most {most} characters")])
    return text or None


@api.get(_ONE)
@policy()
def get_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Return one record."""
    fields = names_of(query_of(("fields",)).get("fields"))
    _stop_over("fields", len(fields), MAX_FIELDS)
    with reading() as tx:
        return _shown(tx, object_key, record_id, fields=fields)


def _shown(
    tx: Transaction,
    object_key: str,
    record_id: str,
    status: int = 200,
    fields: tuple[str, ...] = (),
) -> Response:
    """Return a record as the caller may see it; only its id when they may not."""
    try:
        found = query.get(tx, object_key, record_id, fields)
    except NotFoundError:
        if status == 200:
            raise
        return answer({"id": record_id}, status)
    return answer(found, status, found["rev"])


@api.post("/v1/records/<object_key>")
@policy()
def create_record(object_key: str) -> ResponseReturnValue:
    """Create a record."""
    body, key = json_body(), request_key()
    with writing() as tx:

        def work() -> Response:
            record_id = records.create(tx, object_key, body.value)
            made = _shown(tx, object_key, record_id, 201)
            made.headers["Location"] = f"/api/v1/records/{object_key}/{record_id}"
            return made

        return once(tx, key, body.raw, work)


@api.patch(_ONE)
@policy()
def update_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Change fields of a record."""
    rev, body = required_rev(), json_body()

    def work(tx: Transaction) -> Response:
        records.update(tx, object_key, record_id, body.value, rev=rev)
        return _after(tx, object_key, record_id)

    return _write(body.raw, work)


@api.delete(_ONE)
@policy()
def delete_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Delete a record; it can be restored."""
    rev = required_rev()

    def work(tx: Transaction) -> Response:
        records.delete(tx, object_key, record_id, rev=rev)
        return Response(status=204)

    return _write(b"", work)


@api.post(f"{_ONE}/restore")
@policy()
def restore_record(object_key: str, record_id: str) -> ResponseReturnValue:
    """Bring a deleted record back."""

    def work(tx: Transaction) -> Response:
        records.restore(tx, object_key, record_id)
        return _after(tx, object_key, record_id)

    return _write(b"", work)


@api.post(f"{_ONE}/transitions/<name>")
@policy()
def run_transition(object_key: str, record_id: str, name: str) -> ResponseReturnValue:
    """Run a lifecycle transition."""
    rev, body = required_rev(), json_body(optional=True)
    check_keys(body.value, ("values", "comment"))
    values = mapping_of(body.value, "values")
    comment = text_of(body.value, "comment", MAX_COMMENT) or None

    def work(tx: Transaction) -> Response:
        records.transition(tx, object_key, record_id, name, values, comment=comment, rev=rev)
        return _after(tx, object_key, record_id)

    return _write(body.raw, work)


def _after(tx: Transaction, object_key: str, record_id: str) -> Response:
    """Return a record that was just written, its id alone where it left the caller's sight."""
    try:
        return _shown(tx, object_key, record_id)
    except NotFoundError:
        return answer({"id": record_id})


def _write(raw: bytes, work: Callable[[Transaction], Response]) -> Response:
    """Do work in a transaction, once for each `Idempotency-Key`."""
    key = request_key()
    with writing() as tx:
        return once(tx, key, raw, lambda: work(tx))
