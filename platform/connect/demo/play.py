"""Playing a demo script: people, records, then stories as events in the order of their time.

Everything goes through the engine's door as the person who would do it. What would happen after
today is left undone: that is the work that waits. A step that is refused stops the demo and names
story, step and reason.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from trellis.access.principal import Principal
from trellis.clock import SetClock
from trellis.connect.demo.values import DemoError, Maker
from trellis.engine import records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.errors import EngineError
from trellis.engine.flows.running import Flows, person_of
from trellis.engine.flows.work import OPEN, Answer
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.engine.workspace import Workspace
from trellis.storage.platform_tables.flows import TASK

GiveRole = Callable[[Transaction, str, str], None]


@dataclass(frozen=True)
class Played:
    """What a demo made."""

    people: int
    records: int
    stories: int
    steps: int


@dataclass
class Story:
    """A story that is being told: which steps are left, about which record."""

    script: Mapping[str, Any]
    names: dict[str, Any]
    step: int = -1
    last: int = 10_000  # the step after which it stays as it is
    record: tuple[str, str] = ("", "")


@dataclass(order=True)
class _Due:
    at: datetime
    number: int
    story: Story = field(compare=False)


@dataclass
class Player:
    """Plays one script in one workspace."""

    workspace: Workspace
    flows: Flows
    clock: SetClock
    give_role: GiveRole
    script: Mapping[str, Any]
    size: str
    today: datetime
    actors: dict[str, Actor] = field(default_factory=dict)
    by_role: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"records": 0, "stories": 0, "steps": 0})

    def __post_init__(self) -> None:
        self.chance = random.Random(int(self.script.get("seed", 1)))  # noqa: S311 demo data
        self.maker = Maker(self.chance, self.script.get("lists", {}), self.today, self.clock.now)
        self.zone = ZoneInfo(str(self.script.get("timezone", "UTC")))

    def play(self) -> Played:
        """Make people and records, tell the stories, and return what was made."""
        days = int(self.script.get("days", 180))
        self.clock.moment = self.today - timedelta(days=days)
        self._make_people()
        for entry in self.script.get("records", []):
            self._make_records(entry)
        self._link_people()
        self._tell(days)
        self.clock.moment = self.today
        return Played(len(self.actors), self.counts["records"], self.counts["stories"],
                      self.counts["steps"])  # fmt: skip

    # People
    def _make_people(self) -> None:
        with self.workspace.transaction(SYSTEM) as tx:
            for entry in [*self.script.get("people", []), *self._crowd()]:
                login = entry["login"]
                values = self.maker.values(entry.get("values", {}), {"login": login})
                identity = records.create(tx, "user", {"login": login, **values})
                self.maker.remember("user", login, identity, values)
                for role in entry.get("roles", []):
                    self.give_role(tx, identity, role)
                    self.by_role.setdefault(role, []).append(login)
                roles = frozenset(entry.get("roles", []))
                principal = Principal(identity, login, str(values.get("name", login)), roles,
                                      locale=str(values.get("language", "en")))  # fmt: skip
                self.actors[login] = Actor(principal, "ui")

    def _crowd(self) -> Iterator[dict[str, Any]]:
        """Yield the people that the script makes by number."""
        for entry in self.script.get("crowd", []):
            for number in range(1, self._count(entry) + 1):
                yield {**entry, "login": f"{entry['login']}{number}"}

    def _link_people(self) -> None:
        """Fill in what people refer to, once it is there."""
        with self.workspace.transaction(SYSTEM) as tx:
            for entry in self.script.get("people", []):
                if "links" in entry:
                    values = self.maker.values(entry["links"], {})
                    records.update(tx, "user", self.maker.find("user", entry["login"]), values)

    # Records
    def _make_records(self, entry: Mapping[str, Any]) -> None:
        object_key, key = entry["object"], entry.get("key")
        rows = entry.get("rows")
        specs = rows if rows is not None else [entry["values"]] * self._count(entry)
        with self.workspace.transaction(SYSTEM) as tx:
            for number, spec in enumerate(specs, start=1):
                values = self.maker.values(spec, {"n": number})
                facts = {k: v for k, v in values.items() if not k.startswith("_")}
                try:
                    identity = records.create(tx, object_key, facts)
                except EngineError as error:
                    raise DemoError(f"{object_key} {number}: {error.message}") from error
                view = RecordView(tx, object_key, identity)
                self.maker.remember(object_key, str(values.get(key)) if key else None, identity,
                                    {**view.stored, **values})  # fmt: skip
                self.counts["records"] += 1

    def _count(self, entry: Mapping[str, Any]) -> int:
        count = entry.get("count", 1)
        return int(count[self.size] if isinstance(count, Mapping) else count)

    # Stories
    def _tell(self, days: int) -> None:
        queue: list[_Due] = []
        number = 0
        for at in self._arrivals(days):
            number += 1
            stories = self.script["stories"]
            weights = [float(story.get("weight", 1)) for story in stories]
            script = self.chance.choices(stories, weights=weights)[0]
            story = Story(script, {})
            story.last = self._stops_at(story, at)
            heapq.heappush(queue, _Due(at, number, story))
        while queue:
            due = heapq.heappop(queue)
            if due.at > self.today:
                continue
            self.clock.moment = due.at
            if not self._tell_step(due.story):
                continue
            steps = self._steps(due.story)
            if due.story.step + 1 < min(len(steps), due.story.last):
                number += 1
                pause = self._pause(steps[due.story.step + 1].get("after", ["1m", "5m"]))
                heapq.heappush(queue, _Due(due.at + pause, number, due.story))

    def _arrivals(self, days: int) -> Iterator[datetime]:
        """Yield when stories begin, by weekday and hour."""
        plan = self.script["arrivals"]
        per_day = float(plan["per_day"][self.size])
        weekdays = plan.get("weekdays", [1] * 7)
        start = (self.today - timedelta(days=days)).astimezone(self.zone)
        for offset in range(days + 1):
            day = start + timedelta(days=offset)
            expected = per_day * float(weekdays[day.weekday()])
            count = int(expected) + (self.chance.random() < expected % 1)
            for _ in range(count):
                hour = self.chance.choices(range(24), weights=plan["hours"])[0]
                moment = day.replace(hour=hour, minute=self.chance.randint(0, 59),
                                     second=self.chance.randint(0, 59))  # fmt: skip
                if moment <= self.today:
                    yield moment.astimezone(self.today.tzinfo)

    def _pause(self, span: Any) -> timedelta:
        low, high = span if isinstance(span, list) else [span, span]
        first, last = _seconds(low), _seconds(high)
        return timedelta(seconds=self.chance.uniform(first, last))

    def _tell_step(self, story: Story) -> bool:
        """Do the next step of a story; tell whether the story goes on."""
        story.step += 1
        try:
            if story.step == 0 and "create" in story.script and not story.record[0]:
                story.step = -1
                self._begin(story)
                return True
            return self._do(story, self._steps(story)[story.step])
        except EngineError as error:
            where = f"story `{story.script['id']}`, step {story.step + 1}"
            details = "; ".join(str(d) for d in error.details)
            raise DemoError(f"{where}: {error.message} {details}") from error

    def _stops_at(self, story: Story, at: datetime) -> int:
        """Return the step before which a recent story comes to rest: work that waits today."""
        plan = self.script.get("unfinished", {})
        recent = self.today - at < timedelta(days=float(plan.get("days", 0)))
        if not recent or self.chance.random() >= float(plan.get("chance", 0)):
            return story.last
        rests = story.script.get("rests")
        if rests:
            return int(self.chance.choice(rests))
        return self.chance.randint(0, max(0, len(self._steps(story)) - 1))

    def _steps(self, story: Story) -> list[Mapping[str, Any]]:
        """Return a story's steps: its own, or a course that several stories share."""
        steps = story.script.get("steps", [])
        return list(self.script["courses"][steps]) if isinstance(steps, str) else list(steps)

    def _begin(self, story: Story) -> None:
        plan = story.script["create"]
        values = self.maker.values(plan["values"], {})
        actor = self._actor(plan["as"], story)
        with self.workspace.transaction(actor) as tx:
            facts = {key: value for key, value in values.items() if not key.startswith("_")}
            identity = records.create(tx, plan["object"], facts)
        story.record = (plan["object"], identity)
        story.names = values
        self.maker.remember(plan["object"], None, identity, values)
        self.counts["stories"] += 1

    def _do(self, story: Story, step: Mapping[str, Any]) -> bool:
        if self.chance.random() >= float(step.get("chance", 1)):
            return bool(step.get("go_on", True))
        self.counts["steps"] += 1
        with self.workspace.reading(SYSTEM) as tx:
            target = self._target(tx, story, step)
        if target is None:
            return False
        if "task" in step:
            return self._answer(story, step, target)
        values = self.maker.values(step.get("values", {}), story.names)
        actor = self._actor(step.get("as", "system"), story, target)
        with self.workspace.transaction(actor) as tx:
            if "transition" in step:
                records.transition(tx, *target, step["transition"], values,
                                   comment=step.get("comment"))  # fmt: skip
            else:
                records.update(tx, *target, values)
        return True

    def _target(
        self, tx: Transaction, story: Story, step: Mapping[str, Any]
    ) -> tuple[str, str] | None:
        """Return the record of a step: the story's, or the newest behind one of its lists."""
        path = step.get("on")
        if path is None:
            return story.record
        found = RecordView(tx, *story.record).get(str(path))
        if not isinstance(found, list) or not found:
            return None
        return found[-1].object.key, found[-1].id

    def _answer(self, story: Story, step: Mapping[str, Any], target: tuple[str, str]) -> bool:
        with self.workspace.reading(SYSTEM) as tx:
            row = tx.connection.execute(
                sa.select(TASK).where(
                    TASK.c.object == target[0], TASK.c.record_id == target[1],
                    TASK.c.node == step["task"], TASK.c.state == OPEN,
                )
            ).mappings().first()  # fmt: skip
        if row is None:
            return bool(step.get("optional", False))
        login = self._login_of(row["holder"]) if row["holder"] else None
        actor = self.actors[login] if login else self._actor(step["as"], story, target)
        values = self.maker.values(step.get("values", {}), story.names)
        action = self.maker.value(step.get("outcome", "complete"), story.names)
        with self.workspace.transaction(actor) as tx:
            answer = Answer(str(action), values, step.get("comment"))
            self.flows.runner(tx).act(row["id"], person_of(tx), answer)
        return True

    def _actor(self, who: Any, story: Story, target: tuple[str, str] | None = None) -> Actor:
        """Return who acts: a login, one of a role, or whom a path of the record names."""
        if who == "system":
            return SYSTEM
        if isinstance(who, Mapping) and "path" in who:
            with self.workspace.reading(SYSTEM) as tx:
                view: Any = RecordView(tx, *(target or story.record))
                for name in str(who["path"]).split("."):
                    view = view.get(name) if view is not None else None
            login = self._login_of(view.id) if view is not None else None
            if login is None:
                raise DemoError(f"`{who['path']}` names nobody")
            return self.actors[login]
        if isinstance(who, Mapping):
            return self.actors[self.chance.choice(self.by_role[who["role"]])]
        return self.actors[str(who)]

    def _login_of(self, user_id: str) -> str | None:
        for login, actor in self.actors.items():
            if actor.principal.id == user_id:
                return login
        return None


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]]
