"""Clocks on records: one row a round, and what happened to each, which nobody changes."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import METADATA, identity, json, moment, text, whole

CLOCK = sa.Table(
    "trellis_clock",
    METADATA,
    identity(),
    text("clock", needed=True),
    text("object", needed=True),
    text("record_id", needed=True),
    whole("round", 1),
    text("state", needed=True),
    moment("started_at", needed=True),
    #: Microseconds of working time.
    whole("target"),
    #: A key of calendars.yaml, object/id of a record that is a calendar, or null: all time counts.
    text("calendar"),
    moment("due_at"),
    moment("ended_at"),
    moment("breached_at"),
    json("intervals"),
    json("fired"),
    text("mirror"),
    whole("rev", 1),
    sa.UniqueConstraint("object", "record_id", "clock", "round", name="u_trellis_clock_round"),
    sa.Index("i_trellis_clock_calendar", "calendar", "ended_at"),
)
CLOCK_ENTRY = sa.Table(
    "trellis_clock_entry",
    METADATA,
    sa.Column("clock_id", sa.Text(), primary_key=True),
    sa.Column("seq", sa.Integer(), primary_key=True, autoincrement=False),
    moment("at", needed=True),
    text("kind", needed=True),
    text("actor", needed=True),
    text("reason"),
    moment("due_at"),
    json("details"),
)
