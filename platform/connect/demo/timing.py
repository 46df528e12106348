"""When stories begin and how long their steps take."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def span(text: str) -> timedelta:
    """Return a short duration such as `45m` or `2.5h`."""
    return timedelta(seconds=float(text[:-1]) * _UNITS[text[-1]])


@dataclass
class Story:
    """A story that is being told: which step is done, about which record.

    `until` is the step before which it stops, None for none. With `pace` every step comes, at even
    distances; else steps come as far apart and as often as each of them says.
    """

    script: Mapping[str, Any]
    steps: Sequence[Mapping[str, Any]]
    names: dict[str, Any] = field(default_factory=dict)
    step: int = -1
    until: int | None = None
    pace: timedelta | None = None
    record: tuple[str, str] = ("", "")

    @property
    def next_step(self) -> Mapping[str, Any] | None:
        """Return the step to come, None when the story is told."""
        last = len(self.steps) if self.until is None else min(self.until, len(self.steps))
        return self.steps[self.step + 1] if self.step + 1 < last else None


@dataclass(frozen=True)
class Timing:
    """Chooses moments by the script's habits; the same chance gives the same moments."""

    script: Mapping[str, Any]
    size: str
    today: datetime
    chance: random.Random

    def beginnings(self, days: int) -> Iterator[tuple[datetime, Story]]:
        """Yield when stories begin: those that chance brings, then those that must wait today."""
        stories = self.script.get("stories", [])
        weights = [float(story.get("weight", 1)) for story in stories]
        for at in self._arrivals(days):
            yield at, self._story(self.chance.choices(stories, weights=weights)[0])
        by_id = {story["id"]: story for story in stories}
        for entry in self.script.get("waiting", []):
            for number in range(int(entry.get("count", 1))):
                yield self._waiting(entry, by_id[entry["story"]], number)

    def pause(self, story: Story, step: Mapping[str, Any]) -> timedelta:
        """Return how long after the last step of a story the next one comes."""
        if story.pace is not None:
            return story.pace
        after = step.get("after", ["1m", "5m"])
        low, high = after if isinstance(after, list) else [after, after]
        return timedelta(seconds=self.chance.uniform(span(low).total_seconds(),
                                                     span(high).total_seconds()))  # fmt: skip

    def _story(self, script: Mapping[str, Any], until: int | None = None) -> Story:
        steps = script.get("steps", [])
        shared = self.script["courses"][steps] if isinstance(steps, str) else steps
        return Story(script, list(shared), until=until)

    def _waiting(
        self, entry: Mapping[str, Any], script: Mapping[str, Any], number: int
    ) -> tuple[datetime, Story]:
        """Return a story that stops before the step named `at`; without it, one that ends."""
        story = self._story(script)
        names = [step.get("task") or step.get("transition") for step in story.steps]
        story.until = names.index(entry["at"]) if "at" in entry else len(names)
        age = span(entry["age"]) + number * span(entry.get("apart", "37m"))
        story.pace = age * 0.9 / (story.until + 1)
        if "values" in entry:
            create = {**script["create"]}
            create["values"] = {**create["values"], **entry["values"]}
            story.script = {**script, "create": create}
        return self.today - age, story

    def _arrivals(self, days: int) -> Iterator[datetime]:
        """Yield moments by weekday and hour; none for a script without arrivals."""
        if "arrivals" not in self.script:
            return
        plan = self.script["arrivals"]
        zone = ZoneInfo(str(self.script.get("timezone", "UTC")))
        per_day = float(plan["per_day"][self.size])
        weekdays = plan.get("weekdays", [1] * 7)
        start = (self.today - timedelta(days=days)).astimezone(zone)
        for offset in range(days + 1):
            day = start + timedelta(days=offset)
            expected = per_day * float(weekdays[day.weekday()])
            for _ in range(int(expected) + (self.chance.random() < expected % 1)):
                hour = self.chance.choices(range(24), weights=plan["hours"])[0]
                moment = day.replace(hour=hour, minute=self.chance.randint(0, 59),
                                     second=self.chance.randint(0, 59))  # fmt: skip
                if moment <= self.today:
                    yield moment.astimezone(self.today.tzinfo)
