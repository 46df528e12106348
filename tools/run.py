"""`make run`: the demo workspace, made once, and the server on this machine."""

from __future__ import annotations

import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKSPACE = ROOT / "var"
KEY = WORKSPACE / "secret.key"


def main() -> int:
    """Make the demo data unless it is there, then serve."""
    trellis = [sys.executable, "-m", "trellis.cli.main"]
    WORKSPACE.mkdir(exist_ok=True)
    if not KEY.exists():
        KEY.write_text(secrets.token_urlsafe(48))
        KEY.chmod(0o600)
    made = subprocess.run([*trellis, "demo", "--workspace", str(WORKSPACE)], check=False)
    if made.returncode != 0:
        return made.returncode
    try:
        return subprocess.call([*trellis, "serve", "--workspace", str(WORKSPACE), "--dev"])
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
