"""A scope says the same of one record (Python) as of a list of them (SQL), whatever it asks."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.engine.query.conditions import Conditions, add_row_scope
from trellis.engine.records.checks import rows_allow
from trellis.engine.rights import Rows
from trellis.engine.subject import Root
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.metadata.build.access import OWN_CONDITION

from tests.integration.engine.ledger.conftest import PEOPLE, Ledger

ATOMS = (
    OWN_CONDITION,
    "under(account.unit, user.unit)",
    "under(account.unit, user.units)",
    "account.unit in user.units",
    "team in user.teams",
    "under(owner_department, user.department)",
    "not(under(owner_department, user.department))",
    "amount > 10",
    "amount <= account.total",
    "amount * 2 - 5 > weight",
    "quick",
    "quick = true",
    'kind = "a"',
    "level = null",
    'contains(note, "x")',
    'day < date("2026-03-05")',
    "some h in helpers satisfies h = user",
    "user in helpers",
    "count(tags) > 0",
    "account.active",
    'account.group.name = "All"',
    "count(lines[count > 1]) > 0",
    "account.name = user.name",
    "owner.unit = user.unit",
    'state in ("draft", "old")',
    "two > 20",
    "user.unit = null",
    '"clerk" in user.roles',
    "created_by != user",
    "sum(account.entries.amount) > 50",
)


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} and {})".format, parts, parts),
        st.builds("({} or {})".format, parts, parts),
        st.builds("not({})".format, parts),
        st.builds("(if {} then {} else {})".format, parts, parts, parts),
    )


SCOPES = st.recursive(st.sampled_from(ATOMS).map("({})".format), _joined, max_leaves=5)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    dice = random.Random(7)  # noqa: S311 - data, not secrets
    with ledger.app.workspace.transaction(SYSTEM) as tx:
        units = _tree(tx, "unit", dice)
        departments = _tree(tx, "department", dice)
        teams = [records.create(tx, "team", {"code": c, "name": c}) for c in ("t1", "t2")]
        people = [ledger.ids[login] for login in PEOPLE]
        for person in people:
            records.update(tx, "user", person, {
                "unit": dice.choice([None, *units]), "units": dice.sample(units, 2),
                "department": dice.choice([None, *departments]), "teams": dice.sample(teams, 1),
            })  # fmt: skip
        accounts = [
            records.create(tx, "account", {
                "name": name, "unit": dice.choice([None, *units]), "active": dice.random() < 0.5,
                "group": dice.choice([None, ledger.ids["group"]]),
            })
            for name in ("Kit", "Cla", "x")
        ]  # fmt: skip
        tags = [records.create(tx, "tag", {"name": name}) for name in "pq"]
        for number in range(24):
            records.create(tx, "entry", {
                "account": dice.choice(accounts), "amount": _or_none(dice, number),
                "weight": _or_none(dice, number / 2), "kind": dice.choice(["a", None]),
                "quick": dice.choice([True, False, None]), "note": dice.choice(["x1", "y", None]),
                "day": _or_none(dice, date(2026, 3, 1) + timedelta(days=number % 9)),
                "level": dice.choice([None, "l"]), "helpers": dice.sample(people, number % 3),
                "tags": dice.sample(tags, number % 2), "team": dice.choice([None, *teams]),
                "owner": dice.choice([None, *people]), "state": dice.choice(["draft", "old"]),
                "owner_department": dice.choice([None, *departments]),
                "lines": [{"name": "n", "count": c} for c in range(1, 1 + number % 3)],
            })  # fmt: skip
    return ledger


def _tree(tx: Transaction, key: str, dice: random.Random) -> list[str]:
    made: list[str] = []
    for number in range(5):
        parent = dice.choice([None, *made])
        extra = {"code": f"c{number}"} if key == "department" else {}
        made.append(records.create(tx, key, {"name": f"{key}{number}", "parent": parent, **extra}))
    return made


def _or_none(dice: random.Random, value: object) -> object:
    return None if dice.random() < 0.2 else value


def both_ways(ledger: Ledger, login: str, text: str) -> tuple[set[str], set[str]]:
    rows = Rows(conditions=(text,))
    with ledger.app.workspace.reading(ledger.who(login)) as tx:
        root = Root.of(tx.compiled, "entry")
        scope = Conditions()
        add_row_scope(tx, root, rows, scope)
        every = sa.select(root.table.c.id).where(root.table.c.deleted_at.is_(None))
        ids = [str(row[0]) for row in tx.connection.execute(every)]
        found = sa.select(root.table.c.id).select_from(root.from_clause()).where(*scope.elements)
        by_sql = {str(row[0]) for row in tx.connection.execute(found, scope.values(tx))}
        by_python = {one for one in ids if rows_allow(tx, rows, RecordView(tx, "entry", one))}
    return by_sql, by_python


def test_every_kind_of_scope_agrees_for_everybody(filled: Ledger) -> None:
    told: list[str] = []
    for text in ATOMS:
        for login in PEOPLE:
            by_sql, by_python = both_ways(filled, login, text)
            if by_sql != by_python:
                told.append(f"{login}: {text}: sql {len(by_sql)}, python {len(by_python)}")

    assert told == []


def test_joined_scopes_agree_too(filled: Ledger) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(SCOPES, st.sampled_from(sorted(PEOPLE)))
    def agree(text: str, login: str) -> None:
        by_sql, by_python = both_ways(filled, login, text)
        assert by_sql == by_python, f"{login}: {text}"

    agree()
