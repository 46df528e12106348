"""A PostgreSQL server of our own, for one run of the tests, in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

_FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
)
_AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")


def find_binaries() -> Path | None:
    """Return the folder of `initdb` and `pg_ctl`, None when they are not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


class PrivateServer:
    """A server that listens on a socket in its own folder and nowhere else."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._data = folder / "data"

    @property
    def url(self) -> str:
        """Return the address of the server's first database."""
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def __enter__(self) -> Self:
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self._folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--no-sync", "--locale=C.UTF-8")  # fmt: skip
        options = f"-k {self._folder} -c listen_addresses='' " + " ".join(
            f"-c {setting}" for setting in _FAST
        )
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"),
                  "-o", options, "start")  # fmt: skip
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:
            command = [*_AS_POSTGRES, *command]
        subprocess.run(command, check=True, capture_output=True, cwd="/")
