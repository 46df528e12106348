"""What a person should know of a piece of work before they decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trellis.engine.approvals.rules import ApprovalRule
from trellis.engine.approvals.work import Task
from trellis.engine.flows.approving.preview import Coming, coming
from trellis.engine.flows.approving.returning import targets
from trellis.engine.flows.state import Case
from trellis.engine.flows.stepping import Stage


@dataclass(frozen=True)
class Outlook:
    """The rule of the approval, where it may be returned to, what comes, the last decision.

    `decided_at` is when the last approval before this one ended, None when it is the first.
    """

    rule: ApprovalRule | None
    targets: tuple[str, ...]
    coming: tuple[Coming, ...]
    decided_at: datetime | None


def outlook(stage: Stage, case: Case, task: Task) -> Outlook:
    """Return what lies behind and ahead of a piece of work."""
    board = stage.store.board(task.approval_id) if task.approval_id is not None else None
    ended = [one.decided_at for one in stage.store.approvals_of(case.id)
             if one.decided_at is not None and one.id != task.approval_id]  # fmt: skip
    token = next((one for one in case.tokens if one.id == task.token_id), None)
    return Outlook(
        board.rule if board is not None else None,
        targets(stage, case, board) if board is not None else (),
        coming(stage, case, token) if token is not None else (),
        max(ended, default=None),
    )
