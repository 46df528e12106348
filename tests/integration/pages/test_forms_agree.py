"""The browser decides forms as the server does, over random texts in every input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from trellis.access.principal import Principal
from trellis.engine import query
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.errors import InvalidError
from trellis.engine.query import PageRequest
from trellis.formbuilder.logic.needs import Behind
from trellis.storage.database import Database

from tests.fakes.generated_app import generate
from tests.fakes.offers import fill_offers, offers_files
from tests.fakes.office import Office
from tests.fakes.typed_forms import TypedForms
from tests.unit.expressions.node import Node, build

MANY = 2_000 if os.environ.get("TRELLIS_TEST_FULL") else 60


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Give the running program."""
    with Node(build(tmp_path_factory.mktemp("node"), "form")) as running:
        yield running


@pytest.fixture
def offers(database: Database, tmp_path: Path) -> Iterator[Office]:
    """Give a workspace whose forms decide much."""
    made = Office(database, tmp_path, files=offers_files())
    yield made
    made.close()


def records_of(office: Office) -> Mapping[str, list[str]]:
    """Return the ids of every record, by object."""
    with office.workspace.reading(SYSTEM) as tx:
        return {key: [str(one["id"]) for one in query.page(tx, key, PageRequest()).items]
                for key in tx.compiled.catalog.objects}  # fmt: skip


def seller(office: Office, folder: Path, node: Node) -> TypedForms:
    person = office.person("sally", "seller")
    actor = Actor(Principal(person, "sally", "Sally", frozenset({"seller"}),
                            timezone="Europe/Berlin"))  # fmt: skip
    return TypedForms(office.workspace, actor, folder, node, "Europe/Berlin", records_of(office))


@pytest.mark.parametrize("new", [True, False])
def test_inputs_of_every_kind_give_what_the_server_makes_of_them(
    offers: Office, tmp_path: Path, node: Node, new: bool
) -> None:
    offer = fill_offers(offers)
    forms = seller(offers, tmp_path, node)

    assert forms.decided("offer", new=new) >= 20
    assert forms.differences("offer", "" if new else offer, 1, MANY) == []


@pytest.mark.parametrize("seed", [3, 8])
def test_forms_of_an_app_that_nobody_thought_of_agree(
    database: Database, tmp_path: Path, node: Node, seed: int
) -> None:
    app = generate(seed)
    office = Office(database, tmp_path, files=app.files)
    record = office.add(app.parent, label_text="first", **app.values(1))
    role = next(key for key in office.workspace.latest().catalog.roles if key != "workspace_admin")
    person = office.person("sally", role)
    actor = Actor(Principal(person, "sally", "Sally", frozenset({role})))
    forms = TypedForms(office.workspace, actor, tmp_path, node, ids=records_of(office))

    assert forms.differences(app.parent, record, seed, MANY // 3) == []
    assert forms.differences(app.parent, "", seed, MANY // 3) == []
    office.close()


def test_a_condition_over_a_formula_judges_a_new_record(offers: Office) -> None:
    poor = offers.add("client", name="Poor", limit=10)

    with pytest.raises(InvalidError, match="approval: is required"):
        offers.add("offer", title="Dear", client=poor, amount=5000, share=0)


def test_what_may_not_be_read_is_not_told(offers: Office, tmp_path: Path, node: Node) -> None:
    fill_offers(offers)
    hidden = offers.add("client", name="Hidden", tier="gold", secret="safe")
    forms = seller(offers, tmp_path, node)

    told = forms.behind(Behind("offer", "client", frozenset({("tier",)})), [hidden])

    assert told == {hidden: {"t": "unknown"}}
    assert "secret" not in forms.logic_text("offer", new=True)
    assert "tier" in forms.logic_text("offer", new=True)
