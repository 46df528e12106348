"""Flows of a package ⇄ BPMN files: the way in and out for commands, pages and the API.

A flow that came from a file keeps it: `flows/<id>.bpmn` beside the YAML, and the drawing in
`flows/<id>.layout.json`. Export edits that document; without it, it writes a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from trellis.metadata.bpmn.compose import process_of
from trellis.metadata.bpmn.importing import Imported, ImportedFlow, import_bpmn
from trellis.metadata.bpmn.model import Process
from trellis.metadata.bpmn.patch import patched
from trellis.metadata.bpmn.sketch import drawing_of
from trellis.metadata.bpmn.write import write_bpmn
from trellis.metadata.drawing.model import Drawing
from trellis.metadata.drawing.side_file import SideFile, read_side_file, write_side_file
from trellis.metadata.package import Package
from trellis.metadata.yaml_text import yaml_text
from trellis.problems import Location, Problem, ProblemsFoundError, suggest


@dataclass(frozen=True)
class FlowSource:
    """A flow as its package has it, with the files that stand beside it."""

    key: str
    flow: Mapping[str, Any]
    folder: str
    files: Mapping[str, bytes]
    #: All flows of the package: some may come from one document.
    flows: Mapping[str, Mapping[str, Any]]

    @property
    def side_file(self) -> bytes:
        """Return the file of its drawing, empty where there is none."""
        return self.files.get(f"{self.folder}{self.key}.layout.json", b"")


def flows_in(package: Package) -> dict[str, FlowSource]:
    """Return the flows of a package by key."""
    found: dict[str, FlowSource] = {}
    flows: dict[str, Mapping[str, Any]] = {}
    for one in package.definitions:
        if one.kind == "flows":
            folder = f"{one.module}/flows/" if one.module else "flows/"
            for key, flow in one.source.data.get("flows", {}).items():
                flows[key] = flow
                found[key] = FlowSource(key, flow, folder, package.files, flows)
    return found


def drawn_flow(source: FlowSource, locale: str = "en") -> tuple[Process, Drawing]:
    """Return a flow and how it is drawn: as its author left it, else laid out automatically."""
    process = process_of(source.key, source.flow, locale)
    return process, _side(source, process).drawing


def _side(source: FlowSource, process: Process) -> SideFile:
    automatic = drawing_of(process)
    return read_side_file(source.side_file, automatic) if source.side_file else SideFile(automatic)


def export_flow(source: FlowSource, locale: str = "en") -> bytes:
    """Return the BPMN file of a flow; a document that it came from, with what was changed since.

    Raises ProblemsFoundError where that document cannot be read any more.
    """
    process = process_of(source.key, source.flow, locale)
    side = _side(source, process)
    if side.document is not None:
        document = source.files.get(f"{source.folder}{side.document[0]}")
        if document is not None:
            siblings = _siblings(source, side.document[0])
            return patched(document, siblings, file=source.folder + side.document[0])
    return write_bpmn(process, side.drawing)


def _siblings(source: FlowSource, document: str) -> Mapping[str, tuple[str, Mapping[str, Any]]]:
    """Return what is known of the processes of a kept document: key and flow by process."""
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for key, flow in source.flows.items():
        side = source.files.get(f"{source.folder}{key}.layout.json")
        origin = None if side is None else read_side_file(side, Drawing()).document
        if origin is not None and origin[0] == document:
            found[origin[1]] = (key, flow)
    return found


def files_of(
    data: bytes, *, file: str, taken: Collection[str] = ()
) -> tuple[Imported, dict[str, bytes]]:
    """Return what a BPMN file becomes, and the files of a package that hold it.

    Raises ProblemsFoundError where the file is refused, or a flow of that key is there already.
    """
    imported = import_bpmn(data, file=file)
    clashing = [one.key for one in imported.flows if one.key in taken]
    if clashing:
        raise ProblemsFoundError([
            Problem(Location(file), "BPMN007", f"there is a flow `{key}` already",
                    "rename or remove it, or give the process of the file another name")
            for key in clashing])  # fmt: skip
    return imported, dict(_files(imported, data))


def _files(imported: Imported, data: bytes) -> Iterator[tuple[str, bytes]]:
    kept = next((one.key for one in imported.flows if not one.is_ours), None)
    if kept is not None:
        yield f"flows/{kept}.bpmn", data
    for one in imported.flows:
        yield f"flows/{one.key}.yaml", yaml_text(one.flow).encode()
        document = None if one.is_ours else (f"{kept}.bpmn", one.process.id)
        if one.drawing is not None or document is not None:
            drawing = one.drawing or Drawing()
            yield f"flows/{one.key}.layout.json", write_side_file(drawing, document)


def told_of_import(imported: Imported) -> Iterator[str]:
    """Yield, a line each, what became of a file: flows, what to bind, what is only kept."""
    for one in imported.flows:
        yield f"flow {one.key}: {_count(one)}"
        yield from (f"  to bind: {binding}" for binding in one.bindings)
        yield from (f"  kept, not executed: {kept}" for kept in one.kept)
        yield from (f"  kept, only drawn: {_line(beside)}" for beside in one.beside)
    yield from (f"kept beside the flows: {_line(beside)}" for beside in imported.beside)


def _count(one: ImportedFlow) -> str:
    count = len(one.flow["nodes"])
    return f"{count} node{'s' if count != 1 else ''}"


def _line(text: str) -> str:
    return " ".join(text.split())


def flow_named(flows: Mapping[str, FlowSource], key: str) -> FlowSource:
    """Return a flow by key; raise ProblemsFoundError with a did-you-mean where there is none."""
    if key not in flows:
        raise ProblemsFoundError([Problem(Location("flows"), "BPMN008", f"there is no flow `{key}`",
                                          suggest(key, flows))])  # fmt: skip
    return flows[key]


def as_json(imported: Imported, files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return an import for programs; files that are no UTF-8 are left to whoever sent them."""
    texts = {}
    for name, content in files.items():
        try:
            texts[name] = content.decode()
        except UnicodeDecodeError:
            continue
    return {
        "files": texts,
        "beside": list(imported.beside),
        "flows": [
            {
                "key": one.key,
                "nodes": len(one.flow["nodes"]),
                "to_bind": [{"node": b.node, "what": b.what, "said": b.said} for b in one.bindings],
                "kept": list(one.kept),
                "drawn": list(one.beside),
            }
            for one in imported.flows
        ],
    }
