"""Why an expression has the value it has: each part with its values, and what went wrong where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions.bindings import Root, Typed
from trellis.expressions.limits import MAX_TRACE
from trellis.expressions.values import kind


@dataclass(frozen=True)
class Step:
    """A part of the expression: its place, its text and the values it had, in order."""

    start: int
    end: int
    text: str
    values: tuple[Any, ...]
    warning: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Trace:
    """The value of an expression and how it came about."""

    text: str
    value: Any
    step: Step
    limit: str | None = None

    @property
    def warnings(self) -> tuple[Step, ...]:
        """Return the parts where something went wrong, innermost first."""
        found: list[Step] = []
        pending = [self.step]
        while pending:
            step = pending.pop()
            pending.extend(step.steps)
            if step.warning is not None:
                found.append(step)
        return tuple(reversed(found))


class Recorder:
    """Takes the values of nodes while the traced code runs."""

    def __init__(self) -> None:
        self.values: dict[int, list[Any]] = {}
        self._left = MAX_TRACE

    def __call__(self, number: int, value: Any) -> None:
        """Keep a value of the node with a number."""
        if self._left > 0:
            self._left -= 1
            self.values.setdefault(number, []).append(value)


def make_trace(
    typed: Typed, text: str, context: Mapping[str, Any], recorder: Recorder, value: Any,
    limit: str | None,
) -> Trace:  # fmt: skip
    """Return the trace of an evaluation."""
    numbers = {node: index for index, node in enumerate(n.walk(typed.tree))}
    values = {node: recorder.values.get(index, []) for node, index in numbers.items()}
    return Trace(text, value, _step(typed, text, context, typed.tree, values), limit)


def _step(
    typed: Typed, text: str, context: Mapping[str, Any], node: n.Node,
    values: Mapping[n.Node, Sequence[Any]],
) -> Step:  # fmt: skip
    found = values[node]
    warning = _warning(typed, context, node, values) if found and found[-1] is None else None
    below = tuple(
        _step(typed, text, context, child, values)
        for child in n.children(node)
        if values[child] or any(values[part] for part in n.walk(child))
    )
    return Step(node.start, node.end, text[node.start : node.end], tuple(found), warning, below)


def _warning(
    typed: Typed, context: Mapping[str, Any], node: n.Node, values: Mapping[n.Node, Sequence[Any]]
) -> str | None:
    """Say why a node is null; None where null is what the data say, or a part said it already."""
    if isinstance(node, n.Name):
        binding = typed.bindings.get(node)
        if isinstance(binding, Root) and binding.name not in context:
            return f"there is no `{binding.name}` in the context"
        return None
    parts = [values[child][-1] for child in n.children(node) if values[child]]
    kinds = [kind(part) for part in parts]
    if isinstance(node, n.Call):
        name = node.function.name if isinstance(node.function, n.Name) else "the function"
        if name in ("now", "today") and not parts:
            return "nobody said what time it is"
        return f"`{name}` gives null for {_kinds(kinds)}"
    if "null" in kinds:
        return None
    if isinstance(node, n.Arithmetic):
        return f"`{node.operator}` gives null for {_kinds(kinds)}"
    if isinstance(node, n.Compare):
        return f"`{node.operator}` cannot compare {_kinds(kinds)}"
    if isinstance(node, n.Path) and kinds and kinds[0] != "context":
        return f"a {kinds[0]} has no `{node.name}`"
    return None


def _kinds(kinds: Sequence[str]) -> str:
    return " and ".join(f"a {of}" if of != "null" else "null" for of in kinds) or "no values"
