"""Writes an audit row for every write that was refused: who tried what, and why not."""

from __future__ import annotations

from flask import Response, g, request
from sqlalchemy.exc import SQLAlchemyError
from trellis.access.audit import write_audit
from trellis.access.principals import Proof
from trellis.web.door import SAFE_METHODS
from trellis.web.serving import server

REFUSED = frozenset({400, 403, 404, 409, 413, 415, 422, 428, 429})


def audit_refusal(answer: Response) -> Response:
    """Write the row, when the answer refuses a write of somebody who is known."""
    if request.method in SAFE_METHODS or answer.status_code not in REFUSED:
        return answer
    found: Proof | None = g.get("trellis_proof")
    if found is None:
        return answer
    here, where = server(), request.view_args or {}
    outcome = str(g.get("trellis_refusal", answer.status_code))
    details = {
        "method": request.method,
        "path": request.path[:500],
        "object": str(where.get("object_key", ""))[:80],
        "record": str(where.get("record_id", ""))[:80],
    }
    try:
        with here.workspace.database.write() as connection:
            write_audit(
                connection, here.access.ids, here.access.clock.now(), "refused_write",
                outcome=outcome, actor=found.principal.id, address=request.remote_addr,
                details={key: value for key, value in details.items() if value},
            )  # fmt: skip
    except SQLAlchemyError:
        # The database is away: the refusal stands, and the log has the reason already.
        return answer
    return answer
