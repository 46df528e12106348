"""Published catalogs, physical names, and settings of the workspace."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import METADATA, json, moment, text, whole

CATALOG = sa.Table(
    "trellis_catalog",
    METADATA,
    sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
    moment("published_at", needed=True),
    text("published_by"),
    text("summary"),
    text("content_hash", needed=True),
    sa.Column("packages", sa.LargeBinary(), nullable=False),
)
PHYSICAL_NAME = sa.Table(
    "trellis_physical_name",
    METADATA,
    sa.Column("object_key", sa.Text(), primary_key=True),
    sa.Column("field_key", sa.Text(), primary_key=True),
    # The catalog version with which the name was given, and the first that has it no more.
    sa.Column("since", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("until", sa.Integer()),
    text("name", needed=True),
)
SETTING = sa.Table(
    "trellis_setting",
    METADATA,
    sa.Column("key", sa.Text(), primary_key=True),
    json("value"),
)
SEQUENCE = sa.Table(
    "trellis_sequence",
    METADATA,
    sa.Column("object_key", sa.Text(), primary_key=True),
    sa.Column("field_key", sa.Text(), primary_key=True),
    sa.Column("period", sa.Text(), primary_key=True),
    whole("last"),
)
