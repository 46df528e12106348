"""Durable jobs."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import METADATA, identity, json, moment, text, whole

JOB = sa.Table(
    "trellis_job",
    METADATA,
    identity(),
    text("kind", needed=True),
    sa.Column("key", sa.Text(), unique=True),
    json("payload"),
    text("state", needed=True),
    moment("due_at", needed=True),
    whole("attempts"),
    whole("max_attempts", 5),
    whole("fence"),
    text("worker"),
    moment("lease_until"),
    text("error"),
    moment("created_at", needed=True),
    moment("done_at"),
    sa.Index("i_trellis_job_due", "state", "due_at"),
)
