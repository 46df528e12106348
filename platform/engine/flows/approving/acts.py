"""What the actions of `engine.approvals.actions` must know of this flow and its people."""

from __future__ import annotations

from trellis.engine.approvals.actions import Act, Facts
from trellis.engine.approvals.board import Board
from trellis.engine.approvals.work import Answer
from trellis.engine.flows.people import barred
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage
from trellis.metadata.model.flows import Node


def act_of(stage: Stage, case: Case, node: Node, board: Board, answer: Answer) -> Act:
    """Return the act of who acts now, with the facts about the people it names."""
    active = stage.world.organisation.active(answer.people) if answer.people else frozenset()
    own = board.rule.own
    facts = Facts(active, barred(stage, case, node, own=own) if answer.people else frozenset())
    return Act(stage.actor, stage.now, answer, facts, stage.ids)
