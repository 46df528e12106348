"""Opens DMN files and evaluates what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from trellis.clock import Clock, SystemClock
from trellis.expressions.dmn import model as m
from trellis.expressions.dmn.linked import Linked, Unit, link
from trellis.expressions.dmn.read import read_model
from trellis.expressions.dmn.run import Run
from trellis.expressions.problems import StepLimitError
from trellis.problems import Problem, suggest


@dataclass(frozen=True)
class Answer:
    """What a decision is, and why it or a part of it is null."""

    value: Any
    warnings: tuple[str, ...]


class DecisionModel:
    """Decision models that are ready to be evaluated."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    @property
    def decisions(self) -> tuple[str, ...]:
        """Return the names of the first model's decisions, in the order of the file."""
        first = next(iter(self._linked.units.values())).model
        return tuple(n.name for n in first.nodes.values() if isinstance(n, m.Decision))

    @property
    def services(self) -> tuple[str, ...]:
        """Return the names of the first model's decision services."""
        first = next(iter(self._linked.units.values())).model
        return tuple(n.name for n in first.nodes.values() if isinstance(n, m.Service))

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with texts of the models, and what is kept but not run.

        A decision that needs such a part is null; everything else runs.
        """
        found: list[Problem] = []
        for unit in self._linked.units.values():
            for text, unary in _texts(unit):
                unit.compiled(text, _names(unit), unary=unary)
            found += [*unit.model.notes, *unit.problems.values()]
        return tuple(sorted(set(found)))

    def evaluate(
        self, decision: str, inputs: Mapping[str, Any], *, clock: Clock | None = None
    ) -> Any:
        """Return the value of a decision or decision service, by its name or id.

        `inputs` are the values of input data by name; those of imported models stand under the
        import's name. A name of a decision there replaces it. Raises KeyError for a decision that
        there is not.
        """
        return self.explain(decision, inputs, clock=clock).value

    def explain(
        self, decision: str, inputs: Mapping[str, Any], *, clock: Clock | None = None
    ) -> Answer:
        """Return the value as `evaluate` does, with the reasons for what is null."""
        node = self._find(decision)
        replaced = {name: value for name, value in inputs.items() if name != node.name}
        run = Run(self._linked, replaced, (clock or SystemClock()).now())
        try:
            value = self._value(run, node)
        except StepLimitError as error:
            run.warn(str(error))
            value = None
        return Answer(value, tuple(run.warnings))

    def _value(self, run: Run, node: m.Node) -> Any:
        if not isinstance(node, m.Service):
            return run.value(node.key)
        names = [self._linked.node(key).name for key in node.parameters]
        for name in names:
            if name not in run.given:
                run.warn(f"no value is given for `{name}`")
        values = [run.given.get(name) for name in names]
        return run.serve(self._linked.units[node.key[0]], node, (), values)

    def _find(self, name: str) -> m.Node:
        for unit in self._linked.units.values():
            found = unit.model.named(name)
            if found is not None:
                return found
        known = [node.name for unit in self._linked.units.values()
                 for node in unit.model.nodes.values()]  # fmt: skip
        raise KeyError(f"there is no decision `{name}`; {suggest(name, known) or ''}")


def load(paths: str | PathLike[str] | Iterable[str | PathLike[str]]) -> DecisionModel:
    """Return the models of one or more DMN files; names are looked up in the first one first.

    Raises ProblemsFoundError with everything that is wrong: no XML, a document type, an unknown
    version, requirements that lead nowhere or round in a circle.
    """
    several = [paths] if isinstance(paths, str | PathLike) else list(paths)
    return load_texts({str(path): Path(path).read_bytes() for path in several})


def load_texts(files: Mapping[str, bytes]) -> DecisionModel:
    """Return the models of files that are in memory, by name."""
    return DecisionModel(link([read_model(data, file=name) for name, data in files.items()]))


def _names(unit: Unit) -> frozenset[str]:
    """Return the names that may stand in texts of a model, wherever they are in scope."""
    found = {node.name for node in unit.model.nodes.values()}
    for box in _boxes(unit):
        if isinstance(box, m.FunctionDefinition):
            found |= {parameter.name for parameter in box.parameters}
        elif isinstance(box, m.BoxedContext):
            found |= {entry.name for entry in box.entries if entry.name}
        elif isinstance(box, m.Iterator):
            found.add(box.variable)
        elif isinstance(box, m.Relation):
            found |= set(box.columns)
        elif isinstance(box, m.DecisionTable):
            found |= {column.name for column in box.outputs if column.name}
    return frozenset(found)


def _texts(unit: Unit) -> Iterator[tuple[m.Literal, bool]]:
    for box in _boxes(unit):
        if isinstance(box, m.Literal):
            yield box, False
        elif isinstance(box, m.DecisionTable):
            for column in (*box.inputs, *box.outputs):
                for text in (column.expression, column.default):
                    if text is not None:
                        yield text, False
            for row in box.rows:
                yield from ((test, True) for test in row.tests if test.text.strip() != "-")
                yield from ((result, False) for result in row.results)


def _boxes(unit: Unit) -> Iterator[m.Boxed]:
    pending: list[m.Boxed] = [
        node.logic
        for node in unit.model.nodes.values()
        if isinstance(node, m.Decision | m.KnowledgeModel)
    ]
    while pending:
        box = pending.pop()
        yield box
        pending.extend(_parts(box))


def _parts(box: m.Boxed) -> Iterator[m.Boxed]:
    match box:
        case m.BoxedContext(entries=entries) | m.Invocation(bindings=entries):
            yield from (entry.value for entry in entries)
            if isinstance(box, m.Invocation):
                yield box.function
        case m.Relation(rows=rows):
            for row in rows:
                yield from row
        case m.BoxedList(items=items):
            yield from items
        case m.FunctionDefinition(body=body):
            yield body
        case m.Conditional(condition=a, then=b, otherwise=c):
            yield from (a, b, c)
        case m.Iterator(domain=a, body=b) | m.BoxedFilter(source=a, match=b):
            yield from (a, b)
        case _:
            return
