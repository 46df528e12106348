"""Functions that ask the engine: trees of records and decision tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.functions.table import builtin, form
from trellis.expressions.values import Function, TreeNode, as_list, record_id

#: The key of a context under which the engine puts what evaluates a decision table.
DECIDE = "\0decide"


def _under(node: Any, ancestors: Any) -> bool | None:
    if node is None or ancestors is None:
        return None
    if not isinstance(node, TreeNode):
        return None
    wanted = {record_id(item) or item for item in as_list(ancestors)
              if isinstance(item, str) or record_id(item) is not None}  # fmt: skip
    return any(identity in wanted for identity in node.ancestor_ids())


def _decide(context: Mapping[str, Any], table: str) -> Any:
    decide = context.get(DECIDE)
    if isinstance(decide, Function):
        return decide.call(table)
    return decide(table, context) if callable(decide) else None


FUNCTIONS = (
    builtin("under", "Whether a record of a tree is one of the others or lies below one.",
            form("node: any, ancestors: any", t.BOOLEAN, _under)),
    builtin("decide", "The outputs of a decision table for the values at hand.",
            form("table: string", t.ANY, _decide, contextual=True)),
)  # fmt: skip
