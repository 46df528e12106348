"""XML → boxed expressions (DMN 1.5, 10.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trellis.expressions.dmn import model as m
from trellis.problems import Location, Problem
from trellis.xml_source import Element

#: The languages whose texts are FEEL: each version of the standard has an address of its own.
_FEEL = ("feel", "FEEL")
_AGGREGATIONS = {"SUM": "C+", "MIN": "C<", "MAX": "C>", "COUNT": "C#"}
_POLICIES = {
    "UNIQUE": "U", "FIRST": "F", "PRIORITY": "P", "ANY": "A", "COLLECT": "C", "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
}  # fmt: skip


class BoxedReader:
    """Reads the expressions of one file and notes what is wrong and what is not run."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def inside(self, parent: Element, what: str) -> m.Boxed:
        """Return the expression inside an element; none at all is a null that is noted."""
        for child in parent.all():
            if child.name in _READERS:
                return _READERS[child.name](self, child)
        return self.not_executed(parent, f"{what} has no expression")

    def not_executed(self, element: Element, what: str) -> m.NotExecuted:
        """Note something that is kept and not run."""
        self.notes.append(
            Problem(element.location, "DMN020", f"{what}: its value is null", severity="note")
        )
        return m.NotExecuted(what, element.location)

    def refuse(self, element: Element, message: str, how: str | None = None) -> None:
        """Note a mistake."""
        self.problems.append(Problem(element.location, "DMN003", message, how))

    def literal(self, element: Element) -> m.Boxed:
        """Return a literal expression."""
        language = element.get("expressionLanguage")
        if language is not None and not _is_feel(language):
            return self.not_executed(element, f"the expression language `{language}` is not FEEL")
        if element.find("importedValues") is not None:
            return self.not_executed(element, "values imported from another file are not read")
        text = element.find("text")
        if text is None or not text.text.strip():
            return self.not_executed(element, "the expression is empty")
        return _text(text, type_name(element))

    def table(self, element: Element) -> m.DecisionTable:
        """Return a decision table."""
        policy = element.get("hitPolicy") or "UNIQUE"
        hit = _POLICIES.get(policy)
        aggregation = element.get("aggregation")
        if hit is None:
            self.refuse(element, f"`{policy}` is no hit policy", ", ".join(_POLICIES))
        if hit == "C" and aggregation is not None:
            hit = _AGGREGATIONS.get(aggregation)
            if hit is None:
                self.refuse(element, f"`{aggregation}` is no aggregation", "SUM, MIN, MAX or COUNT")
        inputs = tuple(self._input(child) for child in element.all("input"))
        outputs = tuple(self._output(child) for child in element.all("output"))
        if not outputs:
            self.refuse(element, "the decision table has no output")
        rows = tuple(
            self._row(child, number, len(inputs), len(outputs))
            for number, child in enumerate(element.all("rule"), 1)
        )
        return m.DecisionTable(hit or "U", inputs, outputs, rows, element.location)

    def _input(self, element: Element) -> m.Column:
        inner = element.find("inputExpression")
        if inner is None:
            self.refuse(element, "the input has no expression")
            return m.Column("", element.location)
        made = self.literal(inner)
        expression = made if isinstance(made, m.Literal) else None
        allowed = element.find("inputValues")
        return m.Column(element.get("label") or "", element.location, expression, type_name(inner),
                        inner_text(allowed))  # fmt: skip

    def _output(self, element: Element) -> m.Column:
        default = element.find("defaultOutputEntry")
        made = None if default is None else self.literal(default)
        return m.Column(
            element.get("name") or "",
            element.location,
            type_name=type_name(element),
            allowed=inner_text(element.find("outputValues")),
            default=made if isinstance(made, m.Literal) else None,
        )

    def _row(self, element: Element, number: int, inputs: int, outputs: int) -> m.TableRow:
        tests = tuple(_cell(child) for child in element.all("inputEntry"))
        results = tuple(_cell(child) for child in element.all("outputEntry"))
        for found, wanted, what in ((tests, inputs, "input"), (results, outputs, "output")):
            if len(found) != wanted:
                self.refuse(element, f"rule {number} has {len(found)} {what} entries, the table "
                            f"has {wanted} {what}s")  # fmt: skip
        return m.TableRow(element.get("id") or str(number), tests, results)

    def context(self, element: Element) -> m.BoxedContext:
        """Return a boxed context."""
        entries = []
        for child in element.all("contextEntry"):
            variable = child.find("variable")
            name = None if variable is None else variable.get("name")
            of = None if variable is None else type_name(variable)
            entries.append(m.Entry(name, self.inside(child, "the entry"), of))
        return m.BoxedContext(tuple(entries))

    def invocation(self, element: Element) -> m.Invocation:
        """Return an invocation."""
        bindings = []
        for child in element.all("binding"):
            parameter = child.find("parameter")
            if parameter is None or not parameter.get("name"):
                self.refuse(child, "the binding names no parameter")
                continue
            value = self.inside(child, "the binding")
            bindings.append(m.Entry(parameter.get("name"), value, type_name(parameter)))
        return m.Invocation(self.inside(element, "the invocation"), tuple(bindings))

    def relation(self, element: Element) -> m.Relation:
        """Return a relation."""
        columns = tuple(column.get("name") or "" for column in element.all("column"))
        rows = []
        for row in element.all("row"):
            cells = self._several(row)
            if len(cells) != len(columns):
                self.refuse(row, f"the row has {len(cells)} cells, the relation {len(columns)} "
                            "columns")  # fmt: skip
            rows.append(cells)
        return m.Relation(columns, tuple(rows))

    def list(self, element: Element) -> m.BoxedList:
        """Return a boxed list."""
        return m.BoxedList(self._several(element))

    def _several(self, element: Element) -> tuple[m.Boxed, ...]:
        return tuple(
            _READERS[child.name](self, child) for child in element.all() if child.name in _READERS
        )

    def function(self, element: Element) -> m.Boxed:
        """Return a function definition; Java and PMML are kept and not run."""
        kind = element.get("kind") or "FEEL"
        if kind != "FEEL":
            return self.not_executed(element, f"a {kind} function is not run")
        return m.FunctionDefinition(
            parameters(element), self.inside(element, "the function"), type_name(element)
        )

    def conditional(self, element: Element) -> m.Boxed:
        """Return a boxed `if`."""
        parts = [self._part(element, name) for name in ("if", "then", "else")]
        return m.Conditional(*parts)

    def filter(self, element: Element) -> m.BoxedFilter:
        """Return a boxed filter."""
        return m.BoxedFilter(self._part(element, "in"), self._part(element, "match"))

    def iterator(self, element: Element) -> m.Iterator:
        """Return a boxed `for`, `some` or `every`."""
        variable = element.get("iteratorVariable")
        if not variable:
            self.refuse(element, f"`{element.name}` names no iterator variable")
        body = "return" if element.name == "for" else "satisfies"
        return m.Iterator(element.name, variable or "item", self._part(element, "in"),
                          self._part(element, body))  # fmt: skip

    def _part(self, element: Element, name: str) -> m.Boxed:
        part = element.find(name)
        if part is None:
            self.refuse(element, f"`{element.name}` has no `{name}`")
            return m.NotExecuted(f"`{name}` is missing", element.location)
        return self.inside(part, f"`{name}`")


def type_name(element: Element) -> str | None:
    """Return the type that an element refers to, without the prefix that DMN 1.1 wrote."""
    found = element.get("typeRef")
    if found is None or not found.strip():
        return None
    text = found.strip().rpartition("}")[2]
    prefix, colon, rest = text.partition(":")
    return rest if colon and prefix.isidentifier() else text


def parameters(element: Element) -> tuple[m.Parameter, ...]:
    """Return the formal parameters of a function."""
    return tuple(m.Parameter(child.get("name") or "", type_name(child))
                 for child in element.all("formalParameter"))  # fmt: skip


def _is_feel(language: str) -> bool:
    return language.rstrip("/").rpartition("/")[2] in _FEEL


def inner_text(element: Element | None) -> m.Literal | None:
    """Return the FEEL text of allowed values and constraints."""
    text = None if element is None else element.find("text")
    return None if text is None or not text.text.strip() else _text(text, None)


def _text(text: Element, of: str | None) -> m.Literal:
    return m.Literal(text.text, text.text_location or text.location, of)


def _cell(element: Element) -> m.Literal:
    text = element.find("text")
    if text is None or not text.text.strip():
        return m.Literal("-", element.location)
    return _text(text, type_name(element))


_Reader = Callable[[BoxedReader, Element], m.Boxed]
_READERS: Mapping[str, _Reader] = {
    "literalExpression": BoxedReader.literal, "decisionTable": BoxedReader.table,
    "context": BoxedReader.context, "invocation": BoxedReader.invocation,
    "relation": BoxedReader.relation, "list": BoxedReader.list,
    "functionDefinition": BoxedReader.function, "conditional": BoxedReader.conditional,
    "filter": BoxedReader.filter, "for": BoxedReader.iterator, "some": BoxedReader.iterator,
    "every": BoxedReader.iterator,
}  # fmt: skip


def place_in(text: m.Literal, position: int) -> Location:
    """Return where a character of a FEEL text stands in its file."""
    before = text.text[:position]
    line = before.count("\n")
    column = position - (before.rfind("\n") + 1)
    start = text.location
    return Location(start.file, start.line + line, column + (start.column if line == 0 else 1))
