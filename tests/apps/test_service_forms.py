"""The browser decides the forms of the service app as the server does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from trellis.engine import query
from trellis.engine.actors import SYSTEM
from trellis.engine.query import PageRequest

from tests.fakes.company import Company
from tests.fakes.typed_forms import TypedForms
from tests.unit.expressions.node import Node, build

#: Forms in which the browser decides something.
OBJECTS = ("ticket", "work_order", "work_calendar", "fault_code", "asset", "interaction",
           "service_site")  # fmt: skip


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Give the running program."""
    with Node(build(tmp_path_factory.mktemp("node"), "form")) as running:
        yield running


@pytest.mark.parametrize("login", ["ann", "sam"])
def test_every_form_is_decided_alike(
    company: Company, tmp_path: Path, node: Node, login: str
) -> None:
    company.work_order(company.triaged())
    with company.app.workspace.reading(SYSTEM) as tx:
        ids = {key: [str(one["id"]) for one in query.page(tx, key, PageRequest()).items]
               for key in tx.compiled.catalog.objects}  # fmt: skip
    forms = TypedForms(company.app.workspace, company.who(login), tmp_path, node, ids=ids)

    found = {
        (key, record): forms.differences(key, record, 1, 12)
        for key in OBJECTS
        for record in ("", *ids[key][:2])
        if forms.may_see(key, record)
    }

    assert {place: told for place, told in found.items() if told} == {}
    assert {key for key, _ in found} >= {"ticket", "work_order", "asset"}
    assert forms.decided("ticket", new=True) >= 6
