"""Who acts: the resolvers of `who:`, and what happens when nobody or the wrong person is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from trellis.metadata.model.texts import ExpressionText, ValueOrExpression
from trellis.problems import Location

#: Resolvers that a map of `who:` may name, with the keys that may stand beside each.
RESOLVER_KEYS: Mapping[str, frozenset[str]] = {
    "user": frozenset(),
    "role": frozenset({"in", "claim"}),
    "group": frozenset(),
    "roster": frozenset(),
    "manager_of": frozenset({"level", "top"}),
    "managers_of": frozenset({"levels", "until", "top"}),
    "head_of": frozenset({"up"}),
    "decided": frozenset(),
    "pick": frozenset({"from", "min", "max"}),
    "expr": frozenset(),
}
#: What ends a chain of managers: a post, or a manager who may approve the amount.
CHAIN_ENDS = ("title", "limit")


@dataclass(frozen=True)
class Resolver:
    """One way to find people: `kind` names the resolver of flows.md 2.2.

    kinds: those of RESOLVER_KEYS, `requester`, and `expression` (a path such as `record.owner`
    that gives a user or a list of users). `pick` keeps whom one may choose from in `people`.
    """

    kind: str
    location: Location
    value: str | ExpressionText | None = None
    arguments: Mapping[str, ValueOrExpression] = field(default_factory=dict)
    people: tuple[Resolver, ...] = ()


@dataclass(frozen=True)
class WhenEmpty:
    """What happens when nobody is found: `to` others (role.flow_admin when none is named),
    `approve`, `reject`, let the requester `pick`, or `block` as an incident."""

    kind: str = "to"
    people: tuple[Resolver, ...] = ()


@dataclass(frozen=True)
class SeatPolicy:
    """Who may not decide, and what then (flows.md 2.2).

    requester: escalate allow skip block; repeat: ask skip skip_adjacent, where a change of a
    `watch` field (of the approval form's fields when None) asks again; `apart` are the nodes of
    `not`, whose people decide nothing here; resolve: entry or start.
    """

    empty: WhenEmpty = field(default_factory=WhenEmpty)
    requester: str = "escalate"
    repeat: str = "ask"
    watch: tuple[str, ...] | None = None
    apart: tuple[str, ...] = ()
    resolve: str = "entry"

    def resolvers(self) -> Iterator[Resolver]:
        """Yield the resolvers that the policy names itself."""
        yield from self.empty.people


#: What `empty` may say: one of these words, or a map with one of these keys.
EMPTY_RULES = ("approve", "reject")
EMPTY_MAPS = ("to", "pick", "block")
