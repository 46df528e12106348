"""Delegations with their periods, and what was handed over from one person to another."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import METADATA, identity, json, moment, reference, text

DELEGATION = sa.Table(
    "trellis_delegation",
    METADATA,
    identity(),
    reference("giver", needed=True),
    reference("taker", needed=True),
    moment("start_at", needed=True),
    moment("end_at"),
    text("mode", needed=True),
    # Keys of flows and objects; null is all of them.
    json("flows"),
    json("objects"),
    # A decimal as text: the largest amount the taker decides about.
    text("amount_limit"),
    text("reason"),
    sa.Column("include_open", sa.Boolean(), nullable=False),
    sa.Column("give_back", sa.Boolean(), nullable=False),
    sa.Column("absence", sa.Boolean(), nullable=False),
    moment("created_at", needed=True),
    text("created_by"),
    moment("revoked_at"),
    text("revoked_by"),
    sa.Index("i_trellis_delegation_giver", "giver"),
    sa.Index("i_trellis_delegation_taker", "taker"),
)
#: One row for each piece of work or record that went from one person to another.
HANDOVER = sa.Table(
    "trellis_handover",
    METADATA,
    identity(),
    moment("at", needed=True),
    text("actor"),
    reference("giver", needed=True),
    reference("taker"),
    # task, seat or record
    text("kind", needed=True),
    text("object"),
    text("record_id"),
    text("task_id"),
    # delegation, absence, left, by_hand
    text("cause", needed=True),
    text("delegation_id"),
    text("note"),
    moment("returned_at"),
    sa.Index("i_trellis_handover_giver", "giver", "at"),
    sa.Index("i_trellis_handover_delegation", "delegation_id"),
)
