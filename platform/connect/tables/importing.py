"""Rows of a table into records, through the one door, with a report by row."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trellis.connect.tables.cells import value_of
from trellis.connect.tables.sheets import Sheet, SheetRow
from trellis.engine import query, records
from trellis.engine.errors import EngineError, InvalidError, NotFoundError, problem
from trellis.engine.parsing import ValueRefusedError
from trellis.engine.query import PageRequest
from trellis.engine.transactions import Transaction
from trellis.ids import is_id
from trellis.metadata.model.access import Action
from trellis.metadata.model.fields import TO_MANY_TYPES, TO_ONE_TYPES, Field
from trellis.metadata.model.objects import SYSTEM_FIELDS, Object
from trellis.problems import suggest

_REFERENCES = TO_ONE_TYPES | TO_MANY_TYPES
_OWNER = Field("owner", next(iter(TO_ONE_TYPES)), location=None, to="user")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Column:
    """What a column is for: a field, and `via` which field of the other record it is named."""

    name: str
    key: str
    field: Field | None = None
    via: str | None = None


@dataclass
class Report:
    """What became of the rows; a problem has its row and field."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0


def import_rows(
    tx: Transaction, object_key: str, sheet: Sheet, *, dry_run: bool, each: bool
) -> Report:
    """Create (or, where a row has an `id`, update) a record for each row.

    One row that does not fit undoes all, unless `each` row is for itself; `dry_run` undoes all
    whatever happens. Raises InvalidError when a column is not known.
    """
    item = _writable_object(tx, object_key)
    columns = _columns(tx, item, sheet.header)
    work = _Import(tx, item, columns)
    tx.pending.flush(tx.connection)
    everything = tx.connection.begin_nested()
    for row in sheet.rows:
        work.take(row)
    if dry_run or (work.report.failed and not each):
        everything.rollback()
        tx.pending.clear()
        tx.views.clear()
    else:
        everything.commit()
    return work.report


def _writable_object(tx: Transaction, object_key: str) -> Object:
    item, rights = tx.compiled.object(object_key), tx.rights(object_key)
    if item is None or not rights.may(Action.READ):
        raise NotFoundError("object")
    return item


def _columns(tx: Transaction, item: Object, header: tuple[str, ...]) -> tuple[Column, ...]:
    hidden = tx.rights(item.key).masked
    seen = {key: one for key, one in item.fields.items() if key not in hidden}
    found = [_column(item, seen, name) for name in header]
    unknown = [name for name, column in zip(header, found, strict=True) if column is None]
    if unknown:
        raise InvalidError([
            {**problem(name, "UNKNOWN_COLUMN", f"`{item.key}` has no field `{name[:80]}`"),
             "hint": suggest(name, seen)} for name in unknown
        ])  # fmt: skip
    columns = tuple(column for column in found if column is not None)
    keys = [column.key for column in columns]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise InvalidError([problem(twice, "REPEATED", "is named by two columns")])
    return columns


def _column(item: Object, seen: Mapping[str, Field], name: str) -> Column | None:
    if name in ("id", "rev"):
        return Column(name, name)
    if name in seen:
        return Column(name, name, seen[name])
    if name == "owner":
        return Column(name, name, _OWNER)
    key, dot, via = name.partition(".")
    if dot and key in seen and seen[key].type in _REFERENCES:
        return Column(name, key, seen[key], via)
    if name in SYSTEM_FIELDS:
        return Column(name, name)  # the door says why it cannot be written
    labelled = [key for key, one in seen.items() if name in one.label.texts.values()]
    return Column(name, labelled[0], seen[labelled[0]]) if len(labelled) == 1 else None


class _Import:
    """The rows on their way in."""

    def __init__(self, tx: Transaction, item: Object, columns: tuple[Column, ...]) -> None:
        self.report = Report()
        self._tx = tx
        self._item = item
        self._columns = columns
        self._known: dict[tuple[str, str, str], str] = {}

    def take(self, row: SheetRow) -> None:
        """Write one row, or note what is wrong with it."""
        self.report.rows += 1
        problems: list[dict[str, Any]] = []
        values = dict(self._values(row, problems))
        if not problems:
            problems = self._write(values)
        if problems:
            self.report.failed += 1
            self.report.problems += [{"row": row.number, **one} for one in problems]

    def _values(self, row: SheetRow, problems: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
        if len(row.cells) > len(self._columns) and any(row.cells[len(self._columns) :]):
            problems.append(problem(None, "RAGGED", f"has {len(row.cells)} cells, and the table "
                                    f"{len(self._columns)} columns"))  # fmt: skip
        for column, cell in zip(self._columns, row.cells, strict=False):
            try:
                value = self._value(column, cell)
            except ValueRefusedError as error:
                problems.append(problem(column.name, "TYPE", str(error)))
            else:
                if value is not None:
                    yield column.key, value

    def _value(self, column: Column, cell: Any) -> Any:
        if column.field is None:
            return None if cell in (None, "") else cell
        value = value_of(self._tx.compiled.catalog, column.field, cell)
        if column.field.type not in _REFERENCES or value is None:
            return value
        if isinstance(value, list):
            return [self._named(column, str(one)) for one in value]
        return self._named(column, str(value))

    def _named(self, column: Column, text: str) -> str:
        """Return the id of the one record that a text names; ValueRefusedError otherwise."""
        target = column.field.to if column.field is not None else None
        if is_id(text) or target is None:
            return text
        item = self._tx.compiled.object(target)
        via = column.via or (item.title if item is not None else None)
        if not isinstance(via, str):
            raise ValueRefusedError(f"must be an id; or name the column `{column.key}.<field>`")
        key = (target, via, text)
        if key not in self._known:
            self._known[key] = self._looked_up(target, via, text)
        return self._known[key]

    def _looked_up(self, target: str, via: str, text: str) -> str:
        condition = f"record.{via} = {json.dumps(text, ensure_ascii=False)}"
        try:
            found = query.page(
                self._tx, target, PageRequest(fields=("id",), filter=condition, limit=2)
            ).items
        except EngineError:
            raise ValueRefusedError(f"`{target}` cannot be looked up by `{via}`") from None
        if len(found) != 1:
            many = "several records" if found else "no record"
            raise ValueRefusedError(f"`{text[:80]}` names {many} of `{target}`")
        return str(found[0]["id"])

    def _write(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        """Write a record, or return what the door says against it."""
        try:
            with self._tx.pending.attempt(self._tx.connection):
                self._create_or_update(values)
        except EngineError as error:
            self._tx.views.clear()
            if isinstance(error, InvalidError):
                return error.details
            return [problem(None, error.code, error.message)]
        return []

    def _create_or_update(self, values: dict[str, Any]) -> None:
        record_id, rev = values.pop("id", None), values.pop("rev", None)
        if record_id is None:
            if rev is not None:
                raise InvalidError([problem("rev", "TYPE", "goes with an `id` only")])
            records.create(self._tx, self._item.key, values)
            self.report.created += 1
            return
        number = str(rev)
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise InvalidError([problem("rev", "REQUIRED", "is required beside an `id`")])
        records.update(self._tx, self._item.key, str(record_id), values, rev=int(number))
        self.report.updated += 1
