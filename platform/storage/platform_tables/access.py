"""Credentials, roles of users, sessions, tokens and sign-in attempts: in no query language."""

import sqlalchemy as sa
from trellis.storage.platform_tables.base import (
    METADATA,
    identity,
    json,
    moment,
    reference,
    text,
    whole,
)
from trellis.storage.types import Id

CREDENTIAL = sa.Table(
    "trellis_credential",
    METADATA,
    sa.Column("user_id", Id(), primary_key=True),
    text("password_hash"),
    moment("changed_at"),
    # Raised by every change of password or roles: what was signed in before is signed out.
    whole("auth_version", 1),
)
USER_ROLE = sa.Table(
    "trellis_user_role",
    METADATA,
    sa.Column("user_id", Id(), primary_key=True),
    sa.Column("role", sa.Text(), primary_key=True),
    moment("given_at"),
    text("given_by"),
    sa.Index("i_trellis_user_role_role", "role"),
)
#: What a person chose for themselves, such as the columns of a list.
PREFERENCE = sa.Table(
    "trellis_preference",
    METADATA,
    sa.Column("user_id", Id(), primary_key=True),
    sa.Column("name", sa.Text(), primary_key=True),
    json("value"),
)
SESSION = sa.Table(
    "trellis_session",
    METADATA,
    sa.Column("hash", sa.Text(), primary_key=True),
    reference("user_id", needed=True),
    whole("auth_version"),
    text("csrf", needed=True),
    moment("created_at", needed=True),
    moment("seen_at", needed=True),
    moment("expires_at", needed=True),
    sa.Index("i_trellis_session_user", "user_id"),
    sa.Index("i_trellis_session_expires", "expires_at"),
)
TOKEN = sa.Table(
    "trellis_token",
    METADATA,
    identity(),
    sa.Column("hash", sa.Text(), nullable=False, unique=True),
    # The first letters of the token, so that its owner can tell it from others.
    text("start", needed=True),
    reference("user_id", needed=True),
    text("label", needed=True),
    # What the token may use of its user's rights; null is everything.
    json("roles"),
    json("objects"),
    json("methods"),
    moment("created_at", needed=True),
    moment("expires_at"),
    moment("used_at"),
    moment("revoked_at"),
    sa.Index("i_trellis_token_user", "user_id"),
)
LOGIN_ATTEMPT = sa.Table(
    "trellis_login_attempt",
    METADATA,
    identity(),
    text("login_key", needed=True),
    text("address", needed=True),
    moment("at", needed=True),
    whole("succeeded"),
    sa.Index("i_trellis_login_attempt_login", "login_key", "at"),
    sa.Index("i_trellis_login_attempt_address", "address", "at"),
)
IDEMPOTENCY = sa.Table(
    "trellis_idempotency",
    METADATA,
    sa.Column("user_id", Id(), primary_key=True),
    sa.Column("key", sa.Text(), primary_key=True),
    text("request_hash", needed=True),
    whole("status"),
    text("body"),
    text("etag"),
    moment("at", needed=True),
    sa.Index("i_trellis_idempotency_at", "at"),
)
