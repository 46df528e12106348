"""Files as people get them back: a download, or a picture that can run nothing."""

from __future__ import annotations

from urllib.parse import quote

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine.errors import NotFoundError
from trellis.storage.files import SHOWN
from trellis.web.pages.blueprint import pages
from trellis.web.pages.visit import visit


@pages.get("/files/<file_id>")
def download(file_id: str) -> ResponseReturnValue:
    """Send a file to who may read it."""
    at = visit()
    file, chunks = at.records.open_file(file_id)
    if chunks is None:
        raise NotFoundError("file")
    answer = Response(chunks, content_type=file.media_type)
    shown = file.media_type in SHOWN
    answer.headers["Content-Disposition"] = disposition(
        "inline" if shown else "attachment", file.name
    )
    answer.headers["Content-Length"] = str(file.size)
    # Whatever the bytes turn out to be, they run in no origin and load nothing.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def disposition(kind: str, name: str) -> str:
    """Return the header of RFC 6266: a plain name for old programs, the true one for others."""
    plain = "".join(
        sign if (sign.isascii() and sign.isalnum()) or sign in "._-" else "_" for sign in name
    )
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
