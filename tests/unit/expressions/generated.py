"""Typed expressions over the sample's records that SQL can say, by chance.

As in `generated_language`, a text is drawn from a source of chance.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from tests.unit.expressions.generated_leaves import COMPARE, Text, any_of, form, leaf, one_of

NUMBER = leaf(
    "amount", "hours", "size", "customer.credit", "user.limit", "0", "1", "2.5", "-3", "150.25",
    "0.001", "count(visits)", "sum(visits.cost)", "count(visits[done])", "count(tags)", "null",
    "1/3", "99999999999999999999", "visits[1].cost", "visits[-1].hours", "mean(visits.hours)",
    "max(visits.cost)", "min(visits[done = false].cost)", "sum(visits[cost > 1].hours)",
)  # fmt: skip
STRING = leaf(
    "title", "number", "customer.name", "customer.tier", "user.name", '""', '"a"', '"open"',
    '"Line is down"', '"äß"', '"%"', "user.nothing", "visits[1].note", "max(visits.note)",
    "status", '"ABC_x"', "visits[-1].note", "customer.region.name", '"😀 50%"',
)  # fmt: skip
DATE = leaf(
    "day", "due", "user.since", '@"2026-01-31"', '@"2024-02-29"', "today()", "date(opened)",
    "max(visits.on)", "visits[1].on", '@"1970-01-01"',
)  # fmt: skip
MOMENT = leaf(
    "opened", "closed", "now()", '@"2026-03-02T09:30:00Z"', '@"2026-03-29T02:30:00@Europe/Berlin"',
    '@"2026-03-02T10:30:00+01:00"',
)  # fmt: skip
LENGTH = leaf("took", 'duration("PT5H")', 'duration("P1D")', 'duration("-PT30M")', '@"PT0.5S"')
#: Databases hold durations of up to 292,000 years: nothing multiplies one by more than this.
FACTOR = leaf("2", "1.5", "-1", "3", "0", "null", "hours", "user.limit", "count(visits)")
MONTHS = leaf('duration("P1M")', 'duration("P1Y1M")', 'duration("-P2M")')
TRUTH = leaf(
    "done", "true", "user.active", 'status = "open"', "customer = user.customer", "amount = null",
    "customer != null", '"a" in tags', "customer.tier in user.tiers", 'status in ("open", "new")',
    "some v in visits satisfies v.done", "every v in visits satisfies v.cost > 1",
    "under(customer.region, user.regions)", "status = null", 'status != "closed"',
    'customer.region.parent.name = "North"', "visits[1].done", "list contains(tags, title)",
    "list contains(visits.note, null)", "any(for v in visits return v.done)", "null = done",
    "all(for v in visits return v.hours > 0.1)", "list contains(user.tiers, customer.tier)",
    'number in ("T-1", "T-4", null)', "false", "done = visits[1].done",
)  # fmt: skip


@cache
def numbers(depth: int) -> Text:
    """Return expressions that are numbers."""
    if depth <= 0:
        return NUMBER
    n, s, day, length = (kind(depth - 1) for kind in (numbers, strings, dates, lengths))
    per_visit = leaf("v.hours", "2", "v.cost", "amount", "v.on.day", "hours / 3")
    return any_of(NUMBER, one_of([
        ("({} {} {})", (n, leaf("+", "-", "*", "/"), n)),
        ("{}({})", (leaf("abs", "floor", "ceiling"), n)),
        ("{}({}, {})", (leaf("floor", "ceiling"), n, leaf("0", "1", "-1"))),
        ("-({})", (n,)),
        ("{}({}, {})", (leaf("decimal", "round half up", "round up", "round down"), n,
                        leaf("0", "1", "2", "-1"))),
        ("modulo({}, {})", (n, leaf("3", "-4", "0.5", "0", "hours"))),
        ("string length({})", (s,)),
        ("(if {} then {} else {})", (conditions(depth - 1), n, n)),
        ("({}).{}", (day, leaf("year", "month", "day", "weekday"))),
        ("({}).{}", (moments(depth - 1), leaf("year", "day", "hour", "minute", "second"))),
        ("({}).{}", (length, leaf("days", "hours", "minutes", "seconds"))),
        ("{}({})", (leaf("day of year", "week of year"), day)),
        ("{}({})", (leaf("days", "hours", "minutes"), length)),
        ("({} / {})", (length, length)),
        ("{}(for v in visits return v.cost {} ({}))", (leaf("sum", "min", "max", "mean"),
                                                       leaf("*", "+", "-"), per_visit)),
        ("count(visits[cost {} {}])", (COMPARE, n)),
    ]))  # fmt: skip


@cache
def strings(depth: int) -> Text:
    """Return expressions that are texts."""
    if depth <= 0:
        return STRING
    s, n = strings(depth - 1), numbers(depth - 1)
    place = any_of(leaf("1", "2", "-2", "-3", "0", "9"), n)
    return any_of(STRING, one_of([
        ("({} + {})", (s, s)),
        ("{}({})", (leaf("upper case", "lower case", "string"), s)),
        ("substring({}, {}, {})", (s, place, leaf("1", "2", "3", "0"))),
        ("substring({}, {})", (s, place)),
        ("substring {}({}, {})", (leaf("before", "after"), s, s)),
        ("(if {} then {} else {})", (conditions(depth - 1), s, s)),
        ("{}({})", (leaf("day of week", "month of year"), dates(depth - 1))),
    ]))  # fmt: skip


@cache
def dates(depth: int) -> Text:
    """Return expressions that are dates."""
    if depth <= 0:
        return DATE
    day = dates(depth - 1)
    return any_of(DATE, one_of([
        ("({} {} {})", (day, leaf("+", "-"), any_of(lengths(depth - 1), MONTHS))),
        ("date({})", (moments(depth - 1),)),
        ("(if {} then {} else {})", (conditions(depth - 1), day, day)),
    ]))  # fmt: skip


@cache
def moments(depth: int) -> Text:
    """Return expressions that are moments."""
    if depth <= 0:
        return MOMENT
    moment = moments(depth - 1)
    return any_of(MOMENT, one_of([
        ("({} {} {})", (moment, leaf("+", "-"), any_of(lengths(depth - 1), MONTHS))),
        ("(if {} then {} else {})", (conditions(depth - 1), moment, moment)),
    ]))  # fmt: skip


@cache
def lengths(depth: int) -> Text:
    """Return expressions that are durations of days and time."""
    if depth <= 0:
        return LENGTH
    day, moment, length = (kind(depth - 1) for kind in (dates, moments, lengths))
    return any_of(LENGTH, one_of([
        ("({} - {})", (day, day)),
        ("({} - {})", (moment, moment)),
        ("({} {} {})", (length, leaf("+", "-"), length)),
        ("({} {} {})", (length, leaf("*", "/"), FACTOR)),
        ("{}({})", (leaf("abs", "-"), length)),
        ("(if {} then {} else {})", (conditions(depth - 1), length, length)),
    ]))  # fmt: skip


KINDS: tuple[Callable[[int], Text], ...] = (numbers, strings, dates, moments, lengths)


@cache
def conditions(depth: int) -> Text:
    """Return expressions that are true, false or null."""
    if depth <= 0:
        return TRUTH
    below, n, s = conditions(depth - 1), numbers(depth - 1), strings(depth - 1)
    compared = [form("{} {} {}", kind(depth - 1), COMPARE, kind(depth - 1)) for kind in KINDS]
    ranged = [form("{} in {}{}..{}{}", kind(depth - 1), leaf("[", "("), kind(depth - 1),
                   kind(depth - 1), leaf("]", ")")) for kind in KINDS]  # fmt: skip
    return any_of(TRUTH, *compared, *compared, any_of(*ranged), one_of([
        ("({} {} {})", (below, leaf("and", "or"), below)),
        ("not({})", (below,)),
        ("({} = {})", (below, below)),
        ("{} between {} and {}", (n, n, n)),
        ("{} in ({}, {})", (n, n, leaf("< 1", "[2..9]", "7", "null"))),
        ("{} in [{}, {}]", (s, s, s)),
        ("(if {} then {} else {})", (below, below, below)),
        ("{}({}, {})", (leaf("contains", "starts with", "ends with"), s, s)),
        ("{}({})", (leaf("odd", "even"), n)),
        ("some v in visits satisfies v.cost {} {}", (COMPARE, n)),
        ("every v in visits satisfies (v.hours {} {})", (COMPARE, n)),
        ("some v in visits[{}] satisfies v.note {} {}", (leaf("done", "cost > 1", "not(done)"),
                                                        COMPARE, s)),
        ("count(visits[cost {} {}]) > 0", (COMPARE, leaf("1", "hours", "0.2", "record.hours"))),
        ("{} in visits.note", (s,)),
    ]))  # fmt: skip


@cache
def anything(depth: int) -> Text:
    """Return expressions of every kind, conditions most often."""
    return any_of(*[conditions(depth)] * 5, *(kind(depth) for kind in KINDS))
