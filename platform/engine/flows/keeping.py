"""Where results go: fields of the record in one update, and variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.engine.flows import decide
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.texts import ValueOrExpression


def keep(
    stage: Stage,
    case: Case,
    targets: Mapping[str, ValueOrExpression],
    results: Mapping[str, Any],
) -> Case:
    """Write values, computed with `results` in sight, to `record.<field>` and to variables."""
    if not targets:
        return case
    context = stage.context(case, **results)
    values = {target: stage.plan.value(value, context) for target, value in targets.items()}
    return write(stage, case, values)


def write(stage: Stage, case: Case, values: Mapping[str, Any]) -> Case:
    """Write values to `record.<field>`, `vars.<name>` or a variable of the bare name."""
    fields: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for target, value in values.items():
        root, _, name = target.partition(".")
        place = fields if root == "record" and name else variables
        place[name if root in ("record", "vars") and name else target] = value
    if fields:
        stage.world.set_fields(case, fields, stage.actor)
    return decide.with_vars(case, variables, stage.frame)
