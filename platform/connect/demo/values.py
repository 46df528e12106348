"""Generated values: each map of the file says how one is made; the same seed makes the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from trellis.expressions import evaluate


class DemoError(ValueError):
    """The demo script cannot be played; the text says which part and why."""


@dataclass
class Maker:
    """Makes values.

    `named` are records by object and natural key, `made` ids by object, `facts` what is known of
    a record by its id, `members` user ids by role.
    """

    chance: random.Random
    lists: Mapping[str, Sequence[Any]]
    today: datetime
    moment: Callable[[], datetime]
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)

    def values(self, spec: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a map, later ones seeing earlier ones."""
        found: dict[str, Any] = {}
        for key, item in spec.items():
            value = self.value(item, {**names, **found})
            if value is not None:
                found[key] = value
        return found

    def value(self, spec: Any, names: Mapping[str, Any]) -> Any:
        """Return one value."""
        if isinstance(spec, str) and spec.startswith("="):
            return evaluate(spec[1:], names)
        if isinstance(spec, Mapping) and len(spec) >= 1:
            kind = next(iter(spec))
            maker = _MAKERS.get(kind)
            if maker is not None:
                return maker(self, spec[kind], spec, names)
            return {key: self.value(item, names) for key, item in spec.items()}
        if isinstance(spec, list):
            return [self.value(item, names) for item in spec]
        return spec

    def remember(
        self, object_key: str, key: str | None, record_id: str, facts: Mapping[str, Any]
    ) -> None:
        """Keep a made record, so that later ones may refer to it."""
        self.made.setdefault(object_key, []).append(record_id)
        self.facts[record_id] = {"id": record_id, **facts}
        if key is not None:
            self.named[(object_key, key)] = record_id

    def find(self, object_key: str, key: str) -> str:
        """Return the record of a natural key."""
        found = self.named.get((object_key, key))
        if found is None:
            raise DemoError(f"there is no `{object_key}` called `{key}`")
        return found


def _pick(m: Maker, spec: Any, whole: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    """Return one entry of a list; `where` names what an entry must say."""
    options = list(m.lists[spec] if isinstance(spec, str) else spec)
    for key, wanted in (whole.get("where") or {}).items():
        value = m.value(wanted, names)
        options = [one for one in options if one.get(key) == value]
    if not options:
        raise DemoError(f"nothing in `{spec}` fits {whole.get('where')}")
    return m.chance.choice(options)


def _weighted(m: Maker, spec: Mapping[Any, float], _all: Any, names: Any) -> Any:
    found = m.chance.choices(list(spec), weights=[float(w) for w in spec.values()])[0]
    return None if found == "null" else found


def _between(m: Maker, spec: Sequence[float], whole: Mapping[str, Any], _names: Any) -> Any:
    low, high = spec
    step = whole.get("step", 1)
    return m.chance.randrange(int(low), int(high) + 1, int(step))


def _days_ago(m: Maker, spec: Sequence[int], _all: Any, _names: Any) -> Any:
    return (m.today - timedelta(days=m.chance.randint(min(spec), max(spec)))).date().isoformat()


def _record(m: Maker, spec: Mapping[str, Any], _all: Any, names: Mapping[str, Any]) -> Any:
    object_key, key = next(iter(spec.items()))
    return m.find(object_key, str(m.value(key, names)))


def _member(m: Maker, spec: str, _all: Any, _names: Any) -> Any:
    return m.chance.choice(m.members[spec])


def _any(m: Maker, spec: str, whole: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    """Return a made record; `same` names facts that must equal those of the names in reach."""
    candidates = m.made.get(spec, [])
    for key, wanted in (whole.get("where") or {}).items():
        value = m.value(wanted, names)
        candidates = [c for c in candidates if m.facts[c].get(key) == value]
    if candidates:
        return m.chance.choice(candidates)
    if whole.get("optional"):
        return None
    raise DemoError(f"no `{spec}` fits {whole.get('where')}")


def _some(m: Maker, spec: str, whole: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    count = m.chance.randint(*whole.get("count", [1, 2]))
    pool = m.made.get(spec, [])
    return m.chance.sample(pool, min(count, len(pool)))


def _fact(m: Maker, spec: Sequence[str], _all: Any, names: Mapping[str, Any]) -> Any:
    name, fact = spec
    return (m.facts.get(str(names.get(name))) or {}).get(fact)


def _text(m: Maker, spec: str, _all: Any, names: Mapping[str, Any]) -> str:
    """Return a text with `{list}` picks, `{name}` and `{name.part}` values and `#` digits."""

    def fill(match: re.Match[str]) -> str:
        name, _, part = match[1].partition(".")
        value = names[name] if name in names else m.chance.choice(list(m.lists[name]))
        return str(value[part] if part else value)

    made = re.sub(r"\{([A-Za-z_.]+)\}", fill, spec)
    return re.sub("#", lambda _: str(m.chance.randint(0, 9)), made)


def _near(
    m: Maker, spec: Any, whole: Mapping[str, Any], names: Mapping[str, Any]
) -> dict[str, float]:
    spread = float(whole.get("spread", 0.15))
    lat, lng = (float(number) for number in m.value(spec, names))
    return {"lat": round(lat + m.chance.uniform(-spread, spread), 5),
            "lng": round(lng + m.chance.uniform(-spread, spread), 5)}  # fmt: skip


def _person(m: Maker, spec: Any, _all: Any, names: Mapping[str, Any]) -> str:
    return m.find("user", str(m.value(spec, names)))


def _hours_ahead(m: Maker, spec: Sequence[int], _all: Any, _names: Any) -> str:
    return (m.moment() + timedelta(hours=m.chance.randint(spec[0], spec[1]))).isoformat()


def _maybe(m: Maker, spec: float, whole: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    return m.value(whole.get("then"), names) if m.chance.random() < float(spec) else None


_MAKERS: Mapping[str, Callable[..., Any]] = {
    "pick": _pick, "weighted": _weighted, "between": _between, "days_ago": _days_ago,
    "record": _record, "any": _any, "some": _some, "fact": _fact, "text": _text, "near": _near,
    "maybe": _maybe, "person": _person, "hours_ahead": _hours_ahead, "member": _member,
}  # fmt: skip
