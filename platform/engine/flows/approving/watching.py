"""The fields whose change means that people must look again (`watch:`, flows.md 2.2 and 2.5)."""

from __future__ import annotations

from trellis.engine.approvals.board import Board
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.flows import Node


def watched_fields(stage: Stage, case: Case, node: Node, board: Board) -> tuple[str, ...]:
    """Return the watched fields: those of `watch:`, else of the form, and always the amounts."""
    facts = stage.world.approvals
    named = board.rule.watch
    if named is None:
        named = (*node.fields, *facts.form_fields(case, node.form))
    return (*named, *facts.amounts(case))


def watched(stage: Stage, case: Case, node: Node, board: Board) -> str:
    """Return the fingerprint of the watched fields as they are now."""
    return stage.world.approvals.fingerprint(case, watched_fields(stage, case, node, board))
