"""Strategies for typed expressions over the sample's records that SQL can say."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Text = SearchStrategy[str]
_COMPARE = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def _join(pattern: str, *parts: Text) -> Text:
    return st.tuples(*parts).map(lambda found: pattern.format(*found))


def _leaf(*texts: str) -> Text:
    return st.sampled_from(texts)


NUMBER_LEAF = _leaf(
    "amount", "hours", "size", "customer.credit", "user.limit", "0", "1", "2.5", "-3", "150.25",
    "0.001", "count(visits)", "sum(visits.cost)", "count(visits[done])", "count(tags)", "null",
)  # fmt: skip
STRING_LEAF = _leaf(
    "title", "number", "customer.name", "customer.tier", "user.name", '""', '"a"', '"open"',
    '"Line is down"', '"äß"', '"%"', "user.nothing", "visits[1].note", "max(visits.note)",
)  # fmt: skip
DATE_LEAF = _leaf(
    "day", "due", "user.since", '@"2026-01-31"', '@"2024-02-29"', "today()", "date(opened)",
    "max(visits.on)",
)  # fmt: skip
MOMENT_LEAF = _leaf("opened", "closed", "now()", '@"2026-03-02T09:30:00Z"')
LENGTH_LEAF = _leaf("took", 'duration("PT5H")', 'duration("P1D")', 'duration("-PT30M")')
MONTHS = _leaf('duration("P1M")', 'duration("P1Y1M")', 'duration("-P2M")')


def numbers(depth: int) -> Text:
    """Return expressions that are numbers."""
    if depth == 0:
        return NUMBER_LEAF
    below = numbers(depth - 1)
    return st.one_of(
        NUMBER_LEAF,
        _join("({} {} {})", below, st.sampled_from(["+", "-", "*"]), below),
        _join("{}({})", st.sampled_from(["abs", "floor", "ceiling"]), below),
        _join("-({})", below),
        _join("decimal({}, {})", below, st.sampled_from(["0", "1", "2"])),
        _join("modulo({}, {})", below, st.sampled_from(["3", "-4", "0.5", "0"])),
        _join("string length({})", strings(depth - 1)),
        _join("(if {} then {} else {})", conditions(depth - 1), below, below),
        _join("{}.{}", DATE_LEAF, st.sampled_from(["year", "month", "day", "weekday"])),
        _join("days({})", lengths(depth - 1)),
        _join("sum(for v in visits return v.cost * ({}))", st.sampled_from(["v.hours", "2"])),
    )


def strings(depth: int) -> Text:
    """Return expressions that are texts."""
    if depth == 0:
        return STRING_LEAF
    below = strings(depth - 1)
    return st.one_of(
        STRING_LEAF,
        _join("({} + {})", below, below),
        _join("upper case({})", below),
        _join("substring({}, {}, {})", below, st.sampled_from(["1", "2", "-2", "-3"]),
              st.sampled_from(["1", "2", "3"])),
        _join("substring {}({}, {})", st.sampled_from(["before", "after"]), below, STRING_LEAF),
        _join("(if {} then {} else {})", conditions(depth - 1), below, below),
    )  # fmt: skip


def dates(depth: int) -> Text:
    """Return expressions that are dates."""
    if depth == 0:
        return DATE_LEAF
    return st.one_of(
        DATE_LEAF,
        _join("({} {} {})", dates(depth - 1), st.sampled_from("+-"), LENGTH_LEAF | MONTHS),
        _join("date({})", moments(depth - 1)),
    )


def moments(depth: int) -> Text:
    """Return expressions that are moments."""
    if depth == 0:
        return MOMENT_LEAF
    shift = st.one_of(LENGTH_LEAF, MONTHS)
    return st.one_of(
        MOMENT_LEAF, _join("({} {} {})", moments(depth - 1), st.sampled_from("+-"), shift)
    )


def lengths(depth: int) -> Text:
    """Return expressions that are durations of days and time."""
    if depth == 0:
        return LENGTH_LEAF
    return st.one_of(
        LENGTH_LEAF,
        _join("({} - {})", dates(depth - 1), dates(depth - 1)),
        _join("({} - {})", moments(depth - 1), moments(depth - 1)),
        _join("({} {} {})", lengths(depth - 1), st.sampled_from("+-"), lengths(depth - 1)),
        _join("({} * {})", lengths(depth - 1), st.sampled_from(["2", "1.5", "-1"])),
    )


def _of_one_kind(depth: int) -> Text:
    kinds = (numbers, strings, dates, moments, lengths)
    return st.one_of(*(_join("{} {} {}", kind(depth), _COMPARE, kind(depth)) for kind in kinds))


BOOLEAN_LEAF = _leaf(
    "done", "true", "user.active", 'status = "open"', "customer = user.customer", "amount = null",
    "customer != null", '"a" in tags', "customer.tier in user.tiers", 'status in ("open", "new")',
    "some v in visits satisfies v.done", "every v in visits satisfies v.cost > 1",
    "under(customer.region, user.regions)", "status = null", 'status != "closed"',
    'customer.region.parent.name = "North"',
)  # fmt: skip


def conditions(depth: int) -> Text:
    """Return expressions that are true, false or null."""
    if depth == 0:
        return BOOLEAN_LEAF
    below = conditions(depth - 1)
    number = numbers(depth - 1)
    return st.one_of(
        BOOLEAN_LEAF,
        _of_one_kind(depth - 1),
        _join("({} {} {})", below, st.sampled_from(["and", "or"]), below),
        _join("not({})", below),
        _join("{} between {} and {}", number, number, number),
        _join("{} in ({}, {})", number, number, st.sampled_from(["< 1", "[2..9]", "7"])),
        _join("{} in [0..100)", number),
        _join("(if {} then {} else {})", below, below, below),
        _join("{}({}, {})", st.sampled_from(["contains", "starts with", "ends with"]),
              strings(depth - 1), strings(depth - 1)),
        _join("some v in visits satisfies v.cost {} {}", _COMPARE, number),
        _join("every v in visits satisfies (v.hours {} {})", _COMPARE, number),
        _join("count(visits[cost {} {}]) > 0", _COMPARE, st.sampled_from(["1", "hours", "0.2"])),
    )  # fmt: skip
