"""Typed tree → SQLAlchemy: values and conditions over a table's rows, faithful to FEEL's nulls.

Nothing of an expression becomes SQL text: what is written out, and what does not depend on the row,
is bound. What SQL cannot say is a problem with its place, never a guess. `ports` says what a table
must offer, `binding` how values travel into statements, `terms` is a value in SQL, `scalars` the
functions over single values, `rows` where names lead; `parameters`, `lists`, `conditions` and
`writer` are the walk over the tree, each on top of the one before; `sqlite` is what SQLite needs
registered.
"""

from trellis.expressions.to_sql.binding import SqlParameter
from trellis.expressions.to_sql.ports import SqlRelated, SqlSubject, SqlValue
from trellis.expressions.to_sql.sqlite import register_sqlite_functions
from trellis.expressions.to_sql.writer import SqlExpression, to_sql

__all__ = [
    "SqlExpression",
    "SqlParameter",
    "SqlRelated",
    "SqlSubject",
    "SqlValue",
    "register_sqlite_functions",
    "to_sql",
]
