"""Doing jobs: claimed with a lease and a fence, done and marked done in one transaction.

A job's own effects in the database happen exactly once: they commit together with `done`, and
only the claim with the current fence may write it. What fails is tried again later; what failed
too often becomes an incident that somebody sees.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from trellis.engine.actors import SYSTEM
from trellis.engine.jobs.errands import Errand, ErrandError
from trellis.engine.jobs.queue import DEFAULT_RETRY, Job, JobState, RetryPolicy
from trellis.engine.jobs.waking import Alarm, ListeningAlarm, ThreadAlarm
from trellis.engine.transactions import Transaction
from trellis.engine.workspace import Workspace
from trellis.storage.platform_tables.work import JOB
from trellis.storage.prepared import Kept

LEASE = timedelta(minutes=2)
#: How often a worker says that it is still at work.
BEAT = LEASE / 4
BATCH = 20
_log = structlog.get_logger("trellis.jobs")


class JobHandler(Protocol):
    """Does one kind of job."""

    def __call__(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Do the job in the given transaction."""
        ...


class LateResultError(RuntimeError):
    """The lease had passed and another worker took the job: what was done here is undone."""


def _due() -> sa.ColumnElement[bool]:
    """Return the condition of jobs to be done now: ready, or left by a worker that died."""
    now = sa.bindparam("now", type_=JOB.c.due_at.type)
    left = sa.and_(JOB.c.state == JobState.LEASED.value, JOB.c.lease_until < now)
    return sa.and_(sa.or_(JOB.c.state == JobState.READY.value, left), JOB.c.due_at <= now)


_FIRST_DUE = sa.select(JOB).where(_due()).order_by(JOB.c.due_at, JOB.c.id).limit(1)
_ANY_DUE = Kept(sa.select(JOB.c.id).where(_due()).limit(1))
_NEXT, _NEXT_FREE = Kept(_FIRST_DUE), Kept(_FIRST_DUE.with_for_update(skip_locked=True))
_THIS = JOB.c.id == sa.bindparam("this")
_EXISTS = Kept(sa.select(JOB.c.id).where(_THIS))
_LEASE = Kept(
    sa.update(JOB).where(_THIS).values(
        state=JobState.LEASED.value,
        **{name: sa.bindparam(name, type_=JOB.c[name].type)
           for name in ("worker", "lease_until", "attempts", "fence")},
    )
)  # fmt: skip
_DONE = Kept(
    sa.update(JOB)
    .where(_THIS, JOB.c.fence == sa.bindparam("fenced"))
    .values(state=JobState.DONE.value, key=None, lease_until=None,
            done_at=sa.bindparam("done_at", type_=JOB.c.done_at.type))
)  # fmt: skip


@dataclass
class Worker:
    """Does the due jobs of a workspace."""

    workspace: Workspace
    handlers: Mapping[str, JobHandler | Errand]
    name: str = "worker"
    retry: RetryPolicy = DEFAULT_RETRY
    _stop: threading.Event = field(default_factory=threading.Event)

    def run_due(self, limit: int = BATCH) -> int:
        """Claim and do due jobs; return how many were looked at."""
        claimed = 0
        # One at a time: a job that kills its worker takes no other with it.
        while claimed < limit and not self._stop.is_set() and self._anything_due():
            job = self._claim()
            if job is None:
                break
            if job.attempts <= job.max_attempts:
                self._do_beating(job)
            claimed += 1
        return claimed

    def run_forever(self, pause: float = 1.0) -> None:
        """Do jobs until `stop`; without any it sleeps, until woken or for `pause` seconds."""
        alarm = self._alarm()
        try:
            while not self._stop.is_set():
                try:
                    found = self.run_due()
                except sa.exc.SQLAlchemyError as error:
                    # The database is away: the next round asks again.
                    _log.warning("job round failed", error=str(error))
                    found = 0
                if not found:
                    alarm.wait(pause)
        finally:
            alarm.close()

    def _alarm(self) -> Alarm:
        if self.workspace.database.is_sqlite:
            return ThreadAlarm(self.workspace.bell)
        return ListeningAlarm(self.workspace.database, self._stop)

    def stop(self) -> None:
        """Let `run_forever` end after the job it is doing."""
        self._stop.set()
        self.workspace.bell.set()

    def extend(self, job: Job) -> bool:
        """Keep a job that takes long; tell whether it is still this worker's."""
        with self.workspace.transaction(SYSTEM) as tx:
            kept = tx.connection.execute(
                sa.update(JOB)
                .where(JOB.c.id == job.id, JOB.c.fence == job.fence,
                       JOB.c.state == JobState.LEASED.value)
                .values(lease_until=tx.now + LEASE)
            )  # fmt: skip
        return kept.rowcount == 1

    def _do_beating(self, job: Job) -> None:
        """Do a job; its lease is extended meanwhile, so that no other worker takes it."""
        if self.workspace.database.is_sqlite:
            # A job at work holds the one lock for writes: nobody could claim it.
            self._do(job)
            return
        done = threading.Event()
        heart = threading.Thread(target=self._beat, args=(job, done), daemon=True)
        heart.start()
        try:
            self._do(job)
        finally:
            done.set()
            heart.join()

    def _beat(self, job: Job, done: threading.Event) -> None:
        while not done.wait(BEAT.total_seconds()):
            try:
                if not self.extend(job):
                    return
            except sa.exc.SQLAlchemyError as error:
                _log.warning("lease not extended", job=job.id, error=str(error))

    def _anything_due(self) -> bool:
        """Ask without a lock, so that idle workers are in nobody's way.

        PostgreSQL's workers pass over what others have claimed without waiting: they need not ask.
        """
        if not self.workspace.database.is_sqlite:
            return True
        with self.workspace.reading(SYSTEM) as tx:
            return bool(_ANY_DUE.rows(tx.connection, {"now": tx.now}))

    def _claim(self) -> Job | None:
        """Return a job that is ours now, None when other workers have what is due.

        One that was tried too often is an incident now, and not to be done.
        """
        with self.workspace.transaction(SYSTEM) as tx:
            row = (_NEXT if tx.sqlite else _NEXT_FREE).first(tx.connection, {"now": tx.now})
            if row is None:
                return None
            if row["attempts"] >= row["max_attempts"]:
                changed = {"state": JobState.INCIDENT.value, "lease_until": None,
                           "error": "its worker ended without a word at every attempt"}  # fmt: skip
                tx.connection.execute(sa.update(JOB).where(JOB.c.id == row["id"]).values(changed))
            else:
                _LEASE.run(tx.connection, {"this": row["id"], "worker": self.name,
                                           "lease_until": tx.now + LEASE,
                                           "attempts": row["attempts"] + 1,
                                           "fence": row["fence"] + 1})  # fmt: skip
            return Job(row["id"], row["kind"], row["key"], row["payload"] or {}, row["due_at"],
                       row["attempts"] + 1, row["max_attempts"], row["fence"] + 1)  # fmt: skip

    def _do(self, job: Job) -> None:
        handler = self.handlers.get(job.kind)
        try:
            if isinstance(handler, Errand):
                self._run_errand(job, handler)
                return
            if handler is None:
                raise LookupError(f"nobody does jobs of kind `{job.kind}`")
            with self.workspace.transaction(SYSTEM) as tx:
                handler(tx, job.payload)
                self._finish(tx, job)
        except LateResultError:
            _log.warning("late result discarded", job=job.id, kind=job.kind)
        except Exception as error:
            self._fail(job, f"{type(error).__name__}: {error}")

    def _run_errand(self, job: Job, errand: Errand) -> None:
        """Do a job that leaves the database: no transaction is open meanwhile."""
        with self.workspace.reading(SYSTEM) as tx:
            wanted = errand.prepare(tx, job.payload)
        try:
            result = errand.run(job.payload) if wanted else None
        except ErrandError as error:
            if not error.final and job.attempts < job.max_attempts:
                self._fail(job, str(error), errand.pause(job.payload, job.attempts))
                return
            with self.workspace.transaction(SYSTEM) as tx:
                errand.give_up(tx, job.payload, error)
                self._finish(tx, job)
            return
        with self.workspace.transaction(SYSTEM) as tx:
            if result is not None:
                errand.conclude(tx, job.payload, result)
            self._finish(tx, job)

    def _finish(self, tx: Transaction, job: Job) -> None:
        this = {"this": job.id}
        done = _DONE.run(tx.connection, {**this, "fenced": job.fence, "done_at": tx.now})
        if done == 0 and _EXISTS.rows(tx.connection, this):
            raise LateResultError

    def _fail(self, job: Job, why: str, pause: timedelta | None = None) -> None:
        _log.warning("job failed", job=job.id, kind=job.kind, attempt=job.attempts, error=why)
        last = job.attempts >= job.max_attempts
        again = pause or self.retry.wait(job.attempts)
        with self.workspace.transaction(SYSTEM) as tx:
            tx.connection.execute(
                sa.update(JOB).where(JOB.c.id == job.id, JOB.c.fence == job.fence).values(
                    state=(JobState.INCIDENT if last else JobState.READY).value,
                    due_at=job.due_at if last else tx.now + again,
                    error=why[:2_000], lease_until=None,
                )
            )  # fmt: skip
