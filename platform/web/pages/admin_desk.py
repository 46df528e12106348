"""Administration, answered by the engine, access and the platform's own tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from trellis.access.principals import Proof
from trellis.access.room import AccessRoom
from trellis.analytics.event_export import as_csv, as_xes
from trellis.engine.events import log
from trellis.engine.jobs.queue import JobState
from trellis.engine.notifications.labels import labels_of
from trellis.engine.publishing.install import install
from trellis.formbuilder.audience import humanise
from trellis.ids import is_id, new_secret
from trellis.metadata.compile import compile_catalog
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import package_from_files
from trellis.storage.catalogs import current_version, load_packages
from trellis.storage.platform_tables.catalog import CATALOG
from trellis.storage.platform_tables.trail import AUDIT, EVENT
from trellis.storage.platform_tables.work import JOB
from trellis.web.pages.addresses import record_path
from trellis.web.pages.admin_ports import JobRow, PublishedVersion, Trace
from trellis.web.pages.desk import Session
from trellis.web.pages.trail import USER, Names


@dataclass(frozen=True)
class EnginePackages:
    """The applications of a workspace."""

    session: Session

    def versions(self, limit: int) -> Sequence[PublishedVersion]:
        """Return the newest published versions."""
        tx, columns = self.session.reading, CATALOG.c
        names = Names(tx)
        statement = (
            sa.select(columns.version, columns.published_at, columns.published_by, columns.summary)
            .order_by(columns.version.desc())
            .limit(limit)
        )
        return [
            PublishedVersion(row[0], row[1], names.person(row[2]), row[3] or "")
            for row in tx.connection.execute(statement)
        ]

    def check(self, files: Mapping[str, bytes]) -> Catalog:
        """Return the catalog that would be, or raise ProblemsFoundError."""
        connection = self.session.reading.connection
        arriving = package_from_files(files)
        present = load_packages(connection, current_version(connection))
        others = [package for package in present if package.app != arriving.app]
        return compile_catalog([*others, arriving])

    def apply(self, files: Mapping[str, bytes]) -> int:
        """Install a package and return the new version; ProblemsFoundError when it is wrong."""
        self.session.close()
        workspace, person = self.session.workspace, self.session.actor.principal
        done = install(
            workspace.database,
            [package_from_files(files)],
            at=workspace.clock.now(),
            by=person.id,
            notes=workspace.notes,
        )
        return done.version


@dataclass(frozen=True)
class EnginePeople:
    """Users: their roles and their passwords."""

    session: Session
    room: AccessRoom
    proof: Proof

    def roles_of(self, user_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the role keys of users."""
        found = self.room.directory.roles_of(self.session.reading.connection, user_ids)
        return {user_id: frozenset(roles) for user_id, roles in found.items()}

    def change_roles(self, user_id: str, roles: Iterable[str]) -> None:
        """Make `roles` the roles of a user; AccessError when that is not allowed."""
        with self.session.writing() as tx:
            self.room.roles.change(tx.connection, self.proof.principal, user_id, roles, tx.now)

    def new_password(self, user_id: str) -> str:
        """Give a user a new password, and return it: it is shown once."""
        password = new_secret(96)
        with self.session.writing() as tx:
            self.room.set_password(tx.connection, self.proof.principal, user_id, password)
        return password


@dataclass(frozen=True)
class EngineJobs:
    """The job queue."""

    session: Session

    def list(self, state: str, limit: int) -> Sequence[JobRow]:
        """Return jobs in a state, the earliest due first."""
        columns = JOB.c
        order = columns.done_at.desc() if state == JobState.DONE else columns.due_at.asc()
        statement = (
            sa.select(
                columns.id, columns.kind, columns.state, columns.due_at, columns.attempts,
                columns.error,
            )
            .where(columns.state == state)
            .order_by(order, columns.id)
            .limit(limit)
        )  # fmt: skip
        rows = self.session.reading.connection.execute(statement)
        return [JobRow(*row[:5], (row[5] or "")[:400], row[2] == JobState.INCIDENT) for row in rows]

    def counts(self) -> Mapping[str, int]:
        """Return how many jobs are in each state."""
        statement = sa.select(JOB.c.state, sa.func.count()).group_by(JOB.c.state)
        rows = self.session.reading.connection.execute(statement)
        return {str(state): int(number) for state, number in rows}

    def retry(self, job_id: str) -> None:
        """Run a failed job again."""
        with self.session.writing() as tx:
            tx.connection.execute(
                sa.update(JOB)
                .where(JOB.c.id == job_id, JOB.c.state == JobState.INCIDENT)
                .values(state=JobState.READY, due_at=tx.now, attempts=0, error=None)
            )


@dataclass(frozen=True)
class EngineTrail:
    """What happened in the workspace."""

    session: Session

    def audit(self, limit: int, before: str) -> tuple[Sequence[Trace], str]:
        """Return audited actions, the newest first, and where the next page begins."""
        names = Names(self.session.reading)
        rows, following = self._page(AUDIT, limit, before)
        names.learn((USER, row["actor"]) for row in rows)
        catalog, locale = self._catalog, self.session.actor.principal.locale
        return [_of_audit(row, names, catalog, locale) for row in rows], following

    def events(self, limit: int, before: str) -> tuple[Sequence[Trace], str]:
        """Return the event log, the newest first, and where the next page begins."""
        names = Names(self.session.reading)
        rows, following = self._page(EVENT, limit, before)
        names.learn((USER, row["actor"]) for row in rows)
        names.learn((row["object"], row["record_id"]) for row in rows)
        catalog, locale = self._catalog, self.session.actor.principal.locale
        return [_of_event(row, names, catalog, locale) for row in rows], following

    @property
    def _catalog(self) -> Catalog:
        return self.session.reading.compiled.catalog

    def export(self, kind: str) -> Iterator[str]:
        """Yield the event log as `csv` or `xes`, case by case."""
        found = log.entries(self.session.reading)
        yield from as_csv(found) if kind == "csv" else as_xes(found, log_name="trellis")

    def _page(self, table: sa.Table, limit: int, before: str) -> tuple[list[Any], str]:
        """Return rows by id, the newest first: ids ascend with time."""
        statement = sa.select(table).order_by(table.c.id.desc()).limit(limit + 1)
        if before:
            statement = statement.where(table.c.id < before)
        rows = list(self.session.reading.connection.execute(statement).mappings())
        return rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else ""


def _of_audit(row: Mapping[str, Any], names: Names, catalog: Catalog, locale: str) -> Trace:
    details = row["details"] if isinstance(row["details"], dict) else {}
    told = [_detail(key, value, catalog, locale) for key, value in details.items()]
    user = details.get("user")
    return Trace(
        row["at"],
        names.person(row["actor"]),
        row["action"],
        "",
        names.person(user) if user else names.about(row["object"], row["record_id"]),
        row["outcome"],
        _address(row["object"], row["record_id"]),
        " · ".join(part for part in (*told, row["address"] or "") if part),
    )


#: Details that are told elsewhere in the row, or mean nothing to a reader.
_UNTOLD = frozenset({"user", "token", "object", "record"})
_SIGNS = {"given": "+ ", "taken": "− "}


def _detail(key: str, value: object, catalog: Catalog, locale: str) -> str:
    """Return a detail of an audited action as people read it, nothing for what they do not."""
    if key in _UNTOLD or not value:
        return ""
    if isinstance(value, list):
        roles = (catalog.roles.get(str(one)) for one in value)
        named = [role.label.text(locale, one) if role is not None else str(one)
                 for role, one in zip(roles, value, strict=True)]  # fmt: skip
        return _SIGNS.get(key, "") + ", ".join(named)
    return str(value)


def _of_event(row: Mapping[str, Any], names: Names, catalog: Catalog, locale: str) -> Trace:
    states = _state_labels(catalog, row["object"], locale)
    moved = " → ".join(
        states.get(part, part) for part in (row["from_state"], row["to_state"]) if part
    )
    outcome = str(row["outcome"] or "")
    if is_id(outcome):
        outcome = names.person(outcome)
    flow = catalog.flows.get(row["flow"] or "")
    return Trace(
        row["end_at"],
        names.person(row["actor"]),
        row["kind"],
        _activity(row, catalog, locale),
        names.about(row["object"], row["record_id"]),
        outcome or moved,
        _address(row["object"], row["record_id"]),
        flow.label.text(locale, flow.key) if flow is not None else row["flow"] or "",
    )


def _activity(row: Mapping[str, Any], catalog: Catalog, locale: str) -> str:
    """Return what a node or a transition is called; nothing for what the kind says already."""
    key = str(row["activity"])
    if row["kind"] == key:
        return ""
    flow, item = catalog.flows.get(row["flow"] or ""), catalog.objects.get(row["object"])
    if flow is not None and key in flow.nodes:
        return flow.nodes[key].label.text(locale, humanise(key))
    if item is not None and item.lifecycle is not None and key in item.lifecycle.transitions:
        return item.lifecycle.transitions[key].label.text(locale, humanise(key))
    return humanise(key)


def _state_labels(catalog: Catalog, object_key: str, locale: str) -> Mapping[str, str]:
    item = catalog.objects.get(object_key)
    if item is None or item.lifecycle is None:
        return {}
    labels = labels_of(catalog, object_key, item.lifecycle.field)
    return {key: label.text(locale, key) for key, label in labels.items()}


def _address(object_key: str | None, record_id: str | None) -> str:
    return record_path(object_key, record_id) if object_key and record_id else ""
