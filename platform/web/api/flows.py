"""Starting flows, and telling them what happened elsewhere, over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from trellis.engine.errors import InvalidError, problem
from trellis.engine.flows.by_hand import start_by_hand
from trellis.engine.flows.messages import USUAL_TTL, Message
from trellis.engine.flows.running import Flows
from trellis.metadata.model.access import Capability
from trellis.metadata.model.cycles import interval_of
from trellis.web.api.answers import answer
from trellis.web.api.blueprint import api, writing
from trellis.web.api.idempotency import once, request_key
from trellis.web.api.reading import check_keys, json_body, mapping_of, text_of
from trellis.web.api.tasks import case_json
from trellis.web.policy import policy
from trellis.web.serving import server

MAX_NAME = 200


@api.post("/v1/flows/<flow>/start")
@policy()
def start_flow(flow: str) -> ResponseReturnValue:
    """Start a flow by hand: on a record, or on a new one made of the values."""
    key, body = request_key(), json_body(optional=True)
    check_keys(body.value, ("record", "values"))
    record = text_of(body.value, "record", MAX_NAME) or None
    values = dict(mapping_of(body.value, "values"))
    with writing() as tx:

        def work() -> Response:
            case = start_by_hand(tx, Flows(server().workspace), flow, record, values)
            return answer(case_json(case), 201, rev=case.rev)

        return once(tx, key, body.raw, work)


@api.post("/v1/messages/<name>")
@policy(capability=Capability.MESSAGES)
def send_message(name: str) -> ResponseReturnValue:
    """Tell waiting flows a message; it waits for one that does not wait yet."""
    key, body = request_key(), json_body(optional=True)
    check_keys(body.value, ("payload", "key", "dedupe", "ttl"))
    message = Message(
        name[:MAX_NAME],
        dict(mapping_of(body.value, "payload")),
        text_of(body.value, "key", MAX_NAME) or None,
        text_of(body.value, "dedupe", MAX_NAME) or None,
        _ttl(body.value),
    )
    with writing() as tx:

        def work() -> Response:
            receipt = Flows(server().workspace).messages(tx).send(message)
            told = {"id": receipt.id, "state": receipt.state, "instances": receipt.instances,
                    "duplicate": receipt.duplicate}  # fmt: skip
            return answer(told, 200 if receipt.duplicate else 201)

        return once(tx, key, body.raw, work)


def _ttl(body: Any) -> Any:
    text = text_of(body, "ttl", MAX_NAME)
    if not text:
        return USUAL_TTL
    found = interval_of(text)
    if found is None:
        raise InvalidError([problem("ttl", "TYPE", "a duration such as `30m`, `4h` or `2d`")])
    return found
