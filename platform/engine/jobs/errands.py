"""Errands: jobs that leave the database, done in no transaction and told in another.

`prepare` reads what is to be done, `run` does it outside, `conclude` takes the result in the
transaction that also marks the job done: a result that comes too late is discarded with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol, runtime_checkable

from trellis.engine.transactions import Transaction


class ErrandError(RuntimeError):
    """An errand failed, in words and with a code; `final` ones are not tried again."""

    def __init__(self, code: str, message: str, *, final: bool = False) -> None:
        self.code = code
        self.message = message
        self.final = final
        super().__init__(f"{code}: {message}")


@runtime_checkable
class Errand(Protocol):
    """Does one kind of job outside of the database."""

    def prepare(self, tx: Transaction, payload: Mapping[str, Any]) -> bool:
        """Tell whether anybody still wants the errand done."""
        ...

    def run(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do it, in no transaction; ErrandError when it failed."""
        ...

    def conclude(
        self, tx: Transaction, payload: Mapping[str, Any], result: Mapping[str, Any]
    ) -> None:
        """Take the result."""
        ...

    def give_up(self, tx: Transaction, payload: Mapping[str, Any], error: ErrandError) -> None:
        """Tell who waits that it failed for good."""
        ...

    def pause(self, payload: Mapping[str, Any], attempts: int) -> timedelta:
        """Return how long to wait before the next attempt."""
        ...
