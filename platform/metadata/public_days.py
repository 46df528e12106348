"""Public holidays of a country, and the days that are worked to make up for some (调休)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class PublicDays:
    """What a country says about a year: its free days, and the days that make up for some."""

    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


@cache
def _library() -> Any:
    # Imported when a calendar names a country: it takes a tenth of a second.
    return import_module("holidays")


@lru_cache(maxsize=512)
def public_days(country: str, subdivision: str | None, year: int) -> PublicDays:
    """Return the public holidays of a country (`CN`) or a part of it (`DE`, `BY`) in a year."""
    known = _library().country_holidays(country, subdiv=subdivision, years=[year])
    worked = (day for day in getattr(known, "weekend_workdays", ()) if day.year == year)
    return PublicDays(frozenset(day for day in known if day.year == year), frozenset(worked))


@cache
def known_countries() -> Mapping[str, Sequence[str]]:
    """Return the parts of each country whose holidays are known."""
    found: Mapping[str, Sequence[str]] = _library().list_supported_countries()
    return {country: parts for country, parts in found.items() if len(country) == 2}
