"""The checks of a call of a built-in function: how many values, which names, which types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.bindings import Typed
from trellis.expressions.date_hints import temporal_mistake
from trellis.expressions.functions.table import Builtin, Form, Parameter
from trellis.expressions.hints import argument_hint
from trellis.expressions.temporal import (
    parse_date,
    parse_datetime,
    parse_duration,
    parse_time,
)
from trellis.expressions.type_rules import either, show
from trellis.expressions.values import kind
from trellis.problems import suggest

Report = Callable[..., None]
_CONSTRUCTORS: Mapping[str, Callable[[str], object]] = {
    "date": parse_date, "time": parse_time, "date and time": parse_datetime,
    "duration": parse_duration,
}  # fmt: skip


def checked_call(
    typed: Typed, node: n.Call, builtin: Builtin, types: Sequence[t.Type], report: Report
) -> t.Type:
    """Return the type of a call's result, and keep the form that it uses."""
    candidates = [form for form in builtin.forms if _takes(form, node)]
    if not candidates:
        _report_shape(node, builtin, report)
        return _result(builtin.forms[0], types)
    fitting = [form for form in candidates if _misfit(form, node, types) is None]
    if not fitting:
        _report_types(node, builtin, candidates, types, report)
        return _result(candidates[0], types)
    certain = [form for form in fitting if _is_certain(form, node, types)]
    form = certain[0] if certain else fitting[0]
    if len(fitting) == 1 or certain:
        typed.forms[node] = form
    return _constructed(node, builtin, report) or _result(form, types)


def _takes(form: Form, node: n.Call) -> bool:
    if node.names:
        return form.positions(node.names) is not None
    return form.takes(len(node.arguments))


def _parameters(form: Form, node: n.Call) -> list[Parameter | None]:
    """Return the parameter of each argument; None where a value is one of a list."""
    if node.names:
        return [form.parameters[at] for at in form.positions(node.names) or ()]
    if form.variadic and len(node.arguments) > 1:
        return [None] * len(node.arguments)
    last = len(form.parameters) - 1
    return [form.parameters[min(at, last)] for at in range(len(node.arguments))]


def _misfit(form: Form, node: n.Call, types: Sequence[t.Type]) -> int | None:
    """Return the position of the first argument that the form cannot take."""
    for at, (parameter, of) in enumerate(zip(_parameters(form, node), types, strict=True)):
        if parameter is not None and not _accepts(parameter, of, loose=form.variadic):
            return at
    return None


def _accepts(parameter: Parameter, of: t.Type, *, loose: bool) -> bool:
    if not parameter.kinds or of.name == "any":
        return True
    if of.name == "null":
        return parameter.nullable
    name = of.name
    # A record is no context here: its fields are read by names that can be seen and checked.
    if name in parameter.kinds or (loose and "list" in parameter.kinds):
        return True
    # A reference stands for the text of its id.
    if of.name == "record" and "string" in parameter.kinds:
        return True
    return name == "date" and "date and time" in parameter.kinds


def _is_certain(form: Form, node: n.Call, types: Sequence[t.Type]) -> bool:
    return all(
        parameter is None or not parameter.kinds or of.name in parameter.kinds
        for parameter, of in zip(_parameters(form, node), types, strict=True)
    )


def _result(form: Form, types: Sequence[t.Type]) -> t.Type:
    return form.result if isinstance(form.result, t.Type) else form.result(types)


def _report_shape(node: n.Call, builtin: Builtin, report: Report) -> None:
    if node.names:
        known = [parameter.name for form in builtin.forms for parameter in form.parameters]
        for name in node.names:
            if name not in known:
                report(_spot(node, name), p.ARITY,
                       f"`{builtin.name}` has no parameter `{name}`",
                       suggest(name, known))  # fmt: skip
                return
    ways = [signature(builtin.name, one) for one in builtin.forms]
    optional = "; what has `?` may be left out" if any("?" in way for way in ways) else ""
    report(
        node,
        p.ARITY,
        f"`{builtin.name}` cannot be called with {_count(node)}",
        "write " + " or ".join(f"`{way}`" for way in ways) + optional,
    )


def _spot(node: n.Call, name: str) -> n.Node:
    """Return the place of a named argument's name; the parser keeps it with the name."""
    given = next(one for one in node.names if one == name)
    start = getattr(given, "start_pos", None)
    return node if start is None else n.Node(start, start + len(name))


def _count(node: n.Call) -> str:
    count = len(node.arguments)
    return "one value" if count == 1 else f"{count or 'no'} values"


def signature(name: str, form: Form) -> str:
    """Return how a function is called, with the names of its parameters."""
    shown = []
    for position, parameter in enumerate(form.parameters):
        text = parameter.name + ("?" if parameter.optional else "")
        if form.variadic or (form.rest and position == len(form.parameters) - 1):
            text += "…"
        shown.append(text)
    return f"{name}({', '.join(shown)})"


def _report_types(
    node: n.Call, builtin: Builtin, candidates: Sequence[Form], types: Sequence[t.Type],
    report: Report,
) -> None:  # fmt: skip
    # The form that goes furthest is the one that was meant.
    form = max(candidates, key=lambda form: _misfit(form, node, types) or 0)
    at = _misfit(form, node, types) or 0
    parameter = _parameters(form, node)[at]
    wanted = either(parameter.types) if parameter is not None else "a value"
    what = f"`{parameter.name}`" if parameter is not None else f"value {at + 1}"
    kinds = parameter.kinds if parameter is not None else frozenset[str]()
    report(node.arguments[at], p.ARGUMENT,
           f"{what} of `{builtin.name}` must be {wanted}, this is {show(types[at])}",
           argument_hint(node.arguments[at], types[at].name, kinds))  # fmt: skip


def _constructed(node: n.Call, builtin: Builtin, report: Report) -> t.Type | None:
    """Check `date("…")` and its like over texts written out; return what kind they make."""
    found = _CONSTRUCTORS.get(builtin.name)
    if found is None or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if not isinstance(argument, n.Literal) or not isinstance(argument.value, str):
        return None
    value = found(argument.value)
    if value is None:
        report(argument, p.LITERAL, *temporal_mistake(argument.value, builtin.name))
        return None
    of = kind(value)
    return {"days and time duration": t.DAYS_TIME, "years and months duration": t.YEARS_MONTHS}.get(
        of
    )
