"""Where the stand-ins of the hostile checks are on this product: mapped once, here.

The checks speak of `$B/api/work_order`, of the tokens `$ADM $DES $MGR $TECH $CUST $T2`, of a
hidden field `internal_cost` and a link `customer` with a hidden `credit_limit`.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.fakes.depot import PASSWORD, Caller, Depot

ORDERS = "/records/order"
CUSTOMERS = "/records/customer"
LOGIN = "/login"
PACKAGE_CHECK = "/packages/check"
PACKAGE_APPLY = "/packages/apply"
EXPRESSION_CHECK = "/expressions/check"
#: `$ADM` administers the system, `$DES` designs packages, `$MGR` sees everything of orders,
#: `$TECH` sees orders of their own without the costs, `$CUST` those of their own company.
ADM, DES, MGR, TECH, TECH2, CUST = "ada", "dan", "mara", "cora", "carl", "pia"
HIDDEN = "internal_cost"
HIDDEN_TEXT = "remark"
HIDDEN_BEHIND = "customer.credit_limit"
#: An id in which nothing is.
NOBODY = "019cadc6-9a80-73ef-96d3-c84ea27ced90"
CANARIES = Path("/tmp").glob  # noqa: S108 - where the checks say that canaries must not appear

#: The folder with the hostile files; absent on a machine that has only the repository.
FILES = Path(os.environ.get("TRELLIS_SHARED", Path(__file__).parents[3] / "shared")) / "hostile"
NO_FILES = "the hostile files of the shared folder are not here"


def hostile(name: str) -> bytes:
    """Return a hostile file."""
    return (FILES / name).read_bytes()


@dataclass
class Browser:
    """Somebody signed in with a password, with their cookies and the value of their forms."""

    client: FlaskClient
    csrf: str

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """Open a page."""
        return self.client.get(path, headers=headers, buffered=True)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form of ours."""
        return self.client.post(path, data={"csrf_token": self.csrf, **fields})

    def is_inside(self) -> bool:
        """Tell whether the browser is still signed in."""
        return self.client.get("/api/v1/me").status_code == 200


def csrf_in(page: TestResponse) -> str:
    """Return the value that the forms of a page carry."""
    found = re.search(r'<meta name="csrf-token" content="([^"]*)"', page.get_data(as_text=True))
    assert found is not None
    return found[1]


def sign_in(
    depot: Depot,
    login: str,
    password: str = PASSWORD,
    *,
    at: str = "127.0.0.1",
    client: FlaskClient | None = None,
    **fields: str,
) -> tuple[FlaskClient, TestResponse]:
    """Return a browser that tried to sign in, and the answer."""
    client = client or depot.app.test_client()
    place = {"REMOTE_ADDR": at}
    csrf = csrf_in(client.get("/login", environ_overrides=place))
    data = {"csrf_token": csrf, "login": login, "password": password, **fields}
    return client, client.post("/login", data=data, environ_overrides=place)


def signed_in(depot: Depot, login: str) -> Browser:
    """Return a browser of a person who has the usual password (and gets it if need be)."""
    client, answer = sign_in(depot, login)
    if answer.status_code == 401:
        depot.set_password(login)
        client, answer = sign_in(depot, login)
    assert answer.status_code == 303
    return Browser(client, csrf_in(client.get("/")))


def send_file(caller: Caller, order: str, data: bytes = b"secret drawing") -> str:
    """Add a file to an order, and return its id."""
    sent = caller("POST", f"{ORDERS}/{order}/files", data={"file": (io.BytesIO(data), "plan.txt")})
    assert sent.status_code == 201
    return str(sent.json["id"])


def alike(one: TestResponse, other: TestResponse, key: str, another: str) -> bool:
    """Tell whether two answers are the same but for what was asked for."""
    texts = one.get_data(as_text=True), other.get_data(as_text=True)
    return one.status_code == other.status_code and texts[0].replace(key, another) == texts[1]
