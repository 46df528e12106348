"""When rules run: before a write they set, require and refuse; after it they notify and start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from trellis.engine.errors import InvalidError, problem
from trellis.engine.reactions import Draft, RecordChanged
from trellis.engine.records.checks import is_empty
from trellis.engine.records.draft import set_values
from trellis.engine.records.values import literal_or_value
from trellis.engine.rules.plan import rules_of
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView, context_of
from trellis.metadata.model.rules import Rule, RuleStep

_EVENT_NAMES = {"restore": "update"}
#: Where a transaction keeps which rules ran before a write, until they act after it.
_RAN = "rules that ran"


class Effects(Protocol):
    """What rules cause outside of the record; given by wiring."""

    def notify(
        self, tx: Transaction, notification: str, object_key: str, record_id: str,
        people: tuple[object, ...],
    ) -> None:  # fmt: skip
        """Send a notification to people, roles or what an expression names."""
        ...

    def start_flow(
        self, tx: Transaction, flow: str, object_key: str, record_id: str,
        variables: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """Start a flow on the record."""
        ...


@dataclass(frozen=True)
class RuleReaction:
    """Runs the rules of the changed object, in the author's order."""

    effects: Effects

    def before(self, tx: Transaction, draft: Draft) -> Mapping[str, Any]:
        """Return what the rules set; raise InvalidError with what they refuse or require."""
        item = tx.compiled.catalog.objects[draft.object]
        found: dict[str, Any] = {}
        problems: list[dict[str, Any]] = []
        ran: set[str] = set()
        for rule in rules_of(tx, draft.object):
            view = RecordView(tx, draft.object, draft.record_id, draft.old or {},
                              {**draft.new, **found})  # fmt: skip
            context = context_of(tx, view, draft.old)
            if not _applies(tx, rule, draft.event, draft.changed | frozenset(found),
                            draft.transition, context):  # fmt: skip
                continue
            ran.add(rule.key)
            for step in rule.steps:
                if step.kind == "set":
                    found.update(set_values(tx, item, step.set, context))
                else:
                    problems += _refusals(tx, step, view)
        if problems:
            raise InvalidError(problems)
        if ran:
            tx.notes.setdefault(_RAN, {})[draft.object, draft.record_id, tx.depth] = ran
        return found

    def after(self, tx: Transaction, change: RecordChanged) -> None:
        """Send notifications and start flows.

        A rule acts when its condition held before the write, whatever the rule itself has set
        since, or holds now that numbers and formulas are known.
        """
        ran = tx.notes.get(_RAN, {}).pop((change.object, change.record_id, tx.depth - 1), ())
        for rule in rules_of(tx, change.object):
            view = RecordView(tx, change.object, change.record_id, change.new)
            context = context_of(tx, view, change.old)
            if rule.key not in ran and not _applies(
                tx, rule, change.event, change.changed, change.transition, context
            ):
                continue
            for step in rule.steps:
                self._act(tx, step, change, context)

    def _act(
        self, tx: Transaction, step: RuleStep, change: RecordChanged, context: Mapping[str, Any]
    ) -> None:
        if step.kind == "notify" and step.target is not None:
            self.effects.notify(tx, step.target, change.object, change.record_id, step.to)
        elif step.kind == "start" and step.target is not None:
            variables = {key: literal_or_value(tx, change.object, value, context)
                         for key, value in step.arguments.items()}  # fmt: skip
            self.effects.start_flow(tx, step.target, change.object, change.record_id, variables)


def _applies(
    tx: Transaction,
    rule: Rule,
    event: str,
    changed: frozenset[str],
    transition: str | None,
    context: Mapping[str, Any],
) -> bool:
    if _EVENT_NAMES.get(event, event) not in rule.events:
        return False
    if rule.changed and not changed.intersection(rule.changed):
        return False
    if rule.transitions and transition not in rule.transitions:
        return False
    if rule.condition is None:
        return True
    return tx.compiled.expression(rule.condition.text, rule.object)(context) is True


def _refusals(tx: Transaction, step: RuleStep, view: RecordView) -> list[dict[str, Any]]:
    locale = tx.actor.principal.locale
    if step.kind == "refuse":
        return [problem(None, "RULE", step.message.text(locale, "a rule refuses this"))]
    if step.kind == "require":
        said = step.message.text(locale, "is required")
        return [problem(key, "REQUIRED", said) for key in step.fields if is_empty(view.get(key))]
    return []
