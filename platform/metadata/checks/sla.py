"""The `sla:` of nodes: steps that can be done, of work that can be late."""

from __future__ import annotations

from collections.abc import Iterator

from trellis.metadata.checks.places import at, at_key
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.flows import Node, NodeKind
from trellis.problems import Problem

#: What is done with a vote alone.
_OF_SEATS = frozenset({"escalate", "approve", "reject"})


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of every node's `sla`."""
    for flow in catalog.flows.values():
        for node in flow.nodes.values():
            yield from _node_problems(catalog, node)


def _node_problems(catalog: Catalog, node: Node) -> Iterator[Problem]:
    sla = node.settings.get("sla")
    if not isinstance(sla, dict):
        return
    for name in ("pause_in",):
        if name in sla:
            yield Problem(at_key(node, "sla", name), "META167",
                          f"`sla.{name}` of node `{node.id}` is understood but not run yet",
                          "leave it out")  # fmt: skip
    calendar, clock = sla.get("calendar"), sla.get("clock", "seat")
    if calendar is not None and calendar not in catalog.calendars:
        yield Problem(at(node, "sla", "calendar"), "META174",
                      f"there is no calendar `{calendar}`",
                      hint(str(calendar), catalog.calendars))  # fmt: skip
    if clock not in ("seat", "node"):
        yield Problem(at(node, "sla", "clock"), "META250", f"`{clock}` is no clock of an `sla`",
                      "write `seat` or `node`")  # fmt: skip
    for step in node.sla:
        if step.after_due is not None and sla.get("due") is None:
            yield Problem(
                step.location,
                "META250",
                f"`then` of node `{node.id}` follows no `due`",
                "add `due: 8bh`",
            )
        if step.action in _OF_SEATS and node.kind is not NodeKind.APPROVAL:
            yield Problem(step.location, "META250",
                          f"`{step.action}` decides votes, and node `{node.id}` is no approval",
                          "use `notify`, `remind` or `transfer`")  # fmt: skip
