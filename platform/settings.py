"""What the environment says, read once; with `wiring` the only reader of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """How a workspace runs. `demo` offers demo people at the sign-in page, on loopback only."""

    workspace: Path
    database_url: str
    secret_key: str
    files: Path
    dev: bool = False
    demo: bool = False
    #: Where people reach the server, such as https://desk.example.com; empty: wherever they do.
    base_url: str = ""
    #: How many proxies in front are trusted to name the caller's address.
    proxies: int = 0
    #: Hosts that flows may call, such as api.example.com or *.example.org; none: no calls.
    http_hosts: tuple[str, ...] = ()
    #: Whether flows may call hosts of private networks.
    http_private: bool = False


def read_settings(
    workspace: Path,
    environment: Mapping[str, str] | None = None,
    *,
    dev: bool = False,
    demo: bool = False,
) -> Settings:
    """Return the settings of the workspace in a folder; the environment overrides its defaults."""
    source = os.environ if environment is None else environment
    database = source.get("TRELLIS_DATABASE_URL", f"sqlite:///{workspace / 'trellis.db'}")
    files = Path(source.get("TRELLIS_FILES", str(workspace / "files")))
    return Settings(
        workspace, database, source.get("TRELLIS_SECRET_KEY", ""), files, dev, demo,
        base_url=source.get("TRELLIS_BASE_URL", "").rstrip("/"),
        proxies=int(source.get("TRELLIS_PROXIES", "0")),
        http_hosts=tuple(source.get("TRELLIS_HTTP_HOSTS", "").replace(",", " ").split()),
        http_private=source.get("TRELLIS_HTTP_PRIVATE", "") == "1",
    )  # fmt: skip
