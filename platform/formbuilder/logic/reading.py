"""How the browser reads the input of a field, and how it says a value that nobody types.

The script's part is `web/islands/form/reading.ts` and `telling.ts`; the server's are `posted`,
`reading` and `settled`. A test compares them over random texts and values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trellis.formbuilder.audience import Audience
from trellis.formbuilder.formats.choices import option_labels
from trellis.formbuilder.formats.common import Subject
from trellis.formbuilder.formats.numbers import currency_sign, money_scale
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.model.fields import Field, FieldType
from trellis.metadata.model.objects import Object

_F = FieldType
#: How the input of a field is read; what is absent keeps the value that the server holds.
KINDS: Mapping[FieldType, str] = {
    _F.TEXT: "text", _F.EMAIL: "text", _F.PHONE: "text", _F.URL: "text", _F.SCAN: "text",
    _F.AUTO: "text", _F.ROLE: "text", _F.CHOICE: "text",
    _F.TEXT_LONG: "long", _F.TEXT_RICH: "long", _F.CHOICES: "choices",
    _F.INTEGER: "integer", _F.DECIMAL: "decimal", _F.MONEY: "decimal", _F.PERCENT: "percent",
    _F.BOOLEAN: "boolean", _F.DATE: "date", _F.DATETIME: "moment", _F.TIME: "time",
    _F.DURATION: "duration", _F.REF: "ref", _F.USER: "ref", _F.REFS: "refs", _F.USERS: "refs",
}  # fmt: skip
#: Inputs of several parts, which the browser does not fill; the engine does when it creates.
UNFILLED = frozenset(
    {_F.REFS, _F.USERS, _F.ADDRESS, _F.GEO, _F.JSON, _F.FILE, _F.FILES, _F.IMAGE, _F.VIDEO,
     _F.SIGNATURE, _F.TEXT_RICH, _F.CHOICES, _F.ROWS}
)  # fmt: skip
_PLAIN = {
    _F.TEXT: "text", _F.TEXT_LONG: "text", _F.EMAIL: "text", _F.PHONE: "text", _F.URL: "text",
    _F.SCAN: "text", _F.ROLE: "text", _F.INTEGER: "number", _F.DECIMAL: "number",
    _F.PERCENT: "percent", _F.BOOLEAN: "boolean", _F.DATE: "date", _F.DATETIME: "moment",
    _F.TIME: "time", _F.DURATION: "duration", _F.REF: "ref", _F.USER: "ref",
}  # fmt: skip


def shown_as(
    catalog: Catalog, model: Object, field: Field, audience: Audience
) -> dict[str, Any] | None:
    """Return how a value of a field is said; None where the browser cannot say it."""
    kind = field.value_type
    if kind is FieldType.MONEY:
        sign = currency_sign(field.currency, audience.locale) if field.currency else ""
        return {"as": "money", "scale": money_scale(field), "sign": sign}
    if kind in (FieldType.CHOICE, FieldType.CHOICES):
        labels = option_labels(Subject(catalog, model, field, audience))
        return {"as": "choice", "labels": {key: label for key, (label, _) in labels.items()}}
    return {"as": _PLAIN[kind]} if kind in _PLAIN else None
