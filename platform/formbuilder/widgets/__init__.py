"""The inputs of a form: one widget per field type, compiled once per field and reader.

A widget gets its name (child rows have prefixed names), the value as the form holds it (see
`form_values`), and attributes that depend on the moment: required, invalid, described by.
"""

from __future__ import annotations

from collections.abc import Mapping

from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.widgets import choosing, composed, typing
from trellis.formbuilder.widgets.common import Widget, WidgetMaker
from trellis.metadata.model.fields import FieldType

__all__ = ["WIDGETS", "Widget", "widget_of"]


def widget_of(subject: Subject) -> Widget:
    """Return the widget of a field."""
    return WIDGETS[subject.field.type](subject)


#: Child rows are drawn by `form_page`, which knows the fields of the child.
WIDGETS: Mapping[FieldType, WidgetMaker] = {
    FieldType.TEXT: typing.text,
    FieldType.TEXT_LONG: typing.long_text,
    FieldType.TEXT_RICH: typing.rich_text,
    FieldType.INTEGER: typing.integer,
    FieldType.DECIMAL: typing.decimal,
    FieldType.MONEY: typing.money,
    FieldType.PERCENT: typing.percent,
    FieldType.BOOLEAN: choosing.switch,
    FieldType.DATE: typing.date,
    FieldType.DATETIME: typing.moment,
    FieldType.TIME: typing.time,
    FieldType.DURATION: typing.duration,
    FieldType.EMAIL: typing.email,
    FieldType.PHONE: typing.phone,
    FieldType.URL: typing.url,
    FieldType.CHOICE: choosing.select,
    FieldType.CHOICES: choosing.checks,
    FieldType.REF: choosing.picker,
    FieldType.REFS: choosing.pickers,
    FieldType.ROWS: typing.output,
    FieldType.RELATED: typing.output,
    FieldType.FILE: composed.files,
    FieldType.FILES: composed.files,
    FieldType.IMAGE: composed.files,
    FieldType.VIDEO: composed.files,
    FieldType.SIGNATURE: composed.signature,
    FieldType.SCAN: typing.scan,
    FieldType.USER: choosing.picker,
    FieldType.USERS: choosing.pickers,
    FieldType.ROLE: choosing.roles,
    FieldType.AUTO: typing.output,
    FieldType.ADDRESS: composed.address,
    FieldType.GEO: composed.geo,
    FieldType.JSON: typing.json_text,
    FieldType.FORMULA: typing.output,
    FieldType.ROLLUP: typing.output,
}
