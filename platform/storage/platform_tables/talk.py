"""What people say and are told: comments, files, notifications."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import METADATA, identity, json, moment, text, whole

COMMENT = sa.Table(
    "trellis_comment",
    METADATA,
    identity(),
    text("object_key", needed=True),
    text("record_id", needed=True),
    text("author", needed=True),
    moment("at", needed=True),
    text("text", needed=True),
    json("files"),
    sa.Index("i_trellis_comment_record", "object_key", "record_id"),
)
FILE = sa.Table(
    "trellis_file",
    METADATA,
    identity(),
    text("name", needed=True),
    text("media_type", needed=True),
    whole("size"),
    text("sha256", needed=True),
    text("object_key"),
    text("record_id"),
    text("field_key"),
    text("uploaded_by", needed=True),
    moment("uploaded_at", needed=True),
    sa.Index("i_trellis_file_record", "object_key", "record_id"),
)
NOTIFICATION = sa.Table(
    "trellis_notification",
    METADATA,
    identity(),
    text("user_id", needed=True),
    moment("at", needed=True),
    text("kind", needed=True),
    # In the reader's language of that moment, and in every language that its author wrote.
    text("title", needed=True),
    text("body"),
    json("texts"),
    text("object_key"),
    text("record_id"),
    text("task_id"),
    moment("read_at"),
    sa.Index("i_trellis_notification_user", "user_id", "read_at"),
)
