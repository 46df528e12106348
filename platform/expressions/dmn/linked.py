"""Models that use each other, linked: imports, requirements and types resolved, texts compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trellis.expressions.compiled import Expression, compile_untyped
from trellis.expressions.dmn import model as m
from trellis.expressions.dmn.boxed import place_in
from trellis.expressions.dmn.item_types import (
    ItemType,
    Test,
    TypeTable,
    component_names,
    guarded,
)
from trellis.expressions.dmn.tables import RunnableTable, compile_dmn_table
from trellis.expressions.known_names import is_simple
from trellis.expressions.problems import ExpressionProblemsError
from trellis.problems import Location, Problem, ProblemsFoundError, suggest

_MOST_KEPT = 10_000


@dataclass
class Unit:
    """One model with what it imports and the texts compiled so far."""

    model: m.Model
    types: TypeTable
    #: Namespace → the name under which the model sees it.
    import_names: Mapping[str, str]
    names: frozenset[str]
    _texts: dict[tuple[str, Location, frozenset[str], bool], Expression | None] = field(
        default_factory=dict
    )
    _tables: dict[tuple[int, frozenset[str]], RunnableTable | None] = field(default_factory=dict)
    #: What is wrong with the texts, found when they were compiled.
    problems: dict[tuple[Location, str], Problem] = field(default_factory=dict)

    def compiled(self, text: m.Literal, names: frozenset[str], *, unary: bool) -> Expression | None:
        """Return a text compiled where `names` of several words are known, None when it is none."""
        key = (text.text, text.location, names, unary)
        if key not in self._texts:
            if len(self._texts) >= _MOST_KEPT:
                self._texts.clear()
            self._texts[key] = self._compile(text, names, unary=unary)
        return self._texts[key]

    def _compile(self, text: m.Literal, names: frozenset[str], *, unary: bool) -> Expression | None:
        try:
            return compile_untyped(
                text.text, self.names | names, unary=unary, types=self.types.feel_types()
            )
        except ExpressionProblemsError as error:
            for found in error.problems:
                place = place_in(text, found.start)
                self.problems[place, found.message] = Problem(
                    place, found.code, found.message, found.help
                )
            return None

    def table(
        self, box: m.DecisionTable, names: frozenset[str], result: ItemType
    ) -> RunnableTable | None:
        """Return a decision table compiled."""
        key = (id(box), names)
        if key not in self._tables:
            if len(self._tables) >= _MOST_KEPT:
                self._tables.clear()
            self._tables[key] = compile_dmn_table(
                box, lambda text, unary: self.compiled(text, names, unary=unary),
                self.types.get, self.test, result,
            )  # fmt: skip
        return self._tables[key]

    def test(self, text: m.Literal) -> Test:
        """Return allowed values as a test of one value."""

        def holds(value: object) -> bool | None:
            made = self.compiled(text, frozenset(), unary=True)
            return None if made is None else made({"?": value})

        return guarded(holds)


@dataclass(frozen=True)
class Linked:
    """Models by namespace; the first one is where names are looked up first."""

    units: Mapping[str, Unit]

    def node(self, key: m.Key) -> m.Node:
        """Return an element."""
        return self.units[key[0]].model.nodes[key[1]]


def link(models: Sequence[m.Model]) -> Linked:
    """Return the models linked; raise ProblemsFoundError with everything that leads nowhere."""
    by_namespace: dict[str, m.Model] = {}
    problems: list[Problem] = []
    for one in models:
        if one.namespace in by_namespace:
            problems.append(
                Problem(Location(one.file), "DMN004", f"the namespace `{one.namespace}` is that of "
                        f"`{by_namespace[one.namespace].file}` too")
            )  # fmt: skip
        by_namespace[one.namespace] = one
    problems += _import_problems(by_namespace)
    if not problems:
        problems += [*_reference_problems(by_namespace), *_cycle_problems(by_namespace)]
    if problems:
        raise ProblemsFoundError(problems)
    linked = Linked(_units(by_namespace))
    unknown = list(_type_problems(linked))
    if unknown:
        raise ProblemsFoundError(unknown)
    return linked


def _import_problems(models: Mapping[str, m.Model]) -> Iterator[Problem]:
    for model in models.values():
        for one in model.imports:
            if one.namespace not in models:
                yield Problem(one.location, "DMN005", f"the imported model `{one.namespace}` is "
                              "not among the files", "give its file too")  # fmt: skip
    for start in models:
        if _reaches(models, start, start):
            yield Problem(Location(models[start].file), "DMN006",
                          f"`{models[start].name}` imports itself, through others")  # fmt: skip


def _reaches(models: Mapping[str, m.Model], start: str, goal: str) -> bool:
    seen: set[str] = set()
    pending = [start]
    while pending:
        for one in models[pending.pop()].imports:
            if one.namespace == goal:
                return True
            if one.namespace in models and one.namespace not in seen:
                seen.add(one.namespace)
                pending.append(one.namespace)
    return False


def _required(node: m.Node) -> tuple[m.Key, ...]:
    if isinstance(node, m.InputData):
        return ()
    if isinstance(node, m.Service):
        return (*node.outputs, *node.encapsulated, *node.parameters)
    return node.requires


def _reference_problems(models: Mapping[str, m.Model]) -> Iterator[Problem]:
    for model in models.values():
        seen = {model.namespace, *(one.namespace for one in model.imports)}
        for node in model.nodes.values():
            for namespace, identity in _required(node):
                where = models.get(namespace)
                if namespace not in seen or where is None:
                    yield Problem(node.location, "DMN007", f"`{node.name}` requires `{identity}` "
                                  f"of `{namespace}`, which is not imported")  # fmt: skip
                elif identity not in where.nodes:
                    yield Problem(node.location, "DMN007", f"`{node.name}` requires `{identity}`, "
                                  "which is not there", suggest(identity, where.nodes))  # fmt: skip


def _cycle_problems(models: Mapping[str, m.Model]) -> Iterator[Problem]:
    """Name each circle of requirements once."""
    state: dict[m.Key, bool] = {}
    nodes = {node.key: node for model in models.values() for node in model.nodes.values()}
    for start in nodes:
        if start in state:
            continue
        state[start] = True
        trail = [start]
        pending = [iter(_required(nodes[start]))]
        while pending:
            following = next(pending[-1], None)
            if following is None:
                pending.pop()
                state[trail.pop()] = False
            elif following not in nodes:
                continue
            elif following not in state:
                state[following] = True
                trail.append(following)
                pending.append(iter(_required(nodes[following])))
            elif state[following]:
                circle = [*trail[trail.index(following) :], following]
                words = " → ".join(f"`{nodes[key].name}`" for key in circle)
                yield Problem(nodes[following].location, "DMN008",
                              f"the requirements go round in a circle: {words}")  # fmt: skip


def _units(models: Mapping[str, m.Model]) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    names = {
        name
        for model in models.values()
        for name in _declared(model)
        if not is_simple(name)
    }  # fmt: skip

    def make(namespace: str) -> Unit:
        if namespace not in units:
            model = models[namespace]
            imported = {one.name: make(one.namespace).types for one in model.imports}
            # The table's tests are compiled by the unit that holds the table.
            table = TypeTable(model, imported, lambda text: units[namespace].test(text))
            import_names = {one.namespace: one.name for one in model.imports}
            units[namespace] = Unit(model, table, import_names, frozenset(names))
        return units[namespace]

    for namespace in models:
        make(namespace)
    return {namespace: units[namespace] for namespace in models}


def _declared(model: m.Model) -> Iterator[str]:
    """Yield the names that paths may hold: components of types, outputs and columns, types."""
    yield from component_names(model.items)
    for one in model.imports:
        yield one.name
    for item in model.items:
        yield item.name


def _type_problems(linked: Linked) -> Iterator[Problem]:
    for unit in linked.units.values():
        known = [*(item.name for item in unit.model.items), "number", "string", "boolean"]
        places: list[tuple[str | None, Location]] = [
            (node.type_name, node.location) for node in unit.model.nodes.values()
        ]
        places += [(item.type_name, item.location) for item in _items(unit.model.items)]
        for name, location in places:
            if unit.types.find(name) is None:
                yield Problem(
                    location, "DMN009", f"there is no type `{name}`", suggest(name or "", known)
                )


def _items(items: tuple[m.ItemDefinition, ...]) -> Iterator[m.ItemDefinition]:
    for item in items:
        yield item
        yield from _items(item.components)
