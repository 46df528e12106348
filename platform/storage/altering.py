"""The transaction in which tables are changed, with what SQLite needs for it.

With foreign keys on, copying a table that others refer to deletes those others' rows; and the
pragma cannot be changed inside a transaction. So it is off before the transaction begins, and what
refers to nothing at its end is found before it commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection
from trellis.storage.database import Database


class DanglingReferenceError(RuntimeError):
    """A change of tables would have left references to rows that are not there."""


@contextmanager
def altering(database: Database) -> Iterator[Connection]:
    """Give a connection in a transaction that may change tables; all of it commits, or nothing.

    Raises DanglingReferenceError when a reference leads nowhere at the end.
    """
    if not database.is_sqlite:
        with database.write() as connection:
            yield connection
        return
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                _refuse_dangling(connection)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.rollback()


def _refuse_dangling(connection: Connection) -> None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if found is not None:
        raise DanglingReferenceError(
            f"row {found[1]} of {found[0]} refers to nothing in {found[2]}"
        )
