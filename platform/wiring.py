"""The composition root: builds a workspace and everything that runs on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from trellis.access.room import AccessRoom
from trellis.clock import Clock, SystemClock
from trellis.connect.http_calls import HttpCalls
from trellis.engine.actors import SYSTEM
from trellis.engine.clocks.calendars import WorkingTimes
from trellis.engine.clocks.reaction import ClockReaction
from trellis.engine.clocks.running import (
    CALENDAR_JOB,
    CHECK_JOB,
    POINT_JOB,
    Clocks,
    calendar_key,
)
from trellis.engine.events.log import LifecycleLog
from trellis.engine.flows.approving.locking import ApprovalLocks
from trellis.engine.flows.outside import Outside
from trellis.engine.flows.overtaken import OvertakenWork
from trellis.engine.flows.running import Flows
from trellis.engine.flows.starting import FlowCycles, FlowStarts
from trellis.engine.flows.working import FlowWork
from trellis.engine.handover.leaving import LEFT_JOB, Leaving, PeopleLeave
from trellis.engine.handover.periods import BEGIN_JOB, END_JOB, Periods
from trellis.engine.jobs.errands import Errand
from trellis.engine.jobs.rows import enqueue
from trellis.engine.jobs.upkeep import SEAL_JOB, ensure_upkeep, seal_history
from trellis.engine.jobs.worker import JobHandler, Worker
from trellis.engine.publishing.install import Installed, install
from trellis.engine.rollups.reaction import RollupReaction
from trellis.engine.rules.plan import decide
from trellis.engine.rules.reaction import RuleReaction
from trellis.engine.workspace import Workspace
from trellis.ids import TimeOrderedIds
from trellis.metadata.model.catalog import Catalog
from trellis.metadata.package import Package, read_package
from trellis.settings import Settings
from trellis.storage.database import Database
from trellis.storage.migrate import migrate


@dataclass(frozen=True)
class Application:
    """A workspace with its flows, its people and its worker."""

    settings: Settings
    database: Database
    clock: Clock
    workspace: Workspace
    flows: Flows
    clocks: Clocks
    outside: Outside

    @cached_property
    def access(self) -> AccessRoom:
        """Return sign-in, sessions, tokens and roles; needs an installed catalog."""
        with self.workspace.reading(SYSTEM) as tx:
            users = tx.compiled.table("user")
        workspace = self.workspace
        return AccessRoom(
            self.database, users, lambda: workspace.latest().catalog, self.clock, workspace.ids
        )

    def catalog(self) -> Catalog:
        """Return the newest published catalog."""
        with self.workspace.reading(SYSTEM) as tx:
            return tx.compiled.catalog

    def worker(self, name: str = "worker") -> Worker:
        """Return a worker for the workspace's jobs."""
        return Worker(self.workspace, self.job_handlers(), name)

    def job_handlers(self) -> Mapping[str, JobHandler | Errand]:
        """Return what does which kind of job."""
        return {
            **FlowWork(self.flows, self.outside).handlers(),
            SEAL_JOB: seal_history,
            LEFT_JOB: Leaving(self.flows).run,
            BEGIN_JOB: Periods(self.flows).begin,
            END_JOB: Periods(self.flows).end,
            POINT_JOB: self.clocks.point,
            CHECK_JOB: self.clocks.check,
            CALENDAR_JOB: self.clocks.calendar,
        }

    def begin_upkeep(self) -> None:
        """Put the recurring jobs into the queue; whoever starts a lasting worker calls this."""
        with self.workspace.transaction(SYSTEM) as tx:
            ensure_upkeep(tx)
            FlowCycles(self.flows).ensure(tx)

    def install_folder(self, folder: Path, by: str = "system") -> Installed:
        """Install the package in a folder."""
        return self.install([read_package(folder)], by)

    def install(self, packages: list[Package], by: str = "system") -> Installed:
        """Install packages as the next version of the catalog."""
        installed = install(self.database, packages, at=self.clock.now(), by=by,
                            notes=self.workspace.notes)  # fmt: skip
        if installed.changed:
            self._reckon_clocks()
        return installed

    def _reckon_clocks(self) -> None:
        """Let open clocks be reckoned anew: the catalog's calendars may have changed."""
        with self.workspace.transaction(SYSTEM) as tx:
            if tx.compiled.catalog.clocks:
                enqueue(tx, CALENDAR_JOB, {}, due=tx.now, key=calendar_key(None))


def open_application(settings: Settings, clock: Clock | None = None) -> Application:
    """Build the application of a workspace; its tables are brought up to date."""
    settings.workspace.mkdir(parents=True, exist_ok=True)
    used_clock = clock or SystemClock()
    database = Database(settings.database_url)
    migrate(database)
    notes: dict[str, Any] = {"decide": decide, "calendars": WorkingTimes}
    workspace = Workspace(
        database, used_clock, TimeOrderedIds(used_clock), settings.secret_key.encode(), notes=notes
    )
    flows = Flows(workspace)
    clocks = Clocks(flows)
    # Roll-ups first: rules, clocks and flows see them right. Clocks count by what rules decided.
    # Flows last: they act on both, and what a record has overtaken goes before its last move
    # starts something new.
    workspace.reactions = (
        RollupReaction(),
        LifecycleLog(),
        ApprovalLocks(),
        RuleReaction(flows),
        ClockReaction(clocks),
        OvertakenWork(flows),
        FlowStarts(flows),
        PeopleLeave(),
    )
    outside = HttpCalls(settings.http_hosts, settings.http_private)
    application = Application(settings, database, used_clock, workspace, flows, clocks, outside)
    application.install([])
    workspace.reactions = (*workspace.reactions, application.access.watch)
    return application
