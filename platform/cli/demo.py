"""`trellis demo`: a workspace with an app and its demo data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import trellis.apps
from trellis.access.principal import SYSTEM as SYSTEM_PRINCIPAL
from trellis.clock import SetClock, SystemClock
from trellis.connect.demo.play import Played, Player
from trellis.connect.demo.values import DemoError
from trellis.engine.actors import SYSTEM
from trellis.engine.transactions import Transaction
from trellis.ids import TimeOrderedIds
from trellis.metadata.source import read_source
from trellis.settings import read_settings
from trellis.storage.platform_tables.catalog import SETTING
from trellis.wiring import Application, open_application

SCRIPT = Path("data") / "demo.yaml"
#: The workspace setting that lists the people whom the sign-in page offers.
PEOPLE = "demo_people"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("demo", help="make a workspace with an app and demo data")
    parser.add_argument("--workspace", type=Path, default=Path("var"))
    parser.add_argument("--app", type=Path, help="folder of the app; the service app if absent")
    parser.add_argument("--size", choices=["small", "large"], default="small")
    parser.add_argument("--seed", type=int)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the demo, unless the workspace has one already."""
    try:
        made = make_demo(arguments.workspace, arguments.app, arguments.size, arguments.seed)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    print(made)
    return 0


def bundled_app(key: str) -> Path:
    """Return the folder of an app that ships with Trellis."""
    for folder in trellis.apps.__path__:
        if (Path(folder) / key / "app.yaml").exists():
            return Path(folder) / key
    raise FileNotFoundError(f"the app `{key}` is not bundled")


def make_demo(workspace: Path, folder: Path | None, size: str, seed: int | None) -> str:
    """Install the app, play its demo script, and say what was made."""
    app_folder = folder or bundled_app("service")
    today = SystemClock().now().replace(second=0, microsecond=0)
    clock = SetClock(today)
    application = open_application(read_settings(workspace), clock)
    if _people(application) is not None:
        application.install_folder(app_folder)
        return f"the demo is there already, in {workspace}"
    application.install_folder(app_folder)
    source = read_source((app_folder / SCRIPT).read_bytes(), file=str(app_folder / SCRIPT))
    script: dict[str, Any] = dict(source.data)
    if seed is not None:
        script["seed"] = seed
    played = play_demo(application, clock, script, size)
    return (f"demo in {workspace}: {played.people} people, {played.records} records, "
            f"{played.stories} stories of {played.steps} steps")  # fmt: skip


def play_demo(
    application: Application, clock: SetClock, script: dict[str, Any], size: str
) -> Played:
    """Play a demo script that ends at the clock's moment, and offer its people at sign-in."""
    application.workspace.ids = TimeOrderedIds(clock)
    worker = application.worker("demo")
    player = Player(application.workspace, application.flows, clock, _give_role(application),
                    lambda: worker.run_due(500), script, size, clock.now())  # fmt: skip
    played = player.play()
    _offer_people(application, script)
    return played


def _give_role(application: Application) -> Any:
    def give(tx: Transaction, user_id: str, role: str) -> None:
        application.access.roles.give(tx.connection, SYSTEM_PRINCIPAL, user_id, role, tx.now)

    return give


def _people(application: Application) -> Any:
    with application.workspace.reading(SYSTEM) as tx:
        return tx.connection.execute(
            sa.select(SETTING.c.value).where(SETTING.c.key == PEOPLE)
        ).scalar()


def _offer_people(application: Application, script: dict[str, Any]) -> None:
    offered = [
        {"login": one["login"], "name": one["values"].get("name"),
         "post": one.get("post", one["values"].get("title")), "try": one.get("try", {})}
        for one in script.get("people", []) if one.get("try")
    ]  # fmt: skip
    with application.workspace.transaction(SYSTEM) as tx:
        tx.connection.execute(sa.insert(SETTING).values(key=PEOPLE, value=offered))
