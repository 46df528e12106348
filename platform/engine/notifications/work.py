"""What people are told about work: that it waits for them, is late, or is not needed any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from trellis.engine.notifications.inbox import reader_of, tell, text_in
from trellis.engine.transactions import Transaction
from trellis.metadata.model.texts import Label


class Work(Protocol):
    """A task, as far as people are told of it."""

    @property
    def id(self) -> str:
        """Return the task's id."""
        ...

    @property
    def node(self) -> str:
        """Return the key of its node."""
        ...

    @property
    def object(self) -> str | None:
        """Return the object of the record it is about."""
        ...

    @property
    def record_id(self) -> str | None:
        """Return the record it is about."""
        ...

    @property
    def holder(self) -> str | None:
        """Return who has it."""
        ...

    @property
    def candidates(self) -> tuple[str, ...]:
        """Return the people it is offered to while nobody has it."""
        ...

    @property
    def also(self) -> tuple[str, ...]:
        """Return who may do it beside the one who has it."""
        ...


@dataclass(frozen=True)
class Told:
    """What a message about work says; `{}` stands for the work's label."""

    kind: str
    words: Label


NEW_WORK = Told("task", Label({"en": "New work: {}", "zh-CN": "新的待办：{}"}))
OVERDUE = Told("overdue", Label({"en": "Overdue: {}", "zh-CN": "已超时：{}"}))
WITHDRAWN = Told("withdrawn", Label({"en": "No longer needed: {}", "zh-CN": "不再需要：{}"}))


def tell_work(tx: Transaction, tasks: Sequence[Work], label: Label, told: Told) -> None:
    """Tell whoever has the tasks, or is offered them, each in every language there is."""
    for task in tasks:
        texts = {
            locale: (words.format(label.text(locale, task.node)), "")
            for locale, words in told.words.texts.items()
        }
        for user in (task.holder, *task.also) if task.holder is not None else task.candidates:
            title, body = text_in(texts, reader_of(tx, user)[0])
            tell(tx, user, told.kind, title, body, texts=texts, object_key=task.object,
                 record_id=task.record_id, task_id=task.id)  # fmt: skip
