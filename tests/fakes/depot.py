"""A depot (customers, orders) served over HTTP on a real database: for tests of the API."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.access.room import AccessRoom, AccessRules
from trellis.access.throttle import Throttle
from trellis.access.tokens import TokenWish, create_token
from trellis.clock import SetClock
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.metadata.package import Package, package_from_files
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from trellis.wiring import Application, open_application
from werkzeug.test import TestResponse

from tests.fakes.gatehouse import cheap_passwords

SECRET = "a secret of thirty-two bytes or more"
PASSWORD = "three green horses"

FILES = {
    "app.yaml": """
app: depot
version: 1.0.0
label: {en: Depot}
language: en
""",
    "options.yaml": """
options:
  order_state:
    new: {label: {en: New}, color: gray}
    approved: {label: {en: Approved}, color: green}
    closed: {label: {en: Closed}, color: red}
  size:
    small: {label: {en: Small}}
    large: {label: {en: Large}}
""",
    "objects.yaml": """
objects:
  customer:
    label: {en: Customer, zh-CN: 客户}
    title: name
    fields:
      name: {type: text, max: 80, required: true, search: true}
      code: {type: text, max: 20, unique: true}
      contact: {type: user}
      credit_limit: {type: money, digits: 12, scale: 2, currency: EUR, track: true}
      orders: {type: related, from: order.customer}
  order:
    label: {en: Order, zh-CN: 订单}
    title: title
    fields:
      number: {type: auto, format: "O-{0000}"}
      title: {type: text, max: 120, required: true, search: true}
      customer: {type: ref, to: customer, index: true}
      status: {type: choice, options: order_state}
      size: {type: choice, options: size, default: small}
      tags: {type: choices, options: size}
      amount: {type: money, digits: 12, scale: 2, currency: EUR,
               label: {en: Amount, zh-CN: 金额}, help: {en: Before tax, zh-CN: 不含税}}
      weight: {type: decimal, digits: 8, scale: 3}
      pieces: {type: integer, min: 0, max: 1000}
      due_on: {type: date}
      due_at: {type: datetime}
      express: {type: boolean, default: false}
      note: {type: text_long}
      extra: {type: json}
      internal_cost: {type: money, digits: 12, scale: 2, currency: EUR, track: true}
      remark: {type: text, max: 200, search: true}
      scan: {type: file}
      lines: {type: rows, of: order_line}
    lifecycle:
      field: status
      initial: [new]
      states:
        new: {label: {en: New}}
        approved: {label: {en: Approved}}
        closed: {label: {en: Closed}, final: true, readonly: true}
      transitions:
        approve: {from: [new], to: approved, label: {en: Approve}, who: [manager]}
        close: {from: [new, approved], to: closed, label: {en: Close}, require: [note],
                comment: required, guard: 'amount > 0',
                guard_message: {en: An order without amount is not closed}}
  order_line:
    label: {en: Line}
    title: item
    fields:
      order: {type: ref, to: order, required: true, on_delete: cascade}
      item: {type: text, max: 80, required: true}
      quantity: {type: decimal, digits: 8, scale: 2}
""",
    "views.yaml": """
views:
  open_orders:
    object: order
    label: {en: Open}
    where: 'status != "closed"'
    columns: [number, title, customer.name]
""",
    "flows.yaml": """
flows:
  big_order:
    label: {en: Big order}
    object: order
    nodes:
      opened: {start: record, event: [create], if: 'amount >= 1000', next: look}
      look: {task: , label: {en: Look at it}, who: role.clerk, claim: true,
             fields: [note], next: sign}
      sign: {approval: any, label: {en: Sign it}, who: role.manager, next: over}
      over: {end: }
  recheck:
    label: {en: Look again}
    object: order
    key: record.id
    nodes:
      asked: {start: form, who: role.clerk, next: sent}
      sent: {receive: order.checked, match: 'msg.number = record.number',
             out: {record.note: msg.note}, next: over}
      over: {end: }
""",
    "roles.yaml": """
roles:
  manager:
    label: {en: Manager}
    grants:
      customer: all
      order: all
      order_line: all
      user: {read: all}
  clerk:
    label: {en: Clerk}
    grants:
      customer: {read: all}
      order: {create: true, read: 'owner = user', update: 'owner = user', delete: 'owner = user',
              export: 'owner = user'}
      order_line: {create: true, read: 'order.owner = user', update: 'order.owner = user'}
    masks:
      order: {internal_cost: hidden, remark: hidden}
      customer: {credit_limit: hidden}
  portal:
    label: {en: Portal}
    grants:
      order: {read: 'customer.contact = user'}
    masks:
      order: {internal_cost: hidden, remark: hidden, note: hidden}
  designer:
    label: {en: Designer}
    can: [packages, design]
  chief:
    label: {en: Chief}
    can: [users, packages, design, jobs, audit, settings, messages]
    grants:
      user: all
""",
}


def package(files: Mapping[str, str] = FILES) -> Package:
    """Return the package of the depot."""
    return package_from_files({name: text.encode() for name, text in files.items()})


@dataclass
class Caller:
    """Somebody who calls the API with a token (or without)."""

    client: FlaskClient
    token: str = ""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        rev: int | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> TestResponse:
        """Send a request to an address below /api/v1."""
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if rev is not None:
            sent["If-Match"] = f'"{rev}"'
        if key is not None:
            sent["Idempotency-Key"] = key
        if body is not None:
            more = {
                "data": json.dumps(body).encode(),
                "content_type": "application/json",
            } | more
        where = path if path.startswith("/api") else f"/api/v1{path}"
        return self.client.open(where, method=method, headers=sent, **more)

    def get(self, path: str, **query: str) -> TestResponse:
        """Read."""
        return self("GET", path, query_string=query)

    def get_page(self, path: str) -> TestResponse:
        """Open a page with the token."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        """Send."""
        return self("POST", path, body, **more)

    def patch(self, path: str, body: Any, rev: int | None = None, **more: Any) -> TestResponse:
        """Change."""
        return self("PATCH", path, body, rev=rev, **more)


@dataclass
class Depot:
    """The depot with its people, orders and an application to call."""

    database: Database
    clock: SetClock = field(default_factory=SetClock)
    base_url: str = ""

    def __post_init__(self) -> None:
        url = self.database.url.render_as_string(hide_password=False)
        files = Path(mkdtemp(prefix="trellis_depot_"))
        self._clear_files = weakref.finalize(self, shutil.rmtree, files, ignore_errors=True)
        self.settings = Settings(Path("."), url, SECRET, files, base_url=self.base_url)
        self.application: Application = open_application(self.settings, self.clock)
        self.application.install([package()])
        self.workspace = self.application.workspace
        self.access = self._cheap_access()
        self.users: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.app: Flask = self.make_app()
        for login, roles in (
            ("mara", ["manager"]), ("cora", ["clerk"]), ("carl", ["clerk"]), ("pia", ["portal"]),
            ("dan", ["designer"]), ("ada", ["chief"]),
        ):  # fmt: skip
            self.add_user(login, *roles)

    def close(self) -> None:
        """Let go of the database."""
        self.application.database.dispose()
        self._clear_files()

    def _cheap_access(self) -> AccessRoom:
        """Return the room of access with passwords that cost next to nothing."""
        with self.workspace.reading(SYSTEM) as tx:
            users = tx.compiled.table("user")
        rules = AccessRules(cheap_passwords(), Throttle())
        workspace = self.workspace
        return AccessRoom(
            workspace.database, users, lambda: workspace.latest().catalog, self.clock,
            workspace.ids, rules,
        )  # fmt: skip

    def make_app(self, settings: Settings | None = None) -> Flask:
        """Return the application with API and pages."""
        pages = WorkspacePages(self.workspace, self.application.flows)
        return create_app(self.workspace, settings or self.settings, self.access, pages)

    def add_user(self, login: str, *roles: str, **values: Any) -> str:
        """Add a user."""
        with self.workspace.transaction(SYSTEM) as tx:
            filled = {"login": login, "name": login.title(), **values}
            user_id = records.create(tx, "user", filled)
            self.access.roles.change(tx.connection, SYSTEM_PRINCIPAL, user_id, roles, tx.now)
        self.users[login] = user_id
        return user_id

    def set_password(self, login: str, password: str = PASSWORD) -> None:
        """Give a user a password."""
        with self.workspace.transaction(SYSTEM) as tx:
            self.access.set_password(tx.connection, SYSTEM_PRINCIPAL, self.users[login], password)

    def token(self, login: str, **narrowed: Any) -> str:
        """Return a token of a user: the one they have, when it is not narrowed and still good."""
        known = self.tokens.get(login, "")
        if not narrowed and self.access.proof_of_token(known) is not None:
            return known
        made = self._new_token(login, narrowed)
        if not narrowed:
            self.tokens[login] = made
        return made

    def _new_token(self, login: str, narrowed: Mapping[str, Any]) -> str:
        with self.workspace.transaction(SYSTEM) as tx:
            user = self.access.directory.by_id(tx.connection, self.users[login])
            assert user is not None
            owner = self.access.principals.of_user(user)
            wish = TokenWish("test", **narrowed)
            return create_token(tx.connection, tx.ids, tx.now, owner, wish, tx.compiled.catalog)[1]

    def caller(self, login: str = "", **narrowed: Any) -> Caller:
        """Return a caller of the API; a stranger without a login."""
        token = self.token(login, **narrowed) if login else ""
        return Caller(self.app.test_client(), token)

    def browser(self) -> FlaskClient:
        """Return a browser without cookies."""
        return self.app.test_client()

    def customer(self, name: str = "Acme", **values: Any) -> str:
        """Create a customer as the platform."""
        with self.workspace.transaction(SYSTEM) as tx:
            return records.create(tx, "customer", {"name": name, **values})

    def order(self, login: str = "mara", **values: Any) -> str:
        """Create an order that somebody owns."""
        filled = {"title": "Chairs", "amount": "10.00", "internal_cost": "7.00",
                  "owner": self.users[login], **values}  # fmt: skip
        with self.workspace.transaction(SYSTEM) as tx:
            return records.create(tx, "order", filled)
