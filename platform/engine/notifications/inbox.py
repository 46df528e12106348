"""Notifications as rows: words are filled in when they are sent, in each reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa
from trellis.engine.notifications.template import Template
from trellis.engine.transactions import Transaction, zone_of
from trellis.engine.views import RecordView, context_of, view_of
from trellis.expressions.functions.moments import ZONE
from trellis.metadata.model.rules import Notification
from trellis.metadata.model.texts import ExpressionText, Label
from trellis.storage.platform_tables.talk import NOTIFICATION


def send(
    tx: Transaction, notification: Notification, object_key: str, record_id: str,
    people: Iterable[str], **names: Any,
) -> None:  # fmt: skip
    """Tell people about a record, once each, in their language and their time."""
    view = RecordView(tx, object_key, record_id)
    context = context_of(tx, view, **names)
    for user in dict.fromkeys(people):
        locale, zone = _locale(tx, user)
        theirs = {**context, ZONE: zone}
        title = fill(tx, notification.title, locale, object_key, theirs)
        body = fill(tx, notification.body, locale, object_key, theirs)
        tell(tx, user, notification.key, title, body, object_key=object_key, record_id=record_id)


def fill(
    tx: Transaction, label: Label, locale: str, object_key: str, context: Mapping[str, Any]
) -> str:
    """Return a text with its placeholders filled."""
    template = Template.of(label.text(locale))
    zone: tzinfo = context[ZONE]

    def evaluate(text: str) -> Any:
        return _told(tx, tx.compiled.expression(text, object_key)(context), context)

    return template.fill(evaluate, zone)


def _told(tx: Transaction, value: Any, context: Mapping[str, Any]) -> Any:
    """Return a value with records told by their titles."""
    if isinstance(value, list):
        return [_told(tx, item, context) for item in value]
    if not isinstance(value, RecordView):
        return value
    title = value.object.title
    if isinstance(title, ExpressionText):
        return tx.compiled.expression(title.text, value.object.key)({**context, "record": value})
    return None if title is None else _told(tx, value.get(title), context)


def tell(
    tx: Transaction,
    user: str,
    kind: str,
    title: str,
    body: str = "",
    *,
    object_key: str | None = None,
    record_id: str | None = None,
    task_id: str | None = None,
) -> None:
    """Put a message into somebody's notifications."""
    tx.connection.execute(
        _INSERT,
        {"id": tx.ids.new(), "user_id": user, "at": tx.now, "kind": kind, "title": title,
         "body": body, "object_key": object_key, "record_id": record_id, "task_id": task_id,
         "read_at": None},
    )  # fmt: skip


_INSERT = sa.insert(NOTIFICATION)


def _locale(tx: Transaction, user: str) -> tuple[str, tzinfo]:
    """Return the language and the time zone of a user."""
    view = view_of(tx, "user", user)
    language = view.get("language") if view is not None else None
    zone = view.get("timezone") if view is not None else None
    return str(language or "en"), zone_of(str(zone or "UTC"))


def newest(tx: Transaction, limit: int = 50) -> list[dict[str, Any]]:
    """Return the person's newest notifications."""
    statement = (
        sa.select(NOTIFICATION).where(NOTIFICATION.c.user_id == tx.actor.principal.id)
        .order_by(NOTIFICATION.c.at.desc(), NOTIFICATION.c.id.desc()).limit(limit)
    )  # fmt: skip
    return [dict(row) for row in tx.connection.execute(statement).mappings()]


def count_unread(tx: Transaction) -> int:
    """Return how many notifications the person has not read."""
    statement = sa.select(sa.func.count()).where(
        NOTIFICATION.c.user_id == tx.actor.principal.id, NOTIFICATION.c.read_at.is_(None)
    )
    return int(tx.connection.execute(statement).scalar() or 0)


def mark_read(tx: Transaction) -> None:
    """Mark every notification of the person as read."""
    tx.connection.execute(
        sa.update(NOTIFICATION)
        .where(NOTIFICATION.c.user_id == tx.actor.principal.id, NOTIFICATION.c.read_at.is_(None))
        .values(read_at=tx.now)
    )
