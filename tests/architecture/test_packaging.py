"""`platform/` is imported as `trellis`: the list of packages, and what a built wheel holds."""

from __future__ import annotations

import select
import socket
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import PLATFORM, ROOT, files


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def packages_of_folders() -> set[str]:
    return {
        ".".join(("trellis", *path.parent.relative_to(PLATFORM).parts))
        for path in files(PLATFORM, ".py")
    }


def test_the_folder_platform_holds_no_init_file() -> None:
    # With one, the folder would hide Python's own module `platform`.
    assert not (PLATFORM / "__init__.py").exists()


def test_the_listed_packages_are_the_folders() -> None:
    listed = set(project()["tool"]["setuptools"]["packages"])

    assert listed == packages_of_folders() | {"trellis.apps"}


def test_every_folder_with_modules_has_an_init_file_that_says_what_it_is_for() -> None:
    silent = []
    for package in packages_of_folders() - {"trellis"}:
        path = PLATFORM.joinpath(*package.split(".")[1:], "__init__.py")
        if not path.exists() or not path.read_text("utf-8").lstrip().startswith('"""'):
            silent.append(package)

    assert silent == []


def test_the_import_contracts_know_every_room() -> None:
    rooms = {
        f"trellis.{path.name}" for path in PLATFORM.iterdir() if (path / "__init__.py").exists()
    }

    assert set(project()["tool"]["importlinter"]["root_packages"]) == rooms


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel once, from a copy of what is committed or about to be."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.split("\0")  # fmt: skip
    wanted = ("platform/", "apps/", "pyproject.toml", "README.md", "LICENSE")
    for name in names:
        if name.startswith(wanted) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    run("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, source)
    return next(folder.glob("*.whl"))


def run(*arguments: object, python: Path | str = sys.executable, cwd: Path = ROOT) -> str:
    command = [str(python), *(str(argument) for argument in arguments)]
    made = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a fresh environment; libraries are the ones of this environment."""
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    run("-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel)
    site = Path(run("-c", "import site; print(site.getsitepackages()[0])", python=python).strip())
    here = run("-c", "import site; print(site.getsitepackages()[0])").strip()
    # A line of a path file adds a folder; path files in that folder, such as that of the
    # editable install, are not read.
    (site / "libraries.pth").write_text(here + "\n", "utf-8")
    return python


def test_a_wheel_holds_the_apps_and_the_files_that_modules_read(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    read = files(PLATFORM, ".py", ".lark", ".json", ".yaml", ".html", ".po", ".svg", ".css")
    ours = {path.relative_to(PLATFORM) for path in read if "islands" not in path.parts}
    apps = {path.relative_to(ROOT) for path in files(ROOT / "apps", ".yaml")}
    assert {str(Path("trellis") / path) for path in ours | apps} - names == set()


def test_a_wheel_serves_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    python = installed(wheel, tmp_path / "env")
    trellis = python.with_name("trellis")

    where = run("-c", "import trellis.cli.demo as d; print(d.bundled_app('service'))",
                python=python, cwd=tmp_path)  # fmt: skip
    checked = run("package", "check", where.strip(), python=trellis, cwd=tmp_path)
    page = first_page(trellis, tmp_path)

    assert Path(where.strip()).is_relative_to(tmp_path / "env")
    assert checked == "no problems\n"
    assert "<form" in page


def first_page(trellis: Path, folder: Path) -> str:
    """Start the server, and return the page that a stranger gets."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [trellis, "serve", "--dev", "--port", str(port), "--workspace", folder / "var"],
        stdout=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        address = server.stdout.readline().rpartition(" ")[2].strip()
        return asked(address)
    finally:
        server.terminate()
        server.communicate()


def asked(address: str) -> str:
    """Return the page at an address; the server has said that it is about to listen."""
    request = urllib.request.Request(f"{address}/login")  # noqa: S310 - our own server
    for _ in range(100):
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310
                return str(answer.read().decode())
        except urllib.error.URLError:
            select.select([], [], [], 0.05)
    raise AssertionError(f"nobody listens on {address}")
