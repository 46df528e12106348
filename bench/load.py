"""Eight connections that ask as fast as they are answered, and what the servers spend meanwhile."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

CONNECTIONS = 8
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    etag: str
    size: int


@dataclass
class Asker:
    """One of the connections: makes a request, and hears the reply to it."""

    make: Callable[[], bytes]
    hear: Callable[[Reply], None] = field(default=lambda _reply: None)


@dataclass(frozen=True)
class Round:
    """A round's figures: requests, seconds, CPU seconds, and how many were no success."""

    requests: int
    seconds: float
    cpu: float
    failed: int

    @property
    def rate(self) -> float:
        """Return requests a second."""
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Return CPU milliseconds a request."""
        return self.cpu * 1000 / max(self.requests, 1)


class Connection:
    """A kept-alive HTTP connection without anything that a benchmark does not need."""

    def __init__(self, port: int, patience: float = 30) -> None:
        self._port = port
        self._patience = patience
        self._socket = self._open()

    def _open(self) -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self._port), timeout=self._patience)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    def ask(self, request: bytes) -> Reply:
        """Send a request and return the reply; one retry when the server closed the connection."""
        try:
            return self._ask(request)
        except ConnectionError:
            self._socket.close()
            self._socket = self._open()
            return self._ask(request)

    def _ask(self, request: bytes) -> Reply:
        self._socket.sendall(request)
        got = self._socket.recv(65_536)
        while b"\r\n\r\n" not in got:
            more = self._socket.recv(65_536)
            if not more:
                raise ConnectionResetError
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        missing = int(headers.get("content-length", "0")) - len(body)
        while missing > 0:
            missing -= len(self._socket.recv(min(missing, 262_144)))
        if headers.get("connection") == "close":
            self._socket.close()
            self._socket = self._open()
        return Reply(int(lines[0].split(" ")[1]), headers.get("etag", ""), len(body))

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


def run_round(
    port: int, askers: Sequence[Asker], seconds: float, cpu: Callable[[], float]
) -> Round:
    """Let every asker ask for some seconds; return what was done and spent."""
    counts = [0] * len(askers)
    failures = [0] * len(askers)
    begin = threading.Barrier(len(askers) + 1)
    end = [0.0]

    # Opened here, so that a server that is gone ends the run instead of holding up the others.
    connections = [Connection(port) for _ in askers]

    def work(index: int, asker: Asker) -> None:
        connection = connections[index]
        begin.wait()
        while time.perf_counter() < end[0]:
            reply = connection.ask(asker.make())
            asker.hear(reply)
            counts[index] += 1
            failures[index] += reply.status >= 300
        connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(askers)]
    for thread in threads:
        thread.start()
    before, started = cpu(), time.perf_counter()
    end[0] = started + seconds
    begin.wait()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    return Round(sum(counts), took, cpu() - before, sum(failures))


def cpu_of(processes: Sequence[int]) -> float:
    """Return the CPU seconds that processes have used so far; one that is gone counts nothing."""
    total = 0
    for process in processes:
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started."""
    found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in found]


def memory_of(processes: Sequence[int]) -> float:
    """Return the proportional share of memory that processes hold, in MB."""
    total = 0
    for process in processes:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def backends_of(database: str) -> list[int]:
    """Return the processes of a PostgreSQL server on this machine that serve a database."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if line.startswith("postgres: ") and f" {database} " in line:
                found.append(int(entry.name))
    return found
