"""DMN files for tests, written from their parts."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from trellis.expressions.dmn import DecisionModel, load_texts

NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def definitions(*parts: str, namespace: str = "urn:test", version: str = NAMESPACE) -> str:
    """Return a file."""
    head = f'<definitions xmlns="{version}" id="d" name="test" namespace="{namespace}">'
    return "\n".join([head, *parts, "</definitions>"])


def model(*parts: str) -> DecisionModel:
    """Return the model of a file with the parts."""
    return load_texts({"test.dmn": definitions(*parts).encode()})


def text(value: str) -> str:
    """Return a literal expression."""
    return f"<literalExpression><text>{escape(value)}</text></literalExpression>"


def data(name: str, of: str | None = None) -> str:
    """Return input data; its id is the name with underscores."""
    return f"<inputData {_named(name)}>{variable(name, of)}</inputData>"


def variable(name: str, of: str | None = None) -> str:
    """Return a variable."""
    typed = f' typeRef="{of}"' if of else ""
    return f"<variable name={quoteattr(name)}{typed}/>"


def decision(name: str, logic: str, needs: Sequence[str] = (), of: str | None = None) -> str:
    """Return a decision; `needs` are ids, with `@` before those of knowledge, `=` of data."""
    return (f"<decision {_named(name)}>{variable(name, of)}"
            f"{''.join(map(_requirement, needs))}{logic}</decision>")  # fmt: skip


def knowledge(
    name: str,
    parameters: Sequence[str],
    logic: str,
    needs: Sequence[str] = (),
    of: str | None = None,
) -> str:
    """Return a business knowledge model; parameters are `name` or `name: type`."""
    formal = "".join(_parameter(one) for one in parameters)
    return (f"<businessKnowledgeModel {_named(name)}>{variable(name, of)}"
            f"<encapsulatedLogic>{formal}{logic}</encapsulatedLogic>"
            f"{''.join(map(_requirement, needs))}</businessKnowledgeModel>")  # fmt: skip


def function(parameters: Sequence[str], logic: str, kind: str = "FEEL") -> str:
    """Return a boxed function."""
    formal = "".join(_parameter(one) for one in parameters)
    return f'<functionDefinition kind="{kind}">{formal}{logic}</functionDefinition>'


def context(*entries: tuple[str | None, str]) -> str:
    """Return a boxed context; an entry without a name is the result."""
    inner = "".join(
        f"<contextEntry>{variable(name) if name else ''}{logic}</contextEntry>"
        for name, logic in entries
    )
    return f"<context>{inner}</context>"


def invocation(callee: str, **bindings: str) -> str:
    """Return an invocation."""
    inner = "".join(
        f'<binding><parameter name="{name}"/>{logic}</binding>' for name, logic in bindings.items()
    )
    return f"<invocation>{text(callee)}{inner}</invocation>"


def table(
    hit: str, inputs: Sequence[str], outputs: Sequence[str], rows: Sequence[Sequence[str]]
) -> str:
    """Return a decision table; `hit` may hold an aggregation, outputs `name=allowed|default`."""
    policy, _, aggregation = hit.partition("+")
    more = f' aggregation="{aggregation}"' if aggregation else ""
    head = "".join(map(_input, inputs)) + "".join(map(_output, outputs))
    width = len(inputs)
    body = "".join(
        "<rule>" + "".join(f"<inputEntry>{_text(cell)}</inputEntry>" for cell in row[:width])
        + "".join(f"<outputEntry>{_text(cell)}</outputEntry>" for cell in row[width:]) + "</rule>"
        for row in rows
    )  # fmt: skip
    return f'<decisionTable hitPolicy="{policy}"{more}>{head}{body}</decisionTable>'


def item(name: str, of: str, *, allowed: str = "", many: bool = False) -> str:
    """Return a type that is another one, restricted or as a collection."""
    inner = f"<allowedValues>{_text(allowed)}</allowedValues>" if allowed else ""
    collection = ' isCollection="true"' if many else ""
    return (f'<itemDefinition name="{name}"{collection}><typeRef>{of}</typeRef>{inner}'
            "</itemDefinition>")  # fmt: skip


def structure(type_name: str, /, **components: str) -> str:
    """Return a structured type."""
    inner = "".join(f'<itemComponent name="{part}"><typeRef>{of}</typeRef></itemComponent>'
                    for part, of in components.items())  # fmt: skip
    return f'<itemDefinition name="{type_name}">{inner}</itemDefinition>'


def service(
    name: str, outputs: Sequence[str], inside: Sequence[str] = (), given: Sequence[str] = (),
    data_given: Sequence[str] = (), of: str | None = None,
) -> str:  # fmt: skip
    """Return a decision service."""
    parts = [("outputDecision", outputs), ("encapsulatedDecision", inside),
             ("inputDecision", given), ("inputData", data_given)]  # fmt: skip
    inner = "".join(f'<{tag} href="#{one}"/>' for tag, names in parts for one in names)
    return f"<decisionService {_named(name)}>{variable(name, of)}{inner}</decisionService>"


def _named(name: str) -> str:
    return f'id="{name.replace(" ", "_")}" name={quoteattr(name)}'


def _parameter(one: str) -> str:
    name, _, of = one.partition(": ")
    typed = f' typeRef="{of}"' if of else ""
    return f"<formalParameter name={quoteattr(name)}{typed}/>"


def _requirement(one: str) -> str:
    kinds = {"@": ("knowledgeRequirement", "requiredKnowledge"),
             "=": ("informationRequirement", "requiredInput")}  # fmt: skip
    outer, inner = kinds.get(one[0], ("informationRequirement", "requiredDecision"))
    identity = one.lstrip("@=")
    href = identity if "#" in identity else f"#{identity}"
    return f'<{outer}><{inner} href="{href}"/></{outer}>'


def _text(value: str) -> str:
    return f"<text>{escape(value)}</text>"


def _input(one: str) -> str:
    expression, _, allowed = one.partition("=")
    inner = f"<inputValues>{_text(allowed)}</inputValues>" if allowed else ""
    return f"<input><inputExpression>{_text(expression)}</inputExpression>{inner}</input>"


def _output(one: str) -> str:
    name, _, rest = one.partition("=")
    allowed, _, default = rest.partition("|")
    inner = f"<outputValues>{_text(allowed)}</outputValues>" if allowed else ""
    inner += f"<defaultOutputEntry>{_text(default)}</defaultOutputEntry>" if default else ""
    return f'<output name="{name}">{inner}</output>'
