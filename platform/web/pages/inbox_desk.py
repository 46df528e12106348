"""The inbox and notifications for the pages, answered by flows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from trellis.access.principal import SYSTEM_ID
from trellis.engine.approvals.history import Entry
from trellis.engine.approvals.work import CANCELLED, OPEN, Answer, Task, TaskKind
from trellis.engine.flows import inbox
from trellis.engine.flows.answers import OTHER_ACTIONS, allowed_actions
from trellis.engine.flows.running import Flows, person_of
from trellis.engine.notifications import inbox as notices
from trellis.engine.transactions import Transaction
from trellis.formbuilder.audience import humanise
from trellis.formbuilder.values import Reference
from trellis.metadata.model.flows import Flow, Node, NodeKind
from trellis.storage.platform_tables.flows import INSTANCE
from trellis.web.pages.addresses import record_path
from trellis.web.pages.desk import Session
from trellis.web.pages.ports import Ahead, Happening, Note, Outlook, Work, WorkAnswer
from trellis.web.pages.tallies import Tallies
from trellis.web.pages.trail import USER, Names

_READERS = {"mine": inbox.mine, "pool": inbox.claimable, "done": inbox.finished,
            "copies": inbox.copies}  # fmt: skip
#: What an entry of the event log is called in the timeline; that a step began says nothing new.
_KINDS = {"assign": "claim", "exit": "exit", "wait": "wait", "due": "due"}
#: What the history of approvals holds for programs: the votes before it say the same.
_UNTOLD = frozenset({"close", "keep"})
_SILENT = frozenset({NodeKind.XOR, NodeKind.OR, NodeKind.AND, NodeKind.END})


class EngineTasks:
    """Tasks and approvals of one person."""

    def __init__(
        self, session: Session, flows: Flows, tallies: Tallies, confirm: Callable[[str], None]
    ) -> None:
        """`confirm` raises unless a text is the person's password."""
        self._confirm = confirm
        self._session = session
        self._flows = flows
        self._tallies = tallies

    @property
    def _person(self) -> str:
        return self._session.actor.principal.id

    @property
    def _tx(self) -> Transaction:
        return self._session.reading

    @property
    def _locale(self) -> str:
        return self._session.actor.principal.locale

    def open_count(self) -> int:
        """Return how many tasks wait for the person alone."""
        return self._tallies.of(self._person, "tasks", lambda: inbox.count_open(self._tx))

    def list(self, which: str, limit: int) -> Sequence[Work]:
        """Return tasks: `mine`, `pool` (to claim) or `done`, the most urgent first."""
        return self._works(_READERS[which](self._tx, limit))

    def get(self, task_id: str) -> Work:
        """Return a task that concerns the person."""
        return self._works([inbox.one(self._tx, task_id)])[0]

    def of_record(self, object_key: str, record_id: str) -> Sequence[Work]:
        """Return the open tasks about a record, whoever holds them."""
        return self._works(inbox.of_record(self._tx, object_key, record_id))

    def _works(self, tasks: Sequence[Task]) -> Sequence[Work]:
        names = Names(self._tx)
        names.learn((task.object, task.record_id) for task in tasks)
        names.learn((USER, task.holder) for task in tasks)
        flows, seats = self._flows_of(tasks), inbox.seat_actions(self._tx, tasks)
        return [
            self._work(task, flows[task.instance_id], names, seats.get(task.id)) for task in tasks
        ]

    def _work(
        self, task: Task, flow: Flow | None, names: Names, seat: tuple[str, ...] | None
    ) -> Work:
        node = _find(flow.nodes, task.node) if flow is not None else None
        about = None
        if task.object and task.record_id:
            title, subject = names.told(task.object, task.record_id)
            shown = f"{title} {subject}".strip()
            about = Reference(task.record_id, shown or humanise(task.object))
        return Work(
            id=task.id,
            rev=task.rev,
            label=_label(node, task.node, self._locale),
            kind=str(task.kind),
            flow=flow.label.text(self._locale, humanise(flow.key))
            if flow is not None
            else task.flow,
            object=task.object or "",
            record=about,
            due=task.due_at,
            actions=self._actions(task, node, seat),
            action_labels={
                key: label.text(self._locale, humanise(key))
                for key, label in (node.action_labels if node is not None else {}).items()
            },
            holder=names.person(task.holder),
            behalf=names.person(self._behalf(task)),
            since=task.claimed_at or task.opened_at,
            offered=self._offered(task),
            state=task.state,
            form=node.form or "" if node is not None else "",
            fields=node.fields if node is not None else (),
            question=task.comment or "" if task.kind is TaskKind.ASK else "",
        )

    def _flows_of(self, tasks: Sequence[Task]) -> dict[str, Flow | None]:
        """Return the flow of each task's instance, as of the version the instance keeps."""
        columns = INSTANCE.c
        ids = sorted({task.instance_id for task in tasks})
        if not ids:
            return {}
        statement = sa.select(columns.id, columns.flow, columns.version).where(columns.id.in_(ids))
        found: dict[str, Flow | None] = {}
        for instance_id, flow, version in self._tx.connection.execute(statement):
            compiled = self._session.workspace.compiled_at(self._tx.connection, version)
            found[instance_id] = compiled.catalog.flows.get(flow)
        return found

    def _actions(
        self, task: Task, node: Node | None, seat: tuple[str, ...] | None
    ) -> tuple[str, ...]:
        if task.state != OPEN or node is None:
            return ()
        person = self._session.actor.principal
        if task.holder is None:
            return ("claim",) if task.may_act(person.id, person.roles) else ()
        if not task.may_act(person.id, person.roles):
            return ()
        if seat is not None or task.kind in OTHER_ACTIONS:
            return seat or OTHER_ACTIONS[task.kind]
        pooled = bool(task.pools or task.candidates)
        return (*allowed_actions(node, task), *(("give_back",) if pooled else ()))

    def _behalf(self, task: Task) -> str | None:
        """Return for whom the reader does the work, None when it is the reader's own."""
        if task.principal in (None, self._person) or not self._may_hold(task):
            return None
        return task.principal

    def _may_hold(self, task: Task) -> bool:
        return self._person == task.holder or self._person in task.also

    def _offered(self, task: Task) -> tuple[str, ...]:
        """Return the roles that may take a task over, as the reader calls them."""
        return self._roles(task.pools)

    def _roles(self, keys: Sequence[str]) -> tuple[str, ...]:
        known = self._tx.compiled.catalog.roles
        return tuple(
            known[key].label.text(self._locale, humanise(key)) for key in keys if key in known
        )

    def course(self, task_id: str) -> Sequence[Happening]:
        """Return what happened in the task's flow, the newest first."""
        names, task = Names(self._tx), inbox.one(self._tx, task_id)
        flow = self._flows_of([task])[task.instance_id]
        entries = inbox.course(self._tx, task.instance_id)
        acts = inbox.acts(self._tx, task.instance_id)
        voted = {act.node for act in acts}
        told = [
            _happening(entry, flow, names, self._locale)
            for entry in entries
            if entry["activity"] not in voted or entry["kind"] == "due"  # votes tell themselves
        ]
        told += [_act(act, flow, names, self._locale) for act in acts]
        found = [one for one in told if one is not None]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def outlook(self, task_id: str) -> Outlook:
        """Return what lies behind and ahead of a task."""
        task = inbox.one(self._tx, task_id)
        found = self._flows.runner(self._tx).outlook(task_id, person_of(self._tx))
        flow, names = self._flows_of([task])[task.instance_id], Names(self._tx)
        nodes = flow.nodes if flow is not None else {}

        def label(key: str) -> str:
            return _label(_find(nodes, key), key, self._locale)

        ahead = tuple(
            Ahead(label(one.node), ", ".join((*map(names.person, one.users),
                                              *self._roles(one.pools))))
            for one in found.coming
        )  # fmt: skip
        rule = found.rule
        if rule is None:
            return Outlook(ahead=ahead, since=found.decided_at)
        return Outlook(
            commented=frozenset(one for one in rule.actions() if rule.needs_comment(one)),
            targets=tuple(Reference(key, label(key)) for key in found.targets),
            ask_resume=rule.back.resume == "ask",
            sign=rule.sign or "",
            ahead=ahead,
            since=found.decided_at,
            edit=rule.edit,
        )

    def act(self, task_id: str, answer: WorkAnswer) -> None:
        """Claim, give back, complete, approve or reject."""
        if answer.signature:
            self._confirm(answer.signature)
        with self._session.writing() as tx:
            runner, person = self._flows.runner(tx), person_of(tx)
            given = _given(answer)
            if answer.action == "claim":
                runner.claim(task_id, person, given)
            elif answer.action == "give_back":
                runner.give_back(task_id, person, given)
            else:
                runner.act(task_id, person, given)
        self._tallies.forget(self._person)


def _given(answer: WorkAnswer) -> Answer:
    return Answer(
        answer.action,
        dict(answer.values),
        answer.comment or None,
        answer.rev,
        answer.request_id or None,
        people=answer.people,
        mode=answer.mode or None,
        advise=answer.advise,
        target=answer.target or None,
        resume=answer.resume or None,
        record_rev=answer.record_rev,
        signed="password" if answer.signature else None,
    )


def _find(nodes: Mapping[str, Node], key: str) -> Node | None:
    if key in nodes:
        return nodes[key]
    inner = (_find(node.nodes, key) for node in nodes.values() if node.nodes)
    return next((node for node in inner if node is not None), None)


def _label(node: Node | None, key: str, locale: str) -> str:
    return node.label.text(locale, humanise(key)) if node is not None else humanise(key)


def _act(act: Entry, flow: Flow | None, names: Names, locale: str) -> Happening | None:
    """Return what somebody did with an approval; None for what the approval did itself."""
    if act.action in _UNTOLD:
        return None
    node = _find(flow.nodes, act.node or "") if flow is not None else None
    label = _label(node, act.node, locale) if act.node else ""
    named = [names.person(one) for one in act.details.get("people", ())]
    after = act.holder_after if act.action in ("transfer", "reassign") else None
    shown = [*([names.person(after)] if after else named)]
    what = f"{label} → {', '.join(shown)}" if shown else label
    who = "" if act.actor == SYSTEM_ID else names.person(act.actor)
    if act.on_behalf_of is not None:
        who = f"{who} ({names.person(act.on_behalf_of)})"
    return Happening(act.action, act.at, who, what, text=act.comment or "")


def _happening(
    entry: Mapping[str, Any], flow: Flow | None, names: Names, locale: str
) -> Happening | None:
    """Return an entry of the event log as people tell it; None for what only the flow knows."""
    node = _find(flow.nodes, str(entry["activity"])) if flow is not None else None
    told = _KINDS.get(str(entry["kind"]))
    if node is not None and node.kind is NodeKind.APPROVAL and told == "claim":
        return None  # seats are given by the flow, not taken
    if told is None or node is None or not node.label or node.kind in _SILENT:
        return None
    if node.kind is NodeKind.START:
        return Happening("start", entry["end_at"], names.person(entry["actor"]))
    label, outcome = _label(node, str(entry["activity"]), locale), str(entry["outcome"] or "")
    if outcome in node.action_labels:
        told = "complete"
        label = f"{label}: {node.action_labels[outcome].text(locale, humanise(outcome))}"
    elif outcome:
        told = outcome if told == "exit" else "lapse" if outcome == CANCELLED else told
    who = names.person(entry["actor"])
    return Happening(told, entry["end_at"], who, label, text=str(entry["comment"] or ""))


@dataclass
class EngineNotes:
    """The notifications of one person."""

    session: Session
    tallies: Tallies

    def unread(self) -> int:
        """Return how many are unread."""
        person = self.session.actor.principal.id
        return self.tallies.of(person, "unread", lambda: notices.count_unread(self.session.reading))

    def list(self, limit: int) -> Sequence[Note]:
        """Return the newest notifications."""
        names = Names(self.session.reading)
        rows = notices.newest(self.session.reading, limit)
        names.learn((row["object_key"], row["record_id"]) for row in rows if not row["body"])
        return [_note(row, names) for row in rows]

    def read_all(self) -> None:
        """Mark every one as read."""
        with self.session.writing() as tx:
            notices.mark_read(tx)
        self.tallies.forget(self.session.actor.principal.id)


def _note(row: Mapping[str, Any], names: Names) -> Note:
    about = row["body"] or ""
    if not about and row["object_key"] and row["record_id"]:
        about = names.of(row["object_key"], row["record_id"])
    url = "/notifications"
    if row["task_id"]:
        url = f"/inbox/{row['task_id']}"
    elif row["object_key"] and row["record_id"]:
        url = record_path(row["object_key"], row["record_id"])
    return Note(row["id"], row["title"], about, row["at"], row["read_at"] is None, url)
