"""Rows of a statement as values by path: what to convert, and where labels stand, known once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from trellis.engine.query.behind import Behind, behind_of, titles
from trellis.engine.query.columns import Column
from trellis.engine.transactions import Transaction
from trellis.engine.views import context_of
from trellis.expressions import Expression
from trellis.storage.prepared import Prepared

Convert = Callable[[Any], Any]
Values = dict[str, Any]


@dataclass(frozen=True)
class RowReader:
    """Reads rows `(id, rev, values…, titles…, …)` as the driver gives them."""

    names: tuple[str, ...]
    converted: tuple[tuple[str, Convert], ...]
    #: Name of a reference, the place of its title in the row, and the object it leads to.
    references: tuple[tuple[str, int, str], ...]
    behind: tuple[Behind, ...]
    masked: tuple[tuple[str, str | None, Expression], ...]
    by_place: dict[int, Convert]

    @classmethod
    def of(cls, tx: Transaction, columns: Sequence[Column], statement: Prepared) -> RowReader:
        """Return the reader of a statement that selects the columns."""
        by_place = dict(statement.readers) if statement.is_raw else {}
        places = {column.path: 2 + number for number, column in enumerate(columns)}
        labelled = [column for column in columns if len(column.elements) > 1]
        title_place = 2 + len(columns)
        return cls(
            names=("id", "rev", *places),
            converted=tuple((path, by_place[place]) for path, place in places.items()
                            if place in by_place),
            references=tuple((column.path, title_place + number, column.target or "")
                             for number, column in enumerate(labelled)),
            behind=tuple(behind_of(tx, column) for column in columns if not column.direct),
            masked=tuple(_mask(tx, column) for column in columns if column.show is not None),
            by_place=by_place,
        )  # fmt: skip

    def read(self, tx: Transaction, rows: Sequence[Sequence[Any]]) -> list[Values]:
        """Return the values of rows; what lies behind them is read for all rows at once."""
        names, converted = self.names, self.converted
        made = [dict(zip(names, row, strict=False)) for row in rows]
        for name, convert in converted:
            for values in made:
                value = values[name]
                if value is not None:
                    values[name] = convert(value)
        for name, place, target in self.references:
            self._label(tx, made, rows, name, place, target)
        for each in self.behind:
            each.fill(tx, made)
        for name, field, expression in self.masked:
            for values in made:
                values[name] = _shown(tx, values[name], field, expression)
        return made

    def _label(
        self,
        tx: Transaction,
        made: Sequence[Values],
        rows: Sequence[Sequence[Any]],
        name: str,
        place: int,
        target: str,
    ) -> None:
        """Make a reference of each id; titles that SQL cannot say are read for all together."""
        convert = self.by_place.get(place)
        unnamed: list[dict[str, Any]] = []
        for values, row in zip(made, rows, strict=True):
            identity = values[name]
            if identity is None:
                continue
            title = row[place]
            if title is not None and convert is not None:
                title = convert(title)
            reference = values[name] = {"id": identity, "title": title}
            if title is None:
                unnamed.append(reference)
        if unnamed:
            found = titles(tx, target, [reference["id"] for reference in unnamed])
            for reference in unnamed:
                reference["title"] = found.get(reference["id"])

    def last_values(self, row: Sequence[Any], number: int) -> list[Any]:
        """Return the last values of a row, converted."""
        first = len(row) - number
        found: list[Any] = []
        for place in range(first, len(row)):
            value, convert = row[place], self.by_place.get(place)
            found.append(convert(value) if convert is not None and value is not None else value)
        return found


def _mask(tx: Transaction, column: Column) -> tuple[str, str | None, Expression]:
    text = "" if column.show is None else column.show.text
    key = None if column.field is None else column.field.key
    return column.path, key, tx.compiled.expression(text, column.owner.key)


def _shown(tx: Transaction, value: Any, field: str | None, expression: Expression) -> Any:
    """Return what stands for a masked value; the expression sees nothing but the value."""
    if value is None:
        return None
    return expression(context_of(tx, {} if field is None else {field: value}))
