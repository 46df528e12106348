"""Flows go out as BPMN files and drawings, and BPMN files come in, from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from trellis.cli.main import main
from trellis.metadata.source import read_source

OBJECTS = """
objects:
  invoice:
    title: number
    fields: {number: {type: auto, format: "I-{000}"}}
"""
FLOWS = """
flows:
  check:
    label: {en: Check it, zh-CN: 检查}
    object: invoice
    nodes:
      begun: {start: , next: look}
      look:
        task:
        label: {en: Look at it, zh-CN: 查看}
        who: requester
        when: [{if: 'outcome = "no"', to: begun}]
        else: over
      over: {end: }
"""
THEIRS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    targetNamespace="urn:x"
    exporter="Other"><process id="Pay" name="Pay a bill">
  <startEvent id="s"/>
  <sequenceFlow id="a" sourceRef="s" targetRef="t"/>
  <serviceTask id="t" name="Pay"/><sequenceFlow id="b" sourceRef="t" targetRef="g"/>
  <complexGateway id="g"/></process></definitions>"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "app.yaml").write_text("app: ledger\nversion: 0.1.0\nlabel: Ledger\n")
    (folder / "objects.yaml").write_text(OBJECTS)
    (folder / "flows.yaml").write_text(FLOWS)
    return folder


def test_a_flow_goes_out_and_comes_back_into_another_app(app: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "check.bpmn", tmp_path / "other"
    other.mkdir()
    (other / "app.yaml").write_text("app: other\nversion: 0.1.0\nlabel: Other\n")

    assert main(["flow", "export", "check", "--app", str(app), "-o", str(file)]) == 0
    assert main(["flow", "import", str(file), "--app", str(other)]) == 0

    was = read_source((app / "flows.yaml").read_bytes(), file="f").data["flows"]["check"]
    now = read_source((other / "flows" / "check.yaml").read_bytes(), file="f").data
    assert now == was
    assert (other / "flows" / "check.layout.json").exists()
    assert not (other / "flows" / "check.bpmn").exists()


def test_a_drawing_has_the_names_of_a_language_and_styles_by_class(
    app: Path, tmp_path: Path
) -> None:
    file = tmp_path / "check.svg"

    code = main(["flow", "draw", "check", "--app", str(app), "--locale", "zh-CN", "-o", str(file)])

    text = file.read_text()
    assert code == 0
    assert "查看" in text and "检查" in text
    assert 'data-node="look"' in text and "flow-task" in text
    assert "style=" not in text


def test_a_file_of_another_tool_tells_what_to_bind_and_what_is_kept(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, again = tmp_path / "pay.bpmn", tmp_path / "again.bpmn"
    file.write_bytes(THEIRS)

    code = main(["flow", "import", str(file), "--app", str(app)])
    main(["flow", "export", "pay_a_bill", "--app", str(app), "-o", str(again)])

    told = capsys.readouterr().out
    assert code == 0
    assert "flow pay_a_bill: 4 nodes" in told
    assert "  to bind: t: action (Pay)" in told
    assert "  kept, not executed: g: complexGateway" in told
    assert again.read_bytes() == THEIRS


def test_a_flow_with_a_node_that_is_not_executed_cannot_be_published(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pay.bpmn"
    file.write_bytes(THEIRS)
    main(["flow", "import", str(file), "--app", str(app)])

    code = main(["package", "check", str(app)])

    told = capsys.readouterr().out
    assert code == 1
    assert (
        "error[META231]: `complexGateway` of node `g` is kept from a BPMN file and not executed"
        in told
    )
    assert "error[META164]: there is no action `pay`" in told


def test_a_flow_that_is_there_is_not_written_over(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "check.bpmn"
    main(["flow", "export", "check", "--app", str(app), "-o", str(file)])

    code = main(["flow", "import", str(file), "--app", str(app)])

    assert code == 1
    assert "BPMN007]: there is a flow `check` already" in capsys.readouterr().err


def test_a_flow_that_there_is_not_is_named(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["flow", "export", "chekc", "--app", str(app), "-o", str(tmp_path / "x.bpmn")])

    assert code == 1
    assert "there is no flow `chekc`" in capsys.readouterr().err
    assert not (tmp_path / "x.bpmn").exists()
