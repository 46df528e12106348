"""Decision tables go out as DMN files, and DMN files are run, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trellis.cli.main import main
from trellis.expressions.dmn import load

OBJECTS = """
objects:
  invoice:
    title: number
    fields:
      number: {type: auto, format: "I-{000}"}
      amount: {type: money, digits: 14, currency: EUR}
      kind: {type: choice, options: kind}
"""
OPTIONS = """
options:
  kind: {goods: {label: Goods}, work: {label: Work}}
"""
RULES = """
decisions:
  levels:
    object: invoice
    label: Levels
    hit: F
    inputs:
      - {expr: amount, type: money, label: Amount}
      - {expr: kind, type: choice, options: kind}
    outputs: [{name: count, type: integer}, {name: why, type: text, default: '"small"'}]
    rows:
      - [['> 1000', '-'], ['2', '"large"'], {note: by the book}]
      - [['> 500', '"work"'], ['1', '"work " + string(amount)']]
"""


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "app.yaml").write_text("app: ledger\nversion: 0.1.0\nlabel: Ledger\n")
    for name, text in (("objects", OBJECTS), ("options", OPTIONS), ("rules", RULES)):
        (folder / f"{name}.yaml").write_text(text)
    return folder


def test_an_exported_table_decides_the_same(app: Path, tmp_path: Path) -> None:
    file = tmp_path / "ledger.dmn"

    code = main(["decision", "export", str(app), "-o", str(file)])

    assert code == 0
    model = load(file)
    assert model.problems == ()
    assert model.evaluate("levels", {"amount": 2000, "kind": "goods"}) == {
        "count": 2,
        "why": "large",
    }
    assert model.evaluate("levels", {"amount": 600, "kind": "work"}) == {
        "count": 1,
        "why": "work 600",
    }
    assert model.evaluate("levels", {"amount": 1, "kind": "work"}) == {
        "count": None,
        "why": "small",
    }
    assert 'label="Amount"' in file.read_text() and "by the book" in file.read_text()


def test_a_table_that_there_is_not_is_named(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["decision", "export", str(app), "level", "-o", str(tmp_path / "x.dmn")])

    assert code == 1
    assert capsys.readouterr().err == (
        "there is no decision `level` in `ledger`; did you mean `levels`?\n"
    )


def test_a_file_is_run_with_inputs_from_json(
    app: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, inputs = tmp_path / "ledger.dmn", tmp_path / "in.json"
    main(["decision", "export", str(app), "levels", "-o", str(file)])
    inputs.write_text(json.dumps({"amount": {"t": "number", "v": "600.50"}, "kind": "work"}))

    code = main(["decision", "run", "levels", str(file), "--inputs", str(inputs)])

    assert code == 0
    value = json.loads(capsys.readouterr().out)["v"]
    assert value["why"] == {"t": "string", "v": "work 600.5"}


def test_a_file_that_means_harm_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.dmn"
    file.write_text('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><d>&x;</d>')

    code = main(["decision", "run", "a", str(file)])

    assert code == 1
    assert "error[XML004]: `<!DOCTYPE d` is not read here" in capsys.readouterr().err
