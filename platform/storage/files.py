"""Files as bytes on disk: named by their content, written whole or not at all.

A name that somebody gave is never a path here; it is kept beside the id in `trellis_file`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

_CHUNK = 256 * 1024
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
#: Types a browser may show in place: none of them can hold a script.
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True)
class Blob:
    """Stored bytes."""

    sha256: str
    size: int
    media_type: str


def sniff(data: bytes) -> str:
    """Return the type that the bytes themselves tell; what a sender claims is not believed."""
    for signature, media_type in _SIGNATURES:
        if data.startswith(signature):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if b"\x00" not in data[:4096]:
        try:
            data[:4096].decode("utf-8")
        except UnicodeDecodeError as error:
            # A sign cut in two at the end of the sample is no fault of the text.
            if error.start < min(len(data), 4096) - 4:
                return "application/octet-stream"
        return "text/plain"
    return "application/octet-stream"


@dataclass(frozen=True)
class LocalFiles:
    """Files in a folder of this machine."""

    folder: Path

    def put(self, data: bytes) -> Blob:
        """Store bytes and return what is known of them; the same bytes are stored once."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        return Blob(digest, len(data), sniff(data))

    def read(self, sha256: str) -> Iterator[bytes]:
        """Yield the bytes; FileNotFoundError when they are gone."""
        with self._path(sha256).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def holds(self, sha256: str) -> bool:
        """Tell whether the bytes are there."""
        return self._path(sha256).exists()

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self.folder / sha256[:2] / sha256
