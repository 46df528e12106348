"""Jobs: done at least once, their effects once, and never lost without a word."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.engine.jobs.queue import RetryPolicy
from trellis.engine.jobs.rows import cancel, enqueue
from trellis.engine.jobs.worker import LEASE, Worker
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.work import JOB

from tests.integration.engine.ledger.conftest import Ledger


def put(ledger: Ledger, *keys: str, times: int = 3) -> None:
    with ledger.app.workspace.transaction(SYSTEM) as tx:
        for key in keys:
            enqueue(tx, "note", {"key": key}, due=tx.now, key=key, times=times)


def worker(ledger: Ledger, do: Callable[[Transaction, Mapping[str, Any]], None]) -> Worker:
    retry = RetryPolicy(first=timedelta(seconds=10))
    return Worker(ledger.app.workspace, {"note": do}, "w", retry)


def state(ledger: Ledger) -> list[tuple[Any, ...]]:
    return ledger.rows("SELECT state, attempts, error FROM trellis_job ORDER BY created_at, id")


def test_a_job_is_done_in_the_transaction_that_says_so(ledger: Ledger) -> None:
    put(ledger, "a")

    def fails_late(tx: Transaction, payload: Mapping[str, Any]) -> None:
        records.create(tx, "tag", {"name": payload["key"]})
        raise RuntimeError("too late")

    assert worker(ledger, fails_late).run_due() == 1

    assert state(ledger) == [("ready", 1, "RuntimeError: too late")]
    assert ledger.rows("SELECT count(*) FROM r_tag") == [(0,)]


def test_a_failing_job_is_tried_later_and_becomes_an_incident(ledger: Ledger) -> None:
    put(ledger, "a", times=2)
    tried: list[str] = []

    def fails(_tx: Transaction, payload: Mapping[str, Any]) -> None:
        tried.append(payload["key"])
        raise RuntimeError("no")

    at_work = worker(ledger, fails)
    assert (at_work.run_due(), at_work.run_due()) == (1, 0)
    ledger.clock.advance(timedelta(seconds=11))

    assert at_work.run_due() == 1

    assert (tried, state(ledger)) == (["a", "a"], [("incident", 2, "RuntimeError: no")])


def test_a_job_whose_worker_dies_each_time_is_set_aside(ledger: Ledger) -> None:
    put(ledger, "bad", "good", times=2)
    done: list[str] = []

    def dies(_tx: Transaction, payload: Mapping[str, Any]) -> None:
        if payload["key"] == "bad":
            raise SystemExit
        done.append(payload["key"])

    for _ in range(3):
        try:
            while worker(ledger, dies).run_due():
                pass
        except SystemExit:
            ledger.clock.advance(LEASE + timedelta(seconds=1))

    assert done == ["good"]
    assert [row[0] for row in state(ledger)] == ["incident", "done"]


def test_a_worker_that_was_too_slow_changes_nothing(ledger: Ledger) -> None:
    put(ledger, "a")
    made: list[str] = []

    def slow(tx: Transaction, payload: Mapping[str, Any]) -> None:
        made.append(payload["key"])
        tx.connection.execute(sa.update(JOB).values(fence=JOB.c.fence + 1))

    worker(ledger, slow).run_due()

    assert made == ["a"]
    assert [row[0] for row in state(ledger)] == ["leased"]


def test_two_workers_do_each_job_once(ledger: Ledger) -> None:
    put(ledger, *(f"k{number}" for number in range(30)))
    done: list[str] = []
    workers = [worker(ledger, lambda _tx, payload: done.append(payload["key"])) for _ in range(3)]

    def work(one: Worker) -> None:
        while one.run_due(4):
            pass

    threads = [threading.Thread(target=work, args=(one,)) for one in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(done) == sorted(f"k{number}" for number in range(30))


def test_a_stopped_worker_ends_after_its_job_and_leaves_the_others(ledger: Ledger) -> None:
    put(ledger, "a", "b", "c")
    done: list[str] = []
    at_work = worker(ledger, lambda _tx, payload: (done.append(payload["key"]), at_work.stop())[0])

    at_work.run_forever()

    assert done == ["a"]
    assert [row[:2] for row in state(ledger)] == [("done", 1), ("ready", 0), ("ready", 0)]


def test_the_same_key_moves_a_job_and_a_cancelled_one_is_gone(ledger: Ledger) -> None:
    put(ledger, "a", "b")
    with ledger.app.workspace.transaction(SYSTEM) as tx:
        enqueue(tx, "note", {"key": "later"}, due=tx.now + timedelta(days=1), key="a")
        cancel(tx, ["b"])

    assert ledger.app.worker().run_due() == 0
    assert len(state(ledger)) == 1


def test_a_kind_that_nobody_does_is_an_incident_in_the_end(ledger: Ledger) -> None:
    with ledger.app.workspace.transaction(SYSTEM) as tx:
        enqueue(tx, "strange", {}, due=tx.now, times=1)

    ledger.app.worker().run_due()

    assert state(ledger) == [("incident", 1, "LookupError: nobody does jobs of kind `strange`")]


def test_a_job_that_takes_long_is_kept_by_saying_so(ledger: Ledger) -> None:
    put(ledger, "a")
    first, second = worker(ledger, lambda *_: None), worker(ledger, lambda *_: None)
    job = first._claim()
    assert job is not None
    ledger.clock.advance(LEASE * 0.9)

    assert first.extend(job)
    ledger.clock.advance(LEASE * 0.9)

    assert second.run_due() == 0
    assert first.extend(job)


def test_a_job_that_another_worker_took_cannot_be_kept(ledger: Ledger) -> None:
    put(ledger, "a")
    first, second = worker(ledger, lambda *_: None), worker(ledger, lambda *_: None)
    job = first._claim()
    assert job is not None
    ledger.clock.advance(LEASE * 2)
    second.run_due()

    assert not first.extend(job)


def test_a_sleeping_worker_wakes_when_a_job_is_put_into_the_queue(ledger: Ledger) -> None:
    done = threading.Event()
    at_work = worker(ledger, lambda *_: done.set())
    thread = threading.Thread(target=at_work.run_forever, args=(3_600.0,))
    thread.start()

    put(ledger, "a")
    woken = done.wait(60)
    at_work.stop()
    put(ledger, "b")
    thread.join(60)

    assert woken
    assert not thread.is_alive()
