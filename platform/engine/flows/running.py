"""The flows of a workspace: runners for transactions, starts on record events, timers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.engine.assignment.people import Asker, resolve
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.runner import SYSTEM_PERSON, FlowRunner, Person
from trellis.engine.flows.state import InstanceState
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.flows.world import SqlWorld
from trellis.engine.notifications.inbox import send
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.engine.workspace import Workspace
from trellis.metadata.model.flows import Flow, FlowStart
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression
from trellis.problems import Location


@dataclass(frozen=True)
class CatalogPlans:
    """Flows compiled per catalog version; running instances keep theirs."""

    workspace: Workspace
    tx: Transaction

    def current(self, flow: str) -> FlowPlan:
        """Return the newest version of a flow."""
        return _plan(self.tx.compiled, flow)

    def at(self, flow: str, version: int) -> FlowPlan:
        """Return the version that a running instance keeps."""
        if version == self.tx.compiled.catalog.version:
            return self.current(flow)
        return _plan(self.workspace.compiled_at(self.tx.connection, version), flow)


def _plan(compiled: CompiledCatalog, key: str) -> FlowPlan:
    flow = compiled.catalog.flows[key]

    def compile_text(text: ExpressionText) -> Any:
        return compiled.flow_expression(text.text, flow.object)

    return compiled.keep(
        ("plan", key), lambda: FlowPlan.of(flow, compiled.catalog.version, compile_text)
    )


@dataclass(frozen=True)
class Flows:
    """Starts and runs flows in transactions; also what rules cause (`Effects`)."""

    workspace: Workspace

    def runner(self, tx: Transaction) -> FlowRunner:
        """Return the runner of a transaction."""
        world = SqlWorld(tx, self.start)
        return FlowRunner(CatalogPlans(self.workspace, tx), SqlFlowStore(tx), world, tx.ids, tx.now)

    def start(
        self,
        tx: Transaction,
        flow: str,
        object_key: str | None,
        record_id: str | None,
        variables: Mapping[str, Any],
    ) -> str:
        """Start a flow on a record and return the instance's id."""
        runner = self.runner(tx)
        case = runner.start(flow, person_of(tx), object_key=object_key, record_id=record_id,
                            variables=variables)  # fmt: skip
        return case.id

    def overdue(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Tell people that their work is overdue (a job)."""
        self.runner(tx).overdue(*(str(payload[name]) for name in ("instance", "token", "node")))

    def retry(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Run an instance on after an incident (a job); no-op when somebody did already."""
        runner, instance = self.runner(tx), str(payload["instance"])
        if SqlFlowStore(tx).read(instance).state is InstanceState.INCIDENT:
            runner.retry(instance, SYSTEM_PERSON)

    def start_flow(
        self, tx: Transaction, flow: str, object_key: str, record_id: str,
        variables: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Start a flow because a rule says so."""
        self.start(tx, flow, object_key, record_id, variables)

    def notify(
        self, tx: Transaction, notification: str, object_key: str, record_id: str,
        people: tuple[object, ...],
    ) -> None:  # fmt: skip
        """Send a notification because a rule says so."""
        found = tx.compiled.catalog.notifications.get(notification)
        if found is None:
            return
        view = RecordView(tx, object_key, record_id)
        context = context_of(tx, view)

        def value_of(value: ValueOrExpression) -> Any:
            if not isinstance(value, ExpressionText):
                return None
            return tx.compiled.expression(value.text, object_key)(context)

        organisation = SqlWorld(tx, self.start).organisation
        asker = Asker(None, {}, value_of, organisation.user_of_login)
        resolvers = [_recipient(who) for who in people]
        users = resolve(resolvers, asker, organisation, pooled=False).users
        send(tx, found, object_key, record_id, users)

    def notify_people(
        self, tx: Transaction, notification: str, object_key: str, record_id: str,
        roles: Sequence[str], users: Sequence[str],
    ) -> None:  # fmt: skip
        """Send a notification to the members of roles, and to users by id."""
        found = tx.compiled.catalog.notifications.get(notification)
        organisation = SqlWorld(tx, self.start).organisation
        members = [user for role in roles for user in organisation.members_of_role(role)]
        if found is not None:
            send(tx, found, object_key, record_id, tuple(dict.fromkeys([*users, *members])))

    def timer(self, tx: Transaction, payload: Mapping[str, Any]) -> None:
        """Let a flow's timer fire (a job)."""
        catch = payload.get("catch")
        number = None if catch is None else int(catch)
        instance, token, node = (str(payload[name]) for name in ("instance", "token", "node"))
        self.runner(tx).timer(instance, token, node, number)


def _recipient(who: object) -> Resolver:
    nowhere = Location("rules.yaml")
    if isinstance(who, ExpressionText):
        return Resolver("expression", who.location, who)
    return Resolver("role", nowhere, str(who).removeprefix("role."))


def person_of(tx: Transaction) -> Person:
    """Return who acts in a transaction, as flows know people."""
    actor = tx.actor
    if actor.is_system:
        return SYSTEM_PERSON if actor.on_behalf_of is None else Person(actor.on_behalf_of)
    return Person(actor.principal.id, actor.principal.roles)


@dataclass(frozen=True)
class FlowStarts:
    """Starts flows on the record events that they name."""

    flows: Flows

    def before(self, _tx: Transaction, _draft: Draft) -> Mapping[str, Any]:
        """Have no say."""
        return {}

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Start every flow whose start fits the change."""
        for flow, start in _starts_of(tx, change.object):
            if self._fits(tx, start, change) and not _runs_already(tx, flow, change):
                self.flows.start(tx, flow.key, change.object, change.record_id, {})

    def _fits(self, tx: Transaction, start: FlowStart, change: RecordChanged) -> bool:
        if start.event != change.event:
            return False
        if start.transitions and change.transition not in start.transitions:
            return False
        if start.changed and not change.changed.intersection(start.changed):
            return False
        if start.condition is None:
            return True
        view = RecordView(tx, change.object, change.record_id, change.new)
        expression = tx.compiled.expression(start.condition.text, change.object)
        return expression(context_of(tx, view, change.old)) is True


def _runs_already(tx: Transaction, flow: Flow, change: RecordChanged) -> bool:
    """Tell whether the flow's `key` keeps a second instance from beginning on the record."""
    if flow.business_key is None:
        return False
    return SqlFlowStore(tx).running_on(flow.key, change.object, change.record_id) is not None


def _starts_of(tx: Transaction, object_key: str) -> list[tuple[Flow, FlowStart]]:
    return tx.compiled.keep(
        ("starts", object_key),
        lambda: [(flow, start) for flow in tx.compiled.catalog.flows.values()
                 for start in flow.starts if flow.object == object_key],
    )  # fmt: skip
