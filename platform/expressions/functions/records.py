"""Functions that ask the engine: trees of records and decision tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from trellis.expressions.functions.table import Builtin
from trellis.expressions.types import ANY, BOOLEAN, STRING
from trellis.expressions.values import as_list, record_id

#: The key of a context under which the engine puts its decision tables.
DECIDE = "\0decide"


@runtime_checkable
class TreeNode(Protocol):
    """A record of a tree."""

    def ancestor_ids(self) -> Iterable[str]:
        """Yield the ids of the record itself and of all above it."""
        ...


def _under(node: Any, ancestors: Any) -> Any:
    if node is None:
        return False
    wanted = {record_id(item) or item for item in as_list(ancestors)}
    if not wanted or not isinstance(node, TreeNode):
        return False
    return any(identity in wanted for identity in node.ancestor_ids())


def _decide(context: Mapping[str, Any], table: Any) -> Any:
    decide = context.get(DECIDE)
    return decide(table, context) if callable(decide) and isinstance(table, str) else None


FUNCTIONS = (
    Builtin("under", ("node", "ancestors"), _under, BOOLEAN,
            doc="Whether a record of a tree equals or lies below one of the others."),
    Builtin("decide", ("table",), _decide, ANY, contextual=True, takes=(STRING,),
            doc="The outputs of a decision table for the record at hand."),
)  # fmt: skip
