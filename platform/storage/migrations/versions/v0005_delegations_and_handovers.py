"""Delegations and handovers."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_delegation",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("giver", types.Id(length=36), nullable=False),
        sa.Column("taker", types.Id(length=36), nullable=False),
        sa.Column("start_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("end_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("flows", types.Json(), nullable=True),
        sa.Column("objects", types.Json(), nullable=True),
        sa.Column("amount_limit", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("include_open", sa.Boolean(), nullable=False),
        sa.Column("give_back", sa.Boolean(), nullable=False),
        sa.Column("absence", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("i_trellis_delegation_giver", "trellis_delegation", ["giver"], unique=False)
    op.create_index("i_trellis_delegation_taker", "trellis_delegation", ["taker"], unique=False)
    op.create_table(
        "trellis_handover",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("giver", types.Id(length=36), nullable=False),
        sa.Column("taker", types.Id(length=36), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("delegation_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("returned_at", types.UtcDateTime(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_handover_delegation", "trellis_handover", ["delegation_id"], unique=False
    )
    op.create_index("i_trellis_handover_giver", "trellis_handover", ["giver", "at"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    op.drop_index("i_trellis_handover_giver", table_name="trellis_handover")
    op.drop_index("i_trellis_handover_delegation", table_name="trellis_handover")
    op.drop_table("trellis_handover")
    op.drop_index("i_trellis_delegation_taker", table_name="trellis_delegation")
    op.drop_index("i_trellis_delegation_giver", table_name="trellis_delegation")
    op.drop_table("trellis_delegation")
