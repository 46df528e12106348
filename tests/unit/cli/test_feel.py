"""`trellis feel` shows a value, its type, its parts, and where a text is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from trellis.cli.main import main


def test_the_value_and_its_type_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["feel", "amount * 2", "--context", '{"amount": 1.1}'])

    assert (code, capsys.readouterr().out) == (0, "2.2  (number)\n")


def test_the_context_may_be_a_file_with_values_in_wire_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "context.json"
    file.write_text('{"Due Day": {"t": "date", "v": "2026-03-02"}}')

    code = main(["feel", 'Due Day + duration("P1M")', "--context", str(file)])

    assert (code, capsys.readouterr().out) == (0, "2026-04-02  (date)\n")


def test_an_explanation_shows_what_each_part_gave(capsys: pytest.CaptureFixture[str]) -> None:
    main(["feel", "a + b", "--explain", "--context", '{"a": 1}'])

    shown = capsys.readouterr()
    assert shown.out == "null  (null)\na + b => null\n  a => 1\n  b => null\n"
    assert shown.err == "`b`: there is no `b` in the context\n"


def test_a_wrong_text_is_shown_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["feel", "1 +"])

    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "")
    assert "the expression stops too early" in shown.err


def test_a_limit_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["feel", "for i in 1..1000000 return i"])

    assert code == 1
    assert "more than 100000 elements" in capsys.readouterr().err


def test_what_is_no_context_is_refused() -> None:
    with pytest.raises(SystemExit, match="--context"):
        main(["feel", "1", "--context", "{nothing"])
