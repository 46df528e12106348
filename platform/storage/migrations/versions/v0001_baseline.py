"""Baseline: every table of the platform as it was at first.

Generated, and frozen once it is released: it is one list of tables, so its length is theirs.
"""

import sqlalchemy as sa
from alembic import op
from trellis.storage import types

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "trellis_anchor",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("records", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "trellis_approval",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("rule", types.Json(), nullable=True),
        sa.Column("due_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_approval_instance", "trellis_approval", ["instance_id"], unique=False
    )
    op.create_table(
        "trellis_audit",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("details", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("i_trellis_audit_at", "trellis_audit", ["at"], unique=False)
    op.create_table(
        "trellis_catalog",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("published_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("packages", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "trellis_comment",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("files", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_comment_record", "trellis_comment", ["object_key", "record_id"], unique=False
    )
    op.create_table(
        "trellis_credential",
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("changed_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("auth_version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
    )
    op.create_table(
        "trellis_event",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("end_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("start_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("case_object", sa.Text(), nullable=True),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=True),
        sa.Column("flow", sa.Text(), nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("i_trellis_event_at", "trellis_event", ["end_at"], unique=False)
    op.create_index(
        "i_trellis_event_case", "trellis_event", ["case_object", "case_id"], unique=False
    )
    op.create_table(
        "trellis_file",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("field_key", sa.Text(), nullable=True),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", types.UtcDateTime(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_file_record", "trellis_file", ["object_key", "record_id"], unique=False
    )
    op.create_table(
        "trellis_flow_instance",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("starter", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("vars", types.Json(), nullable=True),
        sa.Column("outcomes", types.Json(), nullable=True),
        sa.Column("rounds", types.Json(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("started_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("ended_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("incident", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_instance_record", "trellis_flow_instance", ["object", "record_id"], unique=False
    )
    op.create_index(
        "i_trellis_instance_state", "trellis_flow_instance", ["state", "flow"], unique=False
    )
    op.create_table(
        "trellis_flow_token",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("arrived_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_flow_token_instance", "trellis_flow_token", ["instance_id"], unique=False
    )
    op.create_table(
        "trellis_history",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("transition", sa.Text(), nullable=True),
        sa.Column("changes", types.Json(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("catalog_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("object_key", "record_id", "seq"),
    )
    op.create_index("i_trellis_history_actor", "trellis_history", ["actor", "at"], unique=False)
    op.create_table(
        "trellis_idempotency",
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key"),
    )
    op.create_index("i_trellis_idempotency_at", "trellis_idempotency", ["at"], unique=False)
    op.create_table(
        "trellis_job",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", types.Json(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(length=27), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("done_at", types.UtcDateTime(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("i_trellis_job_due", "trellis_job", ["state", "due_at"], unique=False)
    op.create_table(
        "trellis_login_attempt",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("login_key", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("succeeded", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_login_attempt_address", "trellis_login_attempt", ["address", "at"], unique=False
    )
    op.create_index(
        "i_trellis_login_attempt_login", "trellis_login_attempt", ["login_key", "at"], unique=False
    )
    op.create_table(
        "trellis_notification",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("object_key", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("read_at", types.UtcDateTime(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "i_trellis_notification_user", "trellis_notification", ["user_id", "read_at"], unique=False
    )
    op.create_table(
        "trellis_physical_name",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("field_key", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("object_key", "field_key", "since"),
    )
    op.create_table(
        "trellis_sequence",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("field_key", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("object_key", "field_key", "period"),
    )
    op.create_table(
        "trellis_session",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("auth_version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(length=27), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("i_trellis_session_expires", "trellis_session", ["expires_at"], unique=False)
    op.create_index("i_trellis_session_user", "trellis_session", ["user_id"], unique=False)
    op.create_table(
        "trellis_setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "trellis_task",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("object", sa.Text(), nullable=True),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("principal", sa.Text(), nullable=True),
        sa.Column("via", sa.Text(), server_default="rule", nullable=False),
        sa.Column("position", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=True),
        sa.Column("round", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("due_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("claimed_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("rev", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("i_trellis_task_holder", "trellis_task", ["holder", "state"], unique=False)
    op.create_index("i_trellis_task_instance", "trellis_task", ["instance_id"], unique=False)
    op.create_index("i_trellis_task_record", "trellis_task", ["object", "record_id"], unique=False)
    op.create_index("i_trellis_task_token", "trellis_task", ["token_id"], unique=False)
    op.create_table(
        "trellis_task_pool",
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "kind", "key"),
    )
    op.create_index("i_trellis_task_pool_key", "trellis_task_pool", ["kind", "key"], unique=False)
    op.create_table(
        "trellis_token",
        sa.Column("id", types.Id(length=36), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("roles", types.Json(), nullable=True),
        sa.Column("objects", types.Json(), nullable=True),
        sa.Column("methods", types.Json(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(length=27), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("used_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(length=27), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("i_trellis_token_user", "trellis_token", ["user_id"], unique=False)
    op.create_table(
        "trellis_user_role",
        sa.Column("user_id", types.Id(length=36), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("given_at", types.UtcDateTime(length=27), nullable=True),
        sa.Column("given_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "role"),
    )
    op.create_index("i_trellis_user_role_role", "trellis_user_role", ["role"], unique=False)


def downgrade() -> None:
    """Undo the change."""
    op.drop_index("i_trellis_user_role_role", table_name="trellis_user_role")
    op.drop_table("trellis_user_role")
    op.drop_index("i_trellis_token_user", table_name="trellis_token")
    op.drop_table("trellis_token")
    op.drop_index("i_trellis_task_pool_key", table_name="trellis_task_pool")
    op.drop_table("trellis_task_pool")
    op.drop_index("i_trellis_task_token", table_name="trellis_task")
    op.drop_index("i_trellis_task_record", table_name="trellis_task")
    op.drop_index("i_trellis_task_instance", table_name="trellis_task")
    op.drop_index("i_trellis_task_holder", table_name="trellis_task")
    op.drop_table("trellis_task")
    op.drop_table("trellis_setting")
    op.drop_index("i_trellis_session_user", table_name="trellis_session")
    op.drop_index("i_trellis_session_expires", table_name="trellis_session")
    op.drop_table("trellis_session")
    op.drop_table("trellis_sequence")
    op.drop_table("trellis_physical_name")
    op.drop_index("i_trellis_notification_user", table_name="trellis_notification")
    op.drop_table("trellis_notification")
    op.drop_index("i_trellis_login_attempt_login", table_name="trellis_login_attempt")
    op.drop_index("i_trellis_login_attempt_address", table_name="trellis_login_attempt")
    op.drop_table("trellis_login_attempt")
    op.drop_index("i_trellis_job_due", table_name="trellis_job")
    op.drop_table("trellis_job")
    op.drop_index("i_trellis_idempotency_at", table_name="trellis_idempotency")
    op.drop_table("trellis_idempotency")
    op.drop_index("i_trellis_history_actor", table_name="trellis_history")
    op.drop_table("trellis_history")
    op.drop_index("i_trellis_flow_token_instance", table_name="trellis_flow_token")
    op.drop_table("trellis_flow_token")
    op.drop_index("i_trellis_instance_state", table_name="trellis_flow_instance")
    op.drop_index("i_trellis_instance_record", table_name="trellis_flow_instance")
    op.drop_table("trellis_flow_instance")
    op.drop_index("i_trellis_file_record", table_name="trellis_file")
    op.drop_table("trellis_file")
    op.drop_index("i_trellis_event_case", table_name="trellis_event")
    op.drop_index("i_trellis_event_at", table_name="trellis_event")
    op.drop_table("trellis_event")
    op.drop_table("trellis_credential")
    op.drop_index("i_trellis_comment_record", table_name="trellis_comment")
    op.drop_table("trellis_comment")
    op.drop_table("trellis_catalog")
    op.drop_index("i_trellis_audit_at", table_name="trellis_audit")
    op.drop_table("trellis_audit")
    op.drop_index("i_trellis_approval_instance", table_name="trellis_approval")
    op.drop_table("trellis_approval")
    op.drop_table("trellis_anchor")
