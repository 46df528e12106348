"""Inputs that no row of a decision table takes, and inputs that several take where one may.

Each column is cut into pieces within which its cells do not differ; what is left is a walk over
the pieces, with equal sets of rows walked once. Tables whose cells must be computed, or whose
pieces are too many, are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.decision_index import Column
from trellis.expressions.decisions import CompiledTable
from trellis.expressions.temporal import date_text
from trellis.expressions.temporal_values import date_of_number
from trellis.expressions.words import number_text

_MOST_VISITS = 20_000
_MOST_FOUND = 5


@dataclass(frozen=True)
class Finding:
    """A gap or an overlap, with an input as an example; `rows` are the rows that overlap."""

    kind: str
    example: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def message(self) -> str:
        """Return the finding in words."""
        shown = ", ".join(self.example)
        if self.kind == "gap":
            return f"no row takes the input {shown}"
        return f"the rows {' and '.join(self.rows)} both take the input {shown}"


@dataclass(frozen=True)
class _Piece:
    example: str
    mask: int


@dataclass
class _Walk:
    table: CompiledTable
    pieces: Sequence[Sequence[_Piece]]
    overlaps_matter: bool
    found: list[Finding] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)
    visits: int = 0

    def visit(self, column: int, mask: int, example: tuple[str, ...]) -> None:
        """Walk the pieces of the columns from `column` on, for the rows in `mask`."""
        self.visits += 1
        if len(self.found) >= _MOST_FOUND or self.visits > _MOST_VISITS:
            return
        if (column, mask) in self.seen:
            return
        self.seen.add((column, mask))
        rest = tuple(pieces[0].example for pieces in self.pieces[column:])
        if mask == 0:
            self._note("gap", (*example, *rest), 0)
        elif column == len(self.pieces):
            if self.overlaps_matter and mask & (mask - 1):
                self._note("overlap", example, mask)
        elif self.overlaps_matter or not self._covers_all(column, mask):
            for piece in self.pieces[column]:
                self.visit(column + 1, mask & piece.mask, (*example, piece.example))

    def _covers_all(self, column: int, mask: int) -> bool:
        """Tell whether some row takes everything in the columns that are left."""
        for pieces in self.pieces[column:]:
            for piece in pieces:
                mask &= piece.mask
        return mask != 0

    def _note(self, kind: str, example: tuple[str, ...], mask: int) -> None:
        rows = tuple(row.row.id for at, row in enumerate(self.table.rows) if mask >> at & 1)
        self.found.append(Finding(kind, example, rows[:2]))


def find_gaps(table: CompiledTable, input_types: Sequence[t.Type] = ()) -> tuple[Finding, ...]:
    """Return gaps where there is no default, and overlaps under U; at most a few of them."""
    columns = table.index.columns
    if any(column.computed for column in columns) or _has_dates(table):
        return ()
    types = [*input_types, *(item.type for item in table.inputs[len(input_types) :])]
    every = (1 << len(table.rows)) - 1
    pieces = [_pieces(column, of) for column, of in zip(columns, types, strict=True)]
    walk = _Walk(table, pieces, overlaps_matter=table.table.hit == "U")
    walk.visit(0, every, ())
    if walk.visits > _MOST_VISITS:
        return tuple(walk.found)
    wants_all = table.table.hit[0] in "UAFP" and not any(table.defaults)
    return tuple(item for item in walk.found if item.kind == "overlap" or wants_all)


def _has_dates(table: CompiledTable) -> bool:
    return any(row.row.valid_from or row.row.valid_until for row in table.rows)


def _pieces(column: Column, of: t.Type) -> list[_Piece]:
    """Return the pieces of a column: each named value, each span of ranges, and the rest."""
    found = [_Piece(_shown(key), column.everything | mask | _span_mask(column, key))
             for key, mask in column.by_value.items()]  # fmt: skip
    named = set(column.by_value)
    if isinstance(of, t.ChoiceType) and of.values:
        options = [("string", value) for value in of.values]
        return [piece for piece, key in zip(found, column.by_value, strict=True)
                if key in options] + [_Piece(_shown(key), column.everything)
                                      for key in options if key not in named]  # fmt: skip
    if of.name == "boolean":
        truths = [("boolean", True), ("boolean", False)]
        return found + [_Piece(_shown(key), column.everything)
                        for key in truths if key not in named]  # fmt: skip
    for kind_, ends in column.ends.items():
        found += _spans(column, kind_, ends, named)
    return [*found, _Piece("anything else", column.everything)] if not column.ends else found


def _span_mask(column: Column, key: Any) -> int:
    kind_, value = key
    ends = column.ends.get(kind_)
    if ends is None:
        return 0
    position = next((at for at, end in enumerate(ends) if end >= value), len(ends))
    at_end = position < len(ends) and ends[position] == value
    return column.spans[kind_][2 * position + at_end]


def _spans(column: Column, kind_: str, ends: Sequence[Any], named: set[Any]) -> list[_Piece]:
    pieces = []
    for slot, mask in enumerate(column.spans[kind_]):
        end = ends[slot // 2] if slot // 2 < len(ends) else None
        if slot % 2 and (kind_, end) in named:
            continue
        pieces.append(_Piece(_slot_text(kind_, ends, slot), column.everything | mask))
    return pieces


def _slot_text(kind_: str, ends: Sequence[Any], slot: int) -> str:
    if slot % 2:
        return _end_text(kind_, ends[slot // 2])
    if slot == 0:
        return f"< {_end_text(kind_, ends[0])}"
    if slot == 2 * len(ends):
        return f"> {_end_text(kind_, ends[-1])}"
    low, high = _end_text(kind_, ends[slot // 2 - 1]), _end_text(kind_, ends[slot // 2])
    return f"({low}..{high})"


def _end_text(kind_: str, end: Any) -> str:
    if kind_ == "number":
        return number_text(end)
    day = date_of_number(end)
    return f'@"{date_text(day)}"' if day is not None else "a date"


def _shown(key: Any) -> str:
    kind_, value = key
    if kind_ == "string":
        return f'"{value}"'
    if kind_ == "boolean":
        return "true" if value else "false"
    return _end_text(kind_, value)
