"""The record benchmark still runs: on a tiny data set, without a word about time."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import records
from bench.records import BASE, JUDGED


def test_the_record_benchmark_runs_and_prints_its_ratios(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = records.main(
        ["--tiny", "--database", "sqlite", "--keep", str(tmp_path), "--port", "8146",
         "--targets", f"{BASE},trellis"]
    )  # fmt: skip

    told = capsys.readouterr().out
    assert done == 0
    assert BASE in told
    assert "trellis" in told
    assert [line.split()[0] for line in told.splitlines() if line.split()[:1] and
            line.split()[0] in JUDGED] == list(JUDGED)  # fmt: skip
    assert "mean of 4" in told
