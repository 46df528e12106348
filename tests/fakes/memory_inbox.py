"""The inbox and the notifications of one person, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from trellis.engine.errors import NotFoundError
from trellis.web.pages.ports import Happening, Note, Outlook, Work, WorkAnswer

from tests.fakes.known_in_memory import NOW


@dataclass
class MemoryTasks:
    """The inbox in memory."""

    open: dict[str, Work] = field(default_factory=dict)
    answers: list[tuple[str, WorkAnswer]] = field(default_factory=list)
    refuse: Exception | None = None

    def open_count(self) -> int:
        return len(self.open)

    def list(self, which: str, limit: int) -> Sequence[Work]:
        return list(self.open.values())[:limit] if which == "mine" else []

    def get(self, task_id: str) -> Work:
        if task_id not in self.open:
            raise NotFoundError("task")
        return self.open[task_id]

    def of_record(self, object_key: str, record_id: str) -> Sequence[Work]:
        return [
            work
            for work in self.open.values()
            if work.object == object_key and work.record is not None and work.record.id == record_id
        ]

    def course(self, task_id: str) -> Sequence[Happening]:
        return [Happening("start", NOW - timedelta(hours=5), "王小明")]

    def outlook(self, task_id: str) -> Outlook:
        """Return that nothing is known."""
        return Outlook()

    def act(self, task_id: str, answer: WorkAnswer) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.answers.append((task_id, answer))


@dataclass
class MemoryNotes:
    """Notifications in memory."""

    notes: list[Note] = field(default_factory=list)

    def unread(self) -> int:
        return sum(note.unread for note in self.notes)

    def list(self, limit: int) -> Sequence[Note]:
        return self.notes[:limit]

    def read_all(self) -> None:
        self.notes = [replace(note, unread=False) for note in self.notes]
