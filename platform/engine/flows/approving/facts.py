"""What approvals must know of the app and the record, asked from the transaction's tables."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from trellis.access.principal import SYSTEM_ID
from trellis.engine.approvals.work import Task
from trellis.engine.events.entries import EventKind
from trellis.engine.flows.state import Case
from trellis.engine.notifications.work import Told, tell_work
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.fields import FieldType
from trellis.metadata.model.texts import Label
from trellis.storage.platform_tables.trail import EVENT, HISTORY
from trellis.storage.types import json_text


@dataclass(frozen=True)
class SqlApprovalFacts:
    """Answers from the catalog, the record and its history."""

    tx: Transaction

    def defaults(self, app: str) -> Mapping[str, Any]:
        """Return what the app says of its approvals."""
        found = self.tx.compiled.catalog.apps.get(app)
        return {} if found is None else found.approvals

    def record_rev(self, case: Case) -> int | None:
        """Return the revision of the instance's record."""
        view = self._record(case)
        return int(view.stored["rev"]) if view is not None and view.exists else None

    def changed_by_others(self, case: Case, since: int, actor: str) -> bool:
        """Tell whether another person changed the record after its revision `since`."""
        # The number of an entry is the revision that it made.
        statement = sa.select(sa.literal(1)).where(
            HISTORY.c.object_key == case.object, HISTORY.c.record_id == case.record_id,
            HISTORY.c.seq > since, HISTORY.c.actor.not_in([actor, SYSTEM_ID]),
        )  # fmt: skip
        return self.tx.connection.execute(statement.limit(1)).first() is not None

    def fingerprint(self, case: Case, fields: Sequence[str]) -> str:
        """Return a digest of the values of the record's fields."""
        view = self._record(case)
        known = sorted(set(fields)) if view is not None else []
        values = [[name, _plain(view[name]) if view and name in view else None] for name in known]
        return hashlib.sha256(json_text(values).encode()).hexdigest()

    def form_fields(self, case: Case, form: str | None) -> tuple[str, ...]:
        """Return the fields of a form."""
        found = self.tx.compiled.catalog.forms.get(form or "")
        if found is None:
            return ()
        return tuple(one.field for section in found.sections for one in section.fields)

    def amounts(self, case: Case) -> tuple[str, ...]:
        """Return the record's fields that hold money."""
        item = self.tx.compiled.object(case.object or "")
        if item is None:
            return ()
        return tuple(key for key, field in item.fields.items() if field.type is FieldType.MONEY)

    def first_state(self, case: Case) -> str | None:
        """Return the state in which the record's lifecycle begins."""
        item = self.tx.compiled.object(case.object or "")
        if item is None or item.lifecycle is None:
            return None
        return next(iter(item.lifecycle.initial), None)

    def seal(self, parts: Sequence[Any]) -> str:
        """Return a keyed hash over `parts`."""
        text = json_text([_plain(part) for part in parts])
        return hmac.new(self.tx.secret, text.encode(), hashlib.sha256).hexdigest()

    def effects_since(self, case: Case, moment: datetime) -> tuple[str, ...]:
        """Return the nodes that the instance left from `moment` on."""
        statement = sa.select(EVENT.c.activity).where(
            EVENT.c.instance_id == case.id, EVENT.c.kind == str(EventKind.EXIT),
            EVENT.c.end_at >= moment,
        )  # fmt: skip
        return tuple(str(row[0]) for row in self.tx.connection.execute(statement))

    def tell(self, task: Task, words: Label, label: Label) -> None:
        """Tell the holder of a piece of work something about it."""
        tell_work(self.tx, [task], label, Told("task", words))

    def _record(self, case: Case) -> RecordView | None:
        if case.object is None or case.record_id is None:
            return None
        return RecordView(self.tx, case.object, case.record_id)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it; records by their id."""
    identity = getattr(value, "id", None)
    if isinstance(identity, str):
        return identity
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        # 10 and 10.00 are the same amount.
        return format(value.normalize(), "f")
    if isinstance(value, datetime | date | time | timedelta):
        return str(value)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return value
