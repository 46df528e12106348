"""The blueprint of the API, and the transactions its views work in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint
from trellis.engine.transactions import Transaction
from trellis.web.door import actor, proof
from trellis.web.serving import server

api = Blueprint("api", __name__, url_prefix="/api")


@contextmanager
def reading() -> Iterator[Transaction]:
    """Give a read transaction of the caller."""
    with server().workspace.reading(actor("api"), proof().catalog_version) as tx:
        yield tx


@contextmanager
def writing(source: str = "api") -> Iterator[Transaction]:
    """Give a write transaction of the caller."""
    with server().workspace.transaction(actor(source), proof().catalog_version) as tx:
        yield tx
