"""Instances, tokens, tasks and approvals as rows: the `FlowStore` of a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import RowMapping
from trellis.engine.approvals.rows import SqlWork
from trellis.engine.errors import NotFoundError
from trellis.engine.flows.state import Case, InstanceState, Phase, Token
from trellis.engine.jobs.rows import cancel, cancel_prefixes, enqueue, report
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.flows import INSTANCE, TOKEN

TIMER_JOB = "flow.timer"
DUE_JOB = "flow.due"
RETRY_JOB = "flow.retry"
_CASE_COLUMNS = ("id", "flow", "version", "object", "record_id", "starter", "state", "vars",
                 "outcomes", "rounds", "rev", "started_at", "ended_at", "incident",
                 "returns", "previous")  # fmt: skip


@dataclass(frozen=True)
class SqlFlowJobs:
    """What flows leave to the clock and to people, among the jobs of the transaction."""

    tx: Transaction

    def schedule(
        self, key: str, due: datetime, payload: Mapping[str, Any], *, reminds: bool = False
    ) -> None:
        """Put a timer into the job queue."""
        kind = DUE_JOB if reminds else TIMER_JOB
        enqueue(self.tx, kind, payload, due=due, key=f"timer:{key}")

    def unschedule(self, instance_id: str, token_ids: Sequence[str]) -> None:
        """Remove the timers of the given tokens."""
        cancel_prefixes(self.tx, [f"timer:{token}:" for token in token_ids])

    def report(self, case: Case) -> None:
        """Show an incident among the jobs that need a person; running it again goes on."""
        report(self.tx, RETRY_JOB, {"instance": case.id}, key=f"incident:{case.id}",
               error=f"{case.flow}: {case.incident}")  # fmt: skip

    def resolve(self, instance_id: str) -> None:
        """Take the report of an incident back."""
        cancel(self.tx, [f"incident:{instance_id}"])


@dataclass(frozen=True)
class SqlFlowStore(SqlWork):
    """The rows of one transaction."""

    @property
    def jobs(self) -> SqlFlowJobs:
        """Return the jobs of the same transaction."""
        return SqlFlowJobs(self.tx)

    def lock(self, instance_id: str) -> Case:
        """Return the instance, locked until the transaction ends."""
        statement = sa.select(INSTANCE).where(INSTANCE.c.id == instance_id)
        if not self.tx.sqlite:
            statement = statement.with_for_update()
        row = self.tx.connection.execute(statement).mappings().first()
        if row is None:
            raise NotFoundError("instance")
        return self._case(row)

    def read(self, instance_id: str) -> Case:
        """Return the instance without a lock."""
        statement = sa.select(INSTANCE).where(INSTANCE.c.id == instance_id)
        row = self.tx.connection.execute(statement).mappings().first()
        if row is None:
            raise NotFoundError("instance")
        return self._case(row)

    def _case(self, row: RowMapping) -> Case:
        rows = self.tx.connection.execute(
            sa.select(TOKEN).where(TOKEN.c.instance_id == row["id"]).order_by(TOKEN.c.position)
        ).mappings()
        tokens = tuple(
            Token(t["id"], t["node"], Phase(t["phase"]), t["arrived_at"], t["origin"]) for t in rows
        )
        values = {name: row[name] for name in _CASE_COLUMNS}
        values["state"] = InstanceState(row["state"])
        for name in ("vars", "outcomes", "rounds"):
            values[name] = row[name] or {}
        values["returns"] = tuple(row["returns"] or ())
        return Case(**values, tokens=tokens)

    def save(self, before: Case | None, after: Case) -> None:
        """Write what differs between two states of an instance."""
        row = {name: getattr(after, name) for name in _CASE_COLUMNS}
        row["state"] = str(after.state)
        for name in ("vars", "outcomes", "rounds"):
            row[name] = plain(row[name])
        row["returns"] = [dict(one) for one in after.returns] or None
        if before is None:
            self.tx.connection.execute(sa.insert(INSTANCE).values(**row))
        else:
            self.tx.connection.execute(
                sa.update(INSTANCE).where(INSTANCE.c.id == after.id).values(**row)
            )
        self._save_tokens(before.tokens if before is not None else (), after)

    def _save_tokens(self, before: tuple[Token, ...], after: Case) -> None:
        old = {token.id: token for token in before}
        kept = {token.id for token in after.tokens}
        gone = [identity for identity in old if identity not in kept]
        if gone:
            self.tx.connection.execute(sa.delete(TOKEN).where(TOKEN.c.id.in_(gone)))
        for position, token in enumerate(after.tokens):
            values = {"node": token.node, "phase": str(token.phase), "origin": token.origin,
                      "arrived_at": token.arrived_at, "position": position}  # fmt: skip
            if token.id not in old:
                self.tx.connection.execute(
                    sa.insert(TOKEN).values(id=token.id, instance_id=after.id, **values)
                )
            elif old[token.id] != token:
                self.tx.connection.execute(
                    sa.update(TOKEN).where(TOKEN.c.id == token.id).values(**values)
                )

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undo what is written inside when it raises, and nothing else of the transaction."""
        try:
            with self.tx.pending.attempt(self.tx.connection):
                yield
        except BaseException:
            # Records that expressions have read inside may not be there any more.
            self.tx.views.clear()
            raise

    def running_on(self, flow: str, object_key: str, record_id: str) -> str | None:
        """Return the instance of a flow that is not over on a record, None when there is none."""
        alive = [str(InstanceState.RUNNING), str(InstanceState.INCIDENT),
                 str(InstanceState.SUSPENDED)]  # fmt: skip
        statement = sa.select(INSTANCE.c.id).where(
            INSTANCE.c.object == object_key, INSTANCE.c.record_id == record_id,
            INSTANCE.c.flow == flow, INSTANCE.c.state.in_(alive),
        )  # fmt: skip
        found = self.tx.connection.execute(statement.limit(1)).scalar()
        return None if found is None else str(found)


#: Whole numbers beyond this many digits are no integers that somebody counts with.
_LONGEST = 30


def plain(value: Any) -> Any:
    """Return a value of a flow's variables as JSON: records by id, numbers as numbers."""
    identity = getattr(value, "id", None)
    if isinstance(value, Mapping) and isinstance(identity, str):
        return identity
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return _json_number(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)


def _json_number(value: Decimal) -> int | float | str:
    """Return a number that reads back the same; as text where JSON would lose digits."""
    if value == value.to_integral_value() and value.adjusted() <= _LONGEST:
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)
