"""Clocks on records and their ledger."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_clock",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("target", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("calendar", sa.Text(), nullable=True),
        sa.Column("due_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("breached_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("intervals", types.Json(), nullable=True),
        sa.Column("fired", types.Json(), nullable=True),
        sa.Column("mirror", sa.Text(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("object", "record_id", "clock", "round", name="u_trellis_clock_round"),
    )
    op.create_index(
        "i_trellis_clock_calendar", "trellis_clock", ["calendar", "ended_at"], unique=False
    )
    op.create_table(
        "trellis_clock_entry",
        sa.Column("clock_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("details", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("clock_id", "seq"),
    )


def downgrade() -> None:
    """Undo the change."""
    op.drop_table("trellis_clock_entry")
    op.drop_index("i_trellis_clock_calendar", table_name="trellis_clock")
    op.drop_table("trellis_clock")
