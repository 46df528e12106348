"""Twelve business expressions, their values, and the same written in Python by hand, null-safe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Context as Decimals
from decimal import Decimal, setcontext
from typing import Any

from trellis.expressions import types as t
from trellis.expressions.types import Scope

#: What is written by hand computes with the digits of FEEL.
setcontext(Decimals(prec=34))

CONTEXT: dict[str, Any] = {
    "amount": Decimal("1250.50"), "discount": Decimal(10), "shipping": Decimal("12.9"),
    "status": "open", "number": "T-2026-00017", "title": "Line is down", "hours": Decimal("3.5"),
    "due": date(2026, 4, 1), "started": date(2026, 3, 2),
    "customer": {"name": "Ada", "tier": "gold", "region": None},
    "lines": [
        {"kind": "part", "price": Decimal("10.10"), "qty": Decimal(3)},
        {"kind": "labour", "price": Decimal("80"), "qty": Decimal("1.5")},
        {"kind": "part", "price": Decimal("0.35"), "qty": Decimal(40)},
        {"kind": "travel", "price": Decimal("45"), "qty": Decimal(1)},
    ],
}  # fmt: skip
_LINE = t.ContextType(entries={"kind": t.STRING, "price": t.NUMBER, "qty": t.NUMBER})
_REGION = t.ContextType(entries={"name": t.STRING})
SCOPE = Scope({
    "amount": t.NUMBER, "discount": t.NUMBER, "shipping": t.NUMBER, "status": t.STRING,
    "number": t.STRING, "title": t.STRING, "hours": t.NUMBER, "due": t.DATE, "started": t.DATE,
    "customer": t.ContextType(entries={"name": t.STRING, "tier": t.STRING, "region": _REGION}),
    "lines": t.ListType(of=_LINE),
})  # fmt: skip

EXPRESSIONS = (
    'amount > 1000 and status = "open"',
    'if amount > 10000 then "large" else if amount > 1000 then "medium" else "small"',
    "amount * (1 - discount / 100) + shipping",
    'customer.tier in ("gold", "platinum")',
    "hours between 1 and 8",
    'upper case(title) + " (" + number + ")"',
    'contains(lower case(title), "urgent") or starts with(number, "T-")',
    'due - started > duration("P14D")',
    "sum(for l in lines return l.price * l.qty)",
    'count(lines[kind = "part"]) > 1',
    "some l in lines satisfies l.qty > 10",
    "customer.region.name = null",
)
Context = Mapping[str, Any]


def _condition(c: Context) -> bool | None:
    amount = c.get("amount")
    over = None if amount is None else amount > 1000
    if over is False:
        return False
    is_open = c.get("status") == "open"
    return over if is_open else False


def _size(c: Context) -> str:
    amount = c.get("amount")
    if amount is not None and amount > 10_000:
        return "large"
    return "medium" if amount is not None and amount > 1000 else "small"


def _price(c: Context) -> Decimal | None:
    amount, discount, shipping = c.get("amount"), c.get("discount"), c.get("shipping")
    if amount is None or discount is None or shipping is None:
        return None
    return amount * (1 - discount / 100) + shipping  # type: ignore[no-any-return]


def _preferred(c: Context) -> bool:
    customer = c.get("customer")
    return customer is not None and customer.get("tier") in ("gold", "platinum")


def _short(c: Context) -> bool | None:
    hours = c.get("hours")
    return None if hours is None else 1 <= hours <= 8


def _heading(c: Context) -> str | None:
    title, number = c.get("title"), c.get("number")
    if title is None or number is None:
        return None
    return title.upper() + " (" + number + ")"  # type: ignore[no-any-return]


def _urgent(c: Context) -> bool | None:
    title, number = c.get("title"), c.get("number")
    urgent = None if title is None else "urgent" in title.lower()
    if urgent:
        return True
    ours = None if number is None else number.startswith("T-")
    if ours:
        return True
    return False if urgent is False and ours is False else None


_FORTNIGHT = timedelta(days=14)


def _long(c: Context) -> bool | None:
    due, started = c.get("due"), c.get("started")
    return None if due is None or started is None else due - started > _FORTNIGHT


def _total(c: Context) -> Decimal | None:
    lines = c.get("lines")
    if not lines:
        return None
    total = Decimal(0)
    for line in lines:
        price, qty = line.get("price"), line.get("qty")
        if price is None or qty is None:
            return None
        total += price * qty
    return total


def _parts(c: Context) -> bool | None:
    lines = c.get("lines")
    if lines is None:
        return None
    return len([line for line in lines if line.get("kind") == "part"]) > 1


def _many(c: Context) -> bool | None:
    lines = c.get("lines")
    if lines is None:
        return None
    unsure = False
    for line in lines:
        qty = line.get("qty")
        if qty is None:
            unsure = True
        elif qty > 10:
            return True
    return None if unsure else False


def _nowhere(c: Context) -> bool:
    customer = c.get("customer")
    region = None if customer is None else customer.get("region")
    return region is None or region.get("name") is None


PYTHON: tuple[Callable[[Context], Any], ...] = (
    _condition, _size, _price, _preferred, _short, _heading, _urgent, _long, _total, _parts, _many,
    _nowhere,
)  # fmt: skip
