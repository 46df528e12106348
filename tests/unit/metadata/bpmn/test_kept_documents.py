"""A document that flows came from goes out again with what was changed, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree
from trellis.metadata.bpmn.importing import ImportedFlow, import_bpmn
from trellis.metadata.bpmn.patch import patched

from tests.unit.expressions.shared import shared_file
from tests.unit.metadata.bpmn.reading import XSD
from tests.unit.metadata.bpmn.test_import import REFERENCES

Node = dict[str, Any]
needs_schema = pytest.mark.skipif(not XSD.exists(), reason="npm's bpmn-moddle is not installed")


def first_task(flow: Node) -> tuple[Node, str]:
    """Return the nodes around the first task or service, and its key."""
    pending = [flow["nodes"]]
    while pending:
        nodes = pending.pop(0)
        for key, node in nodes.items():
            if next(iter(node)) in ("task", "service", "send", "rule"):
                return nodes, key
            if isinstance(node.get("nodes"), dict):
                pending.append(node["nodes"])
    raise LookupError("the flow has no task")


def rename(flow: Node) -> None:
    nodes, key = first_task(flow)
    nodes[key]["label"] = 'Ask & "wait" <中文>'


def bind(flow: Node) -> None:
    nodes, key = first_task(flow)
    nodes[key].update(who=["role.x"], help="Look twice", sla={"due": "8bh"})


def insert(flow: Node) -> None:
    nodes, key = first_task(flow)
    following = nodes[key].pop("next", None)
    nodes[key]["next"] = "look_again"
    reject = [{"if": 'outcome = "reject"', "to": key}]
    nodes["look_again"] = {"approval": "all", "who": "role.y", "when": reject}
    if isinstance(following, str):
        nodes["look_again"]["else"] = following


def guard(flow: Node) -> None:
    nodes, key = first_task(flow)
    nodes["too_late"] = {"end": "error", "error": "TOO_LATE"}
    nodes[key]["catch"] = [{"timer": "2d", "to": "too_late"}]


def repeat(flow: Node) -> None:
    nodes, key = first_task(flow)
    nodes[key]["multi"] = {"over": "vars.items", "mode": "seq", "until": "done = 2"}


def head(flow: Node) -> None:
    flow.update(object="thing", label="Another name", version=2)


def everything(flow: Node) -> None:
    for change in (rename, bind, guard, insert, repeat, head):
        change(flow)


CHANGES: list[Callable[[Node], None]] = [everything, rename, bind, insert, guard, repeat, head]


def flow_of(data: bytes, process: str) -> ImportedFlow:
    found = import_bpmn(data, file="f.bpmn").flows
    return next(one for one in found if one.process.id == process)


def facts(data: bytes) -> set[tuple[str, str, str]]:
    """Return what a document says: each element's id, attributes and texts, trellis's apart."""
    found = set()
    for one in etree.fromstring(data).iter(etree.Element):
        if "urn:trellis" in str(one.tag):
            continue
        key = one.get("id") or one.get("bpmnElement") or ""
        found |= {(key, str(one.tag), f"{name}={value}") for name, value in one.attrib.items()}
        found.add((key, str(one.tag), (one.text or "").strip()))
    return found


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", REFERENCES)
def test_a_changed_flow_goes_out_in_its_document_and_comes_back(
    name: str, change: Callable[[Node], None]
) -> None:
    data = shared_file("miwg", f"{name}.bpmn").read_bytes()
    one = import_bpmn(data, file="f.bpmn").flows[-1]
    flow = copy.deepcopy(one.flow)
    change(flow)

    out = patched(data, {one.process.id: (one.key, flow)}, file="f.bpmn")

    assert flow_of(out, one.process.id).flow == flow
    if XSD.exists():
        etree.XMLSchema(etree.parse(str(XSD))).assertValid(etree.fromstring(out))


# In A.2.1 ways with conditions leave a task; they get the gateway that they mean.
@pytest.mark.parametrize("name", [name for name in REFERENCES if name != "A.2.1"])
def test_what_was_not_changed_stays(name: str) -> None:
    data = shared_file("miwg", f"{name}.bpmn").read_bytes()
    one = import_bpmn(data, file="f.bpmn").flows[-1]
    flow = copy.deepcopy(one.flow)
    nodes, key = first_task(flow)
    bind(flow)

    out = patched(data, {one.process.id: (one.key, flow)}, file="f.bpmn")

    lost = {fact for fact in facts(data) - facts(out) if fact[0] not in (key, "")}
    # Choices and ends that the file leaves open are written out when its flow changes.
    assert {kind.rpartition("}")[2] for _, kind, _ in lost} <= {
        "exclusiveGateway", "sequenceFlow", "task", "documentation"}  # fmt: skip
    assert nodes[key]["who"] == ["role.x"]


def test_what_is_gone_from_the_flow_is_taken_out_with_its_drawing() -> None:
    data = shared_file("miwg", "A.1.0.bpmn").read_bytes()
    one = import_bpmn(data, file="f.bpmn").flows[0]
    flow = copy.deepcopy(one.flow)
    nodes, key = first_task(flow)
    following = nodes.pop(key)["next"]
    for node in nodes.values():
        if node.get("next") == key:
            node["next"] = following

    out = patched(data, {one.process.id: (one.key, flow)}, file="f.bpmn")

    assert key.encode() in data
    assert key.encode() not in out
    assert flow_of(out, one.process.id).flow == flow
    assert flow_of(out, one.process.id).drawing is not None
