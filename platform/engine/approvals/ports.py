"""What approvals ask of the room that keeps their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from trellis.engine.approvals.board import Board
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.work import Approval, Task


class WorkStore(Protocol):
    """Tasks, seats and approvals as rows of the running transaction."""

    def task(self, task_id: str) -> Task:
        """Return a task with its pools and candidates; NotFoundError when unknown."""
        ...

    def tasks_of(self, instance_id: str, token_ids: Sequence[str]) -> tuple[Task, ...]:
        """Return the tasks opened by the given tokens, by position."""
        ...

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Insert tasks with their pools and candidates."""
        ...

    def change_task(self, before: Task, after: Task) -> None:
        """Write a task whose `rev` is still that of `before`; ConflictError otherwise."""
        ...

    def add_approval(self, approval: Approval) -> None:
        """Insert an approval."""
        ...

    def approval(self, approval_id: str) -> Approval:
        """Return an approval."""
        ...

    def cancel_approvals(self, instance_id: str, token_ids: Sequence[str], at: datetime) -> None:
        """End the open approvals of the given tokens as cancelled."""
        ...

    def approvals_of(self, instance_id: str) -> tuple[Approval, ...]:
        """Return the approvals of an instance, the oldest first."""
        ...

    def board(self, approval_id: str) -> Board:
        """Return an approval with its seats."""
        ...

    def work_of(self, instance_id: str) -> tuple[Task, ...]:
        """Return all work of an instance, open or not."""
        ...

    def add_history(self, entries: Sequence[Entry]) -> None:
        """Append to the history of approvals."""
        ...

    def history(self, instance_id: str) -> tuple[Entry, ...]:
        """Return what people did in an instance, the oldest first."""
        ...

    def request(self, instance_id: str, request_id: str) -> Entry | None:
        """Return what a request did in an instance already, None when it is new."""
        ...

    def change_approval(self, approval: Approval) -> None:
        """Write an approval's state."""
        ...

    def decided_by(self, instance_id: str) -> Mapping[str, tuple[str, ...]]:
        """Return who finished or approved which node of the instance."""
        ...
