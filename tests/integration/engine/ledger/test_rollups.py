"""Roll-ups equal a recomputation after any story of writes, by one writer or by many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.engine.errors import EngineError

from tests.integration.engine.ledger.conftest import Ledger, at_once

CENT = Decimal("0.01")
AMOUNTS = st.one_of(
    st.none(), st.decimals("-9999999999.99", "9999999999.99", places=2), st.integers(-20, 20)
)
DAYS = st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 1, 9)))


def expected(ledger: Ledger, account: str) -> dict[str, Any]:
    """Return what the roll-ups of an account must be, computed from its entries."""
    with ledger.app.workspace.reading(SYSTEM) as tx:
        table = tx.compiled.table("entry")
        columns = table.columns
        found = tx.connection.execute(table.table.select()).mappings().all()
    names = {key: column.name for key, column in columns.items()}
    entries = [{key: row[name] for key, name in names.items()} for row in found]
    mine = [e for e in entries if e["account"] == account and e["deleted_at"] is None]
    live = [e for e in mine if e["state"] != "void"]
    amounts = [e["amount"] for e in mine if e["amount"] is not None]
    alive = [e["amount"] for e in live if e["amount"] is not None]
    days = [e["day"] for e in mine if e["day"] and e["amount"] is not None and e["amount"] > 10]
    mean = sum(amounts, Decimal(0)) / len(amounts) if amounts else None
    return {
        "count": len(live),
        "total": sum(alive, Decimal(0)),
        "low": min(alive, default=None),
        "high": max(amounts, default=None),
        "mean": None if mean is None else mean.quantize(CENT, rounding=ROUND_HALF_EVEN),
        "last": max(days, default=None),
    }


def check(ledger: Ledger) -> None:
    worth = Decimal(0)
    for name in ("one", "two"):
        stored = ledger.get("account", ledger.ids[name])
        wanted = expected(ledger, ledger.ids[name])
        assert {key: stored[key] for key in wanted} == wanted
        assert stored["double"] == wanted["total"] * 2
        worth += wanted["total"]
    assert ledger.get("account_group", ledger.ids["group"])["worth"] == worth


class Story(RuleBasedStateMachine):
    """Writes of every kind, in any order."""

    ledger: Ledger

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[str] = []
        self.gone: list[str] = []

    def _some(self, number: int) -> str | None:
        return self.entries[number % len(self.entries)] if self.entries else None

    @rule(account=st.sampled_from(["one", "two"]), amount=AMOUNTS, day=DAYS)
    def create(self, account: str, amount: object, day: object) -> None:
        self.entries.append(
            self.ledger.create(
                "kit", "entry", account=self.ledger.ids[account], amount=amount, day=day
            )
        )

    @rule(number=st.integers(0, 99), amount=AMOUNTS)
    def change(self, number: int, amount: object) -> None:
        if entry := self._some(number):
            self._try(lambda: self.ledger.update("kit", "entry", entry, amount=amount))

    @rule(number=st.integers(0, 99), account=st.sampled_from(["one", "two"]))
    def move_to(self, number: int, account: str) -> None:
        target = self.ledger.ids[account]
        if entry := self._some(number):
            self._try(lambda: self.ledger.update("kit", "entry", entry, account=target))

    @rule(number=st.integers(0, 99))
    def cancel(self, number: int) -> None:
        if entry := self._some(number):
            self._try(lambda: self.ledger.move("kit", entry, "cancel", comment="no"))

    @rule(number=st.integers(0, 99))
    def delete(self, number: int) -> None:
        if (entry := self._some(number)) and self._try(lambda: self.ledger.delete("entry", entry)):
            self.entries.remove(entry)
            self.gone.append(entry)

    @rule()
    def restore(self) -> None:
        if self.gone:
            entry = self.gone.pop()
            self.ledger.restore("entry", entry)
            self.entries.append(entry)

    @rule(amounts=st.lists(AMOUNTS, min_size=1, max_size=4), fails=st.booleans())
    def bulk(self, amounts: list[object], *, fails: bool) -> None:
        def work() -> None:
            with self.ledger.writing("kit") as tx:
                made = [
                    records.create(
                        tx, "entry", {"account": self.ledger.ids["one"], "amount": amount}
                    )
                    for amount in amounts
                ]
                if fails:
                    records.create(tx, "entry", {"amount": "many"})
                self.entries += made

        self._try(work)

    @invariant()
    def roll_ups_are_right(self) -> None:
        check(self.ledger)

    def _try(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except EngineError:
            return False
        return True


def test_roll_ups_follow_any_story(ledger: Ledger) -> None:
    number = iter(range(10_000))
    ledger = replace(ledger, ids=dict(ledger.ids))

    class Here(Story):
        def __init__(self) -> None:
            super().__init__()
            # Each story begins with accounts of its own.
            self.ledger = ledger
            ledger.ids["group"] = ledger.create("kit", "account_group", name="g")
            for name in ("one", "two"):
                ledger.ids[name] = ledger.create(
                    "kit", "account", name=f"{name} {next(number)}", group=ledger.ids["group"]
                )

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_roll_ups_are_right_after_many_writers_at_once(ledger: Ledger) -> None:
    made = [ledger.entry(amount=1) for _ in range(8)]

    def work(place: int) -> Callable[[], None]:
        here, there = (("one", "two"), ("two", "one"))[place % 2]

        def go() -> None:
            for number in range(6):
                ledger.create("kit", "entry", account=ledger.ids[here], amount=number)
                ledger.update("kit", "entry", made[place], account=ledger.ids[there])
                ledger.update("kit", "entry", made[place], account=ledger.ids[here], amount=place)

        return go

    answers = at_once(*[work(place) for place in range(6)])

    assert answers == [None] * 6
    check(ledger)
