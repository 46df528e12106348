"""DMN files that use each other, that are wrong, and that mean harm."""

from __future__ import annotations

import json

import pytest
from trellis.expressions import ExpressionProblemsError, decode, encode, evaluate
from trellis.expressions.dmn import DecisionModel, load, load_texts
from trellis.problems import ProblemsFoundError

from tests.unit.expressions.dmn.models import (
    NAMESPACE,
    data,
    decision,
    definitions,
    item,
    knowledge,
    model,
    service,
    structure,
    text,
)
from tests.unit.expressions.shared import shared_file


def together(**files: str) -> DecisionModel:
    return load_texts({f"{name}.dmn": source.encode() for name, source in files.items()})


def imported(name: str, namespace: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="{NAMESPACE}"/>'


BASE = definitions(
    structure("tPerson", name="string"),
    data("person", "tPerson"),
    decision("greeting", text('"Hello " + person.name'), ["=person"]),
    knowledge("polite", ["who: tPerson"], text('"Dear " + who.name')),
    namespace="urn:base",
)


def test_an_imported_models_parts_stand_under_its_name() -> None:
    top = definitions(
        imported("the base", "urn:base"),
        data("p", "the base.tPerson"),
        decision("both", text("the base.greeting + the base.polite(p)"),
                 ["urn:base#greeting", "@urn:base#polite", "=p"]),
    )  # fmt: skip
    found = together(top=top, base=BASE)

    value = found.evaluate("both", {"p": {"name": "Jo"}, "the base": {"person": {"name": "Al"}}})

    assert value == "Hello AlDear Jo"
    assert found.problems == ()


def test_an_import_without_a_name_makes_its_names_plain() -> None:
    top = definitions(imported("", "urn:base"), data("p", "tPerson"),
                      decision("d", text("polite(p)"), ["@urn:base#polite", "=p"]))  # fmt: skip

    assert together(top=top, base=BASE).evaluate("d", {"p": {"name": "Jo"}}) == "Dear Jo"


def test_data_of_an_imports_import_is_given_along_the_names() -> None:
    middle = definitions(
        imported("inner", "urn:base"),
        decision("shout", text('inner.greeting + "!"'), ["urn:base#greeting"]),
        namespace="urn:middle",
    )
    top = definitions(imported("mid", "urn:middle"),
                      decision("d", text("mid.shout"), ["urn:middle#shout"]))  # fmt: skip
    found = together(top=top, middle=middle, base=BASE)

    assert found.evaluate("d", {"mid": {"inner": {"person": {"name": "Jo"}}}}) == "Hello Jo!"


ONE = decision("a", text("1"))
SERVICE = (
    data("c", "string"),
    decision("a", text('"A"')),
    decision("b", text('"B"'), of="string"),
    decision("all", text("a + b + c"), ["a", "b", "=c"]),
    service("serve", ["all"], ["a"], ["b"], ["c"]),
    service("two", ["a", "b"]),
)


def test_a_service_is_a_function_of_its_data_and_then_its_decisions() -> None:
    found = model(*SERVICE, decision("d", text('serve("1", "2")'), ["@serve"]),
                  decision("n", text('serve(b: "2", c: "1")'), ["@serve"]))  # fmt: skip

    assert found.evaluate("d", {}) == "A21"
    assert found.evaluate("n", {}) == "A21"


def test_a_service_is_evaluated_by_its_name() -> None:
    found = model(*SERVICE)

    assert found.evaluate("serve", {"b": "x", "c": "y"}) == "Axy"
    assert found.evaluate("serve", {"b": 5, "c": "y"}) is None
    assert found.evaluate("serve", {"c": "y"}) is None
    assert found.evaluate("two", {}) == {"a": "A", "b": "B"}


def test_a_services_type_may_be_that_of_its_function() -> None:
    of = ('<itemDefinition name="tServe"><functionItem outputTypeRef="number">'
          '<parameters name="c" typeRef="string"/></functionItem></itemDefinition>')  # fmt: skip
    typed, counted = service("typed", ["a"], of="tServe"), service("counted", ["b1"], of="tServe")
    found = model(of, *SERVICE, typed, counted, decision("b1", text("[1]")))

    assert found.evaluate("typed", {}) is None
    assert found.evaluate("counted", {}) == 1


def test_a_service_computes_nothing_that_is_not_part_of_it() -> None:
    found = model(*SERVICE, service("narrow", ["all"], ["a"], [], ["c"]))

    answer = found.explain("narrow", {"c": "y"})

    assert answer.value is None
    assert "`b` is not part of the decision service" in answer.warnings


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("<x", "the file is no well-formed XML"),
        ("<a/>", "is no DMN model that is read here"),
        (definitions(version="http://www.omg.org/spec/DMN/20151101/dmn.xsd"), "versions 1.2, 1.3"),
        (definitions(decision("a", text("1"), ["gone"])), "requires `gone`, which is not there"),
        (definitions(decision("a", text("1"), ["urn:far#b"])), "which is not imported"),
        (definitions(imported("far", "urn:far")), "`urn:far` is not among the files"),
        (definitions(ONE, ONE), "the id `a` stands twice"),
        (definitions(decision("a", text("b"), ["b"]), decision("b", text("a"), ["a"])),
         "the requirements go round in a circle: `a` → `b` → `a`"),
        (definitions("<decide/>"), "`decide` is not known here"),
        (definitions(decision("a", '<decisionTable hitPolicy="LAST"/>')), "is no hit policy"),
        (definitions(item("t", "tGone")), "there is no type `tGone`"),
        (f'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///a">]>{definitions()}', "`<!DOCTYPE d` is not"),
        ("<a>" * 100 + "</a>" * 100, "elements are nested deeper than"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_with_its_place(source: str, message: str) -> None:
    with pytest.raises(ProblemsFoundError) as caught:
        together(wrong=source)

    assert message in str(caught.value)
    assert str(caught.value).startswith("wrong.dmn:")


def test_a_wrong_text_is_named_by_its_place_in_the_file_and_the_rest_runs() -> None:
    found = model(decision("good", text("1")), decision("bad", text("1 +\n  * 2")))

    assert found.evaluate("good", {}) == 1
    assert found.evaluate("bad", {}) is None
    assert str(found.problems[0]).startswith("test.dmn:4:3: error[FEEL001]: `*` does not fit here")


def test_a_decision_that_there_is_not_is_told_with_a_hint() -> None:
    with pytest.raises(KeyError, match=r"there is no decision `totl`; did you mean `total`"):
        model(decision("total", text("1"))).evaluate("totl", {})


@pytest.mark.parametrize("name", ["dmn_cycle.dmn", "dmn_xxe.dmn"])
def test_hostile_files_are_refused_by_name(name: str) -> None:
    path = shared_file("hostile", name)

    with pytest.raises(ProblemsFoundError, match=r"circle: `A` → `B`|DOCTYPE"):
        load(path)


def test_the_visible_conformance_cases_have_the_same_value_in_a_file() -> None:
    lines = shared_file("tck", "visible.jsonl").read_text("utf-8").splitlines()
    cases = [case for case in map(json.loads, lines)
             if case["feel"] is not None and not case["types_used"]]  # fmt: skip

    different = [case["id"] for case in cases if _in_a_file(case) != _alone(case)]

    assert len(cases) > 1_500
    assert different == []


def _alone(case: dict[str, object]) -> object:
    try:
        return encode(evaluate(case["feel"], _inputs(case)))
    except ExpressionProblemsError:
        return {"t": "null"}


def _in_a_file(case: dict[str, object]) -> object:
    inputs = _inputs(case)
    needs = [f"=i{number}" for number in range(len(inputs))]
    parts = [data(name).replace(f'id="{name.replace(" ", "_")}"', f'id="i{number}"')
             for number, name in enumerate(inputs)]  # fmt: skip
    found = model(*parts, decision("the only one", text(str(case["feel"])), needs))
    return encode(found.evaluate("the only one", inputs))


def _inputs(case: dict[str, object]) -> dict[str, object]:
    given = case["inputs"]
    assert isinstance(given, dict)
    return {name: decode(value) for name, value in given.items()}
