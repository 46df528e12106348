"""BPMN files that mean harm are refused by name, or become flows that cannot run away."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from trellis.metadata.bpmn.importing import import_bpmn
from trellis.problems import ProblemsFoundError

from tests.unit.expressions.shared import shared_file

#: Peak memory of a process that reads one file, in MiB.
MOST_MEMORY = 200
_READ = """
import json, re, sys
from trellis.metadata.bpmn.importing import import_bpmn
from trellis.problems import ProblemsFoundError
try:
    found = import_bpmn(open(sys.argv[1], "rb").read(), file="f.bpmn")
    told = [str(one) for flow in found.flows for one in flow.bindings]
except ProblemsFoundError as error:
    told = [problem.code for problem in error.problems]
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
print(json.dumps([told, peak]))
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("billion", ["XML004"]),
        ("xxe_file", ["XML004"]),
        ("xxe_http", ["XML004"]),
        ("xxe_param", ["XML004"]),
        ("deep", ["XML002"]),
        ("wide", ["XML002"]),
        ("utf7", ["XML003"]),
        ("script_name", []),
        ("loop", []),
        ("expr", ['g: condition (${"".getClass().forName("java.lang.Runtime")})']),
    ],
)
def test_a_hostile_file_is_refused_or_listed_within_its_limits(name: str, told: list[str]) -> None:
    path = shared_file("hostile", f"bpmn_{name}.bpmn")

    done = subprocess.run([sys.executable, "-c", _READ, str(path)], check=True, timeout=60,
                          capture_output=True, encoding="utf-8")  # fmt: skip

    found, peak = json.loads(done.stdout)
    assert found == told
    assert peak < MOST_MEMORY


def test_a_script_in_a_name_stays_a_text() -> None:
    data = shared_file("hostile", "bpmn_script_name.bpmn").read_bytes()

    (flow,) = import_bpmn(data, file="f.bpmn").flows

    assert flow.flow["nodes"]["e"]["label"] == "<img src=x onerror=alert(1)>"


def test_java_in_a_condition_is_text_that_is_no_expression() -> None:
    data = shared_file("hostile", "bpmn_expr.bpmn").read_bytes()

    (flow,) = import_bpmn(data, file="f.bpmn").flows

    assert "getClass" in json.dumps(flow.flow)


@pytest.mark.parametrize("depth", [63, 200])
def test_depth_is_limited_before_anything_is_built(depth: int) -> None:
    inside = "".join(f'<subProcess id="s{n}">' for n in range(depth)) + "</subProcess>" * depth
    data = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        f'<process id="p">{inside}</process></definitions>'
    ).encode()

    with pytest.raises(ProblemsFoundError, match="deeper"):
        import_bpmn(data, file="f.bpmn")
