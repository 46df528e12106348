"""A flow of five durable steps: this engine against the same flow written by hand.

start (amount 5000) → xor → approval → approval → parallel split → two tasks → join → service → end.
One process, one thread; a step is what one web request does: load the instance, complete a task
with a note, run to the next wait, store, commit. Rounds of the engines are interleaved and the
figures are medians. Usage: `python -m bench.flows [--database sqlite|postgresql|both] [--rounds 5]
[--instances 200]`.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bench.flow_engines import DATA, ENGINES, STEPS, Engine

WARM_UP = 20


@dataclass(frozen=True)
class Round:
    """What one round of one engine took: instances a second, seconds a step, statements, bytes."""

    rate: float
    steps: tuple[float, ...]
    statements: float
    size: float


def run_round(engine: Engine, instances: int) -> Round:
    """Run `instances` to their end, warm, and return the figures."""
    warm = run_instances(engine, WARM_UP)[0]
    before = engine.size()
    with engine.counted() as statements:
        ended, spent, steps = run_instances(engine, instances)
    wrong = engine.mistakes([*warm, *ended])
    if wrong:
        raise AssertionError(f"{engine.name}: {wrong[:3]} of {len(wrong)}")
    # Asking for the open tasks is the inbox's work: one statement before each of four steps.
    own = statements[0] - len(STEPS) * instances
    begun = (len(STEPS) + 1) * instances if engine.database.is_sqlite else 0
    size = (engine.size() - before) / instances
    return Round(instances / spent, tuple(steps), (own + begun) / instances, size)


def run_instances(engine: Engine, number: int) -> tuple[list[object], float, list[float]]:
    """Run instances one after the other; return them, the seconds in all, and those of each step.

    What a page asked before, the open tasks, is not counted.
    """
    ended: list[object] = []
    steps: list[float] = []
    for _ in range(number):
        begun = time.perf_counter()
        instance = engine.start(DATA)
        steps.append(time.perf_counter() - begun)
        for node in STEPS:
            task = engine.tasks(instance)[node]
            begun = time.perf_counter()
            engine.complete(task)
            steps.append(time.perf_counter() - begun)
        ended.append(instance)
    return ended, sum(steps), steps


@contextmanager
def databases(kind: str, server: str) -> Iterator[str]:
    """Give the URL of an empty database that is gone afterwards."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'flows.db'}"
        return
    name = f"bench_flows_{secrets.token_hex(4)}"
    engine = sa.create_engine(_driver(server), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def compare(kind: str, server: str, rounds: int, instances: int) -> Mapping[str, list[Round]]:
    """Run every engine in turn, `rounds` times, each time on a fresh database."""
    found: dict[str, list[Round]] = {name: [] for name in ENGINES}
    for _ in range(rounds):
        for name, make in ENGINES.items():
            with databases(kind, server) as url:
                engine = make(url)
                found[name].append(run_round(engine, instances))
                engine.database.dispose()
    return found


def report(kind: str, found: Mapping[str, list[Round]]) -> Iterator[str]:
    """Yield the lines of the table; ratios are to the flow written by hand."""
    yield f"{kind}: instances/s (ratio) · step p50 / p95 ms (p95 to hand p50) · statements · bytes"
    hand_rate = statistics.median(one.rate for one in found["hand_audit"])
    hand_step = statistics.median(step for one in found["hand_audit"] for step in one.steps)
    for name, rounds in found.items():
        rate = statistics.median(one.rate for one in rounds)
        steps = sorted(step for one in rounds for step in one.steps)
        middle, late = steps[len(steps) // 2], steps[len(steps) * 95 // 100]
        statements = statistics.median(one.statements for one in rounds)
        size = statistics.median(one.size for one in rounds)
        speed = f"{rate:>7.0f} ({rate / hand_rate:.2f})"
        step = f"{middle * 1000:.2f} / {late * 1000:.2f} ({late / hand_step:.1f}×)"
        yield f"  {name:<12} {speed} · {step} · {statements:.0f} · {size:.0f}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--postgres", default="postgresql://root@127.0.0.1/postgres")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--instances", type=int, default=200)
    arguments = parser.parse_args()
    both = ("sqlite", "postgresql")
    for kind in both if arguments.database == "both" else (arguments.database,):
        found = compare(kind, arguments.postgres, arguments.rounds, arguments.instances)
        print("\n".join(report(kind, found)), flush=True)


if __name__ == "__main__":
    main()
