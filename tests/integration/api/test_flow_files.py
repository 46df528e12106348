"""Flows over HTTP as BPMN 2.0 files and drawings, and BPMN files as files of a package."""

from __future__ import annotations

from io import BytesIO

from trellis.metadata.bpmn.importing import import_bpmn

from tests.fakes.depot import Depot

THEIRS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    targetNamespace="urn:x"><process id="p"><startEvent id="s"/>
  <sequenceFlow id="f" sourceRef="s" targetRef="t"/><userTask id="t" name="Do it"/></process>
</definitions>"""


def test_a_flow_goes_out_as_a_file_and_as_a_drawing(depot: Depot) -> None:
    designer, key = depot.caller("dan"), "big_order"

    file = designer.get(f"/flows/{key}.bpmn", locale="zh-CN")
    drawing = designer.get(f"/flows/{key}.svg")

    (flow,) = import_bpmn(file.data, file="f.bpmn").flows
    assert (flow.key, flow.is_ours) == (key, True)
    assert drawing.mimetype == "image/svg+xml"
    assert b"<style" not in drawing.data and b"style=" not in drawing.data


def test_a_file_becomes_files_of_a_package(depot: Depot) -> None:
    answer = depot.caller("dan").post(
        "/flows/import", data={"file": (BytesIO(THEIRS), "x.bpmn")},
        content_type="multipart/form-data",
    )  # fmt: skip

    assert answer.status_code == 200
    assert sorted(answer.json["files"]) == ["flows/p.bpmn", "flows/p.layout.json", "flows/p.yaml"]
    assert answer.json["flows"][0]["to_bind"] == [{"node": "t", "what": "people", "said": ""}]


def test_a_hostile_file_is_a_problem_with_its_place(depot: Depot) -> None:
    answer = depot.caller("dan").post(
        "/flows/import", data=b"<!DOCTYPE d [<!ENTITY x 'y'>]><d/>", content_type="application/xml"
    )

    assert answer.status_code == 422
    assert "XML004" in answer.text and "DOCTYPE" in answer.text


def test_who_may_not_change_packages_sees_no_flow(depot: Depot) -> None:
    key = "big_order"

    assert depot.caller("cora").get(f"/flows/{key}.bpmn").status_code == 403
    assert depot.caller("dan").get("/flows/no_such.bpmn").status_code == 404
    assert depot.caller("dan").get(f"/flows/{key}.svg", locale="xx").status_code == 422
