"""What approvals ask of the room that keeps their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

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

    def change_approval(self, approval: Approval) -> None:
        """Write an approval's state."""
        ...

    def decided_by(self, instance_id: str) -> Mapping[str, tuple[str, ...]]:
        """Return who finished or approved which node of the instance."""
        ...
