"""Decision tables of ours → a DMN 1.3 file, the version that editors open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from trellis.expressions.compiled import compile_expression
from trellis.expressions.decisions import Table

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
_DI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
_DC = "http://www.omg.org/spec/DMN/20180521/DC/"
_HIT = {
    "U": "UNIQUE", "F": "FIRST", "P": "PRIORITY", "A": "ANY", "R": "RULE ORDER",
    "O": "OUTPUT ORDER", "C": "COLLECT", "C+": "COLLECT", "C<": "COLLECT", "C>": "COLLECT",
    "C#": "COLLECT",
}  # fmt: skip
_AGGREGATION = {"C+": "SUM", "C<": "MIN", "C>": "MAX", "C#": "COUNT"}


@dataclass(frozen=True)
class Head:
    """What a file says of a column beside its expression: a label, a FEEL type, allowed values."""

    label: str = ""
    type_name: str | None = None
    allowed: str | None = None


@dataclass(frozen=True)
class ExportedTable:
    """A decision table with the words that its file needs."""

    key: str
    name: str
    table: Table
    inputs: Sequence[Head]
    outputs: Sequence[Head]
    notes: Sequence[str] = ()


def write_dmn(tables: Sequence[ExportedTable], *, namespace: str, name: str) -> bytes:
    """Return a DMN file with the tables, each a decision, and the data that they read.

    Raises ExpressionProblemsError where a cell is no expression.
    """
    root = ElementTree.Element(
        f"{{{MODEL}}}definitions", {"id": "definitions", "name": name, "namespace": namespace}
    )
    reads = {one.key: sorted(_data_names(one)) for one in tables}
    data = sorted({word for words in reads.values() for word in words})
    for word in data:
        node = _child(root, "inputData", id=f"data_{word}", name=word)
        _child(node, "variable", id=f"data_{word}_v", name=word)
    for one in tables:
        _decision(root, one, reads[one.key])
    _drawing(root, data, tables)
    ElementTree.indent(root)
    for prefix, address in (("", MODEL), ("dmndi", _DI), ("dc", _DC)):
        ElementTree.register_namespace(prefix, address)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _child(parent: ElementTree.Element, tag: str, /, **attributes: str) -> ElementTree.Element:
    return ElementTree.SubElement(parent, f"{{{MODEL}}}{tag}", attributes)


def _text(parent: ElementTree.Element, tag: str, text: str, /, **attributes: str) -> None:
    _child(_child(parent, tag, **attributes), "text").text = text


def _data_names(one: ExportedTable) -> set[str]:
    """Return the names that the table reads: what must be given from outside."""
    table = one.table
    texts = {(text, False) for text in (*table.inputs, *filter(None, table.defaults))}
    for row in table.rows:
        texts |= {(text, True) for text in row.when if text.strip() != "-"}
        texts |= {(text, False) for text in row.then}
    found: set[str] = set()
    for text, unary in texts:
        found |= {path[0] for path in compile_expression(text, unary=unary).names}
    return found - {"?"}


def _decision(root: ElementTree.Element, one: ExportedTable, reads: Sequence[str]) -> None:
    key, table = one.key, one.table
    decision = _child(root, "decision", id=key, name=one.name)
    _child(decision, "variable", id=f"{key}_v", name=one.name)
    for word in reads:
        needs = _child(decision, "informationRequirement", id=f"{key}_needs_{word}")
        _child(needs, "requiredInput", href=f"#data_{word}")
    grid = _child(decision, "decisionTable", id=f"{key}_table", hitPolicy=_HIT[table.hit])
    if table.hit in _AGGREGATION:
        grid.set("aggregation", _AGGREGATION[table.hit])
    _columns(grid, one)
    _rows(grid, one)


def _columns(grid: ElementTree.Element, one: ExportedTable) -> None:
    key, table = one.key, one.table
    for number, (text, head) in enumerate(zip(table.inputs, one.inputs, strict=True), 1):
        column = _child(grid, "input", id=f"{key}_i{number}", label=head.label or text)
        _text(column, "inputExpression", text, id=f"{key}_i{number}_e",
              **({"typeRef": head.type_name} if head.type_name else {}))  # fmt: skip
        if head.allowed:
            _text(column, "inputValues", head.allowed, id=f"{key}_i{number}_a")
    for number, (word, head) in enumerate(zip(table.outputs, one.outputs, strict=True), 1):
        column = _child(grid, "output", id=f"{key}_o{number}", name=word, label=head.label or word)
        if head.type_name:
            column.set("typeRef", head.type_name)
        if head.allowed:
            _text(column, "outputValues", head.allowed, id=f"{key}_o{number}_a")
        default = table.defaults[number - 1] if table.defaults else None
        if default is not None:
            _text(column, "defaultOutputEntry", default, id=f"{key}_o{number}_d")


def _rows(grid: ElementTree.Element, one: ExportedTable) -> None:
    notes = [*one.notes, *[""] * len(one.table.rows)]
    if any(notes):
        _child(grid, "annotation", name="note")
    for row, note in zip(one.table.rows, notes, strict=False):
        key = f"{one.key}_{re.sub(r'[^0-9A-Za-z_]', '_', row.id)}"
        rule = _child(grid, "rule", id=key)
        for number, text in enumerate(row.when, 1):
            _text(rule, "inputEntry", text, id=f"{key}_i{number}")
        for number, text in enumerate(row.then, 1):
            _text(rule, "outputEntry", text, id=f"{key}_o{number}")
        if any(notes):
            _text(rule, "annotationEntry", note)


def _drawing(
    root: ElementTree.Element, data: Sequence[str], tables: Sequence[ExportedTable]
) -> None:
    """Draw decisions in a row, and what they read in a row below."""
    frame = ElementTree.SubElement(root, f"{{{_DI}}}DMNDI")
    diagram = ElementTree.SubElement(frame, f"{{{_DI}}}DMNDiagram", {"id": "diagram"})
    placed = [(one.key, number, 80, 80) for number, one in enumerate(tables)]
    placed += [(f"data_{word}", number, 240, 45) for number, word in enumerate(data)]
    for key, number, top, height in placed:
        shape = ElementTree.SubElement(
            diagram, f"{{{_DI}}}DMNShape", {"id": f"{key}_shape", "dmnElementRef": key}
        )
        box = {"x": str(80 + 220 * number), "y": str(top), "width": "180", "height": str(height)}
        ElementTree.SubElement(shape, f"{{{_DC}}}Bounds", box)
