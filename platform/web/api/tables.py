"""Tables of records over HTTP: CSV and XLSX, in with a report by row, and out."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue
from trellis.connect.tables.exporting import as_csv, as_xlsx, table_of
from trellis.connect.tables.importing import Report, import_rows
from trellis.connect.tables.sheets import read_sheet
from trellis.engine.errors import InvalidError, LimitError, problem
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import flag, query_of
from trellis.web.api.records import page_request
from trellis.web.policy import policy

MAX_FILE = 20 * 1024 * 1024
#: A report names at most this many problems.
MOST_PROBLEMS = 1_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX}
_BODIES = frozenset({"text/csv", _XLSX, "application/octet-stream"})


@api.post("/v1/records/<object_key>/import")
@policy()
def import_table(object_key: str) -> ResponseReturnValue:
    """Create and update records from the rows of a file."""
    asked = query_of(("dry_run", "mode"))
    dry_run, mode = flag("dry_run", asked.get("dry_run")), asked.get("mode", "all")
    if mode not in ("all", "each"):
        raise InvalidError([problem("mode", "TYPE", "is `all` or `each`")])
    key, data = request_key(), _sent_file()
    sheet = read_sheet(data)
    with writing("import") as tx:

        def work() -> Response:
            done = import_rows(tx, object_key, sheet, dry_run=dry_run, each=mode == "each")
            if done.failed and not dry_run and mode == "all":
                raise InvalidError(done.problems, hint="nothing was written; `dry_run=1` checks")
            return answer(_report(done, dry_run=dry_run))

        return once(tx, key, data, work)


def _report(done: Report, *, dry_run: bool) -> dict[str, object]:
    return {
        "ok": not done.failed, "dry_run": dry_run, "rows": done.rows, "created": done.created,
        "updated": done.updated, "failed": done.failed,
        "problems": done.problems[:MOST_PROBLEMS],
        "more_problems": max(0, len(done.problems) - MOST_PROBLEMS),
    }  # fmt: skip


def _sent_file() -> bytes:
    """Return the file that was sent: a form's `file`, or the body itself."""
    if (request.content_length or 0) > MAX_FILE:
        raise LimitError("TOO_LARGE", f"a file has at most {MAX_FILE // 2**20} MiB")
    if request.mimetype in _BODIES:
        data = request.get_data()
    else:
        sent = request.files.getlist("file")
        if len(sent) != 1:
            raise InvalidError(
                [problem("file", "REQUIRED", "send one file")],
                hint="as the form field `file`, or as a body of `text/csv`",
            )
        data = sent[0].read()
    if len(data) > MAX_FILE:
        raise LimitError("TOO_LARGE", f"a file has at most {MAX_FILE // 2**20} MiB")
    return data


@api.get("/v1/records/<object_key>/export.<any(csv, xlsx):kind>")
@policy()
def export_table(object_key: str, kind: str) -> ResponseReturnValue:
    """Return the records that a list with the same parameters would give, as a file."""
    wanted = page_request(("filter", "sort", "fields", "search", "view"))
    with reading() as tx:
        rows = table_of(tx, object_key, wanted)
        data = as_csv(rows) if kind == "csv" else as_xlsx(rows)
    made = Response(data, content_type=_TYPES[kind])
    made.headers["Content-Disposition"] = f'attachment; filename="{object_key}.{kind}"'
    return made
