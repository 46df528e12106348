"""A third app, generated from invented words, runs on the same engine as the two real ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.fields import FieldType
from trellis.metadata.package import package_from_files
from trellis.storage.database import Database

from tests.fakes.depot import Depot
from tests.fakes.invented_app import InventedApp, generate

SEEDS = (1, 2, 3)


def files_of(app: InventedApp) -> dict[str, bytes]:
    return {name: text.encode() for name, text in app.files.items()}


@pytest.mark.parametrize("seed", range(12))
def test_every_generated_app_is_valid(seed: int) -> None:
    package = package_from_files(files_of(generate(seed)))

    assert compile_catalog([package]).apps[package.app]


def test_the_same_seed_makes_the_same_app() -> None:
    assert generate(7).files == generate(7).files != generate(8).files


def test_a_generated_app_has_every_type_of_field() -> None:
    app = generate(1)

    used = {one["type"] for item in app.objects.values() for one in item["fields"].values()}
    assert used == {str(kind) for kind in FieldType}


@pytest.fixture(params=SEEDS)
def house(
    request: pytest.FixtureRequest, database: Database
) -> Iterator[tuple[Depot, InventedApp]]:
    """A depot with the generated app beside it, and a person for each of its roles."""
    made, app = Depot(database), generate(request.param)
    made.application.install([package_from_files(files_of(app))])
    made.add_user("ann", app.roles[0])
    made.add_user("bob", app.roles[1])
    yield made, app
    made.close()


def first_of(app: InventedApp, kind: str) -> str:
    fields = next(iter(app.objects.values()))["fields"]
    return next(name for name, one in fields.items() if one["type"] == kind)


def test_it_works_through_the_door(house: tuple[Depot, InventedApp]) -> None:
    depot, app = house
    keys, choose = list(app.objects), random.Random(app.seed)  # noqa: S311 - a seed
    number, money = first_of(app, "integer"), first_of(app, "money")
    sent = app.values(keys[0], choose)

    with depot.workspace.transaction(SYSTEM) as tx:
        owner = records.create(tx, keys[0], {**sent, "title_of": "Eins", number: 7})
        for amount in ("0.10", "0.20"):
            row = app.values(keys[-1], choose)
            row_money = next(name for name, one in app.objects[keys[-1]]["fields"].items()
                             if one["type"] == "money")  # fmt: skip
            link = app.objects[keys[0]]["fields"]["rows_of"]["from"].partition(".")[2]
            records.create(
                tx, keys[-1], {**row, "title_of": "Zwei", row_money: amount, link: owner}
            )
    with depot.workspace.reading(SYSTEM) as tx:
        found = query.get(tx, keys[0], owner)

    assert found[number] == 8  # a rule made eight of seven
    assert (str(found["sum_of"]), found["count_of"]) == ("0.30", 2)
    assert str(found[money]) == sent[money]


def test_it_works_through_the_api(house: tuple[Depot, InventedApp]) -> None:
    depot, app = house
    ann, key, choose = depot.caller("ann"), next(iter(app.objects)), random.Random(app.seed)  # noqa: S311
    number = first_of(app, "integer")
    sent: dict[str, Any] = {**app.values(key, choose), "title_of": "Drei", number: 5}

    made = ann.post(f"/records/{key}", sent)
    changed = ann.patch(f"/records/{key}/{made.json['id']}", {number: 6}, rev=made.json["rev"])
    refused = ann.patch(f"/records/{key}/{made.json['id']}", {number: 13}, rev=changed.json["rev"])
    listed = ann.get(f"/records/{key}", filter=f"{number} = 6", sort="-title_of")
    moved = ann.post(
        f"/records/{key}/{made.json['id']}/transitions/go", {}, rev=changed.json["rev"]
    )
    tasks = ann.get("/tasks")

    assert (made.status_code, changed.status_code, refused.status_code) == (201, 200, 422)
    assert [one["title_of"] for one in listed.json["items"]] == ["Drei"]
    assert (moved.status_code, moved.json["stage"]) == (200, _second_state(app, key))
    assert tasks.status_code == 200
    assert {name: made.json[name] for name in ("title_of", number)} == {
        "title_of": "Drei",
        number: 5,
    }


def _second_state(app: InventedApp, key: str) -> str:
    return list(app.objects[key]["lifecycle"]["states"])[1]


def test_its_roles_hold(house: tuple[Depot, InventedApp]) -> None:
    depot, app = house
    key, money = next(iter(app.objects)), first_of(app, "money")
    made = depot.caller("ann").post(f"/records/{key}", {"title_of": "Vier", money: "1.50"})

    bob = depot.caller("bob")
    own = bob.post(f"/records/{key}", {"title_of": "Fünf"})
    foreign = bob.get(f"/records/{key}/{made.json['id']}")

    assert (made.status_code, own.status_code, foreign.status_code) == (201, 201, 404)
    assert money not in own.json
    assert bob.get(f"/records/{key}", sort=money).status_code == 422
