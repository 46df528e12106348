"""The errands of services: called outside of any transaction, answered to the token in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from trellis.engine.flows.happening import FAILED, SERVED, Happened
from trellis.engine.flows.running import Flows
from trellis.engine.flows.state import Phase
from trellis.engine.flows.store import SqlFlowStore
from trellis.engine.jobs.errands import ErrandError
from trellis.engine.transactions import Transaction
from trellis.metadata.model.cycles import Retry


class Outside(Protocol):
    """What reaches other systems."""

    def call(self, action: str, arguments: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        """Do an action and return its results by name; ErrandError when it failed.

        `key` is the same for every attempt, so that the other side knows a repeated one.
        """
        ...


@dataclass(frozen=True)
class ServiceErrand:
    """Does the services of flows that leave the database."""

    flows: Flows
    outside: Outside

    def prepare(self, tx: Transaction, payload: Mapping[str, Any]) -> bool:
        """Tell whether the token still waits for the service."""
        case = SqlFlowStore(tx).read(str(payload["instance"]))
        return any(t.id == payload["token"] and t.node == payload["node"]
                   and t.phase is Phase.WAIT for t in case.tokens)  # fmt: skip

    def run(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Call the other system."""
        return self.outside.call(str(payload["action"]), payload["arguments"], str(payload["key"]))

    def conclude(
        self, tx: Transaction, payload: Mapping[str, Any], result: Mapping[str, Any]
    ) -> None:
        """Let the token go on with the results."""
        self._tell(tx, payload, SERVED, result)

    def give_up(self, tx: Transaction, payload: Mapping[str, Any], error: ErrandError) -> None:
        """Let the error reach whoever catches it."""
        told = {"code": error.code, "message": f"{payload['action']}: {error.message}"}
        self._tell(tx, payload, FAILED, told)

    def pause(self, payload: Mapping[str, Any], attempts: int) -> timedelta:
        """Return the pause that the node's `retry` asks for."""
        said = payload["retry"]
        retry = Retry(first=timedelta(seconds=said["first"]), factor=int(said["factor"]),
                      longest=timedelta(seconds=said["longest"]))  # fmt: skip
        return retry.wait(attempts)

    def _tell(
        self, tx: Transaction, payload: Mapping[str, Any], kind: str, brought: Mapping[str, Any]
    ) -> None:
        instance, token, node = (str(payload[name]) for name in ("instance", "token", "node"))
        self.flows.events(tx).happen(Happened(instance, token, node, kind, None, brought))
