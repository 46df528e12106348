"""Clocks take part in every write: they say when they are due, and follow calendars' changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trellis.engine.clocks.calendars import forget_records, is_zone, slots_problem
from trellis.engine.clocks.facts import clocks_on
from trellis.engine.clocks.running import CALENDAR_JOB, Clocks, Decided, calendar_key, due_values
from trellis.engine.errors import InvalidError, problem
from trellis.engine.jobs.rows import enqueue
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object

#: Where a transaction keeps what was decided before a write, until it is written.
_DECIDED = "clocks that were decided"


@dataclass(frozen=True)
class ClockReaction:
    """Decides clocks before a write, so that the record holds when it is due; keeps them after."""

    clocks: Clocks

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Return when clocks are due; refuse what would be no calendar."""
        _check_calendar(tx, draft)
        if draft.event == "delete" or not clocks_on(tx.compiled, draft.object):
            return {}
        view = RecordView(tx, draft.object, draft.record_id, draft.old or {}, dict(draft.new))
        new = draft.event == "create"
        decided = self.clocks.decided(tx, view, draft.changed, new=new)
        tx.notes.setdefault(_DECIDED, {})[draft.object, draft.record_id, tx.depth] = decided
        return {
            key: value for key, value in due_values(decided) if new or draft.new.get(key) != value
        }

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Write the clocks of a record that was written."""
        _follow_calendar(tx, change)
        key = (change.object, change.record_id, tx.depth - 1)
        decided: list[Decided] = tx.notes.get(_DECIDED, {}).pop(key, [])
        if change.event == "delete":
            self.clocks.end_all(tx, change.object, change.record_id, "the record was deleted")
        elif change.event == "restore":
            self.clocks.look_again(tx, change.object, change.record_id)
        reason = change.comment or change.transition or change.event
        view = RecordView(tx, change.object, change.record_id)
        for one in decided:
            self.clocks.keep(tx, view, one, reason)


def _check_calendar(tx: Transaction, draft: Draft) -> None:
    """Raise InvalidError when a record would be a calendar that cannot be read."""
    item = tx.compiled.catalog.objects[draft.object]
    problems = [] if draft.event == "delete" else list(_calendar_problems(tx, item, draft))
    if problems:
        raise InvalidError(problems)


def _calendar_problems(tx: Transaction, item: Object, draft: Draft) -> Iterator[dict[str, Any]]:
    if item.calendar is not None:
        field = item.calendar.timezone
        zone = draft.new.get(field)
        if zone is not None and not is_zone(str(zone)):
            yield problem(field, "TIME_ZONE", f"`{zone}` is not a time zone; write for example "
                          "Asia/Shanghai")  # fmt: skip
    for owner in _owners(tx.compiled.catalog, item.key):
        days = owner.calendar.days if owner.calendar is not None else None
        slots = days.fields.get("slots") if days is not None else None
        of = owner.fields[days.rows].of if days is not None else None
        what = slots_problem(draft.new.get(slots)) if slots is not None and of == item.key else None
        if what is not None:
            yield problem(slots, "SLOTS", f"the hours of the day cannot be read: {what}")
    if item.key == "department" and draft.new.get("calendar"):
        key = str(draft.new["calendar"])
        if key not in tx.compiled.catalog.calendars:
            known = ", ".join(f"`{one}`" for one in tx.compiled.catalog.calendars) or "none"
            yield problem("calendar", "CALENDAR",
                          f"there is no calendar `{key}`; known are {known}")  # fmt: skip


def _owners(catalog: Catalog, rows_key: str) -> Iterator[Object]:
    """Yield the objects that are calendars with rows of this kind."""
    for item in catalog.objects.values():
        for rows in (item.calendar.week, item.calendar.days) if item.calendar is not None else ():
            if rows is not None and item.fields[rows.rows].of == rows_key:
                yield item
                break


def _follow_calendar(tx: Transaction, change: RecordChanged) -> None:
    """Let the open clocks of a calendar be reckoned anew when it or a row of it was written."""
    item = tx.compiled.catalog.objects[change.object]
    if item.calendar is not None:
        _recalculate(tx, item.key, change.record_id)
    for owner in _owners(tx.compiled.catalog, item.key):
        link = item.child_of
        for values in (change.old, change.new):
            parent = values.get(link) if values is not None and link is not None else None
            if isinstance(parent, str):
                _recalculate(tx, owner.key, parent)


def _recalculate(tx: Transaction, object_key: str, record_id: str) -> None:
    forget_records(tx)
    tx.views.pop((object_key, record_id), None)
    reference = f"{object_key}/{record_id}"
    enqueue(tx, CALENDAR_JOB, {"calendar": reference}, due=tx.now, key=calendar_key(reference))
