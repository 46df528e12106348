"""Files of a record over HTTP: which there are, and adding one; `/files/<id>` has their bytes."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from trellis.engine.errors import InvalidError, LimitError, problem
from trellis.engine.records.sent import attach
from trellis.engine.talk import files
from trellis.storage.files import LocalFiles, sniff
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, reading, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import query_of
from trellis.web.policy import policy
from trellis.web.serving import server

_FILES = "/v1/records/<object_key>/<record_id>/files"


@api.get(_FILES)
@policy()
def record_files(object_key: str, record_id: str) -> ResponseReturnValue:
    """Return the files of a record, the newest first."""
    query_of(())
    with reading() as tx:
        items = [_file(one) for one in files.of_record(tx, object_key, record_id)]
    return answer({"items": items})


@api.post(_FILES)
@policy()
def add_file(object_key: str, record_id: str) -> ResponseReturnValue:
    """Add a file to a record."""
    if (request.content_length or 0) > files.MAX_BYTES + 64 * 1024:
        raise LimitError("TOO_LARGE", f"a file has at most {files.MAX_BYTES // 2**20} MiB")
    key, sent = request_key(), request.files.getlist("file")
    if len(sent) != 1 or set(request.files) != {"file"} or request.form:
        raise InvalidError([problem("file", "REQUIRED", "send one file as the form field `file`")])
    data, name = sent[0].read(), sent[0].filename or ""
    files.check(data, name, sniff(data))
    with writing() as tx:

        def work() -> Response:
            files.stop_unless_readable(tx, object_key, record_id)
            made = files.add(tx, LocalFiles(server().settings.files).put(data), name)
            attach(tx, object_key, record_id, None, [made])
            return answer(_file(files.get(tx, made)), 201)

        return once(tx, key, data, work)


def _file(one: files.File) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "size": one.size, "type": one.media_type,
            "sha256": one.sha256, "url": f"/files/{one.id}"}  # fmt: skip
