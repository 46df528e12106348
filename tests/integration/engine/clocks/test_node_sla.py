"""Work that waits too long is reminded, given on or decided, each step once for each seat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.engine.flows.runner import SYSTEM_PERSON
from trellis.storage.database import Database
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.storage.platform_tables.flows import INSTANCE, TASK

from tests.integration.engine.clocks.conftest import CALENDARS, Practice

OBJECTS = "\n  wish: {title: name, fields: {name: {type: text, required: true}}}\n"
ROLES = """
roles:
  clerk: {label: Clerk}
  boss: {label: Boss}
  top: {label: Top}
"""
FLOW = """
flows:
  ask:
    object: wish
    nodes:
      s: {{start: record, event: [create], next: ask}}
      ask: {{{node}, next: e}}
      e: {{end: }}
"""


class Office(Practice):
    """A workspace in which wishes are asked of people."""

    def asks(self, node: str) -> str:
        """Publish a flow with one node, ask somebody for a wish, and return the record."""
        self.install(OBJECTS, calendars=CALENDARS, roles=ROLES, flows=FLOW.format(node=node))
        with self.app.workspace.transaction(SYSTEM) as tx:
            house = records.create(
                tx, "department", {"code": "h", "name": "House", "calendar": "office"}
            )
            desk = records.create(tx, "department", {"code": "d", "name": "Desk", "parent": house})
            self.people = {}
            for login, role in (("ann", "clerk"), ("ben", "clerk"), ("bo", "boss"), ("tia", "top")):
                user = records.create(
                    tx, "user", {"login": login, "name": login.title(), "department": desk}
                )
                self.people[user] = login
                tx.connection.execute(sa.insert(USER_ROLE).values(user_id=user, role=role))
        return self.create("wish", name="Chair")

    def seats(self) -> list[tuple[str, str, str]]:
        """Return who holds which work in which state, and by which way it came."""
        with self.app.workspace.reading(SYSTEM) as tx:
            found = tx.connection.execute(sa.select(TASK).order_by(TASK.c.position, TASK.c.id))
            return [(self.people.get(row.holder, "-"), row.state, row.via) for row in found]

    def outcome(self) -> str:
        """Return the state of the only instance."""
        with self.app.workspace.reading(SYSTEM) as tx:
            return str(tx.connection.execute(sa.select(INSTANCE.c.state)).scalar_one())


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    made = Office(database, tmp_path)
    made.at("2026-03-02T09:00")
    yield made
    made.close()


def test_reminders_and_what_follows_come_in_working_time_and_once(office: Office) -> None:
    office.asks("approval: any, who: role.boss, sla: {due: 8bh, remind: [4bh, 7bh], then: remind}")
    told: list[int] = []
    for moment in ("2026-03-02T13:59", "2026-03-02T14:00", "2026-03-02T17:00", "2026-03-02T18:00"):
        office.at(moment)
        office.work()
        office.work()
        told.append(sum(text.startswith("Overdue") for text in office.messages()))

    # At 18:00 the plain reminder of late work and the step of `then` both speak.
    assert told == [0, 1, 2, 4]


def test_a_reminder_that_comes_an_hour_late_is_dropped_the_rest_is_not(office: Office) -> None:
    office.asks("approval: any, who: role.boss, sla: {due: 8bh, remind: [4bh], then: approve}")
    office.at("2026-03-05T09:00")
    office.work()

    assert office.outcome() == "done"
    assert sum(text.startswith("Overdue") for text in office.messages()) <= 1


@pytest.mark.parametrize(("action", "state"), [("approve", "done"), ("reject", "rejected")])
def test_silence_decides_where_the_node_says_so(office: Office, action: str, state: str) -> None:
    office.asks(f"approval: any, who: role.boss, sla: {{due: 1bh, then: {action}}}")
    office.at("2026-03-02T10:00")
    office.work()

    assert office.outcome() == state


def test_late_work_is_given_to_somebody_else(office: Office) -> None:
    office.asks("approval: any, who: role.boss, sla: {due: 1bh, then: {transfer: role.top}}")
    office.at("2026-03-02T10:00")
    office.work()
    office.later(hours=5)
    office.work()

    assert office.seats() == [("bo", "transferred", "rule"), ("tia", "open", "escalation")]


def test_a_late_task_is_given_to_somebody_else(office: Office) -> None:
    office.asks("task: , who: role.boss, sla: {due: 1bh, then: {transfer: role.top}}")
    office.at("2026-03-02T10:00")
    office.work()

    assert office.seats() == [("tia", "open", "escalation")]


def test_a_seat_is_added_above_and_the_original_stays(office: Office) -> None:
    office.asks(
        "approval: any, who: role.boss, "
        "sla: {due: 1bh, then: [{after: 0, do: remind}, {after: 2bh, do: {escalate: role.top}}]}"
    )
    office.at("2026-03-02T10:00")
    office.work()
    before = office.seats()
    office.at("2026-03-02T13:00")
    office.work()

    assert before == [("bo", "open", "rule")]
    assert sorted(office.seats()) == [("bo", "open", "rule"), ("tia", "open", "escalation")]


def test_in_a_row_each_seat_has_its_own_time(office: Office) -> None:
    office.asks("approval: seq, who: role.clerk, sla: {due: 2h, then: approve}")
    office.at("2026-03-02T11:00")
    office.work()
    first = office.seats()
    office.at("2026-03-02T12:45")
    office.work()
    between = office.outcome()
    office.at("2026-03-02T13:15")
    office.work()

    assert sorted(state for _, state, _ in first) == ["approved", "open"]
    assert (between, office.outcome()) == ("running", "done")


def test_work_that_was_done_in_time_is_left_alone(office: Office) -> None:
    office.asks("approval: any, who: role.boss, sla: {due: 1bh, then: reject}")
    with office.app.workspace.transaction(SYSTEM) as tx:
        (instance,) = tx.connection.execute(sa.select(INSTANCE.c.id)).scalars()
        office.app.flows.runner(tx).cancel(instance, SYSTEM_PERSON)
    office.later(days=2)
    office.work()

    assert office.outcome() == "cancelled"
    assert [job["kind"] for job in office.jobs() if job["kind"].startswith("flow")] == []
