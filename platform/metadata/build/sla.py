"""The `sla:` of a node → what reminds and what follows when work is late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trellis.metadata.build.people import build_resolver
from trellis.metadata.build.reading import Reading
from trellis.metadata.hints import hint
from trellis.metadata.model.people import Resolver
from trellis.metadata.model.sla import SLA_ACTIONS, SLA_KEYS, WITH_PEOPLE, SlaStep
from trellis.metadata.model.texts import SHORT_DURATION


def build_sla(reading: Reading, roles: Mapping[str, Resolver]) -> tuple[SlaStep, ...]:
    """Return the steps of a node's `sla:`, reminders first."""
    if not isinstance(reading.value, Mapping):
        return ()
    for key, item in reading.entries():
        if key not in SLA_KEYS:
            item.report("META021", f"the key `{key}` is not known in `sla`", hint(key, SLA_KEYS))
    return (*_reminders(reading), *_steps(reading, roles))


def _reminders(reading: Reading) -> Iterator[SlaStep]:
    for item in reading.items("remind"):
        text = str(item.value)
        if _is_duration(item, text):
            yield SlaStep(f"remind {text}", item.location, "remind", since_open=text)


def _steps(reading: Reading, roles: Mapping[str, Resolver]) -> Iterator[SlaStep]:
    then = reading.child("then")
    for item in then.items() if isinstance(then.value, list) else ():
        after = str(item.get("after", "0m") or "0m")
        after = "0m" if after == "0" else after
        if _is_duration(item.child("after"), after):
            yield from _step(item.child("do"), f"then {after}", after, roles)
    if then.value is not None and not isinstance(then.value, list):
        yield from _step(then, "then 0m", "0m", roles)


def _step(
    reading: Reading, name: str, after: str, roles: Mapping[str, Resolver]
) -> Iterator[SlaStep]:
    value = reading.value
    action = str(next(iter(value))) if isinstance(value, Mapping) and len(value) == 1 else value
    if not isinstance(action, str) or action not in SLA_ACTIONS:
        reading.report("META250", f"`{value}` is not what an `sla` can do",
                       "write one of " + ", ".join(f"`{one}`" for one in SLA_ACTIONS))  # fmt: skip
        return
    who: tuple[Resolver, ...] = ()
    if action in WITH_PEOPLE:
        who = (
            tuple(build_resolver(item, roles) for item in reading.child(action).items())
            if isinstance(value, Mapping)
            else ()
        )
        if not who:
            reading.report("META250", f"`{action}` does not say whom",
                           f"write `{{{action}: role.…}}`")  # fmt: skip
            return
    yield SlaStep(name, reading.location, action, after_due=after, who=who)


def _is_duration(item: Reading, text: str) -> bool:
    if SHORT_DURATION.fullmatch(text) is not None:
        return True
    item.report("META250", f"`{text}` is no short duration", "write 30m, 4h, 2d, or 8bh")
    return False
