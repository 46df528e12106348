"""The flows of a workspace: runners for transactions; what rules and other flows ask of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.engine.assignment.people import Asker, resolve
from trellis.engine.compiled import CompiledCatalog
from trellis.engine.errors import LoopError
from trellis.engine.flows.decide.scopes import multi_of
from trellis.engine.flows.happening import FlowEvents
from trellis.engine.flows.messages import FlowMessages
from trellis.engine.flows.plan import FlowPlan
from trellis.engine.flows.ports import Called
from trellis.engine.flows.runner import SYSTEM_PERSON, Beginning, FlowRunner, Person
from trellis.engine.flows.state import BusinessError, Case
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.flows.subscriptions import waited_objects
from trellis.engine.flows.values import kept
from trellis.engine.flows.world import SqlWorld
from trellis.engine.notifications.inbox import send
from trellis.engine.transactions import MAX_DEPTH, Transaction
from trellis.engine.views import RecordView, context_of
from trellis.engine.workspace import Workspace
from trellis.metadata.model.flows import Flow, Node
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.texts import ExpressionText, ValueOrExpression
from trellis.problems import Location

#: Flows that call one another: how deep a call may be inside of others.
MOST_CALLS = 20


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

    def pinned(self, case: Case, flow: str, pin: str | int) -> FlowPlan:
        """Return the version that a call asks for; KeyError when there is none."""
        if pin == "latest":
            return self.current(flow)
        if not isinstance(pin, int):
            return self.at(flow, case.version)
        for version in range(self.tx.compiled.catalog.version, 0, -1):
            catalog = self.workspace.compiled_at(self.tx.connection, version).catalog
            if flow in catalog.flows and catalog.flows[flow].version == pin:
                return self.at(flow, version)
        raise KeyError(flow)


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
        """Return what people do to flows in a transaction."""
        return FlowRunner(
            CatalogPlans(self.workspace, tx), SqlFlowStore(tx), SqlWorld(tx, self), tx.ids, tx.now
        )

    def events(self, tx: Transaction) -> FlowEvents:
        """Return what happens to flows in a transaction."""
        return FlowEvents(
            CatalogPlans(self.workspace, tx), SqlFlowStore(tx), SqlWorld(tx, self), tx.ids, tx.now
        )

    def messages(self, tx: Transaction) -> FlowMessages:
        """Return the messages and signals of a transaction."""
        return FlowMessages(tx, self.events(tx), self.start_on_event)

    def start(
        self,
        tx: Transaction,
        flow: str,
        object_key: str | None,
        record_id: str | None,
        variables: Mapping[str, Any],
    ) -> str:
        """Start a flow on a record and return the instance's id."""
        beginning = Beginning(object_key, record_id, variables)
        return self.runner(tx).begin(flow, person_of(tx), beginning).id

    def start_on_event(
        self, tx: Transaction, flow: Flow, start: Node, payload: Mapping[str, Any]
    ) -> str | None:
        """Start a flow that begins with a message or signal; None where its start does not fit."""
        runner = self.runner(tx)
        plan = runner.plans.current(flow.key)
        context = context_of(tx, None, vars={}, requester=None, msg=payload)
        if "match" in start.settings and plan.value(start.settings["match"], context) is not True:
            return None
        record = plan.value(start.settings.get("record"), context)
        record_id = getattr(record, "id", record)
        about = record_id if isinstance(record_id, str) and flow.object is not None else None
        alone = about is not None and flow.business_key is not None
        if alone and runner.store.running_on(flow.key, str(flow.object), str(about)) is not None:
            return None
        dedupe = plan.value(start.settings.get("dedupe"), context)
        if dedupe is not None and not runner.store.is_first(flow.key, str(dedupe)):
            return None
        beginning = Beginning(
            None if about is None else flow.object, about, {"msg": dict(payload)}, start
        )
        return runner.begin(flow.key, SYSTEM_PERSON, beginning).id

    def call(self, tx: Transaction, case: Case, called: Called) -> str:
        """Start the flow that a token calls and return its instance's id."""
        runner = self.runner(tx)
        self._refuse_too_deep(runner, case, called.flow)
        try:
            plan = CatalogPlans(self.workspace, tx).pinned(case, called.flow, called.pin)
        except KeyError:
            raise BusinessError(
                called.flow, f"there is no flow `{called.flow}` of version {called.pin}",
                "NO_SUCH_FLOW",
            ) from None  # fmt: skip
        about = plan.flow.object if called.record_id is not None else None
        if about != case.object and called.record_id == case.record_id:
            about = None
        beginning = Beginning(
            about, called.record_id if about is not None else None, kept(called.variables),
            parent=(case.id, called.token), plan=plan,
        )  # fmt: skip
        person = SYSTEM_PERSON if case.starter is None else Person(case.starter)
        return runner.begin(called.flow, person, beginning).id

    def _refuse_too_deep(self, runner: FlowRunner, case: Case, flow: str) -> None:
        above: Case = case
        for _ in range(MOST_CALLS):
            if above.parent is None:
                return
            above = runner.store.read(above.parent)
        raise BusinessError(flow, f"flows call one another more than {MOST_CALLS} deep", "TOO_DEEP")

    def cancel_called(self, tx: Transaction, token_ids: Sequence[str]) -> None:
        """Cancel what the given tokens have called and what is not over."""
        if tx.depth > MAX_DEPTH:
            raise LoopError(MAX_DEPTH, "call")
        runner = self.runner(tx)
        for instance in runner.store.called_by(token_ids):
            runner.cancel(instance, person_of(tx))

    def waited_for(self, tx: Transaction) -> frozenset[str]:
        """Return the objects of whose records some flow waits until something holds.

        Instances of older versions are looked up once a version: they are old already.
        """

        def find() -> frozenset[str]:
            flows = tx.compiled.catalog.flows
            now = {flow.object or "" for key, flow in flows.items()
                   if _waits(_plan(tx.compiled, key))}  # fmt: skip
            return frozenset({*now, *waited_objects(tx.connection)} - {""})

        return tx.compiled.keep(("waited for",), find)

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

        organisation = SqlWorld(tx, self).organisation
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
        organisation = SqlWorld(tx, self).organisation
        members = [user for role in roles for user in organisation.members_of_role(role)]
        if found is not None:
            send(tx, found, object_key, record_id, tuple(dict.fromkeys([*users, *members])))


def _waits(plan: FlowPlan) -> bool:
    grows = any(multi_of(node).get("grow") is True for node in plan.graph.nodes.values())
    return plan.graph.conditions or grows


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
