"""Compiled expressions: parsed, checked and generated once per text and scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from trellis.clock import Clock, SystemClock
from trellis.expressions import nodes as n
from trellis.expressions.bindings import Typed
from trellis.expressions.check import check_tree
from trellis.expressions.check_result import result_problems
from trellis.expressions.free_paths import free_paths
from trellis.expressions.functions import MULTI_WORD_NAMES
from trellis.expressions.functions.moments import NOW
from trellis.expressions.known_names import KnownNames, is_simple, known_names
from trellis.expressions.loops import needs_budget
from trellis.expressions.parse import parse
from trellis.expressions.problems import (
    STEPS,
    ExpressionLimitError,
    ExpressionProblem,
    ExpressionProblemsError,
    ExpressionSyntaxError,
    StepLimitError,
)
from trellis.expressions.runtime import Budget
from trellis.expressions.to_json import to_json
from trellis.expressions.to_python import Compiled, compile_python
from trellis.expressions.to_sql.ports import SqlSubject
from trellis.expressions.to_sql.writer import SqlExpression, sql_value, to_sql
from trellis.expressions.trace import Recorder, Trace, make_trace
from trellis.expressions.types import NO_TYPES, ContextType, Scope, Type

#: What values of undeclared types may raise in code that trusts the declarations.
_BROKEN_TRUST = (TypeError, AttributeError, ArithmeticError, ValueError)
_MOST_KEPT = 4_096
_ALWAYS_KNOWN = frozenset(
    {*MULTI_WORD_NAMES, "date and time", "days and time duration", "years and months duration",
     "time offset", "start included", "end included"}
)  # fmt: skip


class Expression:
    """An expression ready to be evaluated.

    The fast code trusts the declared types. Where a value has another type, the careful code is
    compiled and gives FEEL's answer, which is null for what does not fit.
    """

    __slots__ = ("_careful", "_fast", "_names", "_needs_budget", "text", "typed")

    def __init__(self, text: str, typed: Typed) -> None:
        self.text = text
        self.typed = typed
        self._fast: Compiled | None = None
        self._careful: Compiled | None = None
        self._needs_budget = needs_budget(typed)
        self._names: frozenset[tuple[str, ...]] | None = None

    def __call__(self, context: Mapping[str, Any]) -> Any:
        """Return the value for the names in `context`; an error, a limit too, is None."""
        try:
            return self.value(context)
        except StepLimitError:
            return None

    def value(self, context: Mapping[str, Any]) -> Any:
        """Return the value as `__call__` does, but let StepLimitError through."""
        fast = self._fast
        if fast is None:
            fast = self._fast = compile_python(self.typed)
        try:
            return fast(context, Budget() if self._needs_budget else None)
        except _BROKEN_TRUST:
            if self._careful is None:
                self._careful = compile_python(self.typed, trust=False)
            return self._careful(context, Budget())

    def explain(self, context: Mapping[str, Any]) -> Trace:
        """Return the value with the values of all parts, and what went wrong where."""
        recorder = Recorder()
        traced = compile_python(self.typed, trust=False, record=recorder)
        value, limit = None, None
        try:
            value = traced(context, Budget())
        except StepLimitError as error:
            limit = str(error)
        return make_trace(self.typed, self.text, context, recorder, value, limit)

    def to_sql(self, subject: SqlSubject, *, sqlite: bool, value: bool = False) -> SqlExpression:
        """Return the expression over the rows of a table: a condition, or with `value` a value.

        Raises ExpressionProblemsError with what SQL cannot say.
        """
        if self.typed.scope is None:
            raise TypeError("an expression needs a scope to become SQL")
        write = sql_value if value else to_sql
        return write(self.text, self.typed, subject, sqlite=sqlite)

    def to_json(self) -> dict[str, Any]:
        """Return the typed tree for the interpreter in the browser."""
        return to_json(self.typed)

    @property
    def type(self) -> Type:
        """Return the type of the value."""
        return self.typed.type

    @property
    def scope(self) -> Scope | None:
        """Return the scope that it was compiled for."""
        return self.typed.scope

    @property
    def node(self) -> n.Node:
        """Return the tree."""
        return self.typed.tree

    @property
    def names(self) -> frozenset[tuple[str, ...]]:
        """Return the paths from names of the context that it reads, bare fields as `record.…`."""
        if self._names is None:
            self._names = free_paths(self.typed)
        return self._names


class _Kept:
    """Compiled expressions by text and scope; the scope is kept, so its identity stays its own."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool, object], tuple[object, Expression]] = {}
        self._lock = Lock()

    def get(
        self, text: str, unary: bool, scope: object, key: object, make: Callable[[], Expression]
    ) -> Expression:
        found = self._found.get((text, unary, key))
        if found is not None and found[0] is scope:
            return found[1]
        made = make()
        with self._lock:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            self._found[text, unary, key] = (scope, made)
        return made


_KEPT = _Kept()


def compile_expression(text: str, scope: Scope | None = None, *, unary: bool = False) -> Expression:
    """Return the compiled expression; the same text and scope are compiled once.

    Raises ExpressionSyntaxError, and with a scope ExpressionProblemsError for names, types and
    arguments that do not fit.
    """
    return _KEPT.get(text, unary, scope, id(scope), lambda: _compile(text, scope, unary=unary))


def compile_open(text: str, scope: Scope, *, unary: bool = False) -> Expression:
    """Return the expression compiled with what the scope knows, but without its problems.

    For contexts that may hold more than was declared; only syntax is refused.
    """
    typed = check_tree(parse(text, _names_of(scope), unary=unary), scope, open_names=True)
    return Expression(text, typed)


def compile_untyped(
    text: str,
    names: frozenset[str],
    *,
    unary: bool = False,
    types: Mapping[str, Type] = NO_TYPES,
) -> Expression:
    """Return an expression over a context of which only `names` of several words are known.

    `types` may be named in the text. Raises for syntax and limits only. The caller keeps it.
    """
    known = known_names(_ALWAYS_KNOWN | names)
    typed = check_tree(parse(text, known, unary=unary), None, types=types)
    if typed.problems:
        raise ExpressionProblemsError(text, tuple(typed.problems))
    return Expression(text, typed)


def _compile(text: str, scope: Scope | None, *, unary: bool) -> Expression:
    typed = check_tree(parse(text, _names_of(scope), unary=unary), scope)
    if typed.problems:
        raise ExpressionProblemsError(text, tuple(typed.problems))
    return Expression(text, typed)


def _names_of(scope: Scope | None) -> KnownNames:
    """Return the names that a text of the scope may use and that are not one word."""
    if scope is None:
        return known_names(_ALWAYS_KNOWN)
    names = {name for name in scope.names if not is_simple(name)}
    for of in scope.names.values():
        if isinstance(of, ContextType):
            names |= {name for name in of.entries if not is_simple(name)}
    return known_names(_ALWAYS_KNOWN | names)


def check(
    text: str, scope: Scope, expected: Type | None = None, *, unary: bool = False
) -> tuple[ExpressionProblem, ...]:
    """Return every problem of a text, none when it can be used where `expected` is wanted."""
    try:
        typed = check_tree(parse(text, _names_of(scope), unary=unary), scope)
    except ExpressionSyntaxError as error:
        return error.problems
    if expected is not None and not typed.problems:
        typed.problems += result_problems(typed, expected)
    return tuple(typed.problems)


def evaluate(text: str, context: Mapping[str, Any], *, clock: Clock | None = None) -> Any:
    """Return the value of a text; the names in scope are the context's keys.

    For the conformance suite, the shell and tests. `now()` is the context's moment, else the
    clock's. Raises ExpressionSyntaxError, and ExpressionLimitError when a limit was hit.
    """
    names = frozenset(long_names(context))
    expression = _KEPT.get(text, False, None, names, lambda: compile_untyped(text, names))
    if NOW not in context:
        context = {**context, NOW: (clock or SystemClock()).now()}
    try:
        return expression.value(context)
    except StepLimitError as error:
        problem = ExpressionProblem(0, len(text), STEPS, str(error))
        raise ExpressionLimitError(text, (problem,)) from None


def long_names(context: Mapping[str, Any]) -> set[str]:
    """Return the keys of a context, and of contexts in it, that are not one word."""
    found: set[str] = set()
    pending: list[Any] = [dict(context)]
    looked = 0
    while pending and looked < 1_000:
        value = pending.pop()
        looked += 1
        if type(value) is dict:
            found |= {key for key in value if isinstance(key, str) and not is_simple(key)}
            pending.extend(item for item in value.values() if type(item) in (dict, list))
        elif type(value) is list:
            pending.extend(item for item in value[:20] if type(item) in (dict, list))
    found.discard(NOW)
    return found
