"""The checks of a call of a built-in function: how many values, which names, which types."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trellis.expressions import nodes as n
from trellis.expressions import problems as p
from trellis.expressions import types as t
from trellis.expressions.bindings import Typed
from trellis.expressions.functions.table import Builtin, Form, Parameter
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
_CONSTRUCTORS = {
    "date": (parse_date, "2026-03-02"), "time": (parse_time, "09:30:00"),
    "date and time": (parse_datetime, "2026-03-02T09:30:00Z"),
    "duration": (parse_duration, "P1DT2H"),
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
                report(node, p.ARITY, f"`{builtin.name}` has no parameter `{name}`",
                       suggest(name, known))  # fmt: skip
                return
    report(node, p.ARITY, f"`{builtin.name}` cannot be called with {_count(node)}",
           "write " + " or ".join(f"`{signature(builtin.name, one)}`"
                                  for one in builtin.forms))  # fmt: skip


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
    report(node.arguments[at], p.ARGUMENT,
           f"{what} of `{builtin.name}` must be {wanted}, this is {show(types[at])}")  # fmt: skip


def _constructed(node: n.Call, builtin: Builtin, report: Report) -> t.Type | None:
    """Check `date("…")` and its like over texts written out; return what kind they make."""
    found = _CONSTRUCTORS.get(builtin.name)
    if found is None or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if not isinstance(argument, n.Literal) or not isinstance(argument.value, str):
        return None
    value = found[0](argument.value)
    if value is None:
        report(argument, p.LITERAL, f"this is no {builtin.name}", f'write it as `"{found[1]}"`')
        return None
    of = kind(value)
    return {"days and time duration": t.DAYS_TIME, "years and months duration": t.YEARS_MONTHS}.get(
        of
    )
