"""What the demo promises to each of its ten people can be done."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.cli.demo import PEOPLE, SCRIPT, play_demo
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.errors import EngineError
from trellis.engine.flows import inbox
from trellis.engine.query import PageRequest
from trellis.engine.records.lifecycle import open_transitions
from trellis.engine.views import RecordView
from trellis.metadata.model.access import Action, Capability
from trellis.metadata.source import read_source
from trellis.settings import Settings
from trellis.storage.platform_tables.catalog import SETTING
from trellis.storage.platform_tables.flows import INSTANCE
from trellis.wiring import Application, open_application

from tests.fakes.company import SERVICE

#: A working day in the middle of the demo company's year.
TODAY = datetime(2026, 9, 16, 7, 0, tzinfo=UTC)
#: Days of the past that the tests' demo tells; the shipped one tells 180.
DAYS = 12
FACTS = ("code", "title", "state", "received_at")


@dataclass
class Demo:
    """A played demo, seen by its people."""

    app: Application
    script: dict[str, Any]

    def who(self, login: str) -> Actor:
        """Return somebody as an actor, with the roles of the script."""
        entry = next(one for one in self.script["people"] if one["login"] == login)
        with self.app.workspace.reading(SYSTEM) as tx:
            found = query.page(tx, "user", PageRequest(filter=f'login = "{login}"')).items[0]
        roles = frozenset(entry["roles"])
        return Actor(Principal(str(found["id"]), login, login, roles))

    def nodes(self, login: str) -> list[str]:
        """Return the nodes at which work waits for somebody."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return [task.node for task in [*inbox.mine(tx), *inbox.claimable(tx)]]

    def rows(self, login: str, view: str) -> list[dict[str, Any]]:
        """Return what somebody sees in a view."""
        found = self.app.catalog().views[view]
        condition = found.where.text if found.where is not None else None
        with self.app.workspace.reading(self.who(login)) as tx:
            return list(query.page(tx, found.object, PageRequest(filter=condition)).items)

    def may_create(self, login: str, object_key: str) -> bool:
        """Tell whether somebody may create records of an object."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return bool(tx.rights(object_key).may(Action.CREATE))

    def moves(self, login: str, view: str) -> set[str]:
        """Return the transitions open to somebody on the records of a view."""
        key = self.app.catalog().views[view].object
        ids = [str(one["id"]) for one in self.rows(login, view)]
        with self.app.workspace.reading(self.who(login)) as tx:
            item = tx.compiled.catalog.objects[key]
            return {move.key for one in ids
                    for move in open_transitions(tx, item, RecordView(tx, key, one))}  # fmt: skip


def script() -> dict[str, Any]:
    """Return the app's demo script."""
    path = SERVICE / SCRIPT
    return dict(read_source(path.read_bytes(), file=str(path)).data)


def played(folder: Path, days: int) -> Demo:
    """Play the demo of the last days on SQLite."""
    told = {**script(), "days": days}
    clock = SetClock(TODAY)
    url = f"sqlite:///{folder / 'demo.db'}"
    app = open_application(Settings(folder, url, "k" * 40, folder / "files"), clock)
    app.install_folder(SERVICE)
    play_demo(app, clock, told, "small")
    return Demo(app, told)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    made = played(folder, DAYS)
    yield made
    made.app.database.dispose()
    shutil.rmtree(folder)


def test_the_sign_in_page_offers_ten_people_with_three_things_to_try(demo: Demo) -> None:
    with demo.app.workspace.reading(SYSTEM) as tx:
        offered = tx.connection.execute(
            sa.select(SETTING.c.value).where(SETTING.c.key == PEOPLE)
        ).scalar_one()

    assert len(offered) == 10
    assert {len(one["try"][locale]) for one in offered for locale in ("en", "zh-CN")} == {3}


def test_no_flow_of_the_demo_stands_still_for_a_mistake(demo: Demo) -> None:
    with demo.app.workspace.reading(SYSTEM) as tx:
        found = tx.connection.execute(
            sa.select(INSTANCE.c.flow, INSTANCE.c.incident).where(INSTANCE.c.state == "incident")
        ).all()

    assert found == []


def test_the_agent_may_take_triage_and_open_a_ticket(demo: Demo) -> None:
    assert "pool" in demo.nodes("li.na")
    assert demo.may_create("li.na", "ticket")
    assert demo.rows("li.na", "tickets_pool")


def test_the_agent_lead_may_assign_look_at_overdue_and_cancel(demo: Demo) -> None:
    assert "assign" in demo.nodes("wang.fang")
    assert demo.rows("wang.fang", "tickets_overdue")
    assert "cancel" in demo.moves("wang.fang", "tickets_pool")


def test_the_dispatcher_may_choose_look_at_the_road_and_reschedule(demo: Demo) -> None:
    assert "choose" in demo.nodes("chen.jie")
    assert "reschedule" in demo.moves("chen.jie", "jobs_running")
    assert demo.rows("chen.jie", "jobs_unplanned")


def test_the_engineer_may_accept_check_in_and_finish(demo: Demo) -> None:
    assert "accept" in demo.nodes("liu.yang")
    assert {"check_in", "finish"} <= demo.moves("liu.yang", "jobs_mine")


def test_the_service_manager_may_release_review_and_see_late_jobs(demo: Demo) -> None:
    assert {"first", "fast", "look"} <= set(demo.nodes("zhao.jun"))
    assert demo.rows("zhao.jun", "jobs_late")


def test_the_regional_manager_decides_the_second_level_and_sees_what_came_back(
    demo: Demo,
) -> None:
    assert "second" in demo.nodes("sun.lei")
    assert demo.rows("sun.lei", "tickets_reopened")
    with demo.app.workspace.reading(demo.who("sun.lei")) as tx:
        assert tx.rights("ticket").may(Action.EXPORT)


def test_finance_sees_charges_holds_and_finished_work_orders(demo: Demo) -> None:
    assert demo.rows("huang.yan", "tickets_billable")
    assert demo.rows("huang.yan", "customers_on_hold")
    assert any(one["state"] == "closed" for one in demo.rows("huang.yan", "jobs_all"))


def test_the_analyst_sees_reopened_tickets_repeated_faults_and_symptoms(demo: Demo) -> None:
    for view in ("tickets_reopened", "tickets_repeated", "fault_symptoms"):
        assert demo.rows("wu.min", view), view


def test_the_administrator_manages_people_packages_and_settings(demo: Demo) -> None:
    can = demo.app.catalog().roles["admin"].can

    assert {Capability("users"), Capability("packages")} <= set(can)
    with demo.app.workspace.transaction(demo.who("admin")) as tx:
        settings = query.page(tx, "service_settings", PageRequest()).items[0]
        records.update(tx, "service_settings", str(settings["id"]), {"reopen_days": 10})
    with pytest.raises(EngineError):
        demo.rows("admin", "tickets_open")


def test_the_customer_reports_confirms_and_sees_who_comes(demo: Demo) -> None:
    assert demo.may_create("xu.qiang", "ticket")
    assert "ask" in demo.nodes("xu.qiang")
    visits = demo.rows("xu.qiang", "jobs_account")
    assert any(one["engineer"] is not None for one in visits)


def test_nobody_of_the_demo_comes_to_an_empty_home(demo: Demo) -> None:
    catalog = demo.app.catalog()
    empty = []
    for entry in demo.script["people"]:
        cards = [card for role in entry["roles"] if role in catalog.roles
                 for card in catalog.roles[role].home]  # fmt: skip
        for card in cards:
            if card.kind == "list" and not demo.rows(entry["login"], card.view):
                empty.append(f"{entry['login']}: {card.view}")

    assert empty == []


def test_texts_are_of_one_language_each(demo: Demo) -> None:
    def mixed(text: str) -> bool:
        halves = text.split(" ", 1)
        return len(halves) == 2 and any("一" <= sign <= "鿿" for sign in halves[0]) and (
            halves[1][:1].isascii() and halves[1][:1].isalpha() and halves[1].islower()
        )  # fmt: skip

    names: list[str] = []
    with demo.app.workspace.reading(SYSTEM) as tx:
        for key in ("customer", "contact", "user", "region"):
            page = query.page(tx, key, PageRequest(fields=("name",), limit=100))
            names += [str(one["name"]) for one in page.items]
    assert [name for name in names if mixed(name)] == []


def test_the_same_seed_makes_the_same_data(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        demo = played(tmp_path / name, 0)
        with demo.app.workspace.reading(SYSTEM) as tx:
            asked = PageRequest(fields=FACTS, sort=("code",), limit=100)
            page = query.page(tx, "ticket", asked)
        found.append([{**one, "id": None} for one in page.items])
        demo.app.database.dispose()

    assert found[0] == found[1]
    assert TODAY - found[0][0]["received_at"] < timedelta(days=20)
