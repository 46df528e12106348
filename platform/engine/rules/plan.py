"""Decision tables and rules compiled against the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from trellis.engine.errors import InvalidError, problem
from trellis.engine.transactions import Transaction
from trellis.expressions.decisions import (
    AmbiguousDecisionError,
    CompiledTable,
    compile_table,
)
from trellis.expressions.decisions import Decision as Explained
from trellis.metadata.decision_tables import (
    allowed_values,
    decision_scope,
    decision_table,
    input_types,
    output_types,
)
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.rules import Decision, Rule


@dataclass(frozen=True)
class DecisionPlan:
    """A decision table with its inputs compiled."""

    decision: Decision
    table: CompiledTable
    #: For each input the values that it may have; none means any.
    allowed: tuple[tuple[str, ...], ...]

    def decide(self, context: Mapping[str, Any], today: date | None) -> Any:
        """Return the outputs for the names in `context`.

        Raises InvalidError for an input whose value is none of the options of its column.
        """
        self._check_inputs(context)
        return self.table.decide(context, today)

    def explain(self, context: Mapping[str, Any], today: date | None) -> Explained:
        """Return the outputs, the rows that matched and why the others did not."""
        self._check_inputs(context)
        return self.table.explain(context, today)

    def _check_inputs(self, context: Mapping[str, Any]) -> None:
        columns = zip(self.table.inputs, self.decision.inputs, self.allowed, strict=True)
        for expression, column, allowed in columns:
            value = expression(context) if allowed else None
            if value is not None and value not in allowed:
                text = (f"decision `{self.decision.key}`: the input `{column.expression.text}` is "
                        f"`{value}`, which is none of its options")  # fmt: skip
                raise InvalidError([problem(None, "DECISION_INPUT", text)])


def decision_plan(catalog: Catalog, decision: Decision) -> DecisionPlan:
    """Compile a decision table; its inputs see the record of whoever asks."""
    table = compile_table(
        decision_table(catalog, decision), decision_scope(catalog, decision),
        input_types(catalog, decision), output_types(catalog, decision),
    )  # fmt: skip
    return DecisionPlan(
        decision, table, tuple(allowed_values(catalog, item) for item in decision.inputs)
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
