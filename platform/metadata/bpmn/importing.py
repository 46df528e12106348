"""A BPMN file → flows, what a person has to bind, and what is kept without a meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trellis.metadata.bpmn.bindings import bind, key_word
from trellis.metadata.bpmn.compose import process_of
from trellis.metadata.bpmn.diagram import drawing_in
from trellis.metadata.bpmn.find import Document, open_document, processes_of
from trellis.metadata.bpmn.identifiers import Identifiers
from trellis.metadata.bpmn.mean import flow_of
from trellis.metadata.bpmn.model import Process, Scope
from trellis.metadata.bpmn.names import EXPORTER
from trellis.metadata.bpmn.normal import Binding, Normal, normalised
from trellis.metadata.drawing.model import Drawing
from trellis.problems import Problem, ProblemsFoundError
from trellis.xml_source import read_xml


@dataclass(frozen=True)
class ImportedFlow:
    """A process as a flow: `kept` are nodes that are not executed, `beside` what is only drawn."""

    key: str
    flow: dict[str, Any]
    process: Process
    bindings: tuple[Binding, ...] = ()
    kept: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    drawing: Drawing | None = None
    exporter: str = ""

    @property
    def is_ours(self) -> bool:
        """Tell whether we wrote the file: it says nothing beyond the flow."""
        return self.process.told is not None and self.exporter == EXPORTER


@dataclass(frozen=True)
class Imported:
    """What a file becomes; `beside` is what belongs to none of its processes."""

    flows: tuple[ImportedFlow, ...]
    beside: tuple[str, ...] = ()


def import_bpmn(data: bytes, *, file: str) -> Imported:
    """Return the flows of a BPMN file; the same file always gives the same.

    Raises ProblemsFoundError where the file is refused, and where it holds no process.
    """
    document = open_document(read_xml(data, file=file))
    processes = [one for one in processes_of(document) if one.scope.elements]
    if not processes:
        raise ProblemsFoundError([Problem(document.root.location, "BPMN006",
                                          "the file has no process with nodes",
                                          "draw at least a start and an end")])  # fmt: skip
    names = Identifiers()
    keys = {one.id: one.key if one.told is not None else _key(names, one) for one in processes}
    flows = tuple(_imported(document, one, keys) for one in processes)
    return Imported(flows, tuple(_beside(document)))


def _key(names: Identifiers, process: Process) -> str:
    word = key_word(process.name, "")
    return names.take(word or key_word(process.id, "flow"))


def _imported(document: Document, process: Process, keys: Mapping[str, str]) -> ImportedFlow:
    normal = normalised(process)
    flow = flow_of(normal.process)
    bindings = [*_bindings(normal.process.scope, flow["nodes"], process.lanes, keys),
                *normal.bindings]  # fmt: skip
    key = keys[process.id]
    if process.told is None:
        flow = {"version": 1, **flow}
    drawing = drawing_in(document.root, process_of(key, flow), normal.process)
    return ImportedFlow(
        key,
        flow,
        process,
        tuple(_sorted(normal, bindings)),
        tuple(_kept(flow["nodes"])),
        process.kept,
        drawing,
        document.root.get("exporter") or "",
    )


def _sorted(normal: Normal, bindings: list[Binding]) -> list[Binding]:
    """Return the bindings in the order of the nodes."""
    order = {key: number for number, key in enumerate(_keys(normal.process.scope))}
    return sorted(bindings, key=lambda one: order.get(one.node, len(order)))


def _keys(scope: Scope) -> Iterator[str]:
    for one in scope.elements:
        yield one.key
        if one.scope is not None:
            yield from _keys(one.scope)


def _bindings(
    scope: Scope, nodes: dict[str, Any], lanes: Mapping[str, str], keys: Mapping[str, str]
) -> Iterator[Binding]:
    for one in scope.elements:
        node = nodes.get(one.key) if one.host is None else None
        if node is None:
            continue
        if one.told is None and not one.implicit:
            yield from bind(one, node, lanes.get(one.id, ""), keys)
        if one.scope is not None:
            yield from _bindings(one.scope, node.get("nodes", {}), lanes, keys)


def _kept(nodes: Mapping[str, Any]) -> Iterator[str]:
    for key, node in nodes.items():
        kept = node.get("kept")
        if kept is not None:
            words = kept if isinstance(kept, list) else [kept]
            yield f"{key}: {', '.join(map(str, words))}"
        yield from _kept(node.get("nodes") or {})


def _beside(document: Document) -> Iterator[str]:
    """Yield what stands beside the processes and is only kept."""
    for one in document.root.all():
        if one.name in ("process", "message", "signal", "error", "escalation"):
            continue
        if one.name == "collaboration":
            yield from (
                f"pool {pool.get('name') or pool.get('id')}"
                for pool in one.all("participant")
                if not pool.get("processRef")
            )
        else:
            yield f"{one.name} {one.get('name') or one.get('id') or ''}".strip()
