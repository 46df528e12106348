"""The tables of the hand-written application, the same for both of its stores."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

METADATA = sa.MetaData()
_CENT = Decimal("0.01")


class Cents(sa.types.TypeDecorator[Decimal]):
    """Money that stays exact: `numeric` on PostgreSQL, whole cents on SQLite."""

    impl = sa.Numeric(12, 2)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Return the type of the database."""
        number = sa.Numeric(12, 2) if dialect.name == "postgresql" else sa.BigInteger()
        return dialect.type_descriptor(number)

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> Any:
        """Return what the driver stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return int(value * 100)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Decimal | None:
        """Return the decimal."""
        if value is None or dialect.name == "postgresql":
            return value
        return value * _CENT  # type: ignore[no-any-return]


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, ISO text on SQLite."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        """Return the type of the database."""
        kind = sa.DateTime(timezone=True) if dialect.name == "postgresql" else sa.Text()
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """Return what the driver stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return moment_text(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """Return the moment."""
        if value is None or dialect.name == "postgresql":
            return value
        return datetime.fromisoformat(value)


def moment_text(value: datetime) -> str:
    """Return a moment as text that sorts by time."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


ID = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

USER = sa.Table(
    "users",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
)
TOKEN = sa.Table(
    "tokens",
    METADATA,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("user_id", ID, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
)
ACCOUNT = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)
DEVICE = sa.Table(
    "devices",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)
CASE = sa.Table(
    "cases",
    METADATA,
    sa.Column("id", ID, primary_key=True),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("created_by", ID, sa.ForeignKey("users.id"), nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("number", sa.String(20), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("contact_name", sa.String(120)),
    sa.Column("contact_email", sa.String(200)),
    sa.Column("contact_phone", sa.String(40)),
    sa.Column("location", sa.String(200)),
    sa.Column("external_key", sa.String(60)),
    sa.Column("description", sa.Text),
    sa.Column("resolution", sa.Text),
    sa.Column("status", sa.String(20), nullable=False, index=True),
    sa.Column("priority", sa.String(20), nullable=False, index=True),
    sa.Column("category", sa.String(20), nullable=False),
    sa.Column("channel", sa.String(20)),
    sa.Column("severity", sa.String(20)),
    sa.Column("region", sa.String(20)),
    sa.Column("account_id", ID, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("device_id", ID, sa.ForeignKey("devices.id"), index=True),
    sa.Column("assignee_id", ID, sa.ForeignKey("users.id"), index=True),
    sa.Column("estimate", Cents),
    sa.Column("cost", Cents),
    sa.Column("opened_at", Moment, nullable=False, index=True),
    sa.Column("due_at", Moment),
    sa.Column("closed_at", Moment),
    sa.Column("is_public", sa.Boolean, nullable=False),
    sa.Column("score", sa.Integer),
)
HISTORY = sa.Table(
    "history",
    METADATA,
    sa.Column("case_id", ID, primary_key=True),
    sa.Column("rev", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("user_id", ID, nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("changes", JSON, nullable=False),
)
