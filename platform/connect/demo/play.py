"""Playing a demo script: people, records, then stories as events in the order of their time.

Everything goes through the engine's door as the person who would do it. What would happen after
today is left undone: that is the work that waits. A step that is refused stops the demo and names
story, step and reason.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from trellis.clock import SetClock
from trellis.connect.demo.cast import Cast, GiveRole, public
from trellis.connect.demo.timing import Story, Timing
from trellis.connect.demo.values import DemoError, Maker
from trellis.engine import records
from trellis.engine.actors import SYSTEM, Actor
from trellis.engine.approvals.work import OPEN, Answer
from trellis.engine.errors import EngineError
from trellis.engine.flows.running import Flows, person_of
from trellis.engine.transactions import Transaction
from trellis.engine.views import RecordView
from trellis.engine.workspace import Workspace
from trellis.storage.platform_tables.flows import TASK
from trellis.storage.prepared import Kept

#: Timers of flows ring when the simulated clock passes another of these.
ROUND = timedelta(hours=6)
_OPEN_TASK = Kept(
    sa.select(TASK.c.id, TASK.c.holder).where(
        TASK.c.object == sa.bindparam("object"), TASK.c.record_id == sa.bindparam("record"),
        TASK.c.node == sa.bindparam("node"), TASK.c.state == OPEN,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Played:
    """What a demo made."""

    people: int
    records: int
    stories: int
    steps: int


@dataclass(order=True)
class _Due:
    at: datetime
    number: int
    story: Story = field(compare=False)


@dataclass
class Player:
    """Plays one script in one workspace; `ring` does the jobs that are due."""

    workspace: Workspace
    flows: Flows
    clock: SetClock
    give_role: GiveRole
    ring: Callable[[], int]
    script: Mapping[str, Any]
    size: str
    today: datetime
    told: int = 0
    steps: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(int(self.script.get("seed", 1)))  # noqa: S311 demo data
        self.maker = Maker(self.chance, self.script.get("lists", {}), self.today, self.clock.now)
        self.cast = Cast(self.workspace, self.maker, self.give_role, self.script, self.size)
        self.timing = Timing(self.script, self.size, self.today, self.chance)

    def play(self) -> Played:
        """Make people and records, tell the stories, and return what was made."""
        days = int(self.script.get("days", 180))
        self.clock.moment = self.today - timedelta(days=days)
        self.cast.make()
        self._tell(days)
        self.clock.moment = self.today
        return Played(len(self.cast.actors), self.cast.records, self.told, self.steps)

    def _tell(self, days: int) -> None:
        queue = [_Due(at, number, story)
                 for number, (at, story) in enumerate(self.timing.beginnings(days))]  # fmt: skip
        heapq.heapify(queue)
        number = len(queue)
        rung = self.clock.moment
        while queue:
            due = heapq.heappop(queue)
            if due.at > self.today:
                continue
            if due.at - rung >= ROUND:
                self.clock.moment = rung = due.at
                self.ring()
            self.clock.moment = due.at
            if not self._tell_step(due.story):
                continue
            step = due.story.next_step
            if step is not None:
                number += 1
                at = due.at + self.timing.pause(due.story, step)
                heapq.heappush(queue, _Due(at, number, due.story))

    def _tell_step(self, story: Story) -> bool:
        """Do the next step of a story; tell whether the story goes on."""
        try:
            if not story.record[0]:
                return self._begin(story)
            story.step += 1
            return self._do(story, story.steps[story.step])
        except EngineError as error:
            where = f"story `{story.script['id']}`, step {story.step + 1}"
            details = "; ".join(str(one) for one in error.details)
            raise DemoError(f"{where}: {error.message} {details}") from error

    def _begin(self, story: Story) -> bool:
        plan = story.script["create"]
        values = self.maker.values(plan["values"], {})
        with self.workspace.transaction(self._actor(plan["as"], story)) as tx:
            identity = records.create(tx, plan["object"], public(values))
        story.record = (plan["object"], identity)
        story.names = {**values, "_id": identity}
        self.maker.remember(plan["object"], None, identity, values)
        self.told += 1
        return True

    def _do(self, story: Story, step: Mapping[str, Any]) -> bool:
        if story.pace is None and self.chance.random() >= float(step.get("chance", 1)):
            return bool(step.get("go_on", True))
        self.steps += 1
        with self.workspace.reading(SYSTEM) as tx:
            target = self._target(tx, story, step)
        if target is None:
            return bool(step.get("optional", False))
        if "task" in step:
            return self._answer(story, step, target)
        values = public(self.maker.values(step.get("values", {}), story.names))
        with self.workspace.transaction(self._actor(step.get("as", "system"), story, target)) as tx:
            if "transition" in step:
                records.transition(tx, *target, step["transition"], values,
                                   comment=self._comment(story, step))  # fmt: skip
            elif "create" in step:
                records.create(tx, step["create"], values)
            else:
                records.update(tx, *target, values)
        return True

    def _target(
        self, tx: Transaction, story: Story, step: Mapping[str, Any]
    ) -> tuple[str, str] | None:
        """Return the record of a step: the story's, or the newest behind one of its lists, where
        the step answers work the newest on which it is open.

        With `when`, None where the record is in another state than the step is for.
        """
        key, identity = story.record
        if "on" in step:
            found = RecordView(tx, key, identity).get(str(step["on"]))
            if not isinstance(found, list) or not found:
                return None
            chosen = next((one for one in reversed(found) if self._waits(tx, step, one)), found[-1])
            key, identity = chosen.object.key, chosen.id
        wanted = step.get("when")
        if wanted is not None:
            view = RecordView(tx, key, identity)
            if any(view.get(name) != value for name, value in wanted.items()):
                return None
        return key, identity

    def _waits(self, tx: Transaction, step: Mapping[str, Any], record: RecordView) -> bool:
        """Tell whether the work of a step is open on a record."""
        if "task" not in step:
            return False
        work = sa.select(TASK.c.id).where(
            TASK.c.object == record.object.key, TASK.c.record_id == record.id,
            TASK.c.node == step["task"], TASK.c.state == OPEN,
        )  # fmt: skip
        return tx.connection.execute(work).first() is not None

    def _answer(self, story: Story, step: Mapping[str, Any], target: tuple[str, str]) -> bool:
        with self.workspace.reading(SYSTEM) as tx:
            asked = {"object": target[0], "record": target[1], "node": step["task"]}
            row = _OPEN_TASK.first(tx.connection, asked)
        if row is None:
            return bool(step.get("optional", False))
        holder = self.cast.person(row["holder"]) if row["holder"] else None
        actor = holder or self._actor(step["as"], story, target)
        values = public(self.maker.values(step.get("values", {}), story.names))
        action = self.maker.value(step.get("outcome", "complete"), story.names)
        with self.workspace.transaction(actor) as tx:
            answer = Answer(str(action), values, self._comment(story, step))
            self.flows.runner(tx).act(row["id"], person_of(tx), answer)
        return True

    def _comment(self, story: Story, step: Mapping[str, Any]) -> str | None:
        said = self.maker.value(step.get("comment"), story.names)
        return None if said is None else str(said)

    def _actor(self, who: Any, story: Story, target: tuple[str, str] | None = None) -> Actor:
        """Return who acts: a login, one of a role, or whom a path of the record names."""
        if who == "system":
            return SYSTEM
        if not isinstance(who, Mapping):
            return self.cast.actors[str(who)]
        if "role" in who:
            return self.cast.member(who["role"], self.chance)
        with self.workspace.reading(SYSTEM) as tx:
            view: Any = RecordView(tx, *(target or story.record))
            for name in str(who["path"]).split("."):
                view = view.get(name) if view is not None else None
        found = self.cast.person(view.id) if view is not None else None
        if found is None:
            raise DemoError(f"`{who['path']}` names nobody")
        return found
