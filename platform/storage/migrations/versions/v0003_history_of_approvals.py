"""history of approvals."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_approval_history",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("approval_id", sa.Text(), nullable=True),
        sa.Column("seat_id", sa.Text(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("holder_before", sa.Text(), nullable=True),
        sa.Column("holder_after", sa.Text(), nullable=True),
        sa.Column("details", types.Json(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_approval_history_instance",
        "trellis_approval_history",
        ["instance_id"],
        unique=False,
    )
    op.create_index(
        "i_trellis_approval_history_seat", "trellis_approval_history", ["seat_id"], unique=False
    )
    op.add_column("trellis_approval", sa.Column("groups", types.Json(), nullable=True))
    op.add_column("trellis_approval", sa.Column("watched", sa.Text(), nullable=True))
    op.add_column("trellis_approval", sa.Column("returned_to", sa.Text(), nullable=True))
    op.add_column("trellis_approval", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column("trellis_flow_instance", sa.Column("returns", types.Json(), nullable=True))
    op.add_column("trellis_flow_instance", sa.Column("previous", sa.Text(), nullable=True))
    op.add_column("trellis_task", sa.Column("group_id", sa.Text(), nullable=True))
    op.add_column("trellis_task", sa.Column("parent_id", sa.Text(), nullable=True))
    op.add_column("trellis_task", sa.Column("added_by", sa.Text(), nullable=True))
    op.add_column("trellis_task", sa.Column("record_rev", sa.BigInteger(), nullable=True))
    op.add_column("trellis_task", sa.Column("changed", types.Json(), nullable=True))
    op.add_column("trellis_task", sa.Column("watched", sa.Text(), nullable=True))
    op.add_column("trellis_task", sa.Column("signature", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("trellis_task", "signature")
    op.drop_column("trellis_task", "watched")
    op.drop_column("trellis_task", "changed")
    op.drop_column("trellis_task", "record_rev")
    op.drop_column("trellis_task", "added_by")
    op.drop_column("trellis_task", "parent_id")
    op.drop_column("trellis_task", "group_id")
    op.drop_column("trellis_flow_instance", "previous")
    op.drop_column("trellis_flow_instance", "returns")
    op.drop_column("trellis_approval", "decided_by")
    op.drop_column("trellis_approval", "returned_to")
    op.drop_column("trellis_approval", "watched")
    op.drop_column("trellis_approval", "groups")
    op.drop_index("i_trellis_approval_history_seat", table_name="trellis_approval_history")
    op.drop_index("i_trellis_approval_history_instance", table_name="trellis_approval_history")
    op.drop_table("trellis_approval_history")
