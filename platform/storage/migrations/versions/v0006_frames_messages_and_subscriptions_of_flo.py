"""Frames messages and subscriptions of flows."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_flow_frame",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("vars", types.Json(), nullable=True),
        sa.Column("names", types.Json(), nullable=True),
        sa.Column("data", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_flow_frame_instance", "trellis_flow_frame", ["instance_id"], unique=False
    )
    op.create_table(
        "trellis_flow_message",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", types.Json(), nullable=True),
        sa.Column("dedupe", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("correlated_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("instances", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", "dedupe", name="u_trellis_flow_message_dedupe"),
    )
    op.create_index(
        "i_trellis_flow_message_state",
        "trellis_flow_message",
        ["state", "name", "received_at"],
        unique=False,
    )
    op.create_table(
        "trellis_flow_subscription",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("catch", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), server_default="", nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_flow_subscription_key",
        "trellis_flow_subscription",
        ["kind", "name", "path", "key"],
        unique=False,
    )
    op.create_index(
        "i_trellis_flow_subscription_owner", "trellis_flow_subscription", ["owner"], unique=False
    )
    op.add_column("trellis_flow_instance", sa.Column("undo", types.Json(), nullable=True))
    op.add_column("trellis_flow_instance", sa.Column("parent", sa.Text(), nullable=True))
    op.add_column("trellis_flow_instance", sa.Column("parent_token", sa.Text(), nullable=True))
    op.create_index(
        "i_trellis_instance_parent", "trellis_flow_instance", ["parent_token"], unique=False
    )
    op.add_column("trellis_flow_token", sa.Column("frame", sa.Text(), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("trellis_flow_token", "frame")
    op.drop_index("i_trellis_instance_parent", table_name="trellis_flow_instance")
    op.drop_column("trellis_flow_instance", "parent_token")
    op.drop_column("trellis_flow_instance", "parent")
    op.drop_column("trellis_flow_instance", "undo")
    op.drop_index("i_trellis_flow_subscription_owner", table_name="trellis_flow_subscription")
    op.drop_index("i_trellis_flow_subscription_key", table_name="trellis_flow_subscription")
    op.drop_table("trellis_flow_subscription")
    op.drop_index("i_trellis_flow_message_state", table_name="trellis_flow_message")
    op.drop_table("trellis_flow_message")
    op.drop_index("i_trellis_flow_frame_instance", table_name="trellis_flow_frame")
    op.drop_table("trellis_flow_frame")
