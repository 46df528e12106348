"""A company of seven people and two customers on the service app, and short ways to act in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.clock import SetClock
from trellis.engine import query, records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.approvals.work import Answer, Task
from trellis.engine.flows import inbox
from trellis.engine.flows.running import person_of
from trellis.engine.query import PageRequest
from trellis.engine.transactions import Transaction
from trellis.storage.platform_tables.access import USER_ROLE
from trellis.storage.platform_tables.talk import NOTIFICATION
from trellis.wiring import Application

SERVICE = Path(__file__).parents[2] / "apps" / "service"
#: login → role
PEOPLE = {
    "ann": "agent", "lea": "agent_lead", "dan": "dispatcher", "eve": "engineer",
    "sam": "service_manager", "rob": "regional_manager", "fay": "finance", "cus": "customer",
}  # fmt: skip


@dataclass
class Company:
    """The application, its people and records by short names."""

    app: Application
    clock: SetClock
    ids: dict[str, str] = field(default_factory=dict)

    def who(self, login: str) -> Actor:
        """Return somebody as an actor."""
        role = PEOPLE[login]
        return Actor(Principal(self.ids[login], login, login.title(), frozenset({role})))

    def create(self, login: str, object_key: str, values: Mapping[str, Any]) -> str:
        """Create a record as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            return records.create(tx, object_key, values)

    def update(
        self, login: str, object_key: str, record_id: str, values: Mapping[str, Any]
    ) -> None:
        """Change a record as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            records.update(tx, object_key, record_id, values)

    def move(
        self, login: str, object_key: str, record_id: str, name: str,
        values: Mapping[str, Any] | None = None, comment: str | None = None,
    ) -> None:  # fmt: skip
        """Run a transition as somebody."""
        with self.app.workspace.transaction(self.who(login)) as tx:
            records.transition(tx, object_key, record_id, name, values, comment=comment)

    def get(self, login: str, object_key: str, record_id: str) -> dict[str, Any]:
        """Return a record as somebody sees it."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return query.get(tx, object_key, record_id)

    def page(self, login: str, object_key: str, condition: str | None = None) -> list[dict]:
        """Return the records that somebody sees."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return list(query.page(tx, object_key, PageRequest(filter=condition)).items)

    def task(self, login: str, node: str) -> Task:
        """Return the open work of a node that somebody holds or may claim."""
        with self.app.workspace.reading(self.who(login)) as tx:
            found = [*inbox.mine(tx), *inbox.claimable(tx)]
        return next(task for task in found if task.node == node)

    def nodes(self, login: str) -> list[str]:
        """Return the nodes at which work waits for somebody."""
        with self.app.workspace.reading(self.who(login)) as tx:
            return sorted(task.node for task in [*inbox.mine(tx), *inbox.claimable(tx)])

    def answer(self, login: str, node: str, action: str, **more: Any) -> None:
        """Answer the work of a node as somebody."""
        task = self.task(login, node)
        with self.app.workspace.transaction(self.who(login)) as tx:
            self.app.flows.runner(tx).act(task.id, person_of(tx), Answer(action, **more))

    def ring(self) -> None:
        """Do the jobs that are due."""
        self.app.worker("test").run_due(100)

    def messages(self, login: str) -> list[str]:
        """Return the titles of what somebody was told, oldest first."""
        told = sa.select(NOTIFICATION.c.title).where(NOTIFICATION.c.user_id == self.ids[login])
        with self.app.workspace.reading(self.who(login)) as tx:
            rows = tx.connection.execute(told.order_by(NOTIFICATION.c.at, NOTIFICATION.c.id))
            return [str(row[0]) for row in rows]

    # Short ways into a ticket's life
    def ticket(self, customer: str = "key", **values: Any) -> str:
        """Open a ticket for one of the customers, as the agent."""
        facts = {
            "title": "Compressor does not start", "description": "No lamp is lit.",
            "service_type": "repair", "channel": self.ids["phone"],
            "customer": self.ids[customer], "site": self.ids[f"{customer}_site"],
            "asset": self.ids[f"{customer}_asset"], "fault_phenomenon": self.ids["symptom"],
        }  # fmt: skip
        return self.create("ann", "ticket", {**facts, **values})

    def triaged(self, customer: str = "key", way: str = "on_site", **values: Any) -> str:
        """Open a ticket, take it and triage it."""
        ticket = self.ticket(customer, **values)
        if "pool" in self.nodes("ann"):
            self.answer("ann", "pool", "take")
        else:
            self.answer("lea", "assign", "assign", values={"assignee": self.ids["ann"]})
        self.answer("ann", "triage", way)
        return ticket

    def work_order(self, ticket: str) -> str:
        """Return the newest work order of a ticket."""
        found = self.page("sam", "work_order", f'ticket = "{ticket}"')
        return str(max(found, key=lambda one: str(one["code"]))["id"])

    def plan(self) -> dict[str, Any]:
        """Return an engineer and a time."""
        return {"engineer": self.ids["engineer"], "planned_start": self.clock.now().isoformat()}


#: Working minutes by priority, the same for every policy.
PROMISED = {"first_response": (15, 30, 60, 120), "dispatch": (30, 60, 120, 480),
            "accept": (15, 15, 30, 60), "arrive": (240, 480, 960, 1920),
            "resolve": (480, 960, 1920, 3840)}  # fmt: skip


def found_company(company: Company) -> None:
    """Install the service app and fill in people and records."""
    company.app.install_folder(SERVICE)
    with company.app.workspace.transaction(SYSTEM) as tx:
        _people(tx, company.ids)
        _places(tx, company.ids)
        _products(tx, company.ids)
        for key, facts in (("key", {"level": "key"}),
                           ("hold", {"level": "normal", "credit_hold": True}),
                           ("vip", {"level": "vip", "credit_hold": True})):  # fmt: skip
            _customer(tx, company.ids, key, facts)
        _links(tx, company.ids)


def _people(tx: Transaction, ids: dict[str, str]) -> None:
    for login, role in PEOPLE.items():
        ids[login] = records.create(tx, "user", {"login": login, "name": login.title()})
        tx.connection.execute(sa.insert(USER_ROLE).values(user_id=ids[login], role=role))


def _places(tx: Transaction, ids: dict[str, str]) -> None:
    ids["open"] = records.create(
        tx, "work_calendar",
        {"code": "ALWAYS", "name": "Always", "timezone": "UTC", "always_open": True},
    )  # fmt: skip
    ids["land"] = records.create(tx, "region", {"code": "L", "name": "Land", "level": "area"})
    team = {"code": "D", "name": "Desk", "kind": "agent", "leader": ids["lea"],
            "calendar": ids["open"]}  # fmt: skip
    ids["desk"] = records.create(tx, "service_team", team)
    town = {"code": "T", "name": "Town", "level": "city", "parent": ids["land"],
            "default_team": ids["desk"]}  # fmt: skip
    ids["town"] = records.create(tx, "region", town)
    ids["far"] = records.create(tx, "region", {"code": "F", "name": "Far", "level": "area"})
    phone = {"code": "P", "name": "Phone", "kind": "phone", "default_team": ids["desk"]}
    ids["phone"] = records.create(tx, "channel", phone)
    policies = {}
    for key, code in (("sla_standard", "SLA-STD"), ("sla_planned", "SLA-PLAN"),
                      ("sla_key", "SLA-KEY"), ("sla_vip", "SLA-VIP")):  # fmt: skip
        targets = [
            {"metric": metric, "priority": priority, "minutes": minutes}
            for metric, promised in PROMISED.items()
            for priority, minutes in zip(("P1", "P2", "P3", "P4"), promised, strict=True)
        ]
        policy = {"code": code, "name": code, "calendar": ids["open"], "targets": targets}
        policies[key] = records.create(tx, "sla_policy", policy)
    desks = dict.fromkeys(("general_desk", "english_desk", "vip_desk", "care_desk"), ids["desk"])
    records.create(tx, "service_settings", {**policies, **desks})


def _products(tx: Transaction, ids: dict[str, str]) -> None:
    category = records.create(tx, "product_category", {"code": "C", "name": "Compressors"})
    ids["product"] = records.create(
        tx, "product", {"code": "AC", "name": "Compressor", "category": category}
    )
    for key, kind in (("symptom", "phenomenon"), ("cause", "cause")):
        ids[key] = records.create(tx, "fault_code", {"code": key, "name": key, "kind": kind})
    ids["engineer"] = records.create(
        tx, "engineer",
        {"code": "E1", "user": ids["eve"], "name": "Eve", "kind": "employee", "team": ids["desk"],
         "mobile": "13800000000", "regions": [ids["land"]], "grade": "l3",
         "calendar": ids["open"], "track_consent": True, "state": "idle"},
    )  # fmt: skip


def _customer(tx: Transaction, ids: dict[str, str], key: str, facts: Mapping[str, Any]) -> None:
    ids[key] = records.create(tx, "customer", {"name": key, "region": ids["town"], **facts})
    site = {"name": f"{key} plant", "customer": ids[key], "address": {"city": "Town"}}
    ids[f"{key}_site"] = records.create(tx, "service_site", site)
    asset = {"customer": ids[key], "site": ids[f"{key}_site"], "product": ids["product"]}
    ids[f"{key}_asset"] = records.create(tx, "asset", asset)
    contact = {"customer": ids[key], "name": f"{key} contact", "mobile": "13812345678"}
    ids[f"{key}_contact"] = records.create(tx, "contact", contact)


def _links(tx: Transaction, ids: dict[str, str]) -> None:
    for login in ("dan", "sam", "rob", "eve"):
        records.update(tx, "user", ids[login], {"regions": [ids["land"]]})
    for login in ("ann", "lea"):
        records.update(tx, "user", ids[login], {"service_teams": [ids["desk"]]})
    records.update(tx, "user", ids["cus"], {"account": ids["key"]})
