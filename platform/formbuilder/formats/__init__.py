"""A value as HTML: one format per field type, compiled once per field and reader.

Everything that comes from a record is escaped here; the only markup that passes is rich text,
which is cleaned again on the way out although it was cleaned on the way in.
Read `common`, then any of `texts`, `numbers`, `times`, `choices`, `files`.
"""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.formats import choices, files, numbers, texts, times
from trellis.formbuilder.formats.common import Maker, Subject
from trellis.formbuilder.values import Format
from trellis.metadata.model.fields import FieldType

#: Numbers stand right, in figures of one width.
NUMERIC = frozenset(
    {FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT, FieldType.DURATION}
)


def cell_format(subject: Subject) -> Format:
    """Return the format for a cell of a list: one line."""
    maker = _CELL.get(subject.field.value_type, FORMATS[subject.field.value_type])
    return maker(subject)


def detail_format(subject: Subject) -> Format:
    """Return the format for a record page: the whole value."""
    return FORMATS[subject.field.value_type](subject)


FORMATS: Mapping[FieldType, Maker] = {
    FieldType.TEXT: texts.plain,
    FieldType.TEXT_LONG: texts.long_text,
    FieldType.TEXT_RICH: texts.rich,
    FieldType.INTEGER: numbers.integer,
    FieldType.DECIMAL: numbers.decimal,
    FieldType.MONEY: numbers.money,
    FieldType.PERCENT: numbers.percent,
    FieldType.BOOLEAN: choices.boolean,
    FieldType.DATE: times.show_date,
    FieldType.DATETIME: times.show_datetime,
    FieldType.TIME: times.show_time,
    FieldType.DURATION: numbers.duration,
    FieldType.EMAIL: texts.email,
    FieldType.PHONE: texts.phone,
    FieldType.URL: texts.url,
    FieldType.CHOICE: choices.choice,
    FieldType.CHOICES: choices.choices,
    FieldType.REF: choices.reference,
    FieldType.REFS: choices.references,
    FieldType.ROWS: choices.how_many,
    FieldType.RELATED: choices.how_many,
    FieldType.FILE: files.file,
    FieldType.FILES: files.files,
    FieldType.IMAGE: files.image,
    FieldType.VIDEO: files.file,
    FieldType.SIGNATURE: files.image,
    FieldType.SCAN: texts.plain,
    FieldType.USER: choices.user,
    FieldType.USERS: choices.users,
    FieldType.ROLE: choices.role,
    FieldType.AUTO: texts.plain,
    FieldType.ADDRESS: files.address,
    FieldType.GEO: files.geo,
    FieldType.JSON: texts.code,
    FieldType.FORMULA: texts.plain,
    FieldType.ROLLUP: numbers.decimal,
}
#: Where a list shows less than the record does.
_CELL: Mapping[FieldType, Maker] = {
    FieldType.TEXT: texts.short_text,
    FieldType.TEXT_LONG: texts.short_text,
    FieldType.TEXT_RICH: texts.short_rich,
    FieldType.JSON: texts.short_code,
    FieldType.IMAGE: files.file,
    FieldType.SIGNATURE: files.file,
    FieldType.DATETIME: times.show_datetime_short,
}
