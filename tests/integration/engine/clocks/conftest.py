"""Visits with a clock, in the hours of an office that is a definition or a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM
from trellis.engine.clocks import store
from trellis.engine.clocks.state import Clock
from trellis.engine.errors import InvalidError
from trellis.engine.query import PageRequest
from trellis.storage.database import Database
from trellis.storage.platform_tables.talk import NOTIFICATION
from trellis.storage.platform_tables.work import JOB

from tests.fakes.workshop import Workshop

SHANGHAI = ZoneInfo("Asia/Shanghai")
OBJECTS = """
  roster:
    title: name
    calendar:
      timezone: zone
      always_open: always
      week: {rows: slots, weekday: weekday, start: begin, end: finish}
      days: {rows: days, day: day, working: worked, slots: hours}
    fields:
      name: {type: text, required: true}
      zone: {type: text}
      always: {type: boolean}
      slots: {type: rows, of: roster_slot}
      days: {type: rows, of: roster_day}
  roster_slot:
    fields:
      roster: {type: ref, to: roster, required: true}
      weekday: {type: integer}
      begin: {type: time}
      finish: {type: time}
  roster_day:
    fields:
      roster: {type: ref, to: roster, required: true}
      day: {type: date}
      worked: {type: boolean}
      hours: {type: json}
  visit:
    title: title
    fields:
      title: {type: text, required: true}
      urgent: {type: boolean, default: false}
      roster: {type: ref, to: roster}
      minutes: {type: integer}
      asked_at: {type: datetime}
      due_at: {type: datetime, readonly: true}
      raised: {type: integer, default: 0}
      state: {type: choice, options: visit_state, required: true}
      clocks: {type: related, from: timer.visit}
    lifecycle:
      field: state
      initial: [open]
      states: {open: {}, asking: {}, solved: {}, dropped: {}}
      transitions:
        ask: {from: [open], to: asking}
        answer: {from: [asking], to: open}
        solve: {from: [open, asking], to: solved}
        reopen: {from: [solved, dropped], to: open}
        drop: {from: [open, asking], to: dropped}
  timer:
    fields:
      visit: {type: ref, to: visit, on_delete: cascade}
      state: {type: text}
      due: {type: datetime}
      spent: {type: decimal}
      round: {type: integer}
      pieces: {type: json}
"""
OPTIONS = "options: {visit_state: {open: Open, asking: Asking, solved: Solved, dropped: Dropped}}"
CALENDARS = """
calendars:
  office:
    timezone: Asia/Shanghai
    week:
      - {days: mon-fri, start: "09:00", end: "12:00"}
      - {days: mon-fri, start: "13:00", end: "18:00"}
"""
NOTIFICATIONS = """
notifications:
  warned: {object: visit, title: 'Warned {{ title }}'}
  late: {object: visit, title: 'Late {{ title }}'}
"""
RULES = """
clocks:
  solving:
    object: visit
    label: {en: Solving}
    target: '= if minutes != null then duration("PT1M") * minutes
      else if urgent then duration("PT4H") / clock.round
      else duration("PT16H") / clock.round'
    calendar: '= if roster != null then roster else "office"'
    from: asked_at
    pause: [asking]
    stop: [solved]
    cancel: [dropped]
    recompute: [urgent, minutes, roster]
    reopen: restart
    due: due_at
    warn:
      - {at: 50%, do: [{notify: warned, to: owner}]}
      - {before: 1bh, do: [{notify: warned, to: owner}]}
    breach:
      - {do: [{notify: late, to: owner}, {set: {raised: '= raised + 1'}}]}
      - {after: 2bh, do: [{set: {raised: '= raised + 10'}}]}
    record:
      object: timer
      set:
        visit: '= record'
        state: '= clock.state'
        due: '= clock.due_at'
        spent: '= clock.elapsed / duration("PT1M")'
        round: '= clock.round'
        pieces: '= clock.intervals'
"""


def local(text: str) -> datetime:
    """Return a moment of the office."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


class Practice(Workshop):
    """A workspace of visits."""

    def open(self, **values: Any) -> str:
        """Take a visit and return its id."""
        return self.create("visit", title="Pump", owner=self.person(), **values)

    def person(self) -> str:
        """Return the id of the person who hears of clocks."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            page = query.page(tx, "user", PageRequest())
            if page.items:
                return str(page.items[0]["id"])
            return records.create(tx, "user", {"login": "ann", "name": "Ann"})

    def move(self, record_id: str, name: str) -> None:
        """Let a visit make a transition."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            records.transition(tx, "visit", record_id, name, {})

    def at(self, text: str) -> None:
        """Put the clock of the machine to a moment of the office."""
        self.clock.moment = local(text)

    def later(self, **by: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**by))

    def roster(self) -> str:
        """Return the id of a calendar that is a record: open from 19:00 to midnight."""
        slots = [{"weekday": day, "begin": "19:00", "finish": "00:00"} for day in range(1, 8)]
        return self.create("roster", name="Late shift", zone="Asia/Shanghai", slots=slots)

    def install_rules(self, old: str, new: str) -> None:
        """Publish the clocks anew with a part of their text replaced."""
        assert old in RULES
        self.install(OBJECTS, options=OPTIONS, calendars=CALENDARS, notifications=NOTIFICATIONS,
                     rules=RULES.replace(old, new))  # fmt: skip

    def install_calendars(self, old: str, new: str) -> None:
        """Publish the calendars anew with a part of their text replaced."""
        assert old in CALENDARS
        self.install(OBJECTS, options=OPTIONS, calendars=CALENDARS.replace(old, new),
                     notifications=NOTIFICATIONS, rules=RULES)  # fmt: skip

    def restore(self, object_key: str, record_id: str) -> None:
        """Bring a deleted record back."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            records.restore(tx, object_key, record_id)

    def forget(self, object_key: str, record_id: str) -> None:
        """Mark a record as deleted behind the platform's back."""
        self._mark(object_key, record_id, self.clock.now())

    def remember(self, object_key: str, record_id: str) -> None:
        """Take such a mark away."""
        self._mark(object_key, record_id, None)

    def _mark(self, object_key: str, record_id: str, deleted_at: datetime | None) -> None:
        table = self.table(object_key)
        with self.app.workspace.transaction(SYSTEM) as tx:
            tx.connection.execute(
                sa.update(table.table)
                .where(table.columns["id"] == record_id)
                .values({table.columns["deleted_at"].name: deleted_at})
            )

    def again(self, job: Mapping[str, Any]) -> None:
        """Do a job that is an incident once more."""
        with self.app.workspace.transaction(SYSTEM) as tx:
            self.app.job_handlers()[job["kind"]](tx, job["payload"])

    def list(self, object_key: str) -> list[Mapping[str, Any]]:
        """Return the records of an object."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return list(query.page(tx, object_key, PageRequest()).items)

    def refused(self, object_key: str, **values: Any) -> list[str]:
        """Return the codes with which a new record is refused."""
        with pytest.raises(InvalidError) as caught:
            self.create(object_key, **values)
        return [str(detail["code"]) for detail in caught.value.details]

    def work(self) -> None:
        """Do every job that is due."""
        worker = self.app.worker()
        while worker.run_due():
            pass

    def rounds(self, record_id: str) -> list[Clock]:
        """Return the rounds of a visit's clock."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return store.rounds_of(tx, "visit", [record_id]).get(record_id, [])

    def clock_of(self, record_id: str) -> Clock:
        """Return the newest round of a visit's clock."""
        return self.rounds(record_id)[-1]

    def told(self, record_id: str) -> list[str]:
        """Return the kinds of a clock's ledger."""
        return [entry["kind"] for entry in self.ledger(record_id)]

    def ledger(self, record_id: str) -> list[Mapping[str, Any]]:
        """Return the ledger of a visit's newest clock."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return store.ledger(tx, self.clock_of(record_id).id)

    def messages(self) -> list[str]:
        """Return what people were told, oldest first."""
        with self.app.workspace.reading(SYSTEM) as tx:
            rows = tx.connection.execute(
                sa.select(NOTIFICATION.c.title).order_by(NOTIFICATION.c.at, NOTIFICATION.c.id)
            )
            return [str(row[0]) for row in rows]

    def about(self) -> list[str]:
        """Return the records that people were told about, in order."""
        with self.app.workspace.reading(SYSTEM) as tx:
            rows = tx.connection.execute(
                sa.select(NOTIFICATION.c.record_id).order_by(NOTIFICATION.c.at, NOTIFICATION.c.id)
            )
            return [str(row[0]) for row in rows]

    def jobs(self, *states: str) -> list[Mapping[str, Any]]:
        """Return the jobs in some states, by when they are due."""
        with self.app.workspace.reading(SYSTEM) as tx:
            wanted = sa.select(JOB).where(JOB.c.state.in_(states or ("ready",)))
            return [
                dict(row) for row in tx.connection.execute(wanted.order_by(JOB.c.due_at)).mappings()
            ]


@pytest.fixture
def practice(database: Database, tmp_path: Path) -> Iterator[Practice]:
    made = Practice(database, tmp_path)
    made.at("2026-03-02T09:00")
    made.install(OBJECTS, options=OPTIONS, calendars=CALENDARS, notifications=NOTIFICATIONS,
                 rules=RULES)  # fmt: skip
    made.work()
    yield made
    made.close()
