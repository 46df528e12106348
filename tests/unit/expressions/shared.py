"""Files of the shared folder, which tests read and never copy."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[4] / "shared"


def shared_file(*parts: str) -> Path:
    """Return a file of the shared folder, or skip the test by the file's name."""
    path = _SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"../shared/{'/'.join(parts)} is not here")
    return path
