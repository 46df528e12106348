"""Names, types and arguments of an expression against a scope: every mistake, with its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from trellis.expressions import nodes as n
from trellis.expressions import types as t
from trellis.expressions.functions import BUILTINS
from trellis.expressions.functions.table import Builtin
from trellis.expressions.problems import ExpressionProblem
from trellis.expressions.values import kind
from trellis.problems import suggest

_ORDERED = frozenset({"number", "string", "date", "time", "date and time",
                      "days and time duration", "years and months duration"})  # fmt: skip
_BY_KIND = {kind_.name: kind_ for kind_ in (t.NUMBER, t.STRING, t.BOOLEAN, t.DATE, t.TIME,
            t.DATETIME, t.DAYS_TIME, t.YEARS_MONTHS, t.NULL)}  # fmt: skip
_TEMPORAL = {
    "date": ("year", "month", "day", "weekday"),
    "date and time": ("year", "month", "day", "weekday", "hour", "minute", "second",
                      "time offset", "timezone"),
    "time": ("hour", "minute", "second", "time offset", "timezone"),
    "days and time duration": ("days", "hours", "minutes", "seconds"),
    "years and months duration": ("years", "months"),
    "range": ("start", "end", "start included", "end included"),
}  # fmt: skip


def check_node(node: n.Node, scope: t.Scope) -> tuple[t.Type, list[ExpressionProblem]]:
    """Return the type of an expression and its problems."""
    checker = _Checker(scope)
    found = checker.type_of(node)
    return found, checker.problems


@dataclass
class _Checker:
    """Walks one tree; `frames` are the names bound on the way, innermost last."""

    scope: t.Scope
    problems: list[ExpressionProblem] = field(default_factory=list)
    frames: list[dict[str, t.Type]] = field(default_factory=list)
    items: list[tuple[int, t.Type]] = field(default_factory=list)

    def type_of(self, node: n.Node) -> t.Type:
        """Return the type of a node, noting the problems below it."""
        return _CHECKS[type(node)](self, node)

    def report(self, node: n.Node, code: str, message: str, help: str | None = None) -> None:
        """Note a problem at a node."""
        self.problems.append(ExpressionProblem(node.start, node.end, code, message, help))

    def lookup(self, name: str) -> t.Type | None:
        """Return the type of a name in reach: bound, of a filtered item, declared, of the record."""
        for position in range(len(self.frames) - 1, -1, -1):
            if name in self.frames[position]:
                return self.frames[position][name]
            for level, item in self.items:
                known = isinstance(item, t.RecordType | t.ContextType)
                found = property_type(item, name) if level == position and known else None
                if found is not None:
                    return found
        if name in self.scope.names:
            return self.scope.names[name]
        subject = self.scope.subject
        return None if subject is None else subject.property(name)

    def known_names(self) -> list[str]:
        """Return every name in reach, for did-you-mean."""
        names = [name for frame in self.frames for name in frame]
        names += list(self.scope.names)
        if self.scope.subject is not None:
            names += list(self.scope.subject.names())
        return names

    def inside(self, frame: dict[str, t.Type], node: n.Node, item: t.Type | None = None) -> t.Type:
        """Return the type of a node with more names in reach."""
        self.frames.append(frame)
        if item is not None:
            self.items.append((len(self.frames) - 1, item))
        found = self.type_of(node)
        if item is not None:
            self.items.pop()
        self.frames.pop()
        return found


def property_type(base: t.Type, name: str) -> t.Type | None:
    """Return the type of `base.name`, None when there is no such property."""
    if isinstance(base, t.RecordType):
        return base.shape.property(name)
    if isinstance(base, t.ContextType):
        return base.entries.get(name, t.ANY if base.open else None)
    if isinstance(base, t.ListType):
        inner = property_type(base.of, name)
        return None if inner is None else t.ListType(of=inner)
    if base.name in _TEMPORAL:
        return t.ANY if name in _TEMPORAL[base.name] else None
    return t.ANY if base.name in ("any", "null", "context") else None


def _property_names(base: t.Type) -> list[str]:
    if isinstance(base, t.RecordType):
        return list(base.shape.names())
    if isinstance(base, t.ContextType):
        return list(base.entries)
    if isinstance(base, t.ListType):
        return _property_names(base.of)
    return list(_TEMPORAL.get(base.name, ()))


def _literal(c: _Checker, node: n.Literal) -> t.Type:
    return _BY_KIND.get(kind(node.value), t.ANY)


def _name(c: _Checker, node: n.Name) -> t.Type:
    found = c.lookup(node.name)
    if found is not None:
        return found
    c.report(node, "FEEL010", f"`{node.name}` is not known here",
             suggest(node.name, c.known_names()))  # fmt: skip
    return t.ANY


def _path(c: _Checker, node: n.Path) -> t.Type:
    base = c.type_of(node.base)
    found = property_type(base, node.name)
    if found is not None:
        return found
    place = n.Node(node.end - len(node.name), node.end)
    c.report(place, "FEEL011", f"{_words(base)} has no `{node.name}`",
             suggest(node.name, _property_names(base)))  # fmt: skip
    return t.ANY


def _words(kind_: t.Type) -> str:
    if isinstance(kind_, t.RecordType):
        return f"`{kind_.shape.key}`"
    if isinstance(kind_, t.ListType):
        return f"a list of {_words(kind_.of).removeprefix('a ')}"
    return f"a {kind_}"


def _filter(c: _Checker, node: n.Filter) -> t.Type:
    base = c.type_of(node.base)
    element = base.of if isinstance(base, t.ListType) else base
    condition = c.inside({"item": element}, node.condition, element)
    if condition.name not in ("boolean", "number", "any", "null"):
        c.report(node.condition, "FEEL012", f"a filter is a condition or a position, not "
                 f"{_words(condition)}")  # fmt: skip
    if condition.name == "number":
        return element
    return base if isinstance(base, t.ListType) else t.ListType(of=element)


def _call(c: _Checker, node: n.Call) -> t.Type:
    arguments = [c.type_of(argument) for argument in node.arguments]
    function = node.function
    if not isinstance(function, n.Name):
        c.type_of(function)
        return t.ANY
    declared = next((frame[function.name] for frame in c.frames if function.name in frame), None)
    if declared is not None or function.name in c.scope.names:
        return t.ANY
    builtin = BUILTINS.get(function.name)
    if builtin is None:
        c.report(function, "FEEL013", f"there is no function `{function.name}`",
                 suggest(function.name, BUILTINS))  # fmt: skip
        return t.ANY
    _check_arguments(c, node, builtin, arguments)
    return _result(builtin, node, arguments)


def _check_arguments(
    c: _Checker, node: n.Call, builtin: Builtin, arguments: list[t.Type]
) -> None:
    for name in node.names:
        if name not in builtin.parameters:
            c.report(node, "FEEL014", f"`{builtin.name}` has no parameter `{name}`",
                     suggest(name, builtin.parameters))  # fmt: skip
            return
    least, most = builtin.least, len(builtin.parameters)
    if builtin.variadic:
        if not arguments:
            c.report(node, "FEEL015", f"`{builtin.name}` needs a list")
        return
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        c.report(node, "FEEL015", f"`{builtin.name}` takes {wanted} arguments, not "
                 f"{len(arguments)}", f"{builtin.name}({', '.join(builtin.parameters)})")  # fmt: skip
        return
    if node.names:
        return
    for argument, found, wanted_type in zip(node.arguments, arguments, builtin.takes, strict=False):
        if not _fits(found, wanted_type):
            c.report(argument, "FEEL016", f"`{builtin.name}` takes {_words(wanted_type)} here, "
                     f"not {_words(found)}")  # fmt: skip


def _fits(found: t.Type, wanted: t.Type) -> bool:
    loose = ("any", "null")
    if wanted.name in loose or found.name in loose or found.name == wanted.name:
        return True
    return isinstance(found, t.ListType) and _fits(found.of, wanted)


def _result(builtin: Builtin, node: n.Call, arguments: list[t.Type]) -> t.Type:
    first = arguments[0] if arguments else t.ANY
    if builtin.name in ("min", "max", "sum", "mean"):
        return first.of if isinstance(first, t.ListType) else first
    if builtin.name in ("sublist", "reverse", "distinct values", "remove", "append"):
        return first if isinstance(first, t.ListType) else t.ListType(of=first)
    if builtin.name == "abs":
        return first
    literal = node.arguments[0] if node.arguments else None
    if builtin.name == "duration" and isinstance(literal, n.Literal):
        value = builtin.body(literal.value)
        return _BY_KIND.get(kind(value), t.ANY) if value is not None else t.ANY
    return builtin.result


def _binary(c: _Checker, node: n.Binary) -> t.Type:
    left, right = c.type_of(node.left), c.type_of(node.right)
    if node.operator in ("and", "or"):
        for side, found in ((node.left, left), (node.right, right)):
            if found.name not in ("boolean", "any", "null"):
                c.report(side, "FEEL020", f"`{node.operator}` joins conditions, this is "
                         f"{_words(found)}")  # fmt: skip
        return t.BOOLEAN
    if node.operator in ("=", "!="):
        _check_equal(c, node, left, right)
        return t.BOOLEAN
    if node.operator in ("<", "<=", ">", ">="):
        _check_order(c, node, left, right)
        return t.BOOLEAN
    return _arithmetic(c, node, left, right)


def _check_equal(c: _Checker, node: n.Binary, left: t.Type, right: t.Type) -> None:
    if not t.comparable(left, right):
        c.report(node, "FEEL021", f"{_words(left)} is never equal to {_words(right)}")
    for choice, other in ((left, node.right), (right, node.left)):
        _check_choice(c, choice, other)


def _check_choice(c: _Checker, choice: t.Type, other: n.Node) -> None:
    known = isinstance(choice, t.ChoiceType) and choice.values
    if not known or not isinstance(other, n.Literal) or not isinstance(other.value, str):
        return
    if isinstance(choice, t.ChoiceType) and other.value not in choice.values:
        c.report(other, "FEEL022", f'"{other.value}" is none of the options',
                 suggest(other.value, choice.values))  # fmt: skip


def _check_order(c: _Checker, node: n.Binary, left: t.Type, right: t.Type) -> None:
    loose = ("any", "null")
    if left.name in loose or right.name in loose:
        return
    if left.name != right.name or left.name not in _ORDERED:
        c.report(node, "FEEL023", f"`{node.operator}` cannot compare {_words(left)} with "
                 f"{_words(right)}")  # fmt: skip


def _arithmetic(c: _Checker, node: n.Binary, left: t.Type, right: t.Type) -> t.Type:
    loose = ("any", "null")
    if left.name in loose or right.name in loose:
        return t.NUMBER if {left.name, right.name} & {"number"} and node.operator in "*/" else t.ANY
    found = _ARITHMETIC.get((node.operator, left.name, right.name))
    if found is None:
        c.report(node, "FEEL024", f"`{node.operator}` does not take {_words(left)} and "
                 f"{_words(right)}")  # fmt: skip
        return t.ANY
    return found


def _arithmetic_table() -> dict[tuple[str, str, str], t.Type]:
    table = {(op, "number", "number"): t.NUMBER for op in ("+", "-", "*", "/", "**")}
    table["+", "string", "string"] = t.STRING
    for duration in (t.DAYS_TIME, t.YEARS_MONTHS):
        for moment in (t.DATE, t.DATETIME):
            table["+", moment.name, duration.name] = moment
            table["+", duration.name, moment.name] = moment
            table["-", moment.name, duration.name] = moment
        table["+", duration.name, duration.name] = duration
        table["-", duration.name, duration.name] = duration
        table["*", duration.name, "number"] = duration
        table["*", "number", duration.name] = duration
        table["/", duration.name, "number"] = duration
        table["/", duration.name, duration.name] = t.NUMBER
    for a in ("date", "date and time"):
        for b in ("date", "date and time"):
            table["-", a, b] = t.DAYS_TIME
    table["-", "time", "time"] = t.DAYS_TIME
    table["+", "time", "days and time duration"] = t.TIME
    table["-", "time", "days and time duration"] = t.TIME
    return table


_ARITHMETIC = _arithmetic_table()


def _negate(c: _Checker, node: n.Negate) -> t.Type:
    found = c.type_of(node.operand)
    if found.name in ("string", "boolean", "date", "date and time", "list", "record"):
        c.report(node, "FEEL024", f"`-` does not take {_words(found)}")
    return found


def _between(c: _Checker, node: n.Between) -> t.Type:
    value = c.type_of(node.value)
    for bound in (node.low, node.high):
        _check_order(c, n.Binary(bound.start, bound.end, "between"), value, c.type_of(bound))
    return t.BOOLEAN


def _in(c: _Checker, node: n.In) -> t.Type:
    value = c.type_of(node.value)
    for test in node.tests:
        _check_test(c, test, value)
    return t.BOOLEAN


def _check_test(c: _Checker, test: n.Node, value: t.Type) -> None:
    if isinstance(test, n.AnyTest):
        return
    if isinstance(test, n.Test):
        operand = c.inside({"?": value}, test.operand)
        stand_in = n.Binary(test.start, test.end, test.operator)
        check = _check_order if test.operator[0] in "<>" else _check_equal_types
        check(c, stand_in, value, operand)
        return
    found = c.inside({"?": value}, test)
    _check_choice(c, value, test)
    if isinstance(test, n.ListNode):
        for item in test.items:
            _check_choice(c, value, item)
    element = found.of if isinstance(found, t.ListType | t.RangeType) else found
    if element.name == "boolean" or value.name in ("any", "null"):
        return
    if not t.comparable(value, element):
        c.report(test, "FEEL021", f"{_words(value)} is never among {_words(element)}s")


def _check_equal_types(c: _Checker, node: n.Binary, left: t.Type, right: t.Type) -> None:
    if not t.comparable(left, right):
        c.report(node, "FEEL021", f"{_words(left)} is never equal to {_words(right)}")


def _unary_tests(c: _Checker, node: n.UnaryTests) -> t.Type:
    value = c.scope.names.get("?", t.ANY)
    for test in node.tests:
        _check_test(c, test, value)
    return t.BOOLEAN


def _list(c: _Checker, node: n.ListNode) -> t.Type:
    found = [c.type_of(item) for item in node.items]
    same = found and all(item.name == found[0].name for item in found)
    return t.ListType(of=found[0] if same else t.ANY)


def _context(c: _Checker, node: n.ContextNode) -> t.Type:
    entries: dict[str, t.Type] = {}
    for key, value in node.entries:
        if key in entries:
            c.report(value, "FEEL030", f"the entry `{key}` stands twice")
        entries[key] = c.inside(dict(entries), value)
    return t.ContextType(entries=entries)


def _range(c: _Checker, node: n.RangeNode) -> t.Type:
    low, high = c.type_of(node.low), c.type_of(node.high)
    _check_order(c, n.Binary(node.start, node.end, ".."), low, high)
    if isinstance(node.low, n.Literal) and isinstance(node.high, n.Literal) \
            and isinstance(node.low.value, Decimal) and isinstance(node.high.value, Decimal) \
            and node.low.value > node.high.value:  # fmt: skip
        c.report(node, "FEEL031", "the range is empty: it ends before it starts")
    return t.RangeType(of=low)


def _if(c: _Checker, node: n.If) -> t.Type:
    condition = c.type_of(node.condition)
    if condition.name not in ("boolean", "any", "null"):
        c.report(node.condition, "FEEL020", f"`if` asks for a condition, this is "
                 f"{_words(condition)}")  # fmt: skip
    then, otherwise = c.type_of(node.then), c.type_of(node.otherwise)
    if then.name == "null":
        return otherwise
    same = then.name == otherwise.name or otherwise.name == "null"
    return then if same else t.ANY


def _bound(c: _Checker, iterators: tuple[n.Iterator_, ...], body: n.Node, *, partial: bool) -> t.Type:
    for iterator in iterators:
        domain = c.type_of(iterator.domain)
        if iterator.end_of_range is not None:
            c.type_of(iterator.end_of_range)
            element = domain
        else:
            element = domain.of if isinstance(domain, t.ListType | t.RangeType) else domain
        c.frames.append({iterator.name: element})
    if partial:
        c.frames.append({"partial": t.ListType()})
    found = c.type_of(body)
    del c.frames[len(c.frames) - len(iterators) - int(partial) :]
    return found


def _for(c: _Checker, node: n.For) -> t.Type:
    return t.ListType(of=_bound(c, node.iterators, node.body, partial=False))


def _quantified(c: _Checker, node: n.Quantified) -> t.Type:
    found = _bound(c, node.iterators, node.condition, partial=False)
    if found.name not in ("boolean", "any", "null"):
        c.report(node.condition, "FEEL020", f"`satisfies` asks for a condition, this is "
                 f"{_words(found)}")  # fmt: skip
    return t.BOOLEAN


def _function(c: _Checker, node: n.FunctionNode) -> t.Type:
    c.inside(dict.fromkeys(node.parameters, t.ANY), node.body)
    return t.FUNCTION


def _instance(c: _Checker, node: n.InstanceOf) -> t.Type:
    c.type_of(node.value)
    return t.BOOLEAN


_CHECKS: dict[type[n.Node], Callable[[_Checker, Any], t.Type]] = {
    n.Literal: _literal, n.Name: _name, n.Path: _path, n.Filter: _filter, n.Call: _call,
    n.ListNode: _list, n.ContextNode: _context, n.RangeNode: _range, n.Negate: _negate,
    n.Binary: _binary, n.Between: _between, n.In: _in, n.UnaryTests: _unary_tests,
    n.AnyTest: lambda _c, _n: t.BOOLEAN, n.InstanceOf: _instance, n.If: _if, n.For: _for,
    n.Quantified: _quantified, n.FunctionNode: _function,
}  # fmt: skip
