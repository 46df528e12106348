"""what people chose and messages in every language."""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_preference",
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "name"),
    )
    op.add_column("trellis_notification", sa.Column("texts", types.Json(), nullable=True))


def downgrade() -> None:
    """Undo the change."""
    op.drop_column("trellis_notification", "texts")
    op.drop_table("trellis_preference")
