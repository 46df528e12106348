"""The bundled app as a package: clean, quick to check, told in two languages, as the page says."""

from __future__ import annotations

import importlib.util
import re
import sys
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.objects import Object
from trellis.metadata.model.texts import Label
from trellis.metadata.package import read_package

from tests.fakes.company import SERVICE

TOOLS = SERVICE.parents[1] / "tools"
CJK = re.compile(r"[一-鿿]")
#: Labels that are the same in both languages: names and signs.
SAME = frozenset({"VIP", "App", "P1", "P2", "P3", "P4"})


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return compile_catalog([read_package(SERVICE)])


@pytest.fixture(scope="module")
def coverage() -> Iterator[ModuleType]:
    sys.path.insert(0, str(TOOLS))
    spec = importlib.util.spec_from_file_location("service_coverage", TOOLS / "service_coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.path.remove(str(TOOLS))


def labels(catalog: Catalog) -> Iterator[tuple[str, Label]]:
    """Yield every label of the app with the place it stands at."""
    for key, item in catalog.objects.items():
        yield from labels_of_object(key, item)
    for key, options in catalog.options.items():
        if options.app == "service":
            yield from ((f"{key}.{name}", one.label) for name, one in options.options.items())
    for kind in (catalog.roles, catalog.views, catalog.flows, catalog.decisions, catalog.rules):
        for key, item in kind.items():
            if getattr(item, "app", "service") == "service":
                yield key, item.label


def labels_of_object(key: str, item: Object) -> Iterator[tuple[str, Label]]:
    """Yield the labels of what the app declares of an object."""
    for name, one in item.fields.items():
        if one.app == "service":
            yield f"{key}.{name}", one.label
    if item.app != "service":
        return
    yield key, item.label
    if item.lifecycle is not None:
        parts = {**item.lifecycle.states, **item.lifecycle.transitions}
        yield from ((f"{key}.{name}", one.label) for name, one in parts.items())


def test_the_app_has_no_problem_and_is_compiled_within_a_second() -> None:
    begun = time.process_time()

    found = compile_catalog([read_package(SERVICE)])

    assert time.process_time() - begun < 1
    assert found.objects["ticket"].lifecycle is not None


def test_every_label_is_there_in_english_and_chinese(catalog: Catalog) -> None:
    wrong = []
    for place, label in labels(catalog):
        english, chinese = label.texts.get("en", ""), label.texts.get("zh-CN", "")
        if not english or CJK.search(english) or not (CJK.search(chinese) or chinese in SAME):
            wrong.append(f"{place}: {english} / {chinese}")

    # A whole week has one word in Chinese too: 7x24.
    assert wrong == ["work_calendar.always_open: Round the clock / 7x24"]


def test_every_object_is_drawn_on_a_form_and_listed_for_somebody(catalog: Catalog) -> None:
    rows_of_others = {"calendar_slot", "calendar_day", "sla_target"}
    own = {key for key, item in catalog.objects.items() if item.app == "service"}

    assert own - {form.object for form in catalog.forms.values()} == rows_of_others


def test_no_row_of_a_table_names_a_desk_that_is_not_a_setting(catalog: Catalog) -> None:
    text = (SERVICE / "rules.yaml").read_text(encoding="utf-8")

    named = set(re.findall(r"settings\.service_settings\.(\w+)", text))

    assert named <= set(catalog.objects["service_settings"].fields)


def test_the_coverage_page_is_what_the_tool_writes(coverage: ModuleType) -> None:
    asked, notes = coverage.read_yaml(coverage.ASKED), coverage.read_yaml(coverage.NOTES)

    written = coverage.page(coverage.service_catalog(), asked, notes)

    assert coverage.PAGE.read_text(encoding="utf-8") == written


def test_what_the_coverage_page_calls_there_is_in_the_app(
    coverage: ModuleType, catalog: Catalog
) -> None:
    for key, cells in rows_of(coverage, "## Objects"):
        fields = catalog.objects[key].fields
        assert set(cells[1].split()) <= set(fields), key
    for key, cells in rows_of(coverage, "## Transitions"):
        names = set(re.findall(r"`(\w+)`", cells[2])) - {"create"}
        item = "ticket" if key.startswith("T") else "work_order"
        assert names <= set(coverage.lifecycle_transitions(catalog, item)), key
    for title, known in (("## Flows", catalog.flows), ("## Decision", catalog.decisions)):
        for key, cells in rows_of(coverage, title):
            assert set(re.findall(r"`(\w+)`", cells[2])) <= set(known), key


def test_nothing_of_the_app_is_missing_from_the_coverage_page(
    coverage: ModuleType, catalog: Catalog
) -> None:
    text = coverage.PAGE.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))

    for key in coverage.own_objects(catalog):
        own = [name for name, one in catalog.objects[key].fields.items() if one.app == "service"]
        assert f"`{key}`" in text
        assert set(own) <= words, key
    for key in ("ticket", "work_order"):
        assert set(coverage.lifecycle_transitions(catalog, key)) <= words, key


def test_every_difference_from_the_specification_has_its_reason(
    coverage: ModuleType, catalog: Catalog
) -> None:
    asked, notes = coverage.read_yaml(coverage.ASKED), coverage.read_yaml(coverage.NOTES)

    assert set(coverage.found_differences(catalog, asked)) == set(notes["fields"])


def test_every_flow_of_the_app_stands_on_the_coverage_page(
    coverage: ModuleType, catalog: Catalog
) -> None:
    notes = coverage.read_yaml(coverage.NOTES)
    named = {name for one in notes["flows"].values() for name in one["in"]}

    # It keeps a field of the ticket right and is no flow of the specification.
    assert set(catalog.flows) - named == {"first_response"}


def rows_of(coverage: ModuleType, title: str) -> list[tuple[str, list[Any]]]:
    """Return the rows of the first table below a title: the first word, and the cells."""
    text = coverage.PAGE.read_text(encoding="utf-8")
    part = text[text.index(title) :].split("\n## ")[0].split("\n### ")[0]
    lines = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| ")]
    return [(re.sub(r"\W*(\w+).*", r"\1", cells[0]), [cell.strip() for cell in cells])
            for cells in lines[1:]]  # fmt: skip
