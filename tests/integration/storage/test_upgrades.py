"""A newer platform opens what an older one published, whatever its checks would say today."""

from __future__ import annotations

import sqlalchemy as sa
from trellis.engine.actors import SYSTEM
from trellis.metadata.package import package_from_files
from trellis.storage.catalogs import content_hashes, current_version, pack
from trellis.storage.platform_tables.catalog import CATALOG
from trellis.wiring import open_application

from tests.fakes.workshop import Workshop

OBJECTS = "  place: {label: Place, title: name, fields: {name: {type: text}%s}}\n"
#: What no check of today lets through: an unknown key and an index on a position.
REFUSED = ", spot: {type: geo, index: true, colour: red}"


def test_a_published_catalog_that_todays_checks_refuse_still_runs(workshop: Workshop) -> None:
    workshop.install(OBJECTS % ", spot: {type: geo}")
    place = workshop.create("place", name="Here", spot={"lat": 1, "lng": 2})
    files = {"app.yaml": b"app: shop\nversion: 1.0.1\nlabel: App\n",
             "objects.yaml": f"objects:\n{OBJECTS % REFUSED}".encode()}  # fmt: skip
    older = package_from_files(files, published=True)
    with workshop.app.database.write() as connection:
        connection.execute(sa.update(CATALOG).values(packages=pack([older])))

    app = open_application(workshop.app.settings, workshop.clock)

    with app.workspace.reading(SYSTEM) as tx:
        assert tx.compiled.catalog.objects["place"].fields["spot"].type == "geo"
    app.database.dispose()
    assert workshop.get("place", place)["name"] == "Here"


def test_a_platform_whose_own_objects_changed_publishes_a_version_when_it_opens(
    workshop: Workshop,
) -> None:
    workshop.install(OBJECTS % "")
    place = workshop.create("place", name="Here")
    with workshop.app.database.write() as connection:
        before = current_version(connection)
        hashes = content_hashes(connection, before)
        connection.execute(sa.update(CATALOG).values(content_hash=f"older:{hashes[1]}"))

    app = open_application(workshop.app.settings, workshop.clock)

    with app.database.read() as connection:
        assert current_version(connection) == before + 1
        assert content_hashes(connection, before + 1) == hashes
    app.database.dispose()
    assert workshop.get("place", place)["name"] == "Here"


def test_opening_what_is_up_to_date_publishes_nothing(workshop: Workshop) -> None:
    done = workshop.install(OBJECTS % "")

    app = open_application(workshop.app.settings, workshop.clock)

    with app.database.read() as connection:
        assert current_version(connection) == done.version
    app.database.dispose()
