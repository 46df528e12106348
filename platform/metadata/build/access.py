"""roles.yaml → roles with grants, masks, capabilities, menu and home; scopes; duties."""

from __future__ import annotations

from collections.abc import Mapping

from trellis.metadata.build.reading import Reading, humanised
from trellis.metadata.model.access import (
    ALL_ROWS,
    NO_ROWS,
    Action,
    Capability,
    Grant,
    HomeCard,
    Mask,
    MenuItem,
    MenuSection,
    Role,
    RowFilter,
    Separation,
)
from trellis.metadata.model.texts import EMPTY_LABEL, ExpressionText

#: A grant for every object of the app.
EVERY_OBJECT = "*"
_SHORT_GRANTS = {"all": tuple(Action), "read": (Action.READ,)}


def build_scopes(reading: Reading) -> dict[str, RowFilter]:
    """Return the named row filters of a roles.yaml."""
    return {
        key: RowFilter("filter", item.as_expression(), key)
        for key, item in reading.entries("scopes")
    }


def build_roles(reading: Reading, scopes: Mapping[str, RowFilter]) -> dict[str, Role]:
    """Return the roles of a roles.yaml."""
    return {key: _role(key, item, scopes) for key, item in reading.entries("roles")}


def build_separations(reading: Reading) -> tuple[Separation, ...]:
    """Return the duties that one person may not join."""
    return tuple(
        Separation(tuple(str(duty.value) for duty in item.items()), item.location)
        for item in reading.items("separate")
    )


def _role(key: str, reading: Reading, scopes: Mapping[str, RowFilter]) -> Role:
    return Role(
        key=key,
        label=reading.label("label", humanised(key)),
        location=reading.key_location,
        grants={name: _grant(name, item, scopes) for name, item in reading.entries("grants")},
        masks=tuple(
            _mask(name, field, mask)
            for name, item in reading.entries("masks")
            for field, mask in item.entries()
        ),
        can=frozenset(Capability(name) for name in reading.texts("can")),
        menu=_menu(reading.child("menu")),
        home=tuple(_card(item) for item in reading.child("home").items("cards")),
        help=reading.label("help"),
        app=reading.app,
        place=reading.place,
    )


def _grant(key: str, reading: Reading, scopes: Mapping[str, RowFilter]) -> Grant:
    if isinstance(reading.value, str | bool):
        return _short_grant(key, reading)
    rows = {
        action: _rows(reading.child(str(action)), scopes)
        for action in Action
        if reading.has(str(action)) or reading.value.get(str(action)) is False
    }
    transitions = reading.get("transitions")
    return Grant(
        object=key,
        location=reading.key_location,
        rows=rows,
        transitions=None if transitions in (None, "all") else reading.texts("transitions"),
        fields=reading.texts("fields") if reading.has("fields") else None,
        place=reading.place,
    )


def _short_grant(key: str, reading: Reading) -> Grant:
    value = "all" if reading.value is True else str(reading.value)
    if reading.value is not False and value not in _SHORT_GRANTS:
        reading.report("META040", f"`{value}` is not a grant", "known are `all` and `read`")
    actions = _SHORT_GRANTS.get(value, ())
    rows = dict.fromkeys(actions, ALL_ROWS)
    return Grant(key, reading.key_location, rows, place=reading.place)


def _rows(reading: Reading, scopes: Mapping[str, RowFilter]) -> RowFilter:
    value = reading.value
    if value is True or value == "all":
        return ALL_ROWS
    if value is False or value == "none":
        return NO_ROWS
    if value == "own":
        return RowFilter("own")
    if isinstance(value, Mapping):
        return _scope(reading, scopes)
    if isinstance(value, list):
        return _either(reading, [_rows(item, scopes) for item in reading.items()])
    return RowFilter("filter", reading.as_expression())


def _scope(reading: Reading, scopes: Mapping[str, RowFilter]) -> RowFilter:
    name = reading.get("scope")
    if set(reading.value) != {"scope"}:
        reading.report(
            "META041", "rows by scope are written `{scope: name}`", "leave out the other keys"
        )
        return NO_ROWS
    if name not in scopes:
        known = ", ".join(f"`{key}`" for key in scopes) or "none"
        reading.report("META042", f"the scope `{name}` is not declared", f"known are {known}")
        return NO_ROWS
    return scopes[name]


def _either(reading: Reading, filters: list[RowFilter]) -> RowFilter:
    """Join several filters by `or`; all rows win, no rows add nothing."""
    if any(item.kind == "all" for item in filters):
        return ALL_ROWS
    texts: list[str] = []
    for item in filters:
        if item.kind == "own":
            texts.append(OWN_CONDITION)
        elif item.condition is not None:
            texts.append(item.condition.text)
    if not texts:
        return NO_ROWS
    joined = " or ".join(f"({text})" for text in texts)
    return RowFilter("filter", ExpressionText(joined, reading.location))


#: What `own` means: the owner, or who made the record.
OWN_CONDITION = "record.owner = user or record.created_by = user"


def _mask(object_key: str, field: str, reading: Reading) -> Mask:
    show = None
    if isinstance(reading.value, Mapping):
        shown = reading.child("show")
        show = shown.as_expression()
    elif reading.value != "hidden":
        reading.report("META043", f"`{reading.value}` is not a mask",
                       "write `hidden`, or `{show: '= …'}`")  # fmt: skip
    return Mask(object_key, field, reading.key_location, show)


def _menu(reading: Reading) -> tuple[MenuSection, ...]:
    sections: list[MenuSection] = []
    loose: list[MenuItem] = []
    for item in reading.items():
        if isinstance(item.value, Mapping) and item.has("items"):
            heading = item.label("section") or item.label("label")
            entries = tuple(_menu_item(entry) for entry in item.items("items"))
            sections.append(MenuSection(heading, entries))
        else:
            loose.append(_menu_item(item))
    return (MenuSection(EMPTY_LABEL, tuple(loose)), *sections) if loose else tuple(sections)


#: Pages of the platform that a menu may name.
PAGES = frozenset({"home", "inbox", "notifications"})


def _menu_item(reading: Reading) -> MenuItem:
    if isinstance(reading.value, str):
        kind = "page" if reading.value in PAGES else "object"
        return MenuItem(kind, reading.value, EMPTY_LABEL, reading.location)
    for kind in ("view", "object", "page"):
        if reading.has(kind):
            return MenuItem(kind, str(reading.get(kind)), reading.label("label"), reading.location)
    reading.report(
        "META044",
        "a menu entry names an `object`, a `view` or a `page`",
        "add one of them, for example `object: user`",
    )
    return MenuItem("page", "home", EMPTY_LABEL, reading.location)


def _card(reading: Reading) -> HomeCard:
    kind = "count" if reading.has("count") else "list"
    view = reading.get("count") or reading.get("list") or reading.get("view")
    if view is None:
        reading.report(
            "META045",
            "a card names a view",
            "add `list: …` for its first records, or `count: …` for how many there are",
        )
    return HomeCard(kind, str(view), reading.label("label"), reading.location)
