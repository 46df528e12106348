"""When a cycle comes round again: `30m`, `1d`, or a cron text such as `0 9 * * 1-5`."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from cronsim import CronSim
from trellis.metadata.model.cycles import interval_of


def next_time(cycle: str, since: datetime, zone: tzinfo) -> datetime:
    """Return the next moment after `since`; cron texts mean the clock of `zone`."""
    interval = interval_of(cycle)
    if interval is not None:
        return since + interval
    local = since.astimezone(zone)
    return next(CronSim(cycle, local)).astimezone(UTC)
