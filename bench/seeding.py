"""Fills the databases of the targets with the same records, in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from trellis.access.secrets import hash_secret, token_start
from trellis.engine.actors import SYSTEM
from trellis.engine.records.storing import change_list
from trellis.engine.transactions import Transaction
from trellis.settings import Settings
from trellis.storage.history import row_hash
from trellis.storage.platform_tables.access import CREDENTIAL, TOKEN, USER_ROLE
from trellis.storage.platform_tables.trail import HISTORY
from trellis.wiring import open_application

from bench import data
from bench.baseline import schema
from bench.baseline.app import REFERENCES
from bench.baseline.core_store import make_engine
from bench.data import TODAY, Size

PACKAGE = Path(__file__).parent / "package"
CHUNK = 2_000
Rows = Iterable[Mapping[str, Any]]


def seed_baseline(url: str, size: Size) -> None:
    """Make and fill the tables of the hand-written application."""
    engine = make_engine(url)
    schema.METADATA.create_all(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        users = data.names("user", size.users)
        clerk = {"role": "clerk", "active": True}
        _insert(connection, schema.USER, ({"id": i, "name": n, **clerk} for i, n in users))
        _insert(connection, schema.TOKEN, ({
            "hash": hashlib.sha256(data.token(number).encode()).hexdigest(),
            "user_id": data.identity("user", number), "expires_at": TODAY + timedelta(days=3650),
        } for number in range(size.users)))  # fmt: skip
        for kind, table, number in (("account", schema.ACCOUNT, size.accounts),
                                    ("device", schema.DEVICE, size.devices)):  # fmt: skip
            _insert(connection, table, ({"id": i, "name": n} for i, n in data.names(kind, number)))
        _insert(connection, schema.CASE, (
            {**{f"{key}_id" if key in REFERENCES else key: value for key, value in values.items()},
             "id": case_id, "rev": 1, "created_at": TODAY, "created_by": creator,
             "updated_at": TODAY}
            for case_id, creator, values in data.cases(size)
        ))  # fmt: skip
        _insert(connection, schema.HISTORY, (
            {"case_id": case_id, "rev": 1, "at": TODAY, "user_id": creator, "action": "create",
             "changes": change_list({}, values, frozenset(values))}
            for case_id, creator, values in data.cases(size)
        ))  # fmt: skip
    _analyse(engine)
    engine.dispose()


def seed_trellis(settings: Settings, size: Size) -> None:
    """Install the package in a workspace and fill its tables."""
    application = open_application(settings)
    application.install_folder(PACKAGE)
    with application.workspace.transaction(SYSTEM) as tx:
        _seed_people(tx, size)
        for kind, number in (("account", size.accounts), ("device", size.devices)):
            _insert_records(tx, kind, ((i, None, {"name": n}) for i, n in data.names(kind, number)))
        _insert_records(tx, "case", data.cases(size))
        _insert(tx.connection, HISTORY, (_history(*case) for case in data.cases(size)))
    _analyse(application.database.engine)
    application.database.dispose()


def _seed_people(tx: Transaction, size: Size) -> None:
    connection = tx.connection
    _insert_records(tx, "user", (
        (i, None, {"login": f"user{number}", "name": n, "language": "en", "timezone": "UTC",
                   "active": True})
        for number, (i, n) in enumerate(data.names("user", size.users))
    ))  # fmt: skip
    everybody = [data.identity("user", number) for number in range(size.users)]
    _insert(connection, CREDENTIAL, ({"user_id": i, "auth_version": 1} for i in everybody))
    _insert(connection, USER_ROLE, ({"user_id": i, "role": "clerk", "given_at": TODAY,
                                     "given_by": "system"} for i in everybody))  # fmt: skip
    _insert(connection, TOKEN, ({
        "id": tx.ids.new(), "hash": hash_secret(data.token(number)),
        "start": token_start(data.token(number)), "user_id": person, "label": "bench",
        "created_at": TODAY, "expires_at": TODAY + timedelta(days=3650),
    } for number, person in enumerate(everybody)))  # fmt: skip


def _insert_records(
    tx: Transaction, key: str, records: Iterable[tuple[str, str | None, Mapping[str, Any]]]
) -> None:
    table = tx.compiled.table(key)
    names = {field: column.name for field, column in table.columns.items()}

    def rows() -> Iterator[Mapping[str, Any]]:
        for record_id, creator, values in records:
            whole = {**values, "id": record_id, "rev": 1, "created_at": TODAY,
                     "updated_at": TODAY, "created_by": creator, "updated_by": creator,
                     "owner": creator, "source": "import"}  # fmt: skip
            yield {names[field]: value for field, value in whole.items()}

    _insert(tx.connection, table.table, rows())


def _history(record_id: str, creator: str, values: Mapping[str, Any]) -> dict[str, Any]:
    present = frozenset(key for key, value in values.items() if value is not None)
    row = {
        "object_key": "case", "record_id": record_id, "seq": 1, "at": TODAY, "actor": creator,
        "on_behalf_of": None, "action": "create", "transition": None,
        "changes": change_list({}, values, present), "comment": None, "source": "import",
        "catalog_version": 2, "previous_hash": None,
    }  # fmt: skip
    return {**row, "hash": row_hash(row)}


def _insert(connection: Connection, table: sa.Table, rows: Rows) -> None:
    """Insert rows a few thousand at a time."""
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        connection.execute(sa.insert(table), chunk)


def _analyse(engine: sa.Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
        )
