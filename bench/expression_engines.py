"""Other engines, each with those of the twelve expressions that it can say, in its own words.

An engine gives a call for each expression by number; what it can prepare is prepared outside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module

from expression_samples import CONTEXT, EXPRESSIONS

Calls = Mapping[int, Callable[[], object]]

#: The twelve in Python, which falls over at a null.
PLAIN_PYTHON = (
    'amount > 1000 and status == "open"',
    '"large" if amount > 10000 else "medium" if amount > 1000 else "small"',
    "amount * (1 - discount / 100) + shipping",
    'customer["tier"] in ("gold", "platinum")',
    "1 <= hours <= 8",
    'title.upper() + " (" + number + ")"',
    '"urgent" in title.lower() or number.startswith("T-")',
    "(due - started).days > 14",
    'sum([l["price"] * l["qty"] for l in lines])',
    'len([l for l in lines if l["kind"] == "part"]) > 1',
    'any([l["qty"] > 10 for l in lines])',
    'customer["region"] is None',
)
#: Those of CEL; it has no upper case, no sum and no decimals.
CEL = {
    0: 'amount > 1000.0 && status == "open"',
    1: 'amount > 10000.0 ? "large" : amount > 1000.0 ? "medium" : "small"',
    2: "amount * (1.0 - discount / 100.0) + shipping",
    3: 'customer.tier in ["gold", "platinum"]',
    4: "hours >= 1.0 && hours <= 8.0",
    6: 'title.contains("urgent") || number.startsWith("T-")',
    9: 'size(lines.filter(l, l.kind == "part")) > 1',
    10: "lines.exists(l, l.qty > 10.0)",
    11: "customer.region == null",
}


def python_eval() -> Calls:
    """Python's own `eval` of code compiled before."""
    codes = [compile(text, "<bench>", "eval") for text in PLAIN_PYTHON]
    # Names of comprehensions are looked up among the globals, to which `eval` adds its own.
    values = dict(CONTEXT)
    return {at: lambda code=code: eval(code, values) for at, code in enumerate(codes)}  # type: ignore[misc]


def simple_eval() -> Calls:
    """Return simpleeval's, parsed before."""
    simpleeval = import_module("simpleeval")

    engine = simpleeval.EvalWithCompoundTypes(
        names={**CONTEXT, "None": None}, functions={"sum": sum, "len": len, "any": any}
    )
    parsed = {at: engine.parse(text) for at, text in enumerate(PLAIN_PYTHON)}
    return _working({
        at: lambda at=at, tree=tree: engine.eval(PLAIN_PYTHON[at], previously_parsed=tree)
        for at, tree in parsed.items()
    })  # type: ignore[misc]  # fmt: skip


def cel() -> Calls:
    """Return cel-python's, compiled before."""
    celpy = import_module("celpy")
    json_to_cel = import_module("celpy.adapter").json_to_cel

    environment = celpy.Environment()
    values = json_to_cel(_plain(CONTEXT))
    programs = {at: environment.program(environment.compile(text)) for at, text in CEL.items()}
    return _working({
        at: lambda program=program: program.evaluate(values) for at, program in programs.items()
    })  # type: ignore[misc]  # fmt: skip


def bkflow() -> Calls:
    """Return bkflow-feel's, which has no compiled form."""
    parse_expression = import_module("bkflow_feel.api").parse_expression

    # It logs what it cannot say.
    logging.disable(logging.CRITICAL)
    values = _plain(CONTEXT)
    return _working({
        at: lambda text=text: parse_expression(text, values) for at, text in enumerate(EXPRESSIONS)
    })  # type: ignore[misc]  # fmt: skip


def py_sfeel() -> Calls:
    """Return pySFeel's, which has no compiled form; its names are set before."""
    parser = import_module("pySFeel").SFeelParser()
    for name, value in CONTEXT.items():
        parser.sFeelParse(f"{name} <- {_feel(value)}")
    return _working({
        at: lambda text=text: _parsed(parser.sFeelParse(text))
        for at, text in enumerate(EXPRESSIONS)
    })  # type: ignore[misc]  # fmt: skip


def _parsed(answer: tuple[object, object]) -> object:
    status, value = answer
    if status is False or value is None:
        raise ValueError(answer)
    return value


def _working(calls: Mapping[int, Callable[[], object]]) -> Calls:
    """Return the calls that give a value at all."""
    found = {}
    for at, call in calls.items():
        try:
            value = call()
        except Exception:
            # Other engines raise what they like; how many of the calls they can do is printed.
            continue
        if value is not None:
            found[at] = call
    return found


def _plain(value: object) -> object:
    """Return values as JSON has them; these engines know no decimals."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str) else _number(value)


def _number(value: object) -> object:
    return str(value) if hasattr(value, "year") else float(value)  # type: ignore[arg-type]


def _feel(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_feel(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_feel, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, str):
        return f'"{value}"'
    return f'date("{value}")' if hasattr(value, "year") else str(value)


ENGINES: Mapping[str, Callable[[], Calls]] = {
    "Python eval": python_eval, "simpleeval": simple_eval, "cel-python": cel,
    "bkflow-feel": bkflow, "pySFeel": py_sfeel,
}  # fmt: skip
