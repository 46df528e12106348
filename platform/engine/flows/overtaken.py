"""Work that a record has overtaken: moved to a final state or deleted while its flows still wait.

A task is withdrawn when moves of the record (`set:`) lie ahead of it and none of them can happen
any more, or one of them has been made by hand meanwhile. What waits for something else (a survey,
a parcel) stays. An instance that nothing is left of ends as cancelled; everything of it is logged,
and whoever had the work is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from trellis.engine.approvals.work import OPEN
from trellis.engine.flows import decide
from trellis.engine.flows.decide import Graph
from trellis.engine.flows.decide.cases import frames_around
from trellis.engine.flows.running import CatalogPlans, Flows, person_of
from trellis.engine.flows.state import Case, FrameKind, InstanceState, Phase, Token
from trellis.engine.flows.stepping import Stage, withdraw
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.flows.world import STEPPING, SqlWorld
from trellis.engine.notifications.work import WITHDRAWN, tell_work
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records.lifecycle import transition_to
from trellis.engine.transactions import Transaction
from trellis.metadata.model.flows import NodeKind
from trellis.metadata.model.objects import Object
from trellis.storage.platform_tables.flows import INSTANCE

_ALIVE = (str(InstanceState.RUNNING), str(InstanceState.INCIDENT), str(InstanceState.SUSPENDED))


def moves_ahead(graph: Graph, token: Token) -> Iterator[str]:
    """Yield the states that the next moves of the record would lead to, from where a token is."""
    node = graph.nodes[token.node]
    if token.phase is Phase.ENTER and node.set_state is not None:
        yield node.set_state
        return
    seen: set[str] = set()
    ways = [*decide.targets(node), *(catch.to for catch in node.catches)]
    while ways:
        key = ways.pop()
        if key in seen or key not in graph.nodes:
            continue
        seen.add(key)
        node = graph.nodes[key]
        if node.set_state is not None:
            yield node.set_state
        else:
            ways += [*decide.targets(node), *(catch.to for catch in node.catches)]


def is_overtaken(graph: Graph, token: Token, item: Object, state: str) -> bool:
    """Tell whether what a token leads to has been made, or can be made no more, in `state`."""
    moves = set(moves_ahead(graph, token))
    if not moves:
        return False
    return state in moves or all(transition_to(item, state, move) is None for move in moves)


def overtaken(graph: Graph, case: Case, item: Object, state: str | None) -> tuple[Token, ...]:
    """Return the tokens of a case that a record has overtaken; a deleted one has no state."""
    if state is None:
        return case.tokens
    gone = [token for token in case.tokens if is_overtaken(graph, token, item, state)]
    rest = [token for token in case.tokens if token not in gone]
    # A join would wait for ever for the tokens that are gone.
    joins = all(graph.nodes[token.node].kind is NodeKind.AND for token in rest)
    return case.tokens if gone and joins else tuple(gone)


@dataclass(frozen=True)
class OvertakenWork:
    """Withdraws the work that a record has overtaken, as a reaction to its last move."""

    flows: Flows

    def before(self, _tx: Transaction, _draft: Draft) -> Mapping[str, Any]:
        """Have no say."""
        return {}

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Withdraw what the record has overtaken in every flow but those that moved it."""
        item = tx.compiled.catalog.objects[change.object]
        if not _is_last(item, change):
            return
        state = None if change.event == "delete" or item.lifecycle is None else str(
            change.new[item.lifecycle.field])  # fmt: skip
        stepping = tx.notes.get(STEPPING, frozenset())
        for instance_id in _alive_on(tx, change):
            if instance_id not in stepping:
                self._withdraw(tx, instance_id, item, state)

    def _withdraw(self, tx: Transaction, instance_id: str, item: Object, state: str | None) -> None:
        store, world = SqlFlowStore(tx), SqlWorld(tx, self.flows)
        case = store.lock(instance_id)
        plan = CatalogPlans(self.flows.workspace, tx).at(case.flow, case.version)
        gone = overtaken(plan.graph, case, item, state)
        if not gone:
            return
        person = person_of(tx)
        role = min(person.roles, default=None)
        stage = Stage(plan, store, world, tx.ids, tx.now, person.id, role)
        for token in gone:
            open_work = [task for task in store.tasks_of(case.id, [token.id]) if task.state == OPEN]
            tell_work(tx, open_work, plan.graph.nodes[token.node].label, WITHDRAWN)
        left = _without_empty_scopes(decide.dropped(case, (), [token.id for token in gone]))
        withdraw(stage, case, left.cancelled, left.closed)
        self.flows.runner(tx).save(stage, case, _settled(stage, left))


def _without_empty_scopes(case: Case) -> Case:
    """Return the case without scopes in which nothing is left, and without who waits for them."""
    inside = {frame.id for token in case.tokens for frame in frames_around(case, token.frame)}
    empty = [frame for frame in case.frames
             if frame.id not in inside and frame.kind is not FrameKind.ITEM]  # fmt: skip
    if not empty:
        return case
    waiting = [frame.token for frame in empty if frame.token is not None]
    return _without_empty_scopes(decide.dropped(case, [frame.id for frame in empty], waiting))


def _settled(stage: Stage, case: Case) -> Case:
    """Return the case running on with the tokens that are left; ended when there are none."""
    rest = case.tokens
    if rest and any(token.phase is not Phase.WAIT for token in rest):
        return case  # what an incident stopped may go on
    if case.state is InstanceState.INCIDENT:
        stage.store.jobs.resolve(case.id)
    if rest:
        return replace(case, state=InstanceState.RUNNING, incident=None)
    ended = decide.finished(case, InstanceState.CANCELLED, stage.now).case
    return replace(ended, incident=None)


def _is_last(item: Object, change: RecordChanged) -> bool:
    """Tell whether a change is the last of a record: it is deleted, or in a final state now."""
    if change.event == "delete":
        return True
    if change.event != "transition" or item.lifecycle is None:
        return False
    field = item.lifecycle.field
    reached = item.lifecycle.states.get(str(change.new[field]))
    return field in change.changed and reached is not None and reached.final


def _alive_on(tx: Transaction, change: RecordChanged) -> list[str]:
    """Return the instances on a record that are not over, the oldest first."""
    columns = INSTANCE.c
    statement = sa.select(columns.id).where(
        columns.object == change.object, columns.record_id == change.record_id,
        columns.state.in_(_ALIVE),
    )  # fmt: skip
    return list(tx.connection.execute(statement.order_by(columns.id)).scalars())
