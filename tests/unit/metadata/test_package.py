"""A package is a folder of files: kinds, modules, one definition a file, JSON, translations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trellis.metadata.compile import builtin_package, compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.texts import ExpressionText
from trellis.metadata.package import MAX_FILES, package_from_files, read_package
from trellis.problems import ProblemsFoundError

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "docs/reference/example"
HEAD = "app: shop\nversion: 1.0.0\nlabel: Shop\n"
OBJECTS = "objects: {order: {label: Order, fields: {total: {type: money, currency: EUR}}}}\n"


def catalog_of(**files: str) -> Catalog:
    texts = {"app.yaml": HEAD, **{name.replace("__", "/"): text for name, text in files.items()}}
    return compile_catalog([package_from_files({n: t.encode() for n, t in texts.items()})])


def test_yaml_and_json_say_the_same() -> None:
    as_json = json.dumps({"objects": {"order": {"label": "Order", "fields": {
        "total": {"type": "money", "currency": "EUR"}}}}})  # fmt: skip

    first = catalog_of(**{"objects.yaml": OBJECTS}).objects["order"]
    second = catalog_of(**{"objects.json": as_json}).objects["order"]

    assert first.fields["total"].currency == second.fields["total"].currency == "EUR"
    assert first.label == second.label


def test_a_definition_may_have_a_file_of_its_own() -> None:
    catalog = catalog_of(
        **{"objects.yaml": OBJECTS, "objects__part.yaml": "label: Part\n",
           "rules__size.yaml": "hit: F\ninputs: []\noutputs: [{name: a}]\nrows: [[[], ['1']]]\n",
           "flows__go.json": '{"nodes": {"a": {"start": "form", "next": "b"}, "b": {"end": null}}}'}
    )  # fmt: skip

    assert {"order", "part"} <= set(catalog.objects)
    assert (set(catalog.decisions), set(catalog.flows)) == ({"size"}, {"go"})
    assert catalog.objects["part"].location.file == "objects/part.yaml"


def test_a_module_is_a_folder_with_the_same_files() -> None:
    head = HEAD + "modules: {parts: {label: Parts}}\n"

    catalog = catalog_of(
        **{
            "app.yaml": head,
            "parts__objects.yaml": OBJECTS,
            "parts__objects__part.yaml": "label: P\n",
        }
    )

    assert {catalog.objects[key].module for key in ("order", "part")} == {"parts"}


def test_texts_come_from_translations_too() -> None:
    catalog = catalog_of(
        **{"objects.yaml": OBJECTS, "options.yaml": "options: {size: {S: Small}}\n",
           "translations__zh-CN.yaml":
               "objects: {order: {label: 订单, fields: {total: {label: 总额}}}}\n"
               "options: {size: {S: 小}}\n"}
    )  # fmt: skip

    order = catalog.objects["order"]
    assert (order.label.text("en"), order.label.text("zh-TW")) == ("Order", "订单")
    assert order.fields["total"].label.texts == {"en": "Total", "zh-CN": "总额"}
    assert catalog.options["size"].options["S"].label.texts == {"en": "Small", "zh-CN": "小"}


def test_options_have_labels_colours_an_order_and_may_be_retired() -> None:
    text = (
        "options: {size: {S: Small, L: {label: Large, order: 1, color: red}, X: {active: false}}}\n"
    )

    options = catalog_of(**{"options.yaml": text}).options["size"].options

    assert list(options) == ["L", "S", "X"]
    assert (options["L"].color, options["X"].active, options["X"].label.text("en")) == (
        "red", False, "X",
    )  # fmt: skip


def test_what_begins_with_an_equals_sign_is_an_expression() -> None:
    text = OBJECTS.replace("EUR}", "EUR, default: '= 1 + 1', required: 'owner = null'}")

    total = catalog_of(**{"objects.yaml": text}).objects["order"].fields["total"]

    assert isinstance(total.default, ExpressionText)
    assert isinstance(total.required, ExpressionText)
    assert (total.default.text, total.default.location.column) == ("1 + 1", 90)


def test_an_app_may_add_fields_to_an_object_of_the_platform() -> None:
    catalog = catalog_of(
        **{"objects.yaml": "objects: {user: {extend: true, fields: {shoe: {type: integer}}}}\n"}
    )

    assert catalog.objects["user"].fields["shoe"].app == "shop"


def test_the_built_in_package_has_the_version_of_the_code() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")

    assert f'version = "{builtin_package().version}"' in project


def test_a_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFoundError, match="META070"):
        read_package(tmp_path / "nowhere")


def test_a_package_may_not_have_too_many_files() -> None:
    with pytest.raises(ProblemsFoundError, match="META071"):
        package_from_files({f"data/{number}": b"" for number in range(MAX_FILES + 1)})


_FILES = {path.name: path.read_text("utf-8") for path in sorted(EXAMPLE.glob("*.yaml"))}
_JUNK = st.sampled_from(
    ["null", "true", "5", "-1.5", "''", "no such", "[]", "{}", "[x]", "{a: b}", "[[]]", "'= 1 +'",
     "'{{'", "{en: x}", "{zh: x}", "'*'", "role.x", "'24:00'", "loan", "[null]", "{if: a, to: b}"]
)  # fmt: skip


@given(st.sampled_from(sorted(_FILES)), st.integers(0, 400), _JUNK)
def test_any_change_of_an_app_gives_a_catalog_or_problems(name: str, at: int, junk: str) -> None:
    lines = _FILES[name].splitlines()
    line = lines[at % len(lines)]
    key, colon, _ = line.partition(":")
    changed = [*lines[: at % len(lines)], f"{key}{colon} {junk}", *lines[at % len(lines) + 1 :]]
    files = {**_FILES, name: "\n".join(changed)}

    try:
        compile_catalog([package_from_files({n: text.encode() for n, text in files.items()})])
    except ProblemsFoundError as error:
        assert all(problem.message and problem.location.file for problem in error.problems)
