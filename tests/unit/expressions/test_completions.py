"""An editor is offered the names in scope with their types, and the functions with their docs."""

from __future__ import annotations

from trellis.expressions.completions import functions_in_scope, names_in

from tests.unit.expressions.sample import SCOPE


def test_the_record_s_properties_come_first_with_their_types() -> None:
    names = {one.name: (str(one.type), one.is_property) for one in names_in(SCOPE)}

    assert next(iter(names)) == "id"
    assert names["amount"] == ("number", True)
    assert names["customer"] == ("customer", True)
    assert names["visits"] == ("list<visit>", True)
    assert names["record"] == ("case", False)


def test_functions_are_told_with_each_way_to_call_them() -> None:
    functions = {one.name: one for one in functions_in_scope()}

    assert functions["number"].signatures == (
        "number(from)", "number(from, grouping separator, decimal separator?)",
    )  # fmt: skip
    assert functions["starts with"].doc == "Whether a text begins with another."
