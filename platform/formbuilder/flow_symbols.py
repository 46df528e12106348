"""The small signs of BPMN, as paths around the point (0, 0), about 16 units wide."""

from __future__ import annotations

from collections.abc import Mapping

#: Triggers of events. Those that are thrown are filled by their class.
TRIGGERS: Mapping[str, str] = {
    "message": "M-9-6H9V6H-9ZM-9-6 0 1 9-6",
    "timer": "M0-9A9 9 0 1 1 0 9A9 9 0 1 1 0-9ZM0-6V0L4 3",
    "signal": "M0-9 9 7H-9Z",
    "error": "M-8 8-3-7 2 2 7-8 3 7-2-2Z",
    "escalation": "M0-9 7 8 0 1-7 8Z",
    "conditional": "M-7-9H7V9H-7ZM-4-5H4M-4-1.5H4M-4 2H4M-4 5.5H4",
    "compensate": "M0-6V6L-8 0ZM8-6V6L0 0Z",
    "terminate": "M0-10A10 10 0 1 1 0 10A10 10 0 1 1 0-10Z",
    "link": "M-9-3H2V-7L9 0 2 7V3H-9Z",
    "cancel": "M-8-5-5-8 0-3 5-8 8-5 3 0 8 5 5 8 0 3-5 8-8 5-3 0Z",
    "record": "M-7-9H3L7-5V9H-7ZM-4-3H4M-4 1H4M-4 5H4",
    "form": "M-7-8H7V8H-7ZM-4-4H4V0H-4ZM-4 4H1",
}
TASKS: Mapping[str, str] = {
    "task": "M0-7A3.5 3.5 0 1 1 0 0A3.5 3.5 0 1 1 0-7ZM-7 8C-7 3-4 1 0 1S7 3 7 8Z",
    "approval": "M-8 0-3 6 8-6",
    "service": "M-1.5-8H1.5L2-5.5 4.5-7 7-4.5 5.5-2 8-1.5V1.5L5.5 2 7 4.5 4.5 7 2 5.5 1.5 8H-1.5"
    "L-2 5.5-4.5 7-7 4.5-5.5 2-8 1.5V-1.5L-5.5-2-7-4.5-4.5-7-2-5.5ZM0-2.5A2.5 2.5 0 1 0 0 2.5"
    "A2.5 2.5 0 1 0 0-2.5Z",
    "script": "M-4-8H7C3-4 9 2 4 8H-7C-3 4-9-2-4-8ZM-3-4H3M-2 0H4M-3 4H3",
    "rule": "M-8-6H8V6H-8ZM-8-2H8M-8 2H8M-3-2V6",
    "send": "M-8-6H8V6H-8ZM-8-6 0 1 8-6",
    "receive": "M-8-6H8V6H-8ZM-8-6 0 1 8-6",
}
GATEWAYS: Mapping[str, str] = {
    "xor": "M-7-8 7 8M7-8-7 8",
    "and": "M0-11V11M-11 0H11",
    "or": "M0-10A10 10 0 1 1 0 10A10 10 0 1 1 0-10Z",
    "event": "M0-13A13 13 0 1 1 0 13A13 13 0 1 1 0-13ZM0-8 8-2 5 7H-5L-8-2Z",
}
#: Several at once, one after the other; undone when things go back; a flow of its own.
LOOPS: Mapping[str, str] = {"parallel": "M-5-6V6M0-6V6M5-6V6", "seq": "M-6-5H6M-6 0H6M-6 5H6"}
UNDO = "M0-5V5L-6 0ZM6-5V5L0 0Z"
INSIDE = "M-6-6H6V6H-6ZM0-4V4M-4 0H4"
