"""Addresses for whoever runs the server: is it alive, can it work, how is it doing."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from trellis.metadata.model.access import Capability
from trellis.storage.platform_tables.flows import TASK
from trellis.storage.platform_tables.work import JOB
from trellis.web.policy import policy
from trellis.web.serving import server

operations = Blueprint("operations", __name__)


@operations.get("/healthz")
@policy(public=True)
def health() -> ResponseReturnValue:
    """Say that the process answers."""
    return _plain("ok\n")


@operations.get("/readyz")
@policy(public=True)
def readiness() -> ResponseReturnValue:
    """Say whether the database answers too."""
    try:
        with server().workspace.database.read() as connection:
            connection.execute(sa.text("SELECT 1"))
    except DBAPIError:
        return _plain("the database does not answer\n"), 503
    return _plain("ok\n")


@operations.get("/metrics")
@policy(capability=Capability.JOBS)
def metrics() -> ResponseReturnValue:
    """Say how much work waits, in the text form of Prometheus."""
    lines: list[str] = []
    with server().workspace.database.read() as connection:
        for name, table, column in (
            ("trellis_jobs", JOB, JOB.c.state), ("trellis_tasks", TASK, TASK.c.state),
        ):  # fmt: skip
            lines.append(f"# TYPE {name} gauge")
            counted = sa.select(column, sa.func.count()).select_from(table).group_by(column)
            for state, number in connection.execute(counted):
                lines.append(f'{name}{{state="{state}"}} {number}')
    return Response("\n".join(lines) + "\n", mimetype="text/plain; version=0.0.4")


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")
