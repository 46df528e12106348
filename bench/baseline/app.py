"""The hand-written application: Flask, one object, the API and two pages.

`gunicorn 'bench.baseline.app:make_app()'`; BENCH_STORE is `core` or `driver`, BENCH_URL names the
database.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, jsonify, render_template, request
from sqlalchemy.exc import IntegrityError

from bench.baseline import validation
from bench.baseline.core_store import CoreStore
from bench.baseline.driver_store import DriverStore
from bench.baseline.store import Case, Session, Store, User, Wanted
from bench.baseline.validation import RefusedError, checked

cases = Blueprint("cases", __name__)
FILTERS = ("status", "priority", "category", "channel", "severity", "region")
LEAST = "score_from"
REFERENCES = ("account", "device", "assignee")
OPTIONS = {"status": validation.STATUS, "priority": validation.PRIORITY,
           "category": validation.CATEGORY, "channel": validation.CHANNEL,
           "severity": validation.SEVERITY, "region": validation.REGION}  # fmt: skip
PAGE_SIZE = 50


class StopError(Exception):
    """An answer that is not the usual one."""

    def __init__(self, status: int, code: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.details = status, code, details or {}


def make_app() -> Flask:
    """Return the application over the store that the environment names."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))
    url = os.environ["BENCH_URL"]
    app.extensions["store"] = (
        DriverStore(url) if os.environ["BENCH_STORE"] == "driver" else CoreStore(url)
    )
    app.register_blueprint(cases)
    app.register_error_handler(StopError, _stopped)
    app.register_error_handler(RefusedError, lambda error: (jsonify(errors=error.errors), 422))
    app.register_error_handler(IntegrityError, lambda _: (jsonify(code="NO_RECORD"), 422))
    return app


def _stopped(error: StopError) -> tuple[Response, int]:
    return jsonify(code=error.code, details=error.details), error.status


def _store() -> Store:
    return current_app.extensions["store"]  # type: ignore[no-any-return]


def _me(session: Session) -> User:
    header = request.headers.get("Authorization", "")
    token = header.removeprefix("Bearer ")
    user = session.user_of(hashlib.sha256(token.encode()).hexdigest(), datetime.now(UTC))
    if user is None:
        raise StopError(401, "UNAUTHENTICATED")
    g.user = user
    return user


@cases.get("/api/v1/records/case/<case_id>")
def read_case(case_id: str) -> Response:
    """Answer with one case."""
    with _store().reading() as session:
        found = session.read(case_id, _me(session).id)
    return _answer(found)


def _answer(found: Case | None, status: int = 200) -> Response:
    if found is None:
        raise StopError(404, "NOT_FOUND")
    made = jsonify(_json(found))
    made.status_code = status
    made.headers["ETag"] = f'"{found["rev"]}"'
    return made


@cases.get("/api/v1/records/case")
def list_cases() -> Response:
    """Answer with a page of cases."""
    wanted = _wanted()
    with _store().reading() as session:
        me = _me(session).id
        rows = session.page(wanted, me)
        total = session.count(wanted, me) if request.args.get("count") == "1" else None
    found: dict[str, Any] = {
        "items": [_json(row) for row in rows[: wanted.limit - 1]],
        "next_cursor": _cursor(rows, wanted.limit),
    }
    if total is not None:
        found["total"] = total
    return jsonify(found)


def _wanted() -> Wanted:
    filters: dict[str, Any] = {n: request.args[n] for n in FILTERS if n in request.args}
    if LEAST in request.args:
        filters[LEAST] = request.args.get(LEAST, 0, int)
    cursor = request.args.get("cursor")
    after = None
    if cursor:
        at, identity = json.loads(base64.urlsafe_b64decode(cursor))
        after = (str(at), str(identity))
    return Wanted(filters, PAGE_SIZE + 1, after)


def _cursor(rows: Any, limit: int) -> str | None:
    if len(rows) < limit:
        return None
    last = rows[limit - 2]
    place = [last["opened_at"].isoformat(), last["id"]]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


@cases.post("/api/v1/records/case")
def create_case() -> Response:
    """Create a case."""
    with _store().writing() as session:
        me = _me(session).id
        values = checked(request.get_json(), creating=True)
        now, case_id = datetime.now(UTC), _new_id()
        row = {**dict.fromkeys(_EMPTY), **_columns(values), "id": case_id, "rev": 1,
               "created_at": now, "created_by": me, "updated_at": now}  # fmt: skip
        session.insert(row)
        changes = {key: [None, _plain(value)] for key, value in values.items()}
        session.remember(case_id, 1, now, me, "create", changes)
        return _answer(session.read(case_id, me), 201)


_EMPTY = tuple(f"{key}_id" if key in REFERENCES else key for key in validation.CHECKS)


@cases.patch("/api/v1/records/case/<case_id>")
def update_case(case_id: str) -> Response:
    """Change fields of a case."""
    rev = request.headers.get("If-Match", "").strip('"')
    if not rev.isdigit():
        raise StopError(428, "PRECONDITION")
    with _store().writing() as session:
        me = _me(session).id
        row = session.locked(case_id, me)
        if row is None:
            raise StopError(404, "NOT_FOUND")
        if row["rev"] != int(rev):
            raise StopError(409, "REV_CONFLICT")
        values = _columns(checked(request.get_json(), creating=False))
        changed = {name: value for name, value in values.items() if row[name] != value}
        if changed:
            now = datetime.now(UTC)
            new = {**changed, "rev": row["rev"] + 1, "updated_at": now}
            if not session.update(case_id, row["rev"], new):
                raise StopError(409, "REV_CONFLICT")
            changes = {name: [_plain(row[name]), _plain(value)] for name, value in changed.items()}
            session.remember(case_id, row["rev"] + 1, now, me, "update", changes)
        return _answer(session.read(case_id, me))


def _new_id() -> str:
    """Return a UUIDv7."""
    number = (
        (int(datetime.now(UTC).timestamp() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64)
    )
    text = f"{number | (2 << 62) | secrets.randbits(62):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{key}_id" if key in REFERENCES else key: value for key, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _reference(row: Case, key: str) -> dict[str, str] | None:
    identity = row[f"{key}_id"]
    return None if identity is None else {"id": identity, "title": row[f"{key}_name"]}


def _json(row: Case) -> dict[str, Any]:
    return {
        "id": row["id"],
        "rev": row["rev"],
        "created_at": _moment(row["created_at"]),
        "created_by": row["created_by"],
        "updated_at": _moment(row["updated_at"]),
        "number": row["number"],
        "title": row["title"],
        "contact_name": row["contact_name"],
        "contact_email": row["contact_email"],
        "contact_phone": row["contact_phone"],
        "location": row["location"],
        "external_key": row["external_key"],
        "description": row["description"],
        "resolution": row["resolution"],
        "status": row["status"],
        "priority": row["priority"],
        "category": row["category"],
        "channel": row["channel"],
        "severity": row["severity"],
        "region": row["region"],
        "account": _reference(row, "account"),
        "device": _reference(row, "device"),
        "assignee": _reference(row, "assignee"),
        "estimate": row["estimate"],
        "cost": row["cost"],
        "opened_at": _moment(row["opened_at"]),
        "due_at": _moment(row["due_at"]),
        "closed_at": _moment(row["closed_at"]),
        "is_public": row["is_public"],
        "score": row["score"],
    }


@cases.get("/o/case/<case_id>/edit")
def form_page(case_id: str) -> str:
    """Show the form of a case."""
    with _store().reading() as session:
        user = _me(session)
        found = session.read(case_id, user.id)
    if found is None:
        raise StopError(404, "NOT_FOUND")
    return render_template("form.html", case=found, user=user, options=OPTIONS)


@cases.get("/o/case")
def list_page() -> str:
    """Show the list of cases."""
    wanted = _wanted()
    with _store().reading() as session:
        user = _me(session)
        rows = session.page(wanted, user.id)
    return render_template("list.html", cases=rows[: wanted.limit - 1], user=user, options=OPTIONS,
                           filters=wanted.filters, cursor=_cursor(rows, wanted.limit))  # fmt: skip
