"""Whether a wrong password takes as long for everybody: known, unknown and shut-out names.

`python -m bench.login_timing [TRIES]`; the throttle is wide open, so that every try is verified.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from trellis.access.errors import SignInError
from trellis.access.passwords import Passwords
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.access.room import AccessRoom, AccessRules
from trellis.access.sign_in import Attempt
from trellis.access.throttle import Limit, Throttle
from trellis.engine import records
from trellis.engine.actors import SYSTEM
from trellis.ids import new_secret
from trellis.settings import Settings
from trellis.wiring import open_application

_OPEN = Limit(10**9, timedelta(minutes=1))
_NAMES = {"known": "mara", "unknown": "nobody", "shut out": "gone"}


def open_room(folder: Path) -> AccessRoom:
    """Return a room with somebody who may enter and somebody who may not."""
    settings = Settings(folder, f"sqlite:///{folder / 'timing.db'}", new_secret(), folder / "files")
    application = open_application(settings)
    workspace = application.workspace
    with workspace.reading(SYSTEM) as tx:
        users = tx.compiled.table("user")
    rules = AccessRules(Passwords(), Throttle(_OPEN, _OPEN, _OPEN))
    room = AccessRoom(workspace.database, users, lambda: workspace.latest().catalog,
                      application.clock, workspace.ids, rules)  # fmt: skip
    with workspace.transaction(SYSTEM) as tx:
        for login in ("mara", "gone"):
            user = records.create(tx, "user", {"login": login, "name": login})
            room.set_password(tx.connection, SYSTEM_PRINCIPAL, user, "three green horses")
        records.update(tx, "user", user, {"active": False})
    return room


def seconds(room: AccessRoom, login: str) -> float:
    """Return how long one wrong password takes."""
    began = time.perf_counter()
    try:
        room.enter(Attempt(login, "a wrong password", "10.0.0.1"))
    except SignInError:
        return time.perf_counter() - began
    raise RuntimeError(f"a wrong password let `{login}` in")


def main() -> None:
    """Print the medians, and how far they lie apart."""
    tries = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with TemporaryDirectory() as folder:
        room = open_room(Path(folder))
        taken: dict[str, list[float]] = {kind: [] for kind in _NAMES}
        for _ in range(tries):
            for kind, login in _NAMES.items():
                taken[kind].append(seconds(room, login))
        room.database.dispose()
    medians = {kind: median(values) * 1000 for kind, values in taken.items()}
    for kind, value in medians.items():
        print(f"{kind:<10}{value:8.2f} ms")
    print(f"apart     {100 * (max(medians.values()) / min(medians.values()) - 1):8.2f} %")


if __name__ == "__main__":
    main()
