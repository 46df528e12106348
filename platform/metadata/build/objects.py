"""objects.yaml and options.yaml → objects with fields and lifecycles, option sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from trellis.metadata.build.calendars import calendar_fields
from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.hints import hint
from trellis.metadata.model.fields import (
    EXACT_TYPES,
    FILE_TYPES,
    INVERSE_TYPES,
    NUMBER_TYPES,
    TEXT_TYPES,
    TO_MANY_TYPES,
    TO_ONE_TYPES,
    Field,
    FieldType,
    OnDelete,
    Option,
    OptionSet,
    Rollup,
)
from trellis.metadata.model.objects import Lifecycle, Object, State, Transition, Validation
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText

_T = FieldType
_CHOICES = frozenset({_T.CHOICE, _T.CHOICES})
_ANY_VALUE = frozenset({"type", "was", "label", "help", "visible", "sensitive", "track"})
_WRITABLE = frozenset({"required", "readonly", "default", "validate", "message"})
#: Which keys a field type understands besides those that every field has.
_COLUMNS = TEXT_TYPES | NUMBER_TYPES | TO_ONE_TYPES | FILE_TYPES | {
    _T.BOOLEAN, _T.DATE, _T.DATETIME, _T.TIME, _T.DURATION, _T.FORMULA, _T.ROLLUP,
}  # fmt: skip
_KEYS_BY_TYPE: tuple[tuple[frozenset[FieldType], frozenset[str]], ...] = (
    (frozenset(_T) - INVERSE_TYPES - {_T.FORMULA, _T.ROLLUP, _T.AUTO}, _WRITABLE),
    (_COLUMNS, frozenset({"index", "unique"})),
    (TEXT_TYPES - {_T.CHOICE, _T.ROLE}, frozenset({"max", "min", "pattern", "search"})),
    (NUMBER_TYPES, frozenset({"max", "min"})),
    (frozenset({_T.DATE, _T.DATETIME, _T.TIME, _T.DURATION}), frozenset()),
    (EXACT_TYPES, frozenset({"digits", "scale"})),
    (frozenset({_T.MONEY}), frozenset({"currency"})),
    (_CHOICES, frozenset({"options", "search"})),
    (frozenset({_T.REF, _T.REFS}), frozenset({"to", "where", "on_delete"})),
    (frozenset({_T.USER, _T.USERS}), frozenset({"where", "on_delete"})),
    (frozenset({_T.ROWS}), frozenset({"of", "from", "min", "max"})),
    (frozenset({_T.RELATED}), frozenset({"from"})),
    (FILE_TYPES | {_T.FILES}, frozenset({"accept", "max_bytes", "max"})),
    (frozenset({_T.AUTO}), frozenset({"format", "reset"})),
    (frozenset({_T.FORMULA}), frozenset({"of", "formula", "stored", "digits", "scale",
                                         "options", "to", "currency", "search"})),
    (frozenset({_T.ROLLUP}), frozenset({"from", "count", "sum", "min", "max", "mean", "average",
                                        "where", "of", "digits", "scale", "stored", "currency"})),
)  # fmt: skip
_NEEDS: Mapping[FieldType, tuple[str, ...]] = {
    _T.CHOICE: ("options",), _T.CHOICES: ("options",), _T.REF: ("to",), _T.REFS: ("to",),
    _T.RELATED: ("from",), _T.AUTO: ("format",), _T.FORMULA: ("of", "formula"),
    _T.ROLLUP: ("from",),
}  # fmt: skip
#: What a formula or a roll-up may give.
_RESULTS = tuple(kind for kind in _T if kind in _COLUMNS - {_T.AUTO, _T.FORMULA, _T.ROLLUP}
                 - FILE_TYPES)  # fmt: skip
_FUNCTIONS = {"sum": "sum", "min": "min", "max": "max", "mean": "mean", "average": "mean"}
_DEFAULT_SCALE = 4
_CURRENCY_SCALE = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}


@dataclass(frozen=True)
class ObjectPart:
    """An object as one file declares it; `extend` adds to an object of another app."""

    object: Object
    extend: bool


def build_options(reading: Reading) -> dict[str, OptionSet]:
    """Return the option sets of an options.yaml."""
    return {key: _option_set(key, item) for key, item in reading.entries("options")}


def _option_set(key: str, reading: Reading) -> OptionSet:
    given = {name: (item.get("order"), _option(name, item)) for name, item in reading.entries()}
    # An `order` moves a value to the front of those without one; ties keep the author's order.
    ranked = sorted(given, key=lambda name: (given[name][0] is None, given[name][0] or 0))
    options = {name: given[name][1] for name in ranked}
    return OptionSet(key, options, reading.app, reading.key_location)


def _option(key: str, reading: Reading) -> Option:
    value = reading.value
    if isinstance(value, Mapping) and not {"label", "color", "active", "order"} & set(value):
        label = reading.as_label(humanised(key))
    elif isinstance(value, Mapping):
        label = reading.label("label", humanised(key))
    else:
        label = reading.as_label(humanised(key))
    return Option(key, label, reading.key_location, reading.get("color"),
                  reading.get("active", True))  # fmt: skip


def build_objects(reading: Reading) -> tuple[dict[str, ObjectPart], dict[str, OptionSet]]:
    """Return the objects of an objects.yaml and the option sets written inside its fields."""
    own_sets: dict[str, OptionSet] = {}
    parts = {key: _object(key, item, own_sets) for key, item in reading.entries("objects")}
    return parts, own_sets


def _object(key: str, reading: Reading, own_sets: dict[str, OptionSet]) -> ObjectPart:
    fields = {name: _field(key, name, item, own_sets) for name, item in reading.entries("fields")}
    lifecycle = _lifecycle(reading.child("lifecycle")) if reading.has("lifecycle") else None
    title = reading.get("title")
    built = Object(
        key=key,
        label=reading.label("label", humanised(key)),
        labels=reading.label("labels"),
        help=reading.label("help"),
        location=reading.key_location,
        fields=fields,
        title=reading.child("title").as_expression() if str(title).startswith("=") else title,
        icon=reading.get("icon"),
        singleton=reading.get("singleton", False),
        tree=reading.get("tree"),
        unique=tuple(tuple(item.value) for item in reading.items("unique")),
        indexes=tuple(tuple(item.value) for item in reading.items("indexes")),
        validations=tuple(_validation(item) for item in reading.items("validations")),
        lifecycle=lifecycle,
        calendar=calendar_fields(reading.child("calendar")),
        comments=reading.get("comments", True),
        attachments=reading.get("attachments", True),
        app=reading.app,
        module=reading.module,
        place=reading.place,
    )
    return ObjectPart(built, reading.get("extend", False))


def _validation(reading: Reading) -> Validation:
    return Validation(reading.child("if").as_expression(), reading.label("message"),
                      reading.location, reading.place, reading.get("field"))  # fmt: skip


def _field(object_key: str, key: str, reading: Reading, own_sets: dict[str, OptionSet]) -> Field:
    kind = FieldType(reading.get("type"))
    _check_keys(kind, reading)
    result = _result_type(kind, reading)
    value_type = result or kind
    currency = reading.get("currency")
    of, link = _inverse(kind, reading)
    return Field(
        key=key,
        type=kind,
        location=reading.key_location,
        label=reading.label("label", humanised(key)),
        help=reading.label("help"),
        required=reading.flag("required"),
        readonly=reading.flag("readonly"),
        visible=reading.expression("visible"),
        unique=reading.get("unique", False),
        index=reading.get("index", False),
        track=reading.get("track", False),
        sensitive=reading.get("sensitive", False),
        search=reading.get("search", False),
        default=reading.child("default").literal_or_expression(),
        validate=reading.expression("validate"),
        message=reading.label("message"),
        **_bounds(value_type, kind, reading),
        pattern=reading.get("pattern"),
        digits=reading.get("digits", 18),
        scale=_scale(value_type, reading, currency),
        currency=currency,
        options=_options(object_key, key, kind, reading, own_sets),
        to=_target(kind, reading),
        where=reading.expression("where") if kind is not _T.ROLLUP else None,
        on_delete=OnDelete(reading.get("on_delete", "refuse")),
        of=of,
        link=link,
        format=reading.get("format"),
        reset=reading.get("reset", "never") if kind is _T.AUTO else None,
        accept=reading.texts("accept"),
        max_bytes=reading.get("max_bytes"),
        result=result,
        formula=reading.expression("formula"),
        stored=reading.get("stored", kind is _T.ROLLUP),
        rollup=_rollup(reading) if kind is _T.ROLLUP else None,
        was=reading.get("was"),
        app=reading.app,
        module=reading.module,
        place=reading.place,
    )


def _check_keys(kind: FieldType, reading: Reading) -> None:
    known = set(_ANY_VALUE)
    for kinds, keys in _KEYS_BY_TYPE:
        if kind in kinds:
            known |= keys
    for key, item in reading.entries():
        if key not in known:
            item.report("META030", f"a field of type `{kind}` has no `{key}`",
                        f"remove it, or choose another type than `{kind}`")  # fmt: skip
    for key in _NEEDS.get(kind, ()):
        if not reading.has(key):
            reading.report("META031", f"a field of type `{kind}` needs `{key}`", f"add `{key}:`")


def _result_type(kind: FieldType, reading: Reading) -> FieldType | None:
    if kind not in (_T.FORMULA, _T.ROLLUP):
        return None
    declared = reading.get("of")
    if declared is not None and declared in _RESULTS:
        return FieldType(declared)
    if declared is not None:
        reading.child("of").report(
            "META032",
            f"`{declared}` is not a type of result",
            hint(str(declared), [str(one) for one in _RESULTS]),
        )
    # A roll-up without `of` takes its type from the field it aggregates; checks fill it in.
    return _T.INTEGER if kind is _T.ROLLUP and reading.get("count") else None


def _bounds(value_type: FieldType, kind: FieldType, reading: Reading) -> dict[str, Any]:
    if kind is _T.ROLLUP:
        return {}
    known = _number if value_type in NUMBER_TYPES else _length
    low, high = known(reading.child("min")), known(reading.child("max"))
    if low is not None and high is not None and low > high:
        reading.child("min").report("META037", f"`min` {low} is greater than `max` {high}",
                                    "exchange them")  # fmt: skip
    if value_type in NUMBER_TYPES:
        return {"lowest": None if low is None else str(low),
                "highest": None if high is None else str(high)}  # fmt: skip
    return {"min": low, "max": high}


def _number(reading: Reading) -> Decimal | None:
    if reading.value is None:
        return None
    try:
        number = Decimal(str(reading.value))
    except DecimalException:
        number = Decimal("NaN")
    if not number.is_finite():
        reading.report("META037", f"`{reading.value}` is not a number", "write it as 10 or 0.5")
        return None
    return number


def _length(reading: Reading) -> int | None:
    value = reading.value
    if value is None or (type(value) is int and value >= 0):
        return value
    reading.report("META037", f"`{value}` is not a whole number of at least 0", "write it as 20")
    return None


def _scale(value_type: FieldType, reading: Reading, currency: str | None) -> int:
    if value_type not in EXACT_TYPES:
        return 0
    money_scale = _CURRENCY_SCALE.get(currency or "", 2)
    default = {_T.MONEY: money_scale, _T.PERCENT: 2}.get(value_type, _DEFAULT_SCALE)
    scale = int(reading.get("scale", default))
    if scale > int(reading.get("digits", 18)):
        reading.report(
            "META033",
            f"`scale` {scale} is larger than `digits`",
            "make `digits` larger, or `scale` smaller",
        )
    return scale


def _options(
    object_key: str,
    key: str,
    kind: FieldType,
    reading: Reading,
    own_sets: dict[str, OptionSet],
) -> str | None:
    options = reading.get("options")
    if not isinstance(options, Mapping):
        return None if options is None else str(options)
    name = f"{object_key}.{key}"
    own_sets[name] = _option_set(name, reading.child("options"))
    return name


def _target(kind: FieldType, reading: Reading) -> str | None:
    if kind in (TO_ONE_TYPES | TO_MANY_TYPES) - {_T.REF, _T.REFS}:
        return "user"
    to = reading.get("to")
    return None if to is None else str(to)


def _inverse(kind: FieldType, reading: Reading) -> tuple[str | None, str | None]:
    """Return the object and the reference in it that point here."""
    if kind not in INVERSE_TYPES:
        return None, None
    origin = str(reading.get("from") or reading.get("of") or "")
    of, _, link = origin.partition(".")
    if kind is _T.RELATED and not link:
        reading.report("META034", f"`from: {origin}` names no field",
                       "write `from: object.field`, the reference that points here")  # fmt: skip
    if kind is _T.ROWS and not of:
        reading.report("META031", "a field of type `rows` needs `of`", "add `of:` with an object")
    return of, link or None


def _rollup(reading: Reading) -> Rollup | None:
    origin = str(reading.get("from", ""))
    of, _, link = origin.partition(".")
    if not link:
        reading.report("META034", f"`from: {origin}` names no field",
                       "write `from: object.field`, the reference that points here")  # fmt: skip
        return None
    used = [name for name in _FUNCTIONS if reading.has(name)]
    if reading.get("count"):
        used.append("count")
    if len(used) != 1:
        reading.report("META035", "a roll-up needs exactly one of `count`, `sum`, `min`, `max` "
                       "and `average`",
                       "for example `count: true`, or `sum:` with a field")  # fmt: skip
        return None
    name = used[0]
    value = None if name == "count" else str(reading.get(name))
    return Rollup(of, link, _FUNCTIONS.get(name, "count"), value, reading.expression("where"))


def _lifecycle(reading: Reading) -> Lifecycle:
    states = {key: _state(key, item) for key, item in reading.entries("states")}
    initial: dict[str, tuple[str, ...]] = {}
    if isinstance(reading.get("initial"), Mapping):
        for state, item in reading.entries("initial"):
            roles = tuple(str(role.value) for role in item.items())
            initial[state] = () if roles == ("*",) else roles
    else:
        initial = dict.fromkeys(reading.texts("initial"), ())
    transitions = {key: _transition(key, item) for key, item in reading.entries("transitions")}
    return Lifecycle(str(reading.get("field")), initial, states, transitions, reading.location,
                     reading.place)  # fmt: skip


def _state(key: str, reading: Reading) -> State:
    # A state without a label of its own is called as its option is.
    return State(key, reading.label("label"), reading.key_location,
                 reading.get("color"), reading.get("final", False),
                 reading.get("readonly", False))  # fmt: skip


def _transition(key: str, reading: Reading) -> Transition:
    return Transition(
        key=key,
        source=reading.texts("from"),
        target=reading.get("to"),
        label=reading.label("label", humanised(key)),
        location=reading.key_location,
        who=tuple(_actor(item) for item in reading.items("who")),
        guard=reading.expression("guard"),
        guard_message=reading.label("guard_message"),
        require=reading.texts("require"),
        fields=reading.texts("fields"),
        comment=reading.get("comment", "none"),
        set=reading.values("set"),
        confirm=reading.label("confirm") or EMPTY_LABEL,
        color=reading.get("color"),
        place=reading.place,
    )


def _actor(reading: Reading) -> str | ExpressionText:
    value = str(reading.value)
    return reading.as_expression() if value.startswith("=") else value
