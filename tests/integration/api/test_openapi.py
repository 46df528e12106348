"""The description of the API is valid OpenAPI 3.1, and the API keeps to it whatever is sent."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)
from schemathesis.specs.openapi.definitions import OPENAPI_31

from tests.fakes.depot import Depot

CHECKS = [not_a_server_error, response_schema_conformance, content_type_conformance]
#: `make test` sends a few requests to each operation for two roles; `make test-full` many for all.
FULL = bool(os.environ.get("TRELLIS_TEST_FULL"))
ROLES = ("mara", "cora", "pia", "ada", "dan") if FULL else ("mara", "cora")
EXAMPLES = 150 if FULL else 8
ALWAYS_SAME = 20261125


def document_of(depot: Depot, login: str) -> dict[str, Any]:
    found: dict[str, Any] = depot.caller(login).get("/openapi.json").json
    return found


@pytest.mark.parametrize("login", ["mara", "cora", "pia", "dan", "ada"])
def test_the_description_is_valid(depot: Depot, login: str) -> None:
    document = document_of(depot, login)

    Draft202012Validator(OPENAPI_31).validate(document)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_each_sees_the_operations_that_are_theirs(depot: Depot) -> None:
    def operations(login: str) -> set[str]:
        paths = document_of(depot, login)["paths"].values()
        return {one["operationId"] for path in paths for name, one in path.items()
                if name != "parameters"}  # fmt: skip

    mara, pia, dan = operations("mara"), operations("pia"), operations("dan")

    assert {"create_order", "import_order", "export_xlsx_order", "add_file_order"} <= mara
    assert not {"create_order", "update_order", "export_csv_order", "list_customer"} & pia
    assert "apply_package" in dan - mara
    assert "list_order" not in dan


def test_every_address_of_the_api_is_described(depot: Depot) -> None:
    """With all rights together, nothing of the API is left out but the description itself."""
    described: set[str] = set()
    for login in ("mara", "ada"):
        described |= set(document_of(depot, login)["paths"])
    rules = {
        _as_described(rule.rule)
        for rule in depot.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }

    left_out = {rule for rule in rules if rule not in described} - {"/api/v1/openapi.json"}

    assert left_out == set()


def _as_described(rule: str) -> str:
    names = {"<object_key>": "order", "messages/<name>": "messages/{name}", "<name>": "approve",
             "<action>": "{action}", "<flow>": "{flow}",
             "<any(csv, xlsx):kind>": "csv", "<any(csv, xes):kind>": "xes"}  # fmt: skip
    for part in ("record", "task", "instance", "token", "user", "delegation"):
        names[f"<{part}_id>"] = "{id}"
    for old, new in names.items():
        rule = rule.replace(old, new)
    return rule


class Fuzz:
    """Sends generated requests; every other one to records that are there, at their revision."""

    def __init__(self, depot: Depot, login: str) -> None:
        self.headers = {"Authorization": f"Bearer {depot.token(login)}"}
        customer = depot.customer("Fuzzed", contact=depot.users[login])
        order = depot.order(login, customer=customer, amount="1500.00")
        self.ids = {"order": order, "customer": customer, "user": depot.users[login]}
        self.schema = schemathesis.openapi.from_wsgi(
            "/api/v1/openapi.json", depot.app, headers=self.headers
        )
        self._turns = count()

    def operations(self) -> Iterator[Any]:
        for found in self.schema.get_all_operations():
            yield found.ok()

    def attack(self, operation: Any, examples: int) -> None:
        @seed(ALWAYS_SAME)
        @settings(max_examples=examples, deadline=None, database=None,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def send(case: Any) -> None:
            if next(self._turns) % 2:
                self._aim(case)
            answer = case.call(headers=self.headers)
            case.validate_response(answer, checks=CHECKS)

        send()

    def _aim(self, case: Any) -> None:
        parts = case.operation.path.split("/")
        if "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = self.ids.get(parts[4], case.path_parameters["id"])
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = '"1"'


@pytest.mark.parametrize("login", ROLES)
def test_generated_requests_get_described_answers(depot: Depot, login: str) -> None:
    fuzz = Fuzz(depot, login)

    for operation in fuzz.operations():
        fuzz.attack(operation, EXAMPLES)
