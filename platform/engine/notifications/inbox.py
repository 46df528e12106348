"""Notifications as rows: words are filled in when they are sent, in each of their languages.

Values are those of that moment; which language is shown is the reader's choice, made later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from trellis.engine.notifications.labels import labels_of
from trellis.engine.notifications.template import Template
from trellis.engine.transactions import Transaction, zone_of
from trellis.engine.views import RecordView, context_of, view_of
from trellis.expressions.functions.moments import ZONE
from trellis.metadata.model.rules import Notification
from trellis.metadata.model.texts import FALLBACKS, ExpressionText, Label
from trellis.storage.platform_tables.talk import NOTIFICATION
from trellis.storage.prepared import Kept

#: Title and body by language.
Texts = Mapping[str, tuple[str, str]]
_BOOLEANS = {True: Label({"en": "yes", "zh-CN": "是"}), False: Label({"en": "no", "zh-CN": "否"})}


def send(
    tx: Transaction, notification: Notification, object_key: str, record_id: str,
    people: Iterable[str], **names: Any,
) -> None:  # fmt: skip
    """Tell people about a record, once each, in their language and their time."""
    view = RecordView(tx, object_key, record_id)
    context = context_of(tx, view, **names)
    told: dict[tzinfo, Texts] = {}
    for user in dict.fromkeys(people):
        locale, zone = reader_of(tx, user)
        if zone not in told:
            told[zone] = _texts(tx, notification, object_key, {**context, ZONE: zone})
        title, body = text_in(told[zone], locale)
        tell(tx, user, notification.key, title, body, texts=told[zone],
             object_key=object_key, record_id=record_id)  # fmt: skip


def _texts(
    tx: Transaction, notification: Notification, object_key: str, context: Mapping[str, Any]
) -> Texts:
    """Return title and body in every language that the author wrote either in."""
    title, body = notification.title, notification.body
    locales = dict.fromkeys([*title.texts, *body.texts])
    return {
        locale: (fill(tx, title, locale, object_key, context),
                 fill(tx, body, locale, object_key, context))
        for locale in locales
    }  # fmt: skip


def text_in(texts: Texts, locale: str) -> tuple[str, str]:
    """Return title and body in a language, or in the nearest that there is."""
    for candidate in FALLBACKS.get(locale, ("en",)):
        if candidate in texts:
            return texts[candidate]
    return next(iter(texts.values()), ("", ""))


def fill(
    tx: Transaction, label: Label, locale: str, object_key: str, context: Mapping[str, Any]
) -> str:
    """Return a text with its placeholders filled."""
    template = Template.of(label.text(locale))
    zone: tzinfo = context[ZONE]

    def evaluate(text: str) -> Any:
        labels = tx.compiled.keep(
            ("labels", text, object_key), lambda: labels_of(tx.compiled.catalog, object_key, text)
        )
        found = tx.compiled.expression(text, object_key)(context)
        return _told(tx, _labelled(found, labels, locale), context)

    return template.fill(evaluate, zone)


def _labelled(value: Any, labels: Mapping[str, Label], locale: str) -> Any:
    """Return a choice as people call it; every other value as it is."""
    if isinstance(value, bool):
        return _BOOLEANS[value].text(locale)
    if isinstance(value, list) and labels:
        return [_labelled(item, labels, locale) for item in value]
    known = labels.get(value) if isinstance(value, str) else None
    return value if known is None else known.text(locale, value)


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
    texts: Texts | None = None,
    object_key: str | None = None,
    record_id: str | None = None,
    task_id: str | None = None,
) -> None:
    """Put a message into somebody's notifications; `texts` has it in every language there is."""
    tx.pending.add(
        _INSERT,
        {"id": tx.ids.new(), "user_id": user, "at": tx.now, "kind": kind, "title": title,
         "body": body, "texts": None if texts is None else {k: list(v) for k, v in texts.items()},
         "object_key": object_key, "record_id": record_id, "task_id": task_id, "read_at": None},
    )  # fmt: skip


_INSERT = Kept(sa.insert(NOTIFICATION))


def reader_of(tx: Transaction, user: str) -> tuple[str, tzinfo]:
    """Return the language and the time zone of a user."""
    view = view_of(tx, "user", user)
    language = view.get("language") if view is not None else None
    zone = view.get("timezone") if view is not None else None
    return str(language or "en"), zone_of(str(zone or "UTC"))


def newest(tx: Transaction, limit: int = 50) -> list[dict[str, Any]]:
    """Return the person's newest notifications, in the language they read now."""
    statement = (
        sa.select(NOTIFICATION).where(NOTIFICATION.c.user_id == tx.actor.principal.id)
        .order_by(NOTIFICATION.c.at.desc(), NOTIFICATION.c.id.desc()).limit(limit)
    )  # fmt: skip
    locale = tx.actor.principal.locale
    return [_read(row, locale) for row in tx.connection.execute(statement).mappings()]


def _read(row: RowMapping, locale: str) -> dict[str, Any]:
    found = dict(row)
    texts = found.pop("texts")
    if texts:
        found["title"], found["body"] = text_in(texts, locale)
    return found


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
