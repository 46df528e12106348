"""Flows: what nodes wait for, catch and throw is named, and may happen where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from cronsim import CronSim, CronSimError
from trellis.metadata.checks.flows import OUTSIDE_ACTIONS
from trellis.metadata.checks.places import at, at_key
from trellis.metadata.hints import hint
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.cycles import interval_of, retry_of
from trellis.metadata.model.flows import Catch, Flow, Node, NodeKind, every_node
from trellis.problems import Problem

#: Any moment from which a cron text may count; only its form is checked.
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_NAMED = ("message", "signal", "error", "escalation", "conditional")
_TRIGGERS: Mapping[NodeKind, tuple[str | None, ...]] = {
    NodeKind.START: (None, "form", "record", "message", "timer", "signal", "conditional"),
    NodeKind.END: (None, "terminate", "error", "escalation", "message", "signal", "compensate"),
    NodeKind.WAIT: ("timer", "message", "signal", "conditional"),
    NodeKind.THROW: ("message", "signal", "escalation", "compensate"),
    NodeKind.SUB: (None, "event"),
}
_INSIDE_EVENT = ("message", "timer", "signal", "error", "escalation", "conditional")
_WAITING = frozenset({NodeKind.TASK, NodeKind.APPROVAL, NodeKind.WAIT, NodeKind.RECEIVE,
                      NodeKind.SUB, NodeKind.CALL})  # fmt: skip
_FAILING = frozenset({NodeKind.SERVICE, NodeKind.RULE, NodeKind.SCRIPT, NodeKind.SEND,
                      NodeKind.CALL, NodeKind.SUB, NodeKind.TASK, NodeKind.APPROVAL})  # fmt: skip


def problems(catalog: Catalog) -> Iterator[Problem]:
    """Yield the problems of the events of every flow."""
    for flow in catalog.flows.values():
        for node, around in every_node(flow.nodes):
            yield from _trigger_problems(node, around)
            for position, catch in enumerate(node.catches):
                yield from _catch_problems(node, catch, position)
            yield from _match_problems(flow, node)
            yield from _time_problems(node, around)


def _trigger_problems(node: Node, around: Node | None) -> Iterator[Problem]:
    known = _TRIGGERS.get(node.kind)
    if node.kind is NodeKind.START and around is not None:
        known = _INSIDE_EVENT if around.trigger == "event" else (None,)
    if known is None:
        if node.kind is NodeKind.RECEIVE and not node.settings.get("message"):
            yield Problem(node.location, "META204", f"node `{node.id}` does not name its message",
                          "add `message:`")  # fmt: skip
        return
    if node.trigger not in known:
        what = f"{node.kind}: {node.trigger}" if node.trigger else f"{node.kind}:"
        shown = ", ".join(f"`{one}`" if one else "nothing" for one in known)
        yield Problem(at_key(node, str(node.kind)), "META166",
                      f"`{what}` is nothing that a node can do here",
                      hint(str(node.trigger), [one for one in known if one])
                      or f"known are {shown}")  # fmt: skip
    elif node.trigger in _NAMED and node.settings.get(node.trigger) in (None, ""):
        yield Problem(node.location, "META204",
                      f"node `{node.id}` does not name its {_word(node.trigger)}",
                      f"add `{node.trigger}:`")  # fmt: skip


def _word(trigger: str) -> str:
    return "condition" if trigger == "conditional" else trigger


def _catch_problems(node: Node, catch: Catch, position: int) -> Iterator[Problem]:
    if catch.kind == "none":
        return
    multi = "multi" in node.settings
    outside = node.kind is NodeKind.SERVICE and node.action in OUTSIDE_ACTIONS
    fits = node.kind in _WAITING or multi or outside
    if catch.kind == "error":
        fits = node.kind in _FAILING
    if catch.kind == "escalation":
        fits = node.kind in (NodeKind.SUB, NodeKind.CALL)
    if not fits and catch.kind in ("error", "escalation"):
        yield Problem(catch.location, "META205", f"nothing in `{node.id}` raises an {catch.kind}",
                      "catch it around a `sub`, or leave it out")  # fmt: skip
    elif not fits:
        yield Problem(catch.location, "META205",
                      f"nothing of `{node.id}` lasts until a {_word(catch.kind)} could come",
                      "catch it around a `sub`, or leave it out")  # fmt: skip
    if catch.value in (None, "") and catch.kind != "timer":
        yield Problem(at(node, "catch", position), "META204",
                      f"a boundary event of `{node.id}` does not name its {_word(catch.kind)}",
                      f"write `{catch.kind}: name`")  # fmt: skip
    if catch.kind == "error" and catch.keep:
        yield Problem(catch.location, "META206",
                      "an error ends what it happens in, so nothing can be kept",
                      "leave out `keep`")  # fmt: skip


def _match_problems(flow: Flow, node: Node) -> Iterator[Problem]:
    """Yield a warning for messages that any instance of the flow would take."""
    waits = node.kind is NodeKind.RECEIVE or (
        node.kind is NodeKind.WAIT and node.trigger == "message"
    )
    places = [node.location] if waits and "match" not in node.settings else []
    places += [catch.location for catch in node.catches
               if catch.kind == "message" and catch.match is None]  # fmt: skip
    for place in places:
        yield Problem(place, "META220",
                      f"the message of `{node.id}` does not say which instance it means",
                      "add `match:`, for example `msg.number = record.number`; without it the "
                      "message's `key` is the record's id, and without a key anybody's",
                      severity="warning")  # fmt: skip


def _time_problems(node: Node, around: Node | None) -> Iterator[Problem]:
    waits = node.kind is NodeKind.WAIT and node.trigger == "timer"
    inside = around is not None and node.kind is NodeKind.START and node.trigger == "timer"
    if (waits or inside) and not node.settings.get("timer"):
        yield Problem(node.location, "META031", f"node `{node.id}` does not say how long it waits",
                      "add `timer:`, for example `timer: 2d`")  # fmt: skip
    if node.kind is NodeKind.START and node.trigger == "timer" and around is None:
        cycle = node.settings.get("cycle")
        if not isinstance(cycle, str) or not _is_cycle(cycle):
            yield Problem(at(node, "cycle"), "META219", f"`{cycle}` does not say how often",
                          "write `30m`, `1d`, or a cron text such as `0 9 * * 1-5`")  # fmt: skip
    if "retry" in node.settings and retry_of(node.settings["retry"]) is None:
        yield Problem(at(node, "retry"), "META218", f"`retry` of `{node.id}` is not understood",
                      "write `retry: {times: 3, backoff: 10s x2 max 5m}`")  # fmt: skip
    if "retry" in node.settings and node.action not in OUTSIDE_ACTIONS:
        yield Problem(at_key(node, "retry"), "META218",
                      f"`{node.action or node.kind}` is done with its step and never tried again",
                      "leave `retry` out; an error is caught with `catch`")  # fmt: skip
    ttl = node.settings.get("ttl")
    if ttl is not None and (not isinstance(ttl, str) or interval_of(ttl) is None):
        yield Problem(at(node, "ttl"), "META173", f"`{ttl}` is not a duration",
                      "write `30m`, `4h` or `2d`")  # fmt: skip


def _is_cycle(text: str) -> bool:
    if interval_of(text) is not None:
        return True
    try:
        CronSim(text, _SOME_DAY)
    except CronSimError:
        return False
    return True
