"""Records of two kinds in Python and the same rows in tables, to compare the targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from trellis.expressions import Scope, compile_expression
from trellis.expressions import types as t
from trellis.expressions.functions.moments import NOW
from trellis.expressions.temporal_values import WideDateTime
from trellis.expressions.to_sql import SqlRelated, SqlSubject, SqlValue
from trellis.expressions.to_sql.binding import to_utc
from trellis.expressions.values import record_id
from trellis.storage.types import Duration, ExactNumber, Id, Json, UtcDateTime

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def uid(number: int) -> str:
    """Return the id of a record."""
    return f"01900000-0000-7000-8000-{number:012}"


@dataclass(frozen=True)
class Shape:
    """What is known of a kind of record."""

    key: str
    types: dict[str, t.Type] = field(default_factory=dict, compare=False, hash=False)
    tree: bool = False

    def property(self, name: str) -> t.Type | None:
        """Return the type of a property."""
        return self.types.get(name)

    def names(self) -> Iterable[str]:
        """Return the names of all properties."""
        return self.types


CASE, CUSTOMER, VISIT = Shape("case"), Shape("customer"), Shape("visit")
REGION = Shape(
    "region", tree=True)  # fmt: skip
STATUS = t.ChoiceType(values=("new", "open", "closed"))
CASE.types.update(
    id=t.STRING, number=t.STRING, status=STATUS, title=t.STRING, amount=t.NUMBER, hours=t.NUMBER,
    size=t.NUMBER, done=t.BOOLEAN, day=t.DATE, due=t.DATE, opened=t.DATETIME, closed=t.DATETIME,
    took=t.DAYS_TIME, tags=t.ListType(of=t.STRING), customer=t.RecordType(shape=CUSTOMER),
    visits=t.ListType(of=t.RecordType(shape=VISIT)),
)  # fmt: skip
CUSTOMER.types.update(
    id=t.STRING, name=t.STRING, tier=t.STRING, region=t.RecordType(shape=REGION), credit=t.NUMBER,
)  # fmt: skip
VISIT.types.update(id=t.STRING, done=t.BOOLEAN, cost=t.NUMBER, hours=t.NUMBER, note=t.STRING,
                   on=t.DATE)  # fmt: skip
REGION.types.update(id=t.STRING, name=t.STRING, parent=t.RecordType(shape=REGION))
USER = t.ContextType(entries={
    "name": t.STRING, "limit": t.NUMBER, "active": t.BOOLEAN, "nothing": t.STRING,
    "regions": t.ListType(of=t.RecordType(shape=REGION)), "tiers": t.ListType(of=t.STRING),
    "customer": t.RecordType(shape=CUSTOMER), "since": t.DATE,
})  # fmt: skip
SCOPE = Scope({"record": t.RecordType(shape=CASE), "user": USER}, CASE)

META = sa.MetaData()
REGIONS = sa.Table("region", META, sa.Column("id", Id(), primary_key=True),
                   sa.Column("name", sa.Text), sa.Column("parent", Id()))  # fmt: skip
CUSTOMERS = sa.Table(
    "customer", META, sa.Column("id", Id(), primary_key=True), sa.Column("name", sa.Text),
    sa.Column("tier", sa.Text), sa.Column("region", Id()), sa.Column("credit", ExactNumber(18, 4)),
)  # fmt: skip
CASES = sa.Table(
    "case_", META, sa.Column("id", Id(), primary_key=True), sa.Column("number", sa.Text),
    sa.Column("status", sa.Text), sa.Column("title", sa.Text),
    sa.Column("amount", ExactNumber(14, 2)), sa.Column("hours", ExactNumber(8, 3)),
    sa.Column("size", sa.BigInteger), sa.Column("done", sa.Boolean), sa.Column("day", sa.Date),
    sa.Column("due", sa.Date), sa.Column("opened", UtcDateTime()),
    sa.Column("closed", UtcDateTime()), sa.Column("took", Duration()), sa.Column("tags", Json()),
    sa.Column("customer", Id()),
)  # fmt: skip
VISITS = sa.Table(
    "visit", META, sa.Column("id", Id(), primary_key=True), sa.Column("case_id", Id()),
    sa.Column("done", sa.Boolean), sa.Column("cost", ExactNumber(10, 2)),
    sa.Column("hours", ExactNumber(8, 3)), sa.Column("note", sa.Text), sa.Column("on", sa.Date),
)  # fmt: skip
_TABLES = {"case": CASES, "customer": CUSTOMERS, "visit": VISITS, "region": REGIONS}
_LINKS = {("case", "customer"): "customer", ("customer", "region"): "region",
          ("region", "parent"): "region"}  # fmt: skip


class Record(dict[str, Any]):
    """A record; equal ids are equal records."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.id = str(values["id"])

    def ancestor_ids(self) -> Iterator[str]:
        """Yield the ids from this record upwards."""
        current: Any = self
        while current is not None:
            yield current.id
            current = current.get("parent")


def _regions() -> dict[int, Record]:
    world = Record({"id": uid(900), "name": "World", "parent": None})
    north = Record({"id": uid(901), "name": "North", "parent": world})
    coast = Record({"id": uid(902), "name": "Coast", "parent": north})
    south = Record({"id": uid(903), "name": "South", "parent": world})
    return {0: world, 1: north, 2: coast, 3: south}


REGION_RECORDS = _regions()
CUSTOMER_RECORDS = {
    1: Record({"id": uid(1), "name": "Äpfel GmbH", "tier": "VIP", "region": REGION_RECORDS[2],
               "credit": Decimal("1000.5")}),
    2: Record({"id": uid(2), "name": "Borg_%", "tier": "A", "region": REGION_RECORDS[3],
               "credit": None}),
    3: Record({"id": uid(3), "name": "上海维修", "tier": None, "region": None,
               "credit": Decimal("0.0001")}),
}  # fmt: skip


def _visits(case: int, *rows: Sequence[Any]) -> list[Record]:
    return [
        Record({"id": uid(case * 100 + index), "done": done, "cost": cost, "hours": hours,
                "note": note, "on": on})
        for index, (done, cost, hours, note, on) in enumerate(rows, 1)
    ]  # fmt: skip


D = Decimal
_ROWS: list[dict[str, Any]] = [
    {"number": "T-1", "status": "open", "title": "Line is down", "amount": D("150.25"),
     "hours": D("3.5"), "size": 7, "done": True, "day": date(2026, 1, 31), "due": date(2026, 3, 2),
     "opened": AT, "closed": AT + timedelta(hours=5), "took": timedelta(hours=5, minutes=30),
     "tags": ["a", "b"], "customer": CUSTOMER_RECORDS[1],
     "visits": _visits(11, (True, D("10.10"), D("1.5"), "x", date(2026, 3, 1)),
                       (False, D("20.20"), D("0.125"), "y", date(2026, 3, 4)))},
    {"number": "T-2", "status": None, "title": None, "amount": None, "hours": D(0), "size": None,
     "done": None, "day": None, "due": date(2024, 2, 29), "opened": AT - timedelta(days=40),
     "closed": None, "took": None, "tags": None, "customer": CUSTOMER_RECORDS[2],
     "visits": _visits(12, (True, None, D(1), None, None))},
    {"number": "T-3", "status": "closed", "title": "", "amount": D("0.1"), "hours": D("-2.5"),
     "size": -3, "done": False, "day": date(2024, 2, 29), "due": None, "opened": None,
     "closed": AT, "took": timedelta(days=-1, seconds=1), "tags": [],
     "customer": CUSTOMER_RECORDS[3], "visits": _visits(13, (None, D("0.2"), None, "", None))},
    {"number": "T-4", "status": "open", "title": "äß 😀 50%_x", "amount": D("99999999999.99"),
     "hours": D("8"), "size": 9_007_199_254_740_993, "done": True, "day": date(2026, 12, 31),
     "due": date(2026, 12, 31), "opened": AT + timedelta(microseconds=1), "closed": AT,
     "took": timedelta(0), "tags": ["b"], "customer": None, "visits": []},
    {"number": "T-5", "status": "new", "title": "abcabc", "amount": D("-150.25"),
     "hours": D("0.3"), "size": 0, "done": False, "day": date(2025, 7, 1), "due": date(2025, 7, 2),
     "opened": AT, "closed": AT + timedelta(seconds=0, microseconds=5), "took": timedelta(days=3),
     "tags": ["c", "a"], "customer": CUSTOMER_RECORDS[1],
     "visits": _visits(15, (False, D("0.3"), D("0.1"), "z", date(2026, 1, 1)),
                       (False, D("5"), D("0.2"), "Z", date(2025, 1, 1)))},
]  # fmt: skip
CASE_RECORDS = [Record({"id": uid(10 + index), **row}) for index, row in enumerate(_ROWS, 1)]

CONTEXT: dict[str, Any] = {
    "user": {"name": "open", "limit": Decimal("150.25"), "active": True, "nothing": None,
             "regions": [REGION_RECORDS[1]], "tiers": ["VIP", None, "B"],
             "customer": CUSTOMER_RECORDS[1], "since": date(2026, 1, 1)},
    NOW: AT,
}  # fmt: skip


def fill(connection: sa.Connection) -> None:
    """Make the tables and store the records."""
    META.create_all(connection)
    stored = {"region": REGION_RECORDS.values(), "customer": CUSTOMER_RECORDS.values(),
              "case": CASE_RECORDS}  # fmt: skip
    for key, records in stored.items():
        table = _TABLES[key]
        for record in records:
            connection.execute(table.insert().values(_stored(table, record)))
    for case in CASE_RECORDS:
        for visit in case["visits"]:
            values = _stored(VISITS, visit) | {"case_id": case.id}
            connection.execute(VISITS.insert().values(values))


def _stored(table: sa.Table, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.name: record_id(record[column.name]) or record[column.name]
        for column in table.columns
        if column.name in record
    } | {
        column.name: record[column.name].id
        for column in table.columns
        if isinstance(record.get(column.name), Record)
    }


@dataclass
class Subject:
    """A table in a statement, with the joins that paths made."""

    key: str
    table: Any
    joins: list[tuple[Any, Any]]
    made: dict[str, Subject] = field(default_factory=dict)

    @property
    def identity(self) -> sa.ColumnElement[Any]:
        """Return the id of the row."""
        return self.table.c.id  # type: ignore[no-any-return]

    def column(self, name: str) -> SqlValue | None:
        """Return a column."""
        column = self.table.c.get(name)
        if column is None:
            return None
        scale = column.type.scale if isinstance(column.type, ExactNumber) else None
        return SqlValue(column, "", scale, column.type)

    def reference(self, name: str) -> SqlSubject | None:
        """Join what a reference leads to."""
        target = _LINKS.get((self.key, name))
        if target is None:
            return None
        if name not in self.made:
            alias = _TABLES[target].alias()
            self.joins.append((alias, alias.c.id == self.table.c[name]))
            self.made[name] = Subject(target, alias, self.joins)
        return self.made[name]

    def related(self, name: str) -> SqlRelated | None:
        """Return the rows of a list."""
        if (self.key, name) != ("case", "visits"):
            return None
        alias = VISITS.alias()
        tie = alias.c.case_id == self.table.c.id
        return SqlRelated((alias,), tie, Subject("visit", alias, []), (alias.c.id,))

    def descendants(self, roots: Any) -> Any | None:
        """Return the ids at or below some regions."""
        if self.key != "region":
            return None
        below = sa.select(REGIONS.c.id).where(REGIONS.c.id.in_(roots)).cte(recursive=True)
        child = REGIONS.alias()
        tied = child.c.parent == below.c.id
        below = below.union(sa.select(child.c.id).join_from(below, child, tied))
        return sa.select(below.c.id)


def rows_in_sql(connection: sa.Connection, text: str, scope: Scope = SCOPE) -> list[str]:
    """Return the numbers of the cases that a condition keeps."""
    subject = Subject("case", CASES.alias("t"), [])
    sqlite = connection.dialect.name == "sqlite"
    made = compile_expression(text, scope).to_sql(subject, sqlite=sqlite)
    rows = sa.select(subject.table.c.number).select_from(outer_joins(subject))
    statement = rows.where(made.element)
    found = connection.execute(statement, made.values(CONTEXT)).scalars()
    return sorted(found)


def values_in_sql(connection: sa.Connection, text: str, scope: Scope = SCOPE) -> list[Any]:
    """Return the value of an expression for each case, in order."""
    subject = Subject("case", CASES.alias("t"), [])
    sqlite = connection.dialect.name == "sqlite"
    made = compile_expression(text, scope).to_sql(subject, sqlite=sqlite, value=True)
    rows = sa.select(made.element).select_from(outer_joins(subject))
    statement = rows.order_by(subject.table.c.number)
    return list(connection.execute(statement, made.values(CONTEXT)).scalars())


def outer_joins(subject: Subject) -> Any:
    """Return the table with the joins that paths made."""
    clause = subject.table
    for alias, condition in subject.joins:
        clause = clause.outerjoin(alias, condition)
    return clause


def values_in_python(text: str, scope: Scope = SCOPE) -> list[Any]:
    """Return the value of an expression for each case, in order."""
    expression = compile_expression(text, scope)
    return [expression({**CONTEXT, "record": record}) for record in CASE_RECORDS]


def rows_in_python(text: str, scope: Scope = SCOPE) -> list[str]:
    """Return the numbers of the cases that a condition keeps."""
    values = values_in_python(text, scope)
    return sorted(record["number"] for record, value in zip(CASE_RECORDS, values, strict=True)
                  if value is True)  # fmt: skip


def same(a: Any, b: Any) -> bool:
    """Compare a value of Python with one of SQL."""
    if isinstance(a, bool) or a is None or isinstance(b, bool) or b is None:
        return a is b
    if isinstance(a, int | Decimal) and isinstance(b, int | Decimal):
        return abs(Decimal(a) - Decimal(b)) <= abs(Decimal(a)) * Decimal("1e-30")
    if isinstance(b, datetime) and isinstance(a, datetime | WideDateTime):
        # A database holds the instant, not the zone that it was written in.
        return to_utc(a) == to_utc(b)
    return bool((record_id(a) or a) == b)
