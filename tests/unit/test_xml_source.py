"""XML from strangers is read within limits, and what is refused says where."""

from __future__ import annotations

import pytest
from trellis.problems import ProblemsFoundError
from trellis.xml_source import MAX_BYTES, MAX_ELEMENTS, read_xml

from tests.unit.expressions.shared import shared_file


def test_elements_know_their_names_texts_and_places() -> None:
    head = b'<a xmlns="urn:x" xmlns:y="urn:y" n="1" y:m="2">'

    root = read_xml(head + b"\n  <b>one &amp;\n two</b></a>", file="f.xml")

    b = root.find("b")
    assert b is not None
    assert (root.name, root.namespace) == ("a", "urn:x")
    assert root.attributes == {"n": "1", "{urn:y}m": "2"}
    assert b.text == "one &\n two"
    assert (str(b.location), str(b.text_location)) == ("f.xml:2:3", "f.xml:2:6")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no well-formed XML"),
        (b"<a>", "no well-formed XML"),
        (b"<a></b>", "f.xml:1:6: error[XML001]"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "`<!DOCTYPE a` is not read here"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "the file's encoding is not known"),
        (b'<?xml version="1.0" encoding="none"?><a/>', "the file's encoding is not known"),
        (b"<a>" * 65 + b"</a>" * 65, "nested deeper than 64"),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", f"more than {MAX_ELEMENTS} elements"),
        (b"<a>" + b"x" * 4_000_001 + b"</a>", "more than 4000000 characters"),
        (b" " * (MAX_BYTES + 1), "larger than 16 MiB"),
        (b"<a>&#0;</a>", "no well-formed XML"),
    ],
)
def test_what_is_no_plain_xml_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ProblemsFoundError) as caught:
        read_xml(data, file="f.xml")

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name",
    ["bpmn_billion", "bpmn_deep", "bpmn_utf7", "bpmn_wide", "bpmn_xxe_file", "bpmn_xxe_http",
     "bpmn_xxe_param"],
)  # fmt: skip
def test_hostile_files_are_refused(name: str) -> None:
    data = shared_file("hostile", f"{name}.bpmn").read_bytes()

    with pytest.raises(ProblemsFoundError, match=r"DOCTYPE|encoding|deeper|elements"):
        read_xml(data, file=name)
