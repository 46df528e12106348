"""How definition files are read: values by YAML 1.2, places, and what is refused at once."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from trellis.metadata import limits
from trellis.metadata.reader import LOADER
from trellis.metadata.source import Source, read_source
from trellis.problems import Location, ProblemsFoundError

#: libyaml, and the parser that stands in where it is missing.
LOADERS = [LOADER, yaml.Loader]


@pytest.fixture(params=LOADERS, ids=["libyaml", "python"])
def loader(request: pytest.FixtureRequest) -> Any:
    return request.param


def read(text: str, loader: Any = LOADER, file: str = "a.yaml") -> Source:
    return read_source(text.encode(), file=file, loader=loader)


def refused(content: str | bytes, loader: Any = LOADER, file: str = "a.yaml") -> str:
    data = content.encode() if isinstance(content, str) else content
    with pytest.raises(ProblemsFoundError) as caught:
        read_source(data, file=file, loader=loader)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"),
        ("12:30:45", "12:30:45"), ("1_000", "1_000"), ("1e3", 1000.0), ("0o7", 7), ("07", 7),
        ("0x1F", 31), ("~", None), ("", None), ("null", None), ("Null", None), ("nULL", "nULL"),
        ("true", True), ("True", True), ("tRUE", "tRUE"), ("2026-01-31", "2026-01-31"),
        ("2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"), (".5", 0.5), ("1.", 1.0), ("+12", 12),
        ("-0", 0), ("0b11", "0b11"), ("1.2.3", "1.2.3"), ("=", "="), ("'5'", "5"),
        ('"true"', "true"),
        ("08", 8), ("1e", "1e"), ("<<", "<<"), ("-", [None]),
    ],
)  # fmt: skip
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object, loader: Any) -> None:
    data = read(f"a: {text}" if text != "-" else "a:\n  -", loader).data

    assert data == {"a": value}
    assert type(data["a"]) is type(value)


def test_every_value_and_key_knows_its_place(loader: Any) -> None:
    source = read("a:\n  b: [1, {c: x}]\n  d: |\n    text\n", loader)

    assert source.at(("a", "b", 1, "c")) == Location("a.yaml", 2, 14)
    assert source.at_key(("a", "b", 1, "c")) == Location("a.yaml", 2, 11)
    assert source.at(("a", "d")) == Location("a.yaml", 3, 6)
    assert source.at(("a", "b", "absent", 5)) == Location("a.yaml", 2, 6)


def test_json_has_the_same_values_and_places(loader: Any) -> None:
    source = read('{"a": 1,\n "b": [true, null, "x", 1.5]}', loader, "a.json")

    assert source.data == {"a": 1, "b": [True, None, "x", 1.5]}
    assert source.at(("b", 2)) == Location("a.json", 2, 20)


def test_json_may_write_characters_as_pairs_of_surrogates(loader: Any) -> None:
    source = read('{"a": "\\ud83d\\ude00 \\\\ud83d", "b": 1}', loader, "a.json")

    assert source.data == {"a": "😀 \\ud83d", "b": 1}
    assert source.at(("b",)) == Location("a.json", 1, 36)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: 1\n---\nb: 2\n", "META004"), ("a: 1\n...\n%TAG ! x\n---\nb: 1\n", "META004"),
        ("[" * 65 + "]" * 65, "META005"), ("- " * 65, "META005"), ("[a]: 1", "META006"),
        ("1: a", "META006"), ("~: a", "META006"), ("true: a", "META006"), ("2.5: a", "META006"),
        ("? {a: 1}\n: b", "META006"), ("<<: {a: 1}", "META007"), ("a: 1\na: 2", "META008"),
        ("a: 1\n'a': 2", "META008"), ("Ab: 1\naB: 2", "META009"), ("ﬁ: 1\nfi: 2", "META009"),
        ("a: .inf", "META010"), ("a: -.INF", "META010"), ("a: .nan", "META010"),
        ("a: 1e999", "META010"), ("a: " + "9" * 500, "META010"), ("a: &x 1", "META011"),
        ("a: *x", "META011"), ("&a [*a]", "META011"), ("a: !!str 1", "META012"),
        ("a: !x 1", "META012"), ("%YAML 1.2\n---\na: 1", "META012"),
        ("# c\n\n%TAG ! x\n---\na: 1", "META012"), ('a: "\\0"', "META002"), ("a: [1", "META003"),
        ("a: 'x", "META003"), ("a: b: c", "META003"), ("\ta: 1", "META003"), ("a: @x", "META003"),
    ],
)  # fmt: skip
def test_what_yaml_offers_and_definitions_do_not_need_is_refused(
    text: str, code: str, loader: Any
) -> None:
    told = refused(text, loader)

    assert re.match(rf"a\.yaml:\d+:\d+: error\[{code}\]: ", told), told


@pytest.mark.parametrize("text", ["a: 1\n", "---\na: 1\n", "a: 1\n...\n", "a: 1 #\n#\n\n...\n#"])
def test_one_document_may_be_marked_and_followed_by_comments(text: str, loader: Any) -> None:
    assert read(text, loader).data == {"a": 1}


@pytest.mark.parametrize(
    "text",
    ["{'a': 1}", "{a: 1}", '{"a": 1,}', '{"a": 01}', '{"a": NaN}', '{"a": no}', "- 1", '{"a": 1} #',
     '{"a": +1}', '{"a": .5}', '{"a" 1}'],
)  # fmt: skip
def test_json_is_read_as_strictly_as_json_is(text: str, loader: Any) -> None:
    assert "error[META003]" in refused(text, loader, "a.json")


def test_half_of_a_pair_of_surrogates_is_refused(loader: Any) -> None:
    assert "a.json:1:" in refused('{"a": "\\ud83d"}', loader, "a.json")


@pytest.mark.parametrize(
    ("content", "place"),
    [(b"a: \xff", "1:4"), (b"\xc3\xa9: 1\nb: \xff", "2:4"), (b"a: x\x00", "1:5"),
     ("a: \u2028".encode(), "1:4"), (b"\n\na: \x1b[0m", "3:4")],
)  # fmt: skip
def test_characters_that_no_editor_shows_are_refused_at_their_place(
    content: bytes, place: str
) -> None:
    assert refused(content).startswith(f"a.yaml:{place}: error[META002]: ")


def test_a_file_may_not_be_too_large() -> None:
    told = refused(b"#" * (limits.MAX_BYTES + 1))

    assert told.startswith("a.yaml: error[META001]: the file is larger than 8 MiB")


def test_a_file_may_not_hold_too_many_values() -> None:
    told = refused(b"[" + b"a," * limits.MAX_NODES + b"a]")

    assert "error[META013]: the file holds more than 150000 values" in told


def test_a_byte_order_mark_is_no_part_of_the_text(loader: Any) -> None:
    assert read_source(b"\xef\xbb\xbfa: 1", file="a.yaml", loader=loader).data == {"a": 1}


@given(st.text(max_size=200) | st.text(alphabet="{}[]:,-?&*!|>'\"%@`#~<= \n\tab1.", max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_text_gives_values_or_problems(text: str) -> None:
    for file in ("a.yaml", "a.json"):
        try:
            read_source(text.encode("utf-8", "surrogatepass"), file=file)
        except ProblemsFoundError as error:
            assert all(problem.location.file == file for problem in error.problems)


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_give_values_or_problems(content: bytes) -> None:
    try:
        read_source(content, file="a.yaml")
    except ProblemsFoundError as error:
        assert len(error.problems) == 1


_texts = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp"], include_characters="\n\t"), max_size=30
)
_keys = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | _texts
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(_values)
@settings(max_examples=200, deadline=None)
def test_what_json_writes_is_read_back(value: Any) -> None:
    for escaped in (True, False):
        text = json.dumps({"a": value}, ensure_ascii=escaped)

        assert read(text, file="a.json").data == {"a": value}
