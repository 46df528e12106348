"""Decision tables and rules compiled against the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trellis.engine.errors import InvalidError, problem
from trellis.engine.transactions import Transaction
from trellis.expressions import Scope
from trellis.expressions.decisions import (
    AmbiguousDecisionError,
    CompiledTable,
    Row,
    Table,
    compile_table,
)
from trellis.expressions.types import ANY, Type
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.rules import Decision, Rule
from trellis.metadata.scopes import option_type, record_scope


@dataclass(frozen=True)
class DecisionPlan:
    """A decision table with its inputs compiled."""

    decision: Decision
    table: CompiledTable

    def decide(self, context: Mapping[str, Any], today: date | None) -> Any:
        """Return the outputs for the names in `context`."""
        return self.table.decide(context, today)


def decision_plan(catalog: Catalog, decision: Decision) -> DecisionPlan:
    """Compile a decision table; its inputs see the record of whoever asks."""
    scope = decision_scope(catalog, decision)
    table = Table(
        hit=decision.hit,
        inputs=tuple(item.expression.text for item in decision.inputs),
        outputs=tuple(item.name for item in decision.outputs),
        rows=tuple(
            Row(row.id, tuple(cell.text for cell in row.when),
                tuple(cell.text for cell in row.then), row.valid_from, row.valid_until)
            for row in decision.rows
        ),
        defaults=tuple(None if item.default is None else item.default.text
                       for item in decision.outputs),
        priorities=tuple(
            _ranking(catalog, item.options) for item in decision.outputs
        ),
    )  # fmt: skip
    return DecisionPlan(decision, compile_table(table, scope, input_types(catalog, decision)))


def _ranking(catalog: Catalog, options: str | None) -> tuple[str, ...]:
    """Return an option set's values, the most important first, for hit policy P."""
    known = catalog.options.get(options or "")
    return () if known is None else tuple(known.options)


def decision_scope(catalog: Catalog, decision: Decision) -> Scope | None:
    """Return the names that a decision's inputs see, None when it names no object."""
    if decision.object is None:
        return None
    return record_scope(catalog, decision.object)


def input_types(catalog: Catalog, decision: Decision) -> tuple[Type, ...]:
    """Return the type of each input column, as far as its author said it."""
    return tuple(
        ANY if item.options is None else option_type(catalog, item.options)
        for item in decision.inputs
    )


def decide(tx: Transaction, key: str, context: Mapping[str, Any]) -> Any:
    """Return the outputs of a decision table for the record in `context`.

    Raises InvalidError naming the rows where several match and the table allows one.
    """
    decision = tx.compiled.catalog.decisions.get(key)
    if decision is None:
        return None
    plan = tx.compiled.keep(("decision", key), lambda: decision_plan(tx.compiled.catalog, decision))
    try:
        return plan.decide(_with_bare_names(context), tx.now.astimezone(tx.zone).date())
    except AmbiguousDecisionError as error:
        rows = ", ".join(f"`{row}`" for row in error.rows)
        text = f"decision `{key}`: several rows match, and `hit: {decision.hit}` allows one: {rows}"
        raise InvalidError([problem(None, "AMBIGUOUS_DECISION", text)]) from error


def _with_bare_names(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let a table without an object of its own name the record's fields bare."""
    record = context.get("record")
    return _Layered(context, record) if isinstance(record, Mapping) else context


class _Layered(Mapping[str, Any]):
    """Names of a context first, then the record's fields."""

    def __init__(self, context: Mapping[str, Any], record: Mapping[str, Any]) -> None:
        self._context = context
        self._record = record

    def __getitem__(self, name: str) -> Any:
        if name in self._context:
            return self._context[name]
        return self._record[name]

    def __iter__(self) -> Any:
        return iter({**dict.fromkeys(self._context), **dict.fromkeys(self._record)})

    def __len__(self) -> int:
        return len(set(self._context) | set(self._record))


def rules_of(tx: Transaction, object_key: str) -> tuple[Rule, ...]:
    """Return the rules of an object in the author's order."""
    return tx.compiled.keep(
        ("rules", object_key),
        lambda: tuple(
            rule for rule in tx.compiled.catalog.rules.values() if rule.object == object_key
        ),
    )
