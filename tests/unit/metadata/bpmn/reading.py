"""What the tests of BPMN share: flows of the repository, there and back again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trellis.metadata.bpmn.compose import process_of
from trellis.metadata.bpmn.find import open_document, processes_of
from trellis.metadata.bpmn.mean import flow_of
from trellis.metadata.bpmn.model import Process
from trellis.metadata.bpmn.sketch import drawing_of
from trellis.metadata.bpmn.write import write_bpmn
from trellis.metadata.source import read_source
from trellis.xml_source import read_xml

ROOT = Path(__file__).resolve().parents[4]
XSD = ROOT / "node_modules" / "bpmn-moddle" / "resources" / "bpmn" / "xsd" / "BPMN20.xsd"
_FILES = (
    "apps/service/flows.yaml",
    "tests/fakes/*/flows.yaml",
    "docs/reference/example/flows.yaml",
    "tests/unit/metadata/bpmn/flows.yaml",
)


def repository_flows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the mapping of every flow that the repository has."""
    for pattern in _FILES:
        for path in sorted(ROOT.glob(pattern)):
            data = read_source(path.read_bytes(), file=str(path)).data
            yield from data["flows"].items()


def exported(key: str, flow: dict[str, Any], locale: str = "en") -> bytes:
    """Return a flow's file, with its drawing."""
    process = process_of(key, flow, locale)
    return write_bpmn(process, drawing_of(process))


def read_back(data: bytes) -> Process:
    """Return the only process of a file."""
    (process,) = processes_of(open_document(read_xml(data, file="flow.bpmn")))
    return process


def imported(data: bytes) -> dict[str, Any]:
    """Return the flow of a file of ours."""
    return flow_of(read_back(data))


def text_of(flow: dict[str, Any]) -> str:
    """Return a flow as a text that differs when anything differs, the order of keys included."""
    return json.dumps(flow)
