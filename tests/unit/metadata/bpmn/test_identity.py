"""YAML → BPMN → YAML is the identity, and the files are valid BPMN."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.unit.expressions.node import ROOT, find_node
from tests.unit.metadata.bpmn.generated import made_up_flow
from tests.unit.metadata.bpmn.reading import (
    XSD,
    exported,
    imported,
    read_back,
    repository_flows,
    text_of,
)

FLOWS = dict(repository_flows())
needs_schema = pytest.mark.skipif(not XSD.exists(), reason="npm's bpmn-moddle is not installed")


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(XSD)))


@pytest.mark.parametrize("key", FLOWS)
def test_a_flow_comes_back_as_it_was(key: str) -> None:
    assert text_of(imported(exported(key, FLOWS[key]))) == text_of(FLOWS[key])


@pytest.mark.parametrize("key", FLOWS)
def test_a_flow_comes_back_as_it_was_with_chinese_names(key: str) -> None:
    data = exported(key, FLOWS[key], "zh-CN")

    assert read_back(data).locale == "zh-CN"
    assert text_of(imported(data)) == text_of(FLOWS[key])


@given(seed=st.integers(0, 2**40))
def test_a_made_up_flow_comes_back_as_it_was(seed: int) -> None:
    flow = made_up_flow(seed)

    assert text_of(imported(exported("made_up", flow))) == text_of(flow)


@needs_schema
@pytest.mark.parametrize("key", FLOWS)
def test_a_file_is_valid_by_the_standard(key: str, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(exported(key, FLOWS[key])))


@needs_schema
@given(seed=st.integers(0, 2**40))
def test_a_made_up_file_is_valid_by_the_standard(schema: etree.XMLSchema, seed: int) -> None:
    schema.assertValid(etree.fromstring(exported("made_up", made_up_flow(seed))))


@needs_schema
def test_the_readers_of_editors_warn_about_nothing(tmp_path: Path) -> None:
    paths = [tmp_path / f"{key}.bpmn" for key in FLOWS]
    for path in paths:
        path.write_bytes(exported(path.stem, FLOWS[path.stem]))

    done = subprocess.run(
        [find_node() or "node", "tests/node/moddle.mjs"], cwd=ROOT, check=True,
        input="\n".join(map(str, paths)), capture_output=True, encoding="utf-8",
    )  # fmt: skip

    assert [json.loads(line) for line in done.stdout.splitlines()] == [[] for _ in paths]
