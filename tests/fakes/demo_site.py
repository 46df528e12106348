"""An app with the people and master data of its demo script, in a folder that a test gives."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from trellis.cli.demo import SCRIPT, play_demo
from trellis.clock import SetClock, SystemClock
from trellis.metadata.source import read_source
from trellis.settings import Settings
from trellis.web.app import create_app
from trellis.web.pages.joining import WorkspacePages
from trellis.wiring import Application, open_application

from tests.fakes.office import SECRET

ROOT = Path(__file__).resolve().parents[2]


def demo_site(app_folder: Path, folder: Path) -> tuple[Application, Flask]:
    """Make a demo without the stories of its past, and return it as a running clock sees it."""
    settings = Settings(
        folder, f"sqlite:///{folder / 'demo.db'}", SECRET, folder / "files", dev=True, demo=True
    )
    clock = SetClock(SystemClock().now().replace(microsecond=0))
    made = open_application(settings, clock)
    made.install_folder(app_folder)
    script = dict(read_source((app_folder / SCRIPT).read_bytes(), file=str(SCRIPT)).data)
    for told in ("arrivals", "waiting"):
        script.pop(told, None)
    script["days"] = 1
    play_demo(made, clock, script, "small")
    made.database.dispose()
    running = open_application(settings)
    joined = WorkspacePages(running.workspace, running.flows)
    return running, create_app(running.workspace, settings, running.access, joined)
