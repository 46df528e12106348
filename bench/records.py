"""The record API against the same application written by hand: requests a second and CPU.

Usage: `python -m bench.records [--quick] [--database sqlite|postgresql|both] [--keep DIR]`.
Targets are served the same way and asked in turn; figures are medians over the rounds. CPU is that
of the web processes and, on PostgreSQL, of its backends: the steadier figure on a shared machine.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from trellis.settings import Settings

from bench import data
from bench.baseline.validation import CATEGORY, PRIORITY, REGION, STATUS
from bench.data import TINY, Size
from bench.load import (
    CONNECTIONS,
    Asker,
    Connection,
    Reply,
    Round,
    backends_of,
    children_of,
    cpu_of,
    memory_of,
    run_round,
)
from bench.seeding import seed_baseline, seed_trellis
from tests.fakes.postgres import PrivateServer, find_binaries

ROOT = Path(__file__).resolve().parent.parent
OPERATIONS = ("read", "list", "list_count", "create", "update", "form", "list_page")
#: What the bar's geometric mean is over.
JUDGED = ("read", "list", "create", "update")
BASE = "hand_core"
#: Records that each connection changes in turn.
CHANGED = 25
KEY = "8f3kQpXw2mZtRbYc7LdNhGvJs4uEaT9x"
FILTERS = [(category, region, 100 * score) for category in CATEGORY for region in REGION
           for score in range(1, 4)]  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One of the servers: how it starts, and how its lists are asked for."""

    name: str
    app: str
    environment: Mapping[str, str]
    backend: str | None = None
    #: How its server differs from the usual.
    options: tuple[str, ...] = ()
    #: Its place among the targets, so that two on one database change different records.
    place: int = 0

    def list_query(self, filters: tuple[str, str, int]) -> str:
        """Return the query of a list with three filters, the newest first."""
        category, region, score = filters
        if self.name != "trellis":
            return urlencode({"category": category, "region": region, "score_from": score})
        text = f'category = "{category}" and region = "{region}" and score >= {score}'
        return urlencode({"filter": text, "sort": "-opened_at", "limit": 50})


@dataclass(frozen=True)
class Server:
    """A running target."""

    target: Target
    port: int
    process: int

    def cpu(self) -> float:
        """Return the CPU seconds used so far."""
        return cpu_of(self._processes())

    def memory(self) -> float:
        """Return the memory of the server's processes in MB, the one that began them included."""
        return memory_of([self.process, *children_of(self.process)])

    def _processes(self) -> list[int]:
        backends = backends_of(self.target.backend) if self.target.backend else []
        return [*children_of(self.process), *backends]


@contextmanager
def serving(target: Target, port: int) -> Iterator[Server]:
    """Serve a target with gunicorn: two processes of four threads."""
    command = [sys.executable, "-m", "gunicorn", target.app, "-b", f"127.0.0.1:{port}", "-w", "2",
               "-k", "gthread", "--threads", "4", "--keep-alive", "30",
               "--log-level", "warning", *target.options]  # fmt: skip
    environment = {**os.environ, **target.environment, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(port, process)
        yield Server(target, port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            # The socket listens before the workers have loaded what they serve.
            connection = Connection(port, patience=300)
        except OSError:
            time.sleep(0.1)
            continue
        connection.ask(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.close()
        return
    raise RuntimeError("the server did not answer")


@dataclass
class Caller:
    """Makes the requests of one connection: its user, its records, its numbers."""

    server: Server
    number: int
    size: Size
    operation: str

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{self.number} {self.operation} {time.perf_counter_ns()}")
        self._public = [n for n in range(self.size.cases) if data.is_public(n)]
        slot = self.server.target.place * CONNECTIONS + self.number
        first = slot * CHANGED % max(len(self._public) - CHANGED, 1)
        self._own = [data.identity("case", n) for n in self._public[first : first + CHANGED]]
        self._revs: dict[str, str] = {}
        self._turn = self._chance.randrange(10**6)
        self._last = ""
        self._head = (
            f"Host: localhost\r\nAuthorization: Bearer {data.token(self.number)}\r\n"
            "Accept: application/json, text/html\r\n"
        )

    def asker(self) -> Asker:
        """Return the connection's way of asking."""
        makers = {
            "read": lambda: self._get(f"/api/v1/records/case/{self._some()}"),
            "list": lambda: self._get(f"/api/v1/records/case?{self._query()}"),
            "list_count": lambda: self._get(f"/api/v1/records/case?{self._query()}&count=1"),
            "form": lambda: self._get(f"/o/case/{self._some()}/edit"),
            "list_page": lambda: self._get(f"/o/case?{self._query()}"),
            "create": self._create,
            "update": self._update,
        }
        return Asker(makers[self.operation], self._hear)

    def prepare(self) -> None:
        """Learn the revisions of the records that will be changed."""
        if self.operation != "update":
            return
        connection = Connection(self.server.port)
        for case_id in self._own:
            reply = connection.ask(self._get(f"/api/v1/records/case/{case_id}"))
            self._revs[case_id] = reply.etag
        connection.close()

    def _some(self) -> str:
        return data.identity("case", self._chance.choice(self._public))

    def _query(self) -> str:
        return self.server.target.list_query(self._chance.choice(FILTERS))

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode()

    def _send(self, method: str, path: str, body: Mapping[str, Any], more: str = "") -> bytes:
        text = json.dumps(body, default=str, ensure_ascii=False).encode()
        head = (f"{method} {path} HTTP/1.1\r\n{self._head}{more}Content-Type: application/json\r\n"
                f"Content-Length: {len(text)}\r\n\r\n")  # fmt: skip
        return head.encode() + text

    def _create(self) -> bytes:
        self._turn += 1
        values = data.case_values(self._turn, self._chance, self.size)
        values |= {key: value.isoformat() for key, value in values.items()
                   if key.endswith("_at") and value is not None}  # fmt: skip
        values |= {"cost": float(values["cost"]), "estimate": float(values["estimate"])}
        return self._send("POST", "/api/v1/records/case", values)

    def _update(self) -> bytes:
        self._turn += 1
        turn = self._turn
        self._last = self._own[turn % len(self._own)]
        body = {"status": STATUS[turn // 25 % 5], "priority": PRIORITY[turn // 25 % 4],
                "cost": turn % 10**6 / 100, "resolution": f"changed {turn} times"}  # fmt: skip
        more = f"If-Match: {self._revs[self._last]}\r\n"
        return self._send("PATCH", f"/api/v1/records/case/{self._last}", body, more)

    def _hear(self, reply: Reply) -> None:
        if self.operation == "update" and reply.etag:
            self._revs[self._last] = reply.etag


@dataclass(frozen=True)
class Plan:
    """What is measured: operations, rounds, seconds a round."""

    operations: Sequence[str]
    rounds: int
    seconds: float
    size: Size


def measure(servers: Sequence[Server], plan: Plan) -> dict[tuple[str, str], list[Round]]:
    """Return the rounds by operation and target, the targets taking turns."""
    found: dict[tuple[str, str], list[Round]] = {}
    for operation in plan.operations:
        for number in range(plan.rounds + 1):
            for server in servers:
                callers = [Caller(server, n, plan.size, operation) for n in range(CONNECTIONS)]
                for caller in callers:
                    caller.prepare()
                # The first round only warms up.
                seconds = plan.seconds if number else min(plan.seconds, 1.0)
                askers = [caller.asker() for caller in callers]
                done = run_round(server.port, askers, seconds, server.cpu)
                if done.failed:
                    raise RuntimeError(f"{server.target.name} {operation}: {done.failed} failed")
                if number:
                    found.setdefault((operation, server.target.name), []).append(done)
    return found


def report(
    title: str, servers: Sequence[Server], plan: Plan, found: Mapping[tuple[str, str], list[Round]]
) -> float:
    """Print a table of the figures and return the geometric mean of the judged ratios."""
    print(f"\n{title}: CPU ms a request (ratio to {BASE}) · requests/s")
    names = [server.target.name for server in servers]
    print(f"  {'':<11}" + "".join(f"{name:>26}" for name in names))
    ratios: dict[str, dict[str, float]] = {name: {} for name in names}
    for operation in plan.operations:
        cpu = {name: _median(found[operation, name], "cpu_ms") for name in names}
        cells = []
        for name in names:
            ratios[name][operation] = cpu[name] / cpu[BASE]
            rate = _median(found[operation, name], "rate")
            cells.append(f"{cpu[name]:8.2f} ({ratios[name][operation]:4.2f}) ·{rate:7.0f}/s")
        print(f"  {operation:<11}" + "".join(f"{cell:>26}" for cell in cells))
    judged = [operation for operation in JUDGED if operation in plan.operations]
    means = {name: prod(ratios[name][o] for o in judged) ** (1 / max(len(judged), 1))
             for name in names}  # fmt: skip
    print(f"  {'mean of 4':<11}" + "".join(f"{means[name]:26.2f}" for name in names))
    print(f"  {'memory MB':<11}" + "".join(f"{server.memory():26.0f}" for server in servers))
    return means[names[-1]]


def _median(rounds: Sequence[Round], what: str) -> float:
    return statistics.median(getattr(one, what) for one in rounds)


def targets(database: str, folder: Path, postgres: str | None, size: Size) -> list[Target]:
    """Return the targets of a database, seeded where they are not yet."""
    if database == "sqlite":
        base, own = f"sqlite:///{folder}/baseline.db", f"sqlite:///{folder}/trellis.db"
        is_new = not (folder / "trellis.db").exists()
    else:
        assert postgres is not None
        is_new = _make_databases(postgres, ("bench_baseline", "bench_trellis"))
        server = sa.make_url(postgres).set(drivername="postgresql+psycopg")
        base, own = (server.set(database=name).render_as_string(hide_password=False)
                     for name in ("bench_baseline", "bench_trellis"))  # fmt: skip
    settings = Settings(folder, own, KEY, folder)
    if is_new:
        begun = time.perf_counter()
        seed_baseline(base, size)
        seed_trellis(settings, size)
        print(f"{database}: seeded twice in {time.perf_counter() - begun:.0f} s", flush=True)
    by_hand = Target(BASE, "bench.baseline.app:make_app()",
                     {"BENCH_STORE": "core", "BENCH_URL": base})  # fmt: skip
    raw = replace(by_hand, name="driver", environment={"BENCH_STORE": "driver", "BENCH_URL": base},
                  place=1)  # fmt: skip
    trellis = Target("trellis", "trellis.wsgi:make_app()", {
        "TRELLIS_DATABASE_URL": own, "TRELLIS_SECRET_KEY": KEY, "TRELLIS_WORKSPACE": str(folder),
    }, options=("--preload",))  # as `trellis serve` does  # fmt: skip
    if database == "sqlite":
        return [by_hand, raw, trellis]
    return [replace(by_hand, backend="bench_baseline"), replace(raw, backend="bench_baseline"),
            replace(trellis, backend="bench_trellis")]  # fmt: skip


def _make_databases(postgres: str, names: Sequence[str]) -> bool:
    """Make databases that are not there; tell whether any was made."""
    engine = sa.create_engine(sa.make_url(postgres).set(drivername="postgresql+psycopg"),
                              isolation_level="AUTOCOMMIT")  # fmt: skip
    made = False
    with engine.connect() as connection:
        known = set(connection.execute(sa.text("SELECT datname FROM pg_database")).scalars())
        for name in names:
            if name not in known:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
                made = True
    engine.dispose()
    return made


def run(database: str, folder: Path, plan: Plan, chosen: argparse.Namespace) -> float:
    """Measure the targets on one database and return the mean of the judged ratios."""
    with ExitStack() as stack:
        postgres = chosen.postgres
        if database == "postgresql" and postgres is None:
            binaries = find_binaries()
            if binaries is None:
                raise SystemExit("no PostgreSQL: name one with --postgres, or install its programs")
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trellis_pg_")))
            postgres = stack.enter_context(PrivateServer(binaries, home)).url
        known = targets(database, folder, postgres, plan.size)
        wanted = [one for one in known if one.name in chosen.targets.split(",")]
        servers = [stack.enter_context(serving(target, chosen.port + index))
                   for index, target in enumerate(wanted)]  # fmt: skip
        found = measure(servers, plan)
        return report(database, servers, plan, found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, to develop with")
    parser.add_argument("--tiny", action="store_true", help="a few hundred records, to test with")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--postgres", help="address of a PostgreSQL server on this machine")
    parser.add_argument("--operations", default=",".join(OPERATIONS))
    parser.add_argument("--targets", default=f"{BASE},driver,trellis")
    parser.add_argument("--keep", type=Path, help="a folder whose databases are used again")
    parser.add_argument("--port", type=int, default=8120)
    chosen = parser.parse_args(arguments)
    rounds, seconds = (2, 1.0) if chosen.quick else (5, 2.0)
    if chosen.tiny:
        rounds, seconds = 1, 0.2
    plan = Plan(chosen.operations.split(","), rounds, seconds, TINY if chosen.tiny else Size())
    databases = ("sqlite", "postgresql") if chosen.database == "both" else (chosen.database,)
    with tempfile.TemporaryDirectory(prefix="trellis_bench_") as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for database in databases:
            run(database, folder, plan, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
