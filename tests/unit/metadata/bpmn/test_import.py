"""BPMN files of other tools become flows; what cannot be run is kept and told."""

from __future__ import annotations

import pytest
from trellis.metadata.bpmn.importing import Imported, ImportedFlow, import_bpmn
from trellis.metadata.bpmn.patch import patched
from trellis.metadata.source import read_source
from trellis.metadata.yaml_text import yaml_text
from trellis.problems import ProblemsFoundError

from tests.unit.expressions.shared import shared_file

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
REFERENCES = ["A.1.0", "A.2.0", "A.2.1", "A.3.0", "A.4.0", "A.4.1", "B.1.0", "B.2.0", "C.1.0",
              "C.1.1", "C.2.0", "C.3.0", "C.4.0", "C.5.0", "C.6.0", "C.7.0", "C.8.0", "C.8.1",
              "C.9.0", "C.9.1", "C.9.2"]  # fmt: skip


def document(inside: str, beside: str = "") -> bytes:
    return (
        f'<definitions xmlns="{MODEL}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'targetNamespace="urn:x">{beside}<process id="P1">{inside}</process></definitions>'
    ).encode()


def one_flow(inside: str, beside: str = "") -> ImportedFlow:
    (flow,) = import_bpmn(document(inside, beside), file="f.bpmn").flows
    return flow


def edge(source: str, target: str, inside: str = "", more: str = "") -> str:
    return (
        f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}" {more}>'
        f"{inside}</sequenceFlow>"
    )


def condition(text: str) -> str:
    return f'<conditionExpression xsi:type="tFormalExpression">{text}</conditionExpression>'


@pytest.mark.parametrize(
    ("theirs", "ours", "bound"),
    [
        ("= amount > 5", "amount > 5", []),
        ("${approved}", "approved", []),
        ("${!approved}", "not(approved)", []),
        ("${kind == 'a' &amp;&amp; n != 2}", 'kind = "a"  and  n != 2', []),
        ("${x.getClass()}", "${x.getClass()}", ["g: condition (${x.getClass()})"]),
    ],
)
def test_conditions_become_feel_or_are_to_be_bound(
    theirs: str, ours: str, bound: list[str]
) -> None:
    flow = one_flow(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g_b"/><endEvent id="a"/>'
        '<endEvent id="b"/>' + edge("s", "g") + edge("g", "a", condition(theirs)) + edge("g", "b")
    )

    assert flow.flow["nodes"]["g"] == {"xor": None, "when": [{"if": ours, "to": "a"}], "else": "b"}
    assert [str(one) for one in flow.bindings] == bound


def test_a_choice_without_conditions_asks_for_them_by_name() -> None:
    flow = one_flow(
        '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
        + edge("s", "g") + edge("g", "a", more='name="Yes"') + edge("g", "b", more='name="No"')
    )  # fmt: skip

    assert flow.flow["nodes"]["g"]["when"] == [{"if": 'vars.g = "Yes"', "to": "a", "name": "Yes"}]
    assert flow.flow["nodes"]["g"]["else"] == "b"
    assert {(one.node, one.what) for one in flow.bindings} == {("g", "condition")}


def test_starts_and_ends_that_tools_leave_out_are_added() -> None:
    flow = one_flow('<task id="a"/><task id="b"/>' + edge("a", "b"))

    assert flow.flow["nodes"]["begun"] == {"start": None, "next": "a"}
    assert flow.flow["nodes"]["b"] == {"task": None, "next": "b__end"}
    assert flow.flow["nodes"]["b__end"] == {"end": None}


def test_conditions_behind_an_activity_choose_every_way_that_holds() -> None:
    flow = one_flow(
        '<task id="a"/><endEvent id="x"/><endEvent id="y"/>'
        + edge("a", "x", condition("= p")) + edge("a", "y", condition("= q"))
    )  # fmt: skip

    nodes = flow.flow["nodes"]
    assert nodes["a"] == {"task": None, "next": "a__out"}
    assert nodes["a__out"] == {"or": None, "when": [{"if": "p", "to": "x"}, {"if": "q", "to": "y"}]}


def test_what_is_not_executed_is_kept_and_named() -> None:
    flow = one_flow(
        '<startEvent id="s"/><complexGateway id="g"/><task id="t"><standardLoopCharacteristics/>'
        '</task><transaction id="u"/><intermediateThrowEvent id="l"><linkEventDefinition name="L"/>'
        '</intermediateThrowEvent><dataObject id="d" name="Order"/>'
        + edge("s", "g") + edge("g", "t") + edge("t", "u") + edge("u", "l")
    )  # fmt: skip

    assert flow.kept == ("g: complexGateway", "t: loop", "u: transaction", "l: link")
    assert flow.beside == ("dataObject Order",)
    assert flow.flow["nodes"]["g"] == {"kept": "complexGateway", "next": "t"}


def test_pools_become_flows_and_message_flows_messages() -> None:
    data = (
        f'<definitions xmlns="{MODEL}" targetNamespace="urn:x"><collaboration id="c">'
        '<participant id="p1" name="Our Shop" processRef="one"/>'
        '<participant id="p2" name="我们" processRef="two"/><participant id="p3" name="Bank"/>'
        '<messageFlow id="m" name="order" sourceRef="e" targetRef="s2"/></collaboration>'
        '<process id="one"><startEvent id="s"/>'
        '<endEvent id="e"><messageEventDefinition/></endEvent>'
        + edge("s", "e") + '</process><process id="two"><startEvent id="s2">'
        '<messageEventDefinition/></startEvent><endEvent id="e2"/>' + edge("s2", "e2")
        + "</process></definitions>"
    )  # fmt: skip

    found = import_bpmn(data.encode(), file="f.bpmn")

    assert [one.key for one in found.flows] == ["our_shop", "two"]
    assert found.flows[0].flow["nodes"]["e"] == {"end": "message", "message": "order"}
    assert found.flows[1].flow["nodes"]["s2"]["message"] == "order"
    assert found.beside == ("pool Bank",)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<task id="a"/><task id="a"/>', "BPMN002]: the id `a` stands twice"),
        ("<task/>", "BPMN003]: a `task` has no id"),
        ('<task id="a"/>' + edge("a", "gone"), "BPMN004]: `targetRef` of `a_gone` names `gone`"),
        ('<boundaryEvent id="b" attachedToRef="x"/>', "BPMN004]: `b` is attached to `x`"),
        ("", "BPMN006]: the file has no process with nodes"),
    ],
)
def test_what_is_no_process_is_refused_with_its_place(inside: str, message: str) -> None:
    with pytest.raises(ProblemsFoundError) as caught:
        import_bpmn(document(inside), file="f.bpmn")

    assert message in str(caught.value)
    assert str(caught.value).startswith("f.bpmn:1:")


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(ProblemsFoundError, match="`html` is not the root of a BPMN"):
        import_bpmn(b"<html/>", file="f.bpmn")


def reference(name: str) -> tuple[bytes, Imported]:
    data = shared_file("miwg", f"{name}.bpmn").read_bytes()
    return data, import_bpmn(data, file=f"{name}.bpmn")


@pytest.mark.parametrize("name", REFERENCES)
def test_references_become_flows_and_go_out_as_they_came(name: str) -> None:
    data, found = reference(name)

    assert found.flows
    for one in found.flows:
        assert read_source(yaml_text(one.flow).encode(), file="f.yaml").data == one.flow
    known = {one.process.id: (one.key, one.flow) for one in found.flows}
    assert patched(data, known, file="f.bpmn") == data


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("B.2.0", {"loop": 1, "link": 2}),
        ("C.5.0", {}),
        ("C.8.0", {}),
        ("C.4.0", {"loop": 1}),
        ("C.1.0", {}), ("C.1.1", {}), ("C.3.0", {}), ("C.8.1", {}), ("C.9.0", {}), ("C.9.1", {}),
        ("C.9.2", {}), ("A.1.0", {}), ("A.2.0", {}), ("A.3.0", {}), ("A.4.0", {}), ("A.4.1", {}),
        ("B.1.0", {}), ("C.2.0", {}), ("C.6.0", {}), ("C.7.0", {}),
    ],
)  # fmt: skip
def test_of_references_exactly_this_is_kept_and_not_executed(
    name: str, kept: dict[str, int]
) -> None:
    _, found = reference(name)

    words = [line.rpartition(": ")[2] for one in found.flows for line in one.kept]
    assert {word: words.count(word) for word in words} == kept


def test_the_invoice_process_asks_for_its_actions_and_people() -> None:
    _, found = reference("C.1.1")

    asked = sorted((one.what, one.said) for one in found.flows[0].bindings)
    assert [what for what, _ in asked] == ["action", *["people"] * 4]


def test_compensation_of_the_travel_booking_is_understood() -> None:
    _, found = reference("C.6.0")

    (booking,) = [node for node in found.flows[0].flow["nodes"].values() if "nodes" in node]
    undone = [node["undo"] for node in booking["nodes"].values() if "undo" in node]
    assert len(undone) == 2
    assert all(booking["nodes"][key]["undo_only"] is True for key in undone)
